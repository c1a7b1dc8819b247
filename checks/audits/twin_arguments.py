"""What the arguments of an audited implementation are to its exact twin.

Guarantees: the twin runs the implementation itself; only the order of arguments is changed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..twins.inputs import Input


def with_upstream(gradient: Callable[..., Any]) -> Callable[..., Any]:
    """Return a gradient written by hand as one that takes the upstream gradient first."""

    def scaled(upstream: Any, *args: Any) -> Any:
        return upstream * gradient(*args)

    scaled.__wrapped__ = gradient  # type: ignore[attr-defined]  # so that its framework is found
    return scaled


def logits_first(program: Callable[..., Any]) -> Callable[..., Any]:
    """Return a program of target and logits as one of logits and target."""

    def swapped(logits: Any, target: Any) -> Any:
        return program(target, logits)

    swapped.__wrapped__ = program  # type: ignore[attr-defined]  # so that its framework is found
    return swapped


def twin_inputs(
    form: str, takes: str, exclusive: bool, batched: bool = False, arrays: bool = False
) -> tuple[Input, ...]:
    """Return what the arguments of an implementation are, for its twin.

    Parameters
    ----------
    form, takes
        How it takes its target, and whether logits or probabilities.
    exclusive
        Whether the classes exclude each other.
    batched
        Whether it takes batches alone, so that it gets one of one row.
    arrays
        Whether a class is handed in as an array.
    """
    shape: tuple[int | str, ...] = (1, "n") if batched else ("n",)
    first = Input("logits", shape, "z") if takes == "logits" else Input("probabilities", shape, "q")
    second = {
        "index": Input("label", (1,) if batched else (), "y", arrays),
        "one-hot": Input("one_hot", shape, "p"),
        "soft": Input("targets" if exclusive else "bits", shape, "p"),
        "kernel": Input("positive", shape, "K"),
    }[form]
    return first, second
