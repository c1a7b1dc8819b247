"""The distribution: one name on the import path, every module, nothing else."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

LAYERS = ("symbolic", "numeric", "checks", "reports")
SHIPPED = (".py", ".css", ".js", ".woff2", "OFL.txt")


@pytest.mark.slow
def test_the_wheel_holds_the_package_and_nothing_else(checkout: Path, tmp_path: Path) -> None:
    """The wheel puts one name on the import path and ships every module, once, with types."""
    tree = copy_of(checkout, tmp_path / "tree")
    names = built_names(tree, tmp_path / "dist")
    info = {name for name in names if re.match(r"gradproof-[^/]+\.dist-info/", name)}
    assert {name.partition("/")[0] for name in names - info} == {"gradproof"}
    assert names - info == expected_names(tree) | {"gradproof/py.typed"}
    for licence in ("LICENSE", "reports/html/OFL.txt"):
        assert any(name.endswith(f"/licenses/{licence}") for name in info)


def copy_of(checkout: Path, tree: Path) -> Path:
    """Copy what a build reads to `tree`, since building leaves files in the source tree."""
    for folder in (*LAYERS, "src"):
        ignore = shutil.ignore_patterns("*.egg-info", "__pycache__")
        shutil.copytree(checkout / folder, tree / folder, ignore=ignore)
    for file in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(checkout / file, tree / file)
    return tree


def built_names(tree: Path, dist: Path) -> set[str]:
    """Build the wheel of `tree`, by way of the source distribution, and list its files."""
    done = subprocess.run(
        [sys.executable, "-m", "build", "--outdir", str(dist), str(tree)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = dist.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def expected_names(tree: Path) -> set[str]:
    """Return the path, inside the wheel, of every Python file and all that pages are made with."""
    front = tree / "src" / "gradproof"
    files = {file.relative_to(front) for file in front.rglob("*.py")}
    for layer in LAYERS:
        found = (tree / layer).rglob("*")
        files |= {file.relative_to(tree) for file in found if file.name.endswith(SHIPPED)}
    return {f"gradproof/{file.as_posix()}" for file in files}


def test_every_package_is_mapped(checkout: Path) -> None:
    """Each folder of a layer that has Python files is in both tables of pyproject.toml."""
    tables = tomllib.loads((checkout / "pyproject.toml").read_text(encoding="utf-8"))
    setuptools = tables["tool"]["setuptools"]
    folders = {f.parent for layer in LAYERS for f in (checkout / layer).rglob("*.py")}
    mapping = {
        f"gradproof.{folder.relative_to(checkout).as_posix().replace('/', '.')}": (
            folder.relative_to(checkout).as_posix()
        )
        for folder in folders
    }
    assert setuptools["package-dir"] == mapping | {"gradproof": "src/gradproof"}
    assert set(setuptools["packages"]) == set(setuptools["package-dir"])


def test_the_root_cannot_be_imported_as_a_package(checkout: Path) -> None:
    """No file at the root or in tests makes Python or pytest import the source tree twice."""
    assert not (checkout / "__init__.py").exists()
    assert not (checkout / "gradproof").exists()
    assert not list((checkout / "tests").rglob("__init__.py"))


def test_tool_versions_agree(checkout: Path) -> None:
    """The commit hooks format with the very release of ruff that continuous integration uses."""
    pin = r"\bruff==([\d.]+)"
    project = re.findall(pin, (checkout / "pyproject.toml").read_text(encoding="utf-8"))
    hooks = re.findall(pin, (checkout / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    assert len(project) == 1
    assert set(hooks) == set(project)


def test_the_readme_has_two_set_up_commands(checkout: Path) -> None:
    """README.md sets up use and development by one command each, every one in its own venv."""
    readme = (checkout / "README.md").read_text(encoding="utf-8")
    use, develop = re.findall(r"^python3 -m venv .*$", readme, flags=re.MULTILINE)
    assert use.split(" && ") == [
        "python3 -m venv .venv",
        ".venv/bin/pip install .",
        ".venv/bin/gradproof prove --report proof-report",
    ]
    assert develop.split(" && ") == [
        "python3 -m venv .venv-dev",
        ".venv-dev/bin/pip install -e '.[dev]'",
        ".venv-dev/bin/pytest -n auto",
    ]
