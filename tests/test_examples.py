"""The examples: each prints what is stored beside it, by the command that it names."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

COMMANDS = {
    "keras_clip.txt": "python examples/keras_clip.py",
    "keras_clip_keras.txt": "python examples/keras_clip.py keras",
    "paper_gradient.txt": "gradproof prove examples/paper_gradient.py",
    "quadratic_plateau.txt": "python examples/quadratic_plateau.py",
    "robocode_angles.txt": "gradproof prove examples/robocode_angles.py",
    "test_custom_torch_loss.txt": "pytest -qq -rP examples/test_custom_torch_loss.py",
}
"""The command that prints what each file stores."""

FRAMEWORKS = {"keras_clip_keras.txt": "keras", "test_custom_torch_loss.txt": "torch"}
"""What a command needs beside gradproof."""

PROGRAMS = {
    "python": [sys.executable],
    "gradproof": [sys.executable, "-m", "gradproof"],
    "pytest": [sys.executable, "-m", "pytest", "-p", "no:cacheprovider"],
}


def _printed(command: str, folder: Path) -> str:
    """Return what a command prints in a folder, in which it must succeed."""
    program, *words = command.split()
    found = subprocess.run(
        [*PROGRAMS[program], *words],
        cwd=folder,
        env={**os.environ, "COLUMNS": "80", "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert (found.returncode, found.stderr) == (0, ""), found.stdout + found.stderr
    return found.stdout


@pytest.mark.slow
@pytest.mark.parametrize("name", COMMANDS)
def test_an_example_prints_what_is_stored(name: str, checkout: Path) -> None:
    """The command that an example names prints the stored text, word for word."""
    framework = FRAMEWORKS.get(name)
    if framework is not None and find_spec(framework) is None:
        pytest.skip(f"{framework} is not installed")
    stored = (checkout / "examples" / name).read_text(encoding="utf-8")
    assert _printed(COMMANDS[name], checkout) == stored


@pytest.mark.parametrize("name", COMMANDS)
def test_an_example_names_its_command(name: str, checkout: Path) -> None:
    """The docstring of an example holds the command, on a line of its own."""
    command = COMMANDS[name]
    file = next(word for word in command.split() if word.endswith(".py"))
    docstring = ast.get_docstring(ast.parse((checkout / file).read_text(encoding="utf-8")))
    assert f"    {command}" in str(docstring).splitlines()


def test_every_stored_text_is_compared(checkout: Path) -> None:
    """No text beside the examples is left out of the comparison above."""
    stored = {path.name for path in (checkout / "examples").glob("*.txt")}
    assert stored == set(COMMANDS)
