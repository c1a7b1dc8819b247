"""What is said about exact numbers: errors for conversions to floats, remarks, printed forms.

Guarantees: an error names the line of the user's program and, if there is one, the library function
that asked for floats; printing a number rounds it, and nothing else here does.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from flint import fmpq

from ...symbolic.errors import GradproofError, UnsupportedError
from .dual import Dual
from .registry import unsupported
from .run import current_run, user_line

_OWN = str(Path(__file__).resolve().parents[1])
LIBRARIES = ("site-packages", "dist-packages")


def is_library(file: str) -> bool:
    """Tell whether a source file belongs to Python or to an installed package."""
    return file.startswith(("<frozen", sys.base_prefix)) or any(part in file for part in LIBRARIES)


def is_own(file: str) -> bool:
    """Tell whether a source file belongs to the arithmetic of this package."""
    return file.startswith(_OWN)


def public_name(module: str, name: str) -> str:
    """Return the name of a library's function without the private parts of its module."""
    parts = [part for part in module.split(".") if not part.startswith("_")]
    return ".".join([*parts, name])


def library_function() -> str | None:
    """Return the function of a library that the user's program called last."""
    frame, found = sys._getframe(1), None
    while frame is not None:
        file = frame.f_code.co_filename
        if not file.startswith(_OWN):
            if not is_library(file):
                break
            found = public_name(frame.f_globals.get("__name__", ""), frame.f_code.co_name)
        frame = frame.f_back  # type: ignore[assignment]
    return found


class FloatsAskedError(UnsupportedError):
    """A function that is not exact asked for floats."""


_REFUSALS: ContextVar[list[GradproofError] | None] = ContextVar("refusals", default=None)


def recorded(error: GradproofError) -> GradproofError:
    """Return an error that is about to be raised, remembered in case the program swallows it."""
    refusals = _REFUSALS.get()
    if refusals is not None:
        refusals.append(error)
    return error


def refused(name: str) -> GradproofError:
    """Return the error for an operation without a rule."""
    return recorded(unsupported("numpy", name, user_line()))


@contextmanager
def unswallowed() -> Iterator[None]:
    """Raise at the end what was refused inside, even if the program went on after it.

    What a program does instead of a refused operation is not what it does with floats.
    """
    refusals: list[GradproofError] = []
    token = _REFUSALS.set(refusals)
    try:
        yield
    except Exception as error:
        # NumPy turns some refusals into errors of its own.
        if refusals and not isinstance(error, GradproofError):
            raise refusals[-1] from error
        raise
    finally:
        _REFUSALS.reset(token)
    if refusals:
        raise refusals[-1]


def no_floats() -> FloatsAskedError:
    """Return the error for exact numbers where floats are asked for."""
    name = library_function()
    what = f"{name} asks for floats" if name else "a compiled function asks for floats"
    remedy = (
        f'register its exact meaning: @gradproof.rule("numpy", "{name}")'
        if name
        else "compute it with functions of NumPy, math or scipy.special"
    )
    error = FloatsAskedError(
        "a number of an exact run is no float", found=f"{what} at {user_line()}", remedy=remedy
    )
    recorded(error)
    return error


def note_narrowing(before: np.dtype[Any], after: np.dtype[Any]) -> None:
    """Note the conversion of floats to a dtype that would round them."""
    if before.kind == after.kind == "f" and after.itemsize < before.itemsize:
        current_run().note(f"{before} to {after} at {user_line()}: an identity here")


def _nearest(value: Fraction) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def approximate(number: Dual) -> float:
    """Return a float near a number, to be printed."""
    value = number.value
    if isinstance(value, float):
        return value
    if isinstance(value, fmpq):
        return _nearest(Fraction(int(value.p), int(value.q)))
    return float(value.mid())
