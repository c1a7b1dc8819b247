"""The command `gradproof audit`: what it prints, writes and refuses."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from gradproof import audit, cli
from gradproof.audit_display import TerminalDisplay
from gradproof.checks.audits import auditing, twinning
from gradproof.symbolic.errors import UnsupportedError

PROGRAMS = """\
import numpy as np

from gradproof import Loss
from gradproof.symbolic import S, log, scalar, y

t = scalar("t", positive=True)
scaled = Loss("scaled", -t * log(S(y)), title="cross-entropy times a number")


def softmax(z):
    e = np.exp(z - np.max(z))
    return e / np.sum(e)


def right(z, y):
    g = softmax(z)
    others = np.arange(len(z)) != y
    g[y] = -np.sum(g[others])
    return g


def saturating(z, y):
    g = softmax(z)
    g[y] -= 1
    return g


def flipped(z, y):
    g = softmax(z)
    g[y] += 1
    return g


def twice(z, y):
    return 2 * right(z, y)


def nothing(z, y):
    return "no array"
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the current folder, which holds ``programs.py``."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "programs.py").write_text(PROGRAMS, encoding="utf-8")
    return tmp_path


def shown(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    """Run the command with few points, and return its exit status and what it printed."""
    status = cli.run(["audit", "--quick", *arguments])
    printed = capsys.readouterr()
    assert printed.err == ""
    return status, printed.out


def error_of(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Run a command that is not to be used so, and return the one line it prints."""
    assert cli.run(["audit", *arguments]) == 2
    printed = capsys.readouterr()
    assert printed.err.startswith("error: ")
    assert printed.err.count("\n") == 1
    return printed.err.removeprefix("error: ").rstrip("\n")


def test_a_stable_gradient_passes(capsys: pytest.CaptureFixture[str]) -> None:
    """A gradient that loses nothing passes, in a few lines, and the exit status is 0."""
    status, text = shown(capsys, "programs.py:right")
    assert status == 0, text
    first, *lines = text.splitlines()
    assert first == "programs.py:right as softmax cross-entropy with a label: passes"
    assert [line.partition(":")[0] for line in lines[:2]] == ["float32", "float64"]


def test_a_wrong_formula_is_found(capsys: pytest.CaptureFixture[str]) -> None:
    """A sign error is a wrong formula in every dtype, at a point as simple as can be."""
    status, text = shown(capsys, "programs.py:flipped")
    assert status == 1
    assert text.startswith("programs.py:flipped as softmax cross-entropy with a label: ")
    assert "1.  formula, g[0]" in text
    assert "expected 0, found 2" in text
    assert "Certified by the exact twin." in text


def test_what_rounding_loses_is_told_with_its_start(capsys: pytest.CaptureFixture[str]) -> None:
    """The textbook's softmax minus one loses the label's component as its logit leads."""
    status, text = shown(capsys, "programs.py:saturating", "--dtype", "float32")
    assert status == 1
    told = " ".join(text.split())
    assert "1. rounding, g[0]: loss and formula are right" in told
    assert "exactly 0 from 16.6" in told
    assert "\nfloat32: worst score " in text
    assert "\nfloat64: " not in text


def test_the_loss_may_be_one_of_the_file(capsys: pytest.CaptureFixture[str]) -> None:
    """A loss of the user's own, with the value of its symbol, is what is held against."""
    options = ("--loss", "scaled", "--dtype", "float64")
    status, text = shown(capsys, "programs.py:twice", *options, "--value", "t=2")
    assert status == 0, text
    assert text.startswith("programs.py:twice as cross-entropy times a number: passes\n")
    status, text = shown(capsys, "programs.py:twice", *options, "--value", "t=3")
    assert status == 1


def test_the_loss_may_be_one_of_another_file(
    capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    """A loss that is declared beside claims is named by its file."""
    claimed = "from gradproof import Loss\nfrom gradproof.symbolic import S, log, y\n"
    claimed += "double = Loss('double', -2 * log(S(y)))\n"
    (folder / "claims_double.py").write_text(claimed, encoding="utf-8")
    options = ("--loss", "claims_double.py:double", "--dtype", "float64")
    status, text = shown(capsys, "programs.py:twice", *options)
    assert status == 0, text
    assert text.startswith("programs.py:twice as double: passes\n")


def test_several_are_audited_and_counted(capsys: pytest.CaptureFixture[str]) -> None:
    """Each has its table, those that cannot be audited too; the counts are at the end."""
    names = [f"programs.py:{name}" for name in ("right", "flipped")]
    status, text = shown(capsys, *names)
    assert status == 1
    assert text.endswith("\n2 implementations: 1 without a finding, 1 with some\n")


def test_results_are_written(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """JSON has every finding with its exact point; the report a page and a figure for each."""
    _, text = shown(
        capsys, "programs.py:flipped", "--json", "found.json", "--report", "out", "--seed", "3"
    )
    assert text.endswith("\nreport: out/index.md\nJSON: found.json\n")
    (audit,) = json.loads((tmp_path / "found.json").read_text(encoding="utf-8"))["audits"]
    assert audit["implementation"] == "programs.py:flipped"
    assert audit["seed"] == 3
    assert audit["findings"][0]["class"] == "formula"
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "index.md",
        "programs-py-flipped.md",
        "programs-py-flipped.svg",
    ]


def test_one_command_prints_one_text(capsys: pytest.CaptureFixture[str]) -> None:
    """Two runs print the same, and a name of a library is known without more."""
    first, second = (shown(capsys, "numpy:shifted")[1] for _ in range(2))
    assert first == second
    assert first.startswith("numpy:shifted as softmax cross-entropy with a label: ")


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ((), "name a TARGET, or ask for --list"),
        (("programs.py:righ",), "no callable 'righ'"),
        (("nothing.py:loss",), "nothing.py"),
        (("no_such_module:loss",), "no_such_module"),
        (("right",), "a target is a library, library:function, FILE.py:NAME or module:NAME"),
        (("numpy:nothing",), "an implementation is called by its name in the list"),
        (("programs.py:right", "--loss", "cros"), "a loss is called by its name in the library"),
        (
            ("programs.py:right", "--loss", "programs.py:right"),
            "no Loss 'right' in programs.py; take one of scaled",
        ),
        (("programs.py:right", "--loss", "nowhere.py:right"), "nowhere.py"),
        (("programs.py:right", "--gradient", "no"), "no callable 'no'"),
        (("programs.py:right", "--sizes", "2,no"), "'2,no' is no list of numbers from 1 on"),
        (("programs.py:right", "--dtype", "float32,f8"), "'f8' is not one of float16, bfloat16"),
        (("programs.py:right", "--value", "t"), "'t' is not NAME=X"),
        (("programs.py:right", "--loss", "scaled"), "t"),
        (("programs.py:right", "--target", "soft"), "the target of CE is index or one-hot"),
        (("programs.py:right", "--json", "no/such/folder/x.json"), "no/such/folder"),
        (("programs.py:right", "--report", "programs.py"), "programs.py"),
        (("numpy", "--loss", "CE"), "what a built-in implementation means is known"),
        (("numpy", "--returns", "loss"), "leave --returns out"),
    ],
)
def test_a_mistake_of_the_user_is_one_line(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], text: str
) -> None:
    """A name or an option that means nothing ends in one line and exit status 2."""
    assert text in error_of(capsys, *arguments)


@pytest.mark.parametrize("command", [("audit", "--list"), ("list", "implementations")])
def test_what_is_built_in_is_listed(
    capsys: pytest.CaptureFixture[str], command: tuple[str, ...]
) -> None:
    """Both commands show the implementations of NumPy, and what is not installed as such."""
    assert cli.run([*command]) == 0
    printed = capsys.readouterr().out
    assert "numpy:shifted " in printed
    assert "torch:cross_entropy " in printed or "torch  " in printed


HELP = """\
import sys
from gradproof import cli
status = cli.run(["audit", "--help"])
print(status, sorted({"sympy", "numpy", "flint", "rich"} & set(sys.modules)))
"""


def test_help_loads_no_mathematics() -> None:
    """Asking what the command does costs no import of SymPy or NumPy."""
    done = subprocess.run([sys.executable, "-c", HELP], capture_output=True, text=True, check=False)
    assert done.stdout.splitlines()[-1] == "0 []", done.stderr


def test_a_terminal_shows_progress_and_the_same_tables(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a terminal the tables are those of a pipe, word for word, in colour where it has any."""
    names = ["programs.py:right", "programs.py:flipped"]
    monkeypatch.setattr(twinning, "_QUICK_SECONDS", 1e9)  # else the points are those of the time
    _, plain = shown(capsys, *names)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    _, text = shown(capsys, *names)
    lines = [line for line in plain.splitlines() if line and " calls" not in line]
    printed = [line.rstrip() for line in text.splitlines()]
    assert [line for line in lines if line not in printed] == []


def test_a_terminal_tells_what_is_being_done() -> None:
    """The bar counts whole audits and the share of the one that is made."""
    display = TerminalDisplay(2)
    display.begins("a.py:f")
    display.step("float32", 0.5)
    assert display.progress.tasks[0].completed == 0.5
    assert display.progress.tasks[0].description == "a.py:f float32".ljust(46)
    display.failed("a.py:f", "why")
    display.begins("a.py:g")
    assert display.progress.tasks[0].completed == 1
    assert display.progress.tasks[0].total == 2


def test_the_bar_is_not_taken_for_what_an_implementation_prints(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The bar goes to the terminal even while the output of an implementation is collected."""
    terminal, collected = StringIO(), StringIO()
    monkeypatch.setattr("sys.stdout", terminal)
    monkeypatch.setattr(terminal, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    display = TerminalDisplay(1)
    with display.running(), redirect_stdout(collected):
        display.begins("a.py:f")
        display.progress.refresh()
    assert collected.getvalue() == ""
    assert "a.py:f" in terminal.getvalue()


def test_one_that_cannot_be_audited_does_not_stop_the_others(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Among several it is told with the reason, it counts as no pass, and the status is 2."""

    def make(implementation: Any, *_: Any, **options: Any) -> Any:
        if implementation.__name__ == "right":
            raise UnsupportedError("it can be called", found="no", remedy="write\nanother")
        return audit(implementation, *_, **options)

    monkeypatch.setattr(auditing, "audit", make)
    status, text = shown(capsys, "programs.py:right", "programs.py:flipped")
    assert status == 2
    assert text.startswith(
        "programs.py:right: not audited: it can be called; found no; write another\n\n"
        "programs.py:flipped as softmax cross-entropy with a label: "
    )
    assert text.endswith("\n2 implementations: 0 without a finding, 1 with some, 1 not audited\n")
    assert "it can be called" in error_of(capsys, "programs.py:right")
