from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from gradproof.numeric.twins import FixedArgument, FloatArgument, argument
from gradproof.symbolic.errors import DeclarationError
from tests.numeric.twins.conftest import exactly, rationals


@given(st.lists(rationals, min_size=1, max_size=4))
def test_no_number_is_rounded(values: list[Fraction]) -> None:
    """Fractions are taken as they are, and as numbers of a run they are the same."""
    found = argument(values)
    assert isinstance(found, FloatArgument)
    assert found.values == tuple(values)
    assert found.shape == (len(values),)
    assert [exactly(d.value) for d in found.duals()] == values
    assert found.floats().tolist() == [float(v) for v in values]


@pytest.mark.parametrize(
    ("value", "shape", "dtype"),
    [
        (0.1, (), "float64"),
        (Fraction(1, 3), (), "float64"),
        (np.float32(0.1), (), "float32"),
        (np.float16(0.1), (), "float16"),
        ([0.1, 2], (2,), "float64"),
        ([Fraction(1, 3), 1], (2,), "float64"),
        ([[1.5], [2]], (2, 1), "float64"),
        (np.ones((2, 3), np.float32), (2, 3), "float32"),
        (np.zeros((0, 3)), (0, 3), "float64"),
    ],
    ids=repr,
)
def test_floats_are_varied(value: Any, shape: Any, dtype: str) -> None:
    """Floats, fractions and their arrays are float arguments, of the dtype they have."""
    found = argument(value)
    assert isinstance(found, FloatArgument)
    assert (found.shape, found.dtype) == (shape, dtype)
    assert found.values == tuple(
        Fraction(v.item() if hasattr(v, "item") else v) for v in np.asarray(value, object).ravel()
    )
    assert argument(value, "bfloat16").dtype == "bfloat16"


@pytest.mark.parametrize(
    "value",
    [
        3,
        True,
        None,
        "mean",
        np.int64(3),
        np.array([1, 2]),
        [1, 2],
        [True],
        {"a": 1},
        ["a"],
        1j,
        len,
    ],
    ids=repr,
)
def test_everything_else_is_fixed(value: Any) -> None:
    """Integers, booleans, texts and objects are handed through; lists of integers as arrays."""
    found = argument(value)
    assert isinstance(found, FixedArgument)
    assert np.array_equal(np.asarray(found.value, object), np.asarray(value, object))


def test_arguments_are_their_own() -> None:
    """What is an argument already stays that."""
    for value in (1.0, 3):
        found = argument(value)
        assert argument(found) is found
    moved = argument([1.0, 2.0])
    assert isinstance(moved, FloatArgument)
    assert moved.replaced([Fraction(3), Fraction(4)]).values == (3, 4)


def test_keys_are_shared_by_equal_arguments_and_no_others() -> None:
    """Two arrays that print alike, two types, or two objects have keys of their own."""
    long = np.zeros(5000, int)
    other = long.copy()
    other[2500] = 1
    values: list[Any] = [1, True, "1", None, 1.0j, long, other, {"a": 1}, {"a": 2}, (1,), [long]]
    values += [long.astype(np.int32), long.reshape(50, 100), {"w": long}, {"w": other}, object()]
    keys = [FixedArgument(v).key for v in values]
    assert len(set(keys)) == len(keys)
    for same in (1, "a", None, long, {"a": [1, (2, long)]}, np.int8(3)):
        assert FixedArgument(same).key == FixedArgument(same).key


@pytest.mark.parametrize("value", [math.nan, math.inf, [1.0, -math.inf]])
def test_infinities_are_no_inputs(value: Any) -> None:
    """A program is run at numbers."""
    with pytest.raises(DeclarationError, match="finite"):
        argument(value)


def test_a_dtype_is_one_of_the_floats() -> None:
    """Integers and unknown names are refused, with what is possible."""
    with pytest.raises(DeclarationError, match=r"float16, bfloat16, float32, float64.*int32"):
        argument(1.0, "int32")


def test_tensors_keep_their_dtype() -> None:
    """A tensor of PyTorch is its numbers, also where NumPy has no such dtype."""
    torch = pytest.importorskip("torch")
    for name in ("float16", "bfloat16", "float32", "float64"):
        found = argument(torch.tensor([0.5, 0.1], dtype=getattr(torch, name)))
        assert isinstance(found, FloatArgument)
        assert found.dtype == name
        assert found.values[0] == Fraction(1, 2)
        assert found.values[1] == Fraction(torch.tensor(0.1, dtype=getattr(torch, name)).item())
    assert isinstance(argument(torch.tensor([1, 2])), FixedArgument)


def test_arrays_of_jax_keep_their_dtype() -> None:
    """The same for JAX, whose bfloat16 NumPy does not know."""
    jnp = pytest.importorskip("jax.numpy")
    found = argument(jnp.array([0.5, 0.1], jnp.bfloat16))
    assert isinstance(found, FloatArgument)
    assert found.dtype == "bfloat16"
    assert found.values[0] == Fraction(1, 2)
    assert isinstance(argument(jnp.array([1, 2])), FixedArgument)
