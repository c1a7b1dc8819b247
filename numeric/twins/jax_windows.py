"""Rules of JAX's sliding windows: pooling, its derivative, and convolution."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from flint import fmpq
from numpy.lib.stride_tricks import sliding_window_view

from . import arrays
from .arrays import Array, as_array, is_exact, to_exact
from .dual import Dual, compare
from .extended import INF
from .jax_reductions import reduced_last
from .jax_structure import filled, padded
from .registry import rule

_ZERO = Dual(fmpq(0))


def _windows(
    x: Array,
    fill: Any,
    sizes: Sequence[int],
    strides: Sequence[int],
    padding: Sequence[tuple[int, int]],
    spread: Sequence[int],
    window_spread: Sequence[int],
) -> Array:
    """Return the windows of an array: its axes, then those inside of a window."""
    config = [(low, high, d - 1) for (low, high), d in zip(padding, spread, strict=True)]
    x = padded(x, as_array(fill), padding_config=config)
    reach = [(size - 1) * d + 1 for size, d in zip(sizes, window_spread, strict=True)]
    views = sliding_window_view(x, reach)
    steps = (*(slice(None, None, s) for s in strides),)
    return views[(*steps, *(slice(None, None, d) for d in window_spread))]


def _pooling(fold: Callable[..., Array], neutral: Any) -> Callable[..., Array]:
    def pool(
        x: Array,
        *,
        window_dimensions: Sequence[int],
        window_strides: Sequence[int],
        padding: Sequence[tuple[int, int]],
        base_dilation: Sequence[int],
        window_dilation: Sequence[int],
        **_: Any,
    ) -> Array:
        windows = _windows(
            to_exact(x),
            Dual(neutral),
            window_dimensions,
            window_strides,
            padding,
            base_dilation,
            window_dilation,
        )
        pooled = fold(windows, range(x.ndim, 2 * x.ndim))
        if is_exact(x):
            return pooled
        return as_array(arrays.mapped(lambda a: int(a.value.p))(pooled)).astype(x.dtype)

    return pool


rule("jax", "reduce_window_sum")(_pooling(arrays.total_along, fmpq(0)))
rule("jax", "reduce_window_max")(_pooling(arrays.greatest_along, -INF))
rule("jax", "reduce_window_min")(_pooling(arrays.least_along, INF))


@rule("jax", "reduce_window")
def _reduce_window(
    *operands: Array,
    jaxpr: Callable[..., list[Array]],
    window_dimensions: Sequence[int],
    window_strides: Sequence[int],
    padding: Sequence[tuple[int, int]],
    base_dilation: Sequence[int],
    window_dilation: Sequence[int],
    **_: Any,
) -> list[Array]:
    count, rank = len(operands) // 2, operands[0].ndim
    sources, starts = operands[:count], operands[count:]
    spread = (window_dimensions, window_strides, padding, base_dilation, window_dilation)
    windows = [_windows(x, start, *spread) for x, start in zip(sources, starts, strict=True)]
    rows = [w.reshape(*w.shape[:rank], -1) for w in windows]
    return reduced_last(rows, starts, jaxpr)


@rule("jax", "select_and_scatter_add")
def _select_and_scatter_add(
    source: Array,
    x: Array,
    *,
    select_prim: Any,
    window_dimensions: Sequence[int],
    window_strides: Sequence[int],
    padding: Sequence[tuple[int, int]],
    **_: Any,
) -> Array:
    sign = 1 if select_prim.name == "ge" else -1
    places = np.arange(x.size).reshape(x.shape)
    ones = [1] * x.ndim
    windows = _windows(places, -1, window_dimensions, window_strides, padding, ones, ones)
    result, numbers = filled((x.size,), as_array(_ZERO)), x.ravel()
    for corner, value in np.ndenumerate(source):
        inside = [int(k) for k in windows[corner].ravel() if k >= 0]
        chosen = inside[0]
        for place in inside[1:]:
            if compare(numbers[place], numbers[chosen]) == sign:
                chosen = place
        result[chosen] = result[chosen] + value
    return result.reshape(x.shape)


@rule("jax", "conv_general_dilated")
def _convolution(
    x: Array,
    kernel: Array,
    *,
    window_strides: Sequence[int],
    padding: Sequence[tuple[int, int]],
    lhs_dilation: Sequence[int],
    rhs_dilation: Sequence[int],
    dimension_numbers: Any,
    feature_group_count: int,
    batch_group_count: int,
    **_: Any,
) -> Array:
    x = to_exact(x).transpose(dimension_numbers.lhs_spec)
    kernel = to_exact(kernel).transpose(dimension_numbers.rhs_spec)
    windows = _windows(
        x,
        _ZERO,
        (1, 1, *kernel.shape[2:]),
        (1, 1, *window_strides),
        ((0, 0), (0, 0), *padding),
        (1, 1, *lhs_dilation),
        (1, 1, *rhs_dilation),
    )
    # Axes: batch, features, places, 1, 1, window.
    windows = windows.reshape(*windows.shape[: x.ndim], *kernel.shape[2:])
    count, axis = max(feature_group_count, batch_group_count), int(feature_group_count > 1)
    parts = zip(np.split(windows, count, axis), np.split(kernel, count, axis=0), strict=True)
    groups = [_products(part, filters) for part, filters in parts]
    return np.concatenate(groups, axis=1).transpose(np.argsort(dimension_numbers.out_spec))


def _products(windows: Array, filters: Array) -> Array:
    """Return the sums over features and window, with the filters as the second axis."""
    within = range(filters.ndim, windows.ndim)
    result = arrays.tensordot(windows, filters, ((1, *within), range(1, filters.ndim)))
    return np.moveaxis(result, -1, 1)
