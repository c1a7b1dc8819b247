"""One run of a program in exact arithmetic: what it met on the way.

Guarantees: what is noted here happened in the run; nothing is decided here.
A run is found by a context variable, because the user's program calls the arithmetic and cannot
hand a run through.
"""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from fractions import Fraction
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np

from ..elements import Element, fraction, working_precision

FIRST_BITS = 128
"""The precision of a first run."""

LAST_BITS = 2**15
"""The precision at which an open comparison is given up."""


class Undecided(BaseException):
    """A comparison or a domain that this precision leaves open; a run at a higher one may not.

    Not an `Exception`, so that no ``except Exception`` of the user's program swallows it.
    """


class TieMet(BaseException):
    """Two sides of a comparison are exactly equal where the derivative depends on the side."""


class Run:
    """Notes of one run.

    Attributes
    ----------
    ties
        Where two sides that depend on the inputs were exactly equal, as the user's lines.
    flat
        Those ties that the first-order direction does not resolve.
    gaps
        Comparisons by line and constant, how far their sides were apart and how fast that changes
        along the direction of the run; None if nobody asks.
    thresholds
        Constants that values depending on the inputs were compared with.
    notes
        Remarks on what the twin reads differently from floats, such as dtype conversions.
    origins
        What operations gave, by operation and operands.
    outcomes
        The outcomes of all comparisons in their order: the branch that was taken.
    loose
        Whether a constant of the program stands for any number that rounds to it.
    place
        Tells the line of the user's program that is being run.
    tape
        The linear maps of a reverse accumulation, in the order they were made.
    """

    __slots__ = (
        "flat",
        "gaps",
        "loose",
        "notes",
        "origins",
        "outcomes",
        "place",
        "tape",
        "thresholds",
        "ties",
    )

    def __init__(self, loose: bool = False) -> None:
        self.loose = loose
        self.ties: list[str] = []
        self.flat: list[str] = []
        self.gaps: list[tuple[str, float, float]] | None = None
        self.thresholds: dict[Fraction, str] = {}
        self.notes: dict[str, None] = {}
        self.origins: dict[Any, tuple[Any, ...]] = {}
        self.outcomes: list[int] = []
        self.place: Callable[[], str] = user_line
        self.tape: list[tuple[tuple[Element, int], ...]] = []

    def note(self, text: str) -> None:
        """Keep a remark once."""
        self.notes.setdefault(text)

    def watch(self, constant: Element) -> None:
        """Remember a constant that something depending on the inputs is compared with."""
        if isinstance(constant, float):
            return
        if constant.__class__.__name__ == "fmpq" or constant.is_exact():
            self.thresholds.setdefault(fraction(constant), self.place())


_CURRENT: ContextVar[Run | None] = ContextVar("gradproof_twin_run", default=None)


def current_run() -> Run:
    """Return the run in progress; notes made outside any run are dropped."""
    return _CURRENT.get() or Run()


@contextmanager
def running(run: Run, bits: int) -> Iterator[Run]:
    """Make `run` the run in progress, computing with `bits` bits."""
    token = _CURRENT.set(run)
    try:
        # Infinities inside object arrays would make NumPy warn of what is meant.
        with working_precision(bits), np.errstate(all="ignore"):
            yield run
    finally:
        _CURRENT.reset(token)


_NOT_THE_USERS = (
    f"{Path(__file__).resolve().parents[1]}{os.sep}",
    # Not the prefix of Python, below which a user may have programs: it may be /usr.
    f"{sysconfig.get_path('stdlib')}{os.sep}",
    "<frozen",
)
_TARGETS = str(Path(__file__).resolve().parents[2] / "checks" / "twins")
_LIBRARIES = ("site-packages", "dist-packages")


def is_target(name: str) -> bool:
    """Tell whether a file holds programs that gradproof brings as targets."""
    return name.startswith(_TARGETS) and name.endswith("_targets.py")


def is_user_file(name: str) -> bool:
    """Tell whether a file belongs to the user's program: neither gradproof's nor a library's.

    The programs that gradproof brings as targets count as such, however it is installed.
    """
    if is_target(name):
        return True
    return not name.startswith(_NOT_THE_USERS) and not any(part in name for part in _LIBRARIES)


_BORDER = tuple(
    str(Path(__file__).resolve().with_name(f"{name}.py"))
    for name in ("torch_adaptor", "jax_adaptor", "numpy_adaptor", "numpy_autograd", "evaluation")
)
"""Where gradproof calls a program: what lies further out is no part of it."""


def user_line() -> str:
    """Return file and line of the innermost frame that belongs to the user's program.

    There is none in what a framework does by itself, such as its backward passes.
    """
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename not in _BORDER:
        if is_user_file(frame.f_code.co_filename):
            return f"{Path(frame.f_code.co_filename).name}:{frame.f_lineno}"
        frame = frame.f_back
    return "a library"
