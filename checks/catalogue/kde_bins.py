"""The claims on bins: the midpoint rule for the loss over an interval, and its order.

Guarantees: each statement is about every number of classes and every positive kernel that is
differentiable without end, unless it names its kernel.

Notation: logits z, softmax S, kernel K, positions x, interval (a, b), number of bins B.
"""

from __future__ import annotations

from sympy import Expr, Rational, log, oo

from ...symbolic import losses
from ...symbolic.calculus import LossTerm
from ...symbolic.kernel_losses import kde_binned, kde_integral, lower, open_kernel, upper
from ...symbolic.kernels import laplace
from ...symbolic.limits import limit
from ...symbolic.relations import Eq
from ...symbolic.vocabulary import S, bins, class_sum, i, x, z
from ..claim import Claim

_SOURCE = (
    "RoboWiki, thread 'Property of gradient of cross-entropy loss with kernel density "
    "estimation', Xor, 5 February 2022, 'numerical methods, such as binning'"
)

_BINNED, _WHOLE = losses.kde_binned_cross_entropy, losses.kde_integral_cross_entropy
_rough, _rough_whole = kde_binned(laplace), kde_integral(laplace)


def _slope(end: Expr, *variables: Expr) -> Expr:
    """Return the derivative of the loss in one bin by the place of the bin, at an end."""
    value = -log(class_sum(lambda j: S(j) * open_kernel(end - x[j])))
    return LossTerm("KDE", value, *variables, end)


def _order_two(*variables: Expr) -> Expr:
    """Return the limit of B^2 times the error of the midpoint rule."""
    change = _slope(upper, *variables) - _slope(lower, *variables)
    return -Rational(1, 24) * (upper - lower) * change


CLAIMS = (
    Claim(
        "kde-bins",
        Eq(limit(_BINNED.term, bins, oo), _WHOLE.term),
        title="The loss in bins goes to the loss over the interval as the bins shrink",
        given=_WHOLE.given,
        source=_SOURCE,
        note="Bins of equal width, each with its midpoint. For every positive kernel that is "
        "differentiable without end.",
        loss=_BINNED,
    ),
    Claim(
        "kde-bins-gradient",
        Eq(limit(_BINNED.gradient(i), bins, oo), _WHOLE.gradient(i)),
        title="The gradient in bins goes to the gradient over the interval as the bins shrink",
        given=_WHOLE.given,
        source=_SOURCE,
        note="As kde-bins.",
    ),
    Claim(
        "kde-bins-order",
        (
            Eq(limit(bins**2 * (_BINNED.term - _WHOLE.term), bins, oo), _order_two()),
            Eq(
                limit(bins**2 * (_BINNED.gradient(i) - _WHOLE.gradient(i)), bins, oo),
                _order_two(z[i]),
            ),
        ),
        title="The error of bins has order 2: twice as many bins leave a quarter of it, in loss "
        "and gradient",
        given=_WHOLE.given,
        source=_SOURCE,
        note="B^2 times the error goes to -(b - a)/24 times the change, from a to b, of the "
        "derivative of the loss in one bin by the bin's place.",
    ),
    Claim(
        "kde-bins-kink",
        (
            Eq(limit(_rough.term, bins, oo), _rough_whole.term),
            Eq(limit(_rough.gradient(i), bins, oo), _rough_whole.gradient(i)),
        ),
        title="Bins converge for the Laplace kernel too, whose kinks have no derivative",
        given=_rough.given,
        source=_SOURCE,
        note="No order is claimed.",
    ),
)
"""The claims, in the order of their strength."""
