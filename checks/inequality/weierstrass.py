"""Weierstrass's product inequality: a sum of logarithms against the logarithm of a sum.

Guarantees: a bound used here holds for every number of classes.
The lemma: ``sum_j log(1 + t_j) >= log(1 + sum_j t_j)`` for t_j that are all nonnegative, or all in
(-1, 0] with ``1 + sum_j t_j > 0``.
What it cannot see: sums of which the terms have weights.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from sympy import Dummy, Expr, Integer, Sum, log

from ...symbolic.field import Fraction
from ...symbolic.printing import to_text
from ...symbolic.vocabulary import index
from .carriers import exponential_of
from .data import Part
from .jensen import RUNNING, Weighted, weighted_groups
from .scene import Scene, atoms_of
from .signs_in_cases import by_polynomial, prove_value

_ONE_SIGN = (">0", ">=0", "<0", "<=0")


def prove(scene: Scene, value: Fraction, *, strict: bool) -> list[Part] | None:
    """Bound a sum of logarithms from below by one logarithm."""
    if scene.normaliser.sign(value.den) != ">0":
        return None
    for group in weighted_groups(scene, value):
        if group.weight != 1 or group.vanishing:
            continue
        if scene.normaliser.sign_of_fraction(group.factor) not in (">0", ">=0"):
            continue
        members = scene.case.classes.get(group.size, ())
        ways = [(), *combinations(members, 1), *([members] if len(members) > 1 else [])]
        for unit in _units(scene, value, group):
            for left_out in reversed(ways):
                found = _with_product(scene, value, group, unit, tuple(left_out), strict=strict)
                if found is not None:
                    return found
    return None


def _units(scene: Scene, value: Fraction, group: Weighted) -> Iterator[Fraction]:
    """Yield what the terms may be multiples of: 1, and what comes with the number of classes."""
    field = value.field
    if group.size in atoms_of(value):
        number = field.atoms.index(group.size)
        parts = field.by_power(value.num, number)
        if 1 in parts and not set(parts) - {0, 1}:
            rate = field.make(parts[1], value.den) / group.factor
            raised = field.constant(1) if rate.is_zero() else _inverse_of(scene, rate)
            if raised is not None:
                yield raised
    yield field.constant(1)


def _inverse_of(scene: Scene, rate: Fraction) -> Fraction | None:
    """Return ``exp(-rate)``, if that is a product of what occurs."""
    raised = exponential_of(scene.normaliser, rate)
    if raised is None:
        return None
    gap = scene.of(log(raised.expr())) - rate
    return rate.field.constant(1) / raised if gap.is_zero() else None


def _with_product(
    scene: Scene,
    value: Fraction,
    group: Weighted,
    unit: Fraction,
    left_out: tuple[Expr, ...],
    *,
    strict: bool,
) -> list[Part] | None:
    normaliser = scene.normaliser
    inside = group.inside / unit.expr()
    any_class = inside.xreplace({RUNNING: Dummy(integer=True, positive=True)})
    if normaliser.sign_of_fraction(normaliser.of(any_class)) != ">0":
        return None
    if normaliser.sign_of_fraction(normaliser.of(any_class - 1)) not in _ONE_SIGN:
        return None

    def summed(body: Expr) -> Expr:
        total = Sum(body, (RUNNING, 1, group.size))
        return total - sum((body.xreplace({RUNNING: member}) for member in left_out), Integer(0))

    whole = scene.of(1 + summed(inside - 1))
    if normaliser.sign_of_fraction(whole) != ">0":
        return None
    taken = group.factor * scene.of(summed(log(inside)))
    left = value - taken + group.factor * scene.of(log(whole.expr()))
    shown = to_text(inside.xreplace({RUNNING: index("j")}))
    step = f"Weierstrass: the product of all {shown} is at least 1 plus the sum of {shown} − 1"
    step += f", j other than {', '.join(map(str, left_out))}" if left_out else ""
    if left.is_zero():
        return None if strict else by_polynomial(scene.after(step), left, strict=False)
    return prove_value(scene.after(step), left, strict=strict)
