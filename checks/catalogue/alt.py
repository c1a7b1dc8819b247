"""The claims of the question on cross entropy in the keras source, and of its answer.

Guarantees: each claim says in formulas what its source says in words; where putting it in formulas
took a decision, its note says which. The truth of a claim is no part of it.

Notation: logits z, softmax S, outputs taken as free variables q, targets p (the document's y'),
label y; CE is the first formula of the question, ALT the second, with softmax outputs in both;
KERAS is the quoted code. Classes are numbered from 1.
"""

from __future__ import annotations

from sympy import And, Expr, Implies, Integer, Rational, exp, log

from ...symbolic import losses
from ...symbolic.loss import Loss, outputs as q
from ...symbolic.losses import epsilon, sigmoid_bce
from ...symbolic.relations import Eq, Ge, Gt, Le, Lt, Ne
from ...symbolic.vocabulary import S, class_sum, delta, family, i, k, n, p, scalar, sigmoid, y, z
from ..claim import Claim, rounds_to
from .existence import CE_BELOW_ZERO

_SITE = "Data Science Stack Exchange, the question on cross entropy in the keras source"
_CODE = f"{_SITE}, the quoted code"
_QUESTION = f"{_SITE}, the second formula of the question"
_ANSWER = f"{_SITE}, answer of Neil Slater"
_COMMENTS = f"{_SITE}, comments below the answer"
_FIRST = {p: (1, 0, 0, 0), q: ("0.7", "0.1", "0.1", "0.1")}
_SECOND = {p: (1, 0, 0, 0), q: ("0.73", "0.26", "0.05", "0.05")}

CE, CE_p = losses.softmax_cross_entropy, losses.softmax_cross_entropy_soft
ALT, ALT_p = losses.multiclass_bce_one_hot, losses.multiclass_bce
KERAS = losses.keras_cross_entropy_one_hot
first, second = family("a", positive=True), family("b", positive=True)
u = family("u")  # logits that say how probability is split among the wrong classes
t = scalar("t")
_several = (n >= 2,)
_wrong = (n >= 2, Ne(i, y))
_untaught = ALT_p.substitute(p, lambda _: Integer(0), "ALT_0")
_inside = Loss("INSIDE", -log(S(y) / class_sum(S)))


def _odds(member: Expr) -> Expr:
    return S(member) / (1 - S(member))


def _normalised_loss(output: Expr) -> Expr:
    """Return the loss of the label after the code's ``output /= sum(output)``."""
    return -log(output[y] / class_sum(lambda a: output[a]))


def _total(base: Expr) -> Expr:
    """Return the weight of the wrong classes under the logits `base`."""
    return class_sum(lambda a: exp(base[a]), but=(y,))


def _resplit(member: Expr) -> Expr:
    """Return logits with the same S_y as z, the rest being split as the logits u split it."""
    own = delta(member, y)
    return own * z[member] + (1 - own) * (u[member] + log(_total(z) / _total(u)))


def _level(member: Expr) -> Expr:
    """Return logits that are t for every wrong class."""
    own = delta(member, y)
    return own * z[member] + (1 - own) * t


_SPLIT = CE.substitute(z, _resplit, "CE_split")
_EVEN = ALT.substitute(z, _level, "ALT_even")


def _least(loss: Loss) -> Expr:
    """Return ALT of an even split of ``1 - S_y``, where `loss` is the cross-entropy -log S_y."""
    rest = (1 - exp(-loss.value)) / (n - 1)
    return loss.term - (n - 1) * log(1 - rest)


CLAIMS = (
    Claim(
        "alt-wrong-outputs-no-loss",
        Eq(CE.of_outputs().gradient(i), 0),
        given=(Ne(i, y),),
        title="The errors of the outputs with target 0 do not contribute to the loss.",
        source=f"{_ANSWER}, 1st paragraph, 'That is correct'",
        note="The outputs q are free variables here, not a softmax.",
    ),
    Claim(
        "alt-wrong-logits-learn",
        [Eq(CE.gradient(i), S(i)), Gt(CE.gradient(i), 0)],
        given=(Ne(i, y),),
        title="The wrong neurons still have gradients, by the size of each incorrect "
        "classification.",
        source=f"{_ANSWER}, 2nd and 3rd paragraph",
    ),
    Claim(
        "alt-gradient",
        Eq(
            ALT_p.gradient(i),
            S(i) * class_sum(lambda a: p[a])
            - p[i]
            + (1 - p[i]) * _odds(i)
            - S(i) * class_sum(lambda a: (1 - p[a]) * _odds(a)),
        ),
        given=_several,
        title="The gradient of the suggested formula in the logits.",
        source=f"{_QUESTION}, differentiated",
        loss=ALT_p,
    ),
    Claim(
        "alt-gradient-true-class",
        [
            Eq(ALT.gradient(y), S(y) - 1 - S(y) * class_sum(_odds, but=(y,))),
            Le(ALT.gradient(y), 0),
        ],
        given=_several,
        title="With a label, the suggested formula pushes the logit of the true class up, "
        "harder than cross-entropy.",
        source=f"{_QUESTION}, differentiated",
        loss=ALT,
    ),
    Claim(
        "alt-gradient-wrong-class",
        Eq(ALT.gradient(i), S(i) * (2 - class_sum(_odds, but=(y, i)))),
        given=_wrong,
        title="With a label, the gradient of the suggested formula in a wrong logit.",
        source=f"{_QUESTION}, differentiated",
        loss=ALT,
    ),
    Claim(
        "alt-wrong-sign",
        Ge(ALT.gradient(i), 0),
        given=_wrong,
        title="The suggested formula lowers every wrong logit, as cross-entropy does.",
        source=f"{_ANSWER}, 3rd paragraph, 'adjusted to produce a lower z_j', of the 2nd formula",
        expected="REFUTED",
        note="For every number of classes; for two classes see alt-wrong-sign-binary.",
    ),
    Claim(
        "alt-wrong-sign-binary",
        Ge(ALT.gradient(i), 0),
        given=(Eq(n, 2), Ne(i, y)),
        title="With two classes the suggested formula lowers the wrong logit, as cross-entropy "
        "does.",
        source=f"{_ANSWER}, 3rd paragraph, 'adjusted to produce a lower z_j', of the 2nd formula",
    ),
    Claim(
        "alt-binary",
        Eq(ALT.term, 2 * CE.term),
        given=(Eq(n, 2),),
        title="With two classes the suggested formula is twice the cross-entropy.",
        source=f"{_COMMENTS}, 'the second formula should be used for binary tasks'",
    ),
    Claim(
        "alt-at-least-ce",
        [
            Ge(ALT.term, CE.term),
            Implies(Eq(class_sum(lambda a: p[a]), 1), Ge(ALT_p.term, CE_p.term)),
        ],
        given=_several,
        title="The suggested formula is never below the cross-entropy.",
        source=f"{_QUESTION}, against the first",
        note="With a label, and with any distribution as target.",
    ),
    Claim(
        "alt-example-first",
        rounds_to(ALT_p.of_outputs().term, "0.67"),
        at=_FIRST,
        title="For y' = [1, 0, 0, 0] the suggested formula gives about 0.67 for "
        "y = [0.7, 0.1, 0.1, 0.1].",
        source=f"{_ANSWER}, last paragraph but one",
    ),
    Claim(
        "alt-example-second",
        rounds_to(ALT_p.of_outputs().term, "0.72"),
        at=_SECOND,
        title="For y' = [1, 0, 0, 0] the suggested formula gives about 0.72 for "
        "y = [0.73, 0.26, 0.05, 0.05].",
        source=f"{_ANSWER}, last paragraph but one",
    ),
    Claim(
        "alt-example-distribution",
        [Ge(q[i], 0), Eq(class_sum(lambda a: q[a]), 1)],
        at={q: _SECOND[q]},
        title="[0.73, 0.26, 0.05, 0.05] is a vector of probabilities.",
        source=f"{_ANSWER}, last paragraph but one",
        expected="REFUTED",
        note="The answer takes it as the output of a softmax.",
    ),
    Claim(
        "alt-example-better",
        Lt(_normalised_loss(second), _normalised_loss(first)),
        at={first: _FIRST[q], second: _SECOND[q], y: 1},
        title="The second vector of the example is better, by cross-entropy as Keras computes it.",
        source=f"{_ANSWER}, last paragraph but one, 'arguably the second result is better'",
        expected="REFUTED",
        note="The answer does not say by what measure; this is cross-entropy after the "
        "normalisation of the quoted code. Nothing is clipped.",
    ),
    Claim(
        "alt-equalises",
        [
            Implies(And(Ne(i, y), Ne(k, y), Ne(S(i), S(k))), Gt(ALT.term, _least(CE))),
            Eq(_EVEN.term, _least(CE.substitute(z, _level, "CE_even"))),
        ],
        given=(n >= 3,),
        title="The suggested formula drives the incorrect values to be equal.",
        source=f"{_ANSWER}, last paragraph but one",
        note="For fixed S_y, ALT is least exactly where the wrong probabilities are equal: above "
        "the value of the even split of 1 - S_y where two of them differ, equal to it where all "
        "wrong logits are the same number t (ALT_even, CE_even).",
    ),
    Claim(
        "ce-indifferent",
        Eq(_SPLIT.term, CE.term),
        given=_several,
        title="Cross-entropy does not care how probability is distributed among the incorrect "
        "classes.",
        source=f"{_ANSWER}, last paragraph but one",
        note="CE_split is the loss of the logits that keep z_y and the total weight of the wrong "
        "classes, and split that weight as any logits u do; S_y is the same in both.",
    ),
    Claim(
        "alt-zero-target",
        Ne(CE_p.gradient(i), 0),
        given=(Eq(class_sum(lambda a: p[a]), 0),),
        title="A sample whose targets are all zero gets updated: its gradient is non-zero for all "
        "the neurons.",
        source=f"{_COMMENTS}, 'Yes it will get updated'",
        expected="REFUTED",
        note="Targets are nonnegative, so that a sum of 0 makes each of them 0.",
    ),
    Claim(
        "alt-zero-target-alt",
        Implies(Ne(z[i], z[k]), Gt(class_sum(lambda a: _untaught.gradient(a) ** 2), 0)),
        given=_several,
        title="With targets that are all zero the suggested formula has a gradient that is not "
        "zero, wherever the prediction is not uniform.",
        source=f"{_COMMENTS}, 'the second formula should be used ... to avoid the problem'",
        note="A gradient is not zero where the sum of its squares is above 0.",
    ),
    CE_BELOW_ZERO,
    Claim(
        "bce-sigmoid",
        Eq(sigmoid_bce.gradient(i), sigmoid(z[i]) - p[i]),
        title="With sigmoid outputs the second formula has the gradient sigma(z_i) - p_i.",
        source=f"{_ANSWER}, last paragraph",
        loss=sigmoid_bce,
    ),
    Claim(
        "keras-normalise",
        Eq(S(i) / class_sum(S), S(i)),
        title="The line 'output /= reduce_sum(output)' leaves the output of a softmax unchanged.",
        source=_CODE,
    ),
    Claim(
        "keras-clip-inside",
        Eq(KERAS.gradient(i), CE.gradient(i)),
        given=(*KERAS.given, Gt(S(y), epsilon), Lt(S(y), 1 - epsilon)),
        title="Where clip_by_value leaves the output of the true class alone, the code has the "
        "gradient of cross-entropy.",
        source=_CODE,
    ),
    Claim(
        "keras-clip-outside",
        [
            Implies(Lt(S(y), epsilon), Eq(KERAS.gradient(i), 0)),
            Implies(Gt(S(y), 1 - epsilon), Eq(KERAS.gradient(i), 0)),
        ],
        given=KERAS.given,
        title="Where clip_by_value clips the output of the true class, the gradient is zero, "
        "however wrong the prediction is: learning stops.",
        source=_CODE,
    ),
    Claim(
        "keras-not-differentiable",
        Eq(_inside.gradient(i), 0),
        given=(Lt(S(y), Rational(1, 2)),),
        title="The loss of the code is differentiable in the logits where the output of the true "
        "class equals epsilon.",
        source=_CODE,
        expected="REFUTED",
        note="There epsilon is S_y, below 1/2. One side of the edge has the loss INSIDE, the "
        "other the constant -log(epsilon) with derivative 0; both are smooth, so that the loss is "
        "differentiable exactly if their derivatives agree. The two sides of the equation are the "
        "one-sided derivatives.",
    ),
)
