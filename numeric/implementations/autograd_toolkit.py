"""HIPS autograd: arrays of NumPy, differentiated by its tape, the user's rules included.

Guarantees: the gradient is what ``autograd.grad`` makes of the function.
A loss that does not depend on the logits has gradient 0, as there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from autograd import make_vjp

from ...symbolic.errors import UnsupportedError
from .call import Array
from .numpy_toolkit import NumpyToolkit
from .toolkit import Pull


class AutogradToolkit(NumpyToolkit):
    """Arrays of NumPy that autograd follows."""

    name = "autograd"

    def floats(self, values: Array, dtype: str, *, tracked: bool = False) -> Any:
        """Return a new array with these numbers.

        Raises
        ------
        UnsupportedError
            If it is bfloat16, which autograd does not know.
        """
        if dtype == "bfloat16":
            raise UnsupportedError(
                "autograd differentiates by float16, float32 and float64",
                found=dtype,
                remedy="leave it out",
            )
        return super().floats(values, dtype)

    def differentiate(self, function: Callable[[Any], Any], logits: Any) -> tuple[Any, Pull]:
        """Return the loss and its gradient by the rules that autograd knows."""
        back, result = make_vjp(function)(logits)

        def pull(upstream: float) -> Any:
            seed = np.full_like(result, upstream)
            return back(seed[()] if seed.ndim == 0 else seed)

        return result, pull
