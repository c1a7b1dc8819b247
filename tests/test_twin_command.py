"""The command `gradproof exact`: what it prints, writes and refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gradproof import cli

PROGRAMS = """\
import random

import numpy as np


def softmax(z):
    e = np.exp(z - np.max(z))
    return e / np.sum(e)


def loss(z, y):
    return -np.log(softmax(z)[y])


def right(upstream, z, y):
    g = softmax(z)
    g[y] -= 1
    return upstream * g


def wrong(upstream, z, y):
    return upstream * softmax(z)


def noisy(z, y):
    return loss(z, y) + random.random()


def broken(z, y):
    return z[y] + np.ones(7) @ z


def three(w, z, y):
    return loss(w @ z, y)


def three_gradient(upstream, w, z, y):
    g = softmax(w @ z)
    g[y] -= 1
    return upstream * np.outer(g, z), upstream * g @ w
"""

RIGHT = """\
programs.py:loss
    backward = derivative of forward? yes, AGREES to 30 digits at 141 points
    forward = softmax cross-entropy with a label? yes, AGREES to 33 digits at
    141 points
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the current folder, which holds ``programs.py``."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "programs.py").write_text(PROGRAMS, encoding="utf-8")
    return tmp_path


def shown(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    """Run the command and return its exit status and what it printed."""
    status = cli.run(["exact", *arguments])
    printed = capsys.readouterr()
    assert printed.err == ""
    return status, printed.out


def error_of(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Run a command that is not to be used so, and return the one line it prints."""
    assert cli.run(["exact", *arguments]) == 2
    printed = capsys.readouterr()
    assert printed.err.startswith("error: ")
    assert printed.err.count("\n") == 1
    return printed.err.removeprefix("error: ").rstrip("\n")


def test_a_right_program_is_told_so(capsys: pytest.CaptureFixture[str]) -> None:
    """A loss with its gradient agrees in both respects, and the exit status is 0."""
    status, text = shown(
        capsys, "programs.py:loss", "--gradient", "right", "--intended", "softmax_cross_entropy"
    )
    assert status == 0
    assert text.startswith(RIGHT.split(" at", 1)[0].rsplit(" to", 1)[0])
    assert "yes, AGREES to 3" in text
    assert text.endswith("\n1 program: 1 right, 0 different, 0 not compared\n")


def test_a_wrong_gradient_is_told_with_its_minimal_point(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A gradient without the label's term differs already for one class, with both values."""
    status, text = shown(capsys, "programs.py:loss", "--gradient", "wrong")
    assert status == 1
    told = " ".join(text.split())
    assert "DIFFERENT at z = (0,), y = 0: derivative by z[0] is 0, the program's 7/4" in told
    assert "forward =" not in text
    assert text.endswith("\n1 program: 0 right, 1 different, 0 not compared\n")


def test_another_loss_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """A program is held against a loss of the library, or another program of its file."""
    common = ("programs.py:loss", "--gradient", "right", "--intended")
    status, text = shown(capsys, *common, "quadratic")
    assert status == 1
    assert "forward = quadratic loss of a softmax with a label? DIFFERENT" in text
    status, text = shown(capsys, *common, "loss")
    assert status == 0
    assert "forward = loss? yes, AGREES" in text


def test_several_inputs_of_fixed_shapes_are_varied(capsys: pytest.CaptureFixture[str]) -> None:
    """A layer before the loss: both gradients are compared, for three classes alone."""
    status, text = shown(
        capsys,
        "programs.py:three",
        "--inputs",
        "W=numbers(3,2), z=numbers(2), label",
        "--argnums",
        "0,1",
        "--sizes",
        "3",
        "--gradient",
        "three_gradient",
        "--no-floats",
    )
    assert status == 0, text
    assert "yes, AGREES to 3" in text


def test_a_random_program_is_refused_with_the_line(capsys: pytest.CaptureFixture[str]) -> None:
    """What has no exact twin is a row that says why, no pass."""
    status, text = shown(capsys, "programs.py:noisy", "--gradient", "right")
    assert status == 1
    assert "programs.py:26" in " ".join(text.split())
    assert "random" in text
    assert text.endswith("\n1 program: 0 right, 0 different, 1 not compared\n")


def test_a_program_that_fails_is_told_with_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    """An exception inside the program is one sentence with its line, no traceback."""
    status, text = shown(capsys, "programs.py:broken", "--gradient", "right")
    assert status == 1
    assert "programs.py:30" in " ".join(text.split())


def test_results_are_written(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """JSON has the point as exact numbers; the Markdown table has a row a program."""
    shown(
        capsys,
        "programs.py:loss",
        "--gradient",
        "wrong",
        "--json",
        "found.json",
        "--markdown",
        "found.md",
    )
    row = json.loads((tmp_path / "found.json").read_text(encoding="utf-8"))["rows"][0]
    assert row["target"] == "programs.py:loss"
    assert row["dtype"] == "float64"
    assert row["forward"] is None
    assert row["backward"]["outcome"] == "DIFFERENT"
    assert row["backward"]["point"] == {"n": 1, "z": ["0"], "y": "0"}
    table = (tmp_path / "found.md").read_text(encoding="utf-8")
    assert "| programs.py:loss |  | **no** |  |\n" in table


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("programs.py:los",), "no callable 'los'"),
        (("nothing.py:loss",), "nothing.py"),
        (("no_such_module:loss",), "no_such_module"),
        (("loss",), "a target is a library, library:function, FILE.py:NAME or module:NAME"),
        (("numpy:nothing",), "a target is called by its name in the list"),
        (("programs.py:loss", "--inputs", "logit"), "take a KIND of logits"),
        (("programs.py:loss", "--intended", "nothing"), "no callable 'nothing'"),
        (("programs.py:loss", "--sizes", "2,no"), "'2,no' is no list of numbers from 1 on"),
        (("programs.py:loss", "--dtype", "float8"), "a float dtype is one of float16"),
        (("programs.py:loss", "--json", "no/such/folder/x.json"), "no/such/folder"),
    ],
)
def test_a_mistake_of_the_user_is_one_line(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], text: str
) -> None:
    """A name or an option that means nothing ends in one line and exit status 2."""
    assert text in error_of(capsys, *arguments)


def test_targets_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    """`gradproof list targets` shows those of NumPy, and what is not installed as such."""
    assert cli.run(["list", "targets"]) == 0
    printed = capsys.readouterr().out
    assert "numpy:cross-entropy, shifted" in printed
    assert "torch:cross_entropy" in printed or "not installed" in printed


def test_the_example_of_a_custom_backward_is_found(
    capsys: pytest.CaptureFixture[str], checkout: Path
) -> None:
    """The example's backward pass, which leaves out the weight's derivative, is DIFFERENT."""
    pytest.importorskip("torch")
    file = checkout / "examples" / "torch_loss.py"
    status, text = shown(capsys, f"{file}:focal", "--inputs", "logits, label")
    assert status == 1
    assert "DIFFERENT at z = (0, 0), y = 0" in " ".join(text.split())
