"""Runs what Markdown pages show, and compares it with what they say comes out.

Guarantees: each block of the kinds `shown.RUN` runs in one folder for the page, in order; what it
prints is compared line by line, trailing blanks apart.
Of pytest the seconds are not compared, of audits with ``digits: masked`` the digits and line ends.
"""

from __future__ import annotations

import os
import re
import subprocess
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import unified_diff
from importlib.util import find_spec
from pathlib import Path

from shown import Block, blocks_of, commands_in, output_of

MARK = "--- status"
SECONDS = re.compile(r"\b\d+\.\d+s\b( \(\d:\d\d:\d\d\))?")
NUMBER = re.compile(r"\d[\d.]*(?:e[+-]\d+)?")
OPINION = re.compile(r" {4}scipy\.optimize\.check_grad .*?(?= {4}Reproduce)", re.DOTALL)

_OF_A_TEST_RUN = re.compile(r"PYTEST_|PY_|COV_|COLUMNS|LINES|FORCE_COLOR|CI$")


@dataclass(frozen=True)
class Ran:
    """One command of a block, or a program in Python, that was run.

    Attributes
    ----------
    block
        The block.
    command
        The command as it is shown.
    shown, printed
        What the page says it prints, and what it printed.
    status
        The status with which it ended.
    is_last
        Whether it is the last of its block, the one whose status counts.
    """

    block: Block
    command: str
    shown: str
    printed: str
    status: str
    is_last: bool = True


def environment() -> dict[str, str]:
    """Return what a user's shell holds: the programs of this installation come first."""
    kept = {name: value for name, value in os.environ.items() if not _OF_A_TEST_RUN.match(name)}
    path = os.pathsep.join([sysconfig.get_path("scripts"), kept.get("PATH", os.defpath)])
    return kept | {"PATH": path, "GRADPROOF_CACHE": "off", "NO_COLOR": "1"}


def runs(page: str, folder: Path, needs: str = "") -> Iterator[Ran]:
    """Run the blocks of a page that need just this, in order.

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
    for block in blocks:
        if block.file:
            file = folder / block.file
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(block.text, encoding="utf-8")
        elif block.is_program and block.needs == needs:
            yield from _ran(blocks, block, folder)


def differences(page: str, folder: Path, needs: str = "") -> list[str]:
    """Run the blocks of a page as `runs` does, and return what is not as shown."""
    return [
        f"line {ran.block.line}: {told}" for ran in runs(page, folder, needs) for told in _told(ran)
    ]


def _ran(blocks: list[Block], block: Block, folder: Path) -> Iterator[Ran]:
    if block.kind == "python":
        (folder / "example.py").write_text(block.text, encoding="utf-8")
        output = output_of(blocks, block)
        pairs = [("python example.py", output.text if output else "")]
    else:
        pairs = commands_in(block) if block.kind == "console" else [(block.text.strip(), "")]
    printed = _in_a_shell([command for command, _ in pairs], folder)
    for number, ((command, shown), (text, status)) in enumerate(
        zip(pairs, printed, strict=True), 1
    ):
        yield Ran(block, command, shown, text, status, number == len(pairs))


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


def _told(ran: Ran) -> Iterator[str]:
    """Yield what a run did otherwise than shown."""
    wanted = ran.block.notes.get("status", ran.status if ran.block.kind == "console" else "0")
    if ran.is_last and ran.status != wanted:
        yield f"it ended with status {ran.status}, not {wanted}:\n{ran.printed}"
    if ran.block.kind == "bash":
        return
    left, right = (_lines(comparable(ran, text)) for text in (ran.shown, ran.printed))
    if left != right:
        yield "\n".join([ran.command, *unified_diff(left, right, "shown", "printed", lineterm="")])


def comparable(ran: Ran, text: str) -> str:
    """Return a text without what differs from run to run of this command."""
    if ran.command.startswith("pytest"):
        text = SECONDS.sub("0.00s", text)
    return masked(text) if "digits" in ran.block.notes else text


def _lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.strip("\n").splitlines()]


def masked(text: str) -> str:
    """Return what an audit printed without what depends on processor and versions.

    Where SciPy is not installed, what is said of its checker is left out too.
    """
    if find_spec("scipy") is None:
        text = OPINION.sub("", text)
    return "\n".join(NUMBER.sub("0", text).split())
