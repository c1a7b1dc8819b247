"""The claims on the gradients of the quadratic loss and of cross-entropy.

Guarantees: each statement says what its source says, for every number of classes; where a decision
was needed to put it in formulas, the note of the claim says which.

Notation: logits z, softmax S, label y; g1 the gradient of the quadratic loss and g2 that of
cross-entropy, both by the logits.
"""

from __future__ import annotations

from collections.abc import Callable

from sympy import Expr, Integer, oo, sign, sqrt
from sympy.logic.boolalg import Boolean

from ...symbolic import losses
from ...symbolic.calculus import LossTerm
from ...symbolic.class_sums import substitute_family
from ...symbolic.limits import limit
from ...symbolic.loss import Loss
from ...symbolic.relations import Eq, Ge, Gt, Le, Ne
from ...symbolic.universal import every
from ...symbolic.vocabulary import (
    S,
    bins,
    class_sum,
    delta,
    family,
    i,
    index,
    k,
    m,
    n,
    scalar,
    y,
    z,
)
from ..claim import Claim
from .entropy import CLAIMS as _ENTROPY
from .existence import QUAD_LOWER

_PAGE = "the question on the gradients of the quadratic loss and of cross-entropy"
_QUESTION = f"{_PAGE}, question"
_ANSWER = f"{_PAGE}, answer"

CE, QUAD = losses.softmax_cross_entropy, losses.quadratic

_h = family("h", size=bins)
_b = index("b")
_weight = scalar("w")

_Term = Callable[[Expr], Expr]


def _square(term: _Term, size: Expr = n) -> Expr:
    """Return the square of the Euclidean norm of a vector."""
    return class_sum(lambda a: term(a) ** 2, size=size)


def _norm(term: _Term) -> Expr:
    """Return the Euclidean norm of a vector."""
    return sqrt(_square(term))


def _matrix_square(gradient: _Term) -> Expr:
    """Return the square of the Frobenius norm of the matrix ``gradient(a) h_b``."""
    return class_sum(lambda a: _square(lambda b: gradient(a) * _h[b], bins))


def _by_weight(loss: Loss) -> Boolean:
    """Return that a weight w = V_ib, which adds w h_b to the logit i, has h_b times its slope."""
    value = substitute_family(loss.value, z, lambda a: z[a] + delta(a, i) * _weight * _h[_b])
    return Eq(LossTerm(loss.name, value, _weight), _h[_b] * LossTerm(loss.name, value, z[i]))


def _uniform_gradient(member: Expr) -> Expr:
    """Return the derivative of the quadratic loss by a logit, all logits then being 0."""
    return substitute_family(QUAD.gradient(member).doit(), z, lambda _: Integer(0))


g1, g2 = QUAD.gradient, CE.gradient

_GRADIENTS = (
    Claim(
        "quad-gradient",
        Eq(
            g1(i),
            S(i) * (S(i) - delta(i, y) - class_sum(lambda j: S(j) * (S(j) - delta(j, y)))),
        ),
        title="The derivative of the quadratic loss by z_i is "
        "S_i [(S_i - δ_iy) - Σ_j S_j (S_j - δ_jy)]",
        source=f"{_QUESTION}, loss L_1 with a softmax output layer",
        loss=QUAD,
    ),
    Claim(
        "quad-chain",
        Eq(g1(i), class_sum(lambda j: (S(i) * delta(i, j) - S(i) * S(j)) * g2(j))),
        title="The gradient of the quadratic loss is that of cross-entropy times the Jacobian "
        "diag S - S Sᵀ of the softmax",
        source=f"{_QUESTION}, losses L_1 and L_2",
        loss=QUAD,
    ),
    Claim(
        "quad-upper",
        Le(_norm(g1), _norm(g2) / 2),
        title="The quadratic gradient is at most half as long as that of cross-entropy",
        source=f"{_QUESTION}, sub-question 1, answered for the logits",
    ),
    Claim(
        "quad-lower-min",
        Ge(_norm(g1), S(m) * _norm(g2)),
        title="The quadratic gradient is at least min_i S_i times as long as that of cross-entropy",
        given=every(lambda j: Le(z[m], z[j])),
        source=f"{_QUESTION}, sub-question 1, answered for the logits",
        note="m is any class with the least logit, so that S_m = min_i S_i.",
    ),
    QUAD_LOWER,
    Claim(
        "quad-last-layer",
        (
            *map(_by_weight, (QUAD, CE)),
            *(Eq(_matrix_square(g), _square(g) * _square(lambda b: _h[b], bins)) for g in (g1, g2)),
            Eq(_matrix_square(g1) * _square(g2), _matrix_square(g2) * _square(g1)),
        ),
        title="In the last layer z = V h + b the gradient by V is as long as that by z times |h|, "
        "for both losses, so that the lengths have the ratio that they have in the logits",
        source=f"{_QUESTION}, the derivatives by W, for the last layer",
        note="First the derivative by one weight w = V_ib, which adds w h_b to the logit i: it is "
        "h_b times that by the logit; then the norms, by their squares. B is the length of h.",
    ),
    Claim(
        "quad-uniform",
        (
            Eq(_norm(_uniform_gradient), sqrt(1 - 1 / n) / n),
            Gt(_norm(_uniform_gradient), 0),
        ),
        title="At z = 0 the quadratic gradient has the length √(1 - 1/n) / n, which is not 0",
        given=Ge(n, 2),
        source=f"{_QUESTION}, sub-question 2, for an initialisation with equal outputs",
        note="The gradient is taken first and z = 0 put in after that.",
    ),
    Claim(
        "quad-plateau",
        (
            Le(QUAD.term, 1),
            Eq(limit(QUAD.term, z[k], oo), 1),
            Eq(limit(g1(i), z[k], oo), 0),
        ),
        title="As a wrong logit z_k → ∞ the quadratic loss goes to 1, its worst value, and its "
        "gradient to 0: the gradient can vanish without learning",
        given=Ne(k, y),
        source=f"{_QUESTION}, sub-question 2",
    ),
)

_SIGNS = (
    Claim(
        "quad-sign-true",
        Eq(sign(g1(y)), sign(g2(y))),
        title="Both gradients have the same sign at the true class",
        source=f"{_ANSWER}, 'except the retention of sign'",
    ),
    Claim(
        "quad-sign-binary",
        Eq(sign(g1(i)), sign(g2(i))),
        title="With two classes both gradients have the same signs",
        given=Eq(n, 2),
        source=f"{_ANSWER}, 'except the retention of sign'",
    ),
    Claim(
        "quad-sign",
        Eq(sign(g1(i)), sign(g2(i))),
        title="With three or more classes both gradients have the same signs",
        given=Ge(n, 3),
        source=f"{_ANSWER}, 'except the retention of sign'",
        expected="REFUTED",
    ),
)

CLAIMS = (*_GRADIENTS, *_SIGNS, *_ENTROPY)
"""The claims of the question and its answer, those on entropy and norms last."""
