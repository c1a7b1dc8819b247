"""Relations between sums over the remaining classes, each an instance of a named lemma.

Guarantees: every hypothesis made here holds for all real values of the classes' factors and any
number of remaining classes.
The lemmas, for sums over the same classes:

Cauchy-Schwarz
    ``(sum f g)^2 <= sum f^2 sum g^2``, since ``sum_jk (f_j g_k - f_k g_j)^2 >= 0``.
product of sums
    ``sum f g <= sum f sum g`` for nonnegative f and g, since the right side has the terms of the
    left one and others that are nonnegative; with f = g, the square of a sum.
Popoviciu
    ``sum f sum f g^2 - (sum f g)^2 <= (sum f)^2 sum g^2 / 2`` for nonnegative f: the left side is
    the sum of ``f_j f_k (g_j - g_k)^2`` over the pairs j < k, which is at most the square of the
    range of g times ``(sum f)^2 / 4`` (Popoviciu's inequality), and the square of the range is at
    most ``2 sum g^2``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations_with_replacement, permutations
from typing import Any

from .question import Hypothesis, Poly

LEMMAS = {
    "Cauchy-Schwarz": "(sum f g)^2 <= (sum f^2)(sum g^2), because half the sum of "
    "(f_j g_k - f_k g_j)^2 over all pairs of classes is the difference",
    "product of sums": "sum f g <= (sum f)(sum g) for f, g >= 0, because the difference is the sum "
    "of f_j g_k over all pairs of different classes",
    "Popoviciu": "(sum f)(sum f g^2) - (sum f g)^2 <= (sum f)^2 (sum g^2) / 2 for f >= 0, because "
    "the weighted variance of g is at most a quarter of its squared range (Popoviciu), which is at "
    "most 2 sum g^2",
}
"""Each lemma with its proof."""


@dataclass(frozen=True)
class Moment:
    """A sum over the remaining classes of a product of base factors.

    Attributes
    ----------
    name
        The unknown that stands for it (for the count: none).
    poly
        Its value in the unknowns.
    powers
        The exponents of the base factors.
    nonnegative
        Whether every term is.
    over
        The classes it runs over, where it is no unknown by itself.
    """

    name: str
    poly: Poly
    powers: Mapping[Any, Any]
    nonnegative: bool
    over: str = ""


def relations(moments: list[Moment]) -> list[Hypothesis]:
    """Return what the lemmas say of the sums over the same classes."""
    found = []
    by_powers = {_key(m.powers): m for m in moments}
    for a, b in combinations_with_replacement(moments, 2):
        total = _plus(a.powers, b.powers)
        mixed = by_powers.get(_key({k: e / 2 for k, e in total.items()}))
        if a is not b and a.nonnegative and b.nonnegative and mixed is not None:
            found.append(_cauchy_schwarz(a, b, mixed))
        product = by_powers.get(_key(total))
        if product is not None and a.nonnegative and b.nonnegative and a.powers and b.powers:
            found.append(_product(a, b, product))
    for weight, squares in permutations(moments, 2):
        if weight.nonnegative and weight.powers and squares.powers:
            found += _popoviciu(weight, squares, by_powers)
    return found


def _key(powers: Mapping[Any, Any]) -> frozenset[tuple[Any, Any]]:
    return frozenset((k, e) for k, e in powers.items() if e)


def _plus(a: Mapping[Any, Any], b: Mapping[Any, Any]) -> dict[Any, Any]:
    return {k: a.get(k, 0) + b.get(k, 0) for k in {*a, *b}}


def _cauchy_schwarz(a: Moment, b: Moment, mixed: Moment) -> Hypothesis:
    return Hypothesis(
        a.poly * b.poly - mixed.poly**2,
        ">=0",
        "Cauchy-Schwarz",
        f"{mixed.name}^2 <= {a.name} {b.name}",
        {"first": a.name, "second": b.name, "mixed": mixed.name},
    )


def _product(a: Moment, b: Moment, product: Moment) -> Hypothesis:
    return Hypothesis(
        a.poly * b.poly - product.poly,
        ">=0",
        "product of sums",
        f"{product.name} <= {a.name} {b.name}",
        {"factors": [a.name, b.name], "product": product.name},
    )


def _popoviciu(
    weight: Moment, squares: Moment, by_powers: Mapping[Any, Moment]
) -> list[Hypothesis]:
    """Return the bound of the variance of g under the weights f, given sums of f and of g^2."""
    half = {k: e / 2 for k, e in squares.powers.items()}
    if any(e != int(e) for e in half.values()):
        return []
    first = by_powers.get(_key(_plus(weight.powers, half)))
    second = by_powers.get(_key(_plus(weight.powers, squares.powers)))
    if first is None or second is None:
        return []
    poly = weight.poly**2 * squares.poly - 2 * (weight.poly * second.poly - first.poly**2)
    return [
        Hypothesis(
            poly,
            ">=0",
            "Popoviciu",
            f"2 ({weight.name} {second.name} - {first.name}^2) <= {weight.name}^2 {squares.name}",
            {
                "weight": weight.name,
                "first": first.name,
                "second": second.name,
                "squares": squares.name,
            },
        )
    ]
