"""The replay of a proved identity by independent paths.

Guarantees: an identity that passes held, to 40 digits or to certified balls, on three paths that
share no code with the normal form:
explicit classes for n = 2, 3, 4 with SymPy's plain derivative and mpmath's numbers; certified
evaluation at exact random points; and every derivative in it against Taylor arithmetic in balls on
the loss alone.
What it cannot see: a difference below 10^-40 of the larger side at all of its points.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from random import Random
from time import perf_counter

from sympy import Eq, Expr, Integer, Integral

from ..numeric import decide, derivative, evaluate
from ..numeric.point import Point
from ..symbolic.calculus import LossTerm
from ..symbolic.cases import SIZES, size_bounds
from ..symbolic.class_sums import bound_indices, replace_free
from ..symbolic.errors import EngineConflict, UndefinedValueError, UnsupportedError
from ..symbolic.printing import to_text
from ..symbolic.vocabulary import n
from .exact import exact_zero
from .explicit import agrees, classes_of
from .goals import Goal
from .kink_points import kink_points
from .sampling import patterned_domains
from .smoothness import Smoothness, smoothness
from .verdict import Evidence, Finding

METHOD = "replay"
BITS = 256
_AT_KINKS = 4


def replay_identity(goal: Goal, seed: int) -> Evidence:
    """Replay a proved equation; return what was confirmed.

    Raises
    ------
    EngineConflict
        If a path disagrees: then the prover or the path has a defect, and there is no verdict.
    """
    start = perf_counter()
    random = Random(seed)
    low, high = size_bounds(goal.given, n)
    counts = [c for c in (2, 3, 4) if c >= low and (high is None or c <= high)] or [low]
    heavy = goal.formula.has(Integral)  # quadrature of a sum of logarithms takes seconds a point
    explicit = certified = derivatives = 0
    for count in counts[:1] if heavy else counts:
        for point in _points(goal, count, random):
            compared = _check_certified(goal, point)
            certified += compared
            explicit += compared and _check_explicit(goal, point)
            derivatives += _check_derivatives(goal, point)
            if heavy:
                break
    certified += _check_at_kinks(goal, seed)
    if not certified:
        detail = "No point of the domain was met at which to replay the proof."
        return Evidence(
            METHOD, Finding.DID_NOT_RUN, "no points", detail, None, perf_counter() - start
        )
    sizes = f"n = {', '.join(map(str, counts[:1] if heavy else counts))}"
    detail = (
        f"Certified evaluation agreed at {certified} exact points, explicit classes at {explicit}, "
        f"and {derivatives} derivatives agreed with Taylor arithmetic on the loss alone."
    )
    return Evidence(METHOD, Finding.CONFIRMS, sizes, detail, None, perf_counter() - start)


def _bits(goal: Goal) -> int:
    return 64 if goal.formula.has(Integral) else BITS


def _points(goal: Goal, count: int, random: Random) -> Iterator[Point]:
    """Yield points with `count` classes, at least one for each way in which classes coincide."""
    size = Eq(n, count, evaluate=False)
    domains = patterned_domains(goal.formula, (*goal.given, size))
    for domain in domains if len(domains) > 1 else domains * 2:
        point = domain.draw(random)
        if point is not None:
            yield point


def _conflict(path: str, goal: Goal, point: Point, left: object, right: object) -> EngineConflict:
    return EngineConflict(
        f"the {path} agrees with the proof of {to_text(goal.formula)}",
        found=f"{left} against {right} at {point}",
        remedy="report this: one of the two methods of gradproof is wrong",
    )


def _check_certified(goal: Goal, point: Point) -> bool:
    """Compare the sides in balls; tell whether they are determined, as 0 to a power is not."""
    left, right = (evaluate(side, point, _bits(goal)) for side in goal.formula.args)
    if left.is_finite() and right.is_finite():
        if not left.overlaps(right):
            raise _conflict("certified evaluation", goal, point, left, right)
        return True
    try:
        decide(goal.formula, point, max_bits=_bits(goal), exact_zero=exact_zero)
    except UndefinedValueError:
        raise _conflict("certified evaluation", goal, point, left, right) from None
    return False


def _check_at_kinks(goal: Goal, seed: int) -> int:
    """Compare the sides where branches of a loss meet; return how many points could be compared."""
    count = 0
    for point in islice(kink_points(goal, seed), _AT_KINKS):
        if smoothness(goal.formula, point) is Smoothness.KINK:
            raise _conflict("derivative from both sides", goal, point, "no value", "a value")
        left, right = (evaluate(side, point, _bits(goal)) for side in goal.formula.args)
        if left.is_finite() and right.is_finite():
            count += 1
            if not left.overlaps(right):
                raise _conflict("certified evaluation", goal, point, left, right)
    return count


def _check_explicit(goal: Goal, point: Point) -> bool:
    """Compare the sides with every class written out; tell whether that was possible."""
    try:
        agree, (left, right) = agrees(point, goal.formula.args)
    except UnsupportedError:
        return False
    if not agree:
        raise _conflict("expansion into explicit classes", goal, point, left, right)
    return True


def _check_derivatives(goal: Goal, point: Point) -> int:
    """Compare every derivative of a loss with the oracle that uses only the loss."""
    count = 0
    for term in sorted(goal.formula.atoms(LossTerm), key=str):
        if not term.variables:
            continue
        # A running class of a sum becomes class 1; a free index keeps its name, so that the
        # derivative is compiled once for all points.
        first = {s: Integer(1) for s in bound_indices(term)}
        free = term.func(term.args[0], *(replace_free(a, first) for a in term.args[1:]))
        try:
            expected = derivative(free.value, point, *_members(free, point), bits=_bits(goal))
            found = evaluate(free, point, _bits(goal))
        except (UnsupportedError, UndefinedValueError):
            continue
        if not expected.overlaps(found):
            raise _conflict("derivative of the loss alone", goal, point, expected, found)
        count += 1
    return count


def _members(term: LossTerm, point: Point) -> list[Expr]:
    """Return the variables of differentiation at the classes of the point."""
    classes = {s: Integer(v) for s, v in classes_of(point).items() if s not in SIZES}
    return [variable.xreplace(classes) for variable in term.variables]
