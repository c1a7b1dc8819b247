"""The claims on cross-entropy with a kernel density estimate, in one bin.

Guarantees: each statement says what its source says, for every number of classes; where a decision
was needed to put it in formulas, the note of the claim says which.

Notation: logits z, softmax S, kernel values K_j of the data points in the bin.
"""

from __future__ import annotations

from sympy import Abs, Equivalent, log

from ...symbolic import losses
from ...symbolic.calculus import LossTerm
from ...symbolic.limits import limit
from ...symbolic.relations import Eq, Ge, Gt, Le, Lt, Ne
from ...symbolic.vocabulary import K, S, class_sum, delta, family, i, m, scalar, y, z
from ..claim import Claim
from .kde_points import CLAIMS as _POINTS

_THREAD = (
    "RoboWiki, thread 'Property of gradient of cross-entropy loss with kernel density estimation'"
)
_XOR = f"{_THREAD}, Xor, 5 February 2022"
_KEV = f"{_THREAD}, reply by Kev, 10 February 2022"
_LATER = f"{_THREAD}, reply by Xor, 13 March 2022"

CE, KDE = losses.softmax_cross_entropy, losses.kde_cross_entropy

_c = scalar("c", positive=True)
_shift = scalar("c")
_shrink = scalar("t", positive=True)
_near = family("k", nonnegative=True)

_density = class_sum(lambda j: S(j) * K[j])
_share = S(i) * K[i] / _density

_one_hot = KDE.substitute(K, lambda a: delta(a, y), "KDE[one-hot]")
_almost = KDE.substitute(
    K, lambda a: delta(a, y) + (1 - delta(a, y)) * _shrink * _near[a], "KDE[almost one-hot]"
)
_scaled = KDE.substitute(K, lambda a: _c * K[a], "KDE[cK]")
_relative = KDE.substitute(K, lambda a: K[a] / K[m], "KDE[K/K_m]")
_shifted = KDE.substitute(z, lambda a: z[a] + _shift, "KDE[z+c]")

_rest = class_sum(lambda j: S(j) * _near[j], but=(y,))

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
        (Eq(KDE.gradient(i), S(i)), Eq(KDE.term, KDE.term)),
        title="With no match, all K = 0, the loss has a value and its gradient is S_i",
        given=Eq(class_sum(lambda j: K[j]), 0),
        source=f"{_XOR}, 'S_i when label mismatches'",
        expected="UNDEFINED",
        note="That the loss has a value is put as its equality with itself.",
    ),
    Claim(
        "kde-degenerate-limit",
        (
            Eq(limit(_almost.gradient(i), _shrink, 0), CE.gradient(i)),
            Eq(
                limit((_almost.gradient(i) - CE.gradient(i)) / _shrink, _shrink, 0),
                (delta(i, y) * _rest - (1 - delta(i, y)) * S(i) * _near[i]) / S(y),
            ),
        ),
        title="With K = 1 at the match and K_j = t k_j elsewhere, the gradient goes to that of "
        "cross-entropy as t → 0, with an error O(t)",
        source=f"{_XOR}, 'But things start to get interesting when K is different'",
        note="The second limit is finite, so that the error is O(t).",
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
    ),
    Claim(
        "kde-sign",
        Equivalent(Lt(KDE.gradient(i), 0), Gt(K[i], _density)),
        title="A weight is pushed up exactly where its K exceeds the weighted mean of all K",
        given=KDE.given,
        source=f"{_XOR}, a consequence of the second formula",
    ),
    Claim(
        "kde-monotone",
        Le(LossTerm(KDE.name, KDE.value, z[i], K[i]), 0),
        title="The better the match K_i, the more z_i is pushed up",
        given=KDE.given,
        source=f"{_XOR}, a consequence of the second formula",
        note="The derivative of ∂KDE/∂z_i by K_i is not positive.",
    ),
)

CLAIMS = (*_GRADIENT, *_SCALE, *_LAWS, *_POINTS)
"""The claims of the thread, those on the data points last."""
