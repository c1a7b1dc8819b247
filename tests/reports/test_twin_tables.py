"""The Markdown table of programs in exact arithmetic."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction

from gradproof.checks.twins import Comparison, TwinOutcome, TwinPoint, label, logits
from gradproof.checks.twins.formulas import cross_entropy
from gradproof.checks.twins.rounding import FloatError
from gradproof.checks.twins.rows import Row
from gradproof.checks.twins.settling import PointVerdict
from gradproof.checks.twins.target import Target
from gradproof.reports.twin_tables import twin_table
from gradproof.symbolic.errors import UnsupportedError

INPUTS = (logits(), label())
POINT = TwinPoint(INPUTS, 2, ((Fraction(0), Fraction(17, 2)), (Fraction(1),)))
TARGET = Target("torch:ce", len, INPUTS, cross_entropy, "torch")
AGREES = Comparison("backward", TwinOutcome.AGREES, 33.0, 141, kinks=7)
DIFFERS = Comparison(
    "forward",
    TwinOutcome.DIFFERENT,
    0.0,
    3,
    point=POINT,
    verdict=PointVerdict(
        TwinOutcome.DIFFERENT, 0.0, "value", "1", "2", "1", "branches meet at a.py:3"
    ),
    onset=POINT,
    seconds=1.5,
)
ROW = Row(TARGET, "float32", AGREES, DIFFERS, FloatError(0.5, 9, POINT, "output 0", "1", "1.5"))

PAGE_TAIL = """\
Arguments and constants are those of float32; seed 4{versions}.

| program | meant to be | backward = derivative of forward? | forward = the loss? |
| --- | --- | --- | --- |
| torch:ce | softmax cross-entropy with a label | yes: 33 digits, 141 points, 7 kinks | **no** |

## What was found

### torch:ce

- forward: DIFFERENT at z = (0, 17/2), y = 1: value is 1, the program's 2, off by 1; from about \
z = (0, 8.5), y = 1 on.
"""


def test_the_table_says_what_was_found() -> None:
    """A row a program, then each difference with its point."""
    page = twin_table([ROW], 4)
    line = next(part for part in page.splitlines() if part.startswith("Arguments"))
    versions = line.partition("seed 4")[2].removesuffix(".")
    assert page.endswith(PAGE_TAIL.format(versions=versions))


def test_the_table_depends_on_exact_results_alone() -> None:
    """Left out are times, lines that depend on the installation, and float runs on the machine."""
    slower = replace(ROW, forward=replace(DIFFERS, seconds=9.0), error=FloatError(0.7, 9))
    assert twin_table([slower], 4) == twin_table([ROW], 4)
    assert "a.py:3" not in twin_table([ROW], 4)


def test_what_could_not_be_compared_is_no_pass() -> None:
    """A program without a twin, one without a value, and an exact one have cells of their own."""
    error = UnsupportedError("a twin has rules", found="x", remedy="add one")
    missing = replace(ROW, backward=error, forward=None)
    assert "| torch:ce | softmax cross-entropy with a label | not compared |  |" in twin_table(
        [missing], 4
    )
    assert "- backward: a twin has rules; found x; add one." in twin_table([missing], 4)
    empty = Comparison("forward", TwinOutcome.UNDEFINED, math.inf, 0, undefined=5)
    assert "**undefined** |" in twin_table([replace(ROW, forward=empty)], 4)
    whole = Comparison("forward", TwinOutcome.AGREES, math.inf, 12)
    assert "| yes: exactly, 12 points |" in twin_table([replace(ROW, forward=whole)], 4)
