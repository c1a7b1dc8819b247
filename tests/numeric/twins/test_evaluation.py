from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from flint import arb, fmpq
from hypothesis import given

from gradproof.numeric.elements import working_precision
from gradproof.numeric.twins import dual, evaluation, functions
from gradproof.numeric.twins.arguments import FloatArgument
from gradproof.numeric.twins.arrays import as_array, constant, from_numbers
from gradproof.numeric.twins.dual import Dual
from gradproof.numeric.twins.run import LAST_BITS, Undecided
from gradproof.symbolic.errors import DeclarationError, PrecisionError
from tests.numeric.twins.conftest import BITS, dyadics, element, exactly

Arrays = Sequence[Any]


def point(*values: Any) -> list[FloatArgument]:
    """Return one float argument with these numbers."""
    return [FloatArgument(tuple(map(Fraction, values)), (len(values),), "float64")]


def program_of(function: Any) -> Any:
    """Return a function of the numbers of one argument as a traced program."""
    return lambda arrays: [as_array(function(*arrays[0]))]


largest = program_of(lambda *z: _fold(dual.maximum, z))
norm = program_of(lambda *z: functions.apply("sqrt", dual.inner(list(z), list(z))))
step = program_of(lambda x: Dual(fmpq(1 if x > 0 else -1)))
corner = program_of(lambda x: x * 3 if x > 0 else -x)
flat = program_of(lambda x: x * 3 if x * x > 0 else x * 5)


def _fold(function: Any, numbers: Sequence[Dual]) -> Dual:
    best = numbers[0]
    for number in numbers[1:]:
        best = function(best, number)
    return best


def by(executable: Any, inputs: list[FloatArgument], **options: Any) -> list[evaluation.Sided]:
    """Return the gradient of a program with one output."""
    return evaluation.gradient(executable, inputs, [0], [fmpq(1)], BITS, **options)


@given(dyadics, dyadics)
def test_a_gradient_off_kinks_is_that_of_the_branch(x: Fraction, y: Fraction) -> None:
    """The derivative of a maximum is 1 by the greater number; at a tie both sides are told."""
    found = by(largest, point(x, y))
    if x != y:
        assert [exactly(s.above) for s in found] == [int(x > y), int(y > x)]
        assert all(s.values is None and s.below is s.above for s in found)
    else:
        assert [(exactly(s.below), exactly(s.above)) for s in found] == [(0, 1), (0, 1)]
        assert all(s.ties and not s.flat for s in found)
        assert all([exactly(v) for v in s.values or ()] == [x, x, x] for s in found)


def test_a_jump_shows_in_the_values() -> None:
    """The value and its two limits are told, so that a jump is no derivative of 0."""
    (side,) = by(step, point(0))
    assert [exactly(v) for v in side.values or ()] == [-1, -1, 1]
    assert (exactly(side.below), exactly(side.above)) == (0, 0)


def test_a_corner_has_a_derivative_on_either_side() -> None:
    """From below by a pass along -1, its sign turned; the place of the tie is told."""
    (side,) = by(corner, point(0))
    assert (exactly(side.below), exactly(side.above)) == (-1, 3)
    assert side.ties[0].startswith("test_evaluation.py:")


def test_a_tie_that_the_first_order_leaves_open_is_flat() -> None:
    """x**2 > 0 at 0 has equal slopes on both sides: the branch beyond is not known, and told so."""
    (side,) = by(flat, point(0))
    assert side.flat


def test_one_input_may_tie_while_another_does_not() -> None:
    """Derivatives by numbers that the tie does not depend on come from one side."""
    program = program_of(lambda x, y: dual.absolute(x) + y * 2)
    first, second = by(program, point(0, 1))
    assert (exactly(first.below), exactly(first.above)) == (-1, 1)
    assert exactly(second.above) == 2
    assert second.values is None


def test_a_derivative_by_a_root_is_enclosed() -> None:
    """Forward and backward, with weights for several outputs."""
    found = [s.above for s in by(norm, point(3, 4))]
    assert [exactly(v) for v in found] == [Fraction(3, 5), Fraction(4, 5)]
    two = lambda arrays: [from_numbers([arrays[0][0] * 2, arrays[0][0] * 3], (2,))]  # noqa: E731
    (side,) = evaluation.gradient(two, point(1), [0], [fmpq(5), fmpq(7)], BITS)
    assert exactly(side.above) == 31


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_what_has_no_value_has_no_derivative(value: float) -> None:
    """Where a constant of the program makes it nan, so is the derivative; an infinity does not."""
    (side,) = by(program_of(lambda x: x + Dual(value)), point(1))
    assert (side.above != side.above) is math.isnan(value)


def test_a_direction_moves_only_what_it_names() -> None:
    """None is an input that stays; the slope is along the rest."""
    inputs = point(3, 4)
    found, run = evaluation.directional(norm, inputs, [[None, fmpq(2)]], [fmpq(1)], BITS)
    assert exactly(found.slope) == Fraction(8, 5)
    assert not run.ties


def test_weights_and_outputs_have_one_size() -> None:
    """An upstream gradient of another size, or a program without floats, is an error."""
    inputs = point(1)
    with pytest.raises(DeclarationError, match="2 weights for 1 outputs"):
        evaluation.gradient(norm, inputs, [0], [fmpq(1), fmpq(1)], BITS)
    with pytest.raises(DeclarationError, match="no float output"):
        evaluation.gradient(lambda _: [np.arange(3)], inputs, [0], [fmpq(1)], BITS)


def test_precision_rises_until_nothing_is_open() -> None:
    """Numbers that differ by 2**-3000 are told apart; more than the last bits are not tried."""
    tried: list[int] = []

    def attempt(bits: int) -> bool:
        tried.append(bits)
        root = arb(2).sqrt()
        return Dual(root) < Dual(root + arb(2) ** -3000)

    assert evaluation.rising(lambda bits: _with(bits, attempt)) is True
    assert tried == sorted(tried)
    assert 3000 < tried[-1] < 7000


def test_equal_irrational_numbers_end_in_an_error() -> None:
    """No precision separates them: that is said, and not guessed."""
    with pytest.raises(PrecisionError, match=f"within {LAST_BITS} bits"):
        evaluation.rising(
            lambda bits: _with(bits, lambda _: Dual(arb(2).sqrt()) < Dual(arb(8).sqrt() / 2))
        )


def _with(bits: int, attempt: Any) -> Any:
    with working_precision(bits):
        return attempt(bits)


def test_a_loose_run_widens_constants_alone() -> None:
    """The derivative of c x is the ball of all that round to c; a short c is meant as it stands."""
    for number, loose, radius in ((0.1, True, 2**-57), (0.1, False, 0), (0.5, True, 0)):
        program = program_of(lambda x, c=number: x * constant(c, "float64"))
        (side,) = by(program, point(1), loose=loose)
        found = arb(side.above)
        assert found.contains(element(Fraction(number)))
        assert float(found.rad()) == pytest.approx(radius, rel=1e-6)


def test_outputs_are_those_at_the_point() -> None:
    """A run without directions takes the branches of the point itself."""
    assert exactly(evaluation.outputs(step, point(0), BITS)[0][()].value) == -1
    with pytest.raises(Undecided):
        evaluation.outputs(program_of(lambda _: Dual(arb(0, 1)) < 0), point(0), BITS)


@pytest.mark.parametrize(
    ("value", "narrow"),
    [
        (fmpq(1, 3), True),
        (math.inf, True),
        (math.nan, True),
        (arb(0), True),
        (arb(1, 1e-31), True),
        (arb(1, 1e-29), False),
        (arb(0, 1e-99), False),
    ],
    ids=str,
)
def test_narrow_is_relative(value: Any, narrow: bool) -> None:
    """A ball is narrow if it shows the digits; one around 0 shows none."""
    assert evaluation.is_narrow(value, 30) is narrow
