"""The border to JAX: programs traced to jaxprs, their gradients by `jax.vjp`, and plain runs.

Guarantees: no global setting of JAX is left changed; 64-bit types are on inside a trace if an
argument is a float64 or the user has switched them on, so that constants are those of his run.
A mistake that shows while tracing is one error with the user's line, without a traceback of JAX.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..floats import FORMATS, round_to, to_float
from . import jax_rules
from .adaptor import Executable, Program
from .arguments import Argument, FloatArgument
from .arrays import Array
from .jax_errors import explained
from .jax_interpreter import executable

__all__ = ["JaxAdaptor", "jax_rules"]


class Gradient:
    """The gradient of a program as JAX makes it, custom rules included.

    Parameters
    ----------
    program
        A function of arrays with one array as its result.
    argnums
        Which of its arguments to differentiate by.
    """

    def __init__(self, program: Program, argnums: Sequence[int]) -> None:
        self.program = program
        self.argnums = tuple(argnums)

    def __call__(self, upstream: Any, *arguments: Any) -> tuple[Any, ...]:
        def varied(*values: Any) -> Any:
            full = list(arguments)
            for place, value in zip(self.argnums, values, strict=True):
                full[place] = value
            return self.program(*full)

        result, pull = jax.vjp(varied, *(arguments[k] for k in self.argnums))
        leaves, tree = jax.tree_util.tree_flatten(result)
        seeds = [jnp.asarray(upstream).astype(leaf.dtype).reshape(leaf.shape) for leaf in leaves]
        return tuple(pull(jax.tree_util.tree_unflatten(tree, seeds)))


class JaxAdaptor:
    """Programs of JAX, Optax, and of Keras on JAX."""

    name = "jax"

    def trace(self, program: Program, arguments: Sequence[Argument]) -> Executable:
        """Return `program` as something that runs in exact arithmetic.

        Raises
        ------
        UnsupportedError
            If the program branches in Python on the values of its inputs.
        DeclarationError
            If the program raises an error of its own.
        """
        with _widths(program, arguments), explained(program):
            frame = _frame(arguments)
            floats = [a for a in arguments if isinstance(a, FloatArgument)]
            places = [k for k, a in enumerate(arguments) if isinstance(a, FloatArgument)]

            def flat(*values: Any) -> list[Any]:
                full = list(frame)
                for place, value in zip(places, values, strict=True):
                    full[place] = value
                return list(jax.tree_util.tree_leaves(program(*full)))

            shapes = [_abstract(a) for a in floats]
            return executable(jax.make_jaxpr(flat)(*shapes))

    def gradient(self, program: Program, argnums: Sequence[int]) -> Program:
        """Return the gradient that JAX makes of `program` by `jax.vjp`."""
        return Gradient(program, argnums)

    def floats(self, program: Program, arguments: Sequence[Argument]) -> list[Array]:
        """Return the outputs of a plain run in floats, as float64 arrays that hold them exactly."""
        with _widths(program, arguments), explained(program):
            values = [
                jnp.asarray(_rounded(a)) if isinstance(a, FloatArgument) else fixed
                for a, fixed in zip(arguments, _frame(arguments), strict=True)
            ]
            leaves = jax.tree_util.tree_leaves(program(*values))
            return [np.asarray(leaf).astype(np.float64) for leaf in leaves]


def _widths(program: Program, arguments: Sequence[Argument]) -> Any:
    """Return the context in which the dtypes of a program are those of a run of the user's."""
    # The upstream gradient is gradproof's and is cast to the dtype of the output.
    own = arguments[1:] if isinstance(program, Gradient) else arguments
    wide = any(isinstance(a, FloatArgument) and a.dtype == "float64" for a in own)
    return jax.enable_x64(wide or bool(jax.config.jax_enable_x64))


def _abstract(argument: FloatArgument) -> Any:
    return jax.ShapeDtypeStruct(argument.shape, _dtype(argument))


def _dtype(argument: FloatArgument) -> Any:
    wide = bool(jax.config.jax_enable_x64)
    name = argument.dtype if wide or argument.dtype != "float64" else "float32"
    return jnp.dtype(name)


def _frame(arguments: Sequence[Argument]) -> list[Any]:
    """Return the fixed arguments as the program receives them, with None for the others."""
    return [None if isinstance(a, FloatArgument) else _fixed(a.value) for a in arguments]


def _fixed(value: Any) -> Any:
    return jnp.asarray(value) if isinstance(value, np.ndarray) else value


def _rounded(argument: FloatArgument) -> Array:
    """Return the numbers of an argument in its dtype."""
    exact = [round_to(v, FORMATS[argument.dtype]) for v in argument.values]
    flat = np.array([to_float(v) for v in exact], np.float64)
    return flat.reshape(argument.shape).astype(_dtype(argument))
