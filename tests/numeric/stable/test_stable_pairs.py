"""Pairs of floats, their exponential and numbers with exponents of their own."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from flint import arb, ctx, fmpq
from hypothesis import given, strategies as st

from gradproof.numeric.floats import FORMATS, unit_roundoff
from gradproof.numeric.stable.exponential import exponential
from gradproof.numeric.stable.pairs import Pair, choose, exact_product, exact_sum, total
from gradproof.numeric.stable.scaling import exponents, shifted
from gradproof.numeric.stable.wide import Wide, sums_from, sums_up_to

DTYPES = ("float32", "float64")
dtypes = st.sampled_from(DTYPES)
mantissas = st.floats(-1, 1, width=32).filter(lambda x: abs(x) > 2.0**-20)


def array(*values: float, dtype: str) -> Any:
    """Return an array of a dtype."""
    return np.array(values, dtype)


def exactly(x: Pair, place: int = 0) -> Fraction:
    """Return a member of pairs as a fraction."""
    return Fraction(float(x.hi[place])) + Fraction(float(x.lo[place]))


def square(dtype: str) -> Fraction:
    """Return u²."""
    return unit_roundoff(FORMATS[dtype]) ** 2


@st.composite
def pairs(draw: st.DrawFn, dtype: str) -> Pair:
    """Draw a pair of a moderate size."""
    high = array(draw(mantissas) * 2.0 ** draw(st.integers(-9, 9)), dtype=dtype)
    low = np.asarray(high * draw(mantissas) * float(unit_roundoff(FORMATS[dtype]))).astype(dtype)
    return exact_sum(high, low)


@given(dtypes, mantissas, mantissas, st.integers(-30, 30))
def test_sums_and_products_of_floats_are_exact(dtype: str, a: float, b: float, k: int) -> None:
    """``hi + lo`` is the sum, or the product, of two floats without any error."""
    one, other = array(a, dtype=dtype), array(b * 2.0**k, dtype=dtype)
    x, y = Fraction(float(one[0])), Fraction(float(other[0]))
    assert exactly(exact_sum(one, other)) == x + y
    assert exactly(exact_product(one, other)) == x * y


OPERATIONS: dict[str, tuple[Callable[[Any, Any], Any], int]] = {
    "+": (lambda a, b: a + b, 3),
    "-": (lambda a, b: a - b, 3),
    "*": (lambda a, b: a * b, 7),
    "/": (lambda a, b: a / b, 15),
}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("sign", OPERATIONS)
def test_operations_of_pairs_have_twice_the_digits(sign: str, dtype: str) -> None:
    """The relative error of a sum or difference is at most 3 u², of a product 7 u², of a quotient
    15 u², also where a difference cancels.
    """
    operation, bound = OPERATIONS[sign]

    @given(pairs(dtype), pairs(dtype))
    def check(x: Pair, y: Pair) -> None:
        truth = operation(exactly(x), exactly(y))
        assert abs(exactly(operation(x, y)) - truth) <= bound * square(dtype) * abs(truth)

    check()


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_float_beside_a_pair_is_a_pair_without_a_low_part(dtype: str) -> None:
    """Sums and products of a pair and a float are as exact as those of pairs."""

    @given(pairs(dtype), mantissas)
    def check(x: Pair, b: float) -> None:
        y = array(b, dtype=dtype)
        for result, truth in (
            (x + y, exactly(x) + Fraction(float(y[0]))),
            (x - y, exactly(x) - Fraction(float(y[0]))),
            (x * y, exactly(x) * Fraction(float(y[0]))),
        ):
            assert abs(exactly(result) - truth) <= 7 * square(dtype) * abs(truth)

    check()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 1000, 1025])
def test_a_total_has_twice_the_digits(size: int, dtype: str) -> None:
    """The error of a sum is some u² of the sum of the sizes, for every number of summands."""
    rng = np.random.default_rng(size)
    values = rng.normal(size=(2, size)).astype(dtype)
    found = total(Pair(values, 0 * values), size)
    assert found.hi.shape == (2, 1)
    for row in range(2):
        parts = [Fraction(float(v)) for v in values[row]]
        error = abs(exactly(Pair(found.hi[row], found.lo[row])) - sum(parts))
        assert error <= 40 * square(dtype) * sum(map(abs, parts))


def test_a_choice_takes_both_parts() -> None:
    """`choose` takes high and low part from the same side; a number has no low part."""
    one, other = Pair(np.ones(2), np.full(2, 1e-20)), Pair(np.zeros(2), np.full(2, 2e-20))
    found = choose(np, np.array([True, False]), one, other)
    assert found.hi.tolist() == [1, 0]
    assert found.lo.tolist() == [1e-20, 2e-20]
    assert choose(np, np.array([True, False]), 3.0, other).lo.tolist() == [0, 2e-20]


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_exponential_has_twice_the_digits(dtype: str) -> None:
    """What the mantissa exceeds 1 by has a relative error of some u², for small and for large
    arguments.
    """

    @given(
        st.one_of(
            mantissas.map(lambda m: m * 0.34),
            mantissas.map(lambda m: m * 500),
            st.integers(-100, -1).flatmap(lambda k: mantissas.map(lambda m: m * 2.0**k)),
        ),
        mantissas,
    )
    def check(high: float, low: float) -> None:
        u = float(unit_roundoff(FORMATS[dtype]))
        x = exact_sum(array(high, dtype=dtype), array(high * low * u, dtype=dtype))
        power = exponential(np, x)
        with_bits, ctx.prec = ctx.prec, 300
        try:
            argument, k = exactly(x), int(power.k[0])
            reduced = arb(fmpq(argument.numerator, argument.denominator)) - k * arb.const_log2()
            truth = reduced.expm1()
            found = exactly(power.f)
            error = abs(arb(fmpq(found.numerator, found.denominator)) - truth)
            allowed = 30 * u**2 * abs(truth) + abs(k) * 2.0**-50 * u**2
            assert error < allowed or (error == 0 and truth == 0)
        finally:
            ctx.prec = with_bits

    check()


def test_nothing_is_added_to_an_exponential_of_nothing() -> None:
    """The exponential of 0 is 1 exactly."""
    power = exponential(np, Pair(np.zeros(1), np.zeros(1)))
    assert (power.k[0], power.f.hi[0], power.f.lo[0]) == (0, 0, 0)


@pytest.mark.parametrize("dtype", DTYPES)
def test_powers_of_two_are_exact(dtype: str) -> None:
    """A shift multiplies by ``2**k`` exactly, is 0 far below, and undoes the exponent of a
    subnormal number.
    """
    info = np.finfo(dtype)
    x = np.array([1.25, 1.25, 1.25, 1.25, 0.0], dtype)
    k = np.array([info.minexp, -3, 5, -(10.0**6), 7], dtype)
    found = shifted(np, Pair(x, 0 * x), k).hi
    assert found.tolist() == [1.25 * 2.0**info.minexp, 1.25 / 8, 40.0, 0.0, 0.0]
    least = np.array([info.smallest_subnormal, info.max], dtype)
    own = exponents(np, least)
    assert np.all(abs(shifted(np, Pair(least, 0 * least), -own).hi - 1.25) <= 0.75)


@given(st.lists(st.tuples(mantissas, st.integers(-4000, 4000)), min_size=1, max_size=9), dtypes)
def test_sums_with_exponents_of_their_own_neither_overflow_nor_fade(
    parts: list[tuple[float, int]], dtype: str
) -> None:
    """Running sums from either end have the digits of pairs whatever the exponents are."""
    values = np.array([abs(m) for m, _ in parts], dtype)
    powers = np.array([k for _, k in parts], dtype)
    x = Wide.of(np, Pair(values, 0 * values), powers)
    exact = [
        Fraction(float(v)) * Fraction(2) ** int(k) for v, k in zip(values, powers, strict=True)
    ]
    n = len(parts)
    for found, sums in (
        (sums_up_to(x, n), [sum(exact[: i + 1]) for i in range(n)]),
        (sums_from(x, n), [sum(exact[i:]) for i in range(n)]),
    ):
        for place, truth in enumerate(sums):
            number = exactly(found.pair, place) * Fraction(2) ** int(found.k[place])
            assert abs(number - truth) <= 20 * square(dtype) * truth


def test_products_of_wide_numbers_keep_0() -> None:
    """A product with 0 is 0, and adds nothing to any number however small."""
    nothing = Wide.of(np, Pair(np.zeros(1), np.zeros(1)))
    small = Wide.of(np, Pair(np.ones(1), np.zeros(1)), -3000.0)
    found = nothing * nothing * small + small
    assert (found.pair.hi[0], found.k[0]) == (1, -3000)
    assert (nothing / small).narrow().hi[0] == 0
