"""Lines of the user's program that the equations of a jaxpr come from.

Guarantees: a line that is given belongs to the trace of this equation; where JAX kept none, a word
stands in its place and nothing fails.
"""

from __future__ import annotations

import sysconfig
from pathlib import Path
from typing import Any

from .run import is_target

OWN = str(Path(__file__).resolve().parents[1])
"""The folder whose frames are never the user's."""

_STANDARD = sysconfig.get_path("stdlib")
_LIBRARIES = ("site-packages", "dist-packages", "<frozen")
_JAX = ("/jax/", "\\jax\\")


def is_library(file: str) -> bool:
    """Tell whether a file is part of Python or of an installed package, but for our targets."""
    return not is_target(file) and _is_installed(file)


def _is_installed(file: str) -> bool:
    return file.startswith(_STANDARD) or any(part in file for part in _LIBRARIES)


def _frames(equation: Any) -> list[Any]:
    """Return the frames of an equation inside the program, the innermost first."""
    try:
        frames = list(equation.source_info.traceback.frames)
    except AttributeError:  # JAX can be told to keep no tracebacks
        return []
    own = next((k for k, f in enumerate(frames) if f.file_name.startswith(OWN)), len(frames))
    return frames[:own]


def _shown(frame: Any) -> str:
    return f"{Path(frame.file_name).name}:{frame.line_num}"


def _is_jax(file: str) -> bool:
    return is_library(file) and any(part in file for part in _JAX)


def line_of(equation: Any) -> str | None:
    """Return file and line of the innermost frame that is the user's; None if there is none."""
    frames = (f for f in _frames(equation) if not is_library(f.file_name))
    return next((_shown(f) for f in frames), None)


def library_line_of(equation: Any) -> str | None:
    """Return file and line of the innermost frame outside of JAX; None if there is none."""
    frames = _frames(equation)
    outside = (f for f in frames if not _is_jax(f.file_name) and f.file_name[:1] != "<")
    return next((_shown(f) for f in outside if not f.file_name.startswith(_STANDARD)), None)


def is_inside_jax(equation: Any) -> bool:
    """Tell whether JAX's own code asked for an equation that stops gradients."""
    frames = _frames(equation)
    inner = [k for k, f in enumerate(frames) if f.function_name == "stop_gradient"]
    callers = frames[inner[-1] + 1 :] if inner else frames
    return bool(callers) and _is_jax(callers[0].file_name)
