"""What the value of a subexpression depends on, and which values are worth remembering.

Guarantees: no arithmetic is done here; the answers are read off the expression.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sympy import Expr, Integral, KroneckerDelta, Piecewise, Sum, Symbol
from sympy.core.basic import Basic
from sympy.tensor.indexed import Indexed


def children(expr: Basic) -> tuple[Basic, ...]:
    """Return the subexpressions evaluated for `expr`; for sums and integrals, limits too."""
    if isinstance(expr, Sum | Integral):
        return (expr.function, *(end for limit in expr.limits for end in limit[1:]))
    if isinstance(expr, Indexed):
        return tuple(expr.indices)
    if isinstance(expr, Piecewise):
        return tuple(part for pair in expr.args for part in pair.args)
    return tuple(expr.args)


@dataclass(slots=True)
class Plan:
    """Dependencies of every subexpression of one formula, and the set worth remembering."""

    remember: set[Basic] = field(default_factory=set)
    _symbols: dict[Basic, frozenset[Symbol]] = field(default_factory=dict)
    _seen: set[Basic] = field(default_factory=set)

    @classmethod
    def of(cls, expr: Expr) -> Plan:
        """Read `expr` once."""
        plan = cls()
        plan._visit(expr)
        return plan

    def symbols(self, expr: Basic) -> frozenset[Symbol]:
        """Return the symbols free in `expr`, names of families not counted."""
        if expr not in self._symbols:
            self._symbols[expr] = self._free(expr)
        return self._symbols[expr]

    def _free(self, expr: Basic) -> frozenset[Symbol]:
        if isinstance(expr, Symbol):
            return frozenset({expr})
        if isinstance(expr, Sum | Integral):
            ends = (self.symbols(end) for limit in expr.limits for end in limit[1:])
            bound = {limit[0] for limit in expr.limits}
            return (self.symbols(expr.function) - bound).union(*ends)
        return frozenset().union(*(self.symbols(c) for c in children(expr)))

    def _visit(self, expr: Basic) -> None:
        """Mark what two parents share, and what depends on less than its parent."""
        self._seen.add(expr)
        for child in children(expr):
            if _is_cheap(child):
                continue
            if child in self._seen or self.symbols(child) < self.symbols(expr):
                self.remember.add(child)
            if child not in self._seen:
                self._visit(child)
        if isinstance(expr, Sum | Integral):
            self.remember.add(expr)


def _is_cheap(expr: Basic) -> bool:
    return not expr.args or isinstance(expr, Symbol | Indexed | KroneckerDelta)
