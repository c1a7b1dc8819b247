"""The claims on ReLU networks: backpropagation, its kinks, and the two gradients by hidden weights.

Guarantees: each statement says what its source says; where a decision was needed to put it in
formulas, the note of the claim says which.

Notation: a network 2-3-2 has 2 inputs, one hidden layer of 3 units, and 2 classes.
In the claims on one hidden unit its pre-activation is a, or w x with the weight w and the input x,
the weights out of it are v and the biases of the last layer b, so that the logits are
``v_j max(0, a) + b_j``; CE_h and QUAD_h are the losses of these logits.
"""

from __future__ import annotations

from sympy import Abs, Expr, Implies, Max, exp
from sympy.logic.boolalg import Boolean

from ...symbolic import losses
from ...symbolic.calculus import LossTerm
from ...symbolic.class_sums import substitute_family
from ...symbolic.existence import exists
from ...symbolic.loss import Loss
from ...symbolic.network import backpropagation
from ...symbolic.network_point import NetworkPoint
from ...symbolic.relations import Eq, Ge, Gt, Le, Lt, Ne
from ...symbolic.vocabulary import S, class_sum, delta, family, k, m, n, scalar, y, z
from ..claim import Claim

_PAGE = "the question on the gradients of the quadratic loss and of cross-entropy"
_QUESTION = f"{_PAGE}, question"
_ANSWER = f"{_PAGE}, answer, last paragraph, 'generalizing the chain rule'"

CE, QUAD = losses.softmax_cross_entropy, losses.quadratic

v, b = family("v"), family("b")
w, x, a = scalar("w"), scalar("x"), scalar("a")
_bound = scalar("c", positive=True)


def _hidden(loss: Loss, pre_activation: Expr) -> Loss:
    """Return the loss of a network with one hidden unit; its gradient is by the last biases."""
    value = substitute_family(loss.value, z, lambda j: v[j] * Max(0, pre_activation) + b[j])
    return Loss(f"{loss.name}_h", value, wrt=b)


def _by(scalar_variable: Expr, hidden: Loss) -> Expr:
    """Return the derivative by the weight or the pre-activation of the hidden unit."""
    return LossTerm(hidden.name, hidden.value, scalar_variable)


def _through_unit(loss: Loss) -> tuple[Boolean, Boolean]:
    """Return that the error of a hidden unit is what it receives, or 0."""
    hidden = _hidden(loss, a)
    received = class_sum(lambda j: v[j] * hidden.gradient(j))
    return (
        Implies(Gt(a, 0), Eq(_by(a, hidden), received)),
        Implies(Lt(a, 0), Eq(_by(a, hidden), 0)),
    )


def _received(loss: Loss) -> Expr:
    """Return what a hidden unit receives that raises the logit k, and lowers m as much more."""

    def out(member: Expr) -> Expr:
        return delta(member, k) - delta(member, m) * exp(z[k] - z[m])

    return class_sum(lambda j: out(j) * loss.gradient(j))


_KINK = NetworkPoint(
    weights=[[[1, -2], [1, 1], [2, 0]], [[1, 0, -1], [-1, 2, 1]]],
    biases=[[0, 0, -1], [0, 1]],
    input=(2, 1),
    target=1,
)
"""A network 2-3-2 whose first hidden unit has the pre-activation 1 * 2 - 2 * 1 = 0."""

_SMOOTH = NetworkPoint(_KINK.weights, _KINK.biases, (1, 1), 1)

_CHAIN = (
    Claim(
        "relu-chain",
        (backpropagation(CE), backpropagation(QUAD)),
        title="In a ReLU network of any depth and width, backpropagation gives the derivative of "
        "both losses by every weight and bias, wherever no hidden pre-activation is 0",
        source=_ANSWER,
        note="e are the errors that backpropagation passes down, h the activations, a the "
        "pre-activations; [a > 0] is 1 or 0. By an induction over the layers whose lemmas are "
        "proved for every number of units.",
    ),
    *(
        Claim(
            f"relu-chain-{'-'.join(map(str, widths))}",
            (backpropagation(CE, widths), backpropagation(QUAD, widths)),
            title=f"In a ReLU network {'-'.join(map(str, widths))}, backpropagation gives the "
            "derivative of both losses by every weight and bias, wherever no hidden "
            "pre-activation is 0",
            source=_ANSWER,
            note="The widths are those of the input, of each hidden layer and of the output. Both "
            "sides are written out as polynomials.",
        )
        for widths in ((2, 3, 2), (3, 4, 4, 3), (2, 3, 3, 3, 2))
    ),
    Claim(
        "relu-chain-instance",
        (backpropagation(CE, at=_SMOOTH), backpropagation(QUAD, at=_SMOOTH)),
        title="At one exact network and sample, backpropagation gives the derivative of both "
        "losses",
        source=_ANSWER,
    ),
    Claim(
        "relu-kink",
        backpropagation(CE, at=_KINK),
        title="Backpropagation gives the derivative where the pre-activation of a hidden unit is 0",
        source=_ANSWER,
        expected="UNDEFINED",
        note="The input (2, 1) meets the weights (1, -2) of the first hidden unit, with bias 0.",
    ),
    Claim(
        "relu-unit",
        (*_through_unit(CE), *_through_unit(QUAD)),
        title="Backpropagation through one hidden unit, for every number of classes",
        source=_ANSWER,
        note="The logits are v_j max(0, a) + b_j; the errors are the derivatives by b_j. The "
        "chain rule is not taken for granted here: the losses are differentiated as they stand.",
    ),
)

_NORMS = (
    Claim(
        "quad-hidden-upper",
        Le(Abs(_by(w, _hidden(QUAD, w * x))), Abs(_by(w, _hidden(CE, w * x))) / 2),
        title="By the weights of a hidden layer of a ReLU network too, the quadratic gradient is "
        "at most half as long as that of cross-entropy",
        given=Ne(w * x, 0),
        source=f"{_QUESTION}, sub-question 1, the derivatives by W",
        expected="REFUTED",
        note="One hidden unit with one input suffices, where the length is that of one number. "
        "In the logits the bound holds.",
    ),
    Claim(
        "quad-hidden-zero",
        (Eq(_received(CE), 0), Eq(_received(QUAD), S(k) * (S(k) - S(m)))),
        title="By a weight of a hidden layer the gradient of cross-entropy can be 0 while that of "
        "the quadratic loss is not, so that no constant bounds their ratio",
        given=(Ge(n, 3), Ne(k, y), Ne(m, y), Ne(k, m)),
        source=f"{_QUESTION}, sub-question 1, the derivatives by W",
        note="An active hidden unit has the error Σ_j v_j ∂L/∂z_j, and a weight into it that times "
        "the input (relu-unit). Here v_k = 1, v_m = -exp(z_k - z_m), and every other v_j is 0. The "
        "derivative of the quadratic loss is not 0 where S_k and S_m differ.",
    ),
    Claim(
        "quad-hidden-ratio",
        exists(_bound, Le(Abs(_received(QUAD)), _bound * Abs(_received(CE)))),
        title="By the weights of a hidden layer the quadratic gradient is at most some constant "
        "times as long as that of cross-entropy",
        given=(Ge(n, 3), Ne(k, y), Ne(m, y), Ne(k, m)),
        source=f"{_QUESTION}, sub-question 1, the derivatives by W",
        expected="REFUTED",
        note="For the weights of quad-hidden-zero alone, which is less than the claim for all "
        "weights: where no constant serves these, none serves all.",
    ),
)

CLAIMS = (*_CHAIN, *_NORMS)
"""The claims on backpropagation first, those on the lengths of the two gradients last."""
