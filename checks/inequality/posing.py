"""Pose the polynomial question of one case: goal, assumptions and lemmas in real unknowns.

Guarantees: where the question is answered yes, the fraction it was made of has the sign asked for
at every point of the case that the assumptions allow and where the fraction is defined.
An assumption that cannot be put in the unknowns is not used, which is safe.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sympy import Abs, Eq, Expr, Ge, Gt, Le, Lt, Sum
from sympy.core.basic import Basic
from sympy.tensor.indexed import Indexed

from ...numeric import evaluate
from ...numeric.point import Point
from ...symbolic.errors import UnsupportedError
from ...symbolic.field import Fraction, factored
from ...symbolic.partial_fractions import has_gaps
from ...symbolic.printing import to_text
from ...symbolic.vocabulary import is_class
from .carriers import exponential_of
from .combination import by_coefficients
from .convex_facts import without_extremes
from .facts import Fact
from .for_every import facts as facts_for_every, gaps, members
from .lemmas import Moment, relations
from .moments import auxiliary, fixed_sums, moments_of
from .question import Hypothesis, Question, Unknown
from .splitting import Splitting
from .work import Work

_CONSTANT_BITS = 30
_MANY = 40
"""Hypotheses beyond this number make the linear programs too large."""


@dataclass(frozen=True)
class Posed:
    """A question with what its unknowns stand for.

    `described` holds the sums that lemmas are about and that are no unknowns by themselves, such as
    the number of the remaining classes.
    """

    question: Question
    splitting: Splitting
    described: tuple[Moment, ...] = ()


def pose(
    splitting: Splitting,
    value: Fraction,
    facts: Sequence[Basic],
    *,
    strict: bool,
    work: Work,
    extra: Sequence[Fact] = (),
) -> Posed:
    """Return the question whether `value` is nonnegative, or positive.

    Parameters
    ----------
    splitting
        The unknowns of the case.
    value
        A fraction of the field of the case's normaliser.
    facts
        Assumptions in this case, prepared for the normal form.
    strict
        Whether the value shall be positive.
    work
        What the attempt may still do.
    extra
        Further polynomials of known sign.
    """
    split = splitting.split(value)
    known = [
        *_positive_sums(splitting, value),
        *_kept_signs(splitting),
        *_assumed(splitting, [*facts, *_of_named(splitting, facts)]),
        *facts_for_every(splitting, value, facts),
        *_constants(splitting, split),
        *extra,
    ]
    fixed = list(fixed_sums(splitting))
    own = [split.num * split.den, *(k.poly for k in known)]
    polys = [*own, *(f.poly for f in fixed), *auxiliary(splitting, own)]
    field_ = splitting.normaliser.field
    polys = [field_._poly(p) for p in polys]
    unknowns = _even(splitting.unknowns(polys))
    context, (goal, *rest) = splitting.polynomials(polys, unknowns)
    bare = Question(tuple(unknowns.values()), goal, strict, work=work)
    hypotheses: list[Hypothesis] = []
    for poly, k in zip(rest, known, strict=False):
        one = Hypothesis(poly, k.relation, k.lemma, k.text, k.of)
        hypotheses.append(_simplified(bare, one, hypotheses))
    values = rest[len(known) : len(known) + len(fixed)]
    groups = moments_of(splitting, unknowns, context, zip(fixed, values, strict=True))
    hypotheses += [h for moments in groups.values() for h in relations(moments)]
    useful = [h for h in hypotheses if not _is_plain(bare, h)]
    described = tuple(m for moments in groups.values() for m in moments if m.over)
    multipliers = tuple(m.poly for m in described if not m.powers)
    posed = replace(bare, hypotheses=tuple(useful[:_MANY]), multipliers=multipliers)
    return Posed(posed, splitting, described)


def _even(unknowns: dict[int, Unknown]) -> dict[int, Unknown]:
    """Count even powers of a real factor as powers of its absolute value, where that occurs."""
    sizes = {b.args[0]: b for u in unknowns.values() for b in u.powers if isinstance(b, Abs)}
    if not sizes:
        return unknowns

    def put(unknown: Unknown) -> Unknown:
        powers: dict[Any, Any] = {}
        for base, exponent in unknown.powers.items():
            new = sizes.get(base, base) if exponent % 2 == 0 else base
            powers[new] = powers.get(new, 0) + exponent
        return replace(unknown, powers=powers)

    return {number: put(unknown) for number, unknown in unknowns.items()}


def _assumed(splitting: Splitting, facts: Sequence[Basic]) -> Iterator[Fact]:
    """Yield what the assumptions say, as polynomials."""
    for fact in facts:
        if not isinstance(fact, (Gt, Ge, Lt, Le, Eq)) or _only_names(fact):
            continue
        if any(True for _ in gaps(fact)):  # said of each class instead
            continue
        big, small = (fact.rhs, fact.lhs) if isinstance(fact, (Lt, Le)) else fact.args
        relation = "==0" if isinstance(fact, Eq) else ">0" if isinstance(fact, (Gt, Lt)) else ">=0"
        whole = big - small
        plain = [] if isinstance(fact, Eq) else without_extremes(whole)
        for gap in [whole, *(plain if len(plain) > 1 else [])]:
            yield from _said(splitting, gap, relation, fact)


def _said(splitting: Splitting, gap: Expr, relation: str, fact: Basic) -> Iterator[Fact]:
    """Yield what it says that a quantity is positive, nonnegative or zero."""
    try:
        whole = splitting.normaliser.of(gap)
        value = splitting.split(whole)
    except (UnsupportedError, ZeroDivisionError):
        return
    if value.is_zero():
        return
    if relation == ">0" and has_gaps(splitting.normaliser, value):
        relation = ">=0"
    poly = value.num if relation == "==0" else value.num * value.den
    yield Fact(poly, relation, to_text(fact))
    yield from _exponential(splitting, whole, relation, fact)


def _of_named(splitting: Splitting, facts: Sequence[Basic]) -> list[Basic]:
    """Return what facts about every class say of the named ones."""
    named = [c for classes in splitting.case.classes.values() for c in classes]
    return [one for fact in facts for one in members(fact, named)]


def _exponential(
    splitting: Splitting, value: Fraction, relation: str, fact: Basic
) -> Iterator[Fact]:
    """Yield the exponential form of a fact about logits."""
    raised = exponential_of(splitting.normaliser, value)
    if raised is not None:
        split = splitting.split(raised - value.field.constant(1))
        if not split.is_zero():
            poly = split.num if relation == "==0" else split.num * split.den
            yield Fact(poly, relation, f"{to_text(fact)}, exponentials taken")


def _constants(splitting: Splitting, value: Fraction) -> Iterator[Fact]:
    """Yield rational bounds of the constants that occur, such as e or log 2."""
    field_ = splitting.normaliser.field
    for number in sorted({*field_.used(value.num), *field_.used(value.den)}):
        atom = field_.atoms[number]
        if atom.free_symbols or atom in splitting.rests:
            continue
        ball = evaluate(atom, Point({}), _CONSTANT_BITS)
        if not ball.is_finite():
            continue
        own = field_.whole(field_.generator(number))
        for end, way in ((ball.lower(), 1), (ball.upper(), -1)):
            bound = field_.constant(end.fmpq())
            gap = (own - bound) * field_.constant(way)
            text = f"{to_text(atom)} {'>' if way > 0 else '<'} {bound.rational()}"
            yield Fact(gap.num * gap.den, ">=0", text, "value of a constant")


def _only_names(fact: Basic) -> bool:
    """Tell whether a fact is about classes and their number alone."""
    return all(is_class(s) or str(s) in ("n", "B") for s in fact.free_symbols)


def _kept_signs(splitting: Splitting) -> Iterator[Fact]:
    """Yield the signs of what an assumption fixed: it no longer shows as an unknown."""
    normaliser = splitting.normaliser
    for atom, fixed in normaliser.rewrite.items():
        try:
            value = normaliser.of(fixed)
        except (UnsupportedError, ZeroDivisionError):
            continue
        if isinstance(atom, Sum):
            yield from _rest_of_fixed(splitting, atom, value)
        elif (isinstance(atom, Indexed) or atom.is_Symbol) and atom.is_nonnegative:
            split = splitting.split(value)
            relation = ">0" if atom.is_positive else ">=0"
            yield Fact(split.num * split.den, relation, f"{to_text(atom)} {relation}")


def _positive_sums(splitting: Splitting, value: Fraction) -> Iterator[Fact]:
    """Yield the class sums that are positive as a whole, by the sign of their terms."""
    normaliser = splitting.normaliser
    for number in sorted({*value.field.used(value.num), *value.field.used(value.den)}):
        if number not in normaliser.sums:
            continue
        whole = value.field.whole(value.field.generator(number))
        if normaliser.sign_of_fraction(whole) == ">0":
            split = splitting.split(whole)
            text = f"{to_text(value.field.atoms[number])} > 0"
            yield Fact(split.num * split.den, ">0", text, "positive terms")


def _rest_of_fixed(splitting: Splitting, atom: Expr, value: Fraction) -> Iterator[Fact]:
    """Yield that the remaining terms of a sum with a fixed value are not negative together."""
    ((running, _first, size),) = atom.limits
    term = atom.function
    if splitting.sign_of_term(term) not in (">0", ">=0"):
        return
    rest = value
    for member in splitting.case.classes.get(size, ()):
        rest = rest - splitting.normaliser.of(term.xreplace({running: member}))
    split = splitting.split(rest)
    if not split.is_zero():
        text = f"the remaining terms of {to_text(atom)} are not negative"
        yield Fact(split.num * split.den, ">=0", text, "definition")


def _is_plain(question: Question, known: Hypothesis) -> bool:
    """Tell whether a hypothesis says no more than the signs of the unknowns."""
    if known.relation == "==0":
        return bool(known.poly.is_zero())
    strict = known.relation == ">0"
    return by_coefficients(question.of(known.poly, strict=strict)) is not None


def _simplified(question: Question, known: Hypothesis, before: Sequence[Hypothesis]) -> Hypothesis:
    """Return a hypothesis without factors that are positive, by their terms or by another one."""
    if known.poly.is_zero():
        return known
    content, factors = factored(known.poly)
    poly = known.poly.context().constant(1 if content > 0 else -1)
    positive = [h.poly for h in before if h.relation == ">0"]
    for factor, power in factors:
        if any(factor == p for p in positive):
            continue
        if by_coefficients(question.of(factor, strict=True)) is not None:
            continue
        if by_coefficients(question.of(-factor, strict=True)) is not None:
            poly = poly * (-1) ** int(power)
            continue
        if known.relation == "==0" or (power % 2 and known.relation == ">0"):
            poly = poly * factor
        elif known.relation == ">=0":
            poly = poly * factor ** int(power)
    return Hypothesis(poly, known.relation, known.lemma, known.text, known.of)
