"""What options of several commands mean."""

from __future__ import annotations

import os
from importlib.util import find_spec

import click


def numbers(text: str | None, option: str, least: int) -> tuple[int, ...] | None:
    """Return whole numbers written with commas between them; None if none are given.

    Raises
    ------
    click.BadParameter
        If the text is no such list, or a number is below `least`.
    """
    if text is None:
        return None
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isdecimal() and int(part) >= least for part in parts):
        raise click.BadParameter(
            f"{text!r} is no list of numbers from {least} on", param_hint=option
        )
    return tuple(int(part) for part in parts)


def choose_backend(backend: str | None) -> None:
    """Set the backend of Keras, which reads it once, as it is imported.

    Without a wish it is the first one installed, unless the environment names one.
    """
    installed = [name for name in ("jax", "torch") if find_spec(name)]
    if backend is not None:
        os.environ["KERAS_BACKEND"] = backend
    elif installed:
        os.environ.setdefault("KERAS_BACKEND", installed[0])
