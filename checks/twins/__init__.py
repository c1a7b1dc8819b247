"""Exact twins compared: the backward pass with the forward, the forward with the intended loss."""

from .agreement import Outcome as TwinOutcome
from .comparing import check_backward, check_forward
from .comparison import Comparison
from .inputs import Input, TwinPoint, label, logits, numbers, one_hot, probabilities, targets

__all__ = [
    "Comparison",
    "Input",
    "TwinOutcome",
    "TwinPoint",
    "check_backward",
    "check_forward",
    "label",
    "logits",
    "numbers",
    "one_hot",
    "probabilities",
    "targets",
]
