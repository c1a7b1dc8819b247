"""Class sums split at the named classes: the unknowns have the values and signs they are said to.

The polynomials are put to numbers at exact points, with the sums written out in plain Python.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from flint import fmpq
from hypothesis import given, settings, strategies as st
from sympy import Expr, Ge, Integer, Ne, Symbol
from sympy.tensor.indexed import Indexed

from gradproof.checks.inequality.splitting import Splitting, grades, powers
from gradproof.symbolic import Abs, class_sum, exp, i, n, y
from gradproof.symbolic.cases import Case, cases_of
from gradproof.symbolic.normal_form import normalise, normaliser_for, prepare
from gradproof.symbolic.vocabulary import SLOT, K, family, x, z

v = family("v", positive=True)
R = Symbol("r", integer=True, positive=True)

EXPRESSIONS = [
    class_sum(lambda j: K[j] * x[j]) ** 2 - n * K[i],
    n**2 * class_sum(lambda j: x[j]) - x[i] * x[y],
    class_sum(lambda j: K[j]) * class_sum(lambda j: v[j] * x[j] ** 2),
    class_sum(lambda j: (x[j] - x[y]) ** 2 * K[j]) + n,
    class_sum(lambda j: K[j], but=[y]) * v[i] - 3,
    class_sum(lambda j: x[j] * class_sum(lambda k: K[k] * (x[k] - x[j]))) - n,
]


def splitting_of(expr: Expr, case: Case, *facts: Any) -> tuple[Splitting, Any]:
    """Return the splitting of a case, and an expression in its field."""
    normaliser = normaliser_for(case, facts)
    return Splitting(case, normaliser), normalise(case, normaliser, prepare(expr))


Families = dict[str, list[Integer]]


def value_of(expr: Any, at: dict[Any, Integer], families: Families) -> Fraction:
    """Return the value of an expression, every sum in it written out."""
    written = expr.xreplace(at).doit()
    members = {m: families[str(m.base)][int(m.indices[0]) - 1] for m in written.atoms(Indexed)}
    number = written.xreplace(members).doit()
    return Fraction(int(number.p), int(number.q))


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_split_polynomials_have_the_value_of_the_whole(data: st.DataObject) -> None:
    """With the rests put to the sums over the other classes nothing changes, for every n.

    Sums of nonnegative terms have nonnegative rests, sizes at least their least value.
    """
    expr = data.draw(st.sampled_from(EXPRESSIONS))
    case = data.draw(st.sampled_from(list(cases_of([expr], []))))
    size = data.draw(st.integers(case.smallest[n], 5))
    numbers = st.integers(-3, 3).map(Integer)
    draw = data.draw
    at: dict[Any, Integer] = {n: Integer(size)}
    families = {
        "x": [draw(numbers) for _ in range(size)],
        "K": [abs(draw(numbers)) for _ in range(size)],
        "v": [1 + abs(draw(numbers)) for _ in range(size)],
    }
    named = case.classes[n]
    places = draw(st.permutations(range(1, size + 1)))[: len(named)]
    at |= {c: Integer(place) for c, place in zip(named, places, strict=True)}
    splitting, value = splitting_of(expr, case)
    split = splitting.split(value)
    total: dict[int, Any] = {}
    field = split.field
    for number in field.used(split.num):
        atom = field.atoms[number]
        if atom not in splitting.rests:
            total[number] = value_of(atom, at, families)
            continue
        term, running, of = splitting.rests[atom]
        others = [c for c in range(1, size + 1) if c not in places]
        if term == 1:
            total[number] = Fraction(len(others) - splitting.surplus(of))
        else:
            terms = (
                value_of(term.xreplace({running: R}), {**at, R: Integer(c)}, families)
                for c in others
            )
            total[number] = sum(terms, Fraction(0))
        sign = splitting._unknown(number, set()).sign
        assert sign == "real" or total[number] >= 0
        assert sign != ">0" or total[number] > 0
    same = {a: at[b] for a, b in case.substitution.items()}
    expected = value_of(expr, {**at, **same}, families)
    values = [fmpq(0)] * len(field._gens)
    for number, one in total.items():
        values[number] = fmpq(one.numerator, one.denominator)
    found = split.num(*values) / split.den(*values)
    assert Fraction(int(found.p), int(found.q)) == expected


@pytest.mark.parametrize(
    ("facts", "least", "exists", "surplus"),
    [([], 1, False, 0), ([Ge(n, 2)], 2, True, 1), ([Ge(n, 4)], 4, True, 3)],
)
def test_the_least_number_of_remaining_classes(
    facts: list[Any], least: int, exists: bool, surplus: int
) -> None:
    """With one class named at least n - 1 remain; a sum over none of them is 0."""
    expr = class_sum(lambda j: v[j]) - v[y]
    (case,) = cases_of([expr], facts)
    splitting, value = splitting_of(expr, case)
    split = splitting.split(value)
    (number,) = split.field.used(split.num)
    assert case.smallest[n] == least
    assert splitting.must_exist(n) is exists
    assert splitting.surplus(n) == surplus
    assert splitting._unknown(number, set()).sign == (">0" if exists else ">=0")


def test_a_named_class_is_not_counted_twice() -> None:
    """Two indices are split off twice only where they are different classes."""
    expr = class_sum(lambda j: K[j]) - K[i] - K[y]
    found = {}
    for case in cases_of([expr], []):
        splitting, value = splitting_of(expr, case)
        found[case.label] = len(splitting.split(value).field.used(splitting.split(value).num))
    assert found == {"i ≠ y": 1, "i = y": 2}


def test_a_term_with_a_named_class() -> None:
    """The part of the named class itself is evaluated: the term 1 - delta is 0 there."""
    expr = class_sum(lambda j: K[j] * (x[j] - x[y]) ** 2, but=[y])
    (case,) = cases_of([expr], [])
    splitting, value = splitting_of(expr, case)
    names = {u.name for u in splitting.unknowns([splitting.split(value).num]).values()}
    assert "K_y" not in names


def test_powers_of_base_factors() -> None:
    """Exponents count, halves and negative ones among them; exponentials by their rates."""
    w = exp(z[R])
    assert powers(w**2 * K[R], R) == {exp(z[SLOT]): 2, K[SLOT]: 1}
    assert powers(1 / v[R], R) == {v[SLOT]: -1}
    assert powers((v[R] + 1) ** -2, R) == {v[SLOT] + 1: -2}
    assert powers(exp(z[R] / 2), R) == {exp(z[SLOT]): Integer(1) / 2}
    assert grades(Abs(x[i])) == {Abs(x[SLOT]): 1}
    assert grades(exp(z[i] - z[y])) == {}


def test_names_of_unknowns_are_different() -> None:
    """Families and scalars that print alike still are different unknowns."""
    other = family("K", positive=True)
    expr = K[i] + 2 * other[i] + 3 * Symbol("K_i", real=True)
    (case,) = cases_of([expr], [])
    splitting, value = splitting_of(expr, case)
    unknowns = splitting.unknowns([value.num])
    assert len({u.name for u in unknowns.values()}) == 3


def test_ne_alone_asks_for_further_classes() -> None:
    """Two different named classes make n at least 2."""
    (case,) = cases_of([x[i] + x[y]], [Ne(i, y)])
    assert case.smallest[n] == 2
