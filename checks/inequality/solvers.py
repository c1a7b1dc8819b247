"""Two solvers asked the same question, each in a process that is stopped at its budget.

Guarantees: `proves` is True only if z3 and cvc5, in releases not known to be wrong, both said
"unsat" of one and the same text and then ended well. A solver that hangs, dies, or writes
something else is reported as such; no process and no file stays.
It cannot see a defect that both solvers share, nor that contradictory hypotheses prove anything:
`smt_proof` asks for a point of the hypotheses.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from fractions import Fraction
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryFile
from types import MappingProxyType
from typing import IO, Any, Literal, TypeAlias

from ...symbolic.errors import DeclarationError

Said: TypeAlias = Literal["unsat", "sat", "unknown", "timeout", "died", "missing"]
Commands: TypeAlias = Mapping[str, Sequence[str]]

NAMES = ("z3", "cvc5")
ANSWERS = ("unsat", "sat", "unknown", "missing")
MEGABYTES = 2048

# cvc5 1.2 and 1.3 answered unsat on files with a real point, and so did z3 4.13.
OLDEST = {"z3": (5, 0), "cvc5": (1, 4)}

# A child ends by itself only after this, so that it is its parent who reports the time-out.
GRACE = 5.0

PAUSE = 0.01  # between two looks at the solvers, in seconds
MOST_READ = 10**6


@dataclass(frozen=True, slots=True)
class SolverAnswer:
    """What came of asking one solver.

    Parameters
    ----------
    name
        "z3" or "cvc5".
    said
        Its answer, or why there is none.
    seconds
        Time until the answer or the end, start of the process included.
    version
        As the solver tells it; empty if it did not come to that.
    detail
        How it died, or why its release is not used.
    point
        Where the file holds according to the solver that says "sat": rounded, and unchecked.
    """

    name: str
    said: Said
    seconds: float
    version: str = ""
    detail: str = ""
    point: Mapping[str, Fraction] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SolverAnswers:
    """What came of asking every solver the same question, within `budget` seconds each."""

    answers: tuple[SolverAnswer, ...]
    budget: float

    @property
    def proves(self) -> bool:
        """Whether both solvers say that no point satisfies the file."""
        agreed = {answer.name for answer in self.answers if answer.said == "unsat"}
        return len(self.answers) == len(NAMES) and agreed == set(NAMES)

    @property
    def said(self) -> dict[str, str]:
        """The answer of each solver by its name."""
        return {answer.name: answer.said for answer in self.answers}

    @property
    def versions(self) -> dict[str, str]:
        """The version of each solver by its name."""
        return {answer.name: answer.version for answer in self.answers}

    @property
    def reason(self) -> str:
        """Why there is no proof, as a clause for the reader; empty if there is one."""
        if self.proves:
            return ""
        said = set(self.said.values())
        last = sorted(self.answers, key=lambda answer: answer.said == "unsat")
        clauses = [self._clause(answer) for answer in last]
        if {"unsat", "sat"} <= said:
            clauses.append("they contradict each other, so neither is believed")
        elif "unsat" in said:
            clauses[-1] += ", which alone proves nothing"
        return "; ".join(clauses)

    def _clause(self, answer: SolverAnswer) -> str:
        return {
            "timeout": f"{answer.name} did not answer within {self.budget:g} s and was stopped",
            "died": f"{answer.name} died without an answer ({answer.detail})",
            "missing": answer.detail or f"{answer.name} is not installed",
        }.get(answer.said, f"{answer.name} says {answer.said}")


def available() -> bool:
    """Tell whether both solvers are installed; they come with `gradproof[solvers]`."""
    return all(find_spec(name) is not None for name in NAMES)


def ask_both(text: str, seconds: float, commands: Commands | None = None) -> SolverAnswers:
    """Ask z3 and cvc5 side by side whether an SMT-LIB2 file is satisfiable.

    Parameters
    ----------
    text
        The file, as `smtlib.smt_file` writes it.
    seconds
        The time each may take, the start of its process included; then it is killed.
    commands
        The command of each solver: it reads the file on its standard input and writes the line
        of `solver_process`. Default: the solvers' Python packages.

    Raises
    ------
    DeclarationError
        If the time is not positive, or `commands` does not name exactly the two solvers.
    """
    if not seconds > 0:
        raise _bad("the time of a solver is positive", f"{seconds} s")
    commands = own_commands(seconds) if commands is None else commands
    if set(commands) != set(NAMES):
        raise _bad("there is a command for each of z3 and cvc5", str(sorted(commands)))
    ordered = {name: commands[name] for name in NAMES}
    return SolverAnswers(tuple(_ask(text.encode(), seconds, ordered)), seconds)


def own_commands(seconds: float) -> Commands:
    """Return the commands that ask the solvers' Python packages."""
    program = str(Path(__file__).with_name("solver_process.py"))
    limits = (str(seconds + GRACE), str(MEGABYTES))
    # -P: the folder of the program holds modules that must not hide a solver's own.
    command = (sys.executable, "-P", program)
    return MappingProxyType({name: (*command, name, *limits) for name in NAMES})


@dataclass(slots=True)
class _Run:
    """A solver at work, with the files that it writes to; no process if it could not start."""

    name: str
    process: subprocess.Popen[bytes] | None
    output: IO[bytes]
    errors: IO[bytes]
    stopped: bool = False
    seconds: float = 0.0


def _ask(content: bytes, seconds: float, commands: Commands) -> list[SolverAnswer]:
    begin = time.monotonic()
    with ExitStack() as stack:  # whatever happens, Ctrl-C included, no solver runs on afterwards
        runs = [_start(stack, name, command, content) for name, command in commands.items()]
        pending = list(runs)
        while pending:
            for run in list(pending):
                ended = run.process is None or run.process.poll() is not None
                run.seconds = time.monotonic() - begin
                run.stopped = not ended and run.seconds > seconds
                if ended or run.stopped:
                    pending.remove(run)
                    _kill(run.process)
            if pending:
                time.sleep(PAUSE)
        return [_answer(run, content) for run in runs]


def _start(stack: ExitStack, name: str, command: Sequence[str], content: bytes) -> _Run:
    # Files without a name instead of pipes: no solver can block by not reading, or by writing.
    question, output, errors = _file(stack), _file(stack), _file(stack)
    question.write(content)
    question.seek(0)
    try:
        process = subprocess.Popen(
            command, stdin=question, stdout=output, stderr=errors, start_new_session=True
        )
    except OSError as error:
        errors.write(str(error).encode())
        return _Run(name, None, output, errors)
    stack.callback(_kill, process)
    return _Run(name, process, output, errors)


def _file(stack: ExitStack) -> IO[bytes]:
    return stack.enter_context(TemporaryFile())


def _kill(process: subprocess.Popen[bytes] | None) -> None:
    """End a process with all that it started; nothing is left to wait for."""
    if process is None or process.poll() is not None:
        return
    if hasattr(os, "killpg"):
        with suppress(ProcessLookupError, PermissionError):  # it may just have ended
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.wait()


def _answer(run: _Run, content: bytes) -> SolverAnswer:
    if run.stopped:
        return SolverAnswer(run.name, "timeout", run.seconds)
    status = None if run.process is None else run.process.returncode
    if status != 0:
        how = "it did not start" if status is None else f"status {status}"
        how = f"signal {-status}" if status is not None and status < 0 else how
        return SolverAnswer(run.name, "died", run.seconds, detail=how + _last_words(run.errors))
    told = _told(run.output)
    said, version, point = told.get("answer"), told.get("version"), _point(told.get("point", {}))
    same = told.get("digest") == sha256(content).hexdigest()
    if not same or said not in ANSWERS or not isinstance(version, str) or point is None:
        detail = "it wrote no answer to this file that can be read"
        return SolverAnswer(run.name, "died", run.seconds, detail=detail)
    if said != "missing" and _release(version) < OLDEST[run.name]:
        least = ".".join(map(str, OLDEST[run.name]))
        detail = f"{run.name} {version} is not believed: only releases from {least} on are trusted"
        return SolverAnswer(run.name, "missing", run.seconds, version, detail)
    return SolverAnswer(run.name, said, run.seconds, version, point=point)


def _told(output: IO[bytes]) -> dict[str, Any]:
    output.seek(0)
    try:
        told = json.loads(output.read(MOST_READ))
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _point(told: object) -> dict[str, Fraction] | None:
    try:
        return {str(name): Fraction(value) for name, value in dict(told).items()}  # type: ignore[call-overload]
    except (TypeError, ValueError, ZeroDivisionError):
        return None


def _last_words(errors: IO[bytes]) -> str:
    errors.seek(0)
    lines = errors.read(MOST_READ).decode(errors="replace").split("\n")
    last = next((line.strip() for line in reversed(lines) if line.strip()), "")
    return f": {last[:200]}" if last else ""


def _release(version: str) -> tuple[int, ...]:
    numbers = re.match(r"(\d+)\.(\d+)", version)
    return tuple(int(number) for number in numbers.groups()) if numbers else (0, 0)


def _bad(invariant: str, found: str) -> DeclarationError:
    return DeclarationError(invariant, found=found, remedy="correct the call of the solvers")
