"""The pages of the project, and what each needs to run: README.md and docs/*.md."""

from __future__ import annotations

import os
import shutil
from importlib.util import find_spec
from pathlib import Path

import pytest
from shown import blocks_of, objections
from shown_runs import differences

ROOT = Path(__file__).resolve().parents[1]
GENERATED = ("docs/proof-report/", "docs/comparison-figures.md")
"""What programs write for the site; what they show is tested where they are."""


def pages() -> list[str]:
    """Return the names of the pages, from the root of the source tree; none without one."""
    found = [file.relative_to(ROOT).as_posix() for file in sorted(ROOT.glob("docs/**/*.md"))]
    kept = [name for name in found if not name.startswith(GENERATED)]
    return ["README.md", *kept] if (ROOT / "README.md").is_file() else []


def page_runs(name: str) -> list[str]:
    """Return what the programs of a page need, each once: an empty string for nothing."""
    file = ROOT / name
    blocks = blocks_of(file.read_text(encoding="utf-8")) if file.is_file() else []
    return sorted({block.needs for block in blocks if block.is_program})


def run_page(checkout: Path, name: str, folder: Path, needs: str) -> None:
    """Run what a page shows in a folder that has the examples and the report of the source tree.

    Skips where something needed is not installed, unless the tests of no framework may be left out.
    """
    missing = [module for module in needs.split() if find_spec(module) is None]
    if missing:
        assert not os.environ.get("GRADPROOF_FRAMEWORKS"), f"{missing} not installed"
        pytest.skip(f"{', '.join(missing)} not installed")
    page = (checkout / name).read_text(encoding="utf-8")
    assert objections(page) == []
    furnish(checkout, folder)
    found = differences(page, folder, needs)
    assert not found, f"{name}\n" + "\n".join(found)


def furnish(checkout: Path, folder: Path) -> None:
    """Give a folder what a clone holds after the first command of the README, as far as pages say.

    `.ci/run` sees to it that the report of that command is the one in ``reports/proofs``.
    """
    shutil.copytree(checkout / "examples", folder / "examples")
    shutil.copytree(checkout / "reports" / "proofs", folder / "proof-report")
