"""What an implementation handed back, as numbers that are checked.

Guarantees: what passes is an array of floats of a shape that means something; what does not is told
in one line: what was found, what was expected, what to do.
Cannot see: whether numbers of the right shape are the right ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .call import Array, Reduction, Returns


class BadResult(Exception):
    """What was handed back is neither a gradient nor a loss."""

    def __init__(self, found: str, expected: str, remedy: str, *, verb: str = "returns") -> None:
        super().__init__(f"{verb} {found}, expected {expected}: {remedy}")


@dataclass(frozen=True, eq=False)
class Numbers:
    """Floats that were handed back.

    Attributes
    ----------
    values
        As float64, which holds them exactly; only ``numpy.longdouble`` is rounded.
    dtype
        The name of their dtype; ``"float"`` for a Python float, which has none.
    """

    values: Array
    dtype: str

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape."""
        return self.values.shape


def numbers_of(array: Any, noun: str) -> Numbers:
    """Return a NumPy array, its dtypes of `ml_dtypes` included, as numbers.

    They are copied, since the implementation may write to its array again.

    Parameters
    ----------
    array
        The array.
    noun
        What the framework calls an array.

    Raises
    ------
    BadResult
        If its dtype is no float dtype.
    """
    dtype = str(array.dtype.name)
    if not dtype.startswith(("float", "bfloat", "longdouble")):
        raise bad_dtype(dtype, noun)
    return Numbers(np.asarray(array).astype(np.float64), dtype)


def bad_dtype(dtype: str, noun: str) -> BadResult:
    """Return the complaint of numbers that are no floats."""
    return BadResult(
        f"{noun} of dtype {dtype}", "floats", "compute in the dtype that the logits have"
    )


def bad_type(result: Any, noun: str, name: str) -> BadResult:
    """Return the complaint of something that is no array of the framework.

    Parameters
    ----------
    result
        What was handed back.
    noun
        What the framework calls an array.
    name
        The framework.
    """
    found, remedy = _described(result), f"return {noun} of {name}"
    if result is None:
        remedy = "end the function with a return statement"
    elif isinstance(result, tuple | list | dict):
        remedy = "return one of its parts, as by lambda z, y: f(z, y)[0]"
    elif isinstance(result, bool | int):
        remedy = f"return {noun} of {name} in the dtype that the logits have"
    elif isinstance(result, float | np.ndarray | np.generic):
        remedy = f"stay in {name}: no float(), .item() or .numpy() on the way"
    elif callable(result):
        remedy = "hand in the function itself, not what makes it"
    return BadResult(found, noun, remedy)


def _described(result: Any) -> str:
    if result is None:
        return "None"
    kind = type(result)
    home = str(kind.__module__).partition(".")[0]
    name = kind.__name__ if home == "builtins" else f"{home}.{kind.__name__}"
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a result of some shape is.

    Attributes
    ----------
    returns
        A gradient or a loss.
    certain
        Whether the shape alone says so: one number for one class may be either.
    """

    returns: Returns
    certain: bool


def meaning_of(
    shape: tuple[int, ...],
    logits: tuple[int, ...],
    told: Returns | None,
    reduction: Reduction | None,
) -> Meaning:
    """Return what a result is, from its shape.

    Parameters
    ----------
    shape
        Of the result.
    logits
        The shape of the logits: (n,), or (B, n) for a batch.
    told
        What it is said to be; by default what its shape says, and a gradient in doubt.
    reduction
        Of the losses of a batch; by default any.

    Raises
    ------
    BadResult
        If it is neither, or not what it is said to be.
    """
    losses = _loss_shapes(logits, reduction)
    gradient, loss = shape == logits, shape in losses
    if gradient and told != "loss":
        return Meaning("gradient", certain=told is not None or not loss)
    if loss and told != "gradient":
        return Meaning("loss", certain=True)
    rows = "one number" if losses[0] == () else f"{logits[0]} numbers"
    expected = {"gradient": f"the gradient of shape {logits}", "loss": f"the loss, {rows}"}
    raise BadResult(
        f"shape {shape}",
        expected[told] if told else " or ".join(expected.values()),
        _remedy(shape, logits, told, meant="gradient" if gradient else "loss" if loss else None),
    )


def _remedy(
    shape: tuple[int, ...], logits: tuple[int, ...], told: Returns | None, meant: Returns | None
) -> str:
    if meant:
        return f"give returns={meant!r} if that is what it returns"
    if len(logits) == 2 and shape in (logits[:1], ()):
        return "give the reduction= that it makes"
    if told is None:
        return "return one of the two"
    return "return one number for each logit" if told == "gradient" else "add it up to that"


def _loss_shapes(
    logits: tuple[int, ...], reduction: Reduction | None
) -> tuple[tuple[int, ...], ...]:
    """Return the shapes that a loss may have; one row's may be one number or an array of one."""
    if len(logits) == 1 or logits[0] == 1:
        return ((), (1,))
    rows = (logits[0],)
    if reduction is None:
        return ((), rows)
    return (rows,) if reduction == "none" else ((), (1,))
