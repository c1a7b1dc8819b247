"""Signs of expressions for every number of classes: the order in which the rules are tried.

Guarantees: the parts returned prove the sign in every case of coinciding classes, wherever the
expression is defined; each part is data that `gradproof replay` checks again.
The rules: a polynomial certificate; the sign of each factor; squares instead of roots; both signs
of what stands in an absolute value (`either_side`); and those of `logarithms`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

from sympy import Eq, Expr, Ge, Ne, Sum
from sympy.core.basic import Basic

from ...symbolic.cases import Case, cases_of
from ...symbolic.field import Fraction
from ...symbolic.normal_form import prepare
from ...symbolic.partial_fractions import has_gaps
from ...symbolic.vocabulary import n
from .carriers import is_carrier
from .certify import certify
from .data import Part, part_data
from .either_side import has_sides, prove_both_sides, prove_sides_of_facts, special_atoms
from .facts import Fact
from .posing import pose
from .question import Node, Question, poly_data
from .scene import Scene, atoms_of, scene_of
from .screening import is_dismissed, points_of
from .smt import prove_by_solvers
from .splitting import Splitting
from .work import Work

SECONDS = 10.0
"""What each solver may take for one question."""

_LONGEST = 120
"""Monomials of a goal that solvers are asked about."""


def prove_sign(
    expr: Expr,
    given: Sequence[Basic],
    *,
    strict: bool,
    work: Work | None = None,
    by_size: bool = True,
    beside: bool = True,
) -> list[Part] | None:
    """Return certificates that `expr` is nonnegative (positive if `strict`), or None.

    Parameters
    ----------
    expr
        A class-sum expression.
    given
        Assumptions.
    strict
        Whether it shall be positive.
    work
        What the attempt may do.
    by_size
        Whether to look apart at the least number of classes where nothing else helps.
    beside
        Whether to try equations among the assumptions as hypotheses too, not only solved.

    Raises
    ------
    UnsupportedError
        If the expression holds something that the normal form does not know.
    """
    prepared = prepare(expr)
    work = work or Work()
    parts: list[Part] = []
    for case in cases_of([prepared, *given], given):
        found = _in_case(case, prepared, given, work, strict=strict, beside=beside)
        if found is None and by_size:
            found = _with_and_without_others(case, prepared, given, work, strict=strict)
        if found is None:
            return None
        parts += found
    return parts or None


def _in_case(
    case: Case,
    prepared: Expr,
    given: Sequence[Basic],
    work: Work,
    *,
    strict: bool,
    beside: bool,
) -> list[Part] | None:
    """Return the parts of one case, none if it cannot be."""
    ways = (
        (True, False)
        if beside and any(isinstance(f, Eq) and f.has(Sum) for f in given)
        else (True,)
    )
    work.spend(30)
    points = points_of(prepared, given, case)
    for solved in ways:
        scene = replace(scene_of(case, given, work, solved=solved), points=points)
        if scene.is_empty():
            return []
        value = scene.of(prepared)
        if has_gaps(scene.normaliser, value):  # divisors that the statement does not have
            scene = scene_of(case, given, work, solved=solved, restricted=True)
            scene = replace(scene, points=points)
            value = scene.of(prepared)
        found = prove_value(scene, value, strict=strict)
        if found is not None:
            return found
    return None


def _with_and_without_others(
    case: Case, prepared: Expr, given: Sequence[Basic], work: Work, *, strict: bool
) -> list[Part] | None:
    """Prove the case where all classes are named, and the one with further classes."""
    named = len(case.classes.get(n, ()))
    if not named or n in case.substitution or case.smallest.get(n, 1) != named:
        return None
    apart = [Ne(a, b, evaluate=False) for a, b in combinations(case.classes[n], 2)]
    bound = [*map(case.apply, given), *apart]
    parts: list[Part] = []
    for fact in (Eq(n, named, evaluate=False), Ge(n, named + 1, evaluate=False)):
        found = prove_sign(
            case.apply(prepared), [*bound, fact], strict=strict, work=work, by_size=False
        )
        if found is None:
            return None
        parts += found
    return parts


def prove_value(scene: Scene, value: Fraction, *, strict: bool) -> list[Part] | None:
    """Return certificates for the sign of a fraction in one case."""
    from . import (  # they come back here for what they leave
        logarithms,
        one_variable,
        power_sums,
        roots,
        term_by_term,
    )

    if value.is_zero():
        return None if strict else by_polynomial(scene, value, strict=False)
    scene.work.spend(10 + (len(value.num) + len(value.den)) / 4)
    if scene.depth < 0 or has_gaps(scene.normaliser, value):
        return None
    if is_dismissed(scene.points, value.expr(), strict=strict):
        return None
    special = special_atoms(value)
    early = not special and any(is_carrier(scene.normaliser, a) for a in atoms_of(value))
    found = one_variable.prove(scene, value, strict=strict) if early else None
    if found is None:
        found = by_polynomial(scene, value, strict=strict)
    if found is None and special:
        return prove_both_sides(scene, value, special[0], by_polynomial, prove_value, strict=strict)
    if found is None:
        found = _by_factors(scene, value, strict=strict)
    curved = logarithms.concerns(scene, value)  # the assumptions may have brought exponentials in
    if found is None and (curved or roots.concerns(value)) and not early:
        found = one_variable.prove(scene, value, strict=strict)
    if found is None and roots.concerns(value):
        found = roots.prove(scene, value, strict=strict)
    if found is None and curved:
        found = logarithms.prove(scene, value, strict=strict)
    elif found is None and any(map(has_sides, atoms_of(value))):
        found = term_by_term.prove(scene, value, strict=strict)
    if found is None:
        found = power_sums.prove(scene, value, strict=strict)
    if found is None:
        found = prove_sides_of_facts(scene, value, by_polynomial, prove_value, strict=strict)
    return found


def by_polynomial(
    scene: Scene,
    value: Fraction,
    *,
    strict: bool,
    extra: Sequence[Fact] = (),
    splitting: Splitting | None = None,
) -> list[Part] | None:
    """Return the certificate of the polynomial question, if it is found.

    Facts given as `extra` are in the unknowns of `splitting`.
    """
    if has_gaps(scene.normaliser, value):  # before it is split, which hides the divisors
        return None
    splitting = splitting or Splitting(scene.case, scene.normaliser)
    if has_gaps(scene.normaliser, splitting.split(value)):
        return None
    posed = pose(splitting, value, scene.facts, strict=strict, work=scene.work, extra=extra)
    node = certify(posed.question) or _by_solvers(posed.question)
    return None if node is None else [part_data(scene.case.label, scene.steps, posed, node)]


def _by_solvers(question: Question) -> Node | None:
    """Put a question that no certificate settles to two solvers, if that is allowed."""
    work = question.work
    if work.solvers <= 0 or len(question.goal) > _LONGEST:
        return None
    work.solvers -= 1
    proof = prove_by_solvers(
        {u.name: u.sign for u in question.unknowns},
        [(poly_data(h.poly), h.relation) for h in question.hypotheses],
        poly_data(question.goal),
        question.relation,
        SECONDS,
    )
    if proof.node is None:
        work.reasons.append(proof.reason)
    return proof.node


# -- factors ---------------------------------------------------------------------------------------


def _by_factors(scene: Scene, value: Fraction, *, strict: bool) -> list[Part] | None:
    """Prove the sign of each irreducible factor by itself."""
    field = value.field
    content, factors = field.factors(value.num * value.den)
    if len(factors) < 2 and value.den.is_constant():
        return None
    negative = content < 0
    parts: list[Part] = []
    inner = scene.after("each factor by itself")
    for factor, power in factors:
        if power % 2 == 0 and not strict:
            continue
        for side, poly in ((False, factor), (True, -factor)):
            one = field.whole(poly)
            found = prove_value(inner, one, strict=strict)
            found = _unnamed(inner, one, strict=strict) if found is None else found
            if found is not None:
                parts += found
                negative ^= side and bool(power % 2)
                break
        else:
            return None
    return None if negative else parts


def _unnamed(scene: Scene, value: Fraction, *, strict: bool) -> list[Part] | None:
    """Prove the sign of a value that names no class, without the names and what is said of them."""
    named = {c for classes in scene.case.classes.values() for c in classes}
    expr = value.expr()
    if not named or any(c.is_Integer for c in named) or named & expr.free_symbols:
        return None
    given = [fact for fact in scene.given if not named & fact.free_symbols]
    found = prove_sign(expr, given, strict=strict, work=scene.work, by_size=False)
    return found and [{**part, "steps": [*scene.steps, *part["steps"]]} for part in found]
