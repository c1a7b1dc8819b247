"""Laws of the option --html: one file with the whole report, or an error before the work."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gradproof import cli

CLAIMS = """\
from gradproof import Claim
from gradproof.symbolic import Eq, S, class_sum

total = class_sum(lambda j: S(j))
holds = Claim("sum", Eq(total, 1), title="The softmax sums to 1")
wrong = Claim("wrong-sum", Eq(total, 2), expected="REFUTED")
"""

LOSS = """\
import numpy as np


def gradient(z, y):
    e = np.exp(z - np.max(z))
    g = e / np.sum(e)
    g[y] -= 1
    return g
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the current folder, which holds a file of claims and one of a loss."""
    monkeypatch.chdir(tmp_path)
    Path("claims_a.py").write_text(CLAIMS, encoding="utf-8")
    Path("loss.py").write_text(LOSS, encoding="utf-8")
    return tmp_path


def test_claims_are_one_file(capsys: pytest.CaptureFixture[str]) -> None:
    """Every claim is an article of the file, which is named, and written anew the same."""
    assert cli.run(["prove", "claims_a.py", "--html", "a/report.html"]) == 0
    assert capsys.readouterr().out.endswith("\nHTML: a/report.html\n")
    text = Path("a/report.html").read_text(encoding="utf-8")
    assert re.findall(r'<article id="([^"]*)" data-badge="(\w*)"', text) == [
        ("sum", "PROVED"),
        ("wrong-sum", "REFUTED"),
    ]
    assert cli.run(["prove", "claims_a.py", "--html", "a/report.html"]) == 0
    assert Path("a/report.html").read_text(encoding="utf-8") == text


def test_the_folder_and_the_file_go_together(capsys: pytest.CaptureFixture[str]) -> None:
    """Both forms of a report can be asked for at once, and JSON with them."""
    options = ["--report", "out", "--html", "out.html", "--json", "out.json"]
    assert cli.run(["prove", "claims_a.py", "-k", "not wrong", *options]) == 0
    last = capsys.readouterr().out.splitlines()[-3:]
    assert last == [f"report: {Path('out/index.md')}", "HTML: out.html", "JSON: out.json"]
    assert {path.name for path in Path("out").iterdir()} == {"index.md", "sum.md"}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("loss.py", "a file that is replaced by a report is an earlier report; found another file"),
        (".", "a report of one file is written to a file; found the folder"),
        ("loss.py/a.html", "can be written; found Not a directory"),
    ],
)
@pytest.mark.parametrize("command", [["prove", "claims_a.py"], ["audit", "loss.py:gradient"]])
def test_a_place_that_cannot_be_used_is_told_before_the_work(
    command: list[str], name: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where the file cannot be written nothing is decided, and nothing is touched."""
    assert cli.run([*command, "--html", name]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert said in printed.err
    assert Path("loss.py").read_text(encoding="utf-8") == LOSS


def test_audits_are_one_file(capsys: pytest.CaptureFixture[str]) -> None:
    """Every audit is an article with its figure, and its verdict is what one can filter by."""
    command = ["audit", "loss.py:gradient", "--quick", "--dtype", "float32", "--html", "a.html"]
    assert cli.run(command) == 1
    assert capsys.readouterr().out.endswith("\nHTML: a.html\n")
    text = Path("a.html").read_text(encoding="utf-8")
    assert re.findall(r'<article id="([^"]*)" data-badge="(\w*)"', text) == [
        ("loss-py-gradient", "Findings")
    ]
    assert '<img class="figure"' in text
