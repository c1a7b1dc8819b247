"""The derivative of the loss over an interval, kernel by kernel, at exact points.

Guarantees: each claim is about one exact point at which the interval holds the kinks and edges of
the kernels of both data points, and every place of it is near enough to one of them for the loss
to be finite; the derivative is by the first weight.
What they cannot see: other points. That the gradient is the integral of the gradients in the bins
for every positive differentiable kernel is `kde-integral-gradient`.

Notation: logits z, softmax S, positions x, interval (a, b); bandwidth and concentration are 1.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from sympy import Expr, Integer, Integral, Rational

from ...symbolic.kernel import Kernel
from ...symbolic.kernel_losses import kde_integral, lower, position as t, upper
from ...symbolic.kernels import KERNELS
from ...symbolic.relations import Le
from ...symbolic.vocabulary import S, class_sum, n, x, z
from ..claim import Claim

_SOURCE = (
    "RoboWiki, thread 'Property of gradient of cross-entropy loss with kernel density "
    "estimation', Xor, 5 February 2022, 'consider only one of the bins (with angle x)'"
)
_WITHIN = Rational(1, 10**20)


def _bin_gradient(kernel: Callable[[Expr], Expr], member: int) -> Expr:
    """Return the source's formula for the gradient in the bin at t."""
    total = class_sum(lambda j: S(j) * kernel(t - x[j]))
    return S(member) - S(member) * kernel(t - x[member]) / total


_POINT = {n: 2, z: (1, 0), x: (Fraction(-1, 4), Fraction(1, 2)), lower: -1, upper: 1}
"""Two edges, and both centres, of kernels with compact support lie inside the interval."""


def _claim(kernel: Kernel) -> Claim:

    def shape(distance: Expr) -> Expr:
        return kernel(distance, Integer(1))

    loss = kde_integral(shape, f"KDEI[{kernel.name}]")
    mean = Integral(_bin_gradient(shape, 1), (t, lower, upper)) / (upper - lower)
    return Claim(
        f"kde-integral-gradient-{kernel.name.replace('_', '-')}",
        Le((loss.gradient(1) - mean) ** 2, _WITHIN**2),
        title=f"With the {kernel.title} kernel the gradient of the loss over an interval is the "
        "mean of the gradients in its bins, to 20 digits, at one point",
        at=_POINT,
        source=_SOURCE,
        note="Kinks and edges of the kernel are breakpoints of both integrals; Taylor series of "
        "the loss alone give the same derivative.",
    )


CLAIMS = tuple(_claim(kernel) for kernel in KERNELS.values())
"""One claim for each kernel of the library."""
