from __future__ import annotations

import ast
import pickle
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, strategies as st
from sympy import Rational, log, sqrt

from gradproof.numeric import Point
from gradproof.symbolic import DeclarationError, K, family, i, n, p, scalar, x, y, z
from gradproof.symbolic.vocabulary import bins

gamma = scalar("gamma")
width = scalar("h", positive=True)


def test_prints_sizes_indices_scalars_and_then_families() -> None:
    """A point reads like the line a person would write."""
    point = Point({z: (0, 3, 0), y: 1, gamma: Fraction(1, 2)})
    assert str(point) == "n = 3, y = 1, gamma = 1/2, z = (0, 3, 0)"


def test_items_come_in_one_order() -> None:
    """The order of items does not depend on the order in which they were given."""
    values = {gamma: 1, y: 1, z: (0, 3, 0), p: (1, 0, 0), n: 3}
    keys = [key for key, _ in Point(values).items()]
    assert keys == [key for key, _ in Point(dict(reversed(values.items()))).items()]
    assert keys == [n, p, z, y, gamma]


def test_the_size_follows_from_a_family() -> None:
    """The size n may be left out; every family of size n fixes it."""
    assert Point({z: (0, 3, 0)})[n] == 3
    assert Point({z: (0, 3, 0)}) == Point({n: 3, z: (0, 3, 0)})


@pytest.mark.parametrize(
    "half",
    [Fraction(1, 2), Rational(1, 2), "1/2", "0.5", 0.5, np.float32(0.5), np.float16(0.5)],
    ids=lambda v: type(v).__name__,
)
def test_values_of_every_kind_are_exact(half: object) -> None:
    """Fractions, SymPy rationals, strings and floats give the same exact value."""
    assert Point({gamma: half})[gamma] == Fraction(1, 2)


def test_a_float_is_the_binary_fraction_it_stores() -> None:
    """0.1 as a float is not 1/10; as a string it is."""
    assert Point({gamma: 0.1})[gamma] == Fraction(0.1) != Fraction(1, 10)
    assert Point({gamma: "0.1"})[gamma] == Fraction(1, 10)


@pytest.mark.parametrize(
    ("values", "part"),
    [
        ({n: 2, z: (0, 3, 0)}, "z has n members with n = 2; found 3 values"),
        ({n: 0}, "n is a positive integer; found n = 0"),
        ({z: ()}, "z has at least one member; found none"),
        ({z: (0, 1), p: (1, 0, 0)}, "members"),
        ({z: (0, 3, 0), y: 4}, "the class y lies within 1..3; found y = 4"),
        ({z: (0, 3, 0), y: 0}, "y is a positive integer; found y = 0"),
        ({y: Fraction(1, 2)}, "y is a positive integer; found y = 1/2"),
        ({gamma: float("nan")}, "finite rational numbers; found gamma = nan"),
        ({z: (0, float("inf"))}, "finite rational numbers; found z = inf"),
        ({gamma: "one"}, "finite rational numbers; found gamma = 'one'"),
        ({gamma: sqrt(2)}, "finite rational numbers; found gamma = sqrt(2)"),
        ({z: (log(2), 0)}, "finite rational numbers; found z = log(2)"),
        ({gamma: True}, "finite rational numbers; found gamma = True"),
        ({z: 3}, "a sequence of numbers"),
        ({z: "(1, 2)"}, "a sequence of numbers"),
        ({p: (1, -1)}, "p was declared nonnegative; found p[2] = -1"),
        ({width: 0}, "h was declared positive; found h = 0"),
        ({"z": (1, 2)}, "gives values to symbols and families; found str z"),
    ],
)
def test_values_without_meaning_are_refused(values: dict[object, object], part: str) -> None:
    """A point that contradicts a declaration is an error that says what was found."""
    with pytest.raises(DeclarationError) as error:
        Point(values)  # type: ignore[arg-type]
    assert part in str(error.value)


def test_families_of_different_sizes_live_side_by_side() -> None:
    """A family over bins has its own size."""
    edges = family("e", size=bins)
    point = Point({z: (0, 1), edges: (0, 1, 2, 3)})
    assert (point[n], point[bins]) == (2, 4)


def test_replacing_a_family_lets_its_size_follow() -> None:
    """A changed family changes n unless n is named; the original stays as it was."""
    point = Point({z: (0, 3, 0), y: 1})
    assert point.replace({z: (1, 2)})[n] == 2
    assert point[n] == 3
    with pytest.raises(DeclarationError):
        point.replace({z: (1, 2), n: 3})


def test_a_missing_symbol_is_a_key_error() -> None:
    """Subscripting asks for a value that is there; get() has a default."""
    point = Point({z: (0, 1)})
    with pytest.raises(KeyError):
        point[y]
    assert point.get(y) is None
    assert point.get(y, 7) == 7
    assert z in point
    assert y not in point


numbers = st.fractions(max_denominator=1000)


@given(st.lists(numbers, min_size=1, max_size=5), numbers, st.data())
def test_a_point_is_rebuilt_from_what_it_prints(
    members: list[Fraction], scalar_value: Fraction, data: st.DataObject
) -> None:
    """to_json, source and pickling lose nothing, and equal points have equal hashes."""
    label = data.draw(st.integers(1, len(members)))
    point = Point({z: members, y: label, gamma: scalar_value})
    stored = point.to_json()
    assert ast.literal_eval(point.source()) == stored
    again = Point.from_json(stored, [z, y, gamma])
    assert again == point
    assert hash(again) == hash(point)
    assert pickle.loads(pickle.dumps(point)) == point


def test_points_that_differ_are_not_equal() -> None:
    """Equality is by value: one member or one label makes a difference."""
    point = Point({z: (0, 1), y: 1})
    assert point != Point({z: (0, 2), y: 1})
    assert point != Point({z: (0, 1), y: 2})
    assert len({point, Point({y: 1, z: ("0", 1.0)})}) == 1


def test_a_stored_name_that_nothing_has_is_refused() -> None:
    """A stored point is read only with the symbols it is about."""
    with pytest.raises(DeclarationError, match="found w"):
        Point.from_json({"w": "1"}, [z])


def test_the_larger_size_bounds_an_index() -> None:
    """Which size an index runs over is not known to a point; the largest bounds it."""
    edges = family("e", size=bins)
    assert Point({x: (0, 1), K: (0, 1), edges: (0, 1, 2), i: 3})[i] == 3
