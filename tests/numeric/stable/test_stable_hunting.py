"""Hypothesis hunts for the point at which a stable loss is worst."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st, target

from gradproof.numeric.stable import STABLE

WIDTHS = {"float32": 32, "float64": 64}


def floats(low: float, high: float, width: int) -> st.SearchStrategy[float]:
    """Return numbers of a format between two numbers of it."""
    return st.floats(low, high, width=width)


@st.composite
def logits(draw: st.DrawFn, dtype: str, least: int, *, masks: bool) -> Any:
    """Draw logits of very different sizes, some equal, some one unit in the last place apart."""
    width = WIDTHS[dtype]
    near = st.one_of(floats(-4, 4, width), floats(-(2.0**-20), 2.0**-20, width))
    far = st.one_of(floats(-128, 128, width), floats(-10000, 10000, width))
    known = st.sampled_from([0.0, 0.0, 1.0, -40.0, 40.0, -88.0, 1000.0])
    found = np.array(draw(st.lists(st.one_of(near, far, known), min_size=least, max_size=6)), dtype)
    places = st.integers(0, len(found) - 1)
    for _ in range(draw(st.integers(0, 2))):
        value = found[draw(places)]
        if draw(st.booleans()):
            value = np.nextafter(value, np.asarray(draw(st.sampled_from([-1e9, 1e9])), dtype))
        found[draw(places)] = value
    if masks and draw(st.booleans()):
        found[least:][
            draw(st.lists(st.booleans(), min_size=6, max_size=6))[least : len(found)]
        ] = -np.inf
    return found


def parts(dtype: str) -> st.SearchStrategy[float]:
    """Return targets and kernel values: 0, 1 and what is between, down to the least float."""
    return st.one_of(st.sampled_from([0.0, 1.0, 0.5]), floats(0, 1, WIDTHS[dtype]))


@st.composite
def cases(draw: st.DrawFn, name: str, dtype: str, *, label: bool) -> tuple[Any, Any]:
    """Draw logits and a target."""
    least = 2 if name.startswith("multiclass") else 1
    z = draw(logits(dtype, least, masks=True))
    allowed = np.flatnonzero(np.isfinite(z))
    if label:
        return z, int(draw(st.sampled_from(list(allowed))))
    members = draw(st.lists(parts(dtype), min_size=len(z), max_size=len(z)))
    p = np.where(np.isfinite(z), np.array(members, dtype), np.zeros(1, dtype))
    if name == "kde_cross_entropy" and not p.any():
        p[allowed[0]] = 1
    return z, p


@pytest.mark.parametrize("dtype", WIDTHS)
@pytest.mark.parametrize("name", STABLE)
def test_no_point_is_inaccurate(
    name: str, dtype: str, score: Callable[..., Any], has_label: Callable[[str], bool]
) -> None:
    """At the worst point that is found, gradient and loss are as exact as their inputs allow."""

    @settings(max_examples=150, derandomize=True, database=None)
    @given(cases(name, dtype, label=has_label(name)))
    def hunt(case: tuple[Any, Any]) -> None:
        found = score(name, *case)
        if found is not None:
            target(found.gradient, label="gradient")
            target(found.value, label="value")
            assert found.gradient <= 2
            assert found.value <= 6

    hunt()
