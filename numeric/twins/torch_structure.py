"""Exact meaning of PyTorch's operations that move numbers: views, copies, indexing, joining.

Guarantees: what PyTorch returns as a view is a NumPy view of the same numbers, so that a change in
place reaches both.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...symbolic.errors import UnsupportedError
from .arrays import FLOATS, Array, as_array, is_exact, to_exact
from .dual import ZERO, Dual
from .registry import rule

_SAME = "detach alias lift_fresh lift contiguous view_of conj _conj_physical resolve_conj"


@rule("torch", *_SAME.split())
def same(a: Array, *_: Any, **__: Any) -> Array:
    """Return the array itself; a derivative that the program leaves out exists all the same."""
    return a


@rule("torch", "clone", "copy", "_conj_physical", "clone.default")
def clone(a: Array, *_: Any, **__: Any) -> Array:
    """Return a copy."""
    return a.copy()


def _is_float(dtype: Any) -> bool:
    return str(dtype).partition(".")[2] in FLOATS


@rule("torch", "_to_copy", "convert_element_type")
def convert(a: Array, dtype: Any = None, **_: Any) -> Array:
    """Return a copy in another dtype: an identity for floats, exact from integers."""
    if dtype is None:
        return a.copy()
    if _is_float(dtype):
        return to_exact(a).copy()
    name = str(dtype).partition(".")[2]
    if not is_exact(a):
        return a.astype(name)
    from . import functions
    from .arrays import mapped, not_equal

    if name == "bool":
        return not_equal(a, as_array(ZERO))
    truncated = mapped(functions.function("trunc"))(a)
    flat = [int(d.value.p) for d in truncated.ravel()]
    return np.array(flat, dtype=name).reshape(a.shape)


@rule("torch", "copy_", "copy_to")
def copy_(target: Array, source: Array, *_: Any) -> Array:
    """Return what is written into the target."""
    exact = to_exact(source) if is_exact(target) else source
    return np.broadcast_to(exact, target.shape)


# `copy_` is looked up without its underscore, like every change in place.
rule("torch", "copy.default", "copy")(copy_)


@rule("torch", "select.int")
def select(a: Array, dim: int, index: int) -> Array:
    """Return one place along an axis, as a view."""
    place: Any = (slice(None),) * (dim % a.ndim) + (int(index), ...)
    return a[place]


@rule("torch", "slice.Tensor")
def slice_(
    a: Array, dim: int = 0, start: int | None = None, end: int | None = None, step: int = 1
) -> Array:
    """Return a range along an axis, as a view."""
    return a[(slice(None),) * (dim % a.ndim) + (slice(start, end, step),)]


@rule("torch", "view", "_unsafe_view", "reshape", "_reshape_alias")
def view(a: Array, size: Sequence[int], *_: Any) -> Array:
    """Return the same numbers in another shape."""
    return a.reshape([int(s) for s in size])


@rule("torch", "view.dtype")
def view_dtype(a: Array, dtype: Any) -> Array:  # noqa: ARG001 (PyTorch's signature)
    """Refuse to read the bits of a float as something else."""
    raise UnsupportedError(
        "an exact number has no bits of a float",
        found=f"a view as {dtype}",
        remedy="convert it, as in x.to(dtype)",
    )


@rule("torch", "transpose", "transpose.int", "swapaxes")
def transpose(a: Array, first: int, second: int) -> Array:
    """Return a view with two axes exchanged."""
    return np.swapaxes(a, first, second) if a.ndim else a


@rule("torch", "permute", "prims.transpose")
def permute(a: Array, dims: Sequence[int]) -> Array:
    """Return a view with the axes in another order."""
    return a.transpose(*dims)


@rule("torch", "t", "numpy_T")
def t(a: Array) -> Array:
    """Return the transpose of a matrix."""
    return a.T


@rule("torch", "expand")
def expand(a: Array, size: Sequence[int], **_: Any) -> Array:
    """Return a view that repeats axes of length 1."""
    lead = len(size) - a.ndim
    shape = [a.shape[k - lead] if s == -1 else int(s) for k, s in enumerate(size)]
    return np.broadcast_to(a, shape)


@rule("torch", "broadcast_in_dim")
def broadcast_in_dim(a: Array, shape: Sequence[int], dims: Sequence[int]) -> Array:
    """Return a view with the axes at `dims` of a new shape."""
    wide = [1] * len(shape)
    for axis, dim in enumerate(dims):
        wide[dim] = a.shape[axis]
    return np.broadcast_to(a.reshape(wide), [int(s) for s in shape])


@rule("torch", "squeeze", "prims.squeeze")
def squeeze(a: Array, dim: Any = None) -> Array:
    """Return a view without axes of length 1."""
    if a.ndim == 0:
        return a
    dims = range(a.ndim) if dim is None else [dim] if isinstance(dim, int) else dim
    chosen = tuple(d % a.ndim for d in dims if a.shape[d] == 1)
    return np.squeeze(a, chosen) if chosen else a


@rule("torch", "unsqueeze")
def unsqueeze(a: Array, dim: int) -> Array:
    """Return a view with one more axis."""
    return np.expand_dims(a, dim)


@rule("torch", "diagonal")
def diagonal(a: Array, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Array:
    """Return the diagonal, as a view."""
    lines = np.diagonal(a, offset, dim1, dim2)
    lines.flags.writeable = True
    return lines


@rule("torch", "split.Tensor")
def split(a: Array, size: int, dim: int = 0) -> list[Array]:
    """Return pieces of one size along an axis, as views."""
    count = a.shape[dim]
    return [slice_(a, dim, k, k + size) for k in range(0, max(count, 1), size)]


@rule("torch", "split_with_sizes")
def split_with_sizes(a: Array, sizes: Sequence[int], dim: int = 0) -> list[Array]:
    """Return pieces along an axis, as views."""
    ends = np.cumsum(sizes)
    return [slice_(a, dim, int(e - s), int(e)) for s, e in zip(sizes, ends, strict=True)]


@rule("torch", "unbind")
def unbind(a: Array, dim: int = 0) -> list[Array]:
    """Return each place along an axis, as views."""
    return [select(a, dim, k) for k in range(a.shape[dim])]


@rule("torch", "cat")
def cat(parts: Sequence[Array], dim: int = 0) -> Array:
    """Return arrays joined along an axis."""
    kept = [p for p in parts if p.ndim > 1 or p.size] or list(parts[:1])
    if any(is_exact(p) for p in kept):
        kept = [to_exact(p) for p in kept]
    return np.concatenate(kept, axis=dim)


@rule("torch", "stack")
def stack(parts: Sequence[Array], dim: int = 0) -> Array:
    """Return arrays joined along a new axis."""
    return cat([np.expand_dims(p, dim) for p in parts], dim)


@rule("torch", "repeat")
def repeat(a: Array, repeats: Sequence[int]) -> Array:
    """Return the array tiled."""
    return np.tile(a, repeats)


@rule("torch", "flip", "rev")
def flip(a: Array, dims: Sequence[int]) -> Array:
    """Return a copy with axes reversed."""
    return np.flip(a, tuple(dims)).copy()


@rule("torch", "constant_pad_nd")
def pad(a: Array, widths: Sequence[int], value: Any = 0) -> Array:
    """Return the array with a constant around it; negative widths cut."""
    ranges = [(0, 0)] * a.ndim
    for k in range(len(widths) // 2):
        ranges[a.ndim - 1 - k] = (int(widths[2 * k]), int(widths[2 * k + 1]))
    shape = [s + low + high for s, (low, high) in zip(a.shape, ranges, strict=True)]
    result = np.empty(shape, a.dtype)
    result[...] = as_array(value) if not is_exact(a) else to_exact(as_array(value))
    inside = tuple(
        slice(max(low, 0), max(low, 0) + s + min(low, 0) + min(high, 0))
        for s, (low, high) in zip(a.shape, ranges, strict=True)
    )
    own = tuple(
        slice(max(-low, 0), s - max(-high, 0))
        for s, (low, high) in zip(a.shape, ranges, strict=True)
    )
    result[inside] = a[own]
    return result


def filled(shape: Sequence[int], value: Any, exact: bool) -> Array:
    """Return an array of one value."""
    result = np.empty([int(s) for s in shape], object if exact else np.asarray(value).dtype)
    result[...] = value
    return result


def _kind(a: Array, dtype: Any) -> bool:
    return is_exact(a) if dtype is None else _is_float(dtype)


@rule("torch", "zeros_like", "empty_like", "new_zeros", "new_empty", "new_empty_strided")
def zeros_like(a: Array, *size: Any, dtype: Any = None, **_: Any) -> Array:
    """Return zeros; memory that is not set is taken for 0."""
    shape = size[0] if size else a.shape
    exact = _kind(a, dtype)
    return filled(shape, ZERO if exact else _zero(a, dtype), exact)


def _zero(a: Array, dtype: Any) -> Any:
    name = a.dtype if dtype is None else str(dtype).partition(".")[2]
    return np.zeros((), "int64" if str(name) == "object" else name)[()]


@rule("torch", "ones_like", "new_ones")
def ones_like(a: Array, *size: Any, dtype: Any = None, **_: Any) -> Array:
    """Return ones."""
    return full_like(a, *size, 1, dtype=dtype)


@rule("torch", "full_like", "new_full")
def full_like(a: Array, *rest: Any, dtype: Any = None, **_: Any) -> Array:
    """Return an array of one value."""
    shape = rest[0] if len(rest) > 1 else a.shape
    value = rest[-1]
    if _kind(a, dtype):
        number = value if isinstance(value, Dual) else to_exact(value)[()]
        return filled(shape, number, True)
    plain = int(value.value.p) if isinstance(value, Dual) else value
    return filled(shape, np.asarray(plain).astype(_zero(a, dtype).dtype)[()], False)


@rule("torch", "fill")
def fill(target: Array, value: Any) -> Array:
    """Return what a target is filled with."""
    return full_like(target, as_array(value)[()])


@rule("torch", "zero")
def zero(target: Array) -> Array:
    """Return zeros for a target."""
    return zeros_like(target)


@rule("torch", "as_strided")
def as_strided(
    a: Array, size: Sequence[int], stride: Sequence[int], offset: int | None = None
) -> Array:
    """Return a view by strides, of numbers that lie in a row."""
    if not a.flags.c_contiguous:
        raise UnsupportedError(
            "as_strided is understood on contiguous tensors",
            found="a view of a view",
            remedy="use reshape and indexing",
        )
    flat = a.reshape(-1)[int(offset or 0) :]
    width = a.itemsize
    return np.lib.stride_tricks.as_strided(flat, size, [int(s) * width for s in stride])
