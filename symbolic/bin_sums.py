"""Sums over the bins of an integral, expanded in the number B of bins by a named lemma.

Guarantees: `expansion` returns the coefficients of an expression by powers of B, exact up to the
remainder it names, wherever every function summed has a value on all of [0, 1].
Arithmetic is exact; nothing is evaluated.
What it cannot see: where the functions have values, which is asked elsewhere.

Lemma (midpoint, left and right sums).
Let F be continuous on [0, 1], and ``M(F) = 1/B sum_{b=1}^{B} F((b - theta)/B)`` with theta in
[0, 1]; write ``[F] = F(1) - F(0)`` and ``alpha = 1 - theta``.
(1) M(F) goes to the integral of F: each node lies in its own bin, so that the difference is at most
the modulus of continuity of F at 1/B, and F is uniformly continuous.
(2) If F has three continuous derivatives,
``M(F) = integral F + (alpha - 1/2) [F]/B + (alpha^2 - alpha + 1/6) [F']/(2 B^2) + O(B^-3)``.
Proof of (2): by Taylor's formula at the node, the integral over one bin is
``F/B + (1/2 - alpha) F'/B^2 + (alpha^3 + (1 - alpha)^3) F''/(6 B^3) + O(B^-4)``, with one bound of
the third derivative for all bins; so integral F is
``M(F) + (1/2 - alpha) M(F')/B + (1 - 3 alpha + 3 alpha^2) M(F'')/(6 B^2) + O(B^-3)``.
Of F'' and F' the same holds to lower orders: ``M(F'') = [F'] + O(1/B)`` and
``M(F') = [F] - (1/2 - alpha) [F']/B + O(B^-2)``; put in, they give (2).
For midpoints alpha is 1/2: ``M(F) = integral F - [F']/(24 B^2) + O(B^-3)``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn

from sympy import (
    Abs,
    Add,
    Dummy,
    Expr,
    Integer,
    Integral,
    Max,
    Min,
    Mul,
    Pow,
    Rational,
    Sum,
    Symbol,
    atan,
    cos,
    cosh,
    erf,
    exp,
    expand_mul,
    log,
    sin,
    sinh,
    tanh,
)
from sympy.tensor.indexed import Indexed

from .calculus import differentiate, evaluate_terms
from .class_sums import bottom_up, collapse, expand_softmax
from .errors import UnsupportedError
from .kernel_functions import KernelShape, WrappedGaussian
from .laurent import laurent
from .vocabulary import bins

place = Symbol("s", real=True)
"""The place of a node in [0, 1]: ``(b - theta) / B``."""

OFFSETS = (Rational(1, 2), Integer(1), Integer(0))
"""The values of theta tried: midpoints, left ends, right ends."""

SMOOTH_ORDER, CONTINUOUS_ORDER = 3, 0
_SMOOTH = (exp, log, sin, cos, sinh, cosh, tanh, atan, erf, KernelShape)
_CONTINUOUS = (Abs, Max, Min)


@dataclass(frozen=True)
class BinSum:
    """``B^power sum_{b=1}^{B} F((b - theta)/B)``.

    Attributes
    ----------
    function
        F, an expression in `place`.
    offset
        theta.
    order
        `SMOOTH_ORDER` if F is smooth wherever it has a value, else `CONTINUOUS_ORDER`.
    power
        The power of B before the sum.
    """

    function: Expr
    offset: Rational
    order: int
    power: int

    @property
    def terms(self) -> dict[int, Expr]:
        """What the lemma says of M(F): coefficients by the power of 1/B."""
        found = {0: Integral(self.function, (place, 0, 1))}
        if self.order == SMOOTH_ORDER:
            alpha = 1 - self.offset
            slope = differentiate(self.function, place)
            found[1] = (alpha - Rational(1, 2)) * _between_ends(self.function)
            found[2] = (alpha**2 - alpha + Rational(1, 6)) / 2 * _between_ends(slope)
        return found


@dataclass(frozen=True)
class Expansion:
    """An expression by powers of B.

    Attributes
    ----------
    coefficients
        Those of every power that is not below the remainder.
    remainder
        The expression differs from the sum of the terms by ``O(B^remainder)``, or by
        ``o(B^remainder)`` if `small`.
    small
        Whether the remainder is of lower order than the power named.
    sums
        The sums over the bins in it.
    rest
        The expression with a symbol for each of these sums.
    """

    coefficients: dict[int, Expr]
    remainder: int | None
    small: bool
    sums: tuple[BinSum, ...]
    rest: Expr

    @property
    def settles_limit(self) -> bool:
        """Whether the remainder goes to 0."""
        least = self.remainder
        return least is None or least < 0 or (least == 0 and self.small)


def _between_ends(expr: Expr) -> Expr:
    return expr.xreplace({place: Integer(1)}) - expr.xreplace({place: Integer(0)})


def expansion(expr: Expr) -> Expansion:
    """Expand an expression in the number of bins.

    Raises
    ------
    UnsupportedError
        If it is not a polynomial in B and 1/B that is linear in sums over the bins of a function
        of the bins' midpoints, left ends or right ends.
    """
    body = collapse(expand_softmax(evaluate_terms(expr)))
    if body.has(place):
        _refuse("a variable with the name of the place of a node", place)
    nodes = sorted((s for s in body.atoms(Sum) if s.limits[-1][2] == bins), key=str)
    names = {node: Dummy(real=True) for node in nodes}
    rest = unit_integrals(body.xreplace(names))
    read = {name: read_bin_sum(node) for node, name in names.items()}
    found: dict[int, Expr] = {}
    remainders: list[tuple[int, bool]] = []
    for (power, name), factor in laurent(rest, set(read)).items():
        if name not in read:
            found[power] = found.get(power, Integer(0)) + factor
            continue
        power += read[name].power
        for step, term in read[name].terms.items():
            at = power + 1 - step
            found[at] = found.get(at, Integer(0)) + factor * term
        smooth = read[name].order == SMOOTH_ORDER
        remainders.append((power + 1 - read[name].order, not smooth))
    least = max((power for power, _ in remainders), default=None)
    small = all(tiny for power, tiny in remainders if power == least)
    kept = {p: c for p, c in found.items() if least is None or p > least or (small and p == least)}
    return Expansion(kept, least, small, tuple(read.values()), rest)


def read_bin_sum(node: Sum) -> BinSum:
    """Read a sum over the bins as one of F at the nodes of a midpoint, left or right rule."""
    *inner, (running, _, _) = node.limits
    body = Sum(node.function, *inner) if inner else node.function
    if any(limit[2] == bins for s in body.atoms(Sum) for limit in s.limits):
        _refuse("a sum over the bins inside another", node)
    if any(bins in (a.base.shape or ()) for a in body.atoms(Indexed)):
        _refuse("a family with a member for each bin", node)
    for offset in OFFSETS:
        function = _free_of_bins(body.xreplace({running: place * bins + offset}))
        before = [a for a in Mul.make_args(function) if _power(a) is not None]
        function = function / Mul(*before)
        if not function.has(bins):
            return BinSum(function, offset, _order(function), sum(_power(a) or 0 for a in before))
    return _refuse(
        "a function of the bin that is none of (b - 1/2)/B, (b - 1)/B or b/B alone", node
    )


def _power(factor: Expr) -> int | None:
    """Return the exponent of an integer power of B, None for anything else."""
    base, exponent = factor.as_base_exp()
    return int(exponent) if base == bins and isinstance(exponent, Integer) else None


def _refuse(found: str, expr: Expr) -> NoReturn:
    raise UnsupportedError(
        "an expression is expanded in B if it is linear in sums over the bins of F((b - theta)/B)",
        found=f"{found}: {expr}",
        remedy="write the midpoint of bin b as a + (b - 1/2) (c - a)/B",
    )


def _free_of_bins(expr: Expr) -> Expr:
    """Expand the places in which B cancels."""

    def clean(node: Expr) -> Expr:
        return expand_mul(node) if isinstance(node, (Add, Mul)) and node.has(bins) else node

    return bottom_up(expr, clean)


def _order(expr: Expr) -> int:
    """Return `SMOOTH_ORDER` or `CONTINUOUS_ORDER` for a function of `place`.

    What is said holds wherever logarithms and denominators in it have values.
    """
    if not expr.has(place) or expr == place:
        return SMOOTH_ORDER
    if isinstance(expr, Sum):
        return _order(expr.function)
    by_angle = isinstance(expr, WrappedGaussian) and not expr.args[2].has(place)
    power = isinstance(expr, Pow) and isinstance(expr.exp, Integer)
    if by_angle or power or isinstance(expr, (Add, Mul, *_SMOOTH)):
        return min(_order(a) for a in expr.args)
    if isinstance(expr, _CONTINUOUS):
        for arg in expr.args:
            _order(arg)
        return CONTINUOUS_ORDER
    return _refuse("a function of which it is not known that it is continuous", expr)


def unit_integrals(expr: Expr) -> Expr:
    """Write each integral over [a, b] as one over [0, 1], by t = a + s (b - a).

    Raises
    ------
    UnsupportedError
        If an integral is nested, or has an end that is infinite or depends on B.
    """

    def write(node: Expr) -> Expr:
        if not isinstance(node, Integral) or node.limits[0] == (place, 0, 1):
            return node
        if len(node.limits) != 1 or len(node.limits[0]) != 3 or node.function.has(Integral, place):
            _refuse("an integral over more than one interval", node)
        running, low, high = node.limits[0]
        if low.is_infinite or high.is_infinite or Add(low, high).has(bins):
            _refuse("an integral over an interval that has no fixed ends", node)
        inside = node.function.xreplace({running: low + place * (high - low)})
        return (high - low) * Integral(inside, (place, 0, 1))

    return bottom_up(expr, write)
