"""Sums of powers over the classes, bounded by the sum itself, so that less is unknown.

Guarantees: for w >= 0 and whole k >= 2, the sum of the ``w_j^k`` over the remaining classes is at
most the k-th power of that of the w_j (product of sums), and at least 0; what is proved of the
smaller expression holds for the larger one.
"""

from __future__ import annotations

from collections.abc import Iterator

from sympy import Expr, Symbol

from ...symbolic.field import Fraction
from ...symbolic.printing import to_text
from .data import Part
from .scene import Scene
from .signs_in_cases import prove_value
from .splitting import powers


def prove(scene: Scene, value: Fraction, *, strict: bool) -> list[Part] | None:
    """Replace a sum of powers by its bound, where the sign of its coefficient is known."""
    field, normaliser = value.field, scene.normaliser
    if normaliser.sign(value.den) != ">0":
        return None
    for number, base, power in _powers(scene, value):
        parts = field.by_power(value.num, number)
        if set(parts) - {0, 1}:
            continue
        sign = normaliser.sign(parts[1])
        if sign not in (">0", ">=0", "<0", "<=0"):
            continue
        term, running, size = normaliser.sums[base]
        members = scene.case.classes.get(size, ())
        named = [normaliser.of(term.xreplace({running: member})) for member in members]
        bound, rest = field.constant(0), field.whole(field.generator(base))
        for one in named:
            bound, rest = bound + one**power, rest - one
        if sign in ("<0", "<=0"):
            bound = bound + rest**power
        step = f"{to_text(field.atoms[number])} is replaced by its bound {to_text(bound.expr())}"
        one = field.constant(1).num
        left = field.make(parts.get(0, one * 0), value.den)
        left = left + field.make(parts[1], value.den) * bound
        found = prove_value(scene.after(step), left, strict=strict)
        if found is not None:
            return found
    return None


def _powers(scene: Scene, value: Fraction) -> Iterator[tuple[int, int, int]]:
    """Yield each sum of powers of the terms of another sum: their numbers and the power."""
    normaliser, field = scene.normaliser, value.field
    sums = [a for a in field.used(value.num) if a in normaliser.sums]
    for number in sums:
        for base in sums:
            power = _power(normaliser.sums[number], normaliser.sums[base])
            term, _, _ = normaliser.sums[base]
            sign = normaliser.sign_of_fraction(normaliser.of(term)) if power else None
            if power and sign in (">0", ">=0"):
                yield number, base, power


def _power(high: tuple[Expr, Symbol, Expr], low: tuple[Expr, Symbol, Expr]) -> int | None:
    """Return k >= 2 if the terms of a sum are the k-th powers of those of another one."""
    (above, first, size), (below, second, other) = high, low
    ones, others = powers(above, first), powers(below, second)
    if size != other or set(ones) != set(others) or not ones:
        return None
    ratios = {ones[factor] / others[factor] for factor in ones}
    ratio = ratios.pop()
    return int(ratio) if not ratios and ratio.is_Integer and ratio >= 2 else None
