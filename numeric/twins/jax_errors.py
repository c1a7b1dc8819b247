"""Errors that a user's program raises while it is traced, as errors of gradproof.

Guarantees: the text names the kind of the error, its first line and the user's line.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

import jax

from ...symbolic.errors import DeclarationError, GradproofError, UnsupportedError
from .jax_places import OWN, is_library

_BRANCHES = (
    jax.errors.ConcretizationTypeError,
    jax.errors.NonConcreteBooleanIndexError,
    jax.errors.TracerArrayConversionError,
    jax.errors.TracerIntegerConversionError,
)


@contextmanager
def explained(program: Any) -> Iterator[None]:
    """Turn what `program` raises inside the block into an error of gradproof.

    Raises
    ------
    UnsupportedError
        If Python needs a number that only a run gives.
    DeclarationError
        For any other error of the program.
    """
    try:
        yield
    except GradproofError:
        raise
    except _BRANCHES as error:
        raise UnsupportedError(
            "what a JAX program does in Python does not depend on the values of its arrays",
            found=_found(error, program),
            remedy="choose with jnp.where or jax.lax.cond, compute with jax.numpy, and hand in as "
            "plain integers what Python needs",
        ) from None
    except Exception as error:
        raise DeclarationError(
            "a program runs on arguments of the given shapes and dtypes",
            found=_found(error, program),
            remedy="call the program itself with such arrays, and mend it or the arguments",
        ) from None


def _found(error: Exception, program: Any) -> str:
    text = str(error).strip()
    first = text.splitlines()[0] if text else "no message"
    where = _line(error.__traceback__) or getattr(program, "__name__", "the program")
    return f"{type(error).__name__}: {first} ({where})"


def _line(traceback: TracebackType | None) -> str | None:
    """Return file and line of the innermost frame inside the program that is the user's."""
    found, inside = None, False
    while traceback is not None:
        file = traceback.tb_frame.f_code.co_filename
        if file.startswith(OWN):
            inside = True
        elif inside and not is_library(file):
            found = f"{Path(file).name}:{traceback.tb_lineno}"
        traceback = traceback.tb_next
    return found
