"""Losses of a kernel density estimate whose weights are a softmax.

Guarantees: every loss is written as its source writes it, with no gradient beside it.
With a `Kernel` a loss has numbers; with `open_kernel` it stands for every positive differentiable
kernel at once.

Notation: logits z, softmax S = softmax(z), positions x, kernel values K, log the natural logarithm.
"""

from __future__ import annotations

from collections.abc import Callable

from sympy import Expr, Integral, Rational, Symbol, log

from .kernel import Kernel
from .kernel_functions import KernelShape
from .loss import Loss
from .relations import Gt, Lt
from .vocabulary import K, S, bins, class_sum, scalar, x

lower = scalar("a")
"""Lower bound a of the target distribution, in the units of the positions."""

upper = scalar("b")
"""Upper bound b of the target distribution, in the units of the positions."""

position = scalar("t")
"""The variable of integration, in the units of the positions."""

_XOR = (
    "RoboWiki, thread 'Property of gradient of cross-entropy loss with kernel density "
    "estimation', Xor, 5 February 2022"
)

kde_cross_entropy = Loss(
    "KDE",
    -log(class_sum(lambda j: S(j) * K[j])),
    given=(Gt(class_sum(lambda j: K[j]), 0),),
    title="cross-entropy of a kernel density with softmax weights, in one bin",
    source=f"{_XOR}, the integrand in one bin",
)
"""Cross-entropy of a kernel density estimate with softmax weights, in one bin.

Domain: every real z, K_j >= 0, not all zero; with every K_j = 0 the loss is +infinity and its
gradient 0/0.
Formula: ``-log sum_j S_j K_j``, with ``K_j = K(t - x_j)`` the kernel values at the bin's position.
Dropped constants: what multiplies the integral, ``1/(b - a)`` and the width of the bin.
Relations: the integrand of `kde_integral`; `softmax_cross_entropy` where K_j = delta(j, y).
Reference: RoboWiki, thread "Property of gradient of cross-entropy loss with kernel density
estimation", Xor.
"""


def kde_integral(kernel: Kernel | Callable[[Expr], Expr], name: str | None = None) -> Loss:
    """Return the cross-entropy between the uniform distribution on (a, b) and a kernel density.

    Domain: a < b, every real z and x; each t in (a, b) must lie where some K(t - x_j) > 0, which a
    kernel with compact support does not promise: elsewhere the loss is +infinity. With a kernel
    that jumps, the derivative by a position holds a `DiracDelta`, which no number stands for.
    Formula: ``-1/(b - a) integral_a^b log sum_j S_j K(t - x_j) dt``.
    Dropped constants: ``log(b - a)``, the entropy of the uniform distribution.
    Relations: the mean over t of `kde_cross_entropy`; the limit of `kde_binned` for many bins.
    Reference: RoboWiki, thread "Property of gradient of cross-entropy loss with kernel density
    estimation", Xor, first formula.

    Parameters
    ----------
    kernel
        A kernel, or a function of the distance such as an open `KernelShape`.
    name
        The loss's name; ``KDEI[<kernel>]`` for a `Kernel` unless said otherwise.
    """
    density = class_sum(lambda j: S(j) * kernel(position - x[j]))
    return Loss(
        name or _kernel_loss_name("KDEI", kernel),
        -Integral(log(density), (position, lower, upper)) / (upper - lower),
        given=(Lt(lower, upper),),
        title="cross-entropy of a kernel density with softmax weights, over an interval",
        source=f"{_XOR}, first formula",
    )


def kde_binned(kernel: Kernel | Callable[[Expr], Expr], name: str | None = None) -> Loss:
    """Return the midpoint rule with B bins for `kde_integral`.

    Domain: as `kde_integral`, at the midpoints only.
    Formula: ``-1/B sum_b log sum_j S_j K(X_b - x_j)``, with ``X_b = a + (b - 1/2) (b_end - a)/B``
    the midpoint of bin b in 1..B.
    Dropped constants: as `kde_integral`.
    Relations: the mean over the bins of `kde_cross_entropy`.
    Reference: as `kde_integral`, "the integral is often calculated by numerical methods, such as
    binning".

    Parameters
    ----------
    kernel
        A kernel, or a function of the distance such as an open `KernelShape`.
    name
        The loss's name; ``KDEB[<kernel>]`` for a `Kernel` unless said otherwise.
    """

    def in_bin(number: Symbol) -> Expr:
        middle = lower + (number - Rational(1, 2)) * (upper - lower) / bins
        return log(class_sum(lambda j: S(j) * kernel(middle - x[j])))

    return Loss(
        name or _kernel_loss_name("KDEB", kernel),
        -class_sum(in_bin, size=bins) / bins,
        given=(Lt(lower, upper),),
        title="cross-entropy of a kernel density with softmax weights, in bins",
        source=f"{_XOR}, 'numerical methods, such as binning'",
    )


def _kernel_loss_name(head: str, kernel: Kernel | Callable[[Expr], Expr]) -> str:
    if isinstance(kernel, Kernel):
        return f"{head}[{kernel.name}]"
    return head


def open_kernel(argument: Expr) -> Expr:
    """Return ``K(argument)`` for a positive differentiable kernel that is left open."""
    return KernelShape(0, argument)


kde_integral_cross_entropy = kde_integral(open_kernel)
"""`kde_integral` for every positive differentiable kernel at once; has no numbers until
`gradproof.symbolic.kernel.instantiate` puts a kernel in."""

kde_binned_cross_entropy = kde_binned(open_kernel)
"""`kde_binned` for every positive differentiable kernel at once; has no numbers until
`gradproof.symbolic.kernel.instantiate` puts a kernel in."""
