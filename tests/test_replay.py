"""The command `gradproof replay`: what it prints, and its exit status."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from gradproof import cli

GOOD: dict[str, Any] = {
    "format": "gradproof certificate",
    "version": 1,
    "statement": "a² + b² ≥ 2ab",
    "assumptions": [],
    "scope": "all n",
    "parts": [
        {
            "case": "always",
            "variables": {"a": "real", "b": "real"},
            "meanings": {"a": "z[i]", "b": "z[k]"},
            "hypotheses": [],
            "goal": {
                "polynomial": [["1", {"a": 2}], ["-2", {"a": 1, "b": 1}], ["1", {"b": 2}]],
                "relation": ">=0",
                "text": "",
            },
            "proof": {
                "rule": "combination",
                "multiplier": [["1", {}]],
                "terms": [{"coefficient": "1", "square": [["1", {"a": 1}], ["-1", {"b": 1}]]}],
            },
        }
    ],
}
BAD = copy.deepcopy(GOOD)
BAD["parts"][0]["goal"]["relation"] = ">0"

PRINTED = """\
accepted  good.json
  checked: part 1 (always): a^2 - 2*a*b + b^2 >= 0 (3 monomials), rules: 1 combination; \
lemma instances: none
  trusted: the parts make up the statement: a² + b² ≥ 2ab; all n
  trusted: part 1 (always): a, real, stands for z[i]
  trusted: part 1 (always): b, real, stands for z[k]

1 certificate: 1 accepted
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the current folder, which holds ``good.json`` alone."""
    monkeypatch.chdir(tmp_path)
    store("good.json", GOOD)
    return tmp_path


def store(name: str, data: object) -> None:
    """Write data to a file of the current folder."""
    Path(name).write_text(json.dumps(data), encoding="utf-8")


def test_an_accepted_certificate_is_told_in_full(capsys: pytest.CaptureFixture[str]) -> None:
    """What was checked and what is trusted is printed; the exit status is 0."""
    assert cli.run(["replay", "good.json"]) == 0
    assert capsys.readouterr() == (PRINTED, "")


def test_a_rejected_certificate_sets_the_exit_status(capsys: pytest.CaptureFixture[str]) -> None:
    """One rejected certificate makes the status 1, with the reason; others are still checked."""
    store("bad.json", BAD)
    assert cli.run(["replay", "bad.json", "good.json"]) == 1
    printed = capsys.readouterr().out
    assert printed.startswith("rejected  bad.json\n")
    reason = "part 1 (always): combination: for a goal > 0 some term is > 0; found no such term"
    assert f"  rejected: {reason}\n" in printed
    assert printed.endswith("\n2 certificates: 1 accepted, 1 rejected\n")


def test_what_prove_wrote_is_checked_by_claim(capsys: pytest.CaptureFixture[str]) -> None:
    """The JSON of `prove` is taken apart; a proved claim without a certificate is told."""
    store(
        "claims.json",
        {
            "claims": [
                {"id": "squares", "verdict": "PROVED", "evidence": [{"certificate": GOOD}]},
                {"id": "sum", "verdict": "PROVED", "evidence": [{"certificate": None}]},
                {"id": "wrong", "verdict": "REFUTED", "evidence": []},
            ]
        },
    )
    assert cli.run(["replay", "claims.json"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "accepted  squares in claims.json"
    without = "sum in claims.json: proved without a certificate of this format"
    assert lines[-3:] == [
        f"not checked  {without}",
        "",
        "1 certificate: 1 accepted; 1 proved claim without one",
    ]


def test_a_folder_stands_for_its_files(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """All files *.json of a folder are checked, in order of their names."""
    store("bad.json", BAD)
    (folder / "notes.txt").write_text("no certificate", encoding="utf-8")
    assert cli.run(["replay", "."]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if not line.startswith(" ")] == [
        "rejected  bad.json",
        "accepted  good.json",
        "",
        "2 certificates: 1 accepted, 1 rejected",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "x.json can be read as JSON; found No such file or directory"),
        ("{", "x.json can be read as JSON; found Expecting property name"),
        ('{"a": NaN}', "x.json can be read as JSON; found NaN, which is no JSON"),
        ('{"a": 1, "a": 1}', "x.json can be read as JSON; found an object with two entries"),
        ("{}", "x.json holds a certificate; found none"),
        ('{"claims": []}', "x.json holds a certificate; found none"),
    ],
)
def test_an_unusable_file_is_one_line(
    text: str | None, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file that cannot be used ends in one line and status 2, before anything is checked."""
    if text is not None:
        Path("x.json").write_text(text, encoding="utf-8")
    assert cli.run(["replay", "good.json", "x.json"]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith(f"error: {said}")
    remedy = "name a certificate, or a file that 'gradproof prove --json FILE' wrote"
    assert printed.err.endswith(f"; {remedy}\n")
    assert printed.err.count("\n") == 1


def test_an_empty_folder_is_unusable(capsys: pytest.CaptureFixture[str]) -> None:
    """A folder without certificates is not passed over in silence."""
    Path("empty").mkdir()
    assert cli.run(["replay", "empty"]) == 2
    assert "empty holds a certificate; found none in 0 files *.json" in capsys.readouterr().err


def test_a_file_must_be_named(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a file there is nothing to check."""
    assert cli.run(["replay"]) == 2
    assert capsys.readouterr().err == (
        "error: Missing argument 'FILE...'; see 'gradproof replay --help'\n"
    )
