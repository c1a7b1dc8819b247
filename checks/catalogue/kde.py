"""The claims on cross-entropy with a kernel density estimate.

Guarantees: each statement says what its source says, for every number of classes; where a decision
was needed to put it in formulas, the note of the claim says which.
A limit is put as a bound with an explicit constant that does not depend on the variable that goes
to its limit; such a bound is stronger than the limit.

Notation: logits z, softmax S, kernel values K_j = K(t - x_j) in the bin at t, positions x.
"""

from __future__ import annotations

from sympy import Abs, Equivalent, Expr, Implies, Integral, exp, log

from ...symbolic.calculus import LossTerm
from ...symbolic.kernel import bandwidth as h
from ...symbolic.kernel_losses import lower, open_kernel, position as t, upper
from ...symbolic.kernels import gaussian
from ...symbolic.loss import Loss
from ...symbolic.losses import (
    kde_cross_entropy as KDE,
    kde_integral,
    kde_integral_cross_entropy as KDEI,
    softmax_cross_entropy as CE,
)
from ...symbolic.relations import Eq, Ge, Gt, Le, Lt, Ne
from ...symbolic.vocabulary import K, S, class_sum, delta, family, i, k, m, scalar, x, y, z
from ..claim import Claim

_THREAD = (
    "RoboWiki, thread 'Property of gradient of cross-entropy loss with kernel density estimation'"
)
_XOR = f"{_THREAD}, Xor, 5 February 2022"
_KEV = f"{_THREAD}, reply by Kev, 10 February 2022"
_LATER = f"{_THREAD}, reply by Xor, 13 March 2022"

_c = scalar("c", positive=True)
_shift = scalar("c")
_shrink = scalar("t", positive=True)
_limit = scalar("B", positive=True)
_near = family("k", nonnegative=True)
_positive = family("K", positive=True)

_density = class_sum(lambda j: S(j) * K[j])
_share = S(i) * K[i] / _density

_one_hot = KDE.substitute(K, lambda a: delta(a, y), "KDE[one-hot]")
_almost = KDE.substitute(
    K, lambda a: delta(a, y) + (1 - delta(a, y)) * _shrink * _near[a], "KDE[almost one-hot]"
)
_scaled = KDE.substitute(K, lambda a: _c * K[a], "KDE[cK]")
_relative = KDE.substitute(K, lambda a: K[a] / K[m], "KDE[K/K_m]")
_shifted = KDE.substitute(z, lambda a: z[a] + _shift, "KDE[z+c]")
_everywhere = KDE.substitute(K, lambda a: _positive[a], "KDE")
_at_positions = KDE.substitute(K, lambda a: gaussian(t - x[a]), "KDE[gaussian]")
_scaled_integral = kde_integral(lambda u: _c * open_kernel(u), "KDEI[cK]")

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


def _far_constant() -> Expr:
    """Return S_i / (S_k e^{-(t - x_k)^2 / 2h^2}), which does not depend on x_i."""
    return S(i) / S(k) * exp((t - x[k]) ** 2 / (2 * h**2))


_GRADIENT = (
    Claim(
        "kde-gradient",
        Eq(KDE.gradient(i), S(i) - _share),
        title="In one bin, the derivative by the weight z_i is S_i - S_i K_i / Σ_j S_j K_j",
        given=KDE.given,
        source=f"{_XOR}, second formula",
        note="The source shows the formula as a picture.",
        loss=KDE,
    ),
    Claim(
        "kde-degenerate",
        (
            Eq(_one_hot.gradient(i), S(i) - delta(i, y)),
            Eq(_one_hot.gradient(i), CE.gradient(i)),
        ),
        title="With K = 1 for the one matching label and K = 0 for all others, the gradient is "
        "S_i - 1 at the match and S_i elsewhere, as for cross-entropy with softmax",
        source=f"{_XOR}, 'It degenerates to ordinary cross entropy loss with softmax'",
        note="K_j is put in as the Kronecker delta of j and the label y.",
        loss=_one_hot,
    ),
    Claim(
        "kde-degenerate-several",
        Eq(KDE.gradient(i), S(i) - 1),
        title="With K in {0, 1} and several matches, the gradient at a match is S_i - 1",
        given=(
            Eq(K[i], 1),
            Eq(K[m], 1),
            Ne(i, m),
            Eq(class_sum(lambda j: (K[j] * (1 - K[j])) ** 2), 0),
        ),
        source=f"{_XOR}, 'S_i - 1 when label matches or S_i when label mismatches'",
        expected="REFUTED",
        note="Two of the matches are named i and m; the vanishing sum of squares says that every "
        "K_j is 0 or 1.",
    ),
    Claim(
        "kde-degenerate-none",
        (Eq(KDE.term, KDE.term), Eq(KDE.gradient(i), S(i))),
        title="With no match, all K = 0, the loss has a value and its gradient is S_i",
        given=Eq(class_sum(lambda j: K[j]), 0),
        source=f"{_XOR}, 'S_i when label mismatches'",
        expected="UNDEFINED",
        note="That the loss has a value is put as its equality with itself.",
    ),
    Claim(
        "kde-degenerate-limit",
        (
            Eq(
                _almost.gradient(i) - CE.gradient(i),
                _shrink
                * (
                    delta(i, y) * class_sum(lambda j: S(j) * _near[j], but=(y,))
                    - (1 - delta(i, y)) * S(i) * _near[i]
                )
                / (S(y) + _shrink * class_sum(lambda j: S(j) * _near[j], but=(y,))),
            ),
            Le(
                Abs(_almost.gradient(i) - CE.gradient(i)),
                _shrink * class_sum(lambda j: S(j) * _near[j], but=(y,)) / S(y),
            ),
        ),
        title="With K = 1 at the match and K_j = t k_j elsewhere, the gradient goes to that of "
        "cross-entropy as t → 0, with an error O(t)",
        source=f"{_XOR}, 'But things start to get interesting when K is different'",
        expected="SUPPORTED",
        note="The error is given exactly, and bounded by t times a constant that does not depend "
        "on t; the limit follows.",
    ),
)

_SCALE = (
    Claim(
        "kde-scale-gradient",
        Eq(_scaled.gradient(i), KDE.gradient(i)),
        title="Multiplying K by a constant c > 0 leaves the gradient as it is",
        given=KDE.given,
        source=f"{_KEV}, 'The scale invariance of K'",
    ),
    Claim(
        "kde-scale-loss",
        Eq(_scaled.term, KDE.term - log(_c)),
        title="Multiplying K by a constant c > 0 shifts the loss by -log c",
        given=KDE.given,
        source=f"{_KEV}, 'The scale invariance of K'",
        note="Not in the source; it says why the gradient stays as it is.",
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
    Claim(
        "kde-scale-multiplies",
        Eq(_scaled.gradient(i), _c * KDE.gradient(i)),
        title="Multiplying K by a constant multiplies the gradient by that constant",
        given=KDE.given,
        source=f"{_KEV}, 'multiplying K by a constant multiplies the gradient by that constant'",
        expected="REFUTED",
        note="For every constant c > 0.",
    ),
    Claim(
        "kde-relative",
        Eq(_relative.gradient(i), KDE.gradient(i)),
        title="The gradient depends on K only through the ratios K_j / K_m",
        given=Gt(K[m], 0),
        source=f"{_LATER}, 'all that matters is how relatively they are close'",
        note="For any class m with K_m > 0 the ratios K_j / K_m in place of K give the gradient.",
    ),
)

_LAWS = (
    Claim(
        "kde-gradient-sum",
        Eq(class_sum(lambda j: KDE.gradient(j)), 0),
        title="The components of the gradient sum to 0",
        given=KDE.given,
        source=f"{_XOR}, a consequence of the second formula",
    ),
    Claim(
        "kde-shift",
        Eq(_shifted.term, KDE.term),
        title="Adding one constant to every weight z_j leaves the loss as it is",
        given=KDE.given,
        source=f"{_XOR}, a consequence of the first formula",
    ),
    Claim(
        "kde-posterior",
        (
            Eq(KDE.gradient(i), S(i) - _share),
            Ge(_share, 0),
            Eq(class_sum(lambda j: S(j) * K[j] / _density), 1),
        ),
        title="The gradient is prior minus posterior, S_i - r_i, where r_i = S_i K_i / Σ_j S_j K_j "
        "is a distribution",
        given=KDE.given,
        source=f"{_XOR}, a reading of the second formula",
        expected="SUPPORTED",
    ),
    Claim(
        "kde-bounds",
        (
            Le(S(i) - 1, KDE.gradient(i)),
            Le(KDE.gradient(i), S(i)),
            Le(Abs(KDE.gradient(i)), 1),
        ),
        title="Every component of the gradient lies between S_i - 1 and S_i, so within 1 of 0",
        given=KDE.given,
        source=f"{_XOR}, a consequence of the second formula",
        expected="SUPPORTED",
    ),
    Claim(
        "kde-sign",
        Equivalent(Lt(KDE.gradient(i), 0), Gt(K[i], _density)),
        title="A weight is pushed up exactly where its K exceeds the weighted mean of all K",
        given=KDE.given,
        source=f"{_XOR}, a consequence of the second formula",
        expected="SUPPORTED",
    ),
    Claim(
        "kde-monotone",
        Le(LossTerm(KDE.name, KDE.value, z[i], K[i]), 0),
        title="The better the match K_i, the more z_i is pushed up",
        given=KDE.given,
        source=f"{_XOR}, a consequence of the second formula",
        expected="SUPPORTED",
        note="The derivative of ∂KDE/∂z_i by K_i is not positive.",
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
            Implies(Gt(Abs(x[i] - t), _limit), Gt(Abs(_squared_error.gradient(i)), _limit)),
        ),
        title="The squared error learns more from far data points: its gradient has the size of "
        "the distance, which has no bound",
        source=f"{_KEV}, 'Most loss functions (e.g., mean squared error) learn more for far'",
        expected="SUPPORTED",
        note="That there is no bound is put as: beyond any distance B the gradient exceeds B.",
        loss=_squared_error,
    ),
    Claim(
        "kde-far-position",
        Le(Abs(_at_positions.gradient(i, wrt=x)) * Abs(t - x[i]), _far_constant()),
        title="With a Gaussian kernel the derivative by the position x_i goes to 0 as x_i goes "
        "away: the loss gives up on hard points",
        given=Ne(i, k),
        source=f"{_KEV}, 'you \"give up\" on hard data points'",
        expected="SUPPORTED",
        note="The limit is put as a bound C / |t - x_i|, where C depends on the weights and on one "
        "other point x_k alone.",
        loss=_at_positions,
    ),
    Claim(
        "kde-far-weight",
        (
            Gt(S(i), 0),
            Le(_at_positions.gradient(i), S(i)),
            Le(
                (S(i) - _at_positions.gradient(i)) * (t - x[i]) ** 2,
                2 * h**2 * _far_constant(),
            ),
        ),
        title="With a Gaussian kernel the derivative by the weight z_i goes to S_i > 0 as x_i goes "
        "away: the weight is still pushed down",
        given=Ne(i, k),
        source=f"{_KEV}, 'you \"give up\" on hard data points'",
        expected="SUPPORTED",
        note="The limit is put as a bound C / (t - x_i)^2 for the distance from S_i, where C "
        "depends on the weights, the bandwidth and one other point x_k alone.",
    ),
)

_INTEGRAL = (
    Claim(
        "kde-integral-gradient",
        Eq(
            KDEI.gradient(i),
            Integral(_bin_gradient(i), (t, lower, upper)) / (upper - lower),
        ),
        title="The gradient of the loss over an interval is the mean of the gradients in its bins",
        given=KDEI.given,
        source=f"{_XOR}, 'consider only one of the bins (with angle x)'",
        note="For every positive differentiable kernel.",
        loss=KDEI,
    ),
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

CLAIMS = (*_GRADIENT, *_SCALE, *_LAWS, *_FAR, *_INTEGRAL)
"""The claims, in the order of their source."""
