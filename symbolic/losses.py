"""The library of losses, each an expression for any number n of classes.

Guarantees: every loss is written as its source writes it, with no gradient beside it; gradients
come from differentiation (`Loss.gradient`).
Constants that a source leaves out are left out here too, and said so.

Notation: logits z, softmax S = softmax(z), label y, targets p, delta the Kronecker delta, log the
natural logarithm; the losses with kernels are written in `gradproof.symbolic.kernel_losses`.
A name that ends in ``_p`` has soft targets p where the name without it has the label y.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from types import MappingProxyType

from sympy import Expr, Piecewise, Rational, log

from .errors import DeclarationError
from .kernel_losses import (
    kde_binned,
    kde_binned_cross_entropy,
    kde_cross_entropy,
    kde_integral,
    kde_integral_cross_entropy,
)
from .loss import Loss
from .relations import Ge, Lt
from .vocabulary import S, class_sum, delta, n, p, scalar, sigmoid, y, z

__all__ = [
    "LOSSES",
    "clip",
    "epsilon",
    "find_loss",
    "kde_binned",
    "kde_binned_cross_entropy",
    "kde_cross_entropy",
    "kde_integral",
    "kde_integral_cross_entropy",
    "keras_cross_entropy",
    "keras_cross_entropy_one_hot",
    "multiclass_bce",
    "multiclass_bce_one_hot",
    "quadratic",
    "quadratic_soft",
    "sigmoid_bce",
    "softmax_cross_entropy",
    "softmax_cross_entropy_soft",
]

epsilon = scalar("epsilon", positive=True)
"""How far Keras keeps probabilities away from 0 and 1; 1e-7 in Keras, below 1/2 here."""

_BAHUMI = "Cross Entropy Loss Derivative, Roei Bahumi"
_KERAS = "Data Science Stack Exchange, the question on cross entropy in the keras source"
_QUADRATIC = "the question on the gradients of the quadratic loss and of cross-entropy, loss L_1"

softmax_cross_entropy = Loss(
    "CE",
    -log(S(y)),
    title="softmax cross-entropy with a label",
    source=f"{_BAHUMI}, section 'Cross-Entropy Loss Function'",
)
"""Softmax cross-entropy with a label.

Domain: every real z, label y in 1..n, n >= 1.
Formula: ``-log S_y``.
Dropped constants: none; the entropy of a one-hot target is 0.
Relations: `softmax_cross_entropy_soft` with ``p_j = delta(j, y)``; `kde_cross_entropy` with
``K_j = delta(j, y)``.
Reference: Roei Bahumi, "Cross Entropy Loss Derivative", section "Cross-Entropy Loss Function".
"""

softmax_cross_entropy_soft = Loss(
    "CE_p",
    -class_sum(lambda j: p[j] * log(S(j))),
    title="softmax cross-entropy with targets",
    source=f"{_BAHUMI}, section 'A brief overview of relevant functions', H(p, q)",
)
"""Softmax cross-entropy with targets.

Domain: every real z, p_j >= 0; that the targets sum to 1 is not required.
Formula: ``-sum_j p_j log S_j``.
Dropped constants: the entropy of p, which would make it the Kullback-Leibler divergence.
Relations: see `softmax_cross_entropy`; `keras_cross_entropy` with nothing clipped.
Reference: Roei Bahumi, "Cross Entropy Loss Derivative", section "A brief overview of relevant
functions".
"""

multiclass_bce = Loss(
    "ALT_p",
    -class_sum(lambda j: p[j] * log(S(j)) + (1 - p[j]) * log(1 - S(j))),
    given=(Ge(n, 2),),
    title="binary cross-entropy of every softmax output, with targets",
    source=f"{_KERAS}, the second formula of the question",
)
"""Binary cross-entropy summed over the outputs of a softmax, with targets.

Domain: every real z, p_j >= 0, n >= 2; with one class 1 - S_1 is 0.
Formula: ``-sum_j [p_j log S_j + (1 - p_j) log(1 - S_j)]``.
Dropped constants: none.
Relations: `softmax_cross_entropy_soft` plus ``-sum_j (1 - p_j) log(1 - S_j)``; `sigmoid_bce` has
independent sigmoids in place of the softmax.
Reference: Data Science Stack Exchange, the question on cross entropy in the keras source, where it
is asked for in place of the first formula.
"""

multiclass_bce_one_hot = Loss(
    "ALT",
    -log(S(y)) - class_sum(lambda j: log(1 - S(j)), but=(y,)),
    given=(Ge(n, 2),),
    title="binary cross-entropy of every softmax output, with a label",
    source=f"{_KERAS}, the second formula of the question",
)
"""Binary cross-entropy summed over the outputs of a softmax, with a label.

Domain: every real z, label y in 1..n, n >= 2.
Formula: ``-log S_y - sum_{j != y} log(1 - S_j)``.
Dropped constants: none.
Relations: `multiclass_bce` with ``p_j = delta(j, y)``; twice `softmax_cross_entropy` for n = 2.
Reference: as `multiclass_bce`.
"""

sigmoid_bce = Loss(
    "BCE",
    -class_sum(lambda j: p[j] * log(sigmoid(z[j])) + (1 - p[j]) * log(1 - sigmoid(z[j]))),
    title="binary cross-entropy of independent sigmoids",
    source=f"{_KERAS}, the first answer, last paragraph",
)
"""Binary cross-entropy of independent sigmoids, for classes that do not exclude each other.

Domain: every real z, p_j >= 0, n >= 1.
Formula: ``-sum_j [p_j log s_j + (1 - p_j) log(1 - s_j)]`` with ``s_j = 1 / (1 + exp(-z_j))``.
Dropped constants: none.
Relations: `multiclass_bce` with independent sigmoids; not invariant under a shift of the logits.
Reference: Data Science Stack Exchange, the question on cross entropy in the keras source, first
answer.
"""

quadratic = Loss(
    "QUAD",
    class_sum(lambda j: (S(j) - delta(j, y)) ** 2) / 2,
    title="quadratic loss of a softmax with a label",
    source=_QUADRATIC,
)
"""Quadratic loss of a softmax with a label.

Domain: every real z, label y in 1..n, n >= 1.
Formula: ``1/2 sum_j (S_j - delta(j, y))^2``.
Dropped constants: none; the factor 1/2 is the source's.
Relations: `quadratic_soft` with ``p_j = delta(j, y)``; bounded by 1, unlike
`softmax_cross_entropy`.
Reference: the question on the gradients of the quadratic loss and of cross-entropy, loss L_1.
"""

quadratic_soft = Loss(
    "QUAD_p",
    class_sum(lambda j: (S(j) - p[j]) ** 2) / 2,
    title="quadratic loss of a softmax with targets",
    source=_QUADRATIC,
)
"""Quadratic loss of a softmax with targets.

Domain: every real z, p_j >= 0; that the targets sum to 1 is not required.
Formula: ``1/2 sum_j (S_j - p_j)^2``.
Dropped constants: none.
Relations: half the multi-class Brier score.
Reference: as `quadratic`.
"""


def clip(value: Expr, low: Expr, high: Expr) -> Expr:
    """Return `value` kept inside [low, high], as ``tf.clip_by_value`` does.

    Domain: low <= high. The derivative is 1 strictly inside, 0 strictly outside, and does not exist
    on the two edges unless `value` is stationary there.

    >>> v = scalar("v")
    >>> clip(v, 0, 1)
    Piecewise((0, v < 0), (1, v > 1), (v, True))
    """
    return Piecewise((low, value < low), (high, value > high), (value, True))


def _keras_output(member: Expr) -> Expr:
    return clip(S(member) / class_sum(S), epsilon, 1 - epsilon)


keras_cross_entropy = Loss(
    "KERAS_p",
    -class_sum(lambda j: p[j] * log(_keras_output(j))),
    given=(Lt(epsilon, Rational(1, 2)),),
    title="Keras cross-entropy: outputs normalised, then clipped, with targets",
    source=f"{_KERAS}, the quoted code",
)
"""Cross-entropy as the Keras source computes it, with targets.

Domain: every real z, p_j >= 0, 0 < epsilon < 1/2. Not differentiable where an output equals
epsilon or 1 - epsilon.
Formula: ``-sum_j p_j log clip(S_j / sum_k S_k, epsilon, 1 - epsilon)``.
Dropped constants: none.
Relations: `softmax_cross_entropy_soft` where no output is clipped.
Reference: Data Science Stack Exchange, the question on cross entropy in the keras source, the code
quoted there.
"""

keras_cross_entropy_one_hot = Loss(
    "KERAS",
    -log(_keras_output(y)),
    given=(Lt(epsilon, Rational(1, 2)),),
    title="Keras cross-entropy: outputs normalised, then clipped, with a label",
    source=f"{_KERAS}, the quoted code",
)
"""Cross-entropy as the Keras source computes it, with a label.

Domain: every real z, label y in 1..n, 0 < epsilon < 1/2. Not differentiable where S_y equals
epsilon or 1 - epsilon; its gradient is 0 wherever S_y lies outside.
Formula: ``-log clip(S_y / sum_k S_k, epsilon, 1 - epsilon)``.
Dropped constants: none.
Relations: `keras_cross_entropy` with ``p_j = delta(j, y)``; `softmax_cross_entropy` where S_y is
not clipped.
Reference: as `keras_cross_entropy`.
"""

LOSSES: Mapping[str, Loss] = MappingProxyType(
    {
        "softmax_cross_entropy": softmax_cross_entropy,
        "softmax_cross_entropy_soft": softmax_cross_entropy_soft,
        "multiclass_bce": multiclass_bce,
        "multiclass_bce_one_hot": multiclass_bce_one_hot,
        "sigmoid_bce": sigmoid_bce,
        "kde_cross_entropy": kde_cross_entropy,
        "kde_integral_cross_entropy": kde_integral_cross_entropy,
        "kde_binned_cross_entropy": kde_binned_cross_entropy,
        "quadratic": quadratic,
        "quadratic_soft": quadratic_soft,
        "keras_cross_entropy": keras_cross_entropy,
        "keras_cross_entropy_one_hot": keras_cross_entropy_one_hot,
    }
)
"""The losses of the library by the name they have on the command line."""


def find_loss(name: str) -> Loss:
    """Return the loss of the library called `name`, by its long or its short name.

    Raises
    ------
    DeclarationError
        If there is none; the text names the closest ones.

    >>> find_loss("quadratic") is find_loss("QUAD")
    True
    """
    by_name = {loss.name: loss for loss in LOSSES.values()} | dict(LOSSES)
    if name in by_name:
        return by_name[name]
    close = get_close_matches(name, by_name) or list(LOSSES)
    raise DeclarationError(
        "a loss is called by its name in the library",
        found=repr(name),
        remedy=f"take one of {', '.join(close)}, or declare it with Loss(name, value)",
    )
