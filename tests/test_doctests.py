"""The examples in docstrings."""

from __future__ import annotations

import doctest
import importlib
from types import ModuleType

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
    wrong = wrong_examples(importlib.import_module(module_name))
    assert not wrong, wrong


def test_a_wrong_example_is_found() -> None:
    """The check above can fail: an example with another output is reported with both."""
    module = ModuleType("sums", ">>> 1 + 1\n3")
    wrong = wrong_examples(module)
    assert "Expected:\n    3" in wrong
    assert "Got:\n    2" in wrong
