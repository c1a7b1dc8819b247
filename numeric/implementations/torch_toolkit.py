"""PyTorch: tensors in and out, and autograd, custom functions included.

Guarantees: a loss is differentiated as ``backward(gradient=...)`` does it, without adding to the
``.grad`` of anything.
Cannot see: which devices other than the CPU would compute otherwise.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import numpy as np
import torch

from .call import Array
from .reading import BadResult, Numbers, bad_dtype, bad_type
from .toolkit import Label, Pull

_NOUN = "a tensor"
_DTYPES = {
    "float16": torch.float16,
    "bfloat16": torch.bfloat16,
    "float32": torch.float32,
    "float64": torch.float64,
}


class TorchToolkit:
    """Tensors of PyTorch on the CPU."""

    name = "PyTorch"
    labels: tuple[Label, ...] = ("array", "number")
    tracks = True

    def session(self, dtype: str) -> AbstractContextManager[Any]:
        """Return a context in which autograd is on, whatever it is outside."""
        context: AbstractContextManager[Any] = torch.enable_grad()
        return context

    def floats(self, values: Array, dtype: str, *, tracked: bool = False) -> Any:
        """Return a new tensor with these numbers, a leaf that requires grad if `tracked`."""
        tensor = torch.from_numpy(np.array(values)).to(_DTYPES[dtype])
        return tensor.requires_grad_(tracked)

    def classes(self, values: Array) -> Any:
        """Return a new tensor of classes in int64."""
        return torch.from_numpy(np.array(values, dtype=np.int64))

    def read(self, result: Any) -> Numbers:
        """Return a tensor of floats as numbers."""
        if not isinstance(result, torch.Tensor):
            raise bad_type(result, _NOUN, self.name)
        dtype = str(result.dtype).removeprefix("torch.")
        if not result.is_floating_point():
            raise bad_dtype(dtype, _NOUN)
        # Copied, since the implementation may write to its tensor again.
        return Numbers(np.array(result.detach().cpu().to(torch.float64).numpy()), dtype)

    def image(self, array: Any) -> Any:
        """Return shape, dtype and the numbers' bytes."""
        numbers = array.detach().cpu().to(torch.float64)
        return tuple(array.shape), array.dtype, numbers.numpy().tobytes()

    def overwritten(self, old: Any, new: Any) -> Any:
        """Return the old tensor with the numbers of the new one."""
        with torch.no_grad():
            return old.copy_(new)

    def differentiate(self, function: Callable[[Any], Any], logits: Any) -> tuple[Any, Pull]:
        """Return the loss and its gradient by autograd.

        Raises
        ------
        BadResult
            By the gradient, if the loss does not depend on the logits or there is none.
        """
        result = function(logits)

        def pull(upstream: float) -> Any:
            if not result.requires_grad:
                raise BadResult(
                    "a loss that does not depend on the logits",
                    "one that autograd follows back to them",
                    "compute it from the logits by tensors: no detach, .data, .item() or .numpy()",
                )
            seed = torch.full_like(result, upstream)
            (gradient,) = torch.autograd.grad(result, logits, seed, allow_unused=True)
            if gradient is None:
                raise BadResult(
                    "None",
                    "the gradient by the logits",
                    "compute the loss from the logits, and return it from backward",
                    verb="is differentiated to",
                )
            return gradient

        return result, pull
