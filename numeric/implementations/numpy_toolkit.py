"""NumPy: arrays in and out, and no differentiation.

Guarantees: the implementation gets arrays of its own, which hold the numbers exactly.
bfloat16 is a dtype of `ml_dtypes`.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from importlib import import_module
from typing import Any

import numpy as np

from ...symbolic.errors import UnsupportedError
from .call import Array
from .reading import Numbers, bad_type, numbers_of
from .toolkit import Label, Pull

_NOUN = "an array"


class NumpyToolkit:
    """Arrays of NumPy."""

    name = "NumPy"
    labels: tuple[Label, ...] = ("number",)
    tracks = False

    def session(self, dtype: str) -> AbstractContextManager[Any]:
        """Return a context that changes nothing."""
        return nullcontext()

    def floats(self, values: Array, dtype: str, *, tracked: bool = False) -> Any:
        """Return a new array with these numbers.

        Raises
        ------
        UnsupportedError
            If it is bfloat16 and there is no `ml_dtypes`.
        """
        return np.array(values, dtype=_bfloat16() if dtype == "bfloat16" else np.dtype(dtype))

    def classes(self, values: Array) -> Any:
        """Return a new array of classes in int64."""
        return np.array(values, dtype=np.int64)

    def read(self, result: Any) -> Numbers:
        """Return an array, a scalar, a Python float or a list of such as numbers."""
        if type(result) is float:
            return Numbers(np.array(result), "float")
        if isinstance(result, list):
            return numbers_of(_joined(result), _NOUN)
        if isinstance(result, np.ndarray | np.generic):
            return numbers_of(result, _NOUN)
        raise bad_type(result, _NOUN, self.name)

    def image(self, array: Any) -> Any:
        """Return shape and bytes."""
        return array.shape, array.tobytes()

    def overwritten(self, old: Any, new: Any) -> Any:
        """Return the old array with the numbers of the new one."""
        old[...] = new
        return old

    def differentiate(self, function: Callable[[Any], Any], logits: Any) -> tuple[Any, Pull]:
        """Return the loss and nothing, since NumPy does not differentiate."""
        return function(logits), lambda _: None


def _joined(result: list[Any]) -> Array:
    try:
        return np.asarray(result)
    except ValueError:
        raise bad_type(result, _NOUN, NumpyToolkit.name) from None


def _bfloat16() -> Any:
    try:
        return np.dtype(import_module("ml_dtypes").bfloat16)
    except ModuleNotFoundError:
        raise UnsupportedError(
            "NumPy has bfloat16 by ml_dtypes",
            found="no module ml_dtypes",
            remedy="pip install ml_dtypes, or leave bfloat16 out",
        ) from None
