"""What is said of a point where a statement has no value: both sides of a kink, 0/0, log 0.

Guarantees: one-sided derivatives are certified from the loss alone; a form such as 0/0 is named
only if the zeros in it are exact.
What it cannot see: derivatives inside class sums, and of higher than the first order.
"""

from __future__ import annotations

from collections.abc import Iterator

from flint import arb
from sympy import Add, Expr, Integer, Mul, Pow, log
from sympy.core.basic import Basic

from ..numeric.enclosure import Enclosure
from ..numeric.evaluator import prepare
from ..numeric.one_sided import one_sided
from ..numeric.oracle import derivative
from ..numeric.point import Point
from ..numeric.run import KinkError
from ..symbolic.calculus import LossTerm
from ..symbolic.class_sums import bound_indices
from ..symbolic.errors import GradproofError
from ..symbolic.printing import to_text
from .exact import exact_zero

DIGITS = 12
_DIVISION = "a division by 0"
Figures = tuple[tuple[str, str], ...]


def sides_at(formula: Basic, point: Point) -> Figures:
    """Return both one-sided derivatives of each loss that has a kink at a point.

    >>> from sympy import Abs
    >>> from gradproof.symbolic import Eq, scalar
    >>> t = scalar("t")
    >>> sides_at(Eq(LossTerm("L", Abs(t), t), 0), Point({t: 0}))
    (('∂L/∂t from the left', '-1'), ('∂L/∂t from the right', '1'))
    """
    found: list[tuple[str, str]] = []
    for term in sorted(formula.atoms(LossTerm), key=str):
        if len(term.variables) == 1 and not bound_indices(term) and _has_kink(term, point):
            found += _sides(term, point)
    return tuple(dict.fromkeys(found))


def _has_kink(term: LossTerm, point: Point) -> bool:
    try:
        derivative(term.value, point, *term.variables)
    except KinkError:
        return True
    except GradproofError:
        return False
    return False


def _sides(term: LossTerm, point: Point) -> Figures:
    try:
        sides = one_sided(term.value, point, term.variables[0], is_zero=exact_zero)
    except GradproofError:
        return ()
    name = to_text(term.xreplace(_numbers(term, point)))
    parts = (("left", sides.left), ("right", sides.right))
    return tuple((f"{name} from the {side}", _text(ball)) for side, ball in parts)


def _numbers(term: LossTerm, point: Point) -> dict[Expr, Integer]:
    places = getattr(term.variables[0], "indices", ())
    return {place: Integer(int(point[place])) for place in places if place in point}


def _text(ball: arb) -> str:
    if ball.contains(0) and not ball.is_exact():
        return "0 as far as certified"
    return Enclosure.of(ball).text(DIGITS)


def sides_in_words(figures: Figures) -> str:
    """Return the one-sided derivatives as the end of a sentence, or nothing."""
    return "".join(f"; {name} is {value}" for name, value in figures)


def undefined_form(formula: Basic, point: Point) -> str:
    """Return "log 0", "0/0" or "a division by 0" for what a formula meets at a point, or nothing.

    Both are named where a loss meets the first and its derivative the second.
    """
    forms = {form for side in formula.args for form in _forms(prepare(side), point)}
    forms |= {f for t in formula.atoms(LossTerm) for f in _forms(prepare(t.value), point)}
    if "0/0" in forms:
        forms.discard(_DIVISION)
    return " and ".join(sorted(forms, reverse=True))


def _forms(expr: Expr, point: Point) -> Iterator[str]:
    if bound_indices(expr):
        return
    if isinstance(expr, log) and _is_zero(expr.args[0], point):
        yield "log 0"
    for term in Add.make_args(expr):
        below = [a for a in Mul.make_args(term) if _divides(a) and _is_zero(a.base, point)]
        if below:
            above = Mul(*(a for a in Mul.make_args(term) if not _divides(a)))
            yield "0/0" if _is_zero(above, point) else _DIVISION
    for arg in expr.args:
        if isinstance(arg, Expr) and not expr.is_Indexed:
            yield from _forms(arg, point)


def _divides(factor: Expr) -> bool:
    return isinstance(factor, Pow) and bool(factor.exp.is_negative)


def _is_zero(expr: Expr, point: Point) -> bool:
    return exact_zero(expr, point) is True
