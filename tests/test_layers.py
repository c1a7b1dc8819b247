"""The layers: imports only go down, and no module hides a function."""

from __future__ import annotations

import ast
from importlib.util import resolve_name
from pathlib import Path

import pytest

ORDER = (
    "gradproof.symbolic",
    "gradproof.numeric",
    "gradproof.checks",
    "gradproof.reports",
    "gradproof",
)


def layer_of(module: str) -> int:
    """Return the height of the layer `module` belongs to; the front door is the highest."""
    inside = [rank for rank, layer in enumerate(ORDER) if f"{module}.".startswith(f"{layer}.")]
    return min(inside)


def broken_imports(source: str, module: str, *, is_package: bool = False) -> list[str]:
    """Return the imports in `source` that go up, or that reach the package by its own name."""
    package = module if is_package else module.rpartition(".")[0]
    broken: list[str] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            broken += [f"import {a.name}" for a in node.names if is_own(a.name)]
        elif isinstance(node, ast.ImportFrom):
            text = ast.unparse(node)
            if node.level == 0 and is_own(str(node.module)):
                broken.append(text)
            elif node.level > 0:
                home = resolve_name("." * node.level + (node.module or ""), package)
                targets = [f"{home}.{a.name}" for a in node.names]
                if any(layer_of(target) > layer_of(module) for target in targets):
                    broken.append(text)
    return broken


def is_own(name: str) -> bool:
    """Tell whether `name` is gradproof or something in it."""
    return f"{name}.".startswith("gradproof.")


def test_imports_only_go_down(modules: dict[str, Path], module_name: str) -> None:
    """A module imports from its own layer and those below it, and does so relatively."""
    file = modules[module_name]
    source = file.read_text(encoding="utf-8")
    assert not broken_imports(source, module_name, is_package=file.stem == "__init__")


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("gradproof.symbolic.loss", "from ..numeric import balls"),
        ("gradproof.numeric.balls", "from ..checks.engine import prove"),
        ("gradproof.checks.catalogue.kde", "from ...reports import page"),
        ("gradproof.checks.engine", "def f():\n    from .. import reports"),
        ("gradproof.reports.page", "from .. import prove"),
        ("gradproof.reports.page", "from ..cli import main"),
        ("gradproof.checks.engine", "import gradproof.symbolic"),
        ("gradproof.checks.engine", "from gradproof.symbolic import Loss"),
        ("gradproof.cli", "from gradproof import prove"),
    ],
)
def test_an_import_that_goes_up_is_found(module: str, source: str) -> None:
    """The check above can fail: upward and absolute imports are found, inside functions too."""
    assert len(broken_imports(source, module)) == 1


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("gradproof.checks.engine", "from ..symbolic import Loss"),
        ("gradproof.checks.engine", "from .verdict import Verdict"),
        ("gradproof.checks.catalogue.kde", "from ..claim import Claim"),
        ("gradproof.reports.page", "from .. import checks"),
        ("gradproof.cli", "from .reports import page"),
        ("gradproof.cli", "import gradproofs"),
    ],
)
def test_an_import_that_goes_down_is_allowed(module: str, source: str) -> None:
    """Imports from the own layer, a lower one or elsewhere are not reported."""
    assert not broken_imports(source, module)


def hidden_names(sources: dict[str, str]) -> set[str]:
    """Return the modules that are named like something their package defines or re-exports.

    Parameters
    ----------
    sources
        The source of each module under its dotted name.
    """
    offered: set[str] = set()
    for name, source in sources.items():
        if not any(other.startswith(f"{name}.") for other in sources):
            continue
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                offered.add(f"{name}.{node.name}")
            elif isinstance(node, ast.ImportFrom) and node.module:
                offered |= {f"{name}.{a.asname or a.name}" for a in node.names}
    return offered & sources.keys()


def test_no_module_is_named_like_a_public_function(modules: dict[str, Path]) -> None:
    """Importing a module never replaces what its package offers under the same name."""
    sources = {name: file.read_text(encoding="utf-8") for name, file in modules.items()}
    assert not hidden_names(sources)


def test_a_module_named_like_a_public_function_is_found() -> None:
    """The check above can fail; a package may offer one of its modules under the module's name."""
    defined = {"gradproof.a": "def sums(): ...", "gradproof.a.sums": ""}
    assert hidden_names(defined) == {"gradproof.a.sums"}
    exported = {"gradproof.a": "from .engine import prove", "gradproof.a.prove": ""}
    assert hidden_names(exported) == {"gradproof.a.prove"}
    module = {"gradproof.a": "from . import sums", "gradproof.a.sums": ""}
    assert not hidden_names(module)
