"""What a PyTorch program did, operation by operation, and how it is done again at other numbers.

Guarantees: a replay does the same operations in the same order; arrays that the program changes in
place start from the same constants each time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from torch.utils._pytree import tree_unflatten

from .arrays import Array, as_array, constant
from .registry import Rule
from .run import current_run


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for an array of a recording."""

    number: int


@dataclass(frozen=True, slots=True)
class Literal:
    """A Python float of the program, used in a float dtype."""

    value: float
    dtype: str


@dataclass(frozen=True, slots=True)
class Step:
    """One operation: a rule, its arguments with slots for arrays, and where results go.

    Attributes
    ----------
    name, rule, place
        The operation, its exact meaning, and the line of the program.
    leaves, layout
        The arguments.
    results
        The slots of the results.
    written
        The slot that is changed in place, if there is one.
    fresh
        Whether PyTorch's results have memory of their own.
    """

    name: str
    rule: Rule
    leaves: list[Any]
    layout: Any
    results: tuple[int, ...]
    written: int | None
    place: str
    fresh: bool = False


@dataclass(slots=True)
class Recording:
    """The operations of a program in their order.

    Attributes
    ----------
    steps
        The operations.
    constants
        The arrays that do not come from the inputs, by slot.
    inputs, outputs
        The slots of the inputs and of the outputs.
    replayable
        Whether no branch depended on the inputs.
    notes
        What is read differently from floats.
    scalars
        The dtypes of the constants that are single floats.
    """

    steps: list[Step] = field(default_factory=list)
    constants: dict[int, Array] = field(default_factory=dict)
    inputs: list[int] = field(default_factory=list)
    outputs: list[int] = field(default_factory=list)
    replayable: bool = True
    notes: list[str] = field(default_factory=list)
    scalars: dict[int, str] = field(default_factory=dict)

    def keep(self, number: int, array: Array, dtype: str) -> None:
        """Keep a constant; a single float may have been rounded to its dtype."""
        self.constants[number] = array
        if array.ndim == 0 and array.dtype == object:
            self.scalars[number] = dtype

    def replay(self, inputs: Sequence[Array]) -> list[Array]:
        """Return the outputs at other inputs of the same shapes."""
        changing = any(step.written is not None for step in self.steps)
        own = [array.copy() if changing else array for array in inputs]
        arrays: dict[int, Array] = dict(zip(self.inputs, own, strict=True))
        for number, array in self.constants.items():
            arrays[number] = array.copy() if changing else array
        run = current_run()
        for number, dtype in self.scalars.items() if run.loose else ():
            arrays[number] = as_array(constant(_float_of(arrays[number]), dtype))
        for text in self.notes:
            run.note(text)
        for step in self.steps:
            run.place = lambda place=step.place: place  # type: ignore[misc]
            perform(step, arrays)
        return [arrays[number] for number in self.outputs]

    def difference(self, other: Recording) -> tuple[str, str] | None:
        """Return how another recording of the program differs, and where; None if it does not."""
        for mine, theirs in zip(self.steps, other.steps, strict=False):
            if mine.name != theirs.name:
                return f"{mine.name} in one run and {theirs.name} in the next", mine.place
            if _plain(mine) != _plain(theirs):
                return f"another option of {mine.name} in a second run", mine.place
            for slot in _slots(mine):
                pair = [r.constants.get(slot) for r in (self, other)]
                if not _same(*pair):
                    return f"a constant of {mine.name} that changes from run to run", mine.place
        if len(self.steps) != len(other.steps):
            return "another number of operations in a second run", "its end"
        return None


def _float_of(array: Array) -> float:
    value = array.item().value
    return value if type(value) is float else int(value.p) / int(value.q)


def _slots(step: Step) -> list[int]:
    return [leaf.number for leaf in step.leaves if isinstance(leaf, Slot)]


def _plain(step: Step) -> list[str]:
    return [repr(leaf) for leaf in step.leaves]


def _same(a: Array | None, b: Array | None) -> bool:
    if a is None or b is None:
        return a is b
    if a.shape != b.shape or a.dtype != b.dtype:
        return False
    if a.dtype != object:
        return bool((a == b).all())
    return all(repr(p.value) == repr(q.value) for p, q in zip(a.ravel(), b.ravel(), strict=True))


def perform(step: Step, arrays: dict[int, Array]) -> None:
    """Do one operation on the arrays of a run."""
    filled = [
        arrays[leaf.number]
        if type(leaf) is Slot
        else constant(leaf.value, leaf.dtype)
        if type(leaf) is Literal
        else leaf
        for leaf in step.leaves
    ]
    args, kwargs = tree_unflatten(filled, step.layout)
    found = step.rule(*args, **kwargs)
    if step.written is not None:
        target = arrays[step.written]
        target[...] = found
        if step.results:
            arrays[step.results[0]] = target
        return
    results = found if isinstance(found, tuple | list) else (found,)
    given = [f for f in filled if isinstance(f, np.ndarray)] if step.fresh else []
    for number, result in zip(step.results, results, strict=False):
        shared = any(np.may_share_memory(result, array) for array in given)
        arrays[number] = result.copy() if shared else result
