"""JAX: arrays in and out, and `jax.vjp`, custom rules included.

Guarantees: a loss runs eagerly, each operation by itself, as it is written; ``jax.jit`` would fuse
operations and so change the arithmetic.
64-bit types are on in a session of float64, and as the user has set them otherwise; no setting of
JAX is left changed.
Cannot see: that the forward rule of a ``custom_vjp`` gives another value than the function itself;
the value is the forward rule's.
A loss that does not depend on the logits has gradient 0, as in JAX.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from .call import Array
from .reading import Numbers, bad_type, numbers_of
from .toolkit import Label, Pull

_NOUN = "an array"


class JaxToolkit:
    """Arrays of JAX."""

    name = "JAX"
    labels: tuple[Label, ...] = ("array", "number")
    tracks = False

    def session(self, dtype: str) -> AbstractContextManager[Any]:
        """Return a context with 64-bit types if the dtype needs them."""
        return jax.enable_x64(True) if dtype == "float64" else nullcontext()

    def floats(self, values: Array, dtype: str, *, tracked: bool = False) -> Any:
        """Return a new array with these numbers."""
        return jnp.asarray(np.asarray(values).astype(jnp.dtype(dtype)))

    def classes(self, values: Array) -> Any:
        """Return a new array of classes in int32."""
        return jnp.asarray(np.asarray(values).astype(np.int32))

    def read(self, result: Any) -> Numbers:
        """Return an array of JAX or NumPy, or a Python float, as numbers."""
        if type(result) is float:
            return Numbers(np.array(result), "float")
        if not isinstance(result, jax.Array | np.ndarray | np.generic):
            raise bad_type(result, _NOUN, self.name)
        return numbers_of(result, _NOUN)

    def image(self, array: Any) -> Any:
        """Return nothing, since arrays of JAX cannot be changed."""
        return None

    def overwritten(self, old: Any, new: Any) -> Any:
        """Return the new array."""
        return new

    def differentiate(self, function: Callable[[Any], Any], logits: Any) -> tuple[Any, Pull]:
        """Return the loss and its gradient by `jax.vjp`."""
        result, back = jax.vjp(function, logits)
        return result, lambda upstream: back(jnp.full_like(result, upstream))[0]
