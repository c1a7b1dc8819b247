"""The rules of differentiation, each one line of a textbook, applied to operators written down.

Guarantees: a rule rewrites ``D(f, v)`` to an equal expression for every number of classes, wherever
f is differentiable; each docstring is the rule's equation.
What a rule cannot see is whether it was written down right: every step made with one is checked by
`gradproof.symbolic.derivation.check`, which uses none of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sympy import (
    Add,
    Expr,
    Function,
    Integral,
    KroneckerDelta,
    Mul,
    Piecewise,
    Pow,
    S as _S,
    Sum,
    exp,
    log,
)
from sympy.core.function import AppliedUndef
from sympy.tensor.indexed import Indexed

from .calculus import differentiate
from .class_sums import bound_indices
from .operators import D, Sigmoid
from .shapes import over_and_under
from .vocabulary import Softmax


@dataclass(frozen=True, slots=True)
class Rule:
    """A named way to rewrite an operator.

    Parameters
    ----------
    name
        What the step is called on the page.
    apply
        Returns what the operator is equal to, or None where the rule does not apply.
    """

    name: str
    apply: Callable[[D], Expr | None]


def depends(expr: Expr, variable: Expr) -> bool:
    """Tell whether `expr` can change with `variable`."""
    if isinstance(variable, Indexed):
        return any(member.base == variable.base for member in expr.atoms(Indexed))
    return variable in expr.free_symbols


def _split(term: Expr, variable: Expr) -> tuple[Expr, Expr]:
    """Return the factors of `term` that do not depend on `variable`, and those that do."""
    constant: list[Expr] = []
    changing: list[Expr] = []
    for factor in Mul.make_args(term):
        (changing if depends(factor, variable) else constant).append(factor)
    return Mul(*constant), Mul(*changing)


def constant(d: D) -> Expr | None:
    """``D c = 0``."""
    return None if depends(d.operand, d.variable) else _S.Zero


def linearity(d: D) -> Expr | None:
    """``D(a f + b g + c) = a D f + b D g``."""
    if not isinstance(d.operand, Add):
        return None
    parts = [_split(term, d.variable) for term in d.operand.args]
    return Add(*(factor * D(f, d.variable) for factor, f in parts if f != 1))


def constant_factor(d: D) -> Expr | None:
    """``D(a f) = a D f``."""
    factor, rest = _split(d.operand, d.variable)
    return None if factor == 1 or rest == 1 else factor * D(rest, d.variable)


def branches(d: D) -> Expr | None:
    """``D {f if c; g otherwise} = {D f if c; D g otherwise}``, away from the edge of c."""
    if not isinstance(d.operand, Piecewise):
        return None
    return Piecewise(*((D(f, d.variable), condition) for f, condition in d.operand.args))


def under_integral(d: D) -> Expr | None:
    """``D integral f dt = integral D f dt``, the limits being constant."""
    if not isinstance(d.operand, Integral):
        return None
    limits = d.operand.limits
    if any(depends(edge, d.variable) for _, *edges in limits for edge in edges):
        return None
    return Integral(D(d.operand.function, d.variable), *limits)


def term_by_term(d: D) -> Expr | None:
    """``D sum_j f_j = sum_j D f_j``."""
    if not isinstance(d.operand, Sum):
        return None
    return Sum(D(d.operand.function, d.variable), *d.operand.limits)


def quotient(d: D) -> Expr | None:
    """``D(f/g) = (1/g) D f - (f/g^2) D g``."""
    over, under = over_and_under(d.operand)
    f, g = Mul(*over), Mul(*under)
    if g == 1 or not (depends(f, d.variable) and depends(g, d.variable)):
        return None
    return D(f, d.variable) / g - f / g**2 * D(g, d.variable)


def product(d: D) -> Expr | None:
    """``D(f g) = g D f + f D g``."""
    if not isinstance(d.operand, Mul):
        return None
    factors = d.operand.args
    return Add(
        *(
            D(f, d.variable) * Mul(*factors[:place], *factors[place + 1 :])
            for place, f in enumerate(factors)
        )
    )


def power(d: D) -> Expr | None:
    """``D f^a = a f^(a - 1) D f``."""
    if not isinstance(d.operand, Pow) or depends(d.operand.exp, d.variable):
        return None
    f, a = d.operand.args
    return Mul(a, f ** (a - 1), D(f, d.variable))  # at once, lest 2 (f - g) is multiplied out


def general_power(d: D) -> Expr | None:
    """``D f^g = f^g D(g log f)``."""
    if not isinstance(d.operand, Pow) or isinstance(d.operand, exp):
        return None
    f, g = d.operand.args
    return d.operand * D(g * log(f), d.variable)


def logarithm(d: D) -> Expr | None:
    """``D log f = (1/f) D f``."""
    if not isinstance(d.operand, log):
        return None
    return D(d.operand.args[0], d.variable) / d.operand.args[0]


def exponential(d: D) -> Expr | None:
    """``D e^f = e^f D f``."""
    if not isinstance(d.operand, exp):
        return None
    return d.operand * D(d.operand.args[0], d.variable)


def sigmoid_rule(d: D) -> Expr | None:
    """``D sigma(f) = sigma(f) (1 - sigma(f)) D f``."""
    if not isinstance(d.operand, Sigmoid):
        return None
    return d.operand * (1 - d.operand) * D(d.operand.args[0], d.variable)


def chain(d: D) -> Expr | None:
    """``D h(f, g) = h_1(f, g) D f + h_2(f, g) D g``."""
    if not isinstance(d.operand, Function) or isinstance(d.operand, (Softmax, AppliedUndef)):
        return None
    outer = d.operand
    places = [a for a, f in enumerate(outer.args) if depends(f, d.variable)]
    try:
        return Add(*(outer.fdiff(a + 1) * D(outer.args[a], d.variable) for a in places))
    except (NotImplementedError, TypeError, ValueError):  # SymPy knows no derivative of this one
        return None


def variable_in_sum(d: D) -> Expr | None:
    """``D z_j = delta_ij`` by ``z_i``, j running through a sum."""
    return variable(d) if bound_indices(d.operand) else None


def variable(d: D) -> Expr | None:
    """``D z_y = delta_iy`` by ``z_i``; ``D t = 1`` by ``t``."""
    f, v = d.operand, d.variable
    if isinstance(f, Indexed) and isinstance(v, Indexed) and f.base == v.base:
        pairs = zip(f.indices, v.indices, strict=True)
        return Mul(*(_S.One if a == b else KroneckerDelta(a, b) for a, b in pairs))
    return _S.One if f == v else None


def whatever_else(d: D) -> Expr:
    """``D f``, by SymPy."""
    return differentiate(d.operand, d.variable)


FIRST = (
    Rule("derivative of a constant", constant),
    Rule("branch by branch", branches),
    Rule("linearity", linearity),
    Rule("constant factor", constant_factor),
    Rule("differentiate under the integral", under_integral),
    Rule("sum rule", term_by_term),
    Rule("quotient rule", quotient),
    Rule("product rule", product),
    Rule("power rule", power),
    Rule("power with a variable exponent", general_power),
    Rule("chain rule for log", logarithm),
    Rule("derivative of the sigmoid", sigmoid_rule),
)
"""Rules in the order in which they are tried, before the lemma on the softmax."""

THEN = (
    Rule("chain rule for exp", exponential),
    Rule("chain rule", chain),
    Rule("derivative of a variable", variable_in_sum),
)
"""Rules tried after the lemma, before sums are tidied up."""

LAST = (
    Rule("derivative of a variable", variable),
    Rule("differentiate", whatever_else),
)
"""Rules tried when nothing else applies."""
