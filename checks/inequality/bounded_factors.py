"""Sums of which a factor in each term has a bound, the same for every class.

Guarantees: where every class has ``f_j >= c >= 0`` and ``u_j >= 0``, the sum of the ``f_j^k u_j``
is at least ``c^k`` times that of the ``u_j``; what is proved of the smaller expression holds for
the larger one. Each of the three is certified.
What it cannot see: bounds that the assumptions do not state of every class in one relation.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sympy import Add, Expr, Ge, Gt, Le, Lt, Sum
from sympy.core.basic import Basic
from sympy.tensor.indexed import Indexed

from ...symbolic.letters import letters, names_in
from ...symbolic.printing import to_text
from ...symbolic.universal import Every
from ...symbolic.vocabulary import SLOT, Softmax, index
from .data import Part
from .signs_in_cases import prove_sign
from .work import Work

_POWERS = (2, 1)


@dataclass(frozen=True)
class _Bounded:
    """A softmax output of every class that is at least that of one class."""

    logits: Expr
    least: Expr

    def at(self, place: Expr) -> Expr:
        return Softmax(place, self.logits)

    @property
    def bound(self) -> Expr:
        return self.at(self.least)


def prove_by_bounds(
    expr: Expr, given: Sequence[Basic], work: Work, *, strict: bool
) -> list[Part] | None:
    """Return certificates that `expr` is nonnegative (positive if `strict`), or None."""
    for bounded in _bounds(given):
        for term, coefficient in _sums(expr):
            for power in _POWERS:
                found = _prove(expr, term, coefficient, bounded, power, given, work, strict)
                if found is not None:
                    return found
    return None


def _prove(
    expr: Expr,
    whole: Sum,
    coefficient: Expr,
    bounded: _Bounded,
    power: int,
    given: Sequence[Basic],
    work: Work,
    strict: bool,
) -> list[Part] | None:
    running, _first, size = whole.limits[0]
    taken = {name for one in (expr, *given) for name in names_in(one)}
    member = index(next(letters(taken)))
    rest = whole.function / bounded.at(running) ** power
    at_member = rest.xreplace({running: member})
    step = (
        f"each {to_text(bounded.at(member))} is at least {to_text(bounded.bound)}, so that the sum "
        f"of {to_text(whole.function.xreplace({running: member}))} is at least that with "
        f"{to_text(bounded.bound)} in its place"
    )
    sides = (bounded.at(member) - bounded.bound, bounded.bound, at_member)
    parts: list[Part] = []
    for side in sides:
        found = prove_sign(side, given, strict=False, work=work)
        if found is None:
            return None
        parts += _after((step, f"for this, {to_text(side)} ≥ 0"), found)
    smaller = bounded.bound**power * Sum(rest, (running, 1, size))
    left = prove_sign(expr + coefficient * (smaller - whole), given, strict=strict, work=work)
    return None if left is None else parts + _after((step, "what is left"), left)


def _after(steps: tuple[str, ...], parts: list[Part]) -> list[Part]:
    return [{**part, "steps": [*steps, *part["steps"]]} for part in parts]


def _bounds(given: Sequence[Basic]) -> Iterator[_Bounded]:
    """Yield the softmax outputs that the assumptions put above that of one class."""
    for fact in given:
        relation = fact.formula if isinstance(fact, Every) else None
        if not isinstance(relation, (Le, Lt, Ge, Gt)):
            continue
        sides = relation.args if isinstance(relation, (Le, Lt)) else relation.args[::-1]
        small, big = sides
        if not (isinstance(big, Indexed) and isinstance(small, Indexed) and small.base == big.base):
            small, big = (_logit(side) for side in sides)
        if small is None or big is None or small.base != big.base:
            continue
        (place,), (least,) = big.indices, small.indices
        if place == fact.running and least != fact.running:
            yield _Bounded(big.base[SLOT], least)


def _logit(side: Expr) -> Indexed | None:
    """Return the logit of which a side is the softmax output."""
    if isinstance(side, Softmax) and isinstance(side.logit, Indexed):
        return side.logit.base[side.args[0]]
    return None


def _sums(expr: Expr) -> Iterator[tuple[Sum, Expr]]:
    """Yield the class sums that stand in an expression with a positive number before them."""
    for term in Add.make_args(expr):
        coefficient, rest = term.as_coeff_Mul()
        if isinstance(rest, Sum) and len(rest.limits) == 1 and coefficient > 0:
            yield rest, coefficient
