"""The plain text of audits, word for word."""

from __future__ import annotations

import math
import runpy
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from gradproof.checks.audits.finding import Finding, Kind, Opinion
from gradproof.checks.audits.point import AuditPoint
from gradproof.checks.audits.result import Audit, Worst
from gradproof.checks.audits.table import audit_text
from gradproof.checks.audits.words import (
    certification,
    groups,
    point_text,
    stages_text,
    tally,
)
from gradproof.checks.verdict import TruthValueError

MADE: dict[str, Any] = runpy.run_path(str(Path(__file__).with_name("hand_made_audits.py")))
FOUND: Audit = MADE["FOUND"]
PASSED: Audit = MADE["PASSED"]
SATURATED: Finding = MADE["SATURATED"]

FOUND_TEXT = """\
naive.py:gradient as softmax cross-entropy with a label: 4 findings

1.  overflow, g[1]: an intermediate number leaves the range of the dtype
    float32 (extreme, 1000), from gap 88.72 on: expected 1, found nan, score
    infinite
        at z = (0, 89), label 0
    Not certified by an exact twin.

2.  rounding, g[0]: loss and formula are right, and the rounding of floats loses
    the result
    float32 (confident), from margin 12.1 on: expected -4.13993771878516...e-8,
    found 0, score 8.39e+06
        at z = (17, 0), label 0
        1 % off from margin 12.1 on; exactly 0 from 16.64 on
        The softmax of the label rounds to 1.
    float64 (confident), from margin 31 on: expected -3.13913279204802...e-17,
    found 0, score 8.39e+03
        at z = (38, 0), label 0
        1 % off from margin 31 on
        The softmax of the label rounds to 1.
    Certified by the exact twin.
    torch.autograd.gradcheck passes (float64, defaults);
    chex.assert_numerical_grads could not be asked (no program of JAX)
    Reproduce in float32:
        import numpy as np

        print(gradient(np.float32([17, 0]), 0))

3.  protocol, the logits: the implementation does not behave as a function of
    its arguments
    float32: expected left as they are, found changed in place

A score says how many times worse a number is than the rounding of the inputs
alone makes it.
float32: worst score infinite (extreme, 1000), limit 64, 432 points; no gradient
of the loss at 3 points
float64: worst score 8.39e+03 (confident), limit 64, 420 points
Exact twin: the gradient is that of the loss: AGREES to 30 digits at 141 points.
Branches of the loss meet at 2 points; each gradient is valid.
Batches were left out: it takes one sample at a time.
numpy 2.4.6, seed 7, 1264 calls, 3.2 s"""

PASSED_TEXT = """\
torch:cross_entropy as softmax cross-entropy with a label: passes
float32: worst score 2.25 (moderate), limit 64, 120 points; no gradient of the
loss at 3 points
No exact twin (an operation has no rule); the score alone judges formula and
loss.
torch 2.13.0, seed 0, 1 call, 0.5 s"""


def test_findings_are_told_worst_first_with_their_reproducers() -> None:
    """The text of an audit with findings, word for word; `str` gives the same."""
    assert audit_text(FOUND) == FOUND_TEXT
    assert str(FOUND) == FOUND_TEXT


def test_a_passing_audit_is_a_few_lines() -> None:
    """The text of an audit without findings, word for word."""
    assert str(PASSED) == PASSED_TEXT


def test_what_changes_from_run_to_run_can_be_left_out() -> None:
    """Without the time, a slower run gives the same text."""
    slower = replace(FOUND, seconds=99.0)
    assert audit_text(slower) != audit_text(FOUND)
    assert audit_text(slower, timing=False) == audit_text(FOUND, timing=False)
    assert audit_text(FOUND, timing=False).endswith("numpy 2.4.6, seed 7, 1264 calls")


@given(st.integers(30, 120))
def test_lines_fit_the_width(width: int) -> None:
    """No line is longer than asked for, but for a reproducer's and those of one long word."""
    copied = [line for f in FOUND.findings for line in f.reproducer.splitlines() if line]
    for line in audit_text(FOUND, width).splitlines():
        assert len(line) <= width or line.strip() in copied or " " not in line.strip()


def test_an_audit_is_no_truth_value() -> None:
    """An audit that found something must not pass where a truth value is asked for."""
    with pytest.raises(TruthValueError, match=r"ask for audit\.passed"):
        bool(FOUND)


KINDS = st.sampled_from((Kind.ROUNDING, Kind.OVERFLOW, Kind.FORMULA))
FINDINGS = st.lists(
    st.builds(
        lambda kind, dtype, where: Finding(kind, dtype, "moderate", where, "1", "2"),
        KINDS,
        st.sampled_from(("float16", "float32", "float64")),
        st.sampled_from(("g[0]", "g[1]")),
    )
)


@given(FINDINGS)
def test_findings_side_by_side_are_alike_and_none_is_lost(findings: list[Finding]) -> None:
    """Each finding is in one group, of one class and place, each dtype once, the worst first."""
    made = groups(findings)
    assert sorted(map(id, findings)) == sorted(id(one) for group in made for one in group)
    for group in made:
        assert len({(one.kind, one.where) for one in group}) == 1
        assert len({one.dtype for one in group}) == len(group)
    first = [next(k for k, f in enumerate(findings) if f is group[0]) for group in made]
    assert first == sorted(first)


def test_the_same_finding_in_two_dtypes_is_told_once() -> None:
    """What is the same word for word in several dtypes is said of them together."""
    wrong = Finding(
        Kind.FORMULA,
        "float32",
        "moderate",
        "g[0]",
        "-1/2",
        "1/2",
        2e7,
        AuditPoint((Fraction(0), Fraction(0)), 0),
        certified=True,
    )
    text = str(replace(FOUND, findings=(wrong, replace(wrong, dtype="float64"))))
    assert (
        "1.  formula, g[0]: the gradient is not the derivative of the loss, however exact\n"
        "    the arithmetic\n"
        "    float32 and float64 (moderate): expected -1/2, found 1/2, score 2e+07\n"
        "        at z = (0, 0), label 0\n"
        "    Certified by the exact twin.\n"
    ) in text


@pytest.mark.parametrize(
    ("point", "text"),
    [
        (AuditPoint((Fraction(1, 2), None), 0), "z = (0.5, -inf), label 0"),
        (
            AuditPoint((Fraction(17), *(Fraction(0),) * 999), 3),
            "z = (17, 999 times 0), label 3",
        ),
        (
            AuditPoint((Fraction(1, 3),) * 40, (Fraction(1), *(Fraction(0),) * 39)),
            "z = (40 times 0.3333333333333333), target (1, 39 times 0)",
        ),
        (
            AuditPoint(tuple(map(Fraction, range(200))), 7),
            "z = (0, 1, 2, 3, ... 192 more ..., 196, 197, 198, 199), label 7",
        ),
    ],
)
def test_points_of_many_classes_are_short(point: AuditPoint, text: str) -> None:
    """A short point is shown whole; a long one with counts, and without its middle."""
    assert point_text(point) == text


@given(st.lists(st.integers(-9, 9), min_size=1, max_size=3000))
def test_a_point_never_fills_the_page(logits: list[int]) -> None:
    """However many classes there are, the text of a point stays within a few lines."""
    point = AuditPoint(tuple(map(Fraction, logits)), 0)
    text = point_text(point)
    assert len(text) <= 160
    assert text == str(point) or "times" in text or "more" in text


def test_who_certifies_is_said_of_what_can_be_certified() -> None:
    """Of arithmetic it is said whether the twin certifies it; what is observed needs no twin."""
    open_one = replace(SATURATED, dtype="float64", certified=False)
    assert certification([SATURATED]) == "Certified by the exact twin."
    assert certification([SATURATED, open_one]) == "Certified by the exact twin in float32 only."
    assert certification([open_one]) == "Not certified by an exact twin."
    assert certification([replace(open_one, kind=Kind.DTYPE)]) == ""


def test_stages_name_what_grows() -> None:
    """The first stage says what the number is: a margin, a gap, an offset."""
    assert stages_text(replace(SATURATED, margin_name="gap")) == (
        "1 % off from gap 12.1 on; exactly 0 from 16.64 on"
    )
    assert stages_text(replace(SATURATED, stages=())) == ""


def test_a_dtype_in_which_nothing_was_judged_says_so() -> None:
    """No score is no pass: points without a gradient alone are told as such."""
    empty = replace(PASSED, worst=(Worst("moderate", "float32", 0.0, 0, 4),))
    assert "float32: nothing was judged; no gradient of the loss at 4 points\n" in str(empty)
    assert "float32: nothing was judged\n" in str(replace(PASSED, worst=()))


def test_a_regime_that_the_onset_names_is_not_said_twice() -> None:
    """Along the margin itself, regime and onset have one name."""
    text = str(replace(FOUND, findings=(replace(SATURATED, regime="margin"),)))
    assert "\n    float32, from margin 12.1 on: expected" in text


def test_opinions_say_who_could_be_asked() -> None:
    """A checker that fails, passes or could not be asked is told as such, each once."""
    fails = replace(SATURATED, opinions=(Opinion("jax.grad", False), *SATURATED.opinions))
    text = " ".join(str(replace(FOUND, findings=(fails,))).split())
    assert "jax.grad fails; torch.autograd.gradcheck passes (float64, defaults);" in text
    assert text.count("could not be asked (no program of JAX)") == 1
    again = replace(SATURATED, dtype="float64", opinions=(Opinion("jax.grad", False, "twice"),))
    text = " ".join(str(replace(FOUND, findings=(fails, again))).split())
    assert text.count("jax.grad fails") == 1


def test_a_score_that_does_not_apply_is_left_out() -> None:
    """A finding without a score has none in its line; one that is NaN would read as a number."""
    text = str(replace(FOUND, findings=(replace(SATURATED, score=math.nan, point=None),)))
    assert "expected -4.13993771878516...e-8,\n    found 0\n" in text
    assert "nan" not in text


def test_what_was_not_judged_is_counted_apart() -> None:
    """An audit that judged nothing is neither one without a finding nor one with some."""
    unjudged = replace(PASSED, worst=())
    assert tally([PASSED, FOUND]) == "1 without a finding, 1 with some"
    assert (
        tally([PASSED, FOUND, unjudged])
        == "1 without a finding, 1 with some, 1 with nothing judged in some dtype"
    )
    assert unjudged.to_json()["passed"] is False
    assert unjudged.to_json()["unjudged"] == ["float32"]
    said = " ".join(audit_text(unjudged).split())
    assert "with a label: nothing was judged in float32 " in said
