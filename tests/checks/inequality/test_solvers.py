from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from gradproof.checks.inequality import solver_process
from gradproof.checks.inequality.smt import prove_by_solvers
from gradproof.checks.inequality.smtlib import smt_file
from gradproof.checks.inequality.solvers import (
    SolverAnswer,
    SolverAnswers,
    ask_both,
    available,
    own_commands,
)
from gradproof.symbolic.errors import DeclarationError, EngineConflict

Command = tuple[str, ...]

TEXT = smt_file({"a": ">0"}, [], [("1", {"a": 1})], ">0")
LONG = 60.0
PROCESS = str(solver_process.__file__)
POSIX = pytest.mark.skipif(os.name != "posix", reason="process groups and signals of POSIX")


def python(code: str, *arguments: str) -> Command:
    """Return the command of a solver made of a few lines of Python."""
    return (sys.executable, "-c", code, *arguments)


def saying(said: str, version: str = "9.0", more: str = "") -> Command:
    """Return the command of a solver that reads the file and says `said`."""
    return python(
        "import sys, json, hashlib\n"
        "text = sys.stdin.buffer.read()\n"
        f"told = dict(answer={said!r}, version={version!r})\n"
        "told['digest'] = hashlib.sha256(text).hexdigest()\n"
        f"{more}\n"
        "print(json.dumps(told))\n"
    )


SLEEPING = python("import time; time.sleep(600)")
UNSAT = saying("unsat")


def ask(z3: Command, cvc5: Command, seconds: float = LONG) -> SolverAnswers:
    """Ask two solvers that stand in for the real ones."""
    return ask_both(TEXT, seconds, {"z3": z3, "cvc5": cvc5})


def test_two_that_say_unsat_prove() -> None:
    """Both say unsat of the same text: a proof, without a reason against it."""
    answers = ask(UNSAT, UNSAT)
    assert answers.proves
    assert answers.reason == ""
    assert answers.said == {"z3": "unsat", "cvc5": "unsat"}
    assert answers.versions == {"z3": "9.0", "cvc5": "9.0"}


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        (saying("unknown"), "cvc5 says unknown; z3 says unsat, which alone proves nothing"),
        (
            saying("sat"),
            "cvc5 says sat; z3 says unsat; they contradict each other, so neither is believed",
        ),
        (saying("missing"), "cvc5 is not installed; z3 says unsat, which alone proves nothing"),
    ],
)
def test_one_alone_proves_nothing(other: Command, reason: str) -> None:
    """Whatever the other says short of unsat, there is no proof, whichever of the two it is."""
    answers = ask(UNSAT, other)
    assert not answers.proves
    assert answers.reason == reason
    assert not ask(other, UNSAT).proves


def test_a_solver_that_hangs_is_stopped() -> None:
    """At its budget a solver is killed and reported; the other's answer is kept."""
    answers = ask(SLEEPING, UNSAT, 5)
    assert answers.said == {"z3": "timeout", "cvc5": "unsat"}
    assert answers.reason == (
        "z3 did not answer within 5 s and was stopped; cvc5 says unsat, which alone proves nothing"
    )


@POSIX
def test_a_solver_that_is_killed_has_died() -> None:
    """A signal from outside, or for want of memory, is no answer, and is named."""
    killed = python("import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    answers = ask(killed, UNSAT)
    assert answers.said["z3"] == "died"
    assert answers.reason.startswith("z3 died without an answer (signal 9); cvc5 says unsat")


@pytest.mark.parametrize(
    ("command", "detail"),
    [
        (python("import sys; sys.exit('out of memory')"), "status 1: out of memory"),
        (saying("unsat", more="sys.stdout.write(json.dumps(told)); sys.exit(3)"), "status 3"),
        (("/no/such/solver",), "it did not start: "),
    ],
)
def test_a_solver_that_fails_has_died(command: Command, detail: str) -> None:
    """An answer counts only if its process then ended well; the last words are kept."""
    answers = ask(command, command)
    assert answers.said == {"z3": "died", "cvc5": "died"}
    assert all(answer.detail.startswith(detail) for answer in answers.answers)
    assert not answers.proves


@pytest.mark.parametrize(
    "command",
    [
        python("print('unsat')"),
        python("pass"),
        python("print('[\"unsat\"]')"),
        python("import sys; sys.stdout.buffer.write(bytes(range(256)))"),
        python('print(\'{"answer": "unsat", "version": "9.0"}\')'),
        saying("UNSAT"),
        saying("unsat\nunsat"),
        saying("unsat", more="told['digest'] = hashlib.sha256(text[:-1]).hexdigest()"),
        saying("unsat", more="told['version'] = None"),
        saying("unsat", more="told['point'] = {'a': 'one'}"),
        saying("unsat", more="print('warning')"),
    ],
)
def test_a_solver_that_writes_something_else_has_died(command: Command) -> None:
    """Only the exact answer, to exactly this text, is one: garbage never proves."""
    answers = ask(command, command)
    assert answers.said == {"z3": "died", "cvc5": "died"}
    assert "it wrote no answer to this file that can be read" in answers.reason


def test_a_release_known_to_be_wrong_is_not_believed() -> None:
    """A release that answered unsat on satisfiable files counts as missing; the reason says so."""
    answers = ask(UNSAT, saying("unsat", "1.3.4-modified"))
    assert answers.said["cvc5"] == "missing"
    assert "cvc5 1.3.4-modified is not believed: only releases from 1.4 on" in answers.reason
    assert ask(saying("unsat", "5.0.0"), saying("unsat", "1.4.0")).proves
    assert not ask(saying("unsat", "4.16.0"), UNSAT).proves
    assert not ask(UNSAT, saying("unsat", "")).proves


def test_a_file_of_any_size_is_read() -> None:
    """Neither a long file nor a long output blocks, also where the solver reads nothing."""
    text = TEXT + "; more\n" * 10**6
    noisy = saying("unsat", more="sys.stderr.write('x' * 10**6)")
    assert ask_both(text, LONG, {"z3": UNSAT, "cvc5": noisy}).proves
    deaf = python("pass")
    assert ask_both(text, LONG, {"z3": UNSAT, "cvc5": deaf}).said["cvc5"] == "died"


@pytest.mark.parametrize("names", [(), ("z3",), ("cvc5",), ("z3", "yices")])
def test_exactly_the_two_solvers_are_asked(names: tuple[str, ...]) -> None:
    """One solver under any number of commands is refused, and never a proof."""
    with pytest.raises(DeclarationError, match="a command for each of z3 and cvc5"):
        ask_both(TEXT, LONG, dict.fromkeys(names, UNSAT))
    answers = tuple(SolverAnswer(name, "unsat", 0.1) for name in names)
    assert not SolverAnswers(answers, LONG).proves
    twice = (SolverAnswer("z3", "unsat", 0.1), SolverAnswer("z3", "unsat", 0.1))
    assert not SolverAnswers(twice, LONG).proves


@pytest.mark.parametrize("seconds", [0, -1, float("nan")])
def test_the_budget_is_positive(seconds: float) -> None:
    """A time that no solver could keep is refused."""
    with pytest.raises(DeclarationError, match="the time of a solver is positive"):
        ask_both(TEXT, seconds)


def gone(process: int) -> bool:
    """Tell whether a process has ended, taken note of by its parent or not."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    try:
        state = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False
    return state.rpartition(")")[2].split()[0] == "Z"


def comes(condition: Callable[[], bool]) -> bool:
    """Wait for a condition, up to a minute."""
    end = time.monotonic() + LONG
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return False


def with_child(folder: Path) -> Command:
    """Return a solver that starts another process, notes both, and hangs."""
    code = (
        "import os, subprocess, sys, time, pathlib\n"
        "other = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "folder = pathlib.Path(sys.argv[1])\n"
        "(folder / str(other.pid)).touch()\n"
        "(folder / str(os.getpid())).touch()\n"
        "time.sleep(600)\n"
    )
    return python(code, str(folder))


@POSIX
def test_nothing_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stopped solver leaves no process, not even one that it started, and no file."""
    notes, scratch = tmp_path / "notes", tmp_path / "scratch"
    notes.mkdir()
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    solver = with_child(notes)
    answers = ask(solver, solver, 5)
    assert answers.said == {"z3": "timeout", "cvc5": "timeout"}
    started = [int(note.name) for note in notes.iterdir()]
    assert len(started) == 4
    assert all(comes(lambda process=process: gone(process)) for process in started)
    assert list(scratch.iterdir()) == []


@POSIX
def test_an_interrupt_leaves_nothing(tmp_path: Path) -> None:
    """Ctrl-C while solvers work ends them at once and arrives at the caller."""
    code = (
        "import sys\n"
        "from gradproof.checks.inequality.solvers import ask_both\n"
        "try:\n"
        f"    ask_both({TEXT!r}, 500, dict.fromkeys(('z3', 'cvc5'), {with_child(tmp_path)!r}))\n"
        "except KeyboardInterrupt:\n"
        "    sys.exit(77)\n"
    )
    with subprocess.Popen(python(code)) as caller:
        assert comes(lambda: len(list(tmp_path.iterdir())) == 4)
        caller.send_signal(signal.SIGINT)
        assert caller.wait(LONG) == 77
    started = [int(note.name) for note in tmp_path.iterdir()]
    assert all(comes(lambda process=process: gone(process)) for process in started)


def test_solvers_are_asked_from_a_worker_process() -> None:
    """A worker of a pool can ask, and its answers travel back."""
    commands = {"z3": UNSAT, "cvc5": SLEEPING}
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        answers = pool.submit(ask_both, TEXT, 5.0, commands).result()
    assert answers.said == {"z3": "unsat", "cvc5": "timeout"}
    assert pickle.loads(pickle.dumps(answers)) == answers


def test_solvers_that_are_not_installed_are_missing() -> None:
    """Without their packages the solvers' own commands say so; nothing is proved."""
    without = {
        name: (command[0], "-S", "-P", *command[2:]) for name, command in own_commands(LONG).items()
    }
    answers = ask_both(TEXT, LONG, without)
    assert answers.said == {"z3": "missing", "cvc5": "missing"}
    assert answers.reason == "z3 is not installed; cvc5 is not installed"


def test_a_question_without_solvers_has_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the extra is not installed, no process starts and the reason names the extra."""
    monkeypatch.setattr("gradproof.checks.inequality.smt.available", lambda: False)
    proof = prove_by_solvers({"a": ">0"}, [], [("1", {"a": 1})], ">0")
    assert proof.node is None
    assert proof.reason == "z3 and cvc5 are not both installed (gradproof[solvers])"
    assert isinstance(available(), bool)


def limited(body: str, seconds: float, megabytes: int) -> int:
    """Return how a process under the limits of a solver ends."""
    code = f"import runpy; runpy.run_path({PROCESS!r})['limit']({seconds}, {megabytes}); {body}"
    return subprocess.run(python(code), stderr=subprocess.DEVNULL, check=False).returncode


@POSIX
def test_a_solver_ends_by_itself() -> None:
    """Also if nobody waits for it, a solver's process ends after its time, asleep or at work."""
    assert limited("import time; time.sleep(600)", 1.0, 2048) == -signal.SIGALRM
    assert limited("all(iter(int, 1)) or [0 for _ in iter(int, 1)]", 1.0, 2048) < 0


@POSIX
@pytest.mark.skipif(sys.platform == "darwin", reason="macOS does not limit address space")
def test_a_solver_has_limited_memory() -> None:
    """More memory than allowed is an error in the solver's process, not of the machine."""
    assert limited("bytearray(2**26)", LONG, 512) == 0
    assert limited("bytearray(2**30)", LONG, 512) == 1


A_SQUARE = [("1", {"a": 2}), ("-2", {"a": 1, "b": 1}), ("1", {"b": 2})]
REALS = {"a": "real", "b": "real"}
BOTH_UNSAT = {"z3": UNSAT, "cvc5": UNSAT}


def test_a_proof_carries_its_file_and_a_point() -> None:
    """The node of a certificate has the file, the answers and an exact point of the hypotheses."""
    hypothesis = ([("1", {"a": 1}), ("1", {"b": 1}), ("-1", {})], "==0")
    proof = prove_by_solvers(REALS, [hypothesis], A_SQUARE, ">=0", LONG, BOTH_UNSAT)
    assert proof.reason == ""
    assert proof.node == {
        "rule": "smt",
        "file": smt_file(REALS, [hypothesis], A_SQUARE, ">=0"),
        "answers": {"z3": "unsat", "cvc5": "unsat"},
        "versions": {"z3": "9.0", "cvc5": "9.0"},
        "point": {"a": "0", "b": "1"},
    }


def test_solvers_are_not_believed_on_contradictory_hypotheses() -> None:
    """Two that say unsat prove nothing where no point obeys the hypotheses."""
    hypothesis = ([("1", {"a": 2}), ("1", {})], "==0")
    proof = prove_by_solvers(REALS, [hypothesis], A_SQUARE, ">0", LONG, BOTH_UNSAT)
    assert proof.node is None
    assert proof.reason == "its hypotheses contradict each other, and would prove anything"


def test_solvers_are_not_believed_where_no_point_is_known() -> None:
    """Hypotheses with irrational solutions only are not known to be satisfiable."""
    hypothesis = ([("1", {"a": 2}), ("-2", {})], "==0")
    sat_on_no_goal = saying("unsat", more="told['answer'] = 'un' * (b'; goal: ' in text) + 'sat'")
    commands = dict.fromkeys(("z3", "cvc5"), sat_on_no_goal)
    proof = prove_by_solvers(REALS, [hypothesis], A_SQUARE, ">=0", LONG, commands)
    assert proof.node is None
    assert proof.reason.startswith("no exact point of its hypotheses is known")


def test_solvers_are_not_asked_where_the_goal_fails() -> None:
    """Liars have no chance: a point at which the goal fails is met first, and told."""
    proof = prove_by_solvers(REALS, [], A_SQUARE, ">0", LONG, BOTH_UNSAT)
    assert proof.node is None
    assert proof.reason.startswith("it fails at a = ")
    assert proof.counterexample is not None
    assert proof.counterexample["a"] == proof.counterexample["b"]


def test_solvers_that_deny_an_exact_point_are_in_conflict() -> None:
    """Two that say unsat of a file with a known exact point raise an error with the file."""
    narrow = ([("1", {"a": 2}), ("-12345678", {"a": 1}), ("12345677", {})], "==0")
    far = ([("1", {"a": 1}), ("-2", {})], ">0")
    told = (
        "told.update(answer='unsat' if b'; goal: ' in text else 'sat', point={'v.a': '12345677'})"
    )
    commands = dict.fromkeys(("z3", "cvc5"), saying("unsat", more=told))
    goal = [("100", {}), ("-1", {"a": 1})]
    with pytest.raises(EngineConflict, match="a = 12345677 satisfies"):
        prove_by_solvers({"a": "real"}, [narrow, far], goal, ">=0", LONG, commands)
