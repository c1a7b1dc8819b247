"""Exact meaning of PyTorch's operations on windows: convolutions, means and padding."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from math import prod
from typing import Any, TypeAlias

import numpy as np

from ...symbolic.errors import UnsupportedError
from . import arrays
from .arrays import Array, as_array, to_exact
from .dual import ZERO
from .registry import rule

Sizes: TypeAlias = Sequence[int]


def _wide(size: Sizes, count: int) -> list[int]:
    """Return one number for each axis; PyTorch takes a single one for all."""
    return [int(s) for s in size] * (count if len(size) == 1 else 1)


def _padded(x: Array, low: Sizes, high: Sizes) -> Array:
    """Return the array with zeros around its last axes."""
    shape = [s + p + q for s, p, q in zip(x.shape[-len(low) :], low, high, strict=True)]
    result = np.full((*x.shape[: x.ndim - len(low)], *shape), ZERO, object)
    place: Any = (..., *(slice(p, s - q) for p, q, s in zip(low, high, shape, strict=True)))
    result[place] = x
    return result


def _inside(low: Sizes, sizes: Sizes) -> Any:
    """Return the place of an array of some sizes in the padded one."""
    return (..., *(slice(p, p + n) for p, n in zip(low, sizes, strict=True)))


def _windows(
    kernel: Sizes, stride: Sizes, dilation: Sizes, out: Sizes
) -> Iterator[tuple[Any, ...]]:
    """Yield, for each place of a kernel, what it meets of the padded array."""
    for place in product(*(range(k) for k in kernel)):
        rows = zip(place, stride, dilation, out, strict=True)
        yield (..., *(slice(p * d, p * d + s * (o - 1) + 1, s) for p, s, d, o in rows))


class _Convolution:
    """A convolution without bias, linear in the array and in the weight."""

    def __init__(self, stride: Sizes, padding: Sizes, dilation: Sizes, groups: int) -> None:
        self.stride, self.padding, self.dilation = stride, padding, dilation
        self.groups = groups

    def out(self, sizes: Sizes, kernel: Sizes) -> list[int]:
        """Return the sizes of the result."""
        rows = zip(sizes, kernel, self.stride, self.padding, self.dilation, strict=True)
        return [(n + 2 * p - d * (k - 1) - 1) // s + 1 for n, k, s, p, d in rows]

    def _patches(self, x: Array, kernel: Sizes, out: Sizes) -> Array:
        """Return what the kernel meets: groups, batch, channels times places, results."""
        wide = _padded(x, self.padding, self.padding)
        met = [wide[w] for w in _windows(kernel, self.stride, self.dilation, out)]
        stacked = np.stack(met, 2).reshape(len(x), self.groups, -1, prod(out))
        return stacked.transpose(1, 0, 2, 3)

    def _grouped(self, w: Array) -> Array:
        return w.reshape(self.groups, w.shape[0] // self.groups, -1)

    def ahead(self, x: Array, w: Array) -> Array:
        """Return the convolution of shapes (batch, channels, ...) and (outputs, inputs, ...)."""
        kernel = w.shape[2:]
        out = self.out(x.shape[2:], kernel)
        patches = self._patches(x, kernel, out)
        parts = [
            arrays.matmul(own[None], p) for own, p in zip(self._grouped(w), patches, strict=True)
        ]
        return np.concatenate(parts, 1).reshape(len(x), w.shape[0], *out)

    def by_array(self, upstream: Array, w: Array, sizes: Sizes) -> Array:
        """Return the gradient by the array, of the given sizes: the transposed convolution."""
        batch, kernel, out = len(upstream), w.shape[2:], upstream.shape[2:]
        each = upstream.reshape(batch, self.groups, -1, prod(out))
        parts = [arrays.matmul(own.T[None], each[:, k]) for k, own in enumerate(self._grouped(w))]
        channels = w.shape[1] * self.groups
        steps = np.stack(parts, 1).reshape(batch, channels, prod(kernel), *out)
        shape = [n + 2 * p for n, p in zip(sizes, self.padding, strict=True)]
        wide = np.full((batch, channels, *shape), ZERO, object)
        for k, window in enumerate(_windows(kernel, self.stride, self.dilation, out)):
            wide[window] = wide[window] + steps[:, :, k]
        return wide[_inside(self.padding, sizes)].copy()

    def by_weight(self, upstream: Array, x: Array, shape: Sizes) -> Array:
        """Return the gradient by the weight, of the given shape."""
        patches = self._patches(x, shape[2:], upstream.shape[2:])
        each = upstream.reshape(len(x), self.groups, shape[0] // self.groups, -1)
        parts = [
            arrays.tensordot(each[:, k], patches[k], ((0, 2), (0, 2))) for k in range(self.groups)
        ]
        return np.concatenate(parts, 0).reshape(shape)


@rule("torch", "convolution", "_convolution", "convolution_overrideable")
def convolution(
    x: Array,
    w: Array,
    bias: Array | None,
    stride: Sizes,
    padding: Sizes,
    dilation: Sizes,
    transposed: bool,
    output_padding: Sizes,
    groups: int,
    *_: Any,
) -> Array:
    """Return a convolution, or a transposed one."""
    rank = x.ndim - 2
    stride, padding, dilation = (_wide(v, rank) for v in (stride, padding, dilation))
    linear = _Convolution(stride, padding, dilation, groups)
    if transposed:
        rows = zip(
            x.shape[2:],
            w.shape[2:],
            stride,
            padding,
            dilation,
            _wide(output_padding, rank),
            strict=True,
        )
        sizes = [(n - 1) * s - 2 * p + d * (k - 1) + o + 1 for n, k, s, p, d, o in rows]
        result = linear.by_array(to_exact(x), to_exact(w), sizes)
    else:
        result = linear.ahead(to_exact(x), to_exact(w))
    return result if bias is None else as_array(result + bias.reshape(-1, *[1] * rank))


@rule("torch", "convolution_backward")
def convolution_backward(
    upstream: Array,
    x: Array,
    w: Array,
    bias_sizes: Any,  # noqa: ARG001 (PyTorch's signature; below as well)
    stride: Sizes,
    padding: Sizes,
    dilation: Sizes,
    transposed: bool,
    output_padding: Sizes,  # noqa: ARG001
    groups: int,
    mask: Sequence[bool],
) -> list[Any]:
    """Return the gradients by the array, the weight and the bias, as far as they are wanted."""
    rank = x.ndim - 2
    stride, padding, dilation = (_wide(v, rank) for v in (stride, padding, dilation))
    linear = _Convolution(stride, padding, dilation, groups)
    found: list[Any] = []
    if mask[0]:
        found.append(
            linear.ahead(upstream, w) if transposed else linear.by_array(upstream, w, x.shape[2:])
        )
    if mask[1]:
        pair = (x, upstream) if transposed else (upstream, x)
        found.append(linear.by_weight(*pair, w.shape))
    if mask[2]:
        found.append(arrays.total_along(upstream, [0, *range(2, upstream.ndim)]))
    return found


def _pooling(
    x: Array, kernel: Sizes, stride: Sizes, padding: Sizes, ceil_mode: bool
) -> tuple[list[int], list[int], list[int], list[int]]:
    if ceil_mode:
        raise UnsupportedError(
            "windows lie within the padded array", found="ceil_mode=True", remedy="pad before"
        )
    sizes = _wide(kernel, 2)
    steps = _wide(stride, 2) if len(stride) else sizes
    edges = _wide(padding, 2)
    out = _Convolution(steps, edges, [1, 1], 1).out(x.shape[-2:], sizes)
    return sizes, steps, edges, out


def _counts(x: Array, kernel: Sizes, steps: Sizes, edges: Sizes, out: Sizes, pad: bool) -> Array:
    """Return how many numbers each window holds, with or without the padding."""
    ones = np.ones(x.shape[-2:], int)
    wide = np.pad(ones, [(p, p) for p in edges], constant_values=int(pad))
    return sum(wide[w[1:]] for w in _windows(kernel, steps, [1, 1], out))


@rule("torch", "avg_pool2d")
def avg_pool2d(
    x: Array,
    kernel: Sizes,
    stride: Sizes = (),
    padding: Sizes = (0,),
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor: int | None = None,
) -> Array:
    """Return means over windows."""
    sizes, steps, edges, out = _pooling(x, kernel, stride, padding, ceil_mode)
    wide = _padded(to_exact(x), edges, edges)
    met = np.stack([wide[w] for w in _windows(sizes, steps, [1, 1], out)])
    counts = divisor or _counts(x, sizes, steps, edges, out, count_include_pad)
    return as_array(arrays.total_along(met, 0) / to_exact(counts))


@rule("torch", "avg_pool2d_backward")
def avg_pool2d_backward(
    upstream: Array,
    x: Array,
    kernel: Sizes,
    stride: Sizes,
    padding: Sizes,
    ceil_mode: bool,
    count_include_pad: bool,
    divisor: int | None,
) -> Array:
    """Return the gradient of means over windows."""
    sizes, steps, edges, out = _pooling(x, kernel, stride, padding, ceil_mode)
    counts = divisor or _counts(x, sizes, steps, edges, out, count_include_pad)
    shares = as_array(upstream / to_exact(counts))
    wide = np.full(_padded(x, edges, edges).shape, ZERO, object)
    for window in _windows(sizes, steps, [1, 1], out):
        wide[window] = wide[window] + shares
    return wide[_inside(edges, x.shape[-2:])].copy()


@rule(
    "torch",
    "replication_pad1d_backward",
    "replication_pad2d_backward",
    "replication_pad3d_backward",
)
def replication_pad_backward(upstream: Array, x: Array, padding: Sizes) -> Array:
    """Return the gradient of an array padded by repeating its edges."""
    rank = len(padding) // 2
    result = np.full(x.shape, ZERO, object)
    edges = [(int(padding[2 * k]), x.shape[-1 - k]) for k in range(rank)][::-1]
    grid = np.ix_(
        *[
            np.clip(np.arange(n) - low, 0, size - 1)
            for n, (low, size) in zip(upstream.shape[-rank:], edges, strict=True)
        ]
    )
    np.add.at(result, (..., *grid), upstream)
    return result
