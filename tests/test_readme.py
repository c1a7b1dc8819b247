"""The README: what it shows is what the program prints."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from shown import blocks_of
from shown_pages import page_runs, run_page

sys.path.remove(str(Path(__file__).parent))

README = "README.md"


@pytest.mark.parametrize("needs", page_runs(README))
@pytest.mark.slow
def test_what_the_readme_shows_is_what_comes_out(
    checkout: Path, tmp_path: Path, needs: str
) -> None:
    """Each command and each program of the README prints the output shown below it."""
    run_page(checkout, README, tmp_path, needs)


@pytest.mark.slow
def test_the_example_of_an_audit_says_what_is_lost(checkout: Path, tmp_path: Path) -> None:
    """The numbers that the text around the example names are those of the audit."""
    blocks = blocks_of((checkout / README).read_text(encoding="utf-8"))
    program = next(block.text for block in blocks if block.file == "textbook.py")
    mended = program.replace("g[y] -= 1", "g[y] = 0\n    g[y] = -np.sum(g)")
    (tmp_path / "textbook.py").write_text(program, encoding="utf-8")
    (tmp_path / "mended.py").write_text(mended, encoding="utf-8")
    printed = _audited("textbook.py:gradient", tmp_path)
    assert "exactly 0 from 16.64 on" in printed
    assert find_spec("scipy") is None or "scipy.optimize.check_grad passes" in printed
    better = _audited("mended.py:gradient", tmp_path)
    assert "mended.py:gradient as softmax cross-entropy with a label: passes " in better
    (score,) = re.findall(r"worst score (\S+) ", better)
    assert float(score) < 10


def _audited(target: str, folder: Path) -> str:
    """Return what an audit in float32 prints, on one line."""
    found = subprocess.run(
        [sys.executable, "-m", "gradproof", "audit", target, "--dtype", "float32"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.stderr == ""
    return " ".join(found.stdout.split())
