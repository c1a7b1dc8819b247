"""The claims on the data points behind the kernel values: their positions, intervals and sums.

Guarantees: each statement says what its source says, for every number of classes; where a decision
was needed to put it in formulas, the note of the claim says which.

Notation: logits z, softmax S, kernel K, positions x, the place t of a bin.
"""

from __future__ import annotations

from sympy import Abs, Expr, Implies, Integer, Integral, log, oo
from sympy.logic.boolalg import Boolean

from ...symbolic import losses
from ...symbolic.kernel_losses import lower, open_kernel, position as t, upper
from ...symbolic.kernels import gaussian
from ...symbolic.limits import limit
from ...symbolic.loss import Loss
from ...symbolic.relations import Eq, Ge, Gt
from ...symbolic.vocabulary import K, S, class_sum, family, i, k, n, scalar, x
from ..claim import Claim

_THREAD = (
    "RoboWiki, thread 'Property of gradient of cross-entropy loss with kernel density estimation'"
)
_XOR = f"{_THREAD}, Xor, 5 February 2022"
_KEV = f"{_THREAD}, reply by Kev, 10 February 2022"
_LATER = f"{_THREAD}, reply by Xor, 13 March 2022"

KDE, KDEI = losses.kde_cross_entropy, losses.kde_integral_cross_entropy

_c = scalar("c", positive=True)
_positive = family("K", positive=True)

_at_positions = KDE.substitute(K, lambda a: gaussian(t - x[a]), "KDE[gaussian]")
_everywhere = KDE.substitute(K, lambda a: _positive[a], "KDE")
_scaled_integral = losses.kde_integral(lambda u: _c * open_kernel(u), "KDEI[cK]")

_squared_error = Loss(
    "SE",
    class_sum(lambda j: (x[j] - t) ** 2) / 2,
    title="half the sum of squared distances from t",
    source=_KEV,
    wrt=x,
)
_joint = Loss(
    "SUM",
    -class_sum(lambda j: log(S(j) * _positive[j])),
    title="sum over the data points of the loss of each, -log (S_j K_j)",
    source=_LATER,
)
_weighted = Loss(
    "WSUM",
    -class_sum(lambda j: S(j) * log(_positive[j])),
    title="sum over the data points of the loss of each, -S_j log K_j",
    source=_LATER,
)


def _bin_gradient(member: Expr) -> Expr:
    """Return the source's formula for the gradient in the bin at t, for an open kernel."""
    total = class_sum(lambda j: S(j) * open_kernel(t - x[j]))
    return S(member) - S(member) * open_kernel(t - x[member]) / total


def _both_ways(body: Expr, value: Expr) -> tuple[Boolean, ...]:
    """Return that `body` goes to `value` as x_i goes away, on either side."""
    return tuple(Eq(limit(body, x[i], side), value) for side in (oo, -oo))


_INTEGRAL = (
    Claim(
        "kde-integral-gradient",
        Eq(KDEI.gradient(i), Integral(_bin_gradient(i), (t, lower, upper)) / (upper - lower)),
        title="The gradient of the loss over an interval is the mean of the gradients in its bins",
        given=KDEI.given,
        source=f"{_XOR}, 'consider only one of the bins (with angle x)'",
        note="For every positive differentiable kernel.",
        loss=KDEI,
    ),
    Claim(
        "kde-unnormalised",
        Eq(_scaled_integral.gradient(i), KDEI.gradient(i)),
        title="K need not be normalised: the loss over an interval has one gradient for K and for "
        "every positive multiple of it",
        given=KDEI.given,
        source=f"{_KEV}, 'K doesn't really need to be normalized'",
        note="For every positive differentiable kernel.",
    ),
)

_FAR = (
    Claim(
        "mse-far",
        (
            Eq(Abs(_squared_error.gradient(i)), Abs(x[i] - t)),
            Implies(
                Gt(Abs(x[i] - t), Abs(x[k] - t)),
                Gt(Abs(_squared_error.gradient(i)), Abs(_squared_error.gradient(k))),
            ),
            *_both_ways(Abs(_squared_error.gradient(i)), oo),
        ),
        title="The squared error learns more from far data points: its gradient has the size of "
        "the distance, which has no bound",
        source=f"{_KEV}, 'Most loss functions (e.g., mean squared error) learn more for far'",
        note="That there is no bound is put as the limit for a point that goes away.",
        loss=_squared_error,
    ),
    Claim(
        "kde-far-position",
        _both_ways(_at_positions.gradient(i, wrt=x), Integer(0)),
        title="With a Gaussian kernel the derivative by the position x_i goes to 0 as x_i goes "
        "away: the loss gives up on hard points",
        given=Ge(n, 2),
        source=f"{_KEV}, 'you \"give up\" on hard data points'",
        note="On both sides, the other points held fixed; a single point is never given up.",
        loss=_at_positions,
    ),
    Claim(
        "kde-far-weight",
        (Gt(S(i), 0), *_both_ways(_at_positions.gradient(i), S(i))),
        title="With a Gaussian kernel the derivative by the weight z_i goes to S_i > 0 as x_i goes "
        "away: the weight is still pushed down",
        given=Ge(n, 2),
        source=f"{_KEV}, 'you \"give up\" on hard data points'",
        note="On both sides, the other points held fixed.",
    ),
)

_SUMS = (
    Claim(
        "kde-points-sum",
        Eq(_joint.gradient(i), _everywhere.gradient(i)),
        title="The sum over the data points of the loss of each has exactly the same gradient",
        source=f"{_LATER}, 'the gradients are exactly the same', retracted there",
        expected="REFUTED",
        note="The loss of one data point is read as -log (S_j K_j), with every K_j > 0.",
        loss=_joint,
    ),
    Claim(
        "kde-points-sum-weighted",
        Eq(_weighted.gradient(i), _everywhere.gradient(i)),
        title="The weighted sum over the data points of the loss of each has exactly the same "
        "gradient",
        source=f"{_LATER}, 'the gradients are exactly the same', retracted there",
        expected="REFUTED",
        note="The loss of one data point is read as -S_j log K_j, with every K_j > 0.",
        loss=_weighted,
    ),
)

CLAIMS = (*_INTEGRAL, *_FAR, *_SUMS)
"""The claims, in the order of their source."""
