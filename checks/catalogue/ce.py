"""The claims of "Cross Entropy Loss Derivative" on the softmax and its cross-entropy loss.

Guarantees: each claim says in formulas what its source says in words; where putting it in formulas
took a decision, its note says which. The truth of a claim is no part of it.

Notation: logits z, softmax S (the document's q), label y, targets p, ``CE = -log S_y``; classes are
numbered from 1, where the document's example counts from 0.
"""

from __future__ import annotations

from itertools import pairwise

from sympy import Abs, And, Expr, Implies, Rational, exp, log, oo
from sympy.logic.boolalg import Boolean

from ...symbolic import losses
from ...symbolic.calculus import LossTerm
from ...symbolic.limits import limit
from ...symbolic.loss import Loss, outputs
from ...symbolic.relations import Eq, Ge, Gt, Le, Lt, Ne
from ...symbolic.vocabulary import S, class_sum, delta, family, i, j, k, n, p, scalar, softmax, y, z
from ..claim import Claim, rounds_to
from .existence import CE_RANGE_ATTAINED

_TITLE = "Cross Entropy Loss Derivative, Roei Bahumi"
_OVERVIEW = f"{_TITLE}, section 'A brief overview of relevant functions'"
_LOSS = f"{_TITLE}, section 'Cross-Entropy Loss Function'"
_DERIVATIVE = f"{_TITLE}, section 'Cross-Entropy derivative'"
_SAMPLE = {z: (1, 2, "1/2"), y: 2}

CE, CE_p = losses.softmax_cross_entropy, losses.softmax_cross_entropy_soft
u = family("u")  # the logits of a second prediction
v = family("v")  # a direction in the space of logits
c = scalar("c")
_positive = family("p", positive=True)
_total = class_sum(lambda a: p[a])
_sum = class_sum(lambda a: exp(z[a]))
_other = Loss("CE", -log(softmax(y, u)), wrt=u)
_shifted = CE.substitute(z, lambda a: z[a] + losses.epsilon, "CE_shifted")
_wrong = class_sum(lambda a: exp(z[a]), but=(y,))


def _slope(value: Expr) -> Expr:
    """Return the document's nabla: the derivative of `value` by the logit of class i."""
    return LossTerm("", value, z[i])


def _chain(*lines: Expr) -> list[Boolean]:
    """Return the statements that each line of a derivation equals the line before it."""
    return [Eq(before, after) for before, after in pairwise(lines)]


def _spread() -> Expr:
    """Return the quadratic form ``v^T (diag S - S S^T) v``."""
    return class_sum(
        lambda a: class_sum(lambda b: v[a] * (S(a) * delta(a, b) - S(a) * S(b)) * v[b])
    )


CLAIMS = (
    Claim(
        "ce-gradient",
        Eq(CE.gradient(i), S(i) - delta(i, y)),
        title="The gradient of the loss in the logit of class i is q_i - (y = i).",
        source=f"{_DERIVATIVE}, last line of the derivation",
        loss=CE,
    ),
    Claim(
        "ce-gradient-soft",
        [
            Eq(CE_p.gradient(i), S(i) * _total - p[i]),
            Implies(Eq(_total, 1), Eq(CE_p.gradient(i), S(i) - p[i])),
        ],
        title="With targets p in place of a label the gradient is q_i sum(p) - p_i, "
        "which is q_i - p_i where p is a distribution.",
        source=f"{_OVERVIEW}, H(p, q), with the derivation of section 'Cross-Entropy derivative'",
        note="The document derives the gradient for a one-hot p only.",
        loss=CE_p,
    ),
    Claim(
        "ce-derivation",
        [
            *_chain(-log(S(y)), -log(exp(z[y]) / _sum), -z[y] + log(_sum)),
            *_chain(
                CE.gradient(i),
                _slope(-z[y] + log(_sum)),
                _slope(log(_sum)) - _slope(z[y]),
                class_sum(lambda a: _slope(exp(z[a]))) / _sum - _slope(z[y]),
                exp(z[i]) / _sum - _slope(z[y]),
                S(i) - _slope(z[y]),
                S(i) - delta(i, y),
            ),
        ],
        title="Each line of the document's derivation of the gradient equals the line before it.",
        source=f"{_DERIVATIVE}, from 'Loss = -log(q_y)' to 'q_i - (y = i)'",
        note="The rule for the derivative of a logarithm, which the document quotes, is what the "
        "fifth equation uses.",
        loss=CE,
    ),
    Claim(
        "softmax-range",
        [And(Le(0, S(i)), Le(S(i), 1)), Implies(n >= 2, And(Lt(0, S(i)), Lt(S(i), 1)))],
        title="Each output of the softmax lies in [0, 1], with several classes strictly inside.",
        source=f"{_OVERVIEW}, 'Softmax'",
        note="The document gives the closed interval; the strict part is what finite logits add.",
    ),
    Claim(
        "softmax-sum",
        Eq(class_sum(S), 1),
        title="The outputs of the softmax sum to 1.",
        source=f"{_OVERVIEW}, 'Softmax'",
    ),
    Claim(
        "softmax-log-odds",
        Eq(log(S(i)) - log(S(j)), z[i] - z[j]),
        title="The logits are unnormalised log probabilities.",
        source=f"{_OVERVIEW}, 'Softmax', last sentence",
        note="Logarithms of probabilities up to a common constant: all their differences agree.",
    ),
    Claim(
        "softmax-shift",
        Eq(softmax(i, lambda a: z[a] + c), S(i)),
        title="Adding one number to all logits leaves the softmax unchanged.",
        source=f"{_OVERVIEW}, 'Softmax', implied by 'unnormalised'",
    ),
    Claim(
        "ce-log-form",
        Eq(CE.term, -z[y] + log(_sum)),
        title="The loss of a single sample is -z_y + log sum_j exp(z_j).",
        source=f"{_DERIVATIVE}, first display",
    ),
    Claim(
        "ce-example-softmax",
        [rounds_to(S(1), "0.23"), rounds_to(S(2), "0.63"), rounds_to(S(3), "0.14")],
        at=_SAMPLE,
        title="The softmax of the logits (1, 2, 0.5) is (0.23, 0.63, 0.14) to 2 digits.",
        source=f"{_LOSS}, the example of figure 2",
    ),
    Claim(
        "ce-example-loss-rounded",
        rounds_to(-log(Rational(63, 100)), "0.462"),
        at=_SAMPLE,
        title="-log(0.63) = 0.462",
        source=f"{_LOSS}, the example of figure 2, last display",
    ),
    Claim(
        "ce-example-loss",
        rounds_to(CE.term, "0.462"),
        at=_SAMPLE,
        title="The loss of the sample with logits (1, 2, 0.5) and the label 'dog' is 0.462.",
        source=f"{_LOSS}, the example of figure 2, 'the cross-entropy loss value'",
        expected="REFUTED",
        note="The loss of the logits themselves; the document rounds the softmax first.",
    ),
    Claim(
        "ce-example-gradient",
        [rounds_to(CE.gradient(a), f) for a, f in ((1, "0.23"), (2, "-0.37"), (3, "0.14"))],
        at=_SAMPLE,
        title="The gradient of that sample is (0.23, -0.37, 0.14) to 2 digits.",
        source=f"{_DERIVATIVE}, figure 3: q_i - (y = i) for the example",
        note="The label with index 1 of the document is class 2 here.",
    ),
    Claim(
        "ce-nonnegative",
        [Ge(CE.term, 0), Implies(n >= 2, Gt(CE.term, 0))],
        title="The loss lies in [0, infinity), and above 0 with several classes.",
        source=f"{_LOSS}, 'the loss value resides within the interval'",
    ),
    CE_RANGE_ATTAINED,
    Claim(
        "ce-unbounded",
        [Eq(limit(CE.term, z[y], -oo), oo), Eq(limit(CE.term + z[y], z[y], -oo), log(_wrong))],
        given=(n >= 2,),
        title="The loss grows without bound as the logit of the true class falls.",
        source=f"{_LOSS}, 'The loss is infinite when the classifier assigns 0 probability'",
        note="The second limit is the rate: the loss grows like -z_y.",
    ),
    Claim(
        "ce-limit-zero",
        [
            *(Eq(limit(a, z[y], oo), 0) for a in (CE.term, CE.gradient(i))),
            Eq(limit(CE.term * exp(z[y]), z[y], oo), _wrong),
        ],
        title="The loss and its gradient tend to 0 as the logit of the true class grows.",
        source=f"{_LOSS}, 'is equal to 0 when the classifier assigns it a probability of 1', "
        "and section 'Cross-Entropy derivative', 'the gradient will be 0'",
        note="The last is the rate: the loss falls like exp(-z_y).",
    ),
    Claim(
        "ce-epsilon-logits",
        Ne(_shifted.term, CE.term),
        title="Adding a small epsilon to each logit changes the loss: it keeps the loss from "
        "being infinite, and from being exactly 0.",
        source=f"{_LOSS}, 'In practice, we always add some very small epsilon value'",
        expected="REFUTED",
        note="CE_shifted is the loss of the logits z_j + epsilon, with epsilon above 0. "
        "What cannot change the loss cannot keep it from anything.",
    ),
    Claim(
        "ce-sign",
        [
            Le(CE.gradient(y), 0),
            Implies(Ne(i, y), Ge(CE.gradient(i), 0)),
            Implies(n >= 2, Lt(CE.gradient(y), 0)),
            Implies(And(n >= 2, Ne(i, y)), Gt(CE.gradient(i), 0)),
        ],
        title="The gradient is non-positive in the true label's logit and non-negative in the "
        "rest; strictly so with several classes.",
        source=f"{_DERIVATIVE}, first and second of the results",
    ),
    Claim(
        "ce-true-magnitude",
        [
            Eq(Abs(CE.gradient(y)), 1 - S(y)),
            Eq(Abs(_other.gradient(y)) - Abs(CE.gradient(y)), -(softmax(y, u) - S(y))),
        ],
        title="The gradient in the true label's logit decreases in magnitude as q_y increases.",
        source=f"{_DERIVATIVE}, first of the results",
        note="The second equation compares any two predictions: the slope in q_y is -1.",
    ),
    Claim(
        "ce-true-proportional",
        Eq(Abs(CE.gradient(y)) * softmax(y, u), Abs(_other.gradient(y)) * S(y)),
        title="The gradient in the true label's logit changes proportionally to q_y in magnitude.",
        source=f"{_DERIVATIVE}, first of the results, 'decrease proportionally in magnitude'",
        expected="REFUTED",
        note="Proportional: one constant c has magnitude = c q_y for all logits, which is to say "
        "that the two quotients of any two predictions (logits z and u) agree.",
    ),
    Claim(
        "ce-wrong-proportional",
        Eq(CE.gradient(i), S(i)),
        given=(Ne(i, y),),
        title="The gradient in any other logit is q_i, so it increases proportionally with q_i.",
        source=f"{_DERIVATIVE}, second of the results",
    ),
    Claim(
        "ce-perfect",
        Le(Abs(CE.gradient(i)), 1 - S(y)),
        title="A perfect classification, q_y = 1, has the gradient 0.",
        source=f"{_DERIVATIVE}, third of the results",
        note="With several classes finite logits never reach q_y = 1; the bound says the same of "
        "predictions that come close to it.",
    ),
    Claim(
        "ce-gradient-sum",
        Eq(class_sum(CE.gradient), 0),
        title="The components of the gradient sum to 0.",
        source=f"{_DERIVATIVE}, a consequence of the results",
    ),
    Claim(
        "ce-monotone",
        [Lt(CE.of_outputs().gradient(y), 0), Implies(Ne(i, y), Gt(CE.gradient(i), 0))],
        title="Increasing the probability of the true class decreases the loss; "
        "increasing a wrong logit increases it.",
        source=f"{_DERIVATIVE}, last paragraph but one",
        note="Monotone is stated as the sign of the derivative, by the output q_y taken as free "
        "(the loss depends on no other) and by the logit z_i.",
    ),
    Claim(
        "ce-hessian",
        Eq(CE.hessian(i, k), S(i) * delta(i, k) - S(i) * S(k)),
        title="The second derivatives of the loss are q_i (i = k) - q_i q_k.",
        source=f"{_DERIVATIVE}, a consequence of the results",
    ),
    Claim(
        "ce-convex",
        Ge(_spread(), 0),
        title="The loss is convex in the logits: its Hessian is positive semidefinite.",
        source=f"{_DERIVATIVE}, a consequence of the results",
        note="The quadratic form of the Hessian of the claim ce-hessian, in any direction v.",
    ),
    Claim(
        "ce-smooth",
        Le(_spread(), class_sum(lambda a: v[a] ** 2) / 2),
        title="The Hessian of the loss is at most 1/2 in any direction, so that a gradient step "
        "of size below 4 cannot raise the loss.",
        source=f"{_DERIVATIVE}, what its last sentences on gradient descent need",
    ),
    Claim(
        "ce-symmetric",
        Eq(
            -class_sum(lambda a: _positive[a] * log(outputs[a])),
            -class_sum(lambda a: outputs[a] * log(_positive[a])),
        ),
        given=(Eq(class_sum(lambda a: _positive[a]), 1), Eq(class_sum(lambda a: outputs[a]), 1)),
        title="Cross-entropy is symmetric: H(p, q) = H(q, p).",
        source=f"{_OVERVIEW}, which denies it: 'not a distance function'",
        expected="REFUTED",
        note="For distributions without zeros, where both sides are finite.",
    ),
)
