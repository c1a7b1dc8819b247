"""Derivatives of losses by differentiation: gradients and Hessians for free class indices.

Guarantees: a derivative is made by SymPy's rules for exp, log, powers and sums, after every softmax
is replaced by its definition and every bound index is fresh; no gradient formula is stored.
At a kink of a `Piecewise` the derivative of the branch in force is returned, at one of `Abs`, `Max`
or `Min` the mean of both sides: whoever needs to know about the kink asks the definedness
conditions, not this module.
"""

from __future__ import annotations

from functools import lru_cache

from sympy import (
    Add,
    DiracDelta,
    Dummy,
    E,
    Expr,
    Heaviside,
    Integral,
    KroneckerDelta,
    Mul,
    S as _S,
    Sum,
    Tuple,
    exp,
    log,
    sign,
)
from sympy.core.symbol import Str
from sympy.tensor.indexed import Indexed

from .class_sums import bottom_up, bound_indices, collapse, expand_softmax, replace_free
from .errors import UnsupportedError


@lru_cache(maxsize=4096)
def differentiate(expr: Expr, *variables: Expr) -> Expr:
    """Return the partial derivative of `expr` by each of `variables` in turn.

    Parameters
    ----------
    expr
        A class-sum expression.
    variables
        Members of families such as ``z[i]``, or scalars.
    """
    # An index bound around this expression is free in it, and may be bound again inside it.
    around = {s for e in (expr, *variables) for s in bound_indices(e)}
    apart = {s: Dummy(integer=True, positive=True) for s in around}
    result = collapse(expand_softmax(replace_free(expr, apart)))
    if variables:
        result = _logarithms_apart(result)
    for variable in variables:
        result = collapse(_steps_as_signs(_diff(result, variable.xreplace(apart))))
    return replace_free(result, {d: s for s, d in apart.items()})


def _logarithms_apart(expr: Expr) -> Expr:
    """Write the logarithm of exponentials over sums of exponentials as a difference.

    The derivatives then hold no quotients that cancel, nor classes that go with them.
    """

    def apart(inside: Expr) -> Expr:
        powers = [factor.as_base_exp() for factor in Mul.make_args(inside)]
        if len(powers) < 2 or not all(_is_exponential(b) for b, _ in powers):
            return log(inside)
        return Add(*(e if b == E else e * log(b) for b, e in powers))

    return expr.replace(log, apart)


def _is_exponential(base: Expr) -> bool:
    return base == E or (isinstance(base, Sum) and isinstance(base.function, exp))


def _steps_as_signs(expr: Expr) -> Expr:
    """Write the steps that the derivatives of `Max` and `Min` leave as ``(1 + sign) / 2``."""
    return expr.replace(Heaviside, lambda place, *_: (1 + sign(place)) / 2)


def _beside_edges(expr: Expr) -> Expr:
    """Put 0 for the derivative of a step, which it is beside its edge: at the edge there is none.

    Under an integral it is not 0: there a step that moves changes the value.
    """
    if isinstance(expr, Integral) or not expr.has(DiracDelta):
        return expr
    if isinstance(expr, DiracDelta):
        return _S.Zero
    return expr.func(*map(_beside_edges, expr.args))


def _diff(expr: Expr, variable: Expr) -> Expr:
    if isinstance(expr, Integral):
        return _diff_integral(expr, variable)
    if not expr.has(Integral) or not expr.args or isinstance(expr, Indexed):
        return expr.diff(variable)
    parts = {a: a for a in expr.atoms(Integral)}
    stand_ins = {a: _Opaque(a, variable) for a in parts}
    return expr.xreplace(stand_ins).diff(variable).xreplace({v: k for k, v in stand_ins.items()})


def _diff_integral(expr: Integral, variable: Expr) -> Expr:
    """Differentiate under the outermost integral sign and at both ends (Leibniz's rule)."""
    *within, limit = expr.limits
    if len(limit) != 3:
        raise UnsupportedError(
            "an integral that is differentiated has two ends",
            found=expr,
            remedy="give the integral a lower and an upper end",
        )
    running, low, high = limit
    body = Integral(expr.function, *within) if within else expr.function
    if running == variable:  # the variable outside is another one than the one bound here
        running = Dummy(running.name, real=True)
        body = body.xreplace({variable: running})
    inner = Integral(collapse(_diff(body, variable)), (running, low, high))
    edge = body.subs(running, high) * high.diff(variable)
    return inner + edge - body.subs(running, low) * low.diff(variable)


class _Opaque(Expr):
    """An integral held whole while SymPy differentiates what surrounds it."""

    is_commutative = True
    is_real = True

    def __new__(cls, held: Integral, variable: Expr) -> _Opaque:
        return Expr.__new__(cls, held, variable)

    @property
    def free_symbols(self) -> set[Expr]:
        """The symbols free in the integral."""
        return self.args[0].free_symbols

    def _eval_derivative(self, variable: Expr) -> Expr:
        return _diff_integral(self.args[0], variable)


class LossTerm(Expr):
    """A loss, or a partial derivative of it, kept under the loss's name until it is evaluated.

    Arguments: the name, the value of the loss, and the variables it is differentiated by (none for
    the loss itself).
    Without a name, a derivative is printed as the operator before what it differentiates.
    """

    is_commutative = True
    is_real = True

    def __new__(cls, name: str | Str, value: Expr, *variables: Expr) -> LossTerm:
        """Return the loss `value` under `name`, differentiated by `variables`."""
        return Expr.__new__(cls, name if isinstance(name, Str) else Str(name), value, *variables)

    @property
    def name(self) -> str:
        """The printed name of the loss."""
        return str(self.args[0])

    @property
    def value(self) -> Expr:
        """The loss that is differentiated."""
        return self.args[1]

    @property
    def variables(self) -> tuple[Expr, ...]:
        """The variables of differentiation, in order."""
        return tuple(self.args[2:])

    @property
    def free_symbols(self) -> set[Expr]:
        """The symbols free in the loss and the variables; the name is none."""
        return Tuple(*self.args[1:]).free_symbols

    def doit(self, **hints: bool) -> Expr:
        """Return the loss, or its derivative, as a class-sum expression without softmax.

        A derivative is that beside the kinks of the loss, at which it has no value.
        """
        return _beside_edges(differentiate(self.value, *self.variables))

    def _eval_derivative(self, variable: Expr) -> Expr:
        return LossTerm(self.args[0], self.value, *self.variables, variable)


@lru_cache(maxsize=4096)
def evaluate_terms(expr: Expr) -> Expr:
    """Replace every `LossTerm` in `expr` by what it stands for."""

    def evaluate(node: Expr) -> Expr:
        return node.doit() if isinstance(node, LossTerm) else node

    return bottom_up(expr, evaluate)


def kronecker(a: Expr, b: Expr) -> Expr:
    """Return the derivative of ``z[a]`` by ``z[b]``: 1 if the classes are the same, else 0."""
    return KroneckerDelta(a, b) if a != b else _S.One
