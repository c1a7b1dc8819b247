"""Audits inside a test suite: the fixture, the assertion, and what they accept."""

from __future__ import annotations

import math
import runpy
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from gradproof import Audit, Loss, assert_audit, audit, losses
from gradproof.checks.audits.asserting import ARITHMETIC, accepted_kinds, failure_text
from gradproof.checks.audits.commanding import audit_command
from gradproof.checks.audits.finding import Finding, Kind
from gradproof.symbolic import S, log, y
from gradproof.symbolic.errors import DeclarationError

pytest_plugins = ["pytester"]

MADE: dict[str, Any] = runpy.run_path(str(Path(__file__).with_name("hand_made_audits.py")))
FOUND: Audit = MADE["FOUND"]
PASSED: Audit = MADE["PASSED"]
SATURATED: Finding = MADE["SATURATED"]
SURE = (Kind.FORMULA, Kind.ANOTHER_LOSS, Kind.KINK, Kind.PROTOCOL)

TEST = """
import numpy as np

from gradproof import losses


def softmax(z):
    e = np.exp(z - np.max(z))
    return e / np.sum(e)


def right(z, y):
    g = softmax(z)
    others = np.arange(len(z)) != y
    g[y] = -np.sum(g[others])
    return g


def saturating(z, y):
    g = softmax(z)
    g[y] -= 1
    return g


def flipped(z, y):
    g = softmax(z)
    g[y] += 1
    return g


CE = losses.softmax_cross_entropy


def test_right(gradproof_audit):
    assert gradproof_audit(right, CE, quick=True).passed


def test_saturating(gradproof_audit):
    gradproof_audit(saturating, CE, quick=True, dtypes="float32")


def test_known(gradproof_audit):
    gradproof_audit(saturating, CE, quick=True, dtypes="float32", allow=["rounding"])


def test_flipped(gradproof_audit):
    gradproof_audit(flipped, CE, quick=True, allow=["rounding", "overflow", "domain", "dtype"])


def test_refused(gradproof_audit):
    gradproof_audit(flipped, CE, quick=True, allow=["formula"])
"""


def saturating(z: Any, y: int) -> Any:
    """Return softmax minus one-hot, which loses the label's component as its logit leads."""
    e = np.exp(z - np.max(z))
    g = e / np.sum(e)
    g[y] -= 1
    return g


@pytest.fixture(scope="module", autouse=True)
def everything_is_loaded() -> None:
    """Load what an audit imports as it runs: a session inside a test forgets what it imported."""
    audit(saturating, losses.softmax_cross_entropy, dtypes="float32", quick=True)


def test_an_audit_inside_a_test(pytester: pytest.Pytester) -> None:
    """The fixture passes if nothing is found; a failure shows the table and how to get it again."""
    (pytester.path / "test_own.py").write_text(TEST, encoding="utf-8")
    result = pytester.runpytest("-p", "no:cacheprovider", "--show-capture=no", "-rN")
    text = str(result.stdout)
    result.assert_outcomes(passed=2, failed=3)
    lines = text.splitlines()
    for line in (
        '>       gradproof_audit(saturating, CE, quick=True, dtypes="float32")',
        "E       AssertionError: saturating as softmax cross-entropy with a label: 1 finding",
        "E       again with: gradproof audit test_own.py:saturating --quick --dtype float32",
        "E       AssertionError: flipped as softmax cross-entropy with a label: 1 finding",
    ):
        assert line in lines, text
    assert "a test accepts findings of arithmetic alone; found allow='formula'" in text
    assert "asserting.py" not in text.partition("test_refused")[0]


def test_what_was_audited_is_in_the_report_of_the_session(pytester: pytest.Pytester) -> None:
    """A machine-readable report names the implementation and its worst score in each dtype."""
    (pytester.path / "test_own.py").write_text(TEST, encoding="utf-8")
    pytester.runpytest("-p", "no:cacheprovider", "-k", "right", "--junit-xml=report.xml")
    report = (pytester.path / "report.xml").read_text(encoding="utf-8")
    title = "right as softmax cross-entropy with a label: passes"
    assert f'<property name="audit" value="{title}" />' in report
    assert '<property name="scores" value="float32 ' in report


def test_an_assertion_returns_the_audit_it_accepts() -> None:
    """Known loss of accuracy passes if it is named, and is still in the audit."""
    options: dict[str, Any] = {"dtypes": "float32", "quick": True}
    with pytest.raises(AssertionError, match=r"^saturating as softmax cross-entropy with a label"):
        assert_audit(saturating, losses.softmax_cross_entropy, **options)
    found = assert_audit(saturating, "CE", allow=("rounding",), **options)
    assert {one.kind for one in found.findings} == {Kind.ROUNDING}


@pytest.mark.parametrize("kind", SURE)
@pytest.mark.parametrize("as_text", [True, False])
def test_nothing_accepts_what_is_wrong_mathematics(kind: Kind, as_text: bool) -> None:
    """A wrong formula, another loss, a wrong subgradient and a breach of protocol are refused."""
    named: str | Kind = kind.text if as_text else kind
    with pytest.raises(DeclarationError, match=r"^a test accepts findings of arithmetic alone"):
        assert_audit(saturating, losses.softmax_cross_entropy, allow=[named])


@given(st.sets(st.sampled_from(ARITHMETIC)), st.sampled_from(list(Kind)), st.booleans())
def test_a_finding_is_accepted_only_if_its_class_is_certain(
    accepted: set[Kind], kind: Kind, certified: bool
) -> None:
    """Of what is accepted, rounding and its kin pass only as far as the exact twin certifies."""
    one = replace(SATURATED, kind=kind, certified=certified)
    text = failure_text(replace(FOUND, findings=(one,)), frozenset(accepted))
    assert (text == "") == (kind in accepted and (certified or kind is Kind.DTYPE))


def test_what_is_left_is_told_with_the_reason() -> None:
    """The text counts what was accepted, and says why a finding of an accepted class was not."""
    text = failure_text(FOUND, accepted_kinds(["rounding", "overflow"]), "gradproof audit x:y")
    assert text.startswith("naive.py:gradient as softmax cross-entropy with a label: 2 findings\n")
    assert text.splitlines()[-3:] == [
        "2 findings accepted by allow",
        ("1 finding not accepted by allow: no exact twin certifies that it is one of arithmetic"),
        "again with: gradproof audit x:y",
    ]
    assert failure_text(PASSED, frozenset()) == ""


@pytest.mark.parametrize(
    ("allow", "message"),
    [
        (
            ["roundin"],
            "what a test accepts is a class of findings; found allow='roundin'; take rounding",
        ),
        (
            "protocol",
            (
                "a test accepts findings of arithmetic alone; found allow='protocol': the "
                "implementation does not behave as a function of its arguments; correct the "
                "implementation or the loss; to be accepted are rounding, overflow, domain, dtype"
            ),
        ),
    ],
)
def test_a_mistake_in_what_to_accept_is_told(allow: Any, message: str) -> None:
    """The error names what may be accepted."""
    with pytest.raises(DeclarationError) as caught:
        accepted_kinds(allow)
    assert str(caught.value) == message


def test_one_class_may_be_named_by_itself() -> None:
    """A text is one class, not a list of letters."""
    assert accepted_kinds("rounding") == {Kind.ROUNDING}
    assert accepted_kinds([Kind.DTYPE, "domain"]) == {Kind.DTYPE, Kind.DOMAIN}


@pytest.fixture
def own_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Return a module of a file in the current folder, with a program, a gradient and a loss."""
    monkeypatch.chdir(tmp_path)
    source = (
        "def f(z, y): ...\ndef g(z, y): ...\nclass A:\n    @staticmethod\n    def f(z, y): ...\n"
    )
    (tmp_path / "own.py").write_text(source, encoding="utf-8")
    module = ModuleType("own")
    module.__file__ = str(tmp_path / "own.py")
    exec(source, vars(module))  # noqa: S102 - as importing the file would
    vars(module)["mine"] = Loss("mine", -log(S(y)))
    monkeypatch.setitem(sys.modules, "own", module)
    return module


def test_a_command_says_the_options_again(own_module: ModuleType) -> None:
    """Every option is on the command line under its name there; the usual loss is left out."""
    options = {
        "dtypes": ("float16", "float32"),
        "sizes": (2, 3),
        "quick": True,
        "isolate": False,
        "time_limit": 2.5,
        "target": "one-hot",
        "reduction": None,
        "gradient": own_module.g,
        "values": {"epsilon": "1e-7"},
        "name": "f",
        "progress": print,
        "seed": 3,
    }
    assert audit_command(own_module.f, losses.softmax_cross_entropy, options) == (
        "gradproof audit own.py:f --dtype float16,float32 --sizes 2,3 --quick --time-limit 2.5 "
        "--target one-hot --gradient g --value epsilon=1e-7 --seed 3"
    )
    assert audit_command(own_module.A.f, "QUAD", {}) == "gradproof audit own.py:A.f --loss QUAD"
    assert audit_command(own_module.f, own_module.mine, {}) == (
        "gradproof audit own.py:f --loss mine"
    )


def test_there_is_no_command_for_what_has_no_name(own_module: ModuleType) -> None:
    """A callable, a loss or an option that the command line cannot name has no command."""

    def local() -> None: ...

    assert audit_command(local, losses.quadratic, {}) == ""
    assert audit_command(math.sin, Loss("other", -log(S(y))), {}) == ""
    assert audit_command(own_module.f, losses.quadratic, {"gradient": local}) == ""
    assert audit_command(own_module.f, losses.quadratic, {"unheard_of": 1}) == ""
    own_module.QUAD = own_module.mine  # type: ignore[attr-defined]
    assert audit_command(own_module.f, losses.quadratic, {}) == ""
    assert audit_command(own_module.f, "QUAD", {}) == ""
