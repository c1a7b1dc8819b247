"""An implementation in JAX, compiled as a whole by ``jax.jit``.

Guarantees: an answer is that of the compiled program; where the implementation cannot be compiled,
since its Python looks at numbers, it is run eagerly from then on.
XLA fuses operations, which may change the last digits, and for each shape compiles once what would
be compiled operation by operation.
Cannot see: what the Python of the implementation does beside the computation; it runs once for each
shape.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .call import Answer, Call
from .manners import arguments_of
from .runner import Runner
from .toolkit import find_toolkit


class CompiledRunner:
    """Runs compiled what another runner runs eagerly.

    Parameters
    ----------
    implementation
        The callable, which JAX differentiates or which returns the gradient.
    runner
        The other runner, which has been called.
    """

    def __init__(self, implementation: Callable[..., Any], runner: Runner) -> None:
        self._runner = runner
        self._toolkit = find_toolkit("jax")
        self._program = _compiled(implementation, runner)
        self.is_compiled = runner.manner is not None and runner.manner.label != "number"

    def run(self, call: Call) -> Answer:
        """Return the answer of the compiled program, or that of the other runner."""
        manner = self._runner.manner
        if not self.is_compiled or manner is None:
            return self._runner.run(call)
        try:
            with self._toolkit.session(call.dtype):
                logits, target = arguments_of(self._toolkit, call, manner, tracked=False)
                value, gradient = self._program(logits, target, call.upstream)
                return self._answer(call, value, gradient)
        except Exception:  # of tracing, or of the implementation: the eager run tells
            self.is_compiled = False
            return self._runner.run(call)

    def _answer(self, call: Call, value: Any, gradient: Any) -> Answer:
        numbers = self._toolkit.read(gradient)
        loss = None if value is None else self._toolkit.read(value)
        return Answer(
            gradient=numbers.values.reshape(call.logits.shape),
            gradient_dtype=numbers.dtype,
            value=None if loss is None else float(loss.values.sum()),
            value_dtype="" if loss is None else loss.dtype,
        )


def _compiled(implementation: Callable[..., Any], runner: Runner) -> Callable[..., Any]:
    """Return a compiled function of logits, target and upstream: the loss and its gradient."""
    import jax
    import jax.numpy as jnp

    def called(logits: Any, target: Any) -> Any:
        first, second = (target, logits) if runner.target_first else (logits, target)
        return implementation(first, second)

    def whole(logits: Any, target: Any, upstream: Any) -> tuple[Any, Any]:
        if runner.returns == "gradient":
            return None, upstream * called(logits, target)
        value, back = jax.vjp(lambda z: called(z, target), logits)
        return value, back(jnp.full_like(value, upstream))[0]

    compiled: Callable[..., Any] = jax.jit(whole)
    return compiled
