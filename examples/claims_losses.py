"""Forty claims on losses for classification, twenty true and twenty false.

`gradproof prove examples/claims_losses.py` decides them.
Every claim is meant for all real logits z, every label y and every number of classes n, unless its
assumptions say less; the false ones carry ``expected="REFUTED"``, which only sets the exit status.

Notation: softmax S, label y, targets smoothed by a, temperature T, focusing gamma, exponent q.
"""

from __future__ import annotations

from sympy import Expr, Rational

from gradproof import Claim, Loss, losses
from gradproof.symbolic import (
    Abs,
    And,
    Eq,
    Ge,
    Gt,
    Le,
    Lt,
    Max,
    Ne,
    S,
    class_sum,
    delta,
    exists,
    exp,
    family,
    i,
    limit,
    log,
    m,
    n,
    oo,
    scalar,
    softmax,
    sqrt,
    y,
    z,
)

FALSE = "REFUTED"
several = (n >= 2,)

CE = losses.softmax_cross_entropy
error = S(i) - delta(i, y)

# Focal loss, with the exponent 2 and with any exponent.
gamma = scalar("gamma", positive=True)
focal = Loss("FL", -((1 - S(y)) ** gamma) * log(S(y)))
focal_2 = Loss("FL2", -((1 - S(y)) ** 2) * log(S(y)))

FOCAL = [
    Claim(
        "focal-gradient",
        Eq(focal_2.gradient(i), (1 - S(y)) * (1 - S(y) - 2 * S(y) * log(S(y))) * error),
        title="The gradient of the focal loss with exponent 2",
    ),
    Claim(
        "focal-gradient-no-factor",
        Eq(focal_2.gradient(i), (1 - S(y)) * (1 - S(y) - S(y) * log(S(y))) * error),
        title="The same, with the exponent forgotten before the logarithm",
        expected=FALSE,
    ),
    Claim(
        "focal-below-ce",
        And(Ge(focal.term, 0), Le(focal.term, CE.term)),
        title="The focal loss lies between 0 and cross-entropy",
        given=several,
    ),
    Claim(
        "focal-below-half-ce",
        Le(focal_2.term, CE.term / 2),
        title="With exponent 2 the focal loss is at most half of cross-entropy",
        expected=FALSE,
    ),
]

# Label smoothing: (1 - a) on the label, and a spread over all classes.
a = scalar("a", positive=True)
proper = (a < 1,)
most, least = 1 - a + a / n, a / n
smoothed = Loss("LS", -class_sum(lambda j: ((1 - a) * delta(j, y) + a / n) * log(S(j))))

SMOOTHING = [
    Claim(
        "smoothing-gradient",
        Eq(smoothed.gradient(i), S(i) - (1 - a) * delta(i, y) - a / n),
        title="The gradient of label smoothing is softmax minus smoothed target",
        given=proper,
    ),
    Claim(
        "smoothing-gradient-others-only",
        Eq(smoothed.gradient(i), S(i) - a / (n - 1)),
        title="The same, as if a were spread over the wrong classes only",
        given=(n >= 2, a < 1, Ne(i, y)),
        expected=FALSE,
    ),
    Claim(
        "smoothing-entropy",
        Ge(smoothed.term, -most * log(most) - (n - 1) * least * log(least)),
        title="Label smoothing is never below the entropy of the smoothed target",
        given=proper,
    ),
    Claim(
        "smoothing-above-ce",
        Ge(smoothed.term, CE.term),
        title="Label smoothing never lowers the loss",
        given=proper,
        expected=FALSE,
    ),
]

# Temperature, and distillation from a teacher with logits v.
T = scalar("T", positive=True)
v = family("v")


def student(j: Expr) -> Expr:
    """Return the softmax of the logits z at temperature T."""
    return softmax(j, lambda d: z[d] / T)


def teacher(j: Expr) -> Expr:
    """Return the softmax of the logits v at temperature T."""
    return softmax(j, lambda d: v[d] / T)


tempered = Loss("CE_T", -log(student(y)))
distilled = Loss("KD", -class_sum(lambda j: teacher(j) * log(student(j))))
centred = z[i] - v[i] - class_sum(lambda j: z[j] - v[j]) / n

TEMPERATURE = [
    Claim(
        "temperature-gradient",
        Eq(tempered.gradient(i), (student(i) - delta(i, y)) / T),
        title="A temperature T divides the gradient by T",
    ),
    Claim(
        "temperature-gradient-unscaled",
        Eq(tempered.gradient(i), student(i) - delta(i, y)),
        title="A temperature leaves the form of the gradient as it is",
        expected=FALSE,
    ),
    Claim(
        "temperature-uniform",
        Eq(limit(student(i), T, oo), 1 / n),
        title="At a high temperature the softmax becomes uniform",
    ),
    Claim(
        "distillation-gradient",
        Eq(distilled.gradient(i), (student(i) - teacher(i)) / T),
        title="The gradient of distillation is the difference of the two softmaxes over T",
    ),
    Claim(
        "distillation-limit",
        Eq(limit(T * (student(i) - teacher(i)), T, oo), centred / n),
        title="At a high temperature distillation matches centred logits",
    ),
    Claim(
        "distillation-limit-uncentred",
        Eq(limit(T * (student(i) - teacher(i)), T, oo), (z[i] - v[i]) / n),
        title="The same, without centring the logits",
        expected=FALSE,
    ),
]

# Generalised cross-entropy.
q = scalar("q", positive=True)
general = Loss("GCE", (1 - S(y) ** q) / q)

GENERALISED = [
    Claim(
        "gce-gradient",
        Eq(general.gradient(i), S(y) ** q * error),
        title="Generalised cross-entropy weights the gradient of cross-entropy by S_y^q",
    ),
    Claim(
        "gce-gradient-power",
        Eq(general.gradient(i), S(y) ** (q - 1) * error),
        title="The same, with the power q - 1",
        expected=FALSE,
    ),
    Claim(
        "gce-limit",
        Eq(limit(general.term, q, 0), CE.term),
        title="As q goes to 0 generalised cross-entropy becomes cross-entropy",
    ),
    Claim(
        "gce-below-ce",
        Le(general.term, CE.term),
        title="Generalised cross-entropy is at most cross-entropy",
    ),
    Claim(
        "gce-below-mae",
        Le(general.term, 1 - S(y)),
        title="Generalised cross-entropy is at most 1 - S_y",
        given=(q < 1,),
        expected=FALSE,
    ),
    Claim(
        "gce-convex",
        Ge(general.hessian(y, y), 0),
        title="Generalised cross-entropy is convex in the logit of the label",
        expected=FALSE,
    ),
]

# Poly-1: cross-entropy with another weight on the first term of its series.
eps = scalar("epsilon")
poly = Loss("POLY", -log(S(y)) + eps * (1 - S(y)))

POLY = [
    Claim(
        "poly-gradient",
        Eq(poly.gradient(i), (1 + eps * S(y)) * error),
        title="The gradient of poly-1",
    ),
    Claim(
        "poly-nonnegative",
        Ge(poly.term, 0),
        title="Poly-1 is not negative for epsilon >= -1",
        given=(eps >= -1,),
    ),
    Claim(
        "poly-nonnegative-always",
        Ge(poly.term, 0),
        title="Poly-1 is not negative for any epsilon",
        expected=FALSE,
    ),
]

# Mean absolute error and Brier score.
bound = scalar("c", positive=True)
mae = Loss("MAE", class_sum(lambda j: Abs(S(j) - delta(j, y))))
brier = Loss("BRIER", class_sum(lambda j: (S(j) - delta(j, y)) ** 2))

ERRORS = [
    Claim(
        "mae-label-sum",
        Eq(class_sum(lambda d: class_sum(lambda j: Abs(S(j) - delta(j, d)))), 2 * (n - 1)),
        title="The absolute errors of all labels sum to a constant",
    ),
    Claim(
        "ce-label-sum",
        Eq(class_sum(lambda d: -log(S(d))), n * log(n)),
        title="The cross-entropies of all labels sum to a constant",
        expected=FALSE,
    ),
    Claim(
        "mae-bounded",
        exists(bound, Le(mae.term, bound)),
        title="The absolute error has a bound",
    ),
    Claim(
        "ce-bounded",
        exists(bound, Le(CE.term, bound)),
        title="Cross-entropy has a bound",
        expected=FALSE,
    ),
    Claim(
        "brier-above",
        Le(brier.term, 2 * (1 - S(y)) ** 2),
        title="The Brier score is at most 2 (1 - S_y)^2",
    ),
    Claim(
        "brier-binary",
        Eq(brier.term, 2 * (1 - S(y)) ** 2),
        title="The Brier score is 2 (1 - S_y)^2, which is so for two classes",
        given=several,
        expected=FALSE,
    ),
]

# Entropy of the softmax.
entropy = Loss("H", -class_sum(lambda j: S(j) * log(S(j))))

ENTROPY = [
    Claim(
        "entropy-gradient",
        Eq(entropy.gradient(i), -S(i) * (log(S(i)) + entropy.term)),
        title="The gradient of the entropy",
    ),
    Claim(
        "entropy-gradient-sign",
        Eq(entropy.gradient(i), S(i) * (log(S(i)) + entropy.term)),
        title="The same, with the other sign",
        expected=FALSE,
    ),
    Claim(
        "entropy-range",
        And(Ge(entropy.term, 0), Le(entropy.term, log(n))),
        title="The entropy lies between 0 and log n",
    ),
    Claim(
        "entropy-below-log",
        Lt(entropy.term, log(n)),
        title="The entropy stays below log n, which the uniform softmax attains",
        given=several,
        expected=FALSE,
    ),
]

# InfoNCE of similarities s, all of which lie in [-1, 1].
s = family("s")
nce = Loss("NCE", -log(softmax(y, lambda d: s[d] / T)), wrt=s)
cosines = Eq(class_sum(lambda j: Max(0, Abs(s[j]) - 1)), 0)

CONTRASTIVE = [
    Claim(
        "nce-above",
        Le(nce.term, log(n) + 2 / T),
        title="InfoNCE of cosines is at most log n + 2 / T",
        given=cosines,
    ),
    Claim(
        "nce-above-half",
        Le(nce.term, log(n) + 1 / T),
        title="InfoNCE of cosines is at most log n + 1 / T",
        given=cosines,
        expected=FALSE,
    ),
]

# Log-sum-exp, norms, Hessians and convexity.
lse = log(class_sum(lambda j: exp(z[j])))
is_top = Eq(class_sum(lambda j: Max(0, z[j] - z[m])), 0)
trace = class_sum(lambda j: CE.hessian(j, j))

CURVATURE = [
    Claim(
        "lse-bounds",
        And(Ge(lse, z[m]), Le(lse, z[m] + log(n))),
        title="Log-sum-exp exceeds the largest logit by at most log n",
        given=is_top,
    ),
    Claim(
        "lse-bounds-strict",
        And(Gt(lse, z[m]), Lt(lse, z[m] + log(n))),
        title="The same strictly, although equal logits attain the upper bound",
        given=(n >= 2, is_top),
        expected=FALSE,
    ),
    Claim(
        "norm-below",
        Le(sqrt(class_sum(lambda j: CE.gradient(j) ** 2)), 1 - S(y)),
        title="The gradient of cross-entropy is at most as long as its component at the label",
        expected=FALSE,
    ),
    Claim(
        "trace-half",
        Le(trace, Rational(1, 2)),
        title="The trace of the Hessian is at most 1/2, which is so for two classes",
        expected=FALSE,
    ),
    Claim(
        "mae-convex",
        Ge(mae.hessian(y, y), 0),
        title="The absolute error is convex in the logit of the label",
        given=several,
        expected=FALSE,
    ),
]
