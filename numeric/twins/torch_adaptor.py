"""PyTorch programs, their custom autograd functions and autograd's backward, as exact twins.

Guarantees: every ATen operation that the program executes, forward or backward, is done by a rule
in exact arithmetic; operations without a rule are taken apart by PyTorch's own decompositions.
Branches that the program takes on tensors are those of exact arithmetic.
Cannot see: what a program does outside PyTorch, as with ``tensor.numpy()``; a value that leaves and
comes back that way is refused, not taken for a constant.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from ...symbolic.errors import DeclarationError
from .adaptor import Executable, Program
from .arguments import Argument, FixedArgument, FloatArgument
from .arrays import Array
from .mistakes import reported
from .registry import impure
from .run import FIRST_BITS, Run, Undecided, running
from .torch_recorder import record
from .torch_recording import Recording

_DTYPES = {
    "float16": torch.float16,
    "bfloat16": torch.bfloat16,
    "float32": torch.float32,
    "float64": torch.float64,
}


class TorchAdaptor:
    """The border between gradproof and PyTorch."""

    name = "torch"

    def trace(self, program: Program, arguments: Sequence[Argument]) -> Executable:
        """Return `program` as something that runs in exact arithmetic.

        Raises
        ------
        ImpureProgramError
            If the program is random, or two runs with the same inputs do different things.
        UnsupportedPrimitive
            If it uses an operation that has neither a rule nor a decomposition.
        """
        traced = _Traced(program, arguments)
        traced.check()
        return traced

    def gradient(self, program: Program, argnums: Sequence[int]) -> Program:
        """Return the gradient by autograd as a program of the upstream gradient and the inputs."""

        def gradient(upstream: Any, *args: Any) -> tuple[Any, ...]:
            nested = any(_differentiable(a) for a in args)
            taken = [
                a.detach().requires_grad_(True) if k in argnums and not _differentiable(a) else a
                for k, a in enumerate(args)
            ]
            with torch.enable_grad():
                result = program(*taken)
                wanted = [taken[k] for k in argnums]
                found = torch.autograd.grad(
                    result, wanted, _like(upstream, result), create_graph=nested, allow_unused=True
                )
            return tuple(
                torch.zeros_like(a) if g is None else g for a, g in zip(wanted, found, strict=True)
            )

        return gradient

    def floats(self, program: Program, arguments: Sequence[Argument]) -> list[Array]:
        """Return the outputs of a plain run, as float64 arrays that hold them exactly."""
        with reported():
            result = program(*_tensors(arguments))
        return [t.detach().cpu().to(torch.float64).numpy() for t in _flat(result)]


def _differentiable(value: Any) -> bool:
    return isinstance(value, torch.Tensor) and value.requires_grad


def _like(upstream: Any, result: Any) -> Any:
    if not isinstance(result, torch.Tensor):
        raise DeclarationError(
            "a program that is differentiated returns one tensor",
            found=type(result).__name__,
            remedy="return the loss alone",
        )
    return upstream.reshape(result.shape).to(result.dtype)


def _flat(result: Any) -> list[torch.Tensor]:
    leaves = torch.utils._pytree.tree_leaves(result)
    return [leaf if isinstance(leaf, torch.Tensor) else torch.tensor(leaf) for leaf in leaves]


def _tensors(arguments: Sequence[Argument], shift: float = 0.0) -> list[Any]:
    """Return what the program receives; with `shift`, floats that are away from the true ones."""
    return [_tensor(argument, shift) for argument in arguments]


def _tensor(argument: Argument, shift: float) -> Any:
    if isinstance(argument, FixedArgument):
        value = argument.value
        return torch.from_numpy(value.copy()) if isinstance(value, np.ndarray) else value
    floats = argument.floats()
    return torch.from_numpy(np.asarray(floats + shift)).to(_DTYPES[argument.dtype])


class _Traced:
    """A program of fixed shapes: recorded in its first run, then replayed where it may be."""

    def __init__(self, program: Program, arguments: Sequence[Argument]) -> None:
        self.program = program
        self.arguments = list(arguments)
        self.recording: Recording | None = None

    def __call__(self, inputs: Sequence[Array]) -> list[Array]:
        if self.recording is not None and self.recording.replayable:
            return self.recording.replay(inputs)
        recording, results = self._record(inputs, 0.0)
        self.recording = recording
        return results

    def _record(self, inputs: Sequence[Array], shift: float) -> tuple[Recording, list[Array]]:
        values = _tensors(self.arguments, shift)
        tracked = [
            t for t, a in zip(values, self.arguments, strict=True) if isinstance(a, FloatArgument)
        ]
        with reported():
            recording, results = record(lambda: _flat(self.program(*values)), tracked, inputs)
        # A constant of fewer digits than the arguments have is another number, not a rounded one.
        own = {a.dtype for a in self.arguments if isinstance(a, FloatArgument)}
        recording.scalars = {n: d for n, d in recording.scalars.items() if d in own}
        return recording, results

    def check(self) -> None:
        """Run twice, the second time with other floats beside the same exact inputs.

        What differs came from the floats or from elsewhere, not from the exact inputs.
        """
        inputs = [a.duals() for a in self.arguments if isinstance(a, FloatArgument)]
        bits = FIRST_BITS
        while True:
            try:
                with running(Run(), bits):
                    first, _ = self._record(inputs, 0.0)
                    again, _ = self._record(inputs, 0.0078125)
                break
            except Undecided:
                if bits >= 16 * FIRST_BITS:
                    return
                bits *= 4
        difference = first.difference(again)
        if difference is not None:
            raise impure(*difference)
        self.recording = first
