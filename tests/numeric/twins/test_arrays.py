from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from flint import arb, fmpq
from hypothesis import given, settings, strategies as st

from gradproof.numeric.elements import working_precision
from gradproof.numeric.floats import FORMATS, round_to, ulp
from gradproof.numeric.twins import arrays, functions
from gradproof.numeric.twins.dual import Dual
from gradproof.numeric.twins.extended import exact
from gradproof.numeric.twins.run import Run, running
from gradproof.symbolic.errors import DeclarationError
from tests.numeric.twins.conftest import BITS, element, exactly

Array = Any

shapes = st.lists(st.integers(1, 3), min_size=0, max_size=3).map(tuple)


@st.composite
def float_arrays(draw: Any, least: int = 0) -> Array:
    """Return arrays of small dyadic floats, on which NumPy's own sums and products are exact."""
    shape = draw(shapes.filter(lambda s: len(s) >= least))
    numbers = st.integers(-8, 8).map(lambda k: k / 4)
    size = math.prod(shape)
    return np.array(draw(st.lists(numbers, min_size=size, max_size=size))).reshape(shape)


def plain(array: Any) -> Array:
    """Return an array of exact numbers as floats."""
    return np.array([float(exactly(n.value)) for n in array.ravel()]).reshape(array.shape)


REDUCTIONS: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "sum": (arrays.total_along, np.sum),
    "product": (lambda *a: arrays.reduce(arrays.product_of, *a), np.prod),
    "greatest": (arrays.greatest_along, np.max),
    "least": (arrays.least_along, np.min),
}


@pytest.mark.parametrize("name", REDUCTIONS)
@settings(max_examples=40)
@given(data=st.data(), keepdims=st.booleans())
def test_reductions_are_those_of_numpy(name: str, data: Any, keepdims: bool) -> None:
    """Over every choice of axes, the exact result on dyadic numbers is NumPy's."""
    own, reference = REDUCTIONS[name]
    array = data.draw(float_arrays())
    several = st.sets(st.integers(0, max(array.ndim - 1, 0)), max_size=array.ndim).map(tuple)
    one = st.integers(-array.ndim, array.ndim - 1) if array.ndim else st.just(-1)
    axes = data.draw(st.one_of(st.none(), one, several))
    found = own(arrays.to_exact(array), axes, keepdims)
    expected = reference(array, axis=axes, keepdims=keepdims)
    assert np.shape(found) == np.shape(expected)
    assert np.array_equal(plain(found), np.asarray(expected))


def test_axes_that_are_not_there_are_errors() -> None:
    """An axis beyond the rank, or twice the same, is not taken for another one."""
    array = arrays.to_exact(np.ones((2, 3)))
    for axes in (2, -3, (0, 0), (0, -2)):
        with pytest.raises(ValueError, match="ax"):
            arrays.reduce(arrays.product_of, array, axes)


def test_empty_axes_have_sums_but_no_extremes() -> None:
    """A sum of nothing is 0 and a product 1; a maximum of nothing is an error."""
    empty = arrays.to_exact(np.ones((2, 0)))
    assert plain(arrays.total_along(empty, 1)).tolist() == [0, 0]
    assert plain(arrays.reduce(arrays.product_of, empty, 1)).tolist() == [1, 1]
    assert arrays.total_along(empty, 0).shape == (0,)
    with pytest.raises(DeclarationError, match="at least one number"):
        arrays.greatest_along(empty, 1)


@settings(max_examples=40)
@given(float_arrays(least=1), st.data(), st.booleans())
def test_running_results_are_those_of_numpy(array: Array, data: Any, reverse: bool) -> None:
    """Running sums and maxima along any axis, from either end, as NumPy has them."""
    axis = data.draw(st.integers(-array.ndim, array.ndim - 1))
    for own, reference in ((lambda a, b: a + b, np.add), (arrays.dual.maximum, np.maximum)):
        found = arrays.cumulative(own, arrays.to_exact(array), axis, reverse)
        turned = np.flip(array, axis) if reverse else array
        expected = reference.accumulate(turned, axis)
        assert np.array_equal(plain(found), np.flip(expected, axis) if reverse else expected)


@settings(max_examples=40)
@given(float_arrays(least=1), st.data())
def test_orders_and_places_are_those_of_numpy(array: Array, data: Any) -> None:
    """Sorting is stable; the place of an extreme is the first, ties included."""
    axis = data.draw(st.integers(-array.ndim, array.ndim - 1))
    numbers = arrays.to_exact(array)
    assert np.array_equal(arrays.order(numbers, axis), np.argsort(array, axis, kind="stable"))
    falling = arrays.order(numbers, axis, descending=True)
    assert np.array_equal(falling, np.argsort(-array, axis, kind="stable"))
    for own, reference in (
        (arrays.place_of_greatest, np.argmax),
        (arrays.place_of_least, np.argmin),
    ):
        assert np.array_equal(arrays.place_along(own, array, axis), reference(array, axis))
        assert arrays.place_along(own, array, None) == reference(array)


@pytest.mark.parametrize("row", [[1.0, np.nan, 3.0], [np.nan, np.nan], [np.inf, np.nan, -np.inf]])
def test_nan_is_sorted_last_and_found_first(row: list[float]) -> None:
    """As NumPy does; the places of both extremes are those of the first nan."""
    array = np.array(row)
    numbers = arrays.to_exact(array)
    assert np.array_equal(arrays.order(numbers, 0), np.argsort(array, kind="stable"))
    assert arrays.place_along(arrays.place_of_greatest, numbers, 0) == np.argmax(array)
    assert arrays.place_along(arrays.place_of_least, numbers, 0) == np.argmin(array)


def test_a_wrong_order_would_be_noticed() -> None:
    """The wrong twin, an order that takes equal numbers from the end, differs from NumPy's."""
    array = np.array([1.0, 0.0, 1.0])
    wrong = arrays.order(arrays.to_exact(array[::-1]), 0)[::-1]
    assert not np.array_equal(wrong, np.argsort(array, kind="stable"))


PRODUCTS = [
    ((3,), (3,)),
    ((2, 3), (3,)),
    ((3,), (3, 2)),
    ((2, 3), (3, 4)),
    ((2, 1, 2, 3), (3, 3, 2)),
    ((2, 0), (0, 3)),
    ((0, 2), (2, 3)),
    ((2, 3), (3, 0)),
]


def dyadic_array(shape: tuple[int, ...], start: int) -> Array:
    """Return an array of dyadic numbers without order."""
    count = math.prod(shape)
    return ((np.arange(count) * 7 + start) % 11 / 4 - 1).reshape(shape)


@pytest.mark.parametrize(("left", "right"), PRODUCTS)
def test_matrix_products_are_those_of_numpy(left: Any, right: Any) -> None:
    """With vectors, batches that broadcast, and sizes of 0."""
    a, b = dyadic_array(left, 3), dyadic_array(right, 5)
    found = arrays.matmul(a, b)
    expected = np.matmul(a, b)
    assert np.shape(found) == np.shape(expected)
    assert np.array_equal(plain(arrays.as_array(found)), expected)


@pytest.mark.parametrize(
    ("left", "right", "axes"),
    [
        ((2, 3), (3, 4), ([1], [0])),
        ((2, 3, 4), (4, 3), ([1, 2], [1, 0])),
        ((2, 3), (3, 2), ([-1], [-2])),
        ((2, 3), (2,), ([], [])),
        ((3, 0), (0, 2), ([1], [0])),
        ((3, 0), (2, 3), ([0], [1])),
        ((2,), (2,), ([0], [0])),
    ],
)
def test_contractions_are_those_of_numpy(left: Any, right: Any, axes: Any) -> None:
    """Over any axes, counted from either end, also none and empty ones."""
    a, b = dyadic_array(left, 3), dyadic_array(right, 5)
    found = arrays.tensordot(arrays.to_exact(a), arrays.to_exact(b), axes)
    expected = np.tensordot(a, b, axes)
    assert found.shape == expected.shape
    assert np.array_equal(plain(found), expected)


@given(st.data())
def test_relations_broadcast_to_plain_booleans(data: Any) -> None:
    """Comparisons of arrays are decided element by element, as NumPy's are."""
    a, b = data.draw(float_arrays()), data.draw(st.integers(-8, 8)) / 4
    pairs = {
        arrays.less: np.less,
        arrays.less_equal: np.less_equal,
        arrays.greater: np.greater,
        arrays.greater_equal: np.greater_equal,
        arrays.equal: np.equal,
        arrays.not_equal: np.not_equal,
    }
    one = arrays.as_array(Dual(exact(b)))
    for own, reference in pairs.items():
        found = own(arrays.to_exact(a), one)
        assert found.dtype == bool
        assert np.array_equal(found, reference(a, b))
    assert np.array_equal(plain(arrays.maximum(arrays.to_exact(a), one)), np.maximum(a, b))
    assert np.array_equal(plain(arrays.minimum(arrays.to_exact(a), one)), np.minimum(a, b))
    assert np.array_equal(plain(arrays.absolute(arrays.to_exact(a))), np.abs(a))


def test_tests_and_maps_of_one_number() -> None:
    """A scalar gives an array without axes, of booleans or of numbers."""
    cell = arrays.as_array(Dual(math.nan))
    assert arrays.tested(functions.is_nan)(cell).dtype == bool
    assert bool(arrays.tested(functions.is_nan)(cell))
    assert arrays.mapped(lambda a: a + 1)(cell).shape == ()
    assert arrays.is_exact(cell)
    assert not arrays.is_exact(np.ones(2))


@pytest.mark.parametrize("name", FORMATS)
@given(st.floats(allow_nan=False, allow_infinity=False, width=32))
def test_a_constant_is_the_float_of_its_dtype(name: str, value: float) -> None:
    """It is rounded to nearest, ties to even, and an infinity beyond the range."""
    found = arrays.constant(value, name).value
    try:
        expected = round_to(Fraction(value), FORMATS[name])
    except DeclarationError:
        assert found == math.copysign(math.inf, value)
    else:
        assert exactly(found) == expected


def test_constants_of_other_kinds() -> None:
    """Numbers of a run, infinities and integers are taken as they are."""
    number = Dual(fmpq(1))
    assert arrays.constant(number, "float32") is number
    assert arrays.constant(math.inf, "float32").value == math.inf
    assert exactly(arrays.constant(10**400, "int64").value) == 10**400
    assert arrays.constant(10**400, "float64").value == math.inf
    assert exactly(arrays.constant(np.float32(0.1), "float16").value) == Fraction(
        float(np.float16(0.1))
    )


@pytest.mark.parametrize("name", ["float16", "bfloat16", "float32", "float64"])
@given(st.fractions(Fraction(1, 999), 999, max_denominator=999))
def test_in_a_loose_run_a_constant_is_all_that_round_to_it(name: str, value: Fraction) -> None:
    """The ball reaches half a unit to both sides; short constants are meant as they stand."""
    fmt = FORMATS[name]
    rounded = round_to(value, fmt)
    with running(Run(loose=True), BITS):
        found = arrays.constant(float(rounded), name).value
        short = arrays.constant(0.5, name).value
    assert exactly(short) == Fraction(1, 2)
    if isinstance(found, arb):
        half = ulp(rounded, fmt) / 2
        with working_precision(BITS):
            for inside in (rounded, rounded - half, rounded + half, value):
                assert found.contains(element(inside))
            assert found.rad() <= element(half) * (1 + fmpq(1, 2**20))
    else:
        odd = rounded.numerator
        while odd % 2 == 0:
            odd //= 2
        assert odd.bit_length() <= fmt.precision // 2
