"""The front door: it opens without SymPy, and what it offers is what is defined behind it."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from importlib import import_module
from importlib.metadata import entry_points, version
from pathlib import Path

import pytest

import gradproof

HEAVY = ("sympy", "mpmath", "flint", "numpy")

RUN = (
    "import runpy, sys; sys.argv = ['gradproof', '{}']; "
    "runpy.run_module('gradproof', run_name='__main__')"
)


def loaded_by(code: str) -> set[str]:
    """Return the modules loaded in a fresh interpreter once `code` has run, even if it exits."""
    script = (
        "import atexit, json, sys\n"
        "atexit.register(lambda: print('\\n' + json.dumps(sorted(sys.modules))))\n"
        f"{code}"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize(
    "code",
    [
        "import gradproof",
        "import gradproof; dir(gradproof)",
        "import gradproof; gradproof.__version__",
        "import gradproof.checks.plugin",
        RUN.format("--help"),
        RUN.format("--version"),
    ],
    ids=["import", "dir", "version", "plugin", "--help", "--version"],
)
def test_the_front_door_opens_without_formulas(code: str) -> None:
    """Importing gradproof, its plugin, or asking for help loads no mathematics."""
    assert not loaded_by(code) & set(HEAVY)


def test_loading_mathematics_is_seen() -> None:
    """The check above can fail: a name that needs SymPy loads it."""
    assert "sympy" in loaded_by("import gradproof; gradproof.Loss")


def test_a_session_without_claims_loads_no_formulas(tmp_path: Path) -> None:
    """The pytest plugin of an installed gradproof costs an unrelated test session no SymPy."""
    (tmp_path / "test_other.py").write_text("def test_nothing():\n    pass\n", encoding="utf-8")
    code = f"import pytest; sys.exit(pytest.main(['-p', 'no:cacheprovider', {str(tmp_path)!r}]))"
    loaded = loaded_by(code)
    assert "gradproof.checks.plugin" in loaded
    assert "sympy" not in loaded


@pytest.mark.parametrize("name", gradproof.__all__)
def test_every_public_name_is_found(name: str) -> None:
    """Each name in ``__all__`` can be used, and is listed by ``dir``."""
    assert getattr(gradproof, name) is not None
    assert name in dir(gradproof)


@pytest.mark.parametrize("name", ["inputs", "kernels", "losses", "stable", "strategies"])
def test_a_library_can_be_imported_from(name: str) -> None:
    """``from gradproof.losses import ...`` finds all that the library says is public, the same."""
    library = import_module(f"gradproof.{name}")
    assert library is getattr(gradproof, name)
    (home,) = re.findall(
        r"^from (\S+) import \*$", Path(str(library.__file__)).read_text(), re.MULTILINE
    )
    defining = import_module(home, "gradproof")
    assert defining.__all__
    for public in defining.__all__:
        assert getattr(library, public) is getattr(defining, public)


def test_an_unknown_name_is_an_attribute_error() -> None:
    """A misspelt name is refused in Python's own words."""
    with pytest.raises(AttributeError, match=r"^module 'gradproof' has no attribute 'proove'$"):
        _ = gradproof.proove  # type: ignore[attr-defined]


def test_type_checkers_see_what_is_imported() -> None:
    """The imports written for type checkers lead where the lazy ones lead."""
    written: dict[str, str] = {}
    source = Path(str(gradproof.__file__)).read_text(encoding="utf-8")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.level == 1:
            written |= {a.name: f".{node.module or ''}" for a in node.names}
    lazy = {name: home.partition(":") for name, home in gradproof._HOMES.items()}
    homes = {
        name: module if attribute else module.rpartition(".")[0] or "."
        for name, (module, _, attribute) in lazy.items()
    }
    assert written == homes
    assert sorted({*homes, "__version__"}) == sorted(gradproof.__all__)


def test_version_is_that_of_the_distribution() -> None:
    """``__version__`` is what the installed distribution says."""
    assert gradproof.__version__ == version("gradproof")


def test_the_installed_commands_are_the_documented_ones() -> None:
    """The distribution offers the command `gradproof` and the pytest plugin, and both load."""
    (command,) = entry_points(group="console_scripts", name="gradproof")
    (plugin,) = entry_points(group="pytest11", name="gradproof")
    assert command.value == "gradproof.cli:main"
    assert plugin.value == "gradproof.checks.plugin"
    assert callable(command.load())
    assert plugin.load().__name__ == plugin.value
