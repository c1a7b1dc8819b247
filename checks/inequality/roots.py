"""Signs of sums of roots, by comparing squares.

Guarantees: for a nonnegative side, its square being at least that of the other side gives the
comparison of the two.
"""

from __future__ import annotations

from typing import Any

from sympy import Expr, Pow

from ...symbolic.field import Fraction
from ...symbolic.printing import to_text
from .data import Part
from .scene import Scene, atoms_of
from .signs_in_cases import prove_value


def _is_root(atom: Expr) -> bool:
    return isinstance(atom, Pow) and atom.exp.is_Rational and not atom.exp.is_Integer


def concerns(value: Fraction) -> bool:
    """Tell whether the rule here may help."""
    return any(map(_is_root, atoms_of(value)))


def prove(scene: Scene, value: Fraction, *, strict: bool) -> list[Part] | None:
    """Compare squares: for big >= 0, big^2 >= small^2 gives big >= small.

    Terms with roots and a nonnegative coefficient make the big side, all else the small side.
    """
    field, normaliser = value.field, scene.normaliser
    if normaliser.sign(value.den) != ">0":
        return None
    roots = [a for a in field.used(value.num) if _is_root(field.atoms[a])]
    groups: dict[tuple[int, ...], dict[Any, Any]] = {}
    for exponents, coefficient in field.terms(value.num):
        key = tuple(exponents[a] for a in roots)
        rest = tuple(0 if a in roots else e for a, e in enumerate(exponents))
        groups.setdefault(key, {})[rest] = coefficient
    big, small = field.constant(0), field.constant(0)
    for key, data in groups.items():
        coefficient = field.whole(field.from_terms(data))
        term = coefficient
        for a, e in zip(roots, key, strict=True):
            term = term * field.whole(field.generator(a)) ** e
        rising = normaliser.sign_of_fraction(coefficient) in (">0", ">=0")
        if rising and (
            any(key) or not any(any(k) and k != key for k in _rising(scene, groups, field))
        ):
            big = big + term
        else:
            small = small - term
    if big.is_zero():
        return None
    step = f"for {to_text(big.expr())} >= 0 the squares of both sides are compared"
    return prove_value(scene.after(step), big * big - small * small, strict=strict)


def _rising(scene: Scene, groups: Any, field: Any) -> list[tuple[int, ...]]:
    """Return the products of roots whose coefficient is not negative."""
    return [
        key
        for key, data in groups.items()
        if scene.normaliser.sign_of_fraction(field.whole(field.from_terms(data))) in (">0", ">=0")
    ]
