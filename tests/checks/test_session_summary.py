"""What a test session tells machines: the properties of its tests, and a summary of all of them."""

from __future__ import annotations

from collections.abc import Callable
from xml.etree import ElementTree as ET

import pytest

from gradproof import Claim, audit, losses  # loads formulas once, not again in each session below

pytest_plugins = ["pytester"]

assert all((Claim, audit, losses))

CLAIMS = """
from gradproof import Claim
from gradproof.symbolic import Eq, S, class_sum

total = class_sum(lambda j: S(j))
holds = Claim("sum", Eq(total, 1))
wrong = Claim("wrong-sum", Eq(total, 2))
known = Claim("known-wrong", Eq(total, 3), expected="REFUTED")
better = Claim("too-good", Eq(total, 1), expected="REFUTED")
"""

AUDITS = """
import numpy as np

from gradproof import losses

def softmax(z):
    e = np.exp(z - np.max(z))
    return e / np.sum(e)

def right(z, y):
    g = softmax(z)
    g[y] = 0
    g[y] = -np.sum(g)
    return g

def flipped(z, y):
    return -right(z, y)

def test_right(gradproof_audit):
    gradproof_audit(right, losses.softmax_cross_entropy, quick=True, dtypes="float64")

def test_two(gradproof_audit):
    gradproof_audit(right, losses.softmax_cross_entropy, quick=True, dtypes="float64")
    gradproof_audit(flipped, losses.softmax_cross_entropy, quick=True, dtypes="float64")

def test_other(gradproof_audit):
    gradproof_audit(right, losses.softmax_cross_entropy, quick=True, dtypes="float64")
    assert False

def test_nothing():
    pass
"""

SUMMARY = """\
### Claims

| Verdict | Claims | Not as expected |
| --- | --- | --- |
| PROVED | 2 | 1 |
| REFUTED | 2 | 1 |
| **Total** | **4** | **2** |

| Claim | Verdict | Expected | Why | Again with |
| --- | --- | --- | --- | --- |
| `too-good` | PROVED, all n | REFUTED | The claim holds for everything in its scope. | \
`pytest claims_a.py::too-good` |
| `wrong-sum` | REFUTED, one exact point, n = 1 | PROVED | `n = 1, z = (0,)`: left side = 1, \
right side = 2 | `pytest claims_a.py::wrong-sum` |

"""


def run(pytester: pytest.Pytester, *options: str) -> pytest.RunResult:
    """Run a test session that looks for claims and tests in its folder."""
    return pytester.runpytest("-p", "no:cacheprovider", "-p", "no:randomly", *options)


@pytest.fixture
def session(pytester: pytest.Pytester) -> pytest.Pytester:
    """Return the folder of a session with claims and audits."""
    (pytester.path / "claims_a.py").write_text(CLAIMS, encoding="utf-8")
    (pytester.path / "test_a.py").write_text(AUDITS, encoding="utf-8")
    return pytester


def summary(session: pytest.Pytester, *options: str) -> str:
    """Return the summary that a session appends."""
    run(session, "--gradproof-summary=summary.md", *options)
    return (session.path / "summary.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("options", [(), ("-n", "2")], ids=["alone", "side by side"])
def test_a_session_appends_a_summary_of_its_claims(
    session: pytest.Pytester, options: tuple[str, ...]
) -> None:
    """Claims are told word for word the same in one process and in several."""
    assert summary(session, "claims_a.py", *options) == SUMMARY


def test_a_session_appends_a_summary_of_its_audits(session: pytest.Pytester) -> None:
    """Every audit of the fixture counts once, and as what it is, however its test ends."""
    text = summary(session, "test_a.py")
    assert "| passes | 3 |\n| fails | 1 |\n| **Total** | **4** |" in text
    (row,) = [line for line in text.splitlines() if "pytest test_a.py" in line]
    assert row.startswith("| flipped as softmax cross-entropy with a label: ")
    assert "formula, g" in row
    assert row.endswith("| `pytest test_a.py::test_two` |")
    assert "### Claims" not in text


def test_a_session_without_claims_or_audits_appends_nothing(session: pytest.Pytester) -> None:
    """Where there is nothing to tell there is no file, and without the option there is none."""
    run(session, "--gradproof-summary=summary.md", "test_a.py", "-k", "test_nothing")
    run(session, "claims_a.py")
    assert not (session.path / "summary.md").exists()


def test_a_place_that_holds_no_summary_is_refused(session: pytest.Pytester) -> None:
    """A folder in its place ends the session before the first test, in one line."""
    result = session.runpytest_subprocess("--gradproof-summary=.", "claims_a.py")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: the summary can be appended to .; found a folder; *"])


Told = list[tuple[str, dict[str, str], str]]


@pytest.fixture
def told(session: pytest.Pytester) -> Callable[..., Told]:
    """Return a function that runs a session, for its JUnit report: names, properties, failures."""

    def read(*options: str) -> Told:
        run(session, "--junit-xml=report.xml", *options)
        cases = ET.parse(session.path / "report.xml").iter("testcase")
        return [
            (
                case.attrib["name"],
                {p.attrib["name"]: p.attrib["value"] for p in case.iter("property")},
                next((one.attrib["message"] for one in case.iter("failure")), ""),
            )
            for case in cases
        ]

    return read


def test_a_claim_tells_machines_its_verdict(told: Callable[..., Told]) -> None:
    """The JUnit report has the verdict, what was expected and the exact point of a failure."""
    ((_, properties, failure),) = told("claims_a.py", "-k", "wrong-sum")
    assert properties == {
        "claim": "wrong-sum",
        "verdict": "REFUTED",
        "scope": "one exact point, n = 1",
        "method": "counterexample search",
        "expected": "PROVED",
        "as_expected": "no",
        "counterexample": "n = 1, z = (0,)",
        "values": "left side = 1, right side = 2",
    }
    assert failure.splitlines()[0] == "wrong-sum: REFUTED, expected PROVED"
    assert "at n = 1, z = (0,): Σ_j S_j = 2 is false" in failure
    assert "again with: gradproof prove claims_a.py -k wrong-sum" in failure


def test_an_audit_that_fails_tells_machines_what_was_found(told: Callable[..., Told]) -> None:
    """The JUnit report has the findings and scores of an audit that fails its test too."""
    ((_, properties, failure),) = told("test_a.py", "-k", "test_two")
    assert properties["passes"] == "no"
    assert properties["audit"].startswith("flipped as softmax cross-entropy with a label: ")
    assert properties["findings"].startswith("formula, g")
    assert properties["scores"].startswith("float64 ")
    assert failure.startswith("AssertionError: flipped as softmax cross-entropy with a label: ")
