"""The lemmas on sums over the same classes: true at exact values, and their wrong variants false.

The values are put into the hypotheses as polynomials; the checker reads each instance as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import product
from math import prod
from typing import Any

import pytest
from flint import fmpq
from hypothesis import given, strategies as st

from gradproof.checks.inequality.lemmas import LEMMAS, Moment, relations
from gradproof.checks.inequality.question import Hypothesis, context_of

Powers = dict[str, Fraction]
SIGNED = st.fractions(-3, 3, max_denominator=4)
WEIGHTS = st.fractions(0, 3, max_denominator=4)


def classes(**factors: st.SearchStrategy[Fraction]) -> st.SearchStrategy[list[dict[str, Fraction]]]:
    """Draw the factors of up to five classes."""
    return st.lists(st.fixed_dictionaries(factors), max_size=5)


def moments(*powers: Powers, real: Sequence[str] = ()) -> list[Moment]:
    """Return a sum for each product of powers; those of odd powers of `real` have no sign."""
    names = [f"R{number}" for number in range(len(powers))]
    gens = context_of(names).gens()
    return [
        Moment(name, gen, one, all(one.get(f, 0) % 2 == 0 for f in real))
        for name, gen, one in zip(names, gens, powers, strict=True)
    ]


def sums_at(made: list[Moment], members: list[dict[str, Fraction]]) -> list[fmpq]:
    """Return the values of the sums over classes with these factors."""
    values = (
        sum((prod(member[f] ** int(e) for f, e in m.powers.items()) for member in members), 0)
        for m in made
    )
    return [fmpq(Fraction(v).numerator, Fraction(v).denominator) for v in values]


def lemma(found: list[Hypothesis], name: str) -> list[Hypothesis]:
    """Return the instances of one lemma."""
    return [h for h in found if h.lemma == name]


K, ONE = {"K": 1}, {}
ALL = [
    {"w": a, "x": b}
    for a, b in product(range(3), range(5))
    if a + b  # everything of low degree
]


@given(classes(w=WEIGHTS, x=SIGNED))
def test_every_relation_holds(members: list[dict[str, Fraction]]) -> None:
    """All relations between the sums of w^a x^b hold for w >= 0, x real and any number of classes.

    None of them says less than nothing: each lemma has instances here.
    """
    made = moments({}, *map(dict, ALL), real="x")
    found = relations(made)
    values = sums_at(made, members)
    assert {h.lemma for h in found} == set(LEMMAS)
    for hypothesis in found:
        assert hypothesis.relation == ">=0"
        assert hypothesis.poly(*values) >= 0, hypothesis.text


@given(classes(f=WEIGHTS, g=WEIGHTS))
def test_roots_of_products_are_counted_right(members: list[dict[str, Fraction]]) -> None:
    """Cauchy-Schwarz with halves of powers: (sum f g)^2 <= sum f^2 sum g^2."""
    made = moments({"f": 2}, {"g": 2}, {"f": 1, "g": 1})
    (one,) = lemma(relations(made), "Cauchy-Schwarz")
    a, b, c = sums_at(made, members)
    assert one.poly(a, b, c) == a * b - c * c >= 0


@pytest.mark.parametrize(
    ("powers", "name"),
    [
        (({"x": 1}, {"w": 1}, {"w": 1, "x": 1}), "product of sums"),
        (({"x": 1}, {"x": 3}, {"x": 2}), "Cauchy-Schwarz"),
        (({"x": 1}, {"x": 2}, {"x": 3}), "product of sums"),
        (({"x": 1}, {"x": 2}, {"x": 3}, {"w": 1}), "Popoviciu"),
    ],
)
def test_sums_of_either_sign_are_left_out(powers: tuple[Powers, ...], name: str) -> None:
    """Where terms may be negative the lemma is false, and no instance of it is made.

    With x = -1 in one class and 1, 1 in two more, sum x sum x^3 < (sum x^2)^2.
    """
    found = lemma(relations(moments(*powers, real="x")), name)
    assert all("R0" not in str(h.of) for h in found)


def test_the_number_of_classes_is_no_factor() -> None:
    """Sum w <= n sum w is no instance of the product of sums: there may be no class, n = 0."""
    assert not lemma(relations(moments({}, {"w": 1})), "product of sums")


def test_half_a_factor_is_no_factor() -> None:
    """The variance is bounded only where the squared factor is a plain power of a factor."""
    made = moments({"w": 1}, {"K": 1}, {"w": 1, "K": 1}, {"w": 1, "K": Fraction(1, 2)})
    assert not lemma(relations(made), "Popoviciu")


WRONG = [
    ("Popoviciu", lambda w, f, s, q: w * w * q - 4 * (w * s - f * f)),
    ("Popoviciu", lambda w, f, s, q: w * q - 2 * (w * s - f * f)),
    ("Cauchy-Schwarz", lambda w, f, s, _q: f * f - w * s),
    ("Cauchy-Schwarz", lambda w, f, s, _q: Fraction(99, 100) * w * s - f * f),
    ("product of sums", lambda w, _f, s, q: Fraction(99, 100) * w * q - s),
]


@pytest.mark.parametrize(("name", "variant"), WRONG)
def test_wrong_variants_fail_somewhere(name: str, variant: Any) -> None:
    """Each lemma is sharp: a variant of it with a smaller constant fails for one or two classes."""
    values = [Fraction(v) for v in (-1, 0, 1, 2)]
    points = product(product((0, 1), values), repeat=2)
    sums = (
        [
            sum(w for w, _ in p),
            sum(w * x for w, x in p),
            sum(w * x * x for w, x in p),
            sum(x * x for _, x in p),
        ]
        for p in points
    )
    assert name in LEMMAS
    assert any(variant(*one) < 0 for one in sums)
