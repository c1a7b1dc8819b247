"""The library of kernels, each with its exact constant, support, kinks and smoothness.

Guarantees: what `Kernel` guarantees for each; the constants below are checked against quadrature
when this module is loaded.

On the line K(t) = constant * profile(t / h), with the bandwidth h > 0 in units of t; the standard
deviation is not h except for the Gaussian.
On the circle t is an angle in radians and the kernel has the period 2*pi.
A kernel with compact support is 0 outside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from types import MappingProxyType

from sympy import Abs, Rational, besseli, cos, exp, pi, sqrt

from .errors import DeclarationError
from .kernel import Kernel, bandwidth as h, concentration, u
from .kernel_functions import WrappedGaussian

__all__ = [
    "KERNELS",
    "biweight",
    "cauchy",
    "cosine",
    "epanechnikov",
    "find_kernel",
    "gaussian",
    "laplace",
    "logistic",
    "triangular",
    "tricube",
    "triweight",
    "uniform",
    "von_mises",
    "wrapped_gaussian",
]

_SMOOTHING = "M. P. Wand and M. C. Jones, Kernel Smoothing (1995), table 2.1"
_UNIVARIATE = "N. L. Johnson, S. Kotz and N. Balakrishnan, Continuous Univariate Distributions"
_CIRCLE = "K. V. Mardia and P. E. Jupp, Directional Statistics (2000)"

gaussian = Kernel(
    "gaussian",
    exp(-(u**2) / 2),
    1 / (sqrt(2 * pi) * h),
    title="Gaussian",
    source=_SMOOTHING,
)
"""``exp(-t^2 / (2 h^2)) / (sqrt(2 pi) h)``; h is the standard deviation."""

laplace = Kernel(
    "laplace",
    exp(-Abs(u)),
    1 / (2 * h),
    title="Laplace",
    source=f"{_UNIVARIATE}, volume 2, chapter 24",
)
"""``exp(-|t| / h) / (2 h)``; a kink at its centre."""

cauchy = Kernel(
    "cauchy",
    1 / (1 + u**2),
    1 / (pi * h),
    title="Cauchy",
    source=f"{_UNIVARIATE}, volume 1, chapter 16",
)
"""``1 / (pi h (1 + (t/h)^2))``; heavy tails, no mean."""

logistic = Kernel(
    "logistic",
    1 / (exp(u / 2) + exp(-u / 2)) ** 2,
    1 / h,
    title="logistic",
    source=f"{_UNIVARIATE}, volume 2, chapter 23",
)
"""``1 / (h (exp(t/2h) + exp(-t/2h))^2)``, the derivative of the sigmoid of t/h."""

epanechnikov = Kernel(
    "epanechnikov",
    1 - u**2,
    Rational(3, 4) / h,
    support=(-1, 1),
    title="Epanechnikov",
    source=_SMOOTHING,
)
"""``3/4 (1 - u^2) / h`` for |u| <= 1; kinks at the edges."""

triangular = Kernel(
    "triangular",
    1 - Abs(u),
    1 / h,
    support=(-1, 1),
    title="triangular",
    source=_SMOOTHING,
)
"""``(1 - |u|) / h`` for |u| <= 1; kinks at the edges and at the centre."""

uniform = Kernel(
    "uniform",
    Rational(1),
    1 / (2 * h),
    support=(-1, 1),
    title="uniform",
    source=_SMOOTHING,
)
"""``1 / (2 h)`` for |u| < 1; jumps at the edges, where it is ``1 / (4 h)``."""

cosine = Kernel(
    "cosine",
    cos(pi * u / 2),
    pi / (4 * h),
    support=(-1, 1),
    title="cosine",
    source="scikit-learn, sklearn.neighbors.KernelDensity, kernel 'cosine'",
)
"""``pi/4 cos(pi u / 2) / h`` for |u| <= 1; kinks at the edges."""

biweight = Kernel(
    "biweight",
    (1 - u**2) ** 2,
    Rational(15, 16) / h,
    support=(-1, 1),
    title="biweight (quartic)",
    source=_SMOOTHING,
)
"""``15/16 (1 - u^2)^2 / h`` for |u| <= 1; once continuously differentiable."""

triweight = Kernel(
    "triweight",
    (1 - u**2) ** 3,
    Rational(35, 32) / h,
    support=(-1, 1),
    title="triweight",
    source=_SMOOTHING,
)
"""``35/32 (1 - u^2)^3 / h`` for |u| <= 1; twice continuously differentiable."""

tricube = Kernel(
    "tricube",
    (1 - Abs(u) ** 3) ** 3,
    Rational(70, 81) / h,
    support=(-1, 1),
    title="tricube",
    source="W. S. Cleveland, Robust locally weighted regression and smoothing scatterplots (1979)",
)
"""``70/81 (1 - |u|^3)^3 / h`` for |u| <= 1; twice continuously differentiable, also at 0."""

von_mises = Kernel(
    "von_mises",
    exp(concentration * cos(u)),
    1 / (2 * pi * besseli(0, concentration)),
    circular=True,
    scale=concentration,
    title="von Mises",
    source=f"{_CIRCLE}, section 3.5.4",
)
"""``exp(kappa cos t) / (2 pi I_0(kappa))``; kappa is a concentration: large is narrow."""

wrapped_gaussian = Kernel(
    "wrapped_gaussian",
    WrappedGaussian(0, u, h),
    1 / (2 * pi),
    circular=True,
    title="wrapped Gaussian",
    source=f"{_CIRCLE}, section 3.5.7",
)
"""``1/(2 pi) sum_k exp(-h^2 k^2 / 2) cos(k t)``: a Gaussian of standard deviation h, wrapped."""

KERNELS: Mapping[str, Kernel] = MappingProxyType(
    {
        kernel.name: kernel
        for kernel in (
            gaussian,
            laplace,
            cauchy,
            logistic,
            epanechnikov,
            triangular,
            uniform,
            cosine,
            biweight,
            triweight,
            tricube,
            von_mises,
            wrapped_gaussian,
        )
    }
)
"""The kernels of the library by name, in the order of this module."""


def find_kernel(name: str) -> Kernel:
    """Return the kernel of the library called `name`.

    Raises
    ------
    DeclarationError
        If there is none; the text names the closest ones.

    >>> find_kernel("tricube").smoothness
    2
    """
    if name in KERNELS:
        return KERNELS[name]
    close = get_close_matches(name, KERNELS) or list(KERNELS)
    raise DeclarationError(
        "a kernel is called by its name in the library",
        found=repr(name),
        remedy=f"take one of {', '.join(close)}, or declare it with Kernel(name, profile)",
    )
