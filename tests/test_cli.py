from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from gradproof import cli, losses
from gradproof.checks import runner
from gradproof.checks.claim import Claim
from gradproof.checks.engine import Settings
from gradproof.checks.verdict import Outcome, Verdict
from gradproof.symbolic.errors import EngineConflict

HEAD = "from gradproof import Claim, Loss, losses\nfrom gradproof.symbolic import *\n"

CLAIMS = """\
total = class_sum(lambda j: S(j))
holds = Claim("sum", Eq(total, 1), title="The softmax sums to 1")
wrong = Claim("wrong-sum", Eq(total, 2), expected="REFUTED")
below = Claim("below", Ge(exp(z[i]), 1 + z[i]))
"""

PRINTED = """\
PROVED     sum        all n
REFUTED    wrong-sum  one exact point, n = 1
           at n = 1, z = (0,): Σ_j S_j = 2 is false
           left side = 1, right side = 2
SUPPORTED  below      40 points (expected PROVED)

Not as expected:
  below: SUPPORTED, expected PROVED
    No proof was found, and the reason for that is long enough to be told in two
    lines.
    claimed at claims_a.py:6
    again with: gradproof prove claims_a.py -k below

3 claims: 1 PROVED, 1 REFUTED, 1 SUPPORTED; 1 not as expected
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the current folder, which holds ``claims_a.py`` alone."""
    monkeypatch.chdir(tmp_path)
    written(CLAIMS)
    return tmp_path


def written(body: str, name: str = "claims_a.py") -> None:
    """Write a claims file into the current folder."""
    Path(name).write_text(HEAD + body, encoding="utf-8")


def names() -> set[str]:
    """Return what lies in the current folder, but for the cache that Hypothesis makes there."""
    return {path.name for path in Path.cwd().iterdir()} - {".hypothesis"}


def error_of(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Run a command that is not to be used so, and return the one line it prints."""
    assert cli.run(arguments) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("error: ")
    assert printed.err.count("\n") == 1
    return printed.err.removeprefix("error: ").rstrip("\n")


def test_verdicts_are_printed_as_they_are_known(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where output is no terminal: a line a claim, counterexamples, what differs, the counts."""
    decide = runner.decide_claim
    why = "No proof was found, and the reason for that is long enough to be told in two lines."
    supported = Verdict(Outcome.SUPPORTED, "40 points", "support", (), reason=why)

    def known(claim: Claim, settings: Settings) -> Verdict:
        return supported if claim.id == "below" else decide(claim, settings)

    monkeypatch.setattr(runner, "decide_claim", known)
    assert cli.run(["prove", "claims_a.py"]) == 1
    assert capsys.readouterr() == (PRINTED, "")


def test_all_as_expected_is_success(capsys: pytest.CaptureFixture[str]) -> None:
    """The exit status is 0 if every verdict is the expected one, also where that is REFUTED."""
    assert cli.run(["prove", "claims_a.py", "-k", "sum or wrong-sum", "--jobs", "1"]) == 0
    assert capsys.readouterr().out.endswith("\n2 claims: 1 PROVED, 1 REFUTED; all as expected\n")


@pytest.mark.slow
def test_the_output_does_not_depend_on_the_processes() -> None:
    """Run as a program with two processes, `prove` prints and writes what it does with one."""
    printed = []
    for jobs in ("1", "2"):
        done = gradproof("prove", ".", "--jobs", jobs, "--json", f"{jobs}.json", "--report", jobs)
        assert done.stderr == ""
        assert done.returncode == 0
        text, report, data = done.stdout.rsplit("\n", 3)[:3]
        assert (report, data) == (f"report: {jobs}/index.md", f"JSON: {jobs}.json")
        printed.append(text)
    assert printed[0] == printed[1]
    pages = [{p.name: p.read_bytes() for p in Path(jobs).rglob("*.*")} for jobs in "12"]
    assert pages[0] == pages[1]
    assert len(pages[0]) == 5
    assert without_seconds("1.json") == without_seconds("2.json")


def gradproof(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the program."""
    return subprocess.run(
        [sys.executable, "-m", "gradproof", *arguments],
        capture_output=True,
        encoding="utf-8",
        env=os.environ | {"PYTHONUTF8": "1"},
        check=False,
    )


def without_seconds(file: str) -> object:
    """Return the data of a JSON file without the times in it."""

    def kept(pairs: list[tuple[str, object]]) -> dict[str, object]:
        return {key: value for key, value in pairs if key != "seconds"}

    return json.loads(Path(file).read_text(encoding="utf-8"), object_pairs_hook=kept)


def test_json_has_the_documented_keys() -> None:
    """The JSON file is one object with the version, the seed and the claims."""
    assert (
        cli.run(["prove", "claims_a.py", "--seed", "5", "-k", "wrong-sum", "--json", "a.json"]) == 0
    )
    data = json.loads(Path("a.json").read_text(encoding="utf-8"))
    assert list(data) == ["version", "seed", "claims"]
    assert data["seed"] == 5
    (claim,) = data["claims"]
    assert claim["verdict"] == "REFUTED"
    assert claim["counterexample"] == {"n": "1", "z": "(0,)"}
    assert claim["as_expected"] is True


def test_digits_are_those_of_the_figures(capsys: pytest.CaptureFixture[str]) -> None:
    """`--digits` is how many certified digits the figures have."""
    written("c = Claim('c', Eq(exp(S(i)), 3))")
    cli.run(["prove", "claims_a.py", "--digits", "20"])
    assert "left side = 2.7182818284590452353..., right side = 3" in capsys.readouterr().out


def test_defaults_are_the_engines() -> None:
    """What help shows as the default is the engine's own."""
    defaults = {option.name: option.default for option in cli.prove.params}
    assert Settings() == Settings(seed=defaults["seed"], digits=defaults["digits"])


SUM = "Eq(class_sum(lambda j: S(j)), 1)"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("x = (", "claims_a.py:3: the file is Python; found '(' was never closed; correct"),
        (
            "1 / 0",
            "claims_a.py:3: the file runs to its end; found ZeroDivisionError: division by zero; ",
        ),
        ("x = 1", "claims_a.py: a claims file has a claim; found none; write one at"),
        (
            f"a = Claim('a', {SUM})\nb = Claim('a', {SUM})",
            (
                "claims_a.py:4: every claim has an id of its own; "
                "found 'a' here and at claims_a.py:3; rename"
            ),
        ),
        (
            "a = Claim('a', losses.softmax_cross_entropy)",
            "claims_a.py:3: the statement of claim 'a' is a formula; found ",
        ),
        (
            "zero = Kernel('zero', 0)",
            "claims_a.py:3: a kernel is not zero everywhere; found 'zero' = 0; give a profile",
        ),
        (
            "a = Claim('a', S(y) > 0, at={n: 1, y: 2, z: (0,)})",
            "claims_a.py:3: the class y lies within 1..1; found y = 2 with n = 1; classes are",
        ),
    ],
    ids=["syntax", "exception", "empty", "twice", "statement", "kernel", "point"],
)
def test_a_bad_claims_file_is_one_line(
    capsys: pytest.CaptureFixture[str], body: str, text: str
) -> None:
    """A claims file that cannot be used: file, line and remedy in one line, and nothing written."""
    written(body)
    arguments = ["prove", "claims_a.py", "--report", "pages", "--json", "a.json"]
    assert error_of(capsys, *arguments).startswith(text)
    assert names() == {"claims_a.py"}


def test_a_loss_of_two_classes_has_no_value_at_one(capsys: pytest.CaptureFixture[str]) -> None:
    """A claim about a loss at n = 1, where it needs n >= 2, is UNDEFINED there and says why."""
    written("a = Claim('a', Ge(losses.multiclass_bce_one_hot.term, 0), at={n: 1, y: 1, z: (0,)})")
    assert cli.run(["prove", "claims_a.py"]) == 1
    out = capsys.readouterr().out
    assert out.startswith("UNDEFINED  a  this instance (expected PROVED)\n")
    assert "a: UNDEFINED, expected PROVED\n    No value: a logarithm needs 1 " in out


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["prove", "none.py"], "none.py: the file can be read; found No such file or directory; "),
        (["prove", "claims_a.py", "-k", "kde"], "-k selects at least one claim; found none of 3"),
        (["prove", "claims_a.py", "-k", "("], "-k is made of words, 'and', 'or', 'not' and par"),
        (
            ["prove", "claims_a.py", "--report", "claims_a.py"],
            "a report is written to a folder; found the file ",
        ),
        (
            ["prove", "claims_a.py", "--report", "."],
            "a folder that is replaced by a report holds nothing but an earlier report; found clai",
        ),
        (
            ["prove", "claims_a.py", "--report", "claims_a.py/pages/deep"],
            "the report claims_a.py/pages/deep can be written; found Not a directory at ",
        ),
        (
            ["prove", "claims_a.py", "--json", "."],
            "the JSON file . can be written; found a folder at .; choose another file with --json",
        ),
        (
            ["prove", "claims_a.py", "--json", "none/a.json"],
            "the JSON file none/a.json can be written; found No such file or directory at ",
        ),
        (["prove", "claims_a.py", "--jobs", "0"], "Invalid value for '--jobs': 0 is not in the"),
        (["prove", "--fast"], "No such option"),
        (["audits"], "No such command 'audits'"),
        (["derive", "quadratics"], "a loss is called by its name in the library; found 'quadrat"),
        (["derive", "QUAD", "--latex", "--markdown"], "choose one of --latex and --markdown; see"),
        (["derive"], "Missing argument 'LOSS'; see 'gradproof derive --help'"),
        (["derive", "claims_a.py:mine"], "claims_a.py: the file defines the loss asked for; found"),
        (["list", "names"], "Invalid value for "),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, list) else "",
)
def test_wrong_usage_is_one_line(
    capsys: pytest.CaptureFixture[str], arguments: list[str], text: str
) -> None:
    """What cannot be done is said in one line before anything is proved or written."""
    assert error_of(capsys, *arguments).startswith(text)
    assert names() == {"claims_a.py"}


def test_a_failure_of_the_engine_is_no_verdict(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A conflict is printed, the other claims are decided, nothing is written, the status is 1."""
    decide = runner.decide_claim

    def conflict(claim: Claim, settings: Settings) -> Verdict:
        if claim.id == "sum":
            raise EngineConflict("two paths agree", found="1 and 2", remedy="report this")
        return decide(claim, settings)

    monkeypatch.setattr(runner, "decide_claim", conflict)
    assert cli.run(["prove", ".", "--jobs", "1", "--report", "pages", "-k", "sum"]) == 1
    printed = capsys.readouterr()
    assert printed.out == (
        "NO VERDICT sum  the engine failed (expected PROVED)\n\n"
        "Not as expected:\n"
        "  sum: NO VERDICT, expected PROVED\n"
        "    EngineConflict: two paths agree; found 1 and 2; report this\n"
        "    claimed at claims_a.py:4\n"
        "    again with: gradproof prove claims_a.py -k sum\n\n"
        "1 claim: 1 NO VERDICT; 1 not as expected\n"
    )
    assert printed.err == (
        "error: 1 of 1 claims have no verdict, a defect of gradproof; no report was written\n"
    )
    assert names() == {"claims_a.py"}


def test_claims_that_cannot_be_sent_are_decided_here(capsys: pytest.CaptureFixture[str]) -> None:
    """Claims with a class of their own file are decided all the same, without a word."""
    written(f"class Note(str): pass\na = [Claim(c, {SUM}, note=Note(c)) for c in 'ab']")
    assert cli.run(["prove", "claims_a.py", "--jobs", "2"]) == 0
    told = "PROVED     a  all n\nPROVED     b  all n\n\n2 claims: 2 PROVED; all as expected\n"
    assert capsys.readouterr() == (told, "")


MANY = "claims = [Claim(f'c{a}', Ge(exp(a + z[i]), z[i])) for a in range(1, 400)]"


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="needs process groups")
@pytest.mark.parametrize("jobs", ["1", pytest.param("2", marks=pytest.mark.slow)])
def test_an_interrupt_ends_everything(jobs: str) -> None:
    """Ctrl-C stops all processes, says how far it came, and leaves no file behind."""
    written(MANY)
    command = [sys.executable, "-m", "gradproof", "prove", ".", "--jobs", jobs]
    with subprocess.Popen(
        [*command, "--report", "pages", "--json", "a.json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,  # a terminal sends Ctrl-C to all processes of a group
    ) as process:
        assert process.stdout is not None
        first_line = process.stdout.readline()
        os.killpg(process.pid, signal.SIGINT)
        _, errors = process.communicate()  # ends when no process holds the pipes any more
    assert first_line.startswith("PROVED"), errors
    assert process.returncode == 130
    first, _, last = errors.strip().partition(" of ")
    assert first.startswith("error: interrupted; ")
    assert last == "399 claims were decided; no report was written"
    assert names() == {"claims_a.py"}


@pytest.mark.parametrize("colour", [True, False])
def test_a_terminal_shows_a_table(colour: bool) -> None:
    """On a terminal a bar is followed by a table of 80 columns, in colour but for NO_COLOR."""
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    env = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "CI")}
    env |= {"TERM": "xterm", "COLUMNS": "80", "PYTHONUTF8": "1"}
    subprocess.run(
        [sys.executable, "-m", "gradproof", "prove", "claims_a.py", "-k", "not below"],
        stdout=theirs,
        env=env if colour else env | {"NO_COLOR": "1"},
        check=True,
    )
    os.close(theirs)
    text = everything_from(ours)
    assert ("\x1b[31mREFUTED" in text) is colour
    table = re.sub(r"\x1b\[[\d;?]*[a-zA-Z]", "", text).replace("\r", "").partition("verdict")[2]
    assert "REFUTED   wrong-sum   one exact point, n = 1" in table
    assert "at n = 1, z = (0,): Σ_j S_j = 2 is false" in table
    assert table.endswith("\n\n2 claims: 1 PROVED, 1 REFUTED; all as expected\n")
    assert max(map(len, table.splitlines())) <= 80


def everything_from(terminal: int) -> str:
    """Return what was written to a terminal that is closed at its other end."""
    parts = []
    with contextlib.suppress(OSError):  # Linux ends with an error, others with nothing
        while part := os.read(terminal, 65536):
            parts.append(part)
    os.close(terminal)
    return b"".join(parts).decode()


def test_a_derivation_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """`derive` prints the derivation as text, LaTeX or Markdown, also of a loss of the user's."""
    written("mine = Loss('MY', -log(S(y)))")
    texts = []
    for options in ([], ["--latex"], ["--markdown"]):
        assert cli.run(["derive", "claims_a.py:mine", *options]) == 0
        texts.append(capsys.readouterr().out)
    assert "∂MY/∂z_i" in texts[0]
    assert "\\begin{" in texts[1]
    assert "$" in texts[2]
    assert max(map(len, texts[0].splitlines())) <= 80


def test_lists_name_what_is_built_in(capsys: pytest.CaptureFixture[str]) -> None:
    """`list` shows every loss and kernel under the name that other commands take."""
    assert cli.run(["list", "losses"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert {line.split()[0] for line in lines if line[0] != " "} == set(losses.LOSSES)
    assert max(map(len, lines)) <= 80
    assert cli.run(["list", "kernels"]) == 0
    assert "gaussian          Gaussian\n" in capsys.readouterr().out


def test_no_arguments_show_help(capsys: pytest.CaptureFixture[str]) -> None:
    """Without arguments the commands are shown."""
    assert cli.run([]) == 0
    assert capsys.readouterr().out.startswith("Usage: gradproof [OPTIONS] COMMAND")


def test_the_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """`--version` prints name and version."""
    assert cli.run(["--version"]) == 0
    assert capsys.readouterr().out == f"gradproof {version('gradproof')}\n"


def test_what_is_known_is_said(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a cache a second run prints and writes the same, and says how much it knew."""
    arguments = ["prove", ".", "-k", "sum or wrong-sum", "--cache", "known", "--json", "a.json"]
    assert cli.run([*arguments, "--report", "pages"]) == 0
    first, written_first = capsys.readouterr().out, Path("a.json").read_bytes()
    pages = {file.name: file.read_bytes() for file in Path("pages").rglob("*.*")}
    monkeypatch.setattr(runner, "decide_claim", None)
    assert cli.run([*arguments, "--report", "pages"]) == 0
    second = capsys.readouterr().out
    assert second == first.replace("all as expected", "all as expected; 2 from the cache")
    assert Path("a.json").read_bytes() == written_first
    assert {file.name: file.read_bytes() for file in Path("pages").rglob("*.*")} == pages


@pytest.mark.parametrize("way", ["option", "environment", "off"])
def test_the_cache_can_be_turned_off(
    way: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`--no-cache` wins over a folder, and the folder `off` is none."""
    monkeypatch.setenv("GRADPROOF_CACHE", "off" if way == "environment" else "known")
    more = {"option": ["--no-cache"], "environment": [], "off": ["--cache", "off"]}[way]
    for _ in range(2):
        assert cli.run(["prove", "claims_a.py", "-k", "wrong-sum", *more]) == 0
        assert "cache" not in capsys.readouterr().out
    assert names() == {"claims_a.py"}


def test_the_environment_names_the_folder(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """GRADPROOF_CACHE is where verdicts are kept, unless `--cache` says otherwise."""
    monkeypatch.setenv("GRADPROOF_CACHE", "known")
    cli.run(["prove", "claims_a.py", "-k", "wrong-sum"])
    assert names() == {"claims_a.py", "known"}
    cli.run(["prove", "claims_a.py", "-k", "wrong-sum", "--cache", "other"])
    assert "from the cache" not in capsys.readouterr().out
    cli.run(["prove", "claims_a.py", "-k", "wrong-sum", "--cache", "other"])
    assert capsys.readouterr().out.endswith("all as expected; 1 from the cache\n")
