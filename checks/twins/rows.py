"""The table of targets: for each, whether its backward is its derivative and its forward the loss.

Guarantees: a target that has no twin, or that fails on the way, is a row that says so, no pass.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ...numeric.floats import FORMATS
from ...symbolic.errors import DeclarationError, EngineConflict, GradproofError
from .agreement import Outcome
from .comparing import check_backward, check_forward
from .comparison import Comparison
from .rounding import FloatError, float_error
from .target import Target


@dataclass(frozen=True)
class Row:
    """What was found of one target.

    Attributes
    ----------
    target
        The target.
    dtype
        The float dtype of its arguments.
    backward, forward
        The two comparisons; an error where there is no twin; no forward where nothing is intended.
    error
        The float run of the forward; None if it was left out.
    """

    target: Target
    dtype: str
    backward: Comparison | GradproofError
    forward: Comparison | GradproofError | None
    error: FloatError | GradproofError | None

    @property
    def findings(self) -> list[Comparison]:
        """The comparisons that found a difference."""
        parts = [p for p in (self.backward, self.forward) if isinstance(p, Comparison)]
        return [p for p in parts if p.outcome is Outcome.DIFFERENT]

    @property
    def has_twin(self) -> bool:
        """Whether both comparisons could be made."""
        return not any(isinstance(p, GradproofError) for p in (self.backward, self.forward))

    @property
    def is_right(self) -> bool:
        """Whether every comparison that was made found agreement, but for rounded constants."""
        parts = [p for p in (self.backward, self.forward) if p is not None]
        return all(isinstance(p, Comparison) and p.is_correct for p in parts)

    def to_json(self) -> dict[str, Any]:
        """Return the row as JSON data."""

        def part(value: Any) -> Any:
            if value is None or isinstance(value, GradproofError):
                return value and {"error": str(value)}
            return value.to_json()

        return {
            "target": self.target.name,
            "dtype": self.dtype,
            "intended": self.target.meaning,
            "backward": part(self.backward),
            "forward": part(self.forward),
            "float_run": self.error and str(self.error),
        }


def rows(
    targets: Sequence[Target],
    *,
    dtype: str | None = None,
    digits: int = 30,
    seed: int = 0,
    floats: bool = True,
) -> Iterator[Row]:
    """Yield a row for each target as soon as it is found.

    Parameters
    ----------
    targets
        The targets.
    dtype
        The float dtype of the arguments: float64 for NumPy and float32 for the others, if not
        given, as the frameworks have it.
    digits, seed
        As for `check_backward`.
    floats
        Whether to look at the float run of each forward too.

    Raises
    ------
    DeclarationError
        If there is no such dtype.
    """
    if dtype is not None and dtype not in FORMATS:
        raise DeclarationError(
            f"a float dtype is one of {', '.join(FORMATS)}", found=dtype, remedy="name one"
        )
    for target in targets:
        usual = "float64" if target.framework == "numpy" else "float32"
        yield _row(target, dtype or usual, digits, seed, floats)


def _row(target: Target, dtype: str, digits: int, seed: int, floats: bool) -> Row:
    common: dict[str, Any] = {
        "framework": target.framework,
        "dtype": dtype,
        "sizes": target.sizes,
        "digits": digits,
        "seed": seed,
    }
    backward: Comparison | GradproofError
    forward: Comparison | GradproofError | None = None
    error: FloatError | GradproofError | None = None
    # A defect of gradproof itself, an `EngineConflict`, is no row: it goes on to the user.
    try:
        backward = check_backward(
            target.program,
            target.inputs,
            gradient=target.gradient,
            argnums=target.argnums,
            **common,
        )
    except EngineConflict:
        raise
    except GradproofError as found:
        backward = found
    try:
        if target.intended is not None:
            forward = check_forward(
                target.program, target.intended, target.inputs, values=target.values, **common
            )
    except EngineConflict:
        raise
    except GradproofError as found:
        forward = found
    try:
        if floats:
            error = float_error(
                target.program,
                target.inputs,
                framework=target.framework,
                dtype=dtype,
                sizes=target.sizes,
                seed=seed,
            )
    except GradproofError as found:
        error = found
    return Row(target, dtype, backward, forward, error)
