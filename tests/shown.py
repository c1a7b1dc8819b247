"""What Markdown pages show: their blocks of code, and what becomes of each.

Guarantees: every block of a page is run, compared, written as a file, named in `SET_UP`, or told by
`objections`; no block is left out in silence.
Cannot see: text that is indented as code without a fence, which `objections` refuses too.

The convention, by the word behind the three backticks:

``console``
    Lines ``$ command``, each followed by its whole output, errors included; ``> `` continues a
    command. The commands of a block share a shell, so that ``$ echo $?`` shows a status.
``bash``
    Commands without output shown; they must succeed.
``python``
    A whole program; the ``text`` block behind it is its whole output, without one it prints
    nothing.

Notes for the tests stand in comments above a block, which readers do not see:

``<!-- file: NAME -->``
    The block is that file, in the folder in which all blocks of the page run; any kind of block.
    The paragraph above names it, for those who read.
``<!-- needs: torch -->``
    The block runs only where this is installed; several are separated by spaces.
``<!-- status: 1 -->``
    The status with which the last command ends, where it is not 0 in a ``bash`` block.
``<!-- digits: masked -->``
    Of an audit: digits and line ends depend on processor and versions, and are not compared.

Several notes may stand in one comment with semicolons between them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

_VENV = "python3 -m venv .venv && .venv/bin/pip install . && "
_VENV_DEV = "python3 -m venv .venv-dev && .venv-dev/bin/pip install -e '.[dev]' && "

SET_UP = (
    f"{_VENV}.venv/bin/gradproof prove --report proof-report",
    ".venv/bin/pip install '.[solvers]'",
    f"{_VENV_DEV}.venv-dev/bin/pytest -n auto",
)
"""The commands that no test runs: they make environments. `.ci/run` runs the first and the last."""

RUN = ("console", "bash", "python")
NOTES = ("file", "needs", "status", "digits")

FENCE = re.compile(r"(?P<indent> *)(?P<fence>`{3,}|~{3,})(?P<info>.*)")
COMMENT = re.compile(r"<!--(?P<notes>[^<>]*)-->")
STEP = re.compile(r"^ *(?:- )?run: *(?P<command>[^|>\s].*)$", re.MULTILINE)
DIRECTIVE = re.compile(r"\{[\w-]+\}")


@dataclass(frozen=True)
class Block:
    """A fenced block of a page.

    Attributes
    ----------
    kind
        The word behind the backticks.
    text
        What it holds.
    line
        The line of its fence, from 1.
    notes
        The notes above it.
    """

    kind: str
    text: str
    line: int
    notes: Mapping[str, str] = field(default_factory=dict)

    @property
    def file(self) -> str:
        """The name of the file that it is; empty if it is none."""
        return self.notes.get("file", "")

    @property
    def needs(self) -> str:
        """What must be installed for it, by spaces; empty for nothing beyond gradproof."""
        return self.notes.get("needs", "")

    @property
    def is_program(self) -> bool:
        """Whether it is run."""
        return self.kind in RUN and not self.file and not self.is_set_up

    @property
    def is_set_up(self) -> bool:
        """Whether it is a command that no test runs."""
        return self.kind == "bash" and self.text.strip() in SET_UP


def blocks_of(page: str) -> list[Block]:
    """Return the fenced blocks of a page, in order."""
    lines = page.splitlines()
    found, notes, number = [], {}, 0
    while number < len(lines):
        line = lines[number]
        opening = FENCE.fullmatch(line)
        if opening is None:
            notes = {**notes, **notes_in(line)} if COMMENT.fullmatch(line) else {}
            number += 1
            continue
        end = _end_of(lines, number, opening)
        text = "".join(f"{one[len(opening['indent']) :]}\n" for one in lines[number + 1 : end])
        kind = opening["info"].strip().partition(" ")[0]
        found.append(Block(kind, text, number + 1, notes))
        notes, number = {}, end + 1
    return found


def _end_of(lines: list[str], start: int, opening: re.Match[str]) -> int:
    for number in range(start + 1, len(lines)):
        bare = lines[number].strip()
        if set(bare) == {opening["fence"][0]} and len(bare) >= len(opening["fence"]):
            return number
    return len(lines)


def notes_in(line: str) -> dict[str, str]:
    """Return the notes in a comment, by name."""
    found = COMMENT.fullmatch(line)
    parts = found["notes"].split(";") if found else []
    pairs = [part.partition(":") for part in parts]
    return {name.strip(): value.strip() for name, _, value in pairs}


def output_of(blocks: list[Block], program: Block) -> Block | None:
    """Return the block with the output of a program in Python; None if it prints nothing."""
    place = blocks.index(program) + 1
    after = blocks[place] if place < len(blocks) else None
    return after if after is not None and after.kind == "text" and not after.file else None


def commands_in(block: Block) -> list[tuple[str, str]]:
    """Return the commands of a console block, each with its output."""
    found: list[list[str]] = []
    for line in block.text.splitlines():
        if line.startswith("$ "):
            found.append([line.removeprefix("$ "), ""])
        elif line.startswith("> ") and found and not found[-1][1]:
            found[-1][0] += f"\n{line.removeprefix('> ')}"
        elif found:
            found[-1][1] += f"{line}\n"
    return [(command, output) for command, output in found]


def objections(page: str) -> list[str]:
    """Return what is wrong with the blocks of a page before any is run, with the lines."""
    blocks = blocks_of(page)
    found = [f"line {block.line}: {text}" for block in blocks for text in _wrong(blocks, block)]
    more = (_indented(page), _unnamed(page), _idle_files(blocks), _strange_steps(blocks))
    return found + [text for part in more for text in part]


def _wrong(blocks: list[Block], block: Block) -> Iterator[str]:
    strange = [name for name in block.notes if name not in NOTES]
    if strange:
        yield f"no note is called {', '.join(strange)}"
    if block.notes.get("digits", "masked") != "masked":
        yield "digits are masked or compared"
    if block.file and (".." in PurePosixPath(block.file).parts or block.file.startswith("/")):
        yield f"{block.file} is outside the folder of the page"
    if block.file or block.kind == "math" or DIRECTIVE.fullmatch(block.kind):
        return
    if block.kind == "text":
        if not any(output_of(blocks, one) is block for one in _programs(blocks, "python")):
            yield "this text is the output of no program"
    elif block.kind not in RUN:
        yield f"a block of the kind {block.kind!r} is neither run nor compared; name it as a file"
    elif block.kind == "console" and not block.text.startswith("$ "):
        yield "a console block begins with a command, behind '$ '"
    if "digits" in block.notes and "audit" not in block.text:
        yield "only the digits of audits are masked"


def _programs(blocks: list[Block], kind: str) -> list[Block]:
    return [block for block in blocks if block.kind == kind and block.is_program]


def _unnamed(page: str) -> Iterator[str]:
    """Yield the files whose name no reader sees: the paragraph above does not tell it."""
    lines = page.splitlines()
    for block in blocks_of(page):
        above = [line for line in lines[: block.line - 1] if not COMMENT.fullmatch(line)]
        while above and not above[-1].strip():
            above.pop()
        start = max((k for k, line in enumerate(above) if not line.strip()), default=-1)
        if block.file and f"`{block.file}`" not in " ".join(above[start + 1 :]):
            yield f"line {block.line}: the text above does not name {block.file}"


def _idle_files(blocks: list[Block]) -> Iterator[str]:
    """Yield the files in Python that nothing on the page uses."""
    used = " ".join(block.text for block in blocks if block.is_program)
    others = {b.file: b.text for b in blocks if b.file.endswith(".py")}
    for block in blocks:
        name = PurePosixPath(block.file).stem
        imported = any(re.search(rf"\b{name}\b", t) for f, t in others.items() if f != block.file)
        if block.file.endswith(".py") and not imported and not re.search(rf"\b{name}\b", used):
            yield f"line {block.line}: nothing runs {block.file}"


def _strange_steps(blocks: list[Block]) -> Iterator[str]:
    """Yield the commands of workflows of continuous integration that the page itself does not run.

    A command that installs is none of them.
    """
    run = [line for block in blocks if block.kind == "bash" for line in block.text.splitlines()]
    run += [c for block in blocks if block.kind == "console" for c, _ in commands_in(block)]
    for block in blocks:
        if block.kind in ("yaml", "yml"):
            for step in STEP.finditer(block.text):
                command = step["command"].strip()
                if command not in run and not command.startswith("pip install "):
                    yield f"line {block.line}: the page runs no {command!r}"


def _indented(page: str) -> Iterator[str]:
    """Yield the lines that Markdown takes for code although they have no fence."""
    lines, covered = page.splitlines(), set()
    for block in blocks_of(page):
        covered |= set(range(block.line, block.line + block.text.count("\n") + 2))
    listed = False
    for number, line in enumerate(lines, 1):
        listed = bool(re.match(r" *([-*]|\d+\.) ", line)) or (listed and line[:1] in ("", " "))
        blank = number == 1 or not lines[number - 2].strip()
        if number not in covered and line.startswith("    ") and blank and not listed:
            yield f"line {number}: code without a fence"
