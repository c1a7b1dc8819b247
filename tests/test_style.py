"""House style that no linter checks."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

LIMIT = 300
TESTS = Path(__file__).parent


def unstated_laws(source: str) -> list[str]:
    """Return the names of the test functions in `source` that have no docstring."""
    return [
        node.name
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test")
        and not ast.get_docstring(node)
    ]


@pytest.mark.parametrize("file", sorted(TESTS.rglob("test_*.py")), ids=lambda file: file.stem)
def test_every_test_states_its_law(file: Path) -> None:
    """The docstring of each test says what must hold."""
    assert not unstated_laws(file.read_text(encoding="utf-8"))


def test_a_test_without_a_law_is_found() -> None:
    """The check above can fail: it looks into classes and nested functions too."""
    source = "class TestSum:\n    def test_one(self): ...\n    def test_two(self): 'Law.'\n"
    assert unstated_laws(source) == ["test_one"]


def test_a_module_fits_one_idea(modules: dict[str, Path], module_name: str) -> None:
    """A module is short enough to hold one idea, and opens by saying what it is for."""
    source = modules[module_name].read_text(encoding="utf-8")
    assert ast.get_docstring(ast.parse(source))
    assert len(source.splitlines()) <= LIMIT


def test_nothing_is_left_for_later(modules: dict[str, Path], module_name: str) -> None:
    """No module carries a note on work not done."""
    source = modules[module_name].read_text(encoding="utf-8")
    assert not re.findall(r"\b(?:TODO|FIXME|XXX|HACK)\b", source)
