"""What a program is meant to compute: a declared loss, or another program, at exact points.

Guarantees: the values are balls around the exact ones; a loss is evaluated from its formula alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from sympy import IndexedBase, Symbol

from ...numeric.elements import Element, is_finite, working_precision
from ...numeric.evaluator import compile_expression
from ...numeric.point import Point
from ...numeric.run import Run as SymbolicRun
from ...numeric.twins import FloatArgument, Program, Twin, exact
from ...numeric.twins.evaluation import numbers_of, outputs
from ...numeric.twins.run import Run, Undecided
from ...symbolic.errors import DeclarationError
from ...symbolic.loss import Loss
from ...symbolic.vocabulary import n, y
from .inputs import TwinPoint

Expected: TypeAlias = Callable[[TwinPoint, int, bool], list[Element]]
"""The values that are expected at a point: with how many bits, and whether in a loose run.

The constants of a formula are exact, so that it is the same in a loose run.
"""


@dataclass(frozen=True, slots=True)
class Meant:
    """What a program is meant to compute, as enclosures that a function returns.

    Attributes
    ----------
    values
        From a point and the bits to the values; `Undecided` is raised where more bits are needed.
    title
        What it is, in a few words.
    """

    values: Callable[[TwinPoint, int], list[Element]]
    title: str


def expected_values(
    intended: Loss | Program | Twin | Meant, dtype: str, values: Mapping[Any, Any]
) -> Expected:
    """Return the values that are meant, as a function of a point and the bits.

    Parameters
    ----------
    intended
        A `Loss`, a program or its twin, or a `Meant`.
    dtype
        The float dtype of a program's arguments.
    values
        Values of symbols of a loss that no argument stands for.
    """
    if isinstance(intended, Meant):
        meant = intended.values
        return lambda point, bits, _loose: meant(point, bits)
    if isinstance(intended, Loss):
        return _of_loss(intended, values)
    twin = intended if isinstance(intended, Twin) else exact(intended, dtype=dtype)

    def of_program(point: TwinPoint, bits: int, loose: bool) -> list[Element]:
        arguments = point.arguments(dtype)
        inputs = [a for a in arguments if isinstance(a, FloatArgument)]
        executable = twin.trace(arguments)
        arrays = outputs(executable, inputs, bits, Run(loose))
        return [number.value for number in numbers_of(arrays)]

    return of_program


def _of_loss(loss: Loss, values: Mapping[Any, Any]) -> Expected:
    program = compile_expression(loss.value)
    families = {str(b): b for b in loss.value.atoms(IndexedBase)}
    symbols = {str(s): s for s in loss.value.free_symbols if isinstance(s, Symbol)}

    def of_loss(point: TwinPoint, bits: int, _loose: bool) -> list[Element]:
        given: dict[Any, Any] = {n: point.n, **values}
        for spec, numbers in zip(point.inputs, point.values, strict=True):
            if spec.kind == "label":
                given[symbols.get(spec.name, y)] = int(numbers[0]) + 1
            elif spec.name in families:
                given[families[spec.name]] = tuple(numbers)
            elif spec.name in symbols:
                given[symbols[spec.name]] = numbers[0]
            else:
                raise DeclarationError(
                    "an argument stands for a symbol of the loss by its name",
                    found=f"{spec.name!r}; {loss.name} has {', '.join([*families, *symbols])}",
                    remedy="name the input, as in targets(name='p')",
                )
        run = SymbolicRun(Point(given))
        with working_precision(bits):
            value = program(run)
        if is_finite(value):
            return [value]
        if run.undefined:
            return [float("nan")]
        raise Undecided  # a logarithm of a ball around 0, say

    return of_loss
