"""A program of a few lines that shows a finding by itself, without gradproof.

Guarantees: the numbers of the call are written exactly, and the callable is called in the manner
given; what cannot be copied into the program is imported, and a comment says so.
Cannot see: versions and settings of the framework that the other Python has; the state of objects
that a file makes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Literal

import numpy as np

from ...numeric.implementations.call import Call, Form, Returns
from ...numeric.implementations.manners import Manner
from .extraction import Extract, Extractor
from .source_text import POSTPONED

_RUN = 4  # equal numbers in a row that are written as one
_WIDTH = 100
_HOMES = {"numpy": "numpy", "autograd": "autograd.numpy", "torch": "torch", "jax": "jax.numpy"}
_NAMES = {"numpy": "np", "autograd.numpy": "np", "jax.numpy": "jnp"}


@dataclass(frozen=True)
class Shown:
    """What a program prints, and what it should be.

    Attributes
    ----------
    prints
        ``"gradient"`` or ``"value"``; ``"logits"`` or ``"target"`` for an argument after the call.
    expected
        What should be printed, as text.
    where
        What `expected` is, such as ``g[2]``; empty if it is all that is printed.
    """

    prints: Literal["gradient", "value", "logits", "target"] = "gradient"
    expected: str = ""
    where: str = ""

    @property
    def comment(self) -> str:
        """The comment that goes with what is printed."""
        if not self.expected:
            return ""
        place = f"{self.where}: " if self.where else ""
        return f"# {place}expected {' '.join(self.expected.split())}"


def make_reproducer(
    implementation: Callable[..., Any],
    call: Call,
    shown: Shown,
    *,
    framework: str,
    form: Form = "index",
    returns: Returns = "loss",
    gradient: Callable[..., Any] | None = None,
    manner: Manner | None = None,
    target_first: bool = False,
    origin: str = "",
) -> str:
    """Return the text of a Python program that makes a call and prints what came of it.

    Parameters
    ----------
    implementation
        What was called.
    call
        Its arguments.
    shown
        What to print.
    framework
        What it is written in; Keras runs on the backend that it is set to here.
    form, returns, gradient
        As for `gradproof.numeric.implementations.making.make_runner`.
    manner, target_first
        How it takes its arguments; by default, classes as the framework's arrays, logits first.
    origin
        ``FILE.py:NAME`` or ``module:NAME``, by which it is imported if it cannot be copied.
    """
    own_gradient = gradient if shown.prints != "value" else None
    if own_gradient is None:
        extract = Extractor().add(implementation, name="implementation", origin=origin)
    else:
        extract = Extractor().add(own_gradient, name="gradient")
    program = _Program(extract, call, framework, manner, target_first=target_first)
    differentiated = returns == "loss" and own_gradient is None and shown.prints != "value"
    program.define_arguments(form, tracked=differentiated)
    if shown.prints in ("logits", "target"):
        program.show_argument(shown, differentiated=differentiated)
    elif not differentiated:
        program.show_result(shown)
    else:
        program.show_derivative(shown)
    return program.text()


class _Program:
    """The text of a program, as it grows."""

    def __init__(
        self,
        extract: Extract,
        call: Call,
        framework: str,
        manner: Manner | None,
        *,
        target_first: bool,
    ) -> None:
        self._extract = extract
        self._call = call
        self._keras = framework == "keras"
        self._framework = _backend() if self._keras else framework
        self._home = _HOMES[self._framework]
        is_numpy = self._framework in ("numpy", "autograd")
        self._manner = manner or Manner("number" if is_numpy else "array")
        self._taken = extract.names()
        self._imports = ["import keras"] if self._keras else []
        self._lines: list[str] = []
        self._z, self._target = self._free("z"), self._free("target")
        arguments = [self._z, self._target]
        self._arguments = ", ".join(reversed(arguments) if target_first else arguments)
        self._target_first = target_first

    @property
    def _x64(self) -> bool:
        return self._framework == "jax" and self._call.dtype == "float64"

    @property
    def _many(self) -> bool:
        """Whether the callable may return several losses."""
        return self._manner.batched or np.ndim(self._call.logits) > 1

    @property
    def _result(self) -> str:
        return f"{self._extract.name}({self._arguments}){'.sum()' if self._many else ''}"

    def text(self) -> str:
        """Return the program."""
        extract, name = self._extract, self._framework
        x64 = [f'{self._module("jax")}.config.update("jax_enable_x64", True)'] if self._x64 else []
        imports = {*self._imports, *extract.imports}
        early = (["import os"] if self._keras else []) + (["import sys"] if extract.folders else [])
        settings = [f'os.environ["KERAS_BACKEND"] = "{name}"'] if self._keras else []
        settings += [f"sys.path.insert(0, {folder!r})" for folder in extract.folders]
        late = sorted(imports - set(early), key=lambda line: (line.startswith("from "), line))
        head = [[POSTPONED] if extract.postponed else [], early, settings, late, x64]
        top = "\n\n".join("\n".join(block) for block in head if block)
        gap = "\n\n\n" if extract.definitions else "\n\n"
        body = _spaced(extract.definitions)
        return gap.join([top, *body, "\n".join(self._lines)]) + "\n"

    def define_arguments(self, form: Form, *, tracked: bool) -> None:
        """Write logits and target down; the former are marked for PyTorch if `tracked`."""
        logits, target = np.asarray(self._call.logits), np.asarray(self._call.target)
        if self._manner.batched:
            logits, target = logits[None], target[None]
        marks = tracked or self._manner.tracked
        self._lines.append(f"{self._z} = {self._array(_numbers(logits), self._dtype(), marks)}")
        if form != "index":
            text = self._array(_numbers(target), self._dtype())
        elif target.ndim == 0 and self._manner.label == "number":
            text = str(int(target))
        else:
            text = self._array(str(target.tolist()), '"int32"' if self._x64 else "")
        self._lines.append(f"{self._target} = {text}")

    def show_result(self, shown: Shown) -> None:
        """Print what the callable returns."""
        if shown.prints == "value":
            self._print(f"float({self._result})", shown)
            return
        result = f"{self._extract.name}({self._arguments})"
        if self._framework in ("numpy", "autograd"):
            result = f"{self._module(self._home)}.asarray({result}, dtype=float)"
        self._print(f"{result}.tolist()", shown)

    def show_argument(self, shown: Shown, *, differentiated: bool) -> None:
        """Print the logits or the target as they are after the call."""
        backward = ".backward()" if differentiated and self._framework == "torch" else ""
        call = self._result if backward else f"{self._extract.name}({self._arguments})"
        self._lines.append(f"{call}{backward}")
        name = self._z if shown.prints == "logits" else self._target
        self._print(f"{name}.tolist()", shown)

    def show_derivative(self, shown: Shown) -> None:
        """Print the derivative of what the callable returns."""
        upstream = "" if self._call.upstream == 1 else repr(self._call.upstream)
        if self._framework == "torch":
            factor = f"torch.tensor({upstream}, dtype={self._dtype()})" if upstream else ""
            self._lines.append(f"{self._result}.backward({factor})")
            self._print(f"{self._z}.grad.tolist()", shown)
            return
        grad = f"{self._module(self._framework)}.grad"
        if self._many or upstream or self._target_first:
            factor = f"{upstream} * " if upstream else ""
            inner = f"lambda {self._z}: {factor}{self._result}"
            self._print(f"{grad}({inner})({self._z}).tolist()", shown)
        else:
            self._print(f"{grad}({self._extract.name})({self._arguments}).tolist()", shown)

    def _array(self, numbers: str, dtype: str, tracked: bool = False) -> str:
        make = "tensor" if self._framework == "torch" else "array"
        options = (f", dtype={dtype}" if dtype else "") + (
            ", requires_grad=True" if tracked and self._framework == "torch" else ""
        )
        return f"{self._module(self._home)}.{make}({numbers}{options})"

    def _dtype(self) -> str:
        name = self._call.dtype
        if self._framework == "torch":
            return f"torch.{name}"
        if self._framework == "numpy" and name == "bfloat16":
            return f"{self._module('ml_dtypes')}.bfloat16"
        return f'"{name}"'

    def _print(self, what: str, shown: Shown) -> None:
        line = f"print({what})"
        if len(line) + len(shown.comment) > _WIDTH - 2:
            self._lines.append(shown.comment)
        elif shown.comment:
            line += f"  {shown.comment}"
        self._lines.append(line)

    def _module(self, home: str) -> str:
        """Import a module and return the name that it has, its customary one if that is free."""
        name = _NAMES.get(home, home)
        line = f"import {home}" if name == home else f"import {home} as {name}"
        if line not in {*self._imports, *self._extract.imports}:
            if name in self._taken:
                name, line = home, f"import {home}"
            self._imports.append(line)
        return name

    def _free(self, name: str) -> str:
        """Return a name like this that nothing else has."""
        while name in self._taken:
            name += "_"
        return name


def _backend() -> str:
    """Return the backend that Keras is set to."""
    import keras

    return str(keras.backend.backend())


def _spaced(statements: Sequence[str]) -> list[str]:
    """Return statements as blocks: those of one line, functions apart, in one with the next."""
    blocks = groupby(statements, lambda s: "\n" not in s and not s.startswith("def "))
    return [
        block
        for is_short, group in blocks
        for block in (["\n".join(group)] if is_short else list(group))
    ]


def _numbers(values: Any) -> str:
    """Return nested lists of floats as Python; long runs of one number are repeated.

    >>> _numbers(np.array([17.0, *[0.0] * 5]))
    '[17.0, *[0.0] * 5]'
    """
    if values.ndim == 2:
        return f"[{', '.join(map(_numbers, values))}]"
    return f"[{', '.join(_runs([repr(v) for v in values.tolist()]))}]"


def _runs(texts: Sequence[str]) -> list[str]:
    parts: list[str] = []
    for text, group in groupby(texts):
        number = f'float("{text}")' if text.endswith(("inf", "nan")) else text
        count = len(list(group))
        parts += [f"*[{number}] * {count}"] if count > _RUN else [number] * count
    return parts
