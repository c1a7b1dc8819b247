"""What every kernel must satisfy, checked when it is declared.

Guarantees: a `DeclarationError` is raised only with a reason that was decided: a point that is
printed with an exact negative value, an integral that diverges, a mass that differs from 1 by more
than `TOLERANCE` in mpmath quadrature (15 digits, every piece on its own).
Cannot see: a dip below zero between the points looked at; see `LOOKS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import mpmath
from sympy import (
    Expr,
    Integral,
    Mod,
    Piecewise,
    Poly,
    Rational,
    S as _S,
    Symbol,
    ceiling,
    floor,
    frac,
    integrate,
    lambdify,
    nan,
    oo,
    pi,
    real_roots,
    simplify,
    zoo,
)

from .errors import DeclarationError
from .kernel_functions import WrappedGaussian, wrapped_gaussian_value
from .profile import pieces

if TYPE_CHECKING:
    from .kernel import Kernel

LOOKS = 16
"""How many places of each piece are looked at for a negative value."""

TRIAL_SCALES = (Rational(3, 4), Rational(5, 3))
"""Values of the bandwidth or concentration at which a kernel is tried."""

STEPPED = (floor, ceiling, frac, Mod)
"""Functions whose jumps are not located."""

TOLERANCE = 1e-9
"""Largest distance of a quadrature from mass 1."""


def check_profile(kernel: Kernel, u: Symbol) -> None:
    """Check names, support, period and sign of `kernel`."""
    _check_names(kernel, u)
    low, high = kernel.support
    if not (low.is_extended_real and high.is_extended_real and low < high) or (
        kernel.circular and (low, high) != (-pi, pi)
    ):
        raise DeclarationError(
            "the support of a kernel is an interval of the line, or one turn of the circle",
            found=f"{kernel.name!r} on [{low}, {high}]",
            remedy="give support=(low, high) with low < high, and none on the circle",
        )
    if kernel.circular:
        _check_period(kernel, u)
    parts = pieces(kernel.profile, u, low, high)
    signs = [_sign(kernel, u, *part) for part in parts]
    if not any(signs) and all(simplify(formula) == 0 for formula, _, _ in parts):
        raise DeclarationError(
            "a kernel is not zero everywhere",
            found=f"{kernel.name!r} = {kernel.profile}",
            remedy="give a profile with a positive part",
        )


def _check_names(kernel: Kernel, u: Symbol) -> None:
    allowed = {u, kernel.scale} if kernel.circular else {u}
    strange = kernel.profile.free_symbols - allowed
    if kernel.profile.has(*STEPPED):
        raise DeclarationError(
            "a profile is given by finitely many formulas that are analytic in u",
            found=f"{kernel.profile} in {kernel.name!r}",
            remedy="write the steps as a Piecewise with explicit edges",
        )
    if strange:
        raise DeclarationError(
            "a profile depends on u alone, and on the circle also on its scale",
            found=f"{', '.join(sorted(map(str, strange)))} in {kernel.name!r}",
            remedy="write it with gradproof.symbolic.kernel.u, and numbers for shape parameters",
        )
    if kernel.constant is not None and _S(kernel.constant).free_symbols - {kernel.scale}:
        raise DeclarationError(
            "a normalising constant depends on the scale alone",
            found=f"{kernel.constant} in {kernel.name!r}",
            remedy="write it in the kernel's scale, or leave it out to have it computed",
        )


def _check_period(kernel: Kernel, u: Symbol) -> None:
    turned = kernel.profile.subs(u, u + 2 * pi)
    f, g = (_function(e.subs(kernel.scale, TRIAL_SCALES[0]), u) for e in (kernel.profile, turned))
    for point in _places(-pi, pi):
        at = mpmath.mpf(float(point))
        if abs(f(at) - g(at)) > TOLERANCE * (1 + abs(f(at))):
            raise DeclarationError(
                "a kernel on the circle has the period 2*pi",
                found=f"{kernel.name!r} at {float(point):.6g} and one turn later",
                remedy="write it with cos(u), or as a kernel on the line",
            )


def _sign(kernel: Kernel, u: Symbol, formula: Expr, low: Expr, high: Expr) -> bool:
    """Refuse a negative value on a piece; tell whether a positive one was met."""
    positive = False
    for scale in TRIAL_SCALES if kernel.circular else TRIAL_SCALES[:1]:
        value = formula.subs(kernel.scale, scale)
        doubtful = list(_between_roots(value, u, low, high))
        for point in _places(low, high):
            approximately = _value(value, u, point)
            if isinstance(approximately, mpmath.mpc):
                raise DeclarationError(
                    "a kernel is real",
                    found=f"{kernel.name!r} = {value.subs(u, point)} at u = {point}",
                    remedy="restrict its support to where the profile is real",
                )
            positive |= bool(approximately > 0)
            if approximately < 0:
                doubtful.append(point)
        for point in doubtful:
            if value.subs(u, point).is_negative:
                raise DeclarationError(
                    "a kernel is nonnegative",
                    found=f"{kernel.name!r} = {value.subs(u, point)} at u = {point}",
                    remedy="restrict its support, or take Max(0, profile)",
                )
    return positive


def _places(low: Expr, high: Expr) -> Iterator[Expr]:
    """Yield rational-looking points strictly between `low` and `high`, a geometric net outwards."""
    steps = range(1, LOOKS + 1)
    if low == -oo and high == oo:
        yield _S.Zero
        yield from (s * Rational(k * k, 8) for k in steps for s in (1, -1))
    elif low == -oo:
        yield from (high - Rational(k * k, 8) for k in steps)
    elif high == oo:
        yield from (low + Rational(k * k, 8) for k in steps)
    else:
        yield from (low + (high - low) * Rational(k, LOOKS + 1) for k in steps)


def _between_roots(formula: Expr, u: Symbol, low: Expr, high: Expr) -> Iterator[Expr]:
    """Yield a point between any two neighbouring roots if `formula` is a polynomial."""
    if not formula.is_polynomial(u) or not formula.has(u):
        return
    polynomial = Poly(formula, u)
    if not polynomial.get_domain().is_ZZ and not polynomial.get_domain().is_QQ:
        return
    inside = sorted({root for root in real_roots(polynomial) if low < root < high})
    first = inside[0] - 1 if low == -oo and inside else low
    last = inside[-1] + 1 if high == oo and inside else high
    if inside:
        yield from ((a + b) / 2 for a, b in pairwise((first, *inside, last)))


def computed_constant(kernel: Kernel, u: Symbol) -> Expr:
    """Return the normalising constant of `kernel` by exact integration over its support.

    Raises
    ------
    DeclarationError
        If the integral diverges or SymPy cannot evaluate it.
    """
    mass = sum((integrate(f, (u, a, b)) for f, a, b in pieces(kernel.profile, u, *kernel.support)))
    mass = simplify(mass)
    if mass in (oo, -oo, zoo, nan) or mass.is_infinite:
        raise _not_integrable(kernel, "an infinite mass")
    if mass.has(Integral, Piecewise):
        raise DeclarationError(
            "the normalising constant of a kernel can be computed",
            found=f"{kernel.name!r}, whose integral SymPy leaves as {mass}",
            remedy="give constant=, the reciprocal of the integral",
        )
    return 1 / mass if kernel.circular else 1 / (kernel.scale * mass)


def verify_constant(kernel: Kernel, u: Symbol) -> None:
    """Check by quadrature that the constant of `kernel` gives mass 1, at more than one scale.

    At one alone a constant that does not depend on the bandwidth as it should can be right.
    """
    parts = pieces(kernel.profile, u, *kernel.support)
    mass: Any = None
    for scale in TRIAL_SCALES:
        if mass is None or kernel.circular:  # on the line the profile has no scale
            mass = sum(
                mpmath.quad(_function(f.subs(kernel.scale, scale), u), [_number(a), _number(b)])
                for f, a, b in parts
            )
        width = 1 if kernel.circular else scale
        total = mass * width * _number(_S(kernel.constant).subs(kernel.scale, scale))
        if not mpmath.isfinite(total):
            raise _not_integrable(kernel, "an infinite mass")
        if abs(total - 1) > TOLERANCE:
            raise DeclarationError(
                "the constant of a kernel gives it mass 1",
                found=f"mass {mpmath.nstr(total, 12)} of {kernel.name!r} at scale {scale}",
                remedy="correct constant=, or leave it out to have it computed",
            )


def _not_integrable(kernel: Kernel, found: str) -> DeclarationError:
    return DeclarationError(
        "a kernel is integrable",
        found=f"{found} for {kernel.name!r} = {kernel.profile}",
        remedy="restrict its support, or choose a profile that decays faster",
    )


def _number(value: Expr) -> Any:
    if value.is_infinite:
        return mpmath.mpf("inf") if value.is_extended_positive else mpmath.mpf("-inf")
    return mpmath.mpf(value.evalf(20))


def _value(formula: Expr, u: Symbol, point: Expr) -> Any:
    """Return an approximate value, nan at a pole."""
    try:
        return _function(formula, u)(mpmath.mpf(float(point)))
    except ZeroDivisionError:
        return mpmath.nan


@lru_cache(maxsize=64)
def _function(formula: Expr, u: Symbol) -> Callable[[Any], Any]:
    special = {WrappedGaussian.__name__: wrapped_gaussian_value}
    function: Callable[[Any], Any] = lambdify(u, formula, modules=[special, "mpmath"])
    return function
