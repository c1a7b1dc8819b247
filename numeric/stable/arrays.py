"""What the losses take and give back: arrays of a library, checked once and computed in one dtype.

Guarantees: a result has the dtype of the logits; float32 and float64 are computed in themselves,
float16 and bfloat16 in float32 with one rounding at the end.
An array is one of NumPy, PyTorch or JAX (outside `jax.jit`, since values are checked); anything
else is made a NumPy array.
Targets and kernel values are rounded to the dtype of the computation first.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...symbolic.errors import DeclarationError
from ..floats import BFLOAT16, FLOAT16, FLOAT32, FLOAT64
from .pairs import Array, Pair

_WORKING = {
    FLOAT16.name: FLOAT32,
    BFLOAT16.name: FLOAT32,
    FLOAT32.name: FLOAT32,
    FLOAT64.name: FLOAT64,
}
"""The format in which logits of a dtype are computed with."""

_LARGEST_TARGET = 2.0**20
_ROOM = 2.0**40
"""Targets up to the first, and logits up to the greatest float over the second, keep every product
and sum of float32 in its range."""


@dataclass(frozen=True, slots=True)
class Logits:
    """Logits, checked.

    Attributes
    ----------
    xp
        The library of the arrays.
    z
        The logits in the dtype of the computation; the largest in place of a masked one.
    masked
        Which logits are -infinity.
    top
        The largest logit of each sample, of shape (..., 1).
    dtype
        The dtype of the results.
    """

    xp: Any
    z: Array
    masked: Array
    top: Array
    dtype: Any

    @property
    def n(self) -> int:
        """The number of classes."""
        return int(self.z.shape[-1])

    @property
    def classes(self) -> Array:
        """The classes 0, 1, ..., n - 1."""
        return self.xp.arange(self.n, device=self.z.device)

    def array(self, values: Any) -> Array:
        """Return `values` as an array of the library, in the dtype of the computation."""
        return self.xp.asarray(_plain(values), dtype=self.z.dtype, device=self.z.device)

    def value(self, result: Array) -> Array:
        """Return a result of shape (..., 1) as the value of a loss, in the dtype of the results."""
        return self.gradient(result)[..., 0][()]

    def gradient(self, result: Array) -> Array:
        """Return a result of the shape of the logits in the dtype of the results."""
        return _cast(result, self.dtype)


def library(array: Any) -> Any:
    """Return the module whose functions take arrays like this one."""
    if type(array).__module__.partition(".")[0] == "torch":
        return sys.modules["torch"]  # its tensors do not tell
    return array.__array_namespace__()


def _plain(values: Any) -> Any:
    """Return a tensor of PyTorch without its history."""
    return values.detach() if hasattr(values, "detach") else values


def _cast(array: Array, dtype: Any) -> Array:
    if array.dtype == dtype:
        return array
    if hasattr(array, "astype"):
        with np.errstate(over="ignore"):  # a loss above 65504 is infinite in float16
            return array.astype(dtype)
    return array.to(dtype)


def check_logits(z: Any) -> Logits:
    """Return logits of shape (n,) or (..., n), checked.

    Raises
    ------
    DeclarationError
        If they are no floats, there is no class, one is NaN, +infinity or above the greatest float
        over 2**40, or all classes of a sample are masked.
    """
    z = _plain(z)
    if not hasattr(z, "dtype") or not hasattr(z, "device"):
        z = np.asarray(z)
    xp, dtype = library(z), z.dtype
    working = _WORKING.get(str(dtype).rpartition(".")[2])
    if working is None or not z.ndim or not z.shape[-1]:
        raise DeclarationError(
            "logits are floats of shape (n,) or (..., n) with n >= 1",
            found=f"dtype {dtype}, shape {tuple(z.shape)}",
            remedy="convert them to float16, bfloat16, float32 or float64, classes last",
        )
    z = _cast(z, getattr(xp, working.name))
    masked, largest = z == -float("inf"), float(working.largest) / _ROOM
    if not bool(xp.all(masked | (abs(z) <= largest))):
        raise DeclarationError(
            f"a logit is -infinity or at most {largest:.3g} in size",
            found=_count(masked | (abs(z) <= largest)),
            remedy="look for the overflow or the NaN before the loss",
        )
    if bool(xp.any(xp.all(masked, axis=-1))):
        raise DeclarationError(
            "a sample has a class that is not masked",
            found="a sample with none",
            remedy="leave the sample out",
        )
    top = xp.amax(z, axis=-1, keepdims=True)
    return Logits(xp, xp.where(masked, top, z), masked, top, dtype)


def one_hot(logits: Logits, y: Any, *, masked: bool) -> Array:
    """Return where the class is the label, as booleans of the shape of the logits.

    Parameters
    ----------
    logits
        The logits.
    y
        A class counted from 0, or an array of them with the shape of the logits without the last
        axis.
    masked
        Whether a label may be a masked class.

    Raises
    ------
    DeclarationError
        If a label is no integer, not a class, or masked where it may not be; or if there is not
        one for each sample.
    """
    xp = logits.xp
    labels = xp.asarray(y, device=logits.z.device)
    if "int" not in str(labels.dtype) or tuple(labels.shape) != tuple(logits.z.shape[:-1]):
        raise DeclarationError(
            "labels are integers, one for each sample",
            found=f"dtype {labels.dtype}, shape {tuple(labels.shape)} for logits of shape "
            f"{tuple(logits.z.shape)}",
            remedy="give the class of each sample, counted from 0; vectors of targets go to the "
            "loss with soft targets",
        )
    if not bool(xp.all((labels >= 0) & (labels < logits.n))):
        raise DeclarationError(
            f"a label is a class, 0 to {logits.n - 1}",
            found=f"{int(xp.amin(labels))} to {int(xp.amax(labels))}",
            remedy="count classes from 0",
        )
    found = logits.classes == labels[..., None]
    if not masked:
        _refuse_masked(logits, found)
    return found


def targets(logits: Logits, p: Any, *, masked: bool) -> Array:
    """Return targets as an array of the shape of the logits.

    Parameters
    ----------
    logits
        The logits.
    p
        Numbers that are not negative, with the shape of the logits or of one sample.
    masked
        Whether a masked class may have a target that is not 0.

    Raises
    ------
    DeclarationError
        If the shape differs, one is negative, NaN or above 2**20, or is not 0 for a masked class
        where it has to be.
    """
    found = _members(logits, p, "targets")
    if not bool(logits.xp.all((found >= 0) & (found <= _LARGEST_TARGET))):
        raise DeclarationError(
            "a target is not negative, and at most 2**20",
            found=_count((found >= 0) & (found <= _LARGEST_TARGET)),
            remedy="give the probability of each class",
        )
    if not masked:
        _refuse_masked(logits, found > 0)
    return found


def kernel_values(logits: Logits, K: Any) -> Array:
    """Return kernel values as an array of the shape of the logits.

    Raises
    ------
    DeclarationError
        If the shape differs, one is negative, infinite or NaN, or if all of them are 0 at the
        classes of a sample that are not masked.
    """
    xp = logits.xp
    found = _members(logits, K, "kernel values")
    if not bool(xp.all((found >= 0) & (found < float("inf")))):
        raise DeclarationError(
            "a kernel value is finite and not negative",
            found=_count((found >= 0) & (found < float("inf"))),
            remedy="give the value of the kernel for each class",
        )
    if not bool(xp.all(xp.any((found > 0) & ~logits.masked, axis=-1))):
        raise DeclarationError(
            "some kernel value of a sample is positive at a class that is not masked",
            found="a sample with none",
            remedy="the loss is +infinity there: leave the bin out, or take a kernel that reaches "
            "farther; values that underflow may be multiplied by a constant",
        )
    return found


def _members(logits: Logits, values: Any, what: str) -> Array:
    found = logits.array(values)
    shape = tuple(logits.z.shape)
    if tuple(found.shape) not in (shape, shape[-1:]):
        raise DeclarationError(
            f"{what} have the shape of the logits or of one sample",
            found=f"shape {tuple(found.shape)} for logits of shape {shape}",
            remedy="give one number for each class",
        )
    return logits.xp.broadcast_to(found, shape)


def _count(valid: Array) -> str:
    """Say how many numbers are not as they should be, and where the first one is."""
    places = np.argwhere(~np.asarray(valid))
    return f"{len(places)} that are not, the first at {tuple(map(int, places[0]))}"


def _refuse_masked(logits: Logits, aimed_at: Array) -> None:
    if bool(logits.xp.any(logits.masked & aimed_at)):
        raise DeclarationError(
            "a masked class is no target",
            found="a target that is not 0 where the logit is -infinity",
            remedy="the loss is +infinity there: mend the mask or the target",
        )


def numbers(logits: Logits, which: Array) -> Array:
    """Return booleans as 0 and 1 in the dtype of the computation."""
    return logits.xp.where(which, logits.array(1.0), logits.array(0.0))


def pair(values: Array) -> Pair:
    """Return floats as pairs."""
    return Pair(values, 0 * values)
