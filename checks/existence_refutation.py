"""Existence statements refuted: by a family along which every choice fails, or by the negation.

Guarantees: a family refutes only if the exact calculus of growth shows that for every value of the
chosen scalars the formula is false from some t on; the point shown is exact, and its failure is
certified and was re-evaluated from its printed form.
The negation refutes only with certificates that the separate checker accepts, and where its own
values are defined for everything.
What it cannot see: families with values that are no simple functions of one number.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice, product
from typing import Any

from sympy import And, Eq, Expr, Gt, Implies, Lt, Or, Rational, Symbol, oo
from sympy.core.relational import Relational
from sympy.logic.boolalg import Boolean

from ..numeric import enclose
from ..numeric.point import Point
from ..symbolic.errors import GradproofError
from ..symbolic.printing import to_text
from .existence_families import Family, families_of, point_of
from .existence_growth import fails_along, ratio_limit
from .existence_question import Question
from .existence_witness import holds_at_points, opposite
from .goals import Goal, concrete, goals_of
from .inequality.prover import prove_inequality
from .search import certify, fails_at
from .verdict import Counterexample, Evidence, Finding

_PROBES = tuple(
    Fraction(a) for a in "1/8 8 -8 -1/8 0 1/2 2 1 3/4 3/2 5/2 1/4 -1 9/10 11/10".split()
)
_NEAR = tuple(map(Fraction, "1/4 2 -2 -1/4 0 1/2 1 3/4 3/2 5/2 -1 9/10 11/10".split()))
_SHOWN = tuple(Fraction(a) for a in "1/1000 1000 -1000 1/10 10 -10 1 -1 0 1/2 2".split())
_SHOWN_NEAR = tuple(map(Fraction, "1/10 3 -3 1 -1 0 1/2 2".split()))
_SPLITS = (0, 1, Rational(1, 2), 2, 4)
_FAR = 256
_MANY = 64
_TRIED = 12
"""How many families that pass the screen are handed to the calculus."""


@dataclass(frozen=True)
class Shown:
    """A family that refutes, for the choices that obey some facts, with one of its points."""

    question: Question
    family: Family
    counterexample: Counterexample
    sentence: str
    data: dict[str, Any]


# -- families --------------------------------------------------------------------------------------


def refuting_families(question: Question) -> list[Shown]:
    """Return a family along which every choice fails, in a list; an empty one if none is found."""
    shown = _one_family(question)
    return [shown] if shown else []


def refuting_in_cases(question: Question) -> list[Shown]:
    """Return families that refute every choice below, at and above some number; else nothing."""
    if len(question.scalars) != 1:
        return []
    (scalar,) = question.scalars
    for split in _SPLITS:
        found = []
        for fact in _parts(scalar, split):
            shown = _one_family(question.narrowed(fact))
            if shown is not None:
                found.append(shown)
            elif not _excluded(fact, question):
                break
        else:
            if found:
                return found
    return []


def _parts(scalar: Symbol, split: Expr) -> list[Relational]:
    """Return facts of which one holds for every value of a scalar; none if there is no use."""
    below = Lt(scalar, split, evaluate=False)
    several = [Gt(scalar, split, evaluate=False), Eq(scalar, split, evaluate=False), below]
    if split == 0 and scalar.is_positive:
        return []
    return several[:2] if split == 0 and scalar.is_nonnegative else several


def _excluded(fact: Relational, question: Question) -> bool:
    """Tell whether the facts on the choice are shown to contradict a further one."""
    goal = Goal(opposite(fact), question.choice)
    return prove_inequality(goal).finding is Finding.PROVES


def _one_family(question: Question) -> Shown | None:
    probes, near = (list(_values(question, values, 3)) for values in (_PROBES, _NEAR))
    if not probes:
        return None
    # Many classes cost time, so a number of classes that grows is looked at less far.
    passing = (
        f for f in families_of(question) if _passes(question, f, near if f.grows else probes)
    )
    for family in islice(passing, _TRIED):
        if fails_along(question, family):
            shown = _show(question, family)
            if shown is not None:
                return shown
    return None


def _values(
    question: Question, numbers: tuple[Fraction, ...], most: int
) -> Iterator[dict[Any, Any]]:
    """Yield values of the chosen scalars that obey the facts on them, at most some of each."""

    def admitted() -> Iterator[dict[Any, Any]]:
        for values in product(numbers, repeat=len(question.scalars)):
            found = dict(zip(question.scalars, values, strict=True))
            try:
                if question.admits_choice(Point(found)):
                    yield found
            except GradproofError:
                continue

    yield from islice(admitted(), most ** len(question.scalars))


def _passes(question: Question, family: Family, probes: list[dict[Any, Any]]) -> bool:
    """Tell whether the formula fails far along a family for a few choices."""
    goal = Goal(question.formula, question.given)
    return all(_fails(goal, family, _MANY if family.grows else _FAR, v, 1024) for v in probes)


def _fails(goal: Goal, family: Family, t: int, values: dict[Any, Any], bits: int) -> bool:
    point = point_of(family, t, values)
    try:
        return point is not None and fails_at(goal, point, bits)
    except GradproofError:
        return False


# -- what is shown ---------------------------------------------------------------------------------


def _show(question: Question, family: Family) -> Shown | None:
    """Return the family with an exact point of it; None if no point is certified to fail."""
    place = _place(question, family)
    if place is None:
        return None
    t, point = place
    goals = goals_of([question.formula], question.given)
    goal = next((g for g in goals if fails_at(g, point, 4096)), None)
    counterexample, alone = certify(
        goal or Goal(question.formula, question.given), point, digits=12
    )
    letter = _letter(question)
    figures, ratio = _figures(question, goal, family, letter)
    data = {
        "along": family.text(letter),
        "for": choice_text(question),
        **({"limit": ratio} if ratio else {}),
        "values": dict(figures),
        "point": point.to_json(),
    }
    sentence = f"For {choice_text(question)} it fails along {family.text(letter)}"
    sentence += f": {ratio}." if ratio else "."
    at = f"t = {t}".replace("t", letter) if family.moves else "the point"
    sentence += f" {counterexample.failing} is false at {at}, {point}.{alone}"
    shown = Counterexample(point, counterexample.failing, (*counterexample.figures, *figures))
    return Shown(question, family, shown, sentence, data)


def _letter(question: Question) -> str:
    taken = {str(s) for s in (*question.varying, *question.chosen)}
    return next(letter for letter in "tsruvwq" if letter not in taken)


def _place(question: Question, family: Family) -> tuple[int, Point] | None:
    """Return the choice that takes longest to fail, with the t at which it fails."""
    goal = Goal(question.formula, question.given)
    steps = range(3 if family.grows else 10) if family.moves else range(1)
    times = [10 * 2**k for k in steps]
    found: list[tuple[int, Point]] = []
    for values in _values(question, _SHOWN_NEAR if family.grows else _SHOWN, 3):
        t = next((t for t in times if _fails(goal, family, t, values, 8192)), None)
        point = None if t is None else point_of(family, t, values)
        if t is not None and point is not None:
            found.append((t, point))
    return max(found, key=lambda one: one[0], default=None)


def choice_text(question: Question) -> str:
    """Return in words which choices are meant."""
    texts = []
    for scalar in question.scalars:
        sign = " > 0" if scalar.is_positive else " ≥ 0" if scalar.is_nonnegative else ""
        texts.append(f"every {scalar}{sign}")
    facts = ", ".join(to_text(fact) for fact in question.choice)
    return " and ".join(texts) + (f" with {facts}" if facts else "")


def _figures(
    question: Question, goal: Goal | None, family: Family, letter: str
) -> tuple[tuple[tuple[str, str], ...], str]:
    """Return certified values of a ratio along the family, and its limit as text."""
    found = _ratio(question, goal.formula) if goal is not None else None
    if found is None or not family.moves:
        return (), ""
    ratio, name = found
    limit = ratio_limit(question, family, ratio)
    if limit is None:
        return (), ""
    places = (10, 20, 40)
    figures = []
    for t in places:
        value = _value(ratio, family, t)
        if value:
            figures.append((f"{name} at {letter} = {t}", value))
    end = {oo: "∞", -oo: "-∞"}.get(limit) or to_text(limit)
    return tuple(figures), f"{name} → {end}"


def _value(ratio: Expr, family: Family, t: int) -> str:
    point = point_of(family, t, {})
    try:
        return "" if point is None else enclose(ratio, point, digits=12).text(12)
    except GradproofError:
        return ""


def _ratio(question: Question, formula: Boolean) -> tuple[Expr, str] | None:
    """Return the side without the constant over what the constant multiplies on the other side."""
    if not isinstance(formula, Relational) or len(question.scalars) != 1:
        return None
    (c,) = question.scalars
    for one, other in (formula.args, formula.args[::-1]):
        factor, rest = other.as_independent(c, as_Add=False)
        if one.has(c) or rest != c:
            continue
        return one / factor, to_text(one / factor)
    return None


# -- the negation ----------------------------------------------------------------------------------


def refuted_by_negation(question: Question, seed: int) -> Evidence | None:
    """Return a proof that the formula fails for everything, or None."""
    for formula, given in _negations(question.formula, question.given):
        proof = prove_inequality(Goal(formula, given))
        if proof.finding is Finding.PROVES and holds_at_points(
            concrete(Goal(opposite(question.formula), question.given)), seed
        ):
            return proof
    return None


def _negations(
    formula: Boolean, given: tuple[Any, ...]
) -> Iterator[tuple[Boolean, tuple[Any, ...]]]:
    """Yield goals each of which says that a formula fails: one part where the others hold."""
    if isinstance(formula, And):
        for number, part in enumerate(formula.args):
            others = (a for k, a in enumerate(formula.args) if k != number)
            yield from _negations(part, (*given, *others))
    elif isinstance(formula, Or):
        yield And(*map(opposite, formula.args), evaluate=False), given
    elif isinstance(formula, Implies):
        yield And(formula.args[0], opposite(formula.args[1]), evaluate=False), given
    else:
        yield opposite(formula), given

