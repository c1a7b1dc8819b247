"""The claims of the documents that some value, or some constant, exists.

Guarantees: each claim says in formulas what its source says in words; where putting it in formulas
took a decision, its note says which. The truth of a claim is no part of it.

Notation: logits z, softmax S, label y, ``CE = -log S_y``; g1 is the gradient of the quadratic loss
and g2 that of cross-entropy, both by the logits.
"""

from __future__ import annotations

from collections.abc import Callable

from sympy import Expr, sqrt

from ...symbolic import losses
from ...symbolic.existence import exists
from ...symbolic.relations import Eq, Ge, Lt
from ...symbolic.vocabulary import class_sum, n, scalar, y, z
from ..claim import Claim

CE, QUAD = losses.softmax_cross_entropy, losses.quadratic
_bound = scalar("c", positive=True)


def _norm(term: Callable[[Expr], Expr]) -> Expr:
    """Return the Euclidean norm of a vector."""
    return sqrt(class_sum(lambda a: term(a) ** 2))


CE_RANGE_ATTAINED = Claim(
    "ce-range-attained",
    exists((n, y, z), Eq(CE.term, 0)),
    given=(n >= 2,),
    title="Some finite logits of several classes have a loss of exactly 0.",
    source="Cross Entropy Loss Derivative, Roei Bahumi, section 'Cross-Entropy Loss Function', "
    "'the loss value resides within the interval [0, +infinity)'",
    expected="REFUTED",
    note="The interval contains 0; the section goes on 'we can never get an exact zero-valued "
    "loss', of logits to each of which an epsilon is added. With one class the loss is 0.",
)

CE_BELOW_ZERO = Claim(
    "ce-below-zero",
    exists((n, y, z), Lt(CE.term, 0)),
    title="There are places better than zero error: some prediction has a loss below 0.",
    source="Data Science Stack Exchange, the question on cross entropy in the keras source, "
    "comments below the answer, 'Is there other places better than zero error?'",
    expected="REFUTED",
)

QUAD_LOWER = Claim(
    "quad-lower",
    exists(_bound, Ge(_norm(QUAD.gradient), _bound * _norm(CE.gradient))),
    title="The quadratic gradient is at least some constant times as long as that of cross-entropy",
    source="the question on the gradients of the quadratic loss and of cross-entropy, question, "
    "sub-question 1, read by the logits",
    expected="REFUTED",
    note="The constant c > 0 is the same for all logits, labels and numbers of classes.",
)
