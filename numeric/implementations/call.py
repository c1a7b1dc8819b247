"""One call of an implementation, and what came of it, free of any framework.

Guarantees: numbers are handed over exactly; float64 holds every number of the float dtypes here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np

Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]

Form: TypeAlias = Literal["index", "one-hot", "soft", "kernel"]
"""How the target is handed in: a class counted from 0, or a vector of numbers, one for each class.

A one-hot vector stands for a label; soft targets and kernel values are the numbers they are.
"""

Returns: TypeAlias = Literal["gradient", "loss"]
"""What the callable gives back: the gradient by the logits, or a loss that is differentiated."""

Reduction: TypeAlias = Literal["sum", "mean", "none"]
"""How the losses of a batch become one number; ``"none"``: they are left apart."""


@dataclass(frozen=True, eq=False)
class Call:
    """The arguments of one call.

    Attributes
    ----------
    logits
        float64 of shape (n,), or (B, n) for a batch; numbers of `dtype`, or -inf for a masked
        class. Probabilities where the implementation takes those.
    target
        A class counted from 0, or for a batch an int64 array of shape (B,); with another form than
        an index, float64 of the shape of `logits`.
    dtype
        The float dtype that the implementation receives: ``float16``, ``bfloat16``, ``float32`` or
        ``float64``.
    upstream
        What the derivative of the loss is multiplied by.
    """

    logits: Array
    target: Any
    dtype: str
    upstream: float = 1.0


@dataclass(frozen=True, eq=False)
class Answer:
    """What came of one call.

    Attributes
    ----------
    gradient
        float64 of the shape of the logits; None if there is none.
    gradient_dtype
        The name of the dtype in which it was handed back.
    value
        The loss, None if the implementation gives none.
    value_dtype
        The name of the dtype in which it was handed back.
    complaints
        What the call did that it should not have: each a short sentence in the third person, such
        as ``"changes its logits"`` or ``"prints 'x'"``.
    failure
        Why there is no answer, in one line; empty if there is one.
    failure_kind
        ``"error"``, ``"time"`` or ``"crash"``; empty if there is an answer.
    """

    gradient: Array | None = None
    gradient_dtype: str = ""
    value: float | None = None
    value_dtype: str = ""
    complaints: tuple[str, ...] = ()
    failure: str = ""
    failure_kind: str = ""
