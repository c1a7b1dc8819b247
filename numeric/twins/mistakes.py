"""What a user's program raises, told as one error with his line.

Guarantees: an exception inside the program comes out as a `DeclarationError` that names the file
and line in the program and the message; errors of gradproof pass unchanged.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ...symbolic.errors import DeclarationError, GradproofError
from .run import is_user_file


@contextmanager
def reported() -> Iterator[None]:
    """Turn an exception of the user's program into one error with his line.

    Raises
    ------
    DeclarationError
        For any exception that is not one of gradproof's.
    """
    try:
        yield
    except GradproofError:
        raise
    except Exception as error:
        message = " ".join(str(error).split("\n")[0].split())
        raise DeclarationError(
            "a program runs on the inputs that it is given",
            found=f"{type(error).__name__} at {place_of(error)}: {message}",
            remedy="give it inputs of the shapes and types that it expects",
        ) from error


def place_of(error: BaseException) -> str:
    """Return file and line of the innermost frame of the user's program that raised `error`."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [f for f in frames if is_user_file(f.filename)]
    return f"{Path(own[-1].filename).name}:{own[-1].lineno}" if own else "a library"
