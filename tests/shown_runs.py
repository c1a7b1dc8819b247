"""Runs what Markdown pages show, and compares it with what they say comes out.

Guarantees: each block of the kinds `shown.RUN` runs in one folder for the page, in order; what it
prints is compared line by line, trailing blanks apart.
Of pytest the seconds are not compared, of audits with ``digits: masked`` the digits and line ends.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from difflib import unified_diff
from importlib.util import find_spec
from pathlib import Path

from shown import Block, blocks_of, commands_in, output_of

MARK = "--- status"
SECONDS = re.compile(r"\b\d+\.\d+s\b( \(\d:\d\d:\d\d\))?")
NUMBER = re.compile(r"\d[\d.]*(?:e[+-]\d+)?")
OPINION = re.compile(r" {4}scipy\.optimize\.check_grad .*?(?= {4}Reproduce)", re.DOTALL)

_OF_A_TEST_RUN = re.compile(r"PYTEST_|PY_|COV_|COLUMNS|LINES|FORCE_COLOR|CI$")


def environment() -> dict[str, str]:
    """Return what a user's shell holds: the programs of this installation come first."""
    kept = {name: value for name, value in os.environ.items() if not _OF_A_TEST_RUN.match(name)}
    path = os.pathsep.join([sysconfig.get_path("scripts"), kept.get("PATH", os.defpath)])
    return kept | {"PATH": path, "GRADPROOF_CACHE": "off", "NO_COLOR": "1"}


def differences(page: str, folder: Path, needs: str = "") -> list[str]:
    """Run the blocks of a page that need just this, and return what is not as shown.

    Parameters
    ----------
    page
        The page in Markdown.
    folder
        Where its blocks run; its files are written there.
    needs
        What must be installed: the blocks with this note run; files are written for all.
    """
    blocks = blocks_of(page)
    found = []
    for block in blocks:
        if block.file:
            file = folder / block.file
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(block.text, encoding="utf-8")
        elif block.is_program and block.needs == needs:
            told = [*_told(blocks, block, folder)]
            found += [f"line {block.line}: {text}" for text in told]
    return found


def _told(blocks: list[Block], block: Block, folder: Path) -> Iterator[str]:
    """Yield what a block does otherwise than shown."""
    if block.kind == "python":
        shown = output_of(blocks, block)
        yield from _python(block, shown.text if shown else "", folder)
        return
    pairs = commands_in(block) if block.kind == "console" else [(block.text.strip(), "")]
    printed = _in_a_shell([command for command, _ in pairs], folder)
    wanted = block.notes.get("status", "0" if block.kind == "bash" else printed[-1][1])
    if printed[-1][1] != wanted:
        yield f"it ended with status {printed[-1][1]}, not {wanted}:\n{printed[-1][0]}"
    if block.kind == "console":
        for (command, output), (text, _) in zip(pairs, printed, strict=True):
            yield from _compared(block, command, output, text)


def _python(block: Block, output: str, folder: Path) -> Iterator[str]:
    (folder / "example.py").write_text(block.text, encoding="utf-8")
    ((text, status),) = _in_a_shell([f"{_quoted(sys.executable)} example.py"], folder)
    if status != block.notes.get("status", "0"):
        yield f"it ended with status {status}:\n{text}"
    yield from _compared(block, "the program", output, text)


def _quoted(word: str) -> str:
    return "'" + word.replace("'", "'\\''") + "'"


def _in_a_shell(commands: list[str], folder: Path) -> list[tuple[str, str]]:
    """Run commands one after another in one shell; return what each printed and its status."""
    end = f"\nshown=$?; printf '\\n%s %s\\n' '{MARK}' $shown; (exit $shown)\n"
    ran = subprocess.run(
        ["bash", "-c", "exec 2>&1\n" + "".join(command + end for command in commands)],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    parts = re.split(rf"\n{MARK} (\d+)\n", ran.stdout)
    assert len(parts) == 2 * len(commands) + 1, ran.stdout
    return list(zip(parts[0:-1:2], parts[1::2], strict=True))


def _compared(block: Block, command: str, shown: str, printed: str) -> Iterator[str]:
    """Yield the difference between what is shown and what was printed, if there is one."""
    if command.startswith("pytest"):
        shown, printed = (SECONDS.sub("0.00s", text) for text in (shown, printed))
    if "digits" in block.notes:
        shown, printed = masked(shown), masked(printed)
    left, right = _lines(shown), _lines(printed)
    if left != right:
        lines = unified_diff(left, right, "shown", "printed", lineterm="")
        yield "\n".join([command, *lines])


def _lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.strip("\n").splitlines()]


def masked(text: str) -> str:
    """Return what an audit printed without what depends on processor and versions.

    Where SciPy is not installed, what is said of its checker is left out too.
    """
    if find_spec("scipy") is None:
        text = OPINION.sub("", text)
    return "\n".join(NUMBER.sub("0", text).split())
