from __future__ import annotations

from pathlib import Path

import pytest

from gradproof import Claim, kernels, losses  # loads formulas once, not again in each session below
from gradproof.checks import claims_file, plugin

pytest_plugins = ["pytester"]

assert all((Claim, kernels, losses))

CLAIMS = """
from gradproof import Claim
from gradproof.symbolic import Eq, S, class_sum

total = class_sum(lambda j: S(j))
holds = Claim("sum", Eq(total, 1))
wrong = Claim("wrong-sum", Eq(total, 2), title="A wrong sum")
known = Claim("known-wrong", Eq(total, 3), expected="REFUTED")
better = Claim("too-good", Eq(total, 1), expected="REFUTED")
"""


def written(pytester: pytest.Pytester, text: str, name: str = "claims_a.py") -> Path:
    """Write a file into the folder of the session."""
    file = pytester.path / name
    file.write_text(text, encoding="utf-8")
    return file


def run(pytester: pytest.Pytester, *options: str) -> pytest.RunResult:
    """Run a test session that looks for claims and tests in its folder."""
    return pytester.runpytest("-p", "no:cacheprovider", "-p", "no:randomly", *options)


def test_both_know_the_same_files() -> None:
    """The plugin looks for the files that the command line takes from a folder."""
    assert plugin._PATTERN == claims_file.PATTERN


@pytest.mark.parametrize("options", [(), ("claims_a.py",)], ids=["found", "named"])
def test_a_claim_is_an_item_that_passes_only_as_expected(
    pytester: pytest.Pytester, options: tuple[str, ...]
) -> None:
    """Each claim is one item, once, under its id; it passes if the verdict is the expected one."""
    written(pytester, CLAIMS)
    result = run(pytester, "-v", *options)
    result.assert_outcomes(passed=2, failed=2)
    result.stdout.fnmatch_lines(
        [
            "claims_a.py::sum PASSED*",
            "claims_a.py::wrong-sum FAILED*",
            "claims_a.py::known-wrong PASSED*",
            "claims_a.py::too-good FAILED*",
        ]
    )


def test_a_failure_shows_the_counterexample_and_how_to_get_it_again(
    pytester: pytest.Pytester,
) -> None:
    """A failing item prints what fails where, and one command; no line of gradproof's own code."""
    written(pytester, CLAIMS)
    result = run(pytester, "-k", "wrong-sum")
    result.assert_outcomes(failed=1, deselected=3)
    text = str(result.stdout)
    shown = text[text.index("wrong-sum: REFUTED") : text.index("===== short test summary")]
    assert shown.rstrip().splitlines()[:6] == [
        "wrong-sum: REFUTED, expected PROVED",
        "A wrong sum",
        "scope: one exact point, n = 1",
        "at n = 1, z = (0,): Σ_j S_j = 2 is false",
        "left side = 1, right side = 2",
        "claimed at claims_a.py:7",
    ]
    assert "again with: gradproof prove claims_a.py -k wrong-sum" in shown
    assert "Traceback" not in text
    assert "engine.py" not in text


def test_a_proof_of_what_should_fail_is_a_failure(pytester: pytest.Pytester) -> None:
    """A claim that its author expects to be refuted does not pass by being proved."""
    written(pytester, CLAIMS)
    result = run(pytester, "-k", "too-good")
    result.assert_outcomes(failed=1, deselected=3)
    result.stdout.fnmatch_lines(
        ["too-good: PROVED, expected REFUTED", "The claim holds for everything in its scope."]
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "x = (\n",
            "claims_a.py:1: the file is Python; found '(' was never closed; correct the line",
        ),
        (
            "from gradproof import Claim\na = Claim('a', 1)",
            (
                "claims_a.py:2: the statement of claim 'a' is a formula; found 1, an int; "
                "write a relation such as Eq(left, right)"
            ),
        ),
        (
            "",
            (
                "claims_a.py: a claims file has a claim; found none; "
                "write one at module level: claim = Claim(id, statement)"
            ),
        ),
    ],
    ids=["syntax", "statement", "empty"],
)
def test_a_file_that_cannot_be_used_is_an_error_of_collection(
    pytester: pytest.Pytester, text: str, message: str
) -> None:
    """A claims file that cannot be used ends in its one line, not in a pass."""
    written(pytester, text)
    result = run(pytester)
    result.assert_outcomes(errors=1)
    assert message in str(result.stdout)
    assert "Traceback" not in str(result.stdout)


def test_verdicts_are_in_the_report_of_the_session(pytester: pytest.Pytester) -> None:
    """A machine-readable report says for each claim which verdict it got and in which scope."""
    written(pytester, CLAIMS)
    run(pytester, "-k", "known-wrong", "--junit-xml=report.xml")
    report = (pytester.path / "report.xml").read_text(encoding="utf-8")
    assert '<property name="verdict" value="REFUTED" />' in report
    assert '<property name="scope" value="one exact point, n = 1" />' in report


def test_a_file_of_another_name_is_left_alone(pytester: pytest.Pytester) -> None:
    """Only files ``claims_*.py`` are run as claims."""
    written(pytester, CLAIMS, "my_claims.py")
    assert run(pytester).ret == pytest.ExitCode.NO_TESTS_COLLECTED


TEST = """
from sympy import erf

from gradproof.symbolic import Eq, Le, S, class_sum, i, k, z

total = class_sum(lambda j: S(j))

def test_sum(assert_proved):
    assert_proved(Eq(total, 1))

def test_wrong(assert_proved):
    assert_proved(Eq(total, 2))

def test_support_is_no_proof(assert_proved):
    assert_proved(Le(erf(z[i]) * erf(z[k]), 1))

def test_no_formula(assert_proved):
    assert_proved(total)
"""


def test_a_statement_is_proved_inside_a_test(pytester: pytest.Pytester) -> None:
    """The fixture passes for a proof alone; a failure shows the user's line and the reason."""
    written(pytester, TEST, "test_own.py")
    result = run(pytester, "--show-capture=no")
    text = str(result.stdout)
    result.assert_outcomes(passed=1, failed=3)
    for line in (
        ">       assert_proved(Eq(total, 2))",
        "E       gradproof.checks.plugin.NotAsExpected: REFUTED, not PROVED",
        "E       at n = 1, z = (0,): Σ_j S_j = 2 is false",
        ">       assert_proved(Le(erf(z[i]) * erf(z[k]), 1))",
        "E       gradproof.checks.plugin.NotAsExpected: SUPPORTED, not PROVED",
        ">       assert_proved(total)",
        (
            "E       gradproof.checks.plugin.NotAsExpected: "
            "the statement of claim 'statement' is a "
            "formula; found Sum(Softmax(_1, z[_]), (_1, 1, n)), an expression; "
            "write a relation such as Eq(left, right)"
        ),
    ):
        assert line in text.splitlines()
    assert "claim.py" not in text
    assert "engine.py" not in text
