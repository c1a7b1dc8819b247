"""Runs a PyTorch program operation by operation in exact arithmetic, and records it for replays.

Guarantees: each operation below autograd is seen by a dispatch mode and done by a rule; views share
their numbers as the tensors share their storage, so that changes in place are seen by all views.
Integers and booleans of the real run are set to the exact ones, so that indices, shapes and
branches that depend on comparisons are those of exact arithmetic.
A recording is replayed only if no branch of the program depended on its inputs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch._decomp import decomposition_table
from torch.utils._python_dispatch import TorchDispatchMode, _disable_current_modes
from torch.utils._pytree import tree_flatten, tree_map

from ...symbolic.errors import EngineConflict, UnsupportedError
from . import torch_rules  # noqa: F401  (registers the rules)
from .arrays import Array, to_exact
from .registry import Rule, find_rule, impure, unsupported
from .run import current_run, user_line
from .torch_recording import Literal, Recording, Slot, Step, perform
from .torch_tensors import (
    cleared,
    dtype_of,
    has_mask,
    is_float,
    memory_of,
    plain_dtype,
    tensors_of,
)


def record(
    program: Callable[[], list[torch.Tensor]],
    tracked: Sequence[torch.Tensor],
    inputs: Sequence[Array],
) -> tuple[Recording, list[Array]]:
    """Run `program` once in exact arithmetic beside its floats.

    Parameters
    ----------
    program
        Runs on the `tracked` tensors and returns its output tensors.
    tracked
        The float inputs.
    inputs
        Their exact numbers.

    Returns
    -------
    The recording and the exact outputs.
    """
    mode = _Recorder()
    for tensor, array in zip(tracked, inputs, strict=True):
        mode.recording.inputs.append(mode.bind(tensor, array.copy()))
    with mode:
        results = program()
    for tensor in results:
        number = mode.slot_of(tensor)
        mode.recording.outputs.append(number)
    return mode.recording, [mode.arrays[number] for number in mode.recording.outputs]


_CONCRETE = frozenset({"_local_scalar_dense", "equal", "is_nonzero"})
"""Operations that hand a value of a tensor to Python."""

_SHAPING = frozenset({"nonzero", "masked_select", "unique", "_unique2", "repeat_interleave"})
"""Operations whose result has a shape that depends on values."""

_OF_SHAPES = frozenset({"_has_same_storage_numel", "is_same_size", "is_set_to"})
"""Questions about tensors that their numbers do not answer."""


class _Recorder(TorchDispatchMode):
    """Does each operation twice: in floats for its shapes, and exactly."""

    def __init__(self) -> None:
        super().__init__()
        self.recording = Recording()
        self.arrays: dict[int, Array] = {}
        self._slots: dict[int, int] = {}
        self._kept: list[torch.Tensor] = []
        self._storages: set[int] = set()
        self._split = False
        self._count = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        name = func._schema.name.partition("::")[2]
        place = user_line()
        if torch.Tag.nondeterministic_seeded in func.tags:
            raise impure(f"random numbers ({name})", place)
        tensors = tensors_of((args, kwargs))
        if not tensors:
            return cleared(func(*args, **kwargs), name)
        plain = all(id(t) not in self._slots and not t.is_floating_point() for t in tensors)
        if plain:
            with self.paused():
                result = func(*args, **kwargs)
            if not any(t.is_floating_point() for t in tensors_of(result)):
                return result
        if name in _CONCRETE:
            return self._concrete(func, args, kwargs, place)
        rule, target = self._find(func, name, args, kwargs)
        if rule is not None:
            return self._do(func, name, rule, target, args, kwargs, place)
        if func in decomposition_table:
            with self:
                return decomposition_table[func](*args, **kwargs)
        if func._can_decompose():
            with self:
                return func.decompose(*args, **kwargs)
        if name in _OF_SHAPES:
            with self.paused():
                return func(*args, **kwargs)
        raise unsupported("torch", name, place)

    def paused(self) -> Any:
        """Return a context in which operations are not seen."""
        return _disable_current_modes()

    def _find(self, func: Any, name: str, args: Any, kwargs: Any) -> tuple[Rule | None, Any]:
        """Return the rule, and the argument that it changes in place if there is one."""
        mutated = [a for a in func._schema.arguments if a.alias_info and a.alias_info.is_write]
        if len(mutated) > 1:
            return None, None
        target = None
        if mutated:
            first = mutated[0]
            target = kwargs.get(first.name) if first.kwarg_only else args[0]
            name = name.rstrip("_") if name.endswith("_") else name
        full = f"{name}.{func._overloadname}"
        found = find_rule("torch", f"{func.namespace}.{name}", full, name)
        # What changes the shape of a tensor in place is a view that takes the tensor's name.
        return found, None if torch.Tag.inplace_view in func.tags else target

    def _do(
        self, func: Any, name: str, rule: Rule, target: Any, args: Any, kwargs: Any, place: str
    ) -> Any:
        before = [t.dtype for t in tensors_of(args)[:1] if t.is_floating_point()]
        written = None if target is None else self._written(target)
        given = {k: v for k, v in kwargs.items() if target is None or v is not target}
        dtype = dtype_of((args, kwargs))
        exact = self._exact((args, given), dtype)  # before PyTorch may change them in place
        with self.paused():
            result = func(*args, **kwargs)
        if not dtype and target is None:
            exact = self._exact((args, given), dtype_of(result) or "float64")
        if name in _SHAPING or (name.startswith("index") and has_mask(args)):
            self.recording.replayable = False
        results = tensors_of(result) if target is None else [target]
        if torch.Tag.inplace_view in func.tags:
            self._slots.pop(id(results[0]), None)
        numbers = (written,) if written is not None else tuple(self._fresh(t) for t in results)
        leaves, layout = tree_flatten(exact)
        known = {memory_of(t) for t in tensors_of((args, kwargs))}
        fresh = not known & {memory_of(t) for t in results}
        step = Step(name, rule, leaves, layout, numbers, written, place, fresh)
        self._note_narrowing(before, results, place)
        current_run().place = lambda: place
        perform(step, self.arrays)
        self._split |= not fresh and self._is_apart(step)
        self.recording.steps.append(step)
        for tensor, number in zip(results, numbers, strict=True):
            self._settle(tensor, number, name, place)
        return result

    def _written(self, target: torch.Tensor) -> int:
        """Return the slot of a tensor that is about to be changed in place."""
        if self._split:
            raise UnsupportedError(
                "a change in place reaches every view of a tensor",
                found=f"a view of transposed memory, changed at {user_line()}",
                remedy="clone the tensor before it is changed",
            )
        if id(target) not in self._slots and not target.is_floating_point() and target._is_view():
            self.recording.replayable = False  # the base is read as it is in the real run
        number = self.slot_of(target)
        if target.is_floating_point():
            self._storages.add(memory_of(target))
        return number

    def _is_apart(self, step: Step) -> bool:
        """Tell whether a result is a copy here although it is a view in PyTorch."""
        given = [self.arrays[leaf.number] for leaf in step.leaves if isinstance(leaf, Slot)]
        return step.written is None and any(
            self.arrays[n].size and not any(np.may_share_memory(self.arrays[n], g) for g in given)
            for n in step.results
        )

    def _note_narrowing(self, before: list[Any], after: list[Any], place: str) -> None:
        for old, new in zip(before, [t.dtype for t in after[:1]], strict=False):
            if new.is_floating_point and torch.finfo(new).eps > torch.finfo(old).eps:
                text = f"{str(old)[6:]} to {str(new)[6:]} at {place}: an identity here"
                current_run().note(text)
                self.recording.notes.append(text)

    def _settle(self, tensor: torch.Tensor, number: int, name: str, place: str) -> None:
        """Check the shape, and set integers and booleans of the real run to the exact ones."""
        array = self.arrays[number]
        if tuple(array.shape) != tuple(tensor.shape):
            raise EngineConflict(
                "a rule gives the shape that PyTorch gives",
                found=f"{name} at {place}: {array.shape} for {tuple(tensor.shape)}",
                remedy="mend the rule",
            )
        if tensor.is_floating_point() != (array.dtype == object):
            self.arrays[number] = to_exact(array) if tensor.is_floating_point() else array
        if not tensor.is_floating_point() and not tensor.is_complex():
            with self.paused(), torch.no_grad():
                exact = torch.from_numpy(np.array(array, dtype=plain_dtype(tensor), order="C"))
                if not torch.equal(tensor, exact):
                    tensor.copy_(exact)

    def _exact(self, value: Any, dtype: str) -> Any:
        """Return arguments with slots in place of tensors, and floats as constants of `dtype`."""

        def leaf(part: Any) -> Any:
            if isinstance(part, torch.Tensor):
                return self._argument(part)
            return Literal(part, dtype) if type(part) is float else part

        return tree_map(leaf, value)

    def _argument(self, tensor: torch.Tensor) -> Any:
        if id(tensor) in self._slots or tensor.is_floating_point():
            return Slot(self.slot_of(tensor))
        with self.paused():
            return tensor.detach().cpu().numpy().copy()  # what it is now, for every replay

    def slot_of(self, tensor: torch.Tensor) -> int:
        """Return the slot of a tensor; one met for the first time is a constant."""
        if id(tensor) not in self._slots:
            memory = memory_of(tensor)
            if memory in self._storages:
                raise UnsupportedError(
                    "a program keeps its tensors in PyTorch",
                    found=f"a tensor that shares memory with one it computed, at {user_line()}",
                    remedy="do without .numpy() and .data in the program",
                )
            with self.paused():
                plain = tensor.detach().cpu()
                if not memory and tensor.numel():
                    plain = torch.zeros(tensor.shape, dtype=tensor.dtype)  # zeros without memory
                plain = plain.double() if plain.is_floating_point() else plain
                array = plain.numpy().copy()
            exact = to_exact(array) if tensor.is_floating_point() else array
            number = self._fresh(tensor, computed=False)
            self.arrays[number] = exact.copy()
            self.recording.keep(number, exact, dtype_of(tensor))
        elif not tensor.is_floating_point():
            self._refresh(tensor, self.arrays[self._slots[id(tensor)]])
        return self._slots[id(tensor)]

    def _refresh(self, tensor: torch.Tensor, array: Array) -> None:
        """Take integers as they are in the real run, where a view of them may have been changed."""
        with self.paused():
            real = tensor.detach().cpu().numpy()
        if not np.array_equal(real, array):
            self.recording.replayable = False
            array[...] = real

    def bind(self, tensor: torch.Tensor, array: Array) -> int:
        """Give a tensor a slot with its exact numbers."""
        number = self._fresh(tensor)
        self.arrays[number] = array
        return number

    def _fresh(self, tensor: torch.Tensor, computed: bool = True) -> int:
        if id(tensor) in self._slots:  # an operation that returns its own argument
            return self._slots[id(tensor)]
        number = self._count
        self._count += 1
        self._slots[id(tensor)] = number
        self._kept.append(tensor)  # else another tensor may get the same id
        memory = memory_of(tensor)
        if memory and computed:
            self._storages.add(memory)
        return number

    def _concrete(self, func: Any, args: Any, kwargs: Any, place: str) -> Any:
        """Hand a value to Python: exactly, or not at all."""
        self.recording.replayable = False
        tensor = args[0]
        if not tensor.is_floating_point() or id(tensor) not in self._slots:
            with self.paused():
                return func(*args, **kwargs)
        number = self.arrays[self._slots[id(tensor)]].item()
        if number.slope is None and is_float(number):
            return float(number.value.p) / float(number.value.q)
        raise UnsupportedError(
            "a number that depends on the inputs stays in a tensor",
            found=f"a tensor turned into a Python float at {place}",
            remedy="compare and compute with the tensor itself",
        )
