"""Losses for HIPS autograd that are wrong on purpose: with a rule of their own, and without."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd import numpy as anp
from autograd.extend import defvjp, primitive
from autograd.scipy.special import logsumexp
from autograd.tracer import getval
from mutants_base import RANGE, STATE, WRONG, Implementation, Mutant, mutants, stateful
from mutants_gradients import bce as bce_gradient, bce_value, ce as ce_gradient, ce_value

Rule = Callable[..., Any]


def other_classes(z: Any, y: int) -> Any:
    """Return the numbers of the classes but the label."""
    return anp.array([k for k in range(len(z)) if k != y], dtype=int)


def ce(z: Any, y: int) -> Any:
    """Return CE as the softplus of the other classes' log-sum-exp less the label's logit."""
    if len(z) == 1:
        return 0 * z[0]
    z = z - getval(anp.max(z))
    return anp.logaddexp(logsumexp(z[other_classes(z, y)]) - z[y], 0)


def softmax(z: Any) -> Any:
    """Return the shares of the classes."""
    powers = anp.exp(z - getval(anp.max(z)))
    return powers / anp.sum(powers)


def log_softmax(z: Any) -> Any:
    """Return the logarithms of the shares."""
    return z - logsumexp(z)


def own(value: Rule, gradient: Rule) -> Implementation:
    """Return a loss with a rule of its own.

    Parameters
    ----------
    value
        The loss in NumPy, of logits and target.
    gradient
        Its gradient by the logits, of the upstream gradient, logits and target.
    """

    @primitive
    def loss(z: Any, target: Any) -> Any:
        return value(z, target)

    defvjp(loss, lambda _, z, target: lambda g: gradient(g, z, target), None)
    return lambda z, target: loss(z, target)


def kept_gradient() -> Implementation:
    """Return a loss whose rule keeps its gradient by n and label."""
    kept: dict[Any, Any] = {}

    def gradient(g: Any, z: Any, y: int) -> Any:
        return g * kept.setdefault((len(z), y, z.dtype.str), ce_gradient(z, y))

    return own(ce_value, gradient)


UPSTREAM = {
    "upstream left out": own(ce_value, lambda g, z, y: ce_gradient(z, y) + 0 * g),
    "upstream twice": own(ce_value, lambda g, z, y: g * g * ce_gradient(z, y)),
}

OWN = {
    "sign": own(ce_value, lambda g, z, y: -g * ce_gradient(z, y)),
    "next label in the rule": own(ce_value, lambda g, z, y: g * ce_gradient(z, (y + 1) % len(z))),
    "logits clipped at 30 in the rule": own(
        ce_value, lambda g, z, y: g * ce_gradient(anp.clip(z, -30, 30), y)
    ),
    "factor 1 + 1e-9 in the rule": own(
        ce_value, lambda g, z, y: g * ce_gradient(z, y) * (1 + 1e-9)
    ),
    "value 1e-3 too large": own(
        lambda z, y: ce_value(z, y) + 1e-3, lambda g, z, y: g * ce_gradient(z, y)
    ),
    "zero where all tie": own(
        ce_value,
        lambda g, z, y: g * ce_gradient(z, y) * (0 if len(z) > 1 and anp.all(z == z[0]) else 1),
    ),
}

PLAIN = {
    "temperature 0.999": lambda z, y: ce(z / 0.999, y),
    "softmax twice": lambda z, y: ce(softmax(z), y),
    "normaliser cut off": lambda z, y: getval(logsumexp(z)) - z[y],
    "1e-12 inside the logarithm": lambda z, y: -anp.log(softmax(z)[y] + 1e-12),
    "logits clipped at 30": lambda z, y: ce(anp.clip(z, -30, 30), y),
    "next label": lambda z, y: ce(z, (y + 1) % len(z)),
    "weight decay 1e-6": lambda z, y: ce(z, y) + 1e-6 * anp.sum(z**2),
}

SOFT = {
    "mean over the classes": lambda z, p: -anp.mean(p * log_softmax(z)),
    "targets reversed": lambda z, p: -anp.sum(p[::-1] * log_softmax(z)),
}

BCE = {
    "mean over the classes": lambda z, p: anp.mean(anp.logaddexp(0, z) - p * z),
    "sign in the rule": own(bce_value, lambda g, z, p: -g * bce_gradient(z, p)),
}

KDE = {"kernel plus 1e-6": lambda z, k: -anp.log(anp.sum(softmax(z) * (k + 1e-6)))}

QUAD = {"without the factor 1/2": lambda z, y: anp.sum((softmax(z) - anp.eye(len(z))[y]) ** 2)}

AUTOGRAD: tuple[Mutant, ...] = (
    *mutants(UPSTREAM, "CE", "autograd", returns="loss", kinds=WRONG | STATE),
    *mutants({**OWN, **PLAIN}, "CE", "autograd", returns="loss"),
    *mutants(
        {"no shift": lambda z, y: anp.log(anp.sum(anp.exp(z))) - z[y]},
        "CE",
        "autograd",
        returns="loss",
        kinds=RANGE,
    ),
    *mutants(SOFT, "CE_p", "autograd", target="soft", returns="loss"),
    *mutants(BCE, "BCE", "autograd", target="soft", returns="loss"),
    *mutants(KDE, "KDE", "autograd", target="kernel", returns="loss"),
    *mutants(QUAD, "QUAD", "autograd", returns="loss"),
    *stateful(
        {"gradient kept by n and label": kept_gradient},
        "CE",
        "autograd",
        returns="loss",
        kinds=STATE | WRONG,
    ),
)
"""Wrong losses for HIPS autograd."""
