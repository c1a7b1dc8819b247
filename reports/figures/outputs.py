"""Gradients by the logits as functions of the outputs of the softmax.

Guarantees: the gradient is differentiated by the logits first; then each logit is put as the
logarithm of a weight, so that the outputs are the weights over their sum, exact rationals where
the weights are.
"""

from __future__ import annotations

from fractions import Fraction

from sympy import Expr, log

from ...numeric import Point
from ...symbolic.calculus import evaluate_terms
from ...symbolic.class_sums import substitute_family
from ...symbolic.vocabulary import family, i, y, z

_weight = family("w", positive=True)


def of_outputs(expr: Expr) -> Expr:
    """Return a loss or a derivative of it with the logits ``z_j = log w_j``."""
    return substitute_family(evaluate_terms(expr), z, lambda a: log(_weight[a]))


def at_outputs(outputs: tuple[Fraction, ...], member: int, label: int = 1) -> Point:
    """Return the point with these outputs, all above 0, at which class i is `member`."""
    return Point({_weight: outputs, i: member, y: label})
