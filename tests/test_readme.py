"""The README: what it shows is what the program prints."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def _blocks(checkout: Path) -> list[tuple[str, str]]:
    return BLOCK.findall((checkout / "README.md").read_text(encoding="utf-8"))


PROGRAMS = {"clipped.py": "def loss(", "textbook.py": "g[y] -= 1\n    return g"}
"""The name that each program of the README has there, with a part of it."""


def _write_programs(blocks: list[tuple[str, str]], folder: Path) -> None:
    """Write the programs of the README under the names that they have there."""
    for name, part in PROGRAMS.items():
        program = next(text for kind, text in blocks if kind == "python" and part in text)
        (folder / name).write_text(program, encoding="utf-8")


def _is_audit(command: str) -> bool:
    return command.startswith("$ gradproof audit ")


def _masked(text: str) -> str:
    """Return text without the digits and the line ends that depend on processor and versions."""
    return " ".join(re.sub(r"\d[\d.]*(?:e[+-]\d+)?", "0", text).split())


def _run(words: list[str], folder: Path) -> str:
    found = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
    assert found.stderr == ""
    return found.stdout


def _without_opinion(text: str) -> str:
    """Return what an audit printed without what another checker says."""
    start, _, rest = text.partition("    scipy.optimize.check_grad ")
    return start + rest[rest.index("    Reproduce") :]


@pytest.mark.slow
def test_each_command_prints_what_is_shown(checkout: Path, tmp_path: Path) -> None:
    """Behind each console prompt stands the whole output of the command, word for word.

    Of an audit's, the numbers are those of one processor and one set of versions.
    """
    blocks = _blocks(checkout)
    claims = next(text for kind, text in blocks if kind == "python" and "Claim(" in text)
    (tmp_path / "claims_focal.py").write_text(claims, encoding="utf-8")
    _write_programs(blocks, tmp_path)
    shown = [text for kind, text in blocks if kind == "console"]
    assert len(shown) == 4
    for text in shown:
        command, _, output = text.partition("\n")
        words = command.removeprefix("$ gradproof ").split()
        printed = _run([sys.executable, "-m", "gradproof", *words], tmp_path)
        if _is_audit(command):
            if find_spec("scipy") is None:  # its checker is then said not to be installed
                printed, output = (_without_opinion(text) for text in (printed, output))
            assert _masked(printed) == _masked(output)
        else:
            assert printed.rstrip() == output.rstrip()


@pytest.mark.slow
def test_each_python_example_prints_what_is_shown(checkout: Path, tmp_path: Path) -> None:
    """Each example from Python prints the text shown below it."""
    blocks = _blocks(checkout)
    _write_programs(blocks, tmp_path)
    codes = [text for kind, text in blocks if kind == "python" and "print(" in text]
    outputs = [text for kind, text in blocks if kind == "text"]
    assert len(codes) == 3
    for code, output in zip(codes, outputs, strict=True):
        assert _run([sys.executable, "-c", code], tmp_path).rstrip() == output.rstrip()


@pytest.mark.slow
def test_the_example_of_an_audit_says_what_is_lost(checkout: Path, tmp_path: Path) -> None:
    """The numbers that the text around the example names are those of the audit."""
    blocks = _blocks(checkout)
    _write_programs(blocks, tmp_path)
    program = (tmp_path / "textbook.py").read_text(encoding="utf-8")
    mended = program.replace("g[y] -= 1", "g[y] = 0\n    g[y] = -np.sum(g)")
    (tmp_path / "mended.py").write_text(mended, encoding="utf-8")
    audit = [sys.executable, "-m", "gradproof", "audit"]
    printed = " ".join(
        _run([*audit, "textbook.py:gradient", "--dtype", "float32"], tmp_path).split()
    )
    assert "exactly 0 from 16.64 on" in printed
    assert find_spec("scipy") is None or "scipy.optimize.check_grad passes" in printed
    assert "mended.py:gradient as softmax cross-entropy with a label: passes\n" in _run(
        [*audit, "mended.py:gradient", "--dtype", "float32"], tmp_path
    )


@pytest.mark.slow
def test_the_example_of_an_assertion_passes(checkout: Path, tmp_path: Path) -> None:
    """The lines that accept known loss of accuracy run to their end, and print nothing."""
    blocks = _blocks(checkout)
    _write_programs(blocks, tmp_path)
    code = next(text for kind, text in blocks if kind == "python" and "assert_audit(" in text)
    assert _run([sys.executable, "-c", code], tmp_path) == ""
