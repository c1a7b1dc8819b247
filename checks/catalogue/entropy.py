"""The claims on entropy, cross-entropy as a distance, and norms.

Guarantees: each statement says what its source says, for every number of classes; where a decision
was needed to put it in formulas, the note of the claim says which.

Notation: logits z, softmax S, label y; distributions p and q; a vector v; outputs F and targets Y
of a network. All logarithms are natural unless a base is written.
"""

from __future__ import annotations

from collections.abc import Callable

from sympy import Abs, Expr, Piecewise, Pow, log, sqrt

from ...symbolic import losses
from ...symbolic.loss import Loss, outputs as q
from ...symbolic.relations import Eq, Ge, Gt, Le
from ...symbolic.vocabulary import S, class_sum, family, i, k, n, p, scalar
from ..claim import Claim

_ANSWER = "the question on the gradients of the quadratic loss and of cross-entropy, answer"

CE, CE_p = losses.softmax_cross_entropy, losses.softmax_cross_entropy_soft

_P = family("p", positive=True)
_v = family("v")
_F = family("F")
_Y = family("Y")
_factor = scalar("lambda", positive=True)

_Term = Callable[[Expr], Expr]


def _cross_entropy(first: _Term, second: _Term) -> Expr:
    """Return ``H(first, second)`` in nats."""
    return -class_sum(lambda a: first(a) * log(second(a)))


def _entropy_term(value: Expr) -> Expr:
    """Return ``value log value``, 0 for 0."""
    return Piecewise((value * log(value), Gt(value, 0)), (0, True))


_distance = Loss(
    "DIST", sqrt(class_sum(lambda a: (_F[a] - _Y[a]) ** 2)), title="Euclidean distance", wrt=_F
)
_rms = Loss("RMS", _distance.value / sqrt(n), title="root of the mean squared difference", wrt=_F)
_squares = Loss("SS", _distance.value**2, title="sum of squared differences", wrt=_F)
_bits = Loss("CE2", CE_p.value / log(2), title="softmax cross-entropy in bits, with targets")
_divergence = Loss(
    "KL",
    class_sum(lambda j: _P[j] * log(_P[j] / S(j))),
    title="Kullback-Leibler divergence of the targets from the softmax",
)
_soft = Loss("CE_p", _cross_entropy(lambda a: _P[a], S), title="softmax cross-entropy with targets")

_length = sqrt(class_sum(lambda a: _v[a] ** 2))

_distributions = (Eq(class_sum(lambda j: _P[j]), 1), Eq(class_sum(lambda j: q[j]), 1))
_H_pq = _cross_entropy(lambda a: _P[a], lambda a: q[a])
_H_p = _cross_entropy(lambda a: _P[a], lambda a: _P[a])
_symmetric = Eq(_H_pq, _cross_entropy(lambda a: q[a], lambda a: _P[a]))
_zero_if_equal = Eq(_H_p, 0)
_homogeneous = Eq(
    _cross_entropy(lambda a: _factor * _P[a], lambda a: _factor * q[a]), _factor * _H_pq
)

_ENTROPY = (
    Claim(
        "ce-not-a-norm",
        (_symmetric, _zero_if_equal, _homogeneous),
        title="Cross-entropy H(p, q) is a norm or a metric: symmetric, zero for p = q, homogeneous",
        given=_distributions,
        source=f"{_ANSWER}, 'cross-entropy is not a norm', contradicted",
        expected="REFUTED",
        note="The source denies this; each of the three is a claim of its own below.",
    ),
    *(
        Claim(
            f"ce-not-a-norm-{name}",
            statement,
            title=f"Cross-entropy is {law}",
            given=_distributions[: 1 if name == "zero" else 2],
            source=f"{_ANSWER}, 'cross-entropy is not a norm', contradicted",
            expected="REFUTED",
        )
        for name, statement, law in (
            ("symmetric", _symmetric, "symmetric, H(p, q) = H(q, p)"),
            ("zero", _zero_if_equal, "0 for equal distributions, H(p, p) = 0"),
            ("homogeneous", _homogeneous, "homogeneous, H(λp, λq) = λ H(p, q)"),
        )
    ),
    Claim(
        "ce-bits",
        (
            Eq(Pow(2, log(S(i)) / log(2), evaluate=False), S(i)),
            Eq(_bits.term, CE_p.term / log(2)),
            Eq(_bits.gradient(i), CE_p.gradient(i) / log(2)),
        ),
        title="In bits, cross-entropy and its gradient are those in nats over ln 2",
        source=f"{_ANSWER}, the formula of H(p, q) with log_2",
        note="The first line says that log u / log 2 is the logarithm of u to the base 2.",
        loss=_bits,
    ),
    Claim(
        "ce-kl",
        (
            Eq(_H_pq, _H_p + class_sum(lambda j: _P[j] * log(_P[j] / q[j]))),
            Eq(_divergence.gradient(i), _soft.gradient(i)),
        ),
        title="Cross-entropy is entropy plus Kullback-Leibler divergence, so the divergence has "
        "the gradient of cross-entropy",
        source=f"{_ANSWER}, 'based on the Kullback-Leibler divergence'",
        note="Targets are positive; a class with p_j = 0 adds 0 to every one of the sums.",
        loss=_divergence,
    ),
    Claim(
        "gibbs",
        Ge(-class_sum(lambda j: p[j] * log(q[j])), -class_sum(lambda j: _entropy_term(p[j]))),
        title="No distribution q makes the cross-entropy H(p, q) less than the entropy H(p)",
        given=(Eq(class_sum(lambda j: p[j]), 1), Eq(class_sum(lambda j: q[j]), 1)),
        source=f"{_ANSWER}, the formulas of H(X) and H(p, q)",
        note="0 log 0 is 0; every q_j is positive.",
    ),
    Claim(
        "ce-label-free",
        Eq(CE.term, -log(S(k))),
        title="The cross-entropy of the question, -log F(w, x)_y, is independent of the labels",
        source=f"{_ANSWER}, 'the expression is independent of the labels'",
        expected="REFUTED",
        note="Any other label k gives the same value.",
    ),
    Claim(
        "entropy-uniform",
        Eq(-class_sum(lambda _: log(1 / n) / n), log(n)),
        title="The entropy of the uniform distribution on Ω states is log Ω",
        source=f"{_ANSWER}, the formulas S = k_B log Ω and H(X)",
        note="n is the number Ω of states; the entropy is in nats, and S / k_B.",
    ),
)

_NORMS = (
    Claim(
        "norms-order",
        (
            Le(_length, class_sum(lambda a: Abs(_v[a]))),
            Le(class_sum(lambda a: Abs(_v[a])), sqrt(n) * _length),
        ),
        title="The norms are related by |v|_2 <= |v|_1 <= √n |v|_2",
        source=f"{_ANSWER}, 'level 1 and 2 norms are closely related'",
    ),
    Claim(
        "quadratic-kinds",
        (
            Eq(_squares.gradient(i), 2 * _distance.term * _distance.gradient(i)),
            Eq(_squares.gradient(i), 2 * n * _rms.term * _rms.gradient(i)),
        ),
        title="Distance, root mean square and sum of squares have parallel gradients where the "
        "output is not the target",
        given=Gt(class_sum(lambda j: (_F[j] - _Y[j]) ** 2), 0),
        source=f"{_ANSWER}, 'broadly describable as quadratic expressions of loss'",
        note="The factors between the gradients are the distance and the root mean square, which "
        "are positive by the assumption.",
    ),
)

CLAIMS = (*_ENTROPY, *_NORMS)
"""The claims, in the order of their source."""
