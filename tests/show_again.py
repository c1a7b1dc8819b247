"""Writes the outputs on the pages anew, where they are not what comes out today.

``python tests/show_again.py README.md docs/tutorial.md`` runs the blocks of these pages, all pages
if none is named; read the difference before it is committed, for the tests only say that the pages
agree with the program.
Blocks that need what is not installed stay as they are.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from shown import blocks_of, output_of
from shown_pages import ROOT, furnish, page_runs, pages
from shown_runs import Ran, comparable, runs


def renewed(page: str, ran: list[Ran]) -> str:
    """Return a page with the outputs of the commands that were run."""
    lines, blocks = page.splitlines(keepends=True), blocks_of(page)
    by_line: dict[int, list[Ran]] = {}
    for one in ran:
        by_line.setdefault(one.block.line, []).append(one)
    for line in sorted(by_line, reverse=True):
        group = by_line[line]
        block = group[0].block
        if block.kind == "bash" or all(_is_same(one) for one in group):
            continue
        target = output_of(blocks, block) if block.kind == "python" else block
        if target is not None:
            text = "".join(_shown(one) for one in group)
            lines[target.line : target.line + target.text.count("\n")] = [text]
    return "".join(lines)


def _is_same(one: Ran) -> bool:
    left, right = (comparable(one, text).rstrip() for text in (one.shown, one.printed))
    return left == right


def _shown(one: Ran) -> str:
    printed = one.printed.strip("\n")
    output = "".join(f"{line.rstrip()}\n" for line in printed.splitlines())
    command = one.command.replace("\n", "\n> ")
    return output if one.block.kind == "python" else f"$ {command}\n{output}"


def main(names: list[str]) -> None:
    """Renew the pages."""
    for name in names or pages():
        file = ROOT / name
        for needs in page_runs(name):
            if all(find_spec(module) for module in needs.split()):
                with TemporaryDirectory() as folder:
                    furnish(ROOT, Path(folder))
                    page = file.read_text(encoding="utf-8")
                    ran = list(runs(page, Path(folder), needs))
                    file.write_text(renewed(page, ran), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
