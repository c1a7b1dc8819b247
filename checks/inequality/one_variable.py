"""Signs of expressions in one number: a probability S_y, or one scalar of the statement.

Guarantees: the expression in one variable has, over its whole range, every value that the
expression asked about has; its sign is then certified by `univariate`.
An expression in the logits is one in S_y alone if it depends on exp(z_y) and the sum of all
exponentials only, and is multiplied by a power of exp(c) when c is added to all logits: then that
sum may be put to 1, which leaves the sign as it is.
"""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Dummy, Eq, Expr, Ge, Gt, Integer, Interval, Le, Lt, Sum, Symbol, exp, log, oo
from sympy.core.basic import Basic
from sympy.core.relational import Relational
from sympy.tensor.indexed import Indexed

from ...symbolic.cases import SIZES
from ...symbolic.field import HIGH, Fraction
from ...symbolic.printing import to_text
from .data import Part
from .scene import Scene, atoms_of
from .univariate import prove_sign as prove_univariate

_DEGREE = 6
"""Powers of the sum of exponentials that a value may be multiplied by."""


def prove(scene: Scene, value: Fraction, *, strict: bool) -> list[Part] | None:
    """Return the certificate of a sign that depends on one number, or None."""
    if max((*value.num.degrees(), *value.den.degrees()), default=0) > HIGH:
        return None
    reduced = _in_probability(scene, value) or _in_scalar(scene, value)
    if reduced is None:
        return None
    expr, variable, domain, step = reduced
    others = sorted(expr.free_symbols - {variable}, key=str)
    if len(others) > 1 or any(not isinstance(s, Symbol) or s in SIZES for s in others):
        return None
    facts = _of_numbers(scene, value.expr())
    parameters = {s: range_of(s, facts) for s in others}
    scene.work.spend(100)
    proof = prove_univariate(expr, variable, domain, ">0" if strict else ">=0", parameters or None)
    if proof is None:
        return None
    return [
        {
            "case": scene.case.label,
            "steps": [*scene.steps, step],
            "rule": "one variable",
            "statement": proof.statement,
            "proof": dict(proof.certificate),
        }
    ]


_Reduced = tuple[Expr, Symbol, Interval, str]


def _in_probability(scene: Scene, value: Fraction) -> _Reduced | None:
    """Write a shift-invariant expression in exp(z_y) and the sum of exponentials with s = S_y."""
    expr = value.expr()
    members = sorted(expr.atoms(Indexed), key=str)
    sums = sorted(expr.atoms(Sum), key=str)
    named = [m for m in members if not any(m.has(s.limits[0][0]) for s in sums)]
    if len(sums) != 1 or len(named) != 1:
        return None
    (total,), (logit,) = sums, named
    running = total.limits[0][0]
    (place,) = logit.indices
    unit = total.function.xreplace({running: place})
    if not isinstance(unit, exp):
        return None
    rate = unit.args[0]
    if not rate.has(logit):
        return None
    if not _is_invariant(scene, value, total, unit, logit, rate):
        return None
    s = Dummy("s", real=True)
    scale = rate / logit
    if scale.has(logit):
        return None
    swapped = _swap(expr, total, Integer(1), unit, s, logit, log(s) / scale)
    if swapped.has(Indexed, Sum, *SIZES):
        return None
    alone = scene.case.smallest.get(total.limits[0][2], 1) > 1
    named_s = Symbol(_free("s", {str(symbol) for symbol in expr.free_symbols}), real=True)
    share = to_text(unit / total)
    step = f"shift the logits so that {to_text(total)} = 1, and put {named_s} = {share}"
    return swapped.xreplace({s: named_s}), named_s, Interval(0, 1, True, alone), step


def _swap(
    expr: Expr,
    total: Expr,
    new_total: Expr,
    unit: Expr,
    new_unit: Expr,
    logit: Expr,
    new_logit: Expr,
) -> Expr:
    """Replace the sum, powers of the exponential and the logit itself, in this order."""
    held_total, held_unit = Dummy(positive=True), Dummy(positive=True)
    expr = expr.xreplace({total: held_total})
    exponent = unit.args[0]

    def power(e: Expr) -> Expr:
        ratio = (e.args[0] / exponent).expand()
        return held_unit**ratio if not ratio.has(logit) else e

    expr = expr.replace(lambda e: isinstance(e, exp), power)
    expr = expr.xreplace({logit: new_logit})
    return expr.xreplace({held_total: new_total, held_unit: new_unit})


def _is_invariant(
    scene: Scene, value: Fraction, total: Expr, unit: Expr, logit: Expr, rate: Expr
) -> bool:
    """Tell whether a shift of all logits leaves the value as it is, up to a positive factor."""
    shift = Symbol("_shift", real=True)
    factor = exp(shift)
    moved = _swap(
        value.expr(),
        total,
        factor * total,
        unit,
        factor * unit,
        logit,
        logit + shift * logit / rate,
    )
    ratio = scene.of(moved) / value
    return any((ratio - scene.of(factor**k)).is_zero() for k in range(-_DEGREE, _DEGREE + 1))


def _in_scalar(scene: Scene, value: Fraction) -> _Reduced | None:
    """Take an expression without class sums as one in its scalar, or member, that is no parameter.

    Members of families, such as the logit of one class, are numbers like any other here.
    """
    whole = value.expr()
    expr = whole.xreplace(_numbers(scene, whole))
    scalars = sorted(expr.free_symbols, key=str)
    if expr.has(Indexed, Sum) or not 1 <= len(scalars) <= 2:
        return None
    if not all(isinstance(s, Symbol) for s in scalars):
        return None
    if any(s in SIZES for s in scalars):
        return _in_size(scene, expr) if len(scalars) == 1 else None
    numbers = _numbers(scene, whole)
    atoms = [a.xreplace(numbers) for a in atoms_of(value)]
    chosen = next((s for s in scalars if any(a.has(s) for a in atoms if a != s)), scalars[0])
    return expr, chosen, range_of(chosen, _of_numbers(scene, whole)), f"a statement about {chosen}"


def _numbers(scene: Scene, whole: Expr) -> dict[Expr, Symbol]:
    """Return a number for each member of a family in an expression, called like nothing else."""
    relations = [f for f in scene.facts if isinstance(f, Relational)]
    taken = {str(s) for e in (whole, *relations) for s in e.free_symbols}
    found: dict[Expr, Symbol] = {}
    for member in sorted(whole.atoms(Indexed), key=str):
        name = _free(f"{member.base}_{'_'.join(map(str, member.indices))}", taken)
        taken.add(name)
        signs = {"positive": member.is_positive, "nonnegative": member.is_nonnegative}
        known = {kind: True for kind, holds in signs.items() if holds}
        found[member] = Symbol(name, real=True, **known)
    return found


def _free(name: str, taken: set[str]) -> str:
    """Return a name that nothing else has."""
    while name in taken:
        name += "_"
    return name


def _of_numbers(scene: Scene, whole: Expr) -> list[Basic]:
    """Return the assumptions with the members in an expression as those numbers."""
    numbers = _numbers(scene, whole)
    return [f.xreplace(numbers) for f in scene.facts if isinstance(f, Relational)]


def _in_size(scene: Scene, expr: Expr) -> _Reduced:
    """Take an expression in a number of classes as one in a real number."""
    (size,) = expr.free_symbols
    least = Integer(scene.case.smallest.get(size, 1))
    number = Symbol(str(size), real=True)
    step = f"a statement about {size}, for every real number from {least} on"
    return expr.xreplace({size: number}), number, Interval(least, oo), step


def range_of(symbol: Symbol, facts: Sequence[Basic]) -> Interval:
    """Return the interval that the assumptions leave for a scalar."""
    low, low_open = (Integer(0), bool(symbol.is_positive)) if symbol.is_nonnegative else (-oo, True)
    high, high_open = (
        (Integer(0), bool(symbol.is_negative)) if symbol.is_nonpositive else (oo, True)
    )
    found = Interval(low, high, low_open, high_open)
    for fact in facts:
        if not isinstance(fact, (Lt, Le, Gt, Ge, Eq)) or symbol not in fact.args:
            continue
        turned = fact if fact.lhs == symbol else fact.reversed
        if not turned.rhs.is_Rational:
            continue
        found = found.intersect(_half(turned))
    return found if isinstance(found, Interval) else Interval(-oo, oo)


def _half(fact: Basic) -> Interval:
    bound = fact.rhs
    if isinstance(fact, Eq):
        return Interval(bound, bound)
    if isinstance(fact, (Lt, Le)):
        return Interval(-oo, bound, True, isinstance(fact, Lt))
    return Interval(bound, oo, isinstance(fact, Gt), True)
