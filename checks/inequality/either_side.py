"""Absolute values, extremes and signs: the sign is shown for either sign of what they look at.

Guarantees: the facts put one after the other cover every point; one that never holds is shown so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sympy import Abs, Eq, Expr, Ge, Gt, Le, Lt, Max, Min, S as _S, Sum, sign
from sympy.core.basic import Basic
from sympy.core.relational import Relational

from ...symbolic.field import Fraction
from ...symbolic.printing import to_text
from .data import Part
from .scene import Scene, atoms_of

Prove = Callable[..., list[Part] | None]

_SPECIAL = (Abs, Max, Min, sign)


def special_atoms(value: Fraction) -> list[Expr]:
    """Return the absolute values, extremes and signs in a value."""
    return [a for a in atoms_of(value) if isinstance(a, _SPECIAL)]


def has_sides(atom: Expr) -> bool:
    """Tell whether an atom is a sum whose terms hold an absolute value, an extreme or a sign."""
    return isinstance(atom, Sum) and atom.function.has(*_SPECIAL)


def prove_both_sides(
    scene: Scene, value: Fraction, atom: Expr, cheap: Prove, prove: Prove, *, strict: bool
) -> list[Part] | None:
    """Prove the sign for either sign of what an absolute value, an extreme or a sign looks at."""
    expr = value.expr()
    parts: list[Part] = []
    for fact, instead in _sides_of(atom):
        found = _never(scene, fact, cheap)
        if found is None:
            inner = scene.with_fact(fact)
            found = prove(inner, inner.of(expr.xreplace({atom: instead})), strict=strict)
        if found is None:
            found = _never(scene, fact, prove)
        if found is None:
            return None
        parts += found
    return parts


def prove_sides_of_facts(
    scene: Scene, value: Fraction, cheap: Prove, prove: Prove, *, strict: bool
) -> list[Part] | None:
    """Prove the sign for either sign of what such an atom of an assumption looks at."""
    for fact in scene.facts:
        if isinstance(fact, (Gt, Ge, Lt, Le, Eq)) and fact.has(*_SPECIAL):
            for atom in special_atoms(scene.of(fact.lhs - fact.rhs)):
                return prove_both_sides(scene, value, atom, cheap, prove, strict=strict)
    return None


def _sides_of(atom: Expr) -> Iterator[tuple[Basic, Expr]]:
    """Yield what may hold of the argument, and what the atom is then."""
    if isinstance(atom, (Max, Min)):
        first, second = atom.args[:2]
        gap = first - second
        large, small = (atom.func(side, *atom.args[2:]) for side in (first, second))
        if isinstance(atom, Min):
            large, small = small, large
    else:
        gap = atom.args[0]
        large, small = (gap, -gap) if isinstance(atom, Abs) else (_S.One, _S.NegativeOne)
    if isinstance(atom, sign):
        yield Gt(gap, 0, evaluate=False), large
        yield Eq(gap, 0, evaluate=False), _S.Zero
        yield Lt(gap, 0, evaluate=False), small
    else:
        yield Ge(gap, 0, evaluate=False), large
        yield Le(gap, 0, evaluate=False), small


def _never(scene: Scene, fact: Relational, prove: Prove) -> list[Part] | None:
    """Prove that a fact on the sign of its left side fails in the scene."""
    inner = scene.after(f"{to_text(fact)} never holds")
    gap = inner.of(fact.lhs)
    strict = isinstance(fact, (Eq, Ge, Le))
    sides = [-gap] if isinstance(fact, (Gt, Ge)) else [gap] if isinstance(fact, (Lt, Le)) else []
    for side in sides or [gap, -gap]:
        found = prove(inner, side, strict=strict)
        if found is not None:
            return found
    return None
