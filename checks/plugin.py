"""The pytest plugin: claims files inside a test suite.

Guarantees: importing it imports no formula, so that a session without claims pays nothing for it;
a claim passes only if its verdict is the expected one.

A file ``claims_*.py`` is collected as claims, one test each.
With ``--gradproof-summary FILE`` a summary of claims and audits is appended to a file.
The fixture `assert_proved` proves a statement inside a test of the user's own, the fixture
`gradproof_audit` audits an implementation there.
Leave the plugin out with ``pytest -p no:gradproof``.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .audits.result import Audit
    from .claim import Claim

_PATTERN = "claims_*.py"  # as in claims_file, which is not imported before it is needed


class NotAsExpected(AssertionError):
    """The verdict on a claim is not the expected one; the text says what it is."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option for a summary."""
    parser.getgroup("gradproof").addoption(
        "--gradproof-summary",
        metavar="FILE",
        type=Path,
        help="append a summary of claims and audits to a file, as Markdown",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Keep what a summary needs, in the process that has all results."""
    file = config.getoption("--gradproof-summary")
    if file is not None and not hasattr(config, "workerinput"):
        from .session_summary import SessionSummary

        config.pluginmanager.register(SessionSummary.to(file))


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(
    file_path: Path, parent: pytest.Collector
) -> Generator[None, list[pytest.Collector], list[pytest.Collector]]:
    """Collect a claims file as claims, and as nothing else even where it is named explicitly."""
    collectors = yield
    if not fnmatch(file_path.name, _PATTERN):
        return collectors
    others = [collector for collector in collectors if not isinstance(collector, pytest.Module)]
    return [*others, ClaimsFile.from_parent(parent, path=file_path)]


class ClaimsFile(pytest.File):
    """A claims file; its items are its claims."""

    def collect(self) -> Iterator[pytest.Item]:
        """Yield one item a claim.

        Raises
        ------
        CollectError
            If the file cannot be used; the text is one line.
        """
        from ..symbolic.errors import ClaimsFileError
        from .claims_file import load_claims

        try:
            claims = load_claims(_shown(self.path))
        except ClaimsFileError as error:
            raise self.CollectError(str(error)) from None
        for claim in claims:
            yield ClaimItem.from_parent(self, name=claim.id, claim=claim)


class ClaimItem(pytest.Item):
    """A claim as a test."""

    def __init__(self, *, claim: Claim, **others: Any) -> None:
        super().__init__(**others)
        self.claim = claim

    def runtest(self) -> None:
        """Decide the claim.

        Raises
        ------
        NotAsExpected
            If the verdict is not the expected one, or there is none.
        """
        from .engine import Settings
        from .explanation import explain, is_as_expected
        from .runner import decide_or_fail
        from .summary import claim_facts

        result = decide_or_fail(self.claim, Settings())
        self.user_properties += claim_facts(self.claim, result).items()
        if not is_as_expected(self.claim, result):
            raise NotAsExpected("\n".join(explain(self.claim, result, _shown(self.path))))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Return the explanation alone: the frames in between are no work of the user's."""
        if isinstance(excinfo.value, NotAsExpected):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Return where the claim is written down."""
        file, _, line = self.claim.where.rpartition(":")
        here = Path(file).resolve() == self.path.resolve()
        return self.path, int(line) - 1 if here else None, f"claim {self.claim.id}"


def _shown(path: Path) -> Path:
    """Return the path as a user would type it."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


AssertProved = Callable[..., None]
"""The type of the fixture `assert_proved`."""


@pytest.fixture(scope="session")
def assert_proved() -> AssertProved:
    """Return a function that passes only if a statement is proved.

    ``assert_proved(statement, given=(), at=None)`` takes what `gradproof.prove` takes; a failure
    shows the counterexample or the reason.
    """
    return _assert_proved


def _assert_proved(
    statement: Any, given: Iterable[Any] = (), *, at: Mapping[Any, Any] | None = None
) -> None:
    __tracebackhide__ = True
    from ..symbolic.errors import GradproofError
    from .claim import Claim
    from .engine import Settings
    from .explanation import comparison, counterexample_lines, is_as_expected, reason
    from .runner import decide_or_fail

    try:
        claim = Claim("statement", statement, given=given, at=at)
    except GradproofError as error:
        raise NotAsExpected(str(error)) from None
    result = decide_or_fail(claim, Settings())
    if not is_as_expected(claim, result):
        lines = counterexample_lines(result) or [reason(result)]
        told = comparison(claim, result).replace(", expected ", ", not ", 1)
        raise NotAsExpected("\n".join([told, *lines]))


GradproofAudit = Callable[..., "Audit"]
"""The type of the fixture `gradproof_audit`."""


@pytest.fixture
def gradproof_audit(request: pytest.FixtureRequest) -> GradproofAudit:
    """Return a function that audits an implementation and fails the test if something is found.

    ``gradproof_audit(implementation, loss, allow=(), ...)`` takes what `gradproof.assert_audit`
    takes; a failure shows the table of findings.
    A machine-readable report of the session says what was audited, and the worst score.
    """

    def audit(*arguments: Any, **options: Any) -> Audit:
        __tracebackhide__ = True
        from .audits.asserting import judged
        from .audits.words import properties

        found, text = judged(*arguments, **options)
        request.node.user_properties += properties(found, passes=not text).items()
        if text:
            raise AssertionError(text)
        return found

    return audit
