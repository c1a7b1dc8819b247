"""Killed at any moment, a run leaves no broken cache, no broken report and no process behind."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

HEAD = "from gradproof import Claim, losses\nfrom gradproof.symbolic import *\n"
CLAIMS = """\
total = class_sum(lambda j: S(j))
ce = losses.softmax_cross_entropy
claims = [Claim(f"c{a}", Eq(a * total, a), loss=ce) for a in range(1, 13)]
wrong = [Claim(f"w{a}", Eq(a * total, a + 1), expected="REFUTED") for a in range(1, 13)]
"""
COMMAND = ["prove", "claims_a.py", "--jobs", "2", "--cache", "cache"]
COMMAND += ["--report", "pages", "--json", "a.json"]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not hasattr(os, "killpg"), reason="needs process groups"),
]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the current folder, which holds a file of claims alone."""
    monkeypatch.chdir(tmp_path)
    Path("claims_a.py").write_text(HEAD + CLAIMS, encoding="utf-8")
    return tmp_path


def started() -> subprocess.Popen[bytes]:
    """Start the program."""
    command = [sys.executable, "-m", "gradproof", *COMMAND]
    return subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True
    )


def has_members(group: int) -> bool:
    """Tell whether a process group still has a process."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def pages(folder: Path) -> dict[str, bytes]:
    """Return the content of a report."""
    return {file.name: file.read_bytes() for file in folder.rglob("*.*")} if folder.exists() else {}


def without_seconds(text: str) -> object:
    """Return JSON data without the times in it."""
    return json.loads(text, object_pairs_hook=lambda pairs: [p for p in pairs if p[0] != "seconds"])


def whole() -> tuple[dict[str, bytes], object]:
    """Run the program to its end and return what it wrote."""
    process = started()
    _, errors = process.communicate()
    assert process.returncode == 0, errors
    return pages(Path("pages")), without_seconds(Path("a.json").read_text(encoding="utf-8"))


def moments(count: int, duration: float) -> Iterator[float]:
    """Yield seconds after the start, one in each of `count` equal parts of a run."""
    draw = random.Random(0)
    return ((part + draw.random()) * duration / count for part in range(count))


def test_a_killed_run_leaves_everything_whole(folder: Path) -> None:
    """Ten kills from the start of a run to its end: cache and report stay whole.

    After each, the report is the older or the new one, no process is left, and nothing lies about
    that the next run does not remove; the next runs find what was known and write the same.
    """
    start = time.perf_counter()
    expected = whole()
    duration = time.perf_counter() - start
    Path("cache").rename(folder / "elsewhere")
    Path("a.json").unlink()
    older = {name: text for name, text in expected[0].items() if name != "w3.md"}
    Path("pages/w3.md").unlink()
    for moment in moments(10, duration):
        process = started()
        time.sleep(moment)
        process.kill()
        process.communicate()  # ends when no process holds the pipe any more
        assert pages(Path("pages")) in (older, expected[0])
        if Path("a.json").exists():
            text = Path("a.json").read_text(encoding="utf-8")
            assert without_seconds(text) == expected[1]
    assert whole() == expected
    kept = [file for file in Path("cache").iterdir() if file.suffix == ".json"]
    assert len(kept) == 25  # the claims, and the derivation of their loss
    hidden = {file.name for file in folder.iterdir() if file.name.startswith(".")}
    assert hidden <= {".hypothesis"}
    assert whole() == expected


def test_workers_end_with_a_killed_run() -> None:
    """The processes that decide claims do not outlive the one that started them."""
    process = started()
    while not Path("cache").exists():  # the first verdict: the workers are at work
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=60)  # ends when no process holds the pipe any more
    while has_members(process.pid):
        time.sleep(0.1)
