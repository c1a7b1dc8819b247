"""What tests share: Hypothesis profiles, the modules of the package, a guard on precision."""

from __future__ import annotations

import importlib
import importlib.util
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import flint
import hypothesis
import mpmath
import pytest

LAYERS = ("symbolic", "numeric", "checks", "reports")

os.environ["GRADPROOF_CACHE"] = "off"  # also for the programs that tests start

hypothesis.settings.register_profile("dev", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True, database=None)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "dev")


FRAMEWORKS = (
    "torch",
    "jax",
    "optax",
    "keras",
    "scipy",
    "sklearn",
    "autograd",
    "array_api_compat",
)


def pytest_configure() -> None:
    """Where GRADPROOF_FRAMEWORKS is set, the tests of no framework may be left out."""
    missing = [name for name in FRAMEWORKS if importlib.util.find_spec(name) is None]
    if os.environ.get("GRADPROOF_FRAMEWORKS") and missing:
        raise pytest.UsageError(f"GRADPROOF_FRAMEWORKS is set, but {missing} are not installed")


def find_modules() -> dict[str, Path]:
    """Map the dotted name of every module of the installed package to its file.

    The layers are asked one by one: in an editable install they are not folders inside the front
    door, so walking its path would miss them.
    """
    front = Path(str(importlib.import_module("gradproof").__file__)).parent
    found = {_dotted("gradproof", front, file): file for file in front.glob("*.py")}
    for layer in LAYERS:
        name = f"gradproof.{layer}"
        home = Path(str(importlib.import_module(name).__file__)).parent
        found |= {_dotted(name, home, file): file for file in home.rglob("*.py")}
    return dict(sorted(found.items()))


def _dotted(package: str, home: Path, file: Path) -> str:
    parts = file.relative_to(home).with_suffix("").parts
    return ".".join((package, *(part for part in parts if part != "__init__")))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that takes `module_name` once for each module of the package."""
    if "module_name" in metafunc.fixturenames:
        metafunc.parametrize("module_name", find_modules())


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that read the source tree, so that a run without one can leave them out."""
    for item in items:
        if "checkout" in getattr(item, "fixturenames", ()):
            item.add_marker("checkout")


@pytest.fixture(scope="session")
def modules() -> dict[str, Path]:
    """Return the dotted name and the file of every module of the package."""
    return find_modules()


@pytest.fixture(scope="session")
def checkout() -> Path:
    """Return the root of the source tree; leave these tests out with ``-m 'not checkout'``."""
    root = Path(__file__).resolve().parents[1]
    missing = [name for name in (*LAYERS, "src", "pyproject.toml") if not (root / name).exists()]
    assert not missing, f"{root} is no checkout: {missing} missing; run with -m 'not checkout'"
    return root


@pytest.fixture(autouse=True)
def precision_is_restored() -> Iterator[None]:
    """Fail a test that leaves the global precision of mpmath or Arb changed, and restore it."""
    before = (mpmath.mp.prec, flint.ctx.prec)
    yield
    after = (mpmath.mp.prec, flint.ctx.prec)
    mpmath.mp.prec, flint.ctx.prec = before
    assert after == before, "the code under test left the global precision changed"


@pytest.fixture
def equals_stored(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compare a text with the stored one of a name, in the folder ``stored`` beside the test.

    With ``GRADPROOF_STORE=1`` in the environment it is stored anew, and the test fails so that
    nobody takes that for a pass.
    """

    def compare(name: str, text: str) -> None:
        file = (
            request.path.parent / "stored" / f"{name}.txt"
        )  # no .md: formatters rewrite code in Markdown
        if os.environ.get("GRADPROOF_STORE"):
            file.parent.mkdir(exist_ok=True)
            file.write_text(text, encoding="utf-8", newline="\n")
            pytest.fail(f"{file} was stored anew: read it, then run the test without storing")
        assert text == file.read_text(encoding="utf-8")

    return compare
