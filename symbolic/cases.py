"""The cases of a statement: which of its named classes are the same.

Guarantees: every assignment of classes to the free indices that satisfies the assumptions belongs
to exactly one case; within a case all Kronecker deltas between named classes are numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from sympy import (
    Eq,
    Expr,
    Ge,
    Gt,
    Integer,
    KroneckerDelta,
    Le,
    Lt,
    Ne,
    S as _S,
    Symbol,
)
from sympy.core.basic import Basic
from sympy.core.relational import Relational

from .class_sums import replace_free
from .ranges import SIZES, index_sizes

__all__ = ["ONLY_CASE", "SIZES", "Case", "cases_of", "index_sizes", "size_bounds"]

ONLY_CASE = "the only case"
"""The label where no classes are named that could coincide."""


@dataclass(frozen=True)
class Case:
    """One way in which named classes coincide.

    Attributes
    ----------
    substitution
        What each index (and a fixed number of classes) is replaced by.
    classes
        The named classes by size, pairwise distinct.
    smallest
        The least number of classes for each size in this case.
    label
        The case in words, such as ``i = y, k != y``.
    """

    substitution: Mapping[Expr, Expr]
    classes: Mapping[Expr, tuple[Expr, ...]]
    smallest: Mapping[Expr, int]
    label: str

    def apply(self, expr: Basic) -> Basic:
        """Return `expr` in this case, without deltas between named classes."""
        result = replace_free(expr, self.substitution)
        zeros = {
            d: _S.Zero
            for d in result.atoms(KroneckerDelta)
            if any(set(d.args) <= set(same) for same in self.classes.values())
        }
        return result.xreplace(zeros)


def size_bounds(given: Iterable[Basic], size: Expr) -> tuple[int, int | None]:
    """Return the least and the largest value that `given` leaves for the number `size`."""
    low, high = 1, None
    for fact in given:
        if not isinstance(fact, Relational) or size not in (fact.lhs, fact.rhs):
            continue
        turned = fact if fact.lhs == size else fact.reversed
        if not isinstance(turned.rhs, Integer):
            continue
        value = int(turned.rhs)
        if isinstance(turned, (Eq, Ge, Gt)):
            low = max(low, value + isinstance(turned, Gt))
        if isinstance(turned, (Eq, Le, Lt)):
            limit = value - isinstance(turned, Lt)
            high = limit if high is None else min(high, limit)
    return low, high


def cases_of(exprs: Iterable[Basic], given: Iterable[Basic] = ()) -> Iterator[Case]:
    """Yield every case of the free indices of `exprs` that `given` allows.

    Where `given` bounds a size from above, each value of it is a case of its own and the indices
    run over the numbers; else the indices are grouped into equal ones.
    """
    given = list(given)
    sizes = index_sizes([*exprs, *given])
    apart = {frozenset(f.args) for f in given if isinstance(f, Ne)}
    together = {frozenset(f.args) for f in given if isinstance(f, Eq)}
    choices = [
        list(_choices([a for a, s in sizes.items() if s == size], size, size_bounds(given, size)))
        for size in SIZES
    ]
    for parts in product(*choices):
        substitution = {a: b for part in parts for a, b in part[0].items()}
        if _allowed(substitution, apart, together):
            yield Case(
                substitution,
                {size: part[1] for size, part in zip(SIZES, parts, strict=True)},
                {size: part[2] for size, part in zip(SIZES, parts, strict=True)},
                _label(substitution, [a for a in sizes if isinstance(a, Symbol)]),
            )


def _allowed(
    substitution: Mapping[Expr, Expr], apart: set[frozenset[Expr]], together: set[frozenset[Expr]]
) -> bool:
    def value(a: Expr) -> Expr:
        return substitution.get(a, a)

    known = set(substitution)
    for pair in apart | together:
        if len(pair) == 2 and all(a in known or isinstance(a, Integer) for a in pair):
            a, b = pair
            if (value(a) == value(b)) != (pair in together):
                return False
    return True


_Choice = tuple[dict[Expr, Expr], tuple[Expr, ...], int]


def _choices(names: list[Expr], size: Expr, bounds: tuple[int, int | None]) -> Iterator[_Choice]:
    low, high = bounds
    numbers = [int(a) for a in names if isinstance(a, Integer)]
    low = max([low, *numbers])
    symbols = [a for a in names if isinstance(a, Symbol)]
    if high is None:
        for groups in _partitions(names):
            substitution = {a: group[0] for group in groups for a in group if isinstance(a, Symbol)}
            yield substitution, tuple(g[0] for g in groups), max(low, len(groups))
        return
    for count in range(low, high + 1):
        for values in product(range(1, count + 1), repeat=len(symbols)):
            fixed = {a: Integer(v) for a, v in zip(symbols, values, strict=True)}
            classes = tuple(Integer(v) for v in range(1, count + 1))
            yield {size: Integer(count), **fixed}, classes, count


def _partitions(names: list[Expr]) -> Iterator[list[list[Expr]]]:
    """Yield all partitions of `names` in which no two numbers are together, numbers first."""
    if not names:
        yield []
        return
    *rest, last = sorted(names, key=lambda a: (isinstance(a, Symbol), str(a)))
    for groups in _partitions(rest):
        yield [*groups, [last]]
        if isinstance(last, Symbol):
            for position, group in enumerate(groups):
                yield [*groups[:position], [*group, last], *groups[position + 1 :]]


def _label(substitution: Mapping[Expr, Expr], symbols: list[Expr]) -> str:
    fixed = [f"{s} = {v}" for s, v in substitution.items() if s in SIZES]
    relations = []
    for position, a in enumerate(symbols):
        value = substitution.get(a, a)
        if isinstance(value, Integer):
            relations.append(f"{a} = {value}")
            continue
        for b in symbols[position + 1 :]:
            other = substitution.get(b, b)
            if not str(b).startswith("_") and not isinstance(other, Integer):
                relations.append(f"{a} {'=' if value == other else '≠'} {b}")
    return ", ".join(fixed + relations) or ONLY_CASE
