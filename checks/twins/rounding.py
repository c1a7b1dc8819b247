"""How far the float run of a program falls from its exact meaning.

Guarantees: the exact value is enclosed to `DIGITS` digits at exactly the floats that the program
receives, so that the relative error shown is that of the run alone.
Cannot see: whether another program would do better there; a large error may be unavoidable.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from random import Random
from typing import Any

from ...numeric.elements import Element, to_ball, working_precision
from ...numeric.floats import FORMATS, round_to
from ...numeric.twins import FloatArgument, Program, Twin, exact
from ...numeric.twins.evaluation import numbers_of, outputs, rising
from ...numeric.twins.extended import about
from ...symbolic.errors import DeclarationError, PrecisionError
from .agreement import spell
from .inputs import Input, TwinPoint, label, logits
from .points import regime_points
from .settling import bits_for


@dataclass(frozen=True)
class FloatError:
    """The worst relative error of a float run over the points tried.

    Attributes
    ----------
    error
        The relative error: 1 where a result is 0 that should not be, infinite where it is no number
        or should be 0.
    point, where
        The point and the output that has it.
    exact, found
        The two values.
    points
        How many points were tried.
    """

    error: float
    points: int
    point: TwinPoint | None = None
    where: str = ""
    exact: str = ""
    found: str = ""

    def __str__(self) -> str:
        if self.point is None:
            return f"no error at {self.points} points"
        size = "no number" if math.isinf(self.error) else f"relative error {self.error:.2g}"
        return f"{size} at {self.point}: {self.where} is {self.exact}, the float run's {self.found}"


def float_error(
    program: Program | Twin,
    inputs: Sequence[Input] = (logits(), label()),
    *,
    framework: str | None = None,
    dtype: str = "float32",
    sizes: Sequence[int] = (2, 3),
    seed: int = 0,
) -> FloatError:
    """Return the worst relative error of a program's float run over the regimes.

    Parameters
    ----------
    program
        The program, or its twin; `Twin.backward` of a program for its gradient.
    inputs, framework, dtype, sizes, seed
        As for `check_backward`.
    """
    twin = (
        program if isinstance(program, Twin) else exact(program, framework=framework, dtype=dtype)
    )
    worst, count = FloatError(0.0, 0), 0
    refused: DeclarationError | PrecisionError | None = None
    for _, point in regime_points(tuple(inputs), tuple(sizes), Random(seed)):
        try:
            found = max(_errors(twin, point, dtype), key=lambda e: e.error)
        except (DeclarationError, PrecisionError) as error:
            refused = error
            continue
        count += 1
        if found.error > worst.error:
            worst = found
    if refused is not None and not count:
        raise refused
    return FloatError(worst.error, count, worst.point, worst.where, worst.exact, worst.found)


def _errors(twin: Twin, point: TwinPoint, dtype: str) -> list[FloatError]:
    """Return the error of each output at a point."""
    arguments = [_representable(a, dtype) for a in point.arguments(dtype)]
    floats = [a for a in arguments if isinstance(a, FloatArgument)]
    executable, bits = twin.trace(arguments), bits_for(point)
    arrays = rising(lambda b: outputs(executable, floats, b), bits, bits)
    own = [v for a in twin.adaptor.floats(twin.program, arguments) for v in a.ravel()]
    with working_precision(bits):
        return [
            FloatError(
                _relative(number.value, float(found)),
                1,
                point,
                f"output {place}",
                spell(number.value),
                repr(float(found)),
            )
            for place, (number, found) in enumerate(zip(numbers_of(arrays), own, strict=False))
        ]


def _representable(argument: Any, dtype: str) -> Any:
    if not isinstance(argument, FloatArgument):
        return argument
    return argument.replaced([round_to(Fraction(v), FORMATS[dtype]) for v in argument.values])


def _relative(value: Element, found: float) -> float:
    if isinstance(value, float):
        return 0.0 if value == found or (value != value and found != found) else math.inf
    if not math.isfinite(found):
        return math.inf
    ball = to_ball(value)
    if ball.contains(0):  # the value may be what was found, or is 0 for all that can be told
        return 0.0 if ball.contains(found) else math.inf
    return about(abs(ball - found) / abs(ball))
