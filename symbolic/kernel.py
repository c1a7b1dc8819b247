"""A kernel: a nonnegative bump of mass 1, on the line or on the circle, with its exact shape.

Guarantees: kinks, smoothness and, where it is not given, the normalising constant are computed from
the declared profile by exact analysis; a constant that is given is compared with a quadrature.
Cannot see: a profile that is negative only between the points looked at (every piece is looked at
in `LOOKS` places; polynomial pieces between all their roots, so for these nothing is missed).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from sympy import (
    Expr,
    Mul,
    S as _S,
    Symbol,
    SympifyError,
    oo,
    pi,
    sign,
    simplify,
    sympify,
)

from .calculus import differentiate
from .errors import DeclarationError
from .kernel_functions import KernelShape, Max, Min
from .kernel_rules import check_profile, computed_constant, verify_constant
from .notebook import kernel_latex, kernel_markdown
from .profile import formula_at, inner_point, pieces, smoothness_at
from .vocabulary import scalar

u = scalar("u")
"""The argument of a profile: distance over bandwidth on the line, an angle on the circle."""

bandwidth = scalar("h", positive=True)
"""The bandwidth h > 0: in units of the positions on the line, in radians on the circle."""

concentration = scalar("kappa", positive=True)
"""The concentration kappa > 0 of a von Mises kernel, dimensionless; large is narrow."""


@dataclass(frozen=True, slots=True)
class Kernel:
    """A kernel K with ``integral K = 1``: ``K(t) = constant * profile(t / h)`` on the line.

    On the circle ``K(t) = constant * profile(t)``: the angle t is in radians, the profile has the
    period 2*pi and holds the bandwidth or concentration itself.
    Outside its support a kernel is 0.

    Parameters
    ----------
    name
        The name in formulas and on the command line.
    profile
        The shape up to a positive factor, an expression in `u`; on the circle also in `scale`.
    constant
        What the shape is multiplied by for mass 1 over the line, or over one turn, as an expression
        in `scale`; computed by SymPy if it is left out.
    support
        The closed interval of `u` outside which the kernel is 0; the whole line unless said
        otherwise, one turn on the circle.
    circular
        Whether the argument is an angle.
    scale
        The bandwidth or concentration, a positive symbol.
    title
        What the kernel is, in a few words.
    source
        Where it comes from.

    Raises
    ------
    DeclarationError
        If the profile depends on anything else, is zero everywhere, is negative somewhere, is not
        integrable, has no period 2*pi on the circle, or has another constant than the one given.

    >>> tent = Kernel("tent", profile=1 - abs(u), support=(-1, 1))
    >>> tent.constant, tent.kinks, tent.smoothness
    (1/h, (-1, 0, 1), 0)
    >>> tent(scalar("t"))
    (1 - Abs(Max(-1, Min(1, t/h))))/h
    """

    name: str
    profile: Expr
    constant: Expr | None = None
    support: tuple[Expr, Expr] = (-oo, oo)
    circular: bool = False
    scale: Symbol = bandwidth
    title: str = ""
    source: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "profile", _expression(self.profile, self.name))
        one_turn = self.circular and self.support == (-oo, oo)
        low, high = (-pi, pi) if one_turn else self.support
        object.__setattr__(self, "support", (_S(low), _S(high)))
        check_profile(self, u)
        if self.constant is None:
            object.__setattr__(self, "constant", computed_constant(self, u))
        object.__setattr__(self, "constant", _expression(self.constant, self.name))
        verify_constant(self, u)

    def __call__(self, t: Expr, scale: Expr | None = None) -> Expr:
        """Return K(t), of mass 1, as an expression.

        Parameters
        ----------
        t
            The argument, such as ``t - x[j]``.
        scale
            The value of the bandwidth or concentration; the symbol itself unless said otherwise.
        """
        size = self.scale if scale is None else _S(scale)
        return _S(self.constant).xreplace({self.scale: size}) * self.unnormalised(t, size)

    def unnormalised(self, t: Expr, scale: Expr | None = None) -> Expr:
        """Return K(t) without its normalising constant."""
        size = self.scale if scale is None else _S(scale)
        argument = _S(t) if self.circular else _S(t) / size
        return self.shape.xreplace({u: argument, self.scale: size})

    def _repr_markdown_(self) -> str:
        """Return what a notebook shows: the formula, the kinks, the source."""
        return kernel_markdown(self, u)

    def _repr_latex_(self) -> str:
        """Return the formula, for a notebook that becomes a document."""
        return rf"$\displaystyle {kernel_latex(self, u)}$"

    @property
    def shape(self) -> Expr:
        """The profile as a function of every `u`: 0 outside the support.

        Outside, the profile is asked at the nearest end of the support, where it is 0; if it jumps
        there, a step takes it to 0, and on the step itself the mean of both sides.
        No `Piecewise` is used: SymPy pulls one out of a class sum inside an integral, away from the
        bound index its condition speaks of.
        """
        low, high = self.support
        inside = u
        if self.circular:
            return self.profile
        steps = []
        if high != oo:
            inside = Min(high, inside)
            steps.append((high, (1 + sign(high - u)) / 2))
        if low != -oo:
            inside = Max(low, inside)
            steps.append((low, (1 + sign(u - low)) / 2))
        jumps = [step for end, step in steps if simplify(self.profile.subs(u, end)) != 0]
        return Mul(self.profile.xreplace({u: inside}), *jumps)

    @property
    def kinks(self) -> tuple[Expr, ...]:
        """The points of `u`, in order, at which the kernel is not given by one formula.

        On the circle: those in (-pi, pi].
        """
        return tuple(point for point, _ in _joints(self))

    @property
    def smoothness(self) -> Expr:
        """The largest k for which the kernel is k times continuously differentiable.

        -1 for a kernel with a jump, `oo` for one without a kink (see `profile.smoothness_at` for
        formulas that meet in every derivative compared).
        """
        return min((degree for _, degree in _joints(self)), default=oo)

    @property
    def compact(self) -> bool:
        """Whether the kernel is 0 on some part of the line."""
        return not self.circular and self.support != (-oo, oo)


def _expression(value: object, name: str) -> Expr:
    try:
        expr = sympify(value, strict=True)
    except SympifyError:
        expr = None
    if not isinstance(expr, Expr):
        raise DeclarationError(
            "the profile and the constant of a kernel are SymPy expressions",
            found=f"{type(value).__name__} for {name!r}",
            remedy="write them with gradproof.symbolic.kernel.u and the functions of SymPy",
        )
    return expr


@cache
def _joints(kernel: Kernel) -> tuple[tuple[Expr, Expr], ...]:
    """Return the kinks with the smoothness at each."""
    low, high = kernel.support
    parts = list(pieces(kernel.profile, u, low, high))
    if kernel.circular:
        width = parts[0][2] - low
        beyond = formula_at(kernel.profile, u, inner_point(high, high + width))
        parts.append((beyond, high, high + width))
    if kernel.compact and high != oo:
        parts.append((_S.Zero, high, oo))
    if kernel.compact and low != -oo:
        parts.insert(0, (_S.Zero, -oo, low))
    joints = []
    for (left, _, point), (right, _, _) in pairwise(parts):
        degree = smoothness_at(left, right, u, point)
        if degree is not None:
            joints.append((point, degree))
    return tuple(joints)


def instantiate(expr: Expr, kernel: Kernel) -> Expr:
    """Replace the kernel left open in `expr` (`KernelShape`) by `kernel`, derivatives included.

    >>> t = scalar("t")
    >>> tent = Kernel("tent", profile=1 - abs(u), support=(-1, 1))
    >>> instantiate(KernelShape(0, t), tent) == tent(t)
    True
    """
    argument = scalar("argument")

    def put(node: KernelShape) -> Expr:
        value = kernel(argument)
        for _ in range(node.order):
            value = differentiate(value, argument)
        return value.xreplace({argument: node.args[1]})

    return expr.replace(lambda node: isinstance(node, KernelShape), put)
