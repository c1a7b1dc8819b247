"""The kernel library: mass, sign, support, smoothness, period; and what a kernel may not be."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import flint
import mpmath
import pytest
from hypothesis import given, strategies as st
from sympy import (
    Abs,
    DiracDelta,
    Expr,
    I,
    Integer,
    Max,
    Piecewise,
    Rational,
    Symbol,
    cos,
    cosh,
    diff,
    exp,
    floor,
    lambdify,
    limit,
    oo,
    pi,
    sin,
    sqrt,
)

from gradproof.symbolic import scalar
from gradproof.symbolic.errors import DeclarationError
from gradproof.symbolic.kernel import Kernel, bandwidth, concentration, instantiate, u
from gradproof.symbolic.kernel_functions import KernelShape, WrappedGaussian, wrapped_gaussian_value
from gradproof.symbolic.kernels import KERNELS, find_kernel, tricube

DIGITS = 30
SCALES = (Rational(2, 5), Rational(7, 3))
ALL = pytest.mark.parametrize("kernel", KERNELS.values(), ids=list(KERNELS))
LINE = [k for k in KERNELS.values() if not k.circular]
COMPACT = [k for k in LINE if k.compact]
CIRCULAR = [k for k in KERNELS.values() if k.circular]
t = scalar("t")

SMOOTHNESS = {
    "gaussian": ((), oo),
    "laplace": ((0,), 0),
    "cauchy": ((), oo),
    "logistic": ((), oo),
    "epanechnikov": ((-1, 1), 0),
    "triangular": ((-1, 0, 1), 0),
    "uniform": ((-1, 1), -1),
    "cosine": ((-1, 1), 0),
    "biweight": ((-1, 1), 1),
    "triweight": ((-1, 1), 2),
    "tricube": ((-1, 0, 1), 2),
    "von_mises": ((), oo),
    "wrapped_gaussian": ((), oo),
}


def number(kernel: Kernel, scale: Expr) -> Any:
    """Return K with its scale filled in as a function of mpmath numbers."""
    special = {"WrappedGaussian": wrapped_gaussian_value}
    return lambdify(t, kernel(t, scale), modules=[special, "mpmath"])


def edges(kernel: Kernel, scale: Expr) -> list[Any]:
    """Return the ends of the support in t, with every kink between them."""
    low, high = (-pi, pi) if kernel.circular else kernel.support
    width = 1 if kernel.circular else scale
    points = {low, *kernel.kinks, high} | ({Integer(0)} if kernel.support == (-oo, oo) else set())
    finite = [mpmath.mpf((p * width).evalf(DIGITS + 20)) for p in sorted(points - {-oo, oo})]
    infinite = [mpmath.inf] * (high == oo)
    return [-e for e in infinite] + finite + infinite


@pytest.mark.parametrize("scale", SCALES, ids=str)
@ALL
def test_mass_is_one(kernel: Kernel, scale: Expr) -> None:
    """The integral over the line, or over one turn, is 1 to thirty digits at two bandwidths."""
    with mpmath.workdps(DIGITS + 15):
        mass = mpmath.quad(number(kernel, scale), edges(kernel, scale))
        assert abs(mass - 1) < mpmath.mpf(10) ** -DIGITS


@pytest.mark.parametrize("kernel", COMPACT, ids=lambda k: k.name)
def test_mass_of_a_compact_kernel_is_one_in_certified_balls(kernel: Kernel) -> None:
    """Arb's integral of the profile on each side of 0, a single formula there, encloses 1/c."""
    formula = kernel.profile.subs(Abs(u), u)
    with flint.ctx.workdps(DIGITS + 10):

        def integrand(v: Any, _: bool) -> Any:
            return _in_balls(formula, v)

        mass = 2 * flint.acb.integral(integrand, 0, 1).real
        product = mass * _in_balls(kernel.constant * bandwidth, flint.acb(0)).real
        assert product.contains(1)
        assert product.rad() < 1e-30


def _in_balls(formula: Expr, v: Any) -> Any:
    if formula == u:
        return v
    if formula == pi:
        return flint.acb.pi()
    if formula.is_Rational:
        return flint.acb(int(formula.p)) / int(formula.q)
    parts = [_in_balls(a, v) for a in formula.args]
    if formula.is_Pow:
        return parts[0] ** int(formula.exp)
    if formula.func is cos:
        return parts[0].cos()
    total = parts[0]
    for part in parts[1:]:
        total = total + part if formula.is_Add else total * part
    return total


@ALL
def test_nowhere_negative_and_even(kernel: Kernel) -> None:
    """On a grid K(t) >= 0, K(t) = K(-t), and nothing exceeds the value at 0."""
    for scale in SCALES:
        value = number(kernel, scale)
        peak = value(mpmath.mpf(0))
        for k in range(81):
            there, mirrored = value(mpmath.mpf(k) / 20), value(-mpmath.mpf(k) / 20)
            assert 0 <= there <= peak * (1 + 1e-12)
            assert abs(there - mirrored) <= 1e-12 * peak


@pytest.mark.parametrize("kernel", LINE, ids=lambda k: k.name)
def test_support_on_the_line(kernel: Kernel) -> None:
    """K is positive inside its support and exactly 0 outside."""
    high = kernel.support[1]
    for scale in SCALES:
        end = scale * (3 if high == oo else high)
        assert all(kernel(s * end * Rational(99, 100), scale).is_positive for s in (1, -1, 0))
        if kernel.compact:
            assert all(kernel(s * end * Rational(101, 100), scale) == 0 for s in (1, -1, 50))


@pytest.mark.parametrize("kernel", COMPACT, ids=lambda k: k.name)
def test_outside_the_support_the_profile_is_not_asked(kernel: Kernel) -> None:
    """Far outside, where a profile may be anything, the kernel and its derivative are 0."""
    slope = instantiate(KernelShape(1, t), kernel)
    assert slope.subs({bandwidth: 1, t: 1000}) == 0
    assert slope.subs({bandwidth: 1, t: -1000}) == 0


def test_a_jump_leaves_a_delta_in_the_derivative() -> None:
    """The slope of a kernel with jumps keeps them as deltas; that of a continuous one has none."""
    for kernel in KERNELS.values():
        slope = instantiate(KernelShape(1, t), kernel)
        assert slope.has(DiracDelta) == (kernel.smoothness == -1)


@ALL
def test_kinks_and_smoothness_are_those_of_the_textbook(kernel: Kernel) -> None:
    """The computed kinks and smoothness are the known ones."""
    kinks, smoothness = SMOOTHNESS[kernel.name]
    assert kernel.kinks == kinks
    assert kernel.smoothness == smoothness


@pytest.mark.parametrize("kernel", [k for k in LINE if k.kinks], ids=lambda k: k.name)
def test_one_sided_derivatives_agree_up_to_the_smoothness_and_no_further(kernel: Kernel) -> None:
    """At some kink the derivative of order k + 1 jumps; up to order k it jumps at none.

    The one-sided limits are SymPy's, of the kernel with its absolute value and edges written out.
    """
    k = int(kernel.smoothness)
    assert max(_first_jump(kernel, point) for point in kernel.kinks) >= k + 1
    assert min(_first_jump(kernel, point) for point in kernel.kinks) == k + 1


def _first_jump(kernel: Kernel, point: Expr) -> int:
    """Return the order of the first derivative whose one-sided limits differ at `point`."""
    low, high = kernel.support

    def formula(side: int) -> Expr:
        near = point + Rational(side, 1000)
        inside = low < near < high
        return kernel.profile.subs(Abs(u), u if near > 0 else -u) if inside else Integer(0)

    for order in range(9):
        before, after = (
            limit(diff(formula(side), u, order), u, point, "-" if side < 0 else "+")
            for side in (-1, 1)
        )
        if before != after:
            return order
    raise AssertionError(f"no jump at {point}")


@pytest.mark.parametrize("kernel", CIRCULAR, ids=lambda k: k.name)
@given(angle=st.floats(-10, 10), turns=st.integers(-3, 3))
def test_circular_kernels_have_the_period_of_a_turn(
    kernel: Kernel, angle: float, turns: int
) -> None:
    """K(t + 2 pi m) = K(t) for every angle and every whole number of turns."""
    value = number(kernel, SCALES[1])
    with mpmath.workdps(30):
        there = value(mpmath.mpf(angle) + 2 * mpmath.pi * turns)
        assert abs(there - value(mpmath.mpf(angle))) < mpmath.mpf(10) ** -25


def test_narrow_circular_kernels_tend_to_the_gaussian() -> None:
    """Wrapped Gaussian and von Mises (kappa = 1/h^2) come close to the line's Gaussian."""
    h = Rational(1, 50)
    line = number(KERNELS["gaussian"], h)
    for name, scale in (("wrapped_gaussian", h), ("von_mises", 1 / h**2)):
        value = number(KERNELS[name], scale)
        for k in range(4):
            at = k * mpmath.mpf(1) / 50
            assert abs(value(at) / line(at) - 1) < 1e-2


@pytest.mark.parametrize("order", range(5))
@pytest.mark.parametrize("h", ["1/100", "1/2", "99/100", "1", "3"])
def test_wrapped_gaussian_in_balls_and_in_mpmath(h: str, order: int) -> None:
    """Arb's enclosure and mpmath's value agree, narrow (by turns) or wide (by frequencies)."""
    angle, width = Rational(3, 10), Rational(h)
    expr = WrappedGaussian(order, angle, width)
    with mpmath.workdps(DIGITS + 10), flint.ctx.workdps(DIGITS + 10):
        balls = [flint.arb(flint.fmpq(int(a.p), int(a.q))) for a in expr.args]
        enclosure = expr._arb_(balls)
        approximately = expr._mpmath_([mpmath.mpf(a.p) / a.q for a in expr.args])
        gap = abs(enclosure - flint.arb(mpmath.nstr(approximately, DIGITS + 5)))
        assert enclosure.rel_accuracy_bits() > 3 * DIGITS
        assert gap < abs(enclosure) * flint.arb(10) ** -DIGITS


def test_wrapped_gaussian_is_its_series() -> None:
    """Value and derivatives are those of sum_k exp(-h^2 k^2 / 2) cos(k t), summed by hand."""
    with mpmath.workdps(DIGITS):
        angle, h = mpmath.mpf(2), mpmath.mpf(3) / 2
        for order in range(4):
            terms = (
                mpmath.exp(-((h * k) ** 2) / 2)
                * k**order
                * mpmath.cos(k * angle + order * mpmath.pi / 2)
                for k in range(-30, 31)
            )
            value = wrapped_gaussian_value(order, angle, h)
            assert abs(mpmath.fsum(terms) - value) < mpmath.mpf(10) ** (4 - DIGITS)


@pytest.mark.parametrize("variable", [0, 1])
def test_wrapped_gaussian_derivatives_are_those_of_its_values(variable: int) -> None:
    """The rules for d/dt and d/dh (the heat equation) agree with high-precision differences."""
    h = scalar("h", positive=True)
    symbol = (t, h)[variable]
    slope = WrappedGaussian(1, t, h).diff(symbol)
    place = (Rational(6, 5), Rational(3, 4))
    with mpmath.workdps(DIGITS):

        def moved(by: Any) -> Any:
            at = [mpmath.mpf(a.p) / a.q for a in place]
            at[variable] += by
            return wrapped_gaussian_value(1, *at)

        exact = mpmath.mpf(slope.subs({t: place[0], h: place[1]}).evalf(DIGITS))
        assert abs(mpmath.diff(moved, 0) - exact) < mpmath.mpf(10) ** (8 - DIGITS)


def test_wrapped_gaussian_of_a_taylor_series() -> None:
    """At the series 3/10 + e the ball coefficients are f^(k)(3/10) / k!; complex angles too."""
    f = WrappedGaussian(0, t, bandwidth)
    one_half, start = flint.arb(0.5), flint.arb(0.3)
    series = f._arb_([None, flint.arb_series([start, 1], prec=4), one_half])
    factorial = 1
    for k in range(4):
        factorial *= max(k, 1)
        single = WrappedGaussian(k, t, bandwidth)._arb_([None, start, one_half])
        assert series[k].overlaps(single / factorial)
        assert series[k].rel_accuracy_bits() > 20
    assert f._arb_([None, flint.acb(0.3), one_half]).real.overlaps(series[0])


@pytest.mark.parametrize("width", [flint.arb(0), flint.arb(-1), flint.arb(0, 1), flint.acb(0, 1)])
def test_wrapped_gaussian_without_a_positive_bandwidth_has_no_value(width: Any) -> None:
    """A bandwidth not known to be positive gives a ball that is not finite, never a number."""
    assert not WrappedGaussian(0, t, bandwidth)._arb_([None, flint.arb(1), width]).is_finite()


def test_order_of_a_derivative_is_a_natural_number() -> None:
    """The order in a kernel function is never negative or symbolic."""
    for order in (Integer(-1), Rational(1, 2), t):
        with pytest.raises(DeclarationError, match="the order of a derivative is a natural number"):
            KernelShape(order, t)


def test_scale_argument_replaces_the_bandwidth() -> None:
    """K(t, s) is K(t) with the bandwidth s."""
    for kernel in KERNELS.values():
        filled = kernel(t).subs(kernel.scale, Rational(3, 2))
        assert number(kernel, Rational(3, 2))(mpmath.mpf(1)) == pytest.approx(
            float(filled.subs(t, 1).evalf()), rel=1e-12
        )
        ratio = kernel(Rational(1, 3)) / kernel.unnormalised(Rational(1, 3))
        assert (ratio / kernel.constant).equals(1)


# Kernels that users declare.


@pytest.mark.parametrize(
    ("profile", "options", "constant", "kinks", "smoothness"),
    [
        (exp(-(u**2)), {}, 1 / (sqrt(pi) * bandwidth), (), oo),
        (1 / cosh(u), {}, 1 / (pi * bandwidth), (), oo),
        (Max(0, 1 - u**2), {}, Rational(3, 4) / bandwidth, (-1, 1), 0),
        ((1 - u**2) ** 14, {"support": (-1, 1)}, None, (-1, 1), 13),
        (u * exp(-u), {"support": (0, oo)}, 1 / bandwidth, (0,), 0),
        (sqrt(1 - u**2), {"support": (-1, 1)}, 2 / (pi * bandwidth), (-1, 1), 0),
        (
            Piecewise((2, Abs(u) < 1), (1, Abs(u) < 2), (0, True)),
            {},
            1 / (6 * bandwidth),
            (-2, -1, 1, 2),
            -1,
        ),
        (1 + cos(u) / 2, {"circular": True}, 1 / (2 * pi), (), oo),
        (Max(0, cos(u)), {"circular": True}, Rational(1, 2), (-pi / 2, pi / 2), 0),
        (Abs(sin(u / 2)), {"circular": True}, Rational(1, 4), (0,), 0),
    ],
    ids=str,
)
def test_a_declared_kernel_is_analysed(
    profile: Expr,
    options: dict[str, Any],
    constant: Expr | None,
    kinks: tuple[Expr, ...],
    smoothness: Expr,
) -> None:
    """Constant, kinks and smoothness of a declared profile are computed exactly."""
    kernel = Kernel("mine", profile, **options)
    assert constant is None or (kernel.constant / constant).equals(1)
    assert (kernel.kinks, kernel.smoothness) == (kinks, smoothness)


@pytest.mark.parametrize(
    ("profile", "options", "text"),
    [
        (0 * u, {}, "a kernel is not zero everywhere; found 'bad' = 0"),
        (1 - u**2, {}, "a kernel is nonnegative; found 'bad' = -5/4 at u = -3/2"),
        (
            (1 - u**2) * (Rational(9999, 10000) - u**2),
            {"support": (-1, 1)},
            "a kernel is nonnegative",
        ),
        (1 + u**2, {}, "a kernel is integrable; found an infinite mass"),
        (1 / u**2, {}, "a kernel is integrable; found an infinite mass"),
        (1 / (1 + Abs(u)), {}, "a kernel is integrable; found an infinite mass"),
        (I * exp(-(u**2)), {}, "a kernel is real; found 'bad' = I at u = 0"),
        (exp(-(u**2)), {"constant": 1 / bandwidth}, "gives it mass 1; found mass 1.77245385091"),
        (exp(-(u**2)), {"constant": 1 / t}, "a normalising constant depends on the scale alone"),
        (exp(-(u**2) * Symbol("a")), {}, "a profile depends on u alone"),
        ("exp(-u**2)", {}, "are SymPy expressions; found str for 'bad'"),
        (1 - u**2, {"support": (1, -1)}, "the support of a kernel is an interval"),
        (1 + cos(u), {"support": (-1, 1), "circular": True}, "or one turn of the circle"),
        (u**2, {"circular": True}, "a kernel on the circle has the period 2*pi"),
        (floor(u) ** 2, {"support": (-1, 1)}, "finitely many formulas that are analytic"),
        (Piecewise((1, sin(u) > 0), (0, True)), {}, "found the zeros of sin(u)"),
        (
            exp(-1 / (1 - u**2)),
            {"support": (-1, 1)},
            "normalising constant of a kernel can be comp",
        ),
    ],
    ids=str,
)
def test_what_is_no_kernel_is_refused(profile: Any, options: dict[str, Any], text: str) -> None:
    """A profile without meaning as a kernel is a DeclarationError that says what was found."""
    with pytest.raises(DeclarationError) as caught:
        Kernel("bad", profile, **options)
    assert text in str(caught.value)


def test_a_wrong_constant_is_refused_in_every_library_kernel() -> None:
    """The check of the constants can fail: half of each is refused."""
    for kernel in KERNELS.values():
        with pytest.raises(DeclarationError, match=r"gives it mass 1; found mass 0\.5"):
            Kernel(
                kernel.name,
                kernel.profile,
                kernel.constant / 2,
                kernel.support,
                kernel.circular,
                kernel.scale,
            )


@pytest.mark.parametrize("scale", [Rational(3, 4), Rational(5, 3)])
def test_a_constant_that_is_right_at_one_bandwidth_is_refused(scale: Rational) -> None:
    """A constant without the bandwidth gives mass 1 at one bandwidth and no other."""
    with pytest.raises(DeclarationError, match="gives it mass 1"):
        Kernel("fixed", 1 - u**2, Rational(3, 4) / scale, support=(-1, 1))
    assert Kernel("free", 1 - u**2, Rational(3, 4) / bandwidth, support=(-1, 1)).constant


def test_the_registry_holds_every_kernel_once() -> None:
    """Names in the registry are the kernels' own, and each cites its source."""
    assert list(KERNELS) == [kernel.name for kernel in KERNELS.values()] == list(SMOOTHNESS)
    assert all(kernel.title and kernel.source for kernel in KERNELS.values())
    assert find_kernel("tricube") is tricube
    assert KERNELS["von_mises"].scale == concentration


def test_an_unknown_kernel_names_the_closest() -> None:
    """A misspelt name is answered with the names it is close to."""
    with pytest.raises(DeclarationError) as caught:
        find_kernel("gausian")
    assert str(caught.value) == (
        "a kernel is called by its name in the library; found 'gausian'; "
        "take one of gaussian, wrapped_gaussian, or declare it with Kernel(name, profile)"
    )


def test_the_trial_scales_spread() -> None:
    """The bandwidths tried are distinct, on both sides of 1."""
    assert all(a < 1 < b for a, b in pairwise(SCALES))
