"""Unevaluated pieces of a derivation: the operator d/dv in front of a formula, and the sigmoid.

Guarantees: nothing here evaluates itself, so a derivation can show each line before the next rule
is applied; `evaluate` turns a line back into an expression without operators, through
`gradproof.symbolic.calculus` and none of the rules of a derivation.
"""

from __future__ import annotations

from functools import reduce

from sympy import Dummy, Expr, Sum, Symbol, exp
from sympy.core.function import Function

from .calculus import LossTerm, differentiate
from .class_sums import bottom_up, collapse, expand_softmax
from .vocabulary import SLOT, bound, bound_level, is_bound


class D(Expr):
    """The partial derivative of `operand` by `variable`, written down but not carried out."""

    is_commutative = True
    is_real = True

    def __new__(cls, operand: Expr, variable: Expr) -> D:
        return Expr.__new__(cls, operand, variable)

    @property
    def operand(self) -> Expr:
        """What is differentiated."""
        return self.args[0]

    @property
    def variable(self) -> Expr:
        """The variable of differentiation."""
        return self.args[1]


class Sigmoid(Function):
    """The logistic sigmoid ``1 / (1 + exp(-u))`` kept as one symbol."""

    nargs = 1
    is_real = True
    is_positive = True
    is_finite = True

    def definition(self) -> Expr:
        """Return the quotient that this sigmoid stands for."""
        return 1 / (1 + exp(-self.args[0]))


def running_classes(expr: Expr) -> set[Symbol]:
    """Return the bound indices free in `expr`: the running classes of the sums around it."""
    return {s for s in expr.free_symbols if is_bound(s) and s != SLOT}


def plain(expr: Expr) -> Expr:
    """Replace every `Sigmoid` in `expr` by its definition."""
    return bottom_up(expr, lambda node: node.definition() if isinstance(node, Sigmoid) else node)


def spell_out(expr: Expr) -> Expr:
    """Replace every loss name in `expr` by its value, with operators for its derivatives."""

    def spell(node: Expr) -> Expr:
        if not isinstance(node, LossTerm):
            return node
        return reduce(D, node.variables, node.value)

    return bottom_up(plain(expr), spell)


def evaluate(expr: Expr) -> Expr:
    """Carry out every operator in `expr`, innermost first."""
    above = bound_level(expr)

    def carry_out(node: Expr) -> Expr:
        return _derivative(node, above) if isinstance(node, D) else node

    return collapse(expand_softmax(bottom_up(spell_out(expr), carry_out)))


def _derivative(node: D, above: int) -> Expr:
    """Differentiate with the bound indices of enclosing sums held, so that none is captured."""
    held = {s: Dummy(integer=True, positive=True) for s in running_classes(node)}
    result = differentiate(node.operand.xreplace(held), node.variable.xreplace(held))
    return lift(result, above).xreplace({stand_in: s for s, stand_in in held.items()})


def lift(expr: Expr, above: int) -> Expr:
    """Rename every bound index of `expr` to a level higher than `above`."""

    def rename(node: Expr) -> Expr:
        if not isinstance(node, Sum):
            return node
        moved = {running: bound(above + int(running.name[1:])) for running, *_ in node.limits}
        # simultaneous, since a new name may be the old name of another sum
        return node.xreplace(moved)

    return bottom_up(expr, rename)
