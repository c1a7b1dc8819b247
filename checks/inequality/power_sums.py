"""Sums of powers over the classes, bounded by the sum itself, so that less is unknown.

Guarantees: for w >= 0 and whole k >= 2, the sum of the ``w_j^k`` over the remaining classes is at
most the k-th power of that of the w_j (product of sums), and at least 0; what is proved of the
smaller expression holds for the larger one.
"""

from __future__ import annotations

from collections.abc import Iterator

from sympy import Expr, Sum, exp

from ...symbolic.field import Fraction
from ...symbolic.printing import to_text
from .data import Part
from .scene import Scene
from .signs_in_cases import prove_value


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
            power = _power(field.atoms[number], field.atoms[base])
            if power is not None and normaliser.sums[number][2] == normaliser.sums[base][2]:
                yield number, base, power


def _power(high: Expr, low: Expr) -> int | None:
    """Return k >= 2 if the terms of a sum of exponentials are the k-th powers of another's."""
    if not (isinstance(high, Sum) and isinstance(low, Sum)):
        return None
    terms = [s.function.xreplace({s.limits[0][0]: low.limits[0][0]}) for s in (high, low)]
    if not all(isinstance(term, exp) for term in terms):
        return None
    ratio = (terms[0].args[0] / terms[1].args[0]).expand()
    return int(ratio) if ratio.is_Integer and ratio >= 2 else None
