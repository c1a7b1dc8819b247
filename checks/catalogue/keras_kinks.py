"""The edge of what the keras source clips, at an exact point: two derivatives and no gradient.

Guarantees: at the point of each claim the output of the true class is epsilon exactly.
What they cannot see: the upper edge, which no rational logits meet.

Notation: logits z, softmax S, label y; KERAS is the code quoted in the question.
"""

from __future__ import annotations

from sympy import Integer, Rational

from ...symbolic import losses
from ...symbolic.losses import epsilon
from ...symbolic.relations import Eq
from ...symbolic.vocabulary import n, y, z
from ..claim import Claim

KERAS = losses.keras_cross_entropy_one_hot

_CODE = (
    "Data Science Stack Exchange, the question on cross entropy in the keras source, the quoted "
    "code"
)
_AT = {n: 4, z: (0, 0, 0, 0), epsilon: Rational(1, 4), y: 1}
_NOTE = "Four equal logits, so that S_y = epsilon = 1/4. The verdict gives both one-sided values."

CLAIMS = (
    Claim(
        "keras-kink",
        Eq(KERAS.gradient(y), 0),
        at=_AT,
        title="Where the output of the true class equals epsilon, the loss of the code has the "
        "derivative 0 by the true logit",
        source=_CODE,
        expected="UNDEFINED",
        note=_NOTE,
    ),
    Claim(
        "keras-kink-wrong-class",
        Eq(KERAS.gradient(Integer(2)), 0),
        at=_AT,
        title="Where the output of the true class equals epsilon, the loss of the code has the "
        "derivative 0 by a wrong logit",
        source=_CODE,
        expected="UNDEFINED",
        note=_NOTE,
    ),
)
"""The claims: by the logit of the true class, and by that of another."""
