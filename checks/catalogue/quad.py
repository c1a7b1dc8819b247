"""The claims on the quadratic loss against cross-entropy, on norms and on entropy.

Guarantees: each statement says what its source says, for every number of classes; where a decision
was needed to put it in formulas, the note of the claim says which.
A limit is put as a bound with an explicit constant that does not depend on the variable that goes
to its limit; such a bound is stronger than the limit.

Notation: logits z, softmax S, label y; g1 the gradient of the quadratic loss and g2 that of
cross-entropy, both by the logits; p and q distributions.
"""

from __future__ import annotations

from collections.abc import Callable

from sympy import Abs, Expr, Integer, Max, Piecewise, Pow, exp, log, sign, sqrt

from ...symbolic.calculus import LossTerm
from ...symbolic.class_sums import substitute_family
from ...symbolic.loss import Loss, outputs as q
from ...symbolic.losses import (
    quadratic as QUAD,
    softmax_cross_entropy as CE,
    softmax_cross_entropy_soft as CE_p,
)
from ...symbolic.relations import Eq, Ge, Gt, Le, Ne
from ...symbolic.vocabulary import S, bins, class_sum, delta, family, i, j, k, m, n, p, scalar, y, z
from ..claim import Claim

_PAGE = "the question on the gradients of the quadratic loss and of cross-entropy"
_QUESTION = f"{_PAGE}, question"
_ANSWER = f"{_PAGE}, answer"
_WIDTH = "The number of members of h is written B."

_P = family("p", positive=True)
_h = family("h", size=bins)
_v = family("v")
_F = family("F")
_Y = family("Y")
_weight = scalar("w")
_factor = scalar("lambda", positive=True)

_Term = Callable[[Expr], Expr]


def _norm(term: _Term, size: Expr = n) -> Expr:
    """Return the Euclidean norm of a vector."""
    return sqrt(class_sum(lambda a: term(a) ** 2, size=size))


def _g1(member: Expr) -> Expr:
    return QUAD.gradient(member)


def _g2(member: Expr) -> Expr:
    return CE.gradient(member)


def _cross_entropy(first: _Term, second: _Term) -> Expr:
    """Return ``H(first, second)`` in nats."""
    return -class_sum(lambda a: first(a) * log(second(a)))


def _by_weight(loss: Loss) -> Expr:
    """Return the derivative of `loss` by w = V_ik, the weight from h_k to the logit z_i.

    The logits are z, to which the weight adds w h_k at class i.
    """
    with_weight = substitute_family(
        loss.value, z, lambda a: z[a] + delta(a, i) * _weight * _h[k]
    )
    return LossTerm(loss.name, with_weight, _weight)


def _moved(loss: Loss) -> Expr:
    """Return the derivative of `loss` by z_i at the logits that the weight w leads to."""
    at = scalar("s")
    moved = substitute_family(
        loss.value, z, lambda a: z[a] + delta(a, i) * (_weight * _h[k] + at)
    )
    return LossTerm(loss.name, moved, at)


def _matrix_norm(gradient: _Term) -> Expr:
    """Return the Frobenius norm of the matrix with the entries ``gradient(a) h_b``."""
    return sqrt(
        class_sum(
            lambda a: class_sum(lambda b: (gradient(a) * _h[b]) ** 2, size=bins),
        )
    )
