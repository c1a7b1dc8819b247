from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import mpmath
import pytest
from flint import arb, fmpq
from hypothesis import assume, given, settings, strategies as st

from gradproof.numeric.twins import functions
from gradproof.numeric.twins.dual import Dual
from gradproof.numeric.twins.functions import STEPS, TABLE, apply, atan2, power
from gradproof.numeric.twins.run import Run, TieMet, Undecided, running
from gradproof.numeric.twins.tangents import leaves
from tests.numeric.twins.conftest import (
    BITS,
    DIGITS,
    above_one,
    element,
    encloses,
    exactly,
    inside_unit,
    is_narrow,
    nonzero,
    number,
    positive,
    rationals,
    same,
)

INF, NAN = math.inf, math.nan


def _log_sigmoid(x: Any) -> Any:
    return -mpmath.log1p(mpmath.exp(-x))


not_a_pole = rationals.filter(lambda x: x > 0 or x.denominator > 1)

REFERENCES: dict[str, tuple[Callable[[Any], Any], st.SearchStrategy[Fraction]]] = {
    "exp": (mpmath.exp, rationals),
    "exp2": (lambda x: mpmath.mpf(2) ** x, rationals),
    "expm1": (mpmath.expm1, rationals),
    "log": (mpmath.log, positive),
    "log1p": (mpmath.log1p, inside_unit),
    "log2": (lambda x: mpmath.log(x, 2), positive),
    "log10": (mpmath.log10, positive),
    "sqrt": (mpmath.sqrt, positive),
    "rsqrt": (lambda x: 1 / mpmath.sqrt(x), positive),
    "reciprocal": (lambda x: 1 / x, nonzero),
    "square": (lambda x: x * x, rationals),
    "sin": (mpmath.sin, rationals),
    "cos": (mpmath.cos, rationals),
    "tan": (mpmath.tan, inside_unit),
    "asin": (mpmath.asin, inside_unit),
    "acos": (mpmath.acos, inside_unit),
    "atan": (mpmath.atan, rationals),
    "sinh": (mpmath.sinh, rationals),
    "cosh": (mpmath.cosh, rationals),
    "tanh": (mpmath.tanh, rationals),
    "asinh": (mpmath.asinh, rationals),
    "acosh": (mpmath.acosh, above_one),
    "atanh": (mpmath.atanh, inside_unit),
    "erf": (mpmath.erf, rationals),
    "erfc": (mpmath.erfc, rationals),
    "erfinv": (mpmath.erfinv, inside_unit),
    "lgamma": (lambda x: mpmath.log(abs(mpmath.gamma(x))), not_a_pole),
    "digamma": (mpmath.digamma, not_a_pole),
    "sigmoid": (lambda x: 1 / (1 + mpmath.exp(-x)), rationals),
    "softplus": (lambda x: mpmath.log1p(mpmath.exp(x)), rationals),
    "log_sigmoid": (_log_sigmoid, rationals),
}
"""Each function of the table in mpmath, and where it is smooth."""


def at(name: str, x: Any, speed: Any = None) -> Dual:
    """Return the function called `name` at an element that moves at a speed."""
    with running(Run(), BITS):
        return apply(name, Dual(x, fmpq(1) if speed is None else speed))


def reference(name: str, x: Fraction) -> tuple[Any, Any]:
    """Return value and derivative by mpmath; the latter by high-precision differences."""
    function, _ = REFERENCES[name]
    with mpmath.workdps(DIGITS):
        value = function(number(x))
    with mpmath.workdps(3 * DIGITS):  # a difference of far-out digits
        step = mpmath.mpf(10) ** -DIGITS
        x_ = number(x)
        return value, (function(x_ + step) - function(x_ - step)) / (2 * step)


def test_every_function_has_a_reference() -> None:
    """No function of the table goes untested."""
    assert TABLE.keys() == REFERENCES.keys()


@pytest.mark.parametrize("name", TABLE)
@settings(max_examples=15)
@given(st.data())
def test_values_and_derivatives_are_enclosed(name: str, data: Any) -> None:
    """The value holds that of mpmath at 60 digits, the derivative its difference quotient."""
    x = data.draw(REFERENCES[name][1])
    value, slope = reference(name, x)
    found = at(name, element(x))
    assert encloses(found.value, value)
    assert encloses(found.slope, slope)
    assert is_narrow(found.value)
    assert is_narrow(found.slope)


@pytest.mark.parametrize("name", TABLE)
@settings(max_examples=15)
@given(st.data(), st.sampled_from([2, 12, 90]), st.integers(-4, 4))
def test_balls_enclose_what_holds_at_each_of_their_numbers(
    name: str, data: Any, exponent: int, share: int
) -> None:
    """A ball for an argument gives balls that hold value and derivative anywhere in it."""
    centre = data.draw(REFERENCES[name][1])
    radius = Fraction(1, 2**exponent)
    x = centre + radius * Fraction(share, 4)
    try:
        found = at(name, arb(element(centre), arb(element(radius))))
    except Undecided:
        return  # the ball reaches beyond the domain
    exact = at(name, element(x))
    for wide, narrow in ((found.value, exact.value), (found.slope, exact.slope)):
        assert same(wide, narrow) or arb(wide).overlaps(arb(narrow))


@pytest.mark.parametrize("name", ["exp", "tanh"])
def test_a_wrong_derivative_would_be_noticed(name: str) -> None:
    """The wrong twin, off by one part in 2**100, is not enclosed."""
    _, slope = reference(name, Fraction(3, 7))
    found = at(name, fmpq(3, 7)).slope
    assert encloses(found, slope)
    with running(Run(), BITS):
        assert not encloses(found * (1 + fmpq(1, 2**100)), slope)


@pytest.mark.parametrize("name", TABLE)
def test_nan_goes_through(name: str) -> None:
    """A number without value has no value and no derivative after any function."""
    found = at(name, NAN)
    assert found.value != found.value
    assert found.slope != found.slope


@pytest.mark.parametrize(
    ("name", "beyond"),
    [
        *((name, -1) for name in ("log", "log2", "log10", "sqrt", "rsqrt")),
        ("log1p", -2),
        *((name, x) for name in ("asin", "acos", "atanh", "erfinv") for x in (-2, 2)),
        *(("acosh", x) for x in (-2, 0)),
        *(("digamma", x) for x in (-1, -2)),
        *((name, x) for name in ("sin", "cos", "tan") for x in (INF, -INF)),
        *((name, x) for name in ("asin", "acos", "atanh", "erfinv") for x in (INF, -INF)),
        *((name, -INF) for name in ("log", "log1p", "log2", "sqrt", "rsqrt", "acosh", "digamma")),
    ],
)
def test_outside_its_domain_a_function_has_neither_value_nor_derivative(
    name: str, beyond: Any
) -> None:
    """Both are nan, though the formula of the derivative may have a value there."""
    found = at(name, beyond if isinstance(beyond, float) else fmpq(beyond))
    assert found.value != found.value
    assert found.slope != found.slope


@pytest.mark.parametrize(
    ("name", "x", "value", "slope"),
    [
        ("exp", -INF, 0, 0),
        ("exp", INF, INF, INF),
        ("expm1", -INF, -1, 0),
        ("exp2", -INF, 0, 0),
        ("log", 0, -INF, INF),
        ("log", INF, INF, 0),
        ("log1p", -1, -INF, INF),
        ("log2", 0, -INF, INF),
        ("log2", 8, 3, None),
        ("log2", Fraction(1, 4), -2, None),
        ("log10", 1000, 3, None),
        ("log10", Fraction(1, 10), -1, None),
        ("sqrt", 0, 0, INF),
        ("sqrt", INF, INF, 0),
        ("rsqrt", 0, INF, -INF),
        ("rsqrt", INF, 0, 0),
        ("reciprocal", 0, INF, -INF),
        ("reciprocal", -INF, 0, 0),
        ("square", -INF, INF, -INF),
        ("asin", 1, None, INF),
        ("acos", 1, 0, -INF),
        ("atan", INF, None, 0),
        ("sinh", -INF, -INF, INF),
        ("cosh", -INF, INF, -INF),
        ("tanh", INF, 1, 0),
        ("tanh", -INF, -1, 0),
        ("asinh", -INF, -INF, 0),
        ("acosh", 1, 0, INF),
        ("acosh", INF, INF, 0),
        ("atanh", 1, INF, INF),
        ("atanh", -1, -INF, INF),
        ("erf", -INF, -1, 0),
        ("erfc", INF, 0, 0),
        ("erfc", -INF, 2, 0),
        ("erfinv", 1, INF, INF),
        ("erfinv", -1, -INF, INF),
        ("lgamma", 0, INF, -INF),
        ("lgamma", -3, INF, NAN),
        ("lgamma", INF, INF, INF),
        ("lgamma", -INF, INF, NAN),
        ("digamma", 0, -INF, INF),
        ("digamma", INF, INF, 0),
        ("sigmoid", 0, Fraction(1, 2), Fraction(1, 4)),
        ("sigmoid", INF, 1, 0),
        ("sigmoid", -INF, 0, 0),
        ("softplus", -INF, 0, 0),
        ("softplus", INF, INF, 1),
        ("log_sigmoid", -INF, -INF, 1),
    ],
)
def test_poles_and_limits_are_those_of_ieee_754(name: str, x: Any, value: Any, slope: Any) -> None:
    """At poles and infinities each function has the value of floats, with its limit slope."""
    found = at(name, x if isinstance(x, float) else element(Fraction(x)))
    if value is not None:
        assert same(found.value, value if isinstance(value, float) else element(Fraction(value)))
    if slope is not None:
        assert same(found.slope, slope if isinstance(slope, float) else element(Fraction(slope)))


@pytest.mark.parametrize("name", ["sigmoid", "tanh", "softplus", "log_sigmoid", "expm1", "log1p"])
@pytest.mark.parametrize("x", [-300, 300, Fraction(1, 2**300)], ids=str)
def test_digits_are_relative_where_values_are_tiny(name: str, x: Any) -> None:
    """No digits are lost where 1 - f or log(1 + f) would cancel: 0 is excluded with room."""
    found = at(name, element(Fraction(abs(x) if name == "log1p" else x)))
    for part in (found.value, found.slope):
        assert isinstance(part, fmpq) or part.rel_accuracy_bits() > 200


def test_a_ball_over_the_edge_of_a_domain_is_left_open() -> None:
    """Whether there is a value is not guessed."""
    for name, edge in (("log", 0), ("sqrt", 0), ("asin", 1), ("acosh", 1), ("atanh", -1)):
        with pytest.raises(Undecided):
            at(name, arb(edge, 1e-9))


@given(rationals)
def test_steps_are_those_of_fractions(x: Fraction) -> None:
    """Rounding is exact, halves to even; a step has no slope off its jumps."""
    expected = {"floor": math.floor, "ceil": math.ceil, "trunc": math.trunc, "round": round}
    assume(x.denominator > 2)
    for name in STEPS:
        found = at(name, element(x))
        assert exactly(found.value) == expected[name](x)
        assert found.slope is None
        assert exactly(at(name, arb(element(x), 1e-9)).value) == expected[name](x)


@pytest.mark.parametrize("name", STEPS)
@given(st.integers(-4, 4).map(lambda k: Fraction(k, 2)), st.sampled_from([1, -1]))
def test_a_jump_is_met_from_the_side_of_the_direction(name: str, x: Fraction, speed: int) -> None:
    """At a jump the value is that just beyond, and the tie is noted; elsewhere there is none."""
    rule = {"floor": math.floor, "ceil": math.ceil, "trunc": math.trunc, "round": round}[name]
    jumps = rule(x - Fraction(1, 8)) != rule(x + Fraction(1, 8))
    with running(Run(), BITS) as run:
        found = apply(name, Dual(element(x), fmpq(speed)))
    assert exactly(found.value) == rule(x + Fraction(speed, 8))
    assert bool(run.ties) is jumps
    assert not run.flat
    with running(Run(), BITS) as run:
        assert exactly(apply(name, Dual(element(x))).value) == rule(x)
        if jumps:
            with pytest.raises(TieMet):
                apply(name, Dual(element(x), leaves(1, run)[0]))


@settings(max_examples=40)
@given(positive, rationals)
def test_real_powers_and_both_their_derivatives_are_enclosed(x: Fraction, y: Fraction) -> None:
    """Base and exponent may both move."""
    with mpmath.workdps(DIGITS):
        value = number(x) ** number(y)
        by_base = number(y) * number(x) ** (number(y) - 1)
        by_exponent = value * mpmath.log(number(x))
    for base, exponent, slope in ((1, None, by_base), (None, 1, by_exponent)):
        with running(Run(), BITS):
            found = power(
                Dual(element(x), base and fmpq(base)), Dual(element(y), exponent and fmpq(exponent))
            )
        assert encloses(found.value, value)
        assert encloses(found.slope, slope)


@given(nonzero, st.integers(-7, 7))
def test_integer_powers_are_exact(x: Fraction, count: int) -> None:
    """As a constant exponent, or as one that moves, an integer gives the exact power."""
    for speed in (None, fmpq(1)):
        with running(Run(), BITS):
            found = power(Dual(element(x), fmpq(1)), Dual(fmpq(count), speed))
        assert exactly(found.value) == x**count
        if speed is None and count:
            assert exactly(found.slope) == count * x ** (count - 1)


@pytest.mark.parametrize("base", [0.0, -0.5, 0.5, 1.0, -1.0, -2.0, 2.0, INF, -INF, NAN])
@pytest.mark.parametrize(
    "exponent", [0.0, 2.0, 3.0, -2.0, -3.0, 0.5, -0.5, 2.0**17, INF, -INF, NAN]
)
def test_powers_of_special_numbers_are_those_of_ieee_754(base: float, exponent: float) -> None:
    """Every combination with 0, 1, infinities and nan follows the standard's table."""
    with running(Run(), BITS):
        found = power(
            *(Dual(v if not math.isfinite(v) else element(Fraction(v))) for v in (base, exponent))
        )
    if base == 0 and exponent < 0:
        expected = INF
    elif math.isfinite(base) and math.isfinite(exponent) and base < 0 and exponent % 1:
        expected = NAN
    elif exponent == 2.0**17 and math.isfinite(base):
        expected = {0.5: 0.0, 1.0: 1.0, 2.0: 2.0}.get(abs(base), 0.0)
        assert (found.value > 1, found.value == 1) == (expected > 1, expected == 1)
        return
    else:
        expected = base**exponent
    if isinstance(found.value, float) or not math.isfinite(expected):
        assert same(found.value, expected)
    else:
        assert math.isclose(float(arb(found.value).mid()), expected, rel_tol=1e-14)


def test_powers_at_0_have_a_derivative_only_where_there_is_one() -> None:
    """By the base it is 0 for x**0; 0**t jumps at t = 0 and has none by t."""
    moves = fmpq(1)
    with running(Run(), BITS):
        assert power(Dual(fmpq(0), moves), Dual(fmpq(0))).slope is None
        by_base = power(Dual(fmpq(0), moves), Dual(fmpq(0), fmpq(0)))
        assert by_base.value == 1
        by_exponent = power(Dual(fmpq(0)), Dual(fmpq(0), moves))
        assert by_exponent.value == 1
        assert by_exponent.slope != by_exponent.slope
        assert power(Dual(fmpq(0)), Dual(fmpq(1, 2), moves)).slope == 0
        assert power(Dual(fmpq(0), moves), Dual(fmpq(1, 2))).slope == INF
        assert power(Dual(fmpq(0), moves), Dual(fmpq(3, 2))).slope == 0


def test_large_odd_powers_of_negative_numbers_are_negative() -> None:
    """The parity of an integer exponent is not lost however large it is."""
    for base in (fmpq(-3, 2), arb(-1.5, 1e-30), -INF):
        with running(Run(), BITS):
            assert power(Dual(base), Dual(fmpq(2**17 + 1))).value < 0
            assert power(Dual(base), Dual(fmpq(2**17))).value > 0


def test_whether_an_exponent_is_an_integer_may_be_open() -> None:
    """A negative base to a ball that holds an integer has a value or none: that is not guessed."""
    with running(Run(), BITS):
        with pytest.raises(Undecided):
            power(Dual(fmpq(-2)), Dual(arb(3, 1e-30)))
        assert math.isnan(power(Dual(fmpq(-2)), Dual(arb(3.5, 1e-30))).value)
        assert power(Dual(fmpq(-2)), Dual(arb(3))).value == -8
        assert power(Dual(fmpq(0)), Dual(arb(0))).value == 1


@given(nonzero, nonzero)
def test_angles_and_their_derivatives_are_enclosed(y: Fraction, x: Fraction) -> None:
    """In all four quadrants."""
    with mpmath.workdps(DIGITS):
        value = mpmath.atan2(number(y), number(x))
        square = number(x) ** 2 + number(y) ** 2
        slopes = (number(x) / square, -number(y) / square)
    for moves, slope in zip(((1, None), (None, 1)), slopes, strict=True):
        with running(Run(), BITS):
            pair = (Dual(element(v), m and fmpq(m)) for v, m in zip((y, x), moves, strict=True))
            found = atan2(*pair)
        assert encloses(found.value, value)
        assert encloses(found.slope, slope)


@pytest.mark.parametrize("y", [0.0, 2.0, -2.0, INF, -INF, NAN])
@pytest.mark.parametrize("x", [0.0, 3.0, -3.0, INF, -INF, NAN])
def test_angles_of_special_points_are_those_of_ieee_754(y: float, x: float) -> None:
    """On the axes and at infinity, every 0 being positive."""
    with running(Run(), BITS):
        found = atan2(*(Dual(v if not math.isfinite(v) else element(Fraction(v))) for v in (y, x)))
    expected = math.atan2(y, x)
    if math.isnan(expected):
        assert math.isnan(found.value)
    else:
        assert math.isclose(float(arb(found.value).mid()), expected, abs_tol=1e-15)


def test_the_cut_of_the_angle_is_a_jump() -> None:
    """On the negative axis the angle is that just beyond, and the tie is noted."""
    for speed, sign in ((1, 1), (-1, -1)):
        with running(Run(), BITS) as run:
            found = atan2(Dual(fmpq(0), fmpq(speed)), Dual(fmpq(-1)))
        assert encloses(found.value * sign, mpmath.mpf(mpmath.pi), 14)
        assert run.ties
    with running(Run(), BITS), pytest.raises(Undecided):
        atan2(Dual(arb(0, 1e-30)), Dual(fmpq(-1)))
    with running(Run(), BITS):
        assert atan2(Dual(arb(0, 1e-30)), Dual(fmpq(1))).value.contains(0)


def test_signs_and_kinds_of_numbers() -> None:
    """The sign is 0 at 0 and nan at nan; infinities, nan and numbers are told apart."""
    with running(Run(), BITS):
        values = [functions.sign_of(Dual(v)).value for v in (fmpq(-3), fmpq(0), INF)]
        assert values == [-1, 0, 1]
        assert math.isnan(functions.sign_of(Dual(NAN)).value)
    kinds = (functions.is_nan, functions.is_infinite, functions.is_finite)
    found = [[kind(Dual(v)) for kind in kinds] for v in (NAN, -INF, fmpq(2), arb(2, 1))]
    assert found == [
        [True, False, False],
        [False, True, False],
        [False, False, True],
        [False, False, True],
    ]
