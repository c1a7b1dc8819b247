"""Numbers in the code of an implementation, and points steered at the branches they may make.

Guarantees: none; each point is judged on its own.
Read are the constants of the code and of what it calls in the same module, closures, defaults and
numbers among its globals.
Cannot see: numbers that are computed, read from files, or held by compiled code.
"""

from __future__ import annotations

import inspect
import math
import sys
from collections.abc import Iterator
from fractions import Fraction
from functools import partial
from types import CodeType, FunctionType
from typing import Any

from ...numeric.twins.adaptor import is_of_a_library, parts_of
from .grid import Grid
from .point import AuditPoint
from .regimes import RegimePoint
from .targets import TargetMaker

LARGEST_SIZE = 100_001
"""More classes than that are not tried, whatever the code compares with."""

_USUAL = {0.0, 1.0, -1.0, 2.0, 0.5}
_DEPTH = 4


def constants_of(program: Any) -> list[float]:
    """Return the numbers that the code of a callable holds, but for 0, 1, -1, 2 and 1/2."""
    found: dict[float, None] = {}
    for number in _numbers(program, _DEPTH, set()):
        if math.isfinite(number) and number not in _USUAL:
            found[number] = None
    return list(found)


def _numbers(thing: Any, depth: int, seen: set[int]) -> Iterator[float]:
    if isinstance(thing, bool) or thing is None:
        return
    if isinstance(thing, int | float):
        yield float(thing) if abs(thing) < 1e300 else math.inf
        return
    if depth == 0 or id(thing) in seen:
        return
    seen.add(id(thing))
    if isinstance(thing, tuple | list | frozenset):
        for part in list(thing)[:50]:
            yield from _numbers(part, depth, seen)
    elif isinstance(thing, CodeType):
        for part in thing.co_consts:
            yield from _numbers(part, depth, seen)
    elif callable(thing) and not _is_foreign(thing):
        yield from _of_callable(thing, depth, seen)


def _is_foreign(thing: Any) -> bool:
    """Tell whether something is defined in a library; what a user derives from its classes is not.

    What a library makes of a user's function, such as a compiled one, has the function's module.
    """
    owner = thing.__self__ if inspect.ismethod(thing) else thing
    home = sys.modules.get(str(getattr(owner, "__module__", None)))
    return home is not None and is_of_a_library(home) and not isinstance(thing, partial)


def _of_callable(thing: Any, depth: int, seen: set[int]) -> Iterator[float]:
    if isinstance(thing, FunctionType):
        yield from _numbers(thing.__code__, depth, seen)
    elif not inspect.isclass(thing):
        for value in vars(thing).values() if hasattr(thing, "__dict__") else ():
            yield from _numbers(value, depth - 1, seen)
    for part in parts_of(thing):
        yield from _numbers(part, depth - 1, seen)


def steered(
    constants: list[float], grid: Grid, make_target: TargetMaker, largest: int
) -> Iterator[RegimePoint]:
    """Yield points at which a size, a label, a logit, a gap or a probability is a constant.

    Parameters
    ----------
    constants
        The numbers.
    grid
        The numbers of a format.
    make_target
        Makes a target of a label.
    largest
        The largest number of classes.
    """
    for constant in constants:
        for logits, label in _points(constant, grid, largest):
            held = tuple(logits)
            yield RegimePoint("constants of the code", AuditPoint(held, make_target(held, label)))


def _points(c: float, grid: Grid, largest: int) -> Iterator[tuple[list[Fraction], int]]:
    if c == int(c) and 2 < c <= largest:
        yield from _sizes(int(c), grid, largest)
    if abs(c) <= 20000:
        for step in (0.0, 0.25, -0.25, 1.0, -1.0):
            yield from _values(c + step, grid)
    if 0 < c < 1:
        odds = math.log1p(-c) - math.log(c)
        for step in (0.0, 0.5, -0.5, 2.0):
            yield from _values(odds + step, grid)
            yield from _values(-odds - step, grid)
    if c > 20000:
        yield from _values(min(math.log(c) + 1, 800.0), grid)


def _sizes(c: int, grid: Grid, largest: int) -> Iterator[tuple[list[Fraction], int]]:
    for n in (c - 1, c, c + 1, 2 * c, c + 2):
        if 1 < n <= largest:
            kinds = grid.normal(24, 2.0)
            logits = grid.from_few(n, kinds) if n > 100 else grid.normal(n, 2.0)
            yield logits, n - 1
            if c < n <= 1025:
                yield logits, c


def _values(value: float, grid: Grid) -> Iterator[tuple[list[Fraction], int]]:
    """Yield points at which a logit, or the gap of two, has a value."""
    v = grid.nearest(value)
    rest = [grid.nearest(x) for x in (0.0, -0.5, 0.25)]
    yield [v, *rest[:2]], 0
    yield [v, *rest[:2]], 1
    yield [rest[1], v], 1
    base = grid.normal(1)[0]
    yield [grid.nearest(base + v), base, rest[2]], 0
    yield [rest[2], base, grid.nearest(base + v)], 1
    yield [v, v, grid.nearest(v + Fraction(1, 2))], 0
