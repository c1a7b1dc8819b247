"""The README: what it shows is what the program prints."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def _blocks(checkout: Path) -> list[tuple[str, str]]:
    return BLOCK.findall((checkout / "README.md").read_text(encoding="utf-8"))


def _write_program(blocks: list[tuple[str, str]], folder: Path) -> None:
    """Write the program of the README under the name that it has there."""
    program = next(text for kind, text in blocks if kind == "python" and "def loss(" in text)
    (folder / "clipped.py").write_text(program, encoding="utf-8")


def _run(words: list[str], folder: Path) -> str:
    found = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
    assert found.stderr == ""
    return found.stdout


@pytest.mark.slow
def test_each_command_prints_what_is_shown(checkout: Path, tmp_path: Path) -> None:
    """Behind each console prompt stands the whole output of the command, word for word."""
    blocks = _blocks(checkout)
    claims = next(text for kind, text in blocks if kind == "python" and "Claim(" in text)
    (tmp_path / "claims_focal.py").write_text(claims, encoding="utf-8")
    _write_program(blocks, tmp_path)
    shown = [text for kind, text in blocks if kind == "console"]
    assert len(shown) == 3
    for text in shown:
        command, _, output = text.partition("\n")
        words = command.removeprefix("$ gradproof ").split()
        printed = _run([sys.executable, "-m", "gradproof", *words], tmp_path)
        assert printed.rstrip() == output.rstrip()


@pytest.mark.slow
def test_each_python_example_prints_what_is_shown(checkout: Path, tmp_path: Path) -> None:
    """Each example from Python prints the text shown below it."""
    blocks = _blocks(checkout)
    _write_program(blocks, tmp_path)
    codes = [text for kind, text in blocks if kind == "python" and "print(" in text]
    outputs = [text for kind, text in blocks if kind == "text"]
    assert len(codes) == 3
    for code, output in zip(codes, outputs, strict=True):
        assert _run([sys.executable, "-c", code], tmp_path).rstrip() == output.rstrip()
