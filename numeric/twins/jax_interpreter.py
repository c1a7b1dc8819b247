"""Jaxprs run in exact arithmetic, equation by equation.

Guarantees: each equation is run by the rule registered for its primitive, or the run ends in an
error that names the primitive and the user's line; constants are the binary numbers they are in
the dtype that the program stores them in.
Equations on which no output depends are left out.

A rule is called as ``rule(*arrays, **params)`` with the parameters of the equation as JAX prints
them; one that is a jaxpr arrives as a callable from arrays to the list of its outputs.
It returns one array or number, or a list of them where the primitive has several outputs::

    @rule("jax", "my_cube")
    def my_cube(x, **params):
        return x * x * x
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import dtypes
from jax.extend import core

from ...symbolic.errors import UnsupportedError
from ..floats import FORMATS
from .adaptor import Executable
from .arrays import FLOATS, Array, as_array, constant, from_numbers, to_exact
from .jax_places import is_inside_jax, library_line_of, line_of
from .registry import Rule, find_rule, unsupported
from .run import current_run

CALLS = frozenset(
    {
        "call",
        "checkpoint",
        "closed_call",
        "composite",
        "core_call",
        "custom_jvp_call",
        "custom_vjp_call",
        "custom_vjp_call_jaxpr",
        "jit",
        "pjit",
        "remat",
        "remat2",
    }
)
"""Primitives whose inputs are those of the jaxpr that they hold."""

_MOVES = frozenset(
    {"broadcast_in_dim", "convert_element_type", "copy", "reshape", "slice", "squeeze", "transpose"}
)
"""Primitives that move written constants without computing."""


def _stored(value: Any, dtype: Any) -> Array:
    """Return a constant of a jaxpr as it is stored."""
    if jnp.issubdtype(dtype, dtypes.extended):
        cell = np.empty((), object)
        cell[()] = value
        return cell  # a key of random numbers; what uses it is refused
    array = np.asarray(value).astype(dtype)
    if array.dtype.kind not in "biu" and array.dtype.name not in FLOATS:
        raise UnsupportedError(
            f"an exact twin has numbers of dtype {', '.join(FORMATS)}, integers and booleans",
            found=f"a constant of dtype {array.dtype.name}",
            remedy="write the program in real numbers of such a dtype",
        )
    return array


def _loosened(array: Array) -> Array:
    """Return the constants of a run in which each stands for every number that rounds to it."""
    flat = [constant(v, array.dtype.name) for v in array.ravel().tolist()]
    return from_numbers(flat, array.shape)


def _remark(equation: Any, written: bool) -> str | None:
    """Return what is noted when an equation is run; the line takes the place of the braces."""
    if equation.primitive.name == "stop_gradient":
        if is_inside_jax(equation):
            return None  # a shift that cancels, as in log_softmax
        return "stop_gradient at {}: the derivative of the forward goes through it"
    if equation.primitive.name != "convert_element_type" or written:
        return None
    before, after = (FORMATS.get(np.dtype(v.aval.dtype).name) for v in _ends(equation))
    if before is None or after is None or after.precision >= before.precision:
        return None
    if line_of(equation) is None and library_line_of(equation) is None:
        return None  # the upstream gradient, converted by gradproof
    return f"{before.name} to {after.name} at {{}}: an identity here"


def _ends(equation: Any) -> tuple[Any, Any]:
    return equation.invars[0], equation.outvars[0]


class Step:
    """An equation made ready: its rule, its parameters, and the slots it reads and writes."""

    __slots__ = ("_place", "equation", "many", "parameters", "parent", "reads", "remark", "rule")

    def __init__(self, equation: Any, parent: Step | None, written: Sequence[bool]) -> None:
        self.equation = equation
        self.parent = parent
        self.rule: Rule | None = find_rule("jax", equation.primitive.name)
        self.many = bool(equation.primitive.multiple_results)
        self.reads: list[int] = []
        self.remark = _remark(equation, bool(written) and written[0])
        self._place: str | None = None
        flags = _flags_inside(equation, written)
        self.parameters = {k: self._ready(v, flags) for k, v in equation.params.items()}
        if equation.primitive.name == "convert_element_type":
            self.parameters["written"] = written[0]

    def _ready(self, value: Any, flags: Sequence[bool] | None) -> Any:
        if isinstance(value, core.ClosedJaxpr):
            return Plan(value.jaxpr, value.consts, flags, self)
        if isinstance(value, core.Jaxpr):
            return Plan(value, (), flags, self)
        if isinstance(value, tuple) and any(isinstance(v, core.ClosedJaxpr) for v in value):
            return tuple(self._ready(v, flags) for v in value)
        return value

    def place(self) -> str:
        """Return the user's line of the equation, or that of the call it is part of."""
        if self._place is None:
            line = line_of(self.equation)
            if line is None and self.parent is not None:
                line = self.parent.place()
            self._place = line or library_line_of(self.equation) or "a library"
        return self._place

    def found(self) -> Rule:
        """Return the rule, which may have been registered after the trace."""
        name = self.equation.primitive.name
        self.rule = find_rule("jax", name)
        if self.rule is None:
            raise unsupported("jax", name, self.place())
        return self.rule


def _flags_inside(equation: Any, written: Sequence[bool]) -> Sequence[bool] | None:
    """Return which inputs of the jaxpr that an equation holds are constants as written."""
    name = equation.primitive.name
    return written if name in CALLS else written[1:] if name == "cond" else None


class Plan:
    """A jaxpr made ready to run; called with arrays, it returns the list of its outputs.

    Parameters
    ----------
    jaxpr
        An open jaxpr.
    constants
        The values of its constants.
    written
        Which of its inputs are constants as they are written in the program; None for no input.
    parent
        The step that calls it.
    """

    __slots__ = ("_floats", "_inputs", "_outputs", "_slots", "_steps", "_template", "written")

    def __init__(
        self,
        jaxpr: Any,
        constants: Sequence[Any],
        written: Sequence[bool] | None = None,
        parent: Step | None = None,
    ) -> None:
        self._template: list[Any] = []
        self._floats: list[tuple[int, Array]] = []
        self._slots: dict[Any, int] = {}
        flags = written or [False] * len(jaxpr.invars)
        known = {v for v, is_known in zip(jaxpr.invars, flags, strict=True) if is_known}
        self._inputs = [self._slot(v) for v in jaxpr.invars]
        for variable, value in zip(jaxpr.constvars, constants, strict=True):
            self._keep(self._slot(variable), value, variable)
            known.add(variable)
        self._steps: list[tuple[Step, tuple[int, ...]]] = []
        for equation in _needed(jaxpr):
            self._add(equation, parent, known)
        self._outputs = [self._read(v) for v in jaxpr.outvars]
        self.written = [_is_known(v, known) for v in jaxpr.outvars]

    def _slot(self, variable: Any) -> int:
        self._slots[variable] = len(self._template)
        self._template.append(None)
        return self._slots[variable]

    def _keep(self, slot: int, value: Any, atom: Any) -> None:
        array = _stored(value, atom.aval.dtype)
        if array.dtype.name in FLOATS:
            self._floats.append((slot, array))
            array = to_exact(array)
        self._template[slot] = array

    def _read(self, atom: Any) -> int:
        if not isinstance(atom, core.Literal):
            return self._slots[atom]
        self._template.append(None)
        self._keep(len(self._template) - 1, atom.val, atom)
        return len(self._template) - 1

    def _add(self, equation: Any, parent: Step | None, known: set[Any]) -> None:
        flags = [_is_known(v, known) for v in equation.invars]
        step = Step(equation, parent, flags)
        step.reads = [self._read(v) for v in equation.invars]
        if equation.primitive.name in CALLS:
            inner = next(p for p in step.parameters.values() if isinstance(p, Plan))
            known.update(v for v, w in zip(equation.outvars, inner.written, strict=True) if w)
        elif equation.primitive.name in _MOVES and all(flags):
            known.update(equation.outvars)
        self._steps.append((step, tuple(self._slot(v) for v in equation.outvars)))

    def __call__(self, *arrays: Array) -> list[Array]:
        """Return the outputs for the given inputs."""
        run = current_run()
        values = self._template.copy()
        if run.loose:
            for slot, array in self._floats:
                values[slot] = _loosened(array)
        for slot, array in zip(self._inputs, arrays, strict=True):
            values[slot] = array
        for step, writes in self._steps:
            run.place = step.place
            if step.remark is not None:
                run.note(step.remark.format(step.place()))
            rule = step.rule or step.found()
            result = rule(*[values[k] for k in step.reads], **step.parameters)
            for slot, value in zip(writes, result if step.many else (result,), strict=True):
                values[slot] = as_array(value)
        return [values[k] for k in self._outputs]


def _is_known(atom: Any, known: set[Any]) -> bool:
    return isinstance(atom, core.Literal) or atom in known


def _needed(jaxpr: Any) -> list[Any]:
    """Return the equations that an output depends on, in their order."""
    needed = {v for v in jaxpr.outvars if not isinstance(v, core.Literal)}
    kept = []
    for equation in reversed(jaxpr.eqns):
        if any(v in needed for v in equation.outvars) or equation.effects:
            kept.append(equation)
            needed.update(v for v in equation.invars if not isinstance(v, core.Literal))
    return kept[::-1]


def executable(closed: Any) -> Executable:
    """Return a traced program as a function from its float arrays to its output arrays."""
    plan = Plan(closed.jaxpr, closed.consts)

    def run_exactly(arrays: Sequence[Array]) -> list[Array]:
        run = current_run()
        before: Callable[[], str] = run.place
        try:
            with np.errstate(all="ignore"):  # integers wrap around, as in JAX
                return plan(*arrays)
        finally:
            run.place = before

    return run_exactly
