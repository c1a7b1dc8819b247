from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from gradproof.numeric.twins import ImpureProgramError, UnsupportedPrimitive, exact, rule
from gradproof.numeric.twins.registry import RULES, find_rule, impure, unsupported
from gradproof.symbolic.errors import UnsupportedError


@pytest.fixture
def table() -> Iterator[dict[str, Any]]:
    """Return the rules of NumPy, which are afterwards as they were."""
    before = dict(RULES["numpy"])
    yield RULES["numpy"]
    RULES["numpy"].clear()
    RULES["numpy"].update(before)


def test_a_rule_is_found_by_each_of_its_names(table: dict[str, Any]) -> None:
    """The first name that has a rule decides; the function itself is handed back."""

    @rule("numpy", "one_name", "another")
    def double(x: Any) -> Any:
        return x + x

    assert table["one_name"] is double
    assert find_rule("numpy", "unknown", "another") is double
    assert find_rule("numpy", "unknown") is None


def test_a_rule_of_a_user_is_used(table: dict[str, Any]) -> None:
    """A function of NumPy without a rule has a twin as soon as it has one, and not before."""
    table.pop("cbrt", None)
    program = exact(lambda x: np.cbrt(x))
    with pytest.raises(UnsupportedPrimitive) as raised:
        program.value(8.0)
    text = str(raised.value)
    assert "cbrt" in text
    assert "test_registry.py:" in text
    assert '@gradproof.rule("numpy", "cbrt")' in text

    @rule("numpy", "cbrt")
    def tripled(x: Any) -> Any:
        return x * 3  # wrong on purpose: what is registered is what is run

    assert tripled
    assert exact(lambda x: np.cbrt(x)).value(8.0).exact == 24


def test_a_rule_belongs_to_a_framework() -> None:
    """Another name is an error that tells the names."""
    with pytest.raises(UnsupportedError, match=r"jax, numpy, torch.*fortran"):
        rule("fortran", "sin")


def test_errors_name_what_is_missing_and_where() -> None:
    """Both are refusals, no crashes: of a primitive, and of a random program."""
    missing, random = unsupported("jax", "eig", "loss.py:3"), impure("a dropout", "loss.py:4")
    assert isinstance(missing, UnsupportedPrimitive)
    assert isinstance(random, ImpureProgramError)
    assert all(isinstance(e, UnsupportedError) for e in (missing, random))
    assert "jax's eig at loss.py:3" in str(missing)
    assert "a dropout at loss.py:4" in str(random)
