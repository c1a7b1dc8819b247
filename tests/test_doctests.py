"""The examples in docstrings."""

from __future__ import annotations

import doctest
import importlib
from types import ModuleType

import pytest

OPTIONAL = (
    "torch",
    "jax",
    "optax",
    "keras",
    "scipy",
    "sklearn",
    "autograd",
    "tensorflow",
    "ml_dtypes",
)
"""Packages that some modules need, tensorflow where Keras has no other backend set."""

OPTIONS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS


def wrong_examples(module: ModuleType) -> str:
    """Run the examples in the docstrings of `module` and return what doctest says against them."""
    printed: list[str] = []
    runner = doctest.DocTestRunner(optionflags=OPTIONS, verbose=False)
    for examples in doctest.DocTestFinder().find(module):
        runner.run(examples, out=printed.append)
    return "".join(printed)


def test_examples_in_docstrings_print_what_they_say(module_name: str) -> None:
    """Every example in a docstring gives the output written below it."""
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] not in OPTIONAL:
            raise
        pytest.skip(f"{module_name} needs {error.name}, which is not installed")
    wrong = wrong_examples(module)
    assert not wrong, wrong


def test_a_wrong_example_is_found() -> None:
    """The check above can fail: an example with another output is reported with both."""
    module = ModuleType("sums", ">>> 1 + 1\n3")
    wrong = wrong_examples(module)
    assert "Expected:\n    3" in wrong
    assert "Got:\n    2" in wrong
