"""The figure of a refuted claim: both sides along a line through the counterexample.

Guarantees: every value is certified; a gap is filled only where the relation is certainly false
while all assumptions of the claim hold, and places at which they do not are not drawn.
There is no figure for a claim about one exact point, nor where what is false is not one relation,
where a side has no value in balls, or where nothing varies on any line of one variable.
Cannot see: what happens between the places of the line.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import arb
from sympy import IndexedBase, Symbol
from sympy.core.relational import Relational

from ...checks.claim import Claim
from ...checks.goals import Goal, admits, concrete, goals_of
from ...checks.verdict import Outcome, Verdict
from ...numeric import Enclosure, Point, decide
from ...numeric.point import is_index
from ...symbolic.errors import DeclarationError, UndefinedValueError, UnsupportedError
from ...symbolic.printing import to_text
from ...symbolic.vocabulary import i, y, z
from ..markdown import listed
from .curves import Curve, draw_curve, spelled
from .figure import Figure
from .numbers import attempt, scientific
from .style import GREY, STYLES, is_drawable, legend, svg

MOST = 40
"""Figures of refuted claims that a report has at most: each takes about a tenth of a second."""

PREFIX = "refuted-"
"""What the names of these figures begin with."""

_STEPS = tuple(Fraction(k, 8) for k in range(-32, 33) if abs(k) <= 8 or k % 2 == 0)
"""Where the places of the line are, seen from the counterexample; denser near it."""

_FEWEST = 5
"""Places that make a curve."""

_ZOOM = 12
"""Times the gap at the counterexample that the panel is high at most."""

_SHORT = 40
"""Characters of both formulas together that have room in the legend."""

_BITS = 512
_SIDES = ("left side", "right side")


@dataclass(frozen=True, slots=True)
class _Variable:
    """A number of a point that can be changed: a symbol, or a member of a family."""

    key: Any
    member: int = 0

    @property
    def name(self) -> str:
        return f"{to_text(self.key)}_{self.member}" if self.member else to_text(self.key)

    @property
    def label(self) -> str:
        """The name as it stands at the axis."""
        if len(self.name) == 3 and self.name.isascii() and self.member:
            return f"${self.name}$"
        return self.name if is_drawable(self.name) else "value"

    def value(self, point: Point) -> Fraction:
        held = point[self.key]
        return Fraction(held[self.member - 1] if self.member else held)

    def at(self, point: Point, value: Fraction) -> Point | None:
        """Return the point with another value, or None if the variable cannot have it."""
        changed: Any = value
        if self.member:
            members = list(point[self.key])
            members[self.member - 1] = value
            changed = tuple(members)
        try:
            return point.replace({self.key: changed})
        except DeclarationError:
            return None


@dataclass(frozen=True, slots=True)
class _Line:
    """Both sides of a relation along a line, and where the relation is certainly false."""

    variable: _Variable
    left: Curve
    right: Curve
    false: tuple[bool, ...]
    origin: Fraction
    """The place of the counterexample."""

    @property
    def window(self) -> tuple[float, float] | None:
        """The part of the vertical axis in which the gap at the counterexample can be seen.

        None if all of it serves.
        """
        here = [float(side.ball(self.origin).mid()) for side in (self.left, self.right)]
        gap, middle = abs(here[0] - here[1]), sum(here) / 2
        every = [float(ball.mid()) for side in (self.left, self.right) for ball in side.values]
        low, high = (middle - _ZOOM * gap / 2, middle + _ZOOM * gap / 2)
        wide = gap > 0 and max(every) - min(every) > _ZOOM * gap
        margin = gap / 2
        shown = (max(low, min(every) - margin), min(high, max(every) + margin))
        return shown if wide else None


def refutation_figure(claim: Claim, verdict: Verdict) -> Figure | None:
    """Return the figure of a refuted claim, or None where there is nothing to be drawn."""
    found = verdict.counterexample
    if verdict.outcome is not Outcome.REFUTED or found is None or claim.at is not None:
        return None
    goal = _failing(claim, found.failing)
    if goal is None:
        return None
    try:
        lines = (_line(goal, found.point, variable) for variable in _variables(found.point))
        line = next((line for line in lines if line is not None), None)
    except UnsupportedError:
        return None
    return None if line is None else _figure(claim, line, found.point)


def _failing(claim: Claim, text: str) -> Goal | None:
    """Return the goal that is false at the counterexample, if it is a relation, with numbers."""
    for goal in goals_of(claim.statement, claim.given):
        if isinstance(goal.formula, Relational) and to_text(goal.formula) == text:
            return concrete(goal)
    return None


def _variables(point: Point) -> Iterator[_Variable]:
    """Yield what can be varied: logits first, of these the classes that the statement names."""
    named = [point[key] for key in (i, y) if key in point]
    keys = sorted(point, key=lambda key: (key != z, not isinstance(key, IndexedBase), str(key)))
    for key in keys:
        if isinstance(key, IndexedBase):
            members = range(1, len(point[key]) + 1)
            first = [place for place in dict.fromkeys(named) if place in members]
            yield from (_Variable(key, place) for place in dict.fromkeys([*first, *members]))
        elif isinstance(key, Symbol) and not is_index(key):
            yield _Variable(key)


def _line(goal: Goal, point: Point, variable: _Variable) -> _Line | None:
    """Return the sides along the line of a variable, None if they do not vary on it."""
    origin = variable.value(point)
    near = (_sides(goal, variable.at(point, origin + step)) for step in (-1, 0, 1))
    if not _vary([sides for sides in near if sides is not None]):
        return None
    drawn = []
    for step in _STEPS:
        where = variable.at(point, origin + step)
        sides = _sides(goal, where)
        if where is not None and sides is not None:
            drawn.append((origin + step, *sides, _is_false(goal.formula, where)))
    places, left, right, false = zip(*drawn, strict=True)
    if len(places) < _FEWEST or not dict(zip(places, false, strict=True)).get(origin):
        return None
    first, second = map(Curve, _labels(goal.formula), (places, places), (left, right))
    return _Line(variable, first, second, false, origin)


def _labels(relation: Relational) -> tuple[str, ...]:
    """Return what the sides are called in the legend: with their formulas, if these are short."""
    texts = [to_text(side) for side in relation.args]
    fit = len("".join(texts)) <= _SHORT and all(map(is_drawable, texts))
    return tuple(f"{a}: {b}" for a, b in zip(_SIDES, texts, strict=True)) if fit else _SIDES


def _sides(goal: Goal, point: Point | None) -> tuple[arb, arb] | None:
    """Return both sides at a point of the claim's domain, None elsewhere."""
    if point is None or not admits(goal.given, point):
        return None
    left, right = (attempt(side, point, _BITS) for side in goal.formula.args)
    return None if left is None or right is None else (left, right)


def _vary(found: list[tuple[arb, arb]]) -> bool:
    """Tell whether a side certainly has different values at some of the places."""
    return any(
        not a.overlaps(b) for sides in zip(*found, strict=True) for a in sides for b in sides
    )


def _is_false(relation: Relational, point: Point) -> bool:
    try:
        return decide(relation, point, max_bits=_BITS) is False
    except UndefinedValueError:
        return False


def _figure(claim: Claim, line: _Line, point: Point) -> Figure:
    name = f"{PREFIX}{claim.id}"
    title = f"Both sides of {claim.id} along a line through its counterexample"
    words = _words(line)
    return Figure(
        name,
        title,
        f"Left and right side of the part that is false, against {line.variable.name}; everything "
        f"else is as at the counterexample, {point}, which the upright line marks. The gap is "
        f"filled where the claim is certainly false.{_leaving(line)}",
        words,
        svg(name, title, words, 2.9, lambda figure: _draw(figure, line)),
        claims=(claim.id,),
    )


def _leaving(line: _Line) -> str:
    return "" if line.window is None else " The panel shows what is near the gap there."


def _words(line: _Line) -> str:
    at, variable = line.origin, line.variable.name
    first, *_, last = line.left.places
    ends = [
        f"the {name} goes from {_told(side, first)} to {_told(side, last)}"
        for name, side in zip(_SIDES, (line.left, line.right), strict=True)
    ]
    return (
        f"At {variable} = {spelled(at)}, the counterexample, the left side is "
        f"{_told(line.left, at)} and the right side {_told(line.right, at)}. "
        f"From {variable} = {spelled(first)} to {spelled(last)} {listed(ends)}. "
        f"The claim is certainly false at {sum(line.false)} of the {len(line.false)} places drawn."
    )


def _told(shown: Curve, place: Fraction) -> str:
    ball = shown.ball(place)
    if ball.is_exact():
        return spelled(Enclosure.of(ball).mid)
    return "0" if ball.contains(0) else scientific(ball)


def _draw(figure: Any, line: _Line) -> None:
    panel = figure.subplots()
    figure.subplots_adjust(left=0.1, right=0.985, bottom=0.17, top=0.88)
    xs, left, right = (
        [float(place) for place in line.left.places],
        *([float(ball.mid()) for ball in side.values] for side in (line.left, line.right)),
    )
    panel.axvline(float(line.origin), color=GREY, linewidth=1.0)
    for shown, style in zip((line.left, line.right), STYLES, strict=False):
        draw_curve(
            panel, shown, style, markevery=[line.left.places.index(line.origin)], markersize=7
        )
    panel.fill_between(xs, left, right, where=line.false, color="0.88", label="certainly false")
    panel.set_xlabel(line.variable.label)
    panel.set_xlim(xs[0], xs[-1])
    if line.window is not None:
        panel.set_ylim(*line.window)
    legend(figure, [panel])
