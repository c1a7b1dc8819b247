"""Silence around a call: what it prints is kept, what it warns of is not.

Guarantees: streams, warning filters and NumPy's error state are afterwards as they were.
Cannot see: what is written past Python, straight to a file descriptor.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from io import StringIO

import numpy as np

SHOWN = 60
"""How many characters of what is printed are told."""


@contextmanager
def quiet() -> Iterator[StringIO]:
    """Run the block without output and warnings; what it prints is in the stream."""
    text = StringIO()
    with (
        redirect_stdout(text),
        redirect_stderr(text),
        warnings.catch_warnings(),
        np.errstate(all="ignore"),
    ):
        warnings.simplefilter("ignore")
        yield text


def complaint_of(text: str) -> tuple[str, ...]:
    """Return the complaint about what was printed, if anything was."""
    return (f"prints {text[:SHOWN]!r}",) if text else ()
