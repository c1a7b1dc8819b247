"""Unevaluated pieces of a derivation: the operator d/dv in front of a formula, and the sigmoid.

Guarantees: nothing here evaluates itself, so a derivation can show each line before the next rule
is applied; `evaluate` turns a line back into an expression without operators, through
`gradproof.symbolic.calculus` and none of the rules of a derivation.
"""

from __future__ import annotations

from functools import reduce

from sympy import Expr, exp
from sympy.core.function import Function

from .calculus import LossTerm, differentiate
from .class_sums import bottom_up, collapse, expand_softmax


class D(Expr):
    """The partial derivative of `operand` by `variable`, written down but not carried out."""

    is_commutative = True
    is_real = True

    def __new__(cls, operand: Expr, variable: Expr) -> D:
        """Write the operator down."""
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

    def carry_out(node: Expr) -> Expr:
        return differentiate(node.operand, node.variable) if isinstance(node, D) else node

    return collapse(expand_softmax(bottom_up(spell_out(expr), carry_out)))
