"""Case distinctions as sums: each branch times the indicator of its condition.

Guarantees: `Indicators.replace` returns an expression equal to its argument when every stand-in is
1 where its condition holds and 0 elsewhere; a derivative of it is right inside each branch, where
conditions do not change, and says nothing about the edges between them.
Two conditions share a stand-in only if the normal form proves that they compare the same quantity.
What it cannot see: relations between conditions, such as that two exclude each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import permutations

from sympy import And, Expr, IndexedBase, Not, Or, Piecewise, S as _S, Symbol, false, true
from sympy.core.basic import Basic
from sympy.core.relational import Relational
from sympy.tensor.indexed import Indexed

from .class_sums import bottom_up
from .errors import UnsupportedError
from .normal_form import equal
from .vocabulary import SLOT, Softmax, index, n, scalar


class Indicators:
    """Stand-ins for the conditions met so far.

    Parameters
    ----------
    given
        Assumptions under which conditions are compared.
    """

    def __init__(self, given: Iterable[Basic] = ()) -> None:
        self._given = tuple(given)
        self._known: list[tuple[Relational, str]] = []

    def replace(self, expr: Expr) -> Expr:
        """Return `expr` with each case distinction written as a sum over its branches."""
        return bottom_up(expr, self._sum)

    def _sum(self, node: Expr) -> Expr:
        if not isinstance(node, Piecewise):
            return node
        total, open_so_far = _S.Zero, _S.One
        for value, condition in node.args:
            here = self._indicator(condition)
            total += open_so_far * here * value
            open_so_far *= 1 - here
        return total

    def _indicator(self, condition: Basic) -> Expr:
        if condition in (true, false):
            return _S.One if condition is true else _S.Zero
        if isinstance(condition, Relational):
            return self._stand_in(condition)
        parts = [self._indicator(part) for part in condition.args]
        if isinstance(condition, Not):
            return 1 - parts[0]
        product = _S.One
        for part in parts:
            product *= part if isinstance(condition, And) else 1 - part
        if isinstance(condition, (And, Or)):
            return product if isinstance(condition, And) else 1 - product
        raise UnsupportedError(
            "the conditions of a branch are inequalities joined by and, or, not",
            found=condition,
            remedy="write the branches with such conditions",
        )

    def _stand_in(self, relation: Relational) -> Expr:
        classes = sorted(_classes(relation), key=str)
        places = [index(f"place{number}") for number in range(len(classes))]
        for order in permutations(classes):
            template = relation.xreplace(dict(zip(order, places, strict=True)))
            for known, name in self._known:
                if _same(template, known, self._given):
                    return _member(name, order)
        name = f"branch{len(self._known) + 1}"
        self._known.append((relation.xreplace(dict(zip(classes, places, strict=True))), name))
        return _member(name, classes)


def _member(name: str, classes: Sequence[Symbol]) -> Expr:
    if not classes:
        return scalar(name)
    return IndexedBase(name, shape=(n,) * len(classes), real=True)[tuple(classes)]


def _classes(relation: Relational) -> set[Symbol]:
    """Return the classes that `relation` speaks about."""
    named = {index for a in relation.atoms(Indexed) for index in a.indices}
    named |= {s.args[0] for s in relation.atoms(Softmax)}
    return (named & relation.free_symbols) - {SLOT}


def _same(first: Relational, second: Relational, given: Iterable[Basic]) -> bool:
    gap, other = first.gts - first.lts, second.gts - second.lts
    return first.rel_op.strip("<>") == second.rel_op.strip("<>") and equal(gap, other, given)
