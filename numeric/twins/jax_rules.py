"""The rules of JAX's primitives, registered by importing the modules they live in."""

from __future__ import annotations

from . import (
    jax_control,
    jax_elementwise,
    jax_indexing,
    jax_integers,
    jax_linear,
    jax_products,
    jax_reductions,
    jax_structure,
    jax_windows,
)

__all__ = [
    "jax_control",
    "jax_elementwise",
    "jax_indexing",
    "jax_integers",
    "jax_linear",
    "jax_products",
    "jax_reductions",
    "jax_structure",
    "jax_windows",
]
