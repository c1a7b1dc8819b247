"""The exact twin of a program: its value and derivatives without rounding, to any accuracy.

Guarantees: every number returned is an enclosure of what the program computes at exactly the inputs
given, with every operation exact and its constants the floats they are.
Derivatives are those of the forward program; `Twin.backward` is the twin of the gradient that the
framework or a custom rule makes, another program.
Cannot see: equality of numbers that are not rational; a comparison of two such that are equal ends
in `PrecisionError`.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any, TypeAlias

import numpy as np
from flint import fmpq

from ...symbolic.errors import DeclarationError, PrecisionError
from ..elements import ONE, Element, rational
from ..floats import to_fraction
from ..run import KinkError
from . import evaluation
from .adaptor import Adaptor, Executable, Program, detect, find_adaptor
from .arguments import Argument, FloatArgument, argument
from .arrays import from_numbers
from .results import enclose, enclosed, joined, place_of, to_digits
from .run import Run

Result: TypeAlias = Any
"""An `Enclosure`, a float that is infinite or nan, or an object array of such."""


class Twin:
    """A program in exact arithmetic; made by `exact`.

    Attributes
    ----------
    program
        The user's callable.
    framework
        The name of the framework it is written in.
    dtype
        The float dtype of its float arguments, None for that of what is handed in.
    """

    def __init__(
        self,
        program: Program,
        framework: str,
        dtype: str | None = None,
        gradient: Program | None = None,
    ) -> None:
        self.program = program
        self.framework = framework
        self.dtype = dtype
        self._gradient = gradient
        self._traced: dict[Any, Executable] = {}

    @property
    def adaptor(self) -> Adaptor:
        """The border to the framework."""
        return find_adaptor(self.framework)

    def arguments(self, *args: Any) -> list[Argument]:
        """Return what the program receives, with floats as exact numbers of its dtype."""
        return [argument(a, self.dtype) for a in args]

    def trace(self, arguments: Sequence[Argument]) -> Executable:
        """Return the traced program for the shapes and the fixed arguments of `arguments`."""
        key = tuple(
            (a.shape, a.dtype) if isinstance(a, FloatArgument) else a.key for a in arguments
        )
        if key not in self._traced:
            self._traced[key] = self.adaptor.trace(self.program, arguments)
        return self._traced[key]

    def backward(self, argnums: int | Sequence[int] = 0) -> Twin:
        """Return the twin of the gradient by the float arguments at `argnums`.

        It takes the upstream gradient in front of the arguments of the program.
        It is the `gradient` handed to `exact`, or what the framework makes of the program.

        Raises
        ------
        UnsupportedError
            If there is neither.
        """
        chosen = (argnums,) if isinstance(argnums, int) else tuple(argnums)
        program = self._gradient or self.adaptor.gradient(self.program, chosen)
        return Twin(program, self.framework, self.dtype)

    def value(self, *args: Any, digits: int = 30) -> Result:
        """Return the value of the program at `args`.

        Parameters
        ----------
        args
            What the program takes: floats, fractions or arrays of such are exact inputs; integers
            and other things are handed through.
        digits
            Significant digits wanted; a number that may be 0 has fewer.

        Raises
        ------
        PrecisionError
            If a comparison in the program is not decided.
        UnsupportedError
            If the program does something that has no rule, or is random.
        DeclarationError
            If the program raises an exception.

        Examples
        --------
        >>> import numpy as np
        >>> def loss(z):
        ...     return np.log(np.sum(np.exp(z))) - z[0]
        >>> exact(loss).value([40.0, 0.0, -3.0]).text(20)
        '4.4598673590506970340...e-18'
        """
        arguments, inputs = self._split(args)
        executable = self.trace(arguments)
        arrays = to_digits(
            lambda bits: evaluation.outputs(executable, inputs, bits),
            lambda found: [n.value for a in found for n in a.ravel() if a.dtype == object],
            digits,
        )
        results = [enclosed(a) if a.dtype == object else a for a in arrays]
        return results[0] if len(results) == 1 else tuple(results)

    def derivative(
        self, *args: Any, direction: Sequence[Any], argnum: int = 0, digits: int = 30
    ) -> tuple[Result, Result]:
        """Return value and directional derivative of a program with one output, in one pass.

        Parameters
        ----------
        args
            As for `value`.
        direction
            A number for each number of the argument at `argnum`.
        argnum
            Which argument moves.
        digits
            Significant digits wanted.

        Raises
        ------
        KinkError
            If branches meet at the point, from which the derivatives on both sides differ or may.
        """
        arguments, inputs = self._split(args)
        place = place_of(arguments, argnum)
        steps = [rational(to_fraction(v)) for v in np.asarray(direction, object).ravel()]
        if len(steps) != len(inputs[place].values):
            raise DeclarationError(
                "a direction has a number for each number of the argument",
                found=f"{len(steps)} for {len(inputs[place].values)}",
                remedy="give as many, 0 for what stays",
            )
        executable = self.trace(arguments)

        def attempt(bits: int) -> tuple[Element, Element, Run]:
            moves: list[list[Element | None]] = [[None] * len(a.values) for a in inputs]
            moves[place] = [s if s != 0 else None for s in steps]
            result, run = evaluation.directional(executable, inputs, moves, [ONE], bits)
            return result.value, fmpq(0) if result.slope is None else result.slope, run

        value, slope, run = to_digits(attempt, lambda found: list(found[:2]), digits)
        if run.ties:
            raise KinkError(
                "a derivative is taken where no branches of the program meet",
                found=f"a tie at {run.ties[0]}",
                remedy="ask gradient() for the derivatives on both sides, or move the point",
            )
        return enclose(value), enclose(slope)

    def gradient(self, *args: Any, argnums: int | Sequence[int] = 0, digits: int = 30) -> Result:
        """Return the gradient of the forward program, which has one output.

        Returns
        -------
        An array of enclosures for each of `argnums`, in a tuple if that is a sequence.

        Raises
        ------
        KinkError
            If branches meet at the point and the derivatives on both sides differ.
        """
        arguments, inputs = self._split(args)
        chosen = (argnums,) if isinstance(argnums, int) else tuple(argnums)
        places = [place_of(arguments, k) for k in chosen]
        executable = self.trace(arguments)
        sides = to_digits(
            lambda bits: evaluation.gradient(executable, inputs, places, [ONE], bits),
            lambda found: [side for s in found for side in (s.below, s.above)],
            digits,
        )
        results, start = [], 0
        for place in places:
            own = inputs[place]
            cells = [joined(s) for s in sides[start : start + len(own.values)]]
            results.append(from_numbers(cells, own.shape))
            start += len(own.values)
        return results[0] if isinstance(argnums, int) else tuple(results)

    def remarks(self, *args: Any) -> tuple[str, ...]:
        """Return what the twin reads differently from floats, such as dtype conversions."""
        arguments, inputs = self._split(args)
        executable = self.trace(arguments)
        run = Run()
        with suppress(PrecisionError):  # what was met before a comparison that stays open counts
            evaluation.rising(lambda bits: evaluation.outputs(executable, inputs, bits, run))
        return tuple(run.notes)

    def _split(self, args: Sequence[Any]) -> tuple[list[Argument], list[FloatArgument]]:
        arguments = self.arguments(*args)
        return arguments, [a for a in arguments if isinstance(a, FloatArgument)]


def exact(
    program: Program,
    *,
    framework: str | None = None,
    dtype: str | None = None,
    gradient: Program | None = None,
) -> Twin:
    """Return the exact twin of a program: the same callable, run in exact arithmetic.

    Parameters
    ----------
    program
        A callable of arrays that returns a loss or a gradient: NumPy code, or a function of
        PyTorch, JAX or Keras.
    framework
        ``"numpy"``, ``"torch"``, ``"jax"`` or ``"keras"``; found from what the code uses if not
        given.
    dtype
        The float dtype in which the program receives its float arguments; that of the arrays handed
        in if not given, float64 for Python numbers.
    gradient
        A gradient written by hand, for `Twin.backward`: a program of the upstream gradient and the
        arguments.

    Raises
    ------
    DeclarationError
        If `program` is not callable.
    UnsupportedError
        If its framework is not installed.
    """
    found = framework or detect(program)
    find_adaptor(found)
    return Twin(program, found, dtype, gradient)
