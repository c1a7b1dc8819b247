"""The gradients that HIPS autograd makes, run in exact arithmetic.

Guarantees: the rules for the derivatives are those that are registered with autograd, its own and
the user's, and they run unchanged; only the tape that strings them together is this module's.
Autograd itself is not changed.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from itertools import count
from types import FunctionType, MethodType, ModuleType
from typing import Any

from ...symbolic.errors import UnsupportedError
from .adaptor import parts_of
from .numpy_creation import asarray
from .numpy_messages import refused
from .numpy_proxies import MODULES, proxied
from .numpy_rebinding import Session, UserModule

_OPERATORS = ("autograd.core", "autograd.differential_operators", "autograd.wrap_util")


def reaches(program: Any, wanted: Callable[[Any], bool]) -> bool:
    """Tell whether the code of a program refers to something that is wanted."""
    seen: set[int] = set()
    open_parts = [program]
    while open_parts:
        part = open_parts.pop()
        if id(part) in seen:
            continue
        seen.add(id(part))
        if wanted(part):
            return True
        if not isinstance(part, ModuleType):
            open_parts += parts_of(part)
    return False


def _is_operator(thing: Any) -> bool:
    if isinstance(thing, ModuleType):
        return thing.__name__ == "autograd"
    return isinstance(thing, FunctionType) and thing.__module__ in _OPERATORS


def _is_autograd(thing: Any) -> bool:
    name = thing.__name__ if isinstance(thing, ModuleType) else getattr(thing, "__module__", "")
    known = getattr(thing, "_is_autograd_primitive", False) is True
    return known or str(name).partition(".")[0] == "autograd"


def session_for(program: Any, home: str) -> Session:
    """Return what rebinds a program: with autograd's tape if it differentiates."""
    if "autograd" in sys.modules and reaches(program, _is_operator):
        return AutogradSession(home)
    return Session(home)


class Node:
    """A value on the tape: how its gradient is passed on, and to which values."""

    __slots__ = ("parents", "pull", "rank")

    def __init__(self, pull: Callable[[Any], Any], parents: tuple[Node, ...], rank: int) -> None:
        self.pull = pull
        self.parents = parents
        self.rank = rank


class Primitive:
    """A function of autograd's, which puts its results on the tape."""

    _is_autograd_primitive = False

    def __init__(self, original: Any, session: AutogradSession) -> None:
        self.original = original
        self.session = session
        self.__name__ = getattr(original, "__name__", "primitive")

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        return self if instance is None else MethodType(self, instance)

    def __call__(self, *args: Any, **options: Any) -> Any:
        """Compute the value from the boxes of the innermost trace."""
        session = self.session
        options.pop("called_by_autograd_dispatcher", None)
        boxed = [k for k, a in enumerate(args) if session.is_box(a)]
        if not boxed:
            return session.rebind(self.original.fun)(*args, **options)
        trace = max(args[k]._trace for k in boxed)
        boxed = [k for k in boxed if args[k]._trace == trace]
        values = [a._value if k in boxed else a for k, a in enumerate(args)]
        value = self(*values, **options)
        if session.is_constant(self.original):
            return value
        maker = session.rule(self.original)
        pull = maker(tuple(boxed), value, tuple(values), options)
        parents = tuple(args[k]._node for k in boxed)
        return session.box(value, trace, Node(pull, parents, next(session.ranks)))


class AutogradSession(Session):
    """What rebinds a program that differentiates with autograd, and autograd's own code."""

    def __init__(self, home: str = "") -> None:
        super().__init__(home)
        # Not by the import statement, since no types are known of autograd.
        core, tracer = import_module("autograd.core"), import_module("autograd.tracer")
        boxes = import_module("autograd.numpy.numpy_boxes")
        spaces = import_module("autograd.numpy.numpy_vspaces")
        self.ranks: Iterator[int] = count()
        self.traces: Iterator[int] = count()
        self._core, self._tracer = core, tracer
        self._box_type: Any = self.rebind(boxes.ArrayBox)
        self._space: Any = self.rebind(spaces.ArrayVSpace)
        for original, own in (
            (tracer.isbox, self.is_box),
            (core.vspace, self.space),
            (core.make_vjp, self.make_vjp),
        ):
            self.keep(original, own)

    def is_users(self, module: str, file: str) -> bool:
        """Tell whether code is to be rebuilt: the user's, and autograd's."""
        return module.partition(".")[0] == "autograd" or super().is_users(module, file)

    def _rebound(self, value: Any) -> Any:
        if getattr(value, "_is_autograd_primitive", False) is True:
            return Primitive(value, self)
        if isinstance(value, Primitive | Node):
            return value
        if isinstance(value, ModuleType) and value.__name__.partition(".")[0] == "autograd":
            known = value.__name__ in MODULES
            stand_in = value if known else proxied(value)
            return UserModule(value, self) if stand_in is value else stand_in
        return super()._rebound(value)

    def is_box(self, value: Any) -> bool:
        """Tell whether a value is on a tape."""
        return type(value) is self._box_type

    def box(self, value: Any, trace: int, node: Node) -> Any:
        """Return a value on a tape."""
        return self._box_type(value, trace, node)

    def is_constant(self, original: Any) -> bool:
        """Tell whether autograd takes a function for constant."""
        return original in self._tracer.notrace_primitives[self._core.VJPNode]

    def rule(self, original: Any) -> Callable[..., Any]:
        """Return the derivative that is registered for a function."""
        maker = self._core.primitive_vjps.get(original)
        if maker is None:
            raise refused(f"autograd gradient of {original.__name__}")
        rebuilt: Callable[..., Any] = self.rebind(maker)
        return rebuilt

    def space(self, value: Any) -> Any:
        """Return what autograd knows of the space of a value."""
        while self.is_box(value):
            value = value._value
        return self._space(value)

    def make_vjp(self, fun: Callable[..., Any], x: Any) -> tuple[Callable[[Any], Any], Any]:
        """Return the reverse derivative of `fun` at an array or a tuple of such, and its value."""
        several = isinstance(x, tuple | list)
        points = list(x) if several else [x]
        trace = next(self.traces)
        roots = [Node(lambda _: (), (), next(self.ranks)) for _ in points]
        boxes = [self.box(p, trace, node) for p, node in zip(points, roots, strict=True)]
        end = fun(type(x)(boxes) if several else boxes[0])
        tracked = self.is_box(end) and end._trace == trace

        def pulled(upstream: Any) -> Any:
            found = self._back(end._node, upstream) if tracked else {}
            slopes = [
                found[node.rank] if node.rank in found else self.space(point).zeros()
                for node, point in zip(roots, points, strict=True)
            ]
            return type(x)(slopes) if several else slopes[0]

        return pulled, end._value if tracked else end

    def _back(self, end: Node, upstream: Any) -> dict[int, Any]:
        """Return the gradients by the roots, by their ranks."""
        slopes: dict[int, Any] = {end.rank: upstream}
        nodes = {end.rank: end}
        found: dict[int, Any] = {}
        while nodes:
            rank = max(nodes)
            node, slope = nodes.pop(rank), slopes.pop(rank)
            if not node.parents:
                found[rank] = slope
            for parent, part in zip(node.parents, node.pull(slope), strict=False):
                nodes[parent.rank] = parent
                slopes[parent.rank] = self._joined(slopes.get(parent.rank), part)
        return found

    def _joined(self, before: Any, part: Any) -> Any:
        if hasattr(part, "mut_add") and hasattr(part, "vs"):  # a gradient of a few places
            start = part.vs.zeros() if before is None else asarray(before).copy()
            return part.mut_add(start)
        return part if before is None else before + part


class AutogradGradient:
    """The gradient that autograd makes of a program, as a program.

    Parameters
    ----------
    program
        The program, which uses ``autograd.numpy``.
    argnums
        The arguments that it is differentiated by.
    """

    def __init__(self, program: Callable[..., Any], argnums: tuple[int, ...]) -> None:
        self.program = program
        self.argnums = argnums
        self.__module__ = getattr(program, "__module__", type(program).__module__)

    def __call__(self, upstream: Any, *args: Any) -> Any:
        """Return the gradient in floats."""
        pull, _ = import_module("autograd").make_vjp(self.program, self.argnums)(*args)
        return tuple(pull(upstream))

    def rebound(self, session: Session) -> Callable[..., Any]:
        """Return the gradient in exact arithmetic."""
        tape = session if isinstance(session, AutogradSession) else AutogradSession(session.home)
        program = tape.rebind(self.program)

        def gradient(upstream: Any, *args: Any) -> Any:
            def varied(points: tuple[Any, ...]) -> Any:
                given = list(args)
                for k, point in zip(self.argnums, points, strict=True):
                    given[k] = point
                return program(*given)

            pull, _ = tape.make_vjp(varied, tuple(args[k] for k in self.argnums))
            return tuple(pull(upstream))

        return gradient


def gradient_of(program: Callable[..., Any], argnums: tuple[int, ...]) -> Callable[..., Any]:
    """Return the gradient that autograd makes of a program.

    Raises
    ------
    UnsupportedError
        If the program does not use autograd.
    """
    if "autograd" in sys.modules and reaches(program, _is_autograd):
        return AutogradGradient(program, argnums)
    raise UnsupportedError(
        "NumPy makes no gradients of its own",
        found="a NumPy program without autograd.numpy",
        remedy="hand in the gradient that is checked, or name the framework if it is another",
    )
