"""Signs of functions of one variable: a table of facts, their wrong twins, and random formulas."""

from __future__ import annotations

import json
from fractions import Fraction

import mpmath
import pytest
from hypothesis import given, settings, strategies as st
from sympy import (
    E,
    Expr,
    Integer,
    Interval,
    Rational,
    Symbol,
    atan,
    cosh,
    diff,
    exp,
    lambdify,
    log,
    oo,
    pi,
    sinh,
    sqrt,
    tanh,
)

from gradproof.checks.inequality.univariate import prove_sign
from gradproof.symbolic.errors import DeclarationError

s, x, q = Symbol("s"), Symbol("x"), Symbol("q")
UNIT, OPEN, REAL = Interval.Lopen(0, 1), Interval.open(0, 1), Interval(-oo, oo)
HALF_LINE, POSITIVE = Interval(0, oo), Interval.open(0, oo)
SIGMOID = 1 / (1 + exp(-x))
ENTROPY = -s * log(s) - (1 - s) * log(1 - s)

# Formula >= 0 on the domain; the flag tells whether it is 0 somewhere on it.
FACTS: list[tuple[Expr, Symbol, Interval, bool]] = [
    (-log(s) - (1 - s), s, UNIT, True),
    (s - log(1 + s), s, Interval.open(-1, oo), True),
    (exp(x) - 1 - x, x, REAL, True),
    (x * log(x) - x + 1, x, POSITIVE, True),
    (diff(-log(1 - s), s, 2), s, OPEN, False),
    (log(1 + exp(x)), x, REAL, False),
    (log(1 + exp(x)) - x, x, REAL, False),
    (log(1 + exp(x)) - log(2) - x / 2, x, REAL, True),
    (log(2) + x / 2 + x**2 / 8 - log(1 + exp(x)), x, REAL, True),
    (Rational(1, 4) - diff(SIGMOID, x), x, REAL, True),
    (diff(x * SIGMOID, x) + Rational(1, 10), x, REAL, False),
    (x - tanh(x), x, HALF_LINE, True),
    (1 - tanh(x) ** 2, x, REAL, False),
    (log(2) - ENTROPY, s, OPEN, True),
    (ENTROPY - 4 * s * (1 - s) * log(2), s, OPEN, True),
    (-log(s) + (1 - s) ** 2 * log(s), s, UNIT, True),
    (1 - s - 2 * s * log(s), s, UNIT, True),
    (-log(s) + (1 - s) + log(s), s, UNIT, True),
    (Rational(1, 4) - s * (1 - s), s, Interval(0, 1), True),
    (-log(s) - 2 * (1 - s) / (1 + s), s, UNIT, True),
    ((1 - s) / sqrt(s) + log(s), s, UNIT, True),
    (-log(s) - (1 - s) - (1 - s) ** 2 / 2, s, UNIT, True),
    (-log(s) - 2 * (1 - sqrt(s)), s, UNIT, True),
    ((1 - s) ** 2 / s - log(s) ** 2, s, UNIT, True),
    (log(2) - log(1 + s) - (1 - s) / 2, s, UNIT, True),
    (1 - exp(-x) * (1 + x), x, HALF_LINE, True),
    (4 * exp(-2) - x**2 * exp(-x), x, HALF_LINE, True),
    (exp(x**2 / 2) - cosh(x), x, REAL, True),
    (x**2 / 2 - log(cosh(x)), x, REAL, True),
    (sinh(x) - x, x, HALF_LINE, True),
    (x * cosh(x) - sinh(x), x, HALF_LINE, True),
    (x - atan(x), x, HALF_LINE, True),
    (atan(x) - x / (1 + x**2), x, HALF_LINE, True),
    (pi / 2 - atan(x), x, REAL, False),
    (1 + x / 2 - sqrt(1 + x), x, Interval(-1, oo), True),
    (x**2 - log(1 + x**2), x, REAL, True),
    (x / E - log(x), x, POSITIVE, True),
    (s**s - exp(-exp(-1)), s, OPEN, True),
    (sqrt(s) * log(s) + 2 * exp(-1), s, OPEN, True),
    (1 / (1 + x**2) - exp(-(x**2)), x, REAL, True),
    (exp(-x) - log(1 + exp(-x)), x, REAL, False),
    (-log(1 - exp(-x)) - exp(-x), x, POSITIVE, False),
    (exp(x) - E * x, x, REAL, True),
]

FACT_IDS = [str(fact[0]) for fact in FACTS]


@pytest.mark.parametrize(("expr", "variable", "domain", "touches"), FACTS, ids=FACT_IDS)
def test_a_true_fact_is_proved_with_data(
    expr: Expr, variable: Symbol, domain: Interval, touches: bool
) -> None:
    """A fact is proved in both writings, strictly where it is strict, with a JSON certificate."""
    proof = prove_sign(expr, variable, domain, ">=0")
    assert proof is not None
    assert json.loads(json.dumps(proof.certificate)) == proof.certificate
    assert prove_sign(-expr, variable, domain, "<=0") is not None
    assert (prove_sign(expr, variable, domain, ">0") is None) == touches


@pytest.mark.parametrize(("expr", "variable", "domain", "touches"), FACTS, ids=FACT_IDS)
def test_the_reverse_of_a_fact_is_not_proved(
    expr: Expr, variable: Symbol, domain: Interval, touches: bool
) -> None:
    """No fact is proved with its direction reversed, unless it is 0 throughout."""
    reverse = prove_sign(expr, variable, domain, "<=0")
    assert reverse is None
    assert prove_sign(expr, variable, domain, "<0") is None
    assert touches in (True, False)


@pytest.mark.parametrize(("expr", "variable", "domain"), [f[:3] for f in FACTS if f[3]], ids=str)
def test_a_fact_sharpened_at_its_equality_is_not_proved(
    expr: Expr, variable: Symbol, domain: Interval
) -> None:
    """A fact that is tight somewhere fails once anything positive is taken off."""
    assert prove_sign(expr - Rational(1, 10**6), variable, domain, ">=0") is None


SHARPENED: list[tuple[Expr, Symbol, Interval]] = [
    (-log(s) - Rational(101, 100) * (1 - s), s, UNIT),
    (exp(x) - 1 - Rational(101, 100) * x, x, REAL),
    (Rational(99, 400) - diff(SIGMOID, x), x, REAL),
    (Rational(99, 100) * x - tanh(x), x, HALF_LINE),
    (Rational(99, 100) * log(2) - ENTROPY, s, OPEN),
    (ENTROPY - Rational(404, 100) * s * (1 - s) * log(2), s, OPEN),
    (-log(s) - Rational(202, 100) * (1 - s) / (1 + s), s, UNIT),
    (Rational(99, 100) * (1 - s) / sqrt(s) + log(s), s, UNIT),
    (4 * exp(-2) * Rational(99, 100) - x**2 * exp(-x), x, HALF_LINE),
    (exp(x**2 * Rational(99, 200)) - cosh(x), x, REAL),
    (log(2) + x / 2 + x**2 * Rational(99, 800) - log(1 + exp(x)), x, REAL),
    (Rational(99, 100) * pi / 2 - atan(x), x, REAL),
    (diff(x * SIGMOID, x) + Rational(99, 1000), x, REAL),
]


@pytest.mark.parametrize(("expr", "variable", "domain"), SHARPENED, ids=str)
def test_a_constant_sharpened_by_one_percent_is_not_proved(
    expr: Expr, variable: Symbol, domain: Interval
) -> None:
    """A wrong twin one percent beyond the sharp constant has no proof."""
    assert prove_sign(expr, variable, domain, ">=0") is None


@pytest.mark.parametrize(
    ("expr", "domain", "relation"),
    [
        (-s * log(s), Interval(0, 1), ">=0"),
        (1 / s**2, REAL, ">0"),
        (log(s) ** 2, Interval(-1, 1), ">=0"),
        (sqrt(s), Interval(-1, 1), ">=0"),
        ((s**2 - 1) / (s - 1), Interval(0, 2), ">=0"),
        (1 + 1 / log(s) - 1 / log(s) + 1 / log(s) ** 2, Interval(0, Rational(1, 2)), ">0"),
        (s**2, Interval(0, 1), ">0"),
        (1 - s, Interval(0, 1), ">0"),
        (exp(-1 / s), Interval(0, 1), ">=0"),
        (s - sqrt(2), Interval(sqrt(2), 2), ">=0"),
    ],
    ids=str,
)
def test_undefined_points_and_zeros_at_closed_ends_block_a_proof(
    expr: Expr, domain: Interval, relation: str
) -> None:
    """Where a part of the formula has no value, or a strict sign is 0, there is no proof."""
    assert prove_sign(expr, s, domain, relation) is None


def test_a_strict_fact_holds_on_the_open_side_of_its_equality() -> None:
    """Equality at an end that does not belong to the domain does no harm."""
    assert prove_sign(-log(s) - (1 - s), s, OPEN, ">0") is not None
    assert prove_sign(tanh(x), x, POSITIVE, ">0") is not None


def test_a_zero_function_is_only_weakly_signed() -> None:
    """0 is proved >= 0 and <= 0, never strictly."""
    zero = log(s**2) - 2 * log(s)
    assert prove_sign(zero, s, OPEN, ">=0") is not None
    assert prove_sign(zero, s, OPEN, "<=0") is not None
    assert prove_sign(zero, s, OPEN, ">0") is None


def test_close_zeros_of_polynomials_stay_apart() -> None:
    """Zeros closer than the widened intervals are never taken for one."""
    near = Rational(1, 10**20)
    apart = (s**2 - 2) * (s**2 - 2 - near) * (s**2 - 2 + near)
    assert prove_sign(apart, s, Interval(0, 3), ">=0") is None
    assert prove_sign((s**2 - 2) ** 2 * (s + 1), s, Interval(0, 3), ">=0") is not None


def test_a_power_of_the_variable_with_a_parameter() -> None:
    """(1 - s^q)/q <= -log s for q in (0, 1] comes down to 1 - u <= -log u; twins do not."""
    values = {q: Interval.Lopen(0, 1)}
    gap = -log(s) - (1 - s**q) / q
    assert prove_sign(gap, s, UNIT, ">=0", values) is not None
    assert prove_sign(gap, s, UNIT, ">0", values) is None
    assert prove_sign(gap, s, UNIT, "<=0", values) is None
    assert prove_sign(gap, s, UNIT, ">=0", {q: Interval(0, 1)}) is None
    assert prove_sign(gap, s, UNIT, ">=0", {q: Interval.Lopen(-1, 1)}) is None


def test_a_parameter_that_enters_affinely() -> None:
    """A formula affine in the parameter is proved from the two values, and not beyond them."""
    gap = -log(s) - q * (1 - s)
    assert prove_sign(gap, s, UNIT, ">=0", {q: Interval(0, 1)}) is not None
    assert prove_sign(gap, s, UNIT, ">=0", {q: Interval(-oo, 1)}) is not None
    assert prove_sign(gap, s, UNIT, ">=0", {q: Interval(0, Rational(101, 100))}) is None
    assert prove_sign(gap, s, UNIT, ">=0", {q: HALF_LINE}) is None


def test_a_parameter_in_which_the_formula_is_concave() -> None:
    """(1 - s^q) / q >= 1 - s for q <= 1, by both ends of q; beyond 1, or turned, it is not so."""
    values = {q: Interval.Lopen(0, 1)}
    gap = (1 - s**q) / q - (1 - s)
    assert prove_sign(gap, s, UNIT, ">=0", values) is not None
    assert prove_sign(-gap, s, UNIT, "<=0", values) is not None
    assert prove_sign(gap, s, UNIT, "<=0", values) is None
    assert prove_sign(gap, s, UNIT, ">0", values) is None
    assert prove_sign(gap, s, UNIT, ">=0", {q: Interval.Lopen(0, 2)}) is None
    assert prove_sign(gap, s, UNIT, ">=0", {q: Interval.open(0, oo)}) is None
    assert prove_sign(s**q - 1 + q * (1 - s), s, Interval(0, 1), ">=0", values) is None


def test_terms_that_cancel_keep_their_conditions() -> None:
    """A sum such as q (log s + 1) - q log s has no value at s <= 0, although its terms cancel."""
    odd = q * (log(s) + 1) - q * log(s)
    values = {q: Interval(0, 1)}
    assert prove_sign(odd, s, Interval(-1, 1), ">=0", values) is None
    assert prove_sign(odd, s, UNIT, ">=0", values) is not None


def test_a_relation_outside_the_list_is_an_error() -> None:
    """An unknown relation is a declaration error that names the four."""
    with pytest.raises(DeclarationError, match="a relation asks for a sign; found ==0; use one"):
        prove_sign(s, s, OPEN, "==0")


POSITIVES = [s, 1 - s, 1 + s, exp(s), 1 + exp(-s), 1 + s**2]
ATOMS = [log(p) for p in POSITIVES] + [exp(-s), exp(s / 2), sqrt(s), tanh(s), atan(s), 1 / (1 + s)]
NUMBERS = st.integers(-4, 4).map(Integer)


@st.composite
def formulas(draw: st.DrawFn) -> Expr:
    """Draw a sum of products of the class, often with a double zero at 1/2."""
    total: Expr = draw(NUMBERS)
    for _ in range(draw(st.integers(1, 3))):
        term = draw(NUMBERS) * draw(st.sampled_from([Integer(1), s, 1 - s]))
        total += term * draw(st.sampled_from(ATOMS))
    if draw(st.booleans()):
        half = Rational(1, 2)
        slope = diff(total, s).subs(s, half)
        total = total - total.subs(s, half) - slope * (s - half)
    return total


@settings(max_examples=40, deadline=None)
@given(formulas(), st.sampled_from([">=0", ">0", "<=0", "<0"]))
def test_no_proof_is_contradicted_by_values(expr: Expr, relation: str) -> None:
    """Whatever is proved on (0, 1) holds at each of many points, to fifty digits."""
    if prove_sign(expr, s, OPEN, relation) is None:
        return
    sign = 1 if relation[0] == ">" else -1
    points = [Fraction(k, 128) for k in range(1, 128)]
    points += [Fraction(1, 10**k) for k in (4, 8, 16)]
    points += [1 - Fraction(1, 10**k) for k in (4, 8, 16)]
    value = lambdify(s, expr, "mpmath")
    with mpmath.workdps(60):
        for point in points:
            at = mpmath.mpf(point.numerator) / point.denominator
            assert sign * value(at) > -(mpmath.mpf(10) ** -50)
