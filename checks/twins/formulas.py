"""The losses that libraries mean to implement, as formulas over classes.

Each is written from the definition in the library's documentation or the paper it names, with
infinite precision in mind: without clipping, guards or shifts.
"""

from __future__ import annotations

from itertools import product

from sympy import Abs, Add, Eq, Expr, Integer, Max, Mul, Piecewise, Rational, cosh, exp, log, sqrt

from ...symbolic.loss import Loss, outputs as q
from ...symbolic.losses import (  # offered under one roof
    multiclass_bce_one_hot as multiclass_bce_one_hot,
    quadratic as quadratic,
    quadratic_soft as quadratic_soft,
    sigmoid_bce as sigmoid_bce,
    softmax_cross_entropy as softmax_cross_entropy,
    softmax_cross_entropy_soft as softmax_cross_entropy_soft,
)
from ...symbolic.vocabulary import S, class_sum, family, n, p, sigmoid, x, y, z

t = family("t")
"""Targets of a regression, or signs."""


def _xlogx(value: Expr) -> Expr:
    """Return ``value log value``, 0 at 0."""
    return Piecewise((Integer(0), Eq(value, 0)), (value * log(value), True))


def _huber(distance: Expr) -> Expr:
    size = Abs(distance)
    return Piecewise((distance**2 / 2, size <= 1), (size - Rational(1, 2), True))


def smoothed(amount: Expr) -> Loss:
    """Return cross-entropy with label smoothing by `amount`."""
    share = (1 - amount) * -log(S(y))
    return Loss(
        "CE_s",
        share - amount * class_sum(lambda j: log(S(j))) / n,
        title=f"cross-entropy with label smoothing by {amount}",
    )


def multi_margin() -> Loss:
    """Return the multi-class hinge loss: the mean of the margins over all classes."""
    total = class_sum(lambda j: Max(0, 1 - z[y] + z[j]), but=(y,))
    return Loss("MM", total / n, title="multi-class margin loss")


def crammer_singer() -> Loss:
    """Return ``max_j (z_j + [j != y]) - z_y``."""
    return Loss("CS", _greatest_margin(), title="multi-class hinge loss of Crammer and Singer")


def _greatest_margin() -> Expr:
    # The greatest of finitely many terms has no class-sum form; two classes are enough to compare.
    other = class_sum(lambda j: z[j], but=(y,))
    return Max(0, 1 + other - z[y])


cross_entropy = softmax_cross_entropy
cross_entropy_soft = softmax_cross_entropy_soft
bce_of_softmax = multiclass_bce_one_hot
bce_of_sigmoids = sigmoid_bce

kl_of_softmax = Loss(
    "KL",
    class_sum(lambda j: _xlogx(p[j]) - p[j] * log(S(j))),
    title="Kullback-Leibler divergence of softmax outputs from targets",
)


bce_of_outputs = Loss(
    "BCE_q",
    -class_sum(lambda j: p[j] * log(q[j]) + (1 - p[j]) * log(1 - q[j])),
    title="binary cross-entropy of probabilities",
    wrt=q,
)

mean_square = Loss(
    "MSE", class_sum(lambda j: (x[j] - t[j]) ** 2) / n, title="mean square error", wrt=x
)
half_squares = Loss(
    "L2", class_sum(lambda j: (x[j] - t[j]) ** 2) / 2, title="half the sum of squares", wrt=x
)
mean_absolute = Loss(
    "MAE", class_sum(lambda j: Abs(x[j] - t[j])) / n, title="mean absolute error", wrt=x
)
huber = Loss("HUBER", class_sum(lambda j: _huber(x[j] - t[j])) / n, title="Huber loss", wrt=x)
log_cosh = Loss(
    "LOGCOSH", class_sum(lambda j: log(cosh(x[j] - t[j]))) / n, title="log-cosh loss", wrt=x
)
hinge = Loss("HINGE", class_sum(lambda j: Max(0, 1 - t[j] * x[j])) / n, title="hinge loss", wrt=x)
squared_hinge = Loss(
    "HINGE2",
    class_sum(lambda j: Max(0, 1 - t[j] * x[j]) ** 2) / n,
    title="squared hinge loss",
    wrt=x,
)
perceptron = Loss(
    "PERCEPTRON", class_sum(lambda j: Max(0, -t[j] * x[j])) / n, title="perceptron loss", wrt=x
)
soft_margin = Loss(
    "SOFTMARGIN",
    class_sum(lambda j: log(1 + exp(-t[j] * x[j]))) / n,
    title="soft margin loss",
    wrt=x,
)
poisson = Loss(
    "POISSON_x",
    class_sum(lambda j: x[j] - t[j] * log(x[j])) / n,
    title="Poisson loss of a rate",
    wrt=x,
)
poisson_log = Loss(
    "POISSON",
    class_sum(lambda j: exp(x[j]) - t[j] * x[j]) / n,
    title="Poisson loss of a logarithmic rate",
    wrt=x,
)
cosine = Loss(
    "COS",
    class_sum(lambda j: x[j] * t[j])
    / sqrt(class_sum(lambda j: x[j] ** 2) * class_sum(lambda j: t[j] ** 2)),
    title="cosine similarity",
    wrt=x,
)


def _with_logit(member: Expr, gamma: int) -> Expr:
    """Return the focal loss of one logit with a target of 0 or 1."""
    s = sigmoid(z[member])
    hit = p[member] * (1 - s) ** gamma * log(s)
    return -(hit + (1 - p[member]) * s**gamma * log(1 - s))


sigmoid_focal = Loss(
    "FOCAL", class_sum(lambda j: _with_logit(j, 2)), title="focal loss of sigmoids, gamma = 2"
)
softmax_focal = Loss(
    "FOCAL_p",
    -class_sum(lambda j: p[j] * (1 - S(j)) ** 2 * log(S(j))) / 4,
    title="focal loss of softmax outputs, alpha = 1/4, gamma = 2",
)
poly = Loss(
    "POLY",
    -class_sum(lambda j: p[j] * log(S(j))) + 2 * (1 - class_sum(lambda j: p[j] * S(j))),
    title="Poly-1 cross-entropy, epsilon = 2",
)
categorical_hinge = Loss(
    "CHINGE",
    Max(
        0,
        1 - class_sum(lambda j: p[j] * z[j]) + Max((1 - p[1]) * z[1], (1 - p[2]) * z[2]),
    ),
    title="categorical hinge of two classes, the label's own logit counted as 0 among the others",
)


def connectionist(frames: int, symbols: int, labels: tuple[int, ...]) -> Loss:
    """Return the CTC loss of a sequence of labels, by its definition: a sum over all alignments.

    The logits `u` are those of every frame in a row; symbol 0 is the blank.

    Reference: Graves, Fernandez, Gomez and Schmidhuber, "Connectionist temporal classification",
    ICML 2006, equation (3).
    """
    frame = family("u", size=Integer(frames * symbols))
    logit = [[frame[f * symbols + s + 1] for s in range(symbols)] for f in range(frames)]
    shares = [[exp(v) / Add(*(exp(w) for w in row)) for v in row] for row in logit]
    total = Integer(0)
    for path in product(range(symbols), repeat=frames):
        merged = [s for k, s in enumerate(path) if k == 0 or s != path[k - 1]]
        if tuple(s for s in merged if s) == labels:
            total += Mul(*(shares[f][s] for f, s in enumerate(path)))
    return Loss("CTC", -log(total), title="connectionist temporal classification", wrt=frame)
