"""Questions about tensors that a recording of a PyTorch program asks."""

from __future__ import annotations

from typing import Any

import torch
from torch.utils._pytree import tree_flatten

from .arrays import FLOATS
from .dual import Dual


def is_float(number: Dual) -> bool:
    """Tell whether a number is one that a float64 holds."""
    value = number.value
    if type(value) is float or not hasattr(value, "q"):
        return False
    power_of_two = value.q & (value.q - 1) == 0
    return bool(power_of_two and abs(value.p).bit_length() <= 53 and value.q.bit_length() < 900)


def cleared(result: Any, name: str) -> Any:
    """Return a new tensor, of zeros if its memory was not set."""
    return result.zero_() if name.startswith("empty") else result


def memory_of(tensor: torch.Tensor) -> int:
    """Return the address of a tensor's memory; 0 if it has none."""
    if not tensor.numel() or tensor._is_zerotensor():
        return 0
    return tensor.untyped_storage().data_ptr()


def tensors_of(args: Any) -> list[torch.Tensor]:
    """Return the tensors among arguments, in their order."""
    return [t for t in tree_flatten(args)[0] if isinstance(t, torch.Tensor)]


def has_mask(args: Any) -> bool:
    """Tell whether a boolean tensor is among arguments."""
    return any(t.dtype in (torch.bool, torch.uint8) for t in tensors_of(args))


def plain_dtype(tensor: torch.Tensor) -> str:
    """Return the name of a dtype."""
    return str(tensor.dtype).partition(".")[2]


def dtype_of(args: Any) -> str:
    """Return the dtype of Python floats: that of the first float tensor, or ``""``."""
    return next((d for d in map(plain_dtype, tensors_of(args)) if d in FLOATS), "")
