"""Rules: what a primitive operation of a framework means on arrays of numbers.

A rule is looked up by framework and name; a missing one is one error that names the primitive, the
line of the user's program, and how to register a rule.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from ...symbolic.errors import UnsupportedError

Rule: TypeAlias = Callable[..., Any]

RULES: dict[str, dict[str, Rule]] = {"jax": {}, "numpy": {}, "torch": {}}
"""The rules of each framework by the name of the primitive."""


class UnsupportedPrimitive(UnsupportedError):
    """A program uses an operation that the exact twin has no rule for."""


class ImpureProgramError(UnsupportedError):
    """A program is random, or does not give the same result for the same inputs."""


def rule(framework: str, *names: str) -> Callable[[Rule], Rule]:
    """Register a function as the exact meaning of a primitive.

    Parameters
    ----------
    framework
        ``"jax"``, ``"torch"`` or ``"numpy"``.
    names
        The names of the primitives: of a jaxpr, of an ATen operation with or without its overload
        (``"add.Tensor"`` or ``"add"``), of a NumPy function.

    Float arrays reach the rule as NumPy object arrays of exact numbers, on which ``+ - * /``,
    comparisons and NumPy's own structural functions work; integers and booleans as plain arrays.
    For a smooth function of one number see `smooth_rule`.

    Examples
    --------
    >>> from gradproof.numeric.twins import rule
    >>> @rule("numpy", "my_cube")
    ... def my_cube(x):
    ...     return x * x * x
    """
    if framework not in RULES:
        raise UnsupportedError(
            f"a rule belongs to one of {', '.join(RULES)}", found=framework, remedy="name one"
        )

    def register(function: Rule) -> Rule:
        for name in names:
            RULES[framework][name] = function
        return function

    return register


def find_rule(framework: str, *names: str) -> Rule | None:
    """Return the rule registered first among `names`; None if there is none."""
    table = RULES[framework]
    return next((table[name] for name in names if name in table), None)


def unsupported(framework: str, name: str, place: str) -> UnsupportedPrimitive:
    """Return the error for a primitive without a rule."""
    return UnsupportedPrimitive(
        "an exact twin knows the exact meaning of each operation of the program",
        found=f"{framework}'s {name} at {place}",
        remedy=f'register it: @gradproof.rule("{framework}", "{name}") above a function of NumPy '
        "object arrays that returns its value",
    )


def impure(reason: str, place: str) -> ImpureProgramError:
    """Return the error for a random or stateful program."""
    return ImpureProgramError(
        "an exact twin is a function of its inputs alone",
        found=f"{reason} at {place}",
        remedy="hand random numbers and state in as arguments, or switch them off",
    )
