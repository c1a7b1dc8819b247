"""The manners in which an implementation may take its arguments, and which is tried when.

A loss may want its class as an array or as a Python int, take batches only, or, as a gradient
function by PyTorch's autograd, want logits that require grad.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .call import Call, Reduction
from .reading import BadResult
from .toolkit import Label, Toolkit


@dataclass(frozen=True, slots=True)
class Manner:
    """A way of calling.

    Attributes
    ----------
    label
        How a class is handed in.
    batched
        Whether single logits are handed in as a batch of one.
    tracked
        Whether logits are marked for differentiation though the result is not differentiated.
    """

    label: Label
    batched: bool = False
    tracked: bool = False


def manners_of(toolkit: Toolkit, call: Call, *, batch_first: bool) -> list[Manner]:
    """Return the manners in which a call can be made, in the order in which they are tried."""
    labels = toolkit.labels if is_label(call) and call.logits.ndim == 1 else toolkit.labels[:1]
    marks = (False, True) if toolkit.tracks else (False,)
    single = [Manner(label, tracked=mark) for mark in marks for label in labels]
    if call.logits.ndim == 2:
        return single
    batches = [Manner(labels[0], batched=True, tracked=mark) for mark in marks]
    return batches + single if batch_first else single + batches


_SHAPES = re.compile(
    r"\b(?:nd)?(?:dim|shape|ax[ie]s|rank|size|broadcast|batch|subscript|indices|scalar)",
    re.IGNORECASE,
)
_MARKS = re.compile(r"\brequires? grad|\brequires_grad")


def is_worth_trying(
    manner: Manner, errors: Sequence[Exception], reduction: Reduction | None
) -> bool:
    """Tell whether a manner may help against what the manners before it raised.

    A batch of one is no way out of an error of another kind, since it would hide it.
    """
    if not errors:
        return True
    if manner.tracked and not any(_MARKS.search(str(e)) for e in errors):
        return False
    return not manner.batched or reduction is not None or any(map(_is_about_shapes, errors))


def _is_about_shapes(error: Exception) -> bool:
    """Tell whether an implementation may have raised an error because it takes batches only."""
    if isinstance(error, BadResult):  # it has raised nothing
        return False
    return isinstance(error, IndexError) or bool(_SHAPES.search(str(error)))


def is_label(call: Call) -> bool:
    """Tell whether the target is a class, or one for each row, and no vector of numbers."""
    return np.asarray(call.target).dtype.kind in "iu"


def arguments_of(toolkit: Toolkit, call: Call, manner: Manner, *, tracked: bool) -> tuple[Any, Any]:
    """Return logits and target of a call as the implementation gets them, both new.

    Raises
    ------
    UnsupportedError
        If the framework lacks the dtype.
    """
    logits, target = call.logits, np.asarray(call.target)
    if manner.batched:
        logits, target = logits[None], target[None]
    floats = toolkit.floats(logits, call.dtype, tracked=tracked)
    if not is_label(call):
        return floats, toolkit.floats(target, call.dtype)
    if target.ndim == 0 and manner.label == "number":
        return floats, int(target)
    return floats, toolkit.classes(target)
