"""A family that refutes an existence statement, as exact points, certified figures and sentences.

Guarantees: the point shown lies on the family and obeys the facts, the formula is certified to fail
there, and the point was re-evaluated from its printed form; every figure is a certified enclosure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice, product
from typing import Any

from sympy import Expr, oo
from sympy.core.relational import Relational
from sympy.logic.boolalg import Boolean

from ..numeric import enclose
from ..numeric.point import Point
from ..symbolic.errors import GradproofError
from ..symbolic.printing import to_text
from .existence_families import Family, point_of
from .existence_growth import ratio_limit
from .existence_question import Question
from .failing import FULL_BITS, certify, fails_at
from .goals import Goal, goals_of
from .verdict import Counterexample

_TENTH, _HALF = Fraction(1, 10), Fraction(1, 2)
_SHOWN = (Fraction(1, 1000), 1000, -1000, _TENTH, 10, -10, 1, -1, 0, _HALF, 2)
_SHOWN_NEAR = (_TENTH, 3, -3, 1, -1, 0, _HALF, 2)
_PLACES = (10, 20, 40)
"""The values of t at which figures are given."""
_CHOICES = 3
"""How many values of a chosen scalar are tried for a point."""
_DIGITS = 12


@dataclass(frozen=True)
class Shown:
    """A family that refutes, for the choices that obey some facts, with one of its points."""

    question: Question
    family: Family
    counterexample: Counterexample
    sentence: str
    data: dict[str, Any]


def show(question: Question, family: Family) -> Shown | None:
    """Return the family with an exact point of it; None if no point is certified to fail."""
    place = _place(question, family)
    if place is None:
        return None
    t, point = place
    goals = goals_of([question.formula], question.given)
    goal = next((g for g in goals if fails_at(g, point, 4096)), None)
    counterexample, alone = certify(
        goal or Goal(question.formula, question.given), point, digits=_DIGITS
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


def values_of(
    question: Question, numbers: Sequence[Fraction | int], most: int
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


def fails_on(goal: Goal, family: Family, t: int, values: dict[Any, Any], bits: int) -> bool:
    """Tell whether a goal is certified to fail at the point of a family at t."""
    point = point_of(family, t, values)
    try:
        return point is not None and fails_at(goal, point, bits)
    except GradproofError:
        return False


def _letter(question: Question) -> str:
    taken = {str(s) for s in (*question.varying, *question.chosen)}
    return next(letter for letter in "tsruvwq" if letter not in taken)


def _place(question: Question, family: Family) -> tuple[int, Point] | None:
    """Return the choice that takes longest to fail, with the t at which it fails."""
    goal = Goal(question.formula, question.given)
    steps = range(3 if family.grows else 10) if family.moves else range(1)
    times = [10 * 2**k for k in steps]
    found: list[tuple[int, Point]] = []
    for values in values_of(question, _SHOWN_NEAR if family.grows else _SHOWN, _CHOICES):
        t = next((t for t in times if fails_on(goal, family, t, values, FULL_BITS)), None)
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
    figures = []
    for t in _PLACES:
        value = _value(ratio, family, t)
        if value:
            figures.append((f"{name} at {letter} = {t}", value))
    end = {oo: "∞", -oo: "-∞"}.get(limit) or to_text(limit)
    return tuple(figures), f"{name} → {end}"


def _value(ratio: Expr, family: Family, t: int) -> str:
    point = point_of(family, t, {})
    try:
        return "" if point is None else enclose(ratio, point, digits=_DIGITS).text(_DIGITS)
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
