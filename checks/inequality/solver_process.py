"""One question to one solver, in a process of its own that ends by itself.

Guarantees: the one line written is what the solver said of exactly the file read (whose digest it
names), after every assertion of the file was counted in the solver; a process that outlives its
budget or its memory is ended by the system, also when nobody waits for it any more.
It decides nothing: the answer of one solver proves nothing, and the point in it is unchecked.

It is run as a file, and so imports nothing of gradproof:
`python -P solver_process.py z3|cvc5 SECONDS MEGABYTES < file`.
"""

from __future__ import annotations

import ctypes
import json
import math
import os
import signal
import sys
from contextlib import suppress
from hashlib import sha256
from importlib import import_module
from typing import Any, TypeAlias

DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG of <linux/prctl.h>

Answer: TypeAlias = dict[str, Any]


def ask_z3(text: str) -> Answer:
    """Return what z3 says of an SMT-LIB2 file, and its point rounded to rationals if it has one."""
    z3 = import_module("z3")
    solver = z3.SolverFor("QF_NRA")
    solver.add(z3.parse_smt2_string(text))
    _all_read(text, len(solver.assertions()))
    said = str(solver.check())
    answer: Answer = {"answer": said, "version": z3.get_version_string()}
    if said == "sat":
        model = solver.model()
        answer["point"] = {
            constant.name(): str(_rational(z3, model[constant]).as_fraction())
            for constant in model.decls()
            if constant.arity() == 0  # z3 adds what it takes x/0 for where it solved an equation
        }
    return answer


def ask_cvc5(text: str) -> Answer:
    """Return what cvc5 says of an SMT-LIB2 file."""
    cvc5 = import_module("cvc5")
    solver = cvc5.Solver()
    parser = cvc5.InputParser(solver)
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, text, "question")
    written = ""
    while not (command := parser.nextCommand()).isNull():
        written += str(command.invoke(solver, parser.getSymbolManager()))
    _all_read(text, len(solver.getAssertions()))
    version = solver.getVersion()
    return {
        "answer": written.strip(),
        "version": version.decode() if isinstance(version, bytes) else str(version),
    }


SOLVERS = {"z3": ask_z3, "cvc5": ask_cvc5}


def _rational(z3: Any, value: Any) -> Any:
    # A root is rounded: whoever uses the point checks it exactly.
    return value.approx(20) if z3.is_algebraic_value(value) else value


def _all_read(text: str, found: int) -> None:
    """Raise an error unless the solver holds every assertion of the file, and no other."""
    written = text.count("\n(assert ")
    if written != found:
        raise ValueError(f"{written} assertions in the file, {found} in the solver")


def limit(seconds: float, megabytes: int) -> None:
    """Let the system end this process: a solver may ignore limits of its own."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGKILL)
    if hasattr(signal, "setitimer"):
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        import resource
    except ImportError:  # not on Windows
        return
    for kind, most in (
        (resource.RLIMIT_CORE, 0),  # a solver that dies leaves no file
        (resource.RLIMIT_CPU, math.ceil(seconds)),
        (resource.RLIMIT_AS, megabytes * 2**20),
    ):
        hard = resource.getrlimit(kind)[1]
        if hard == resource.RLIM_INFINITY or most < hard:
            with suppress(ValueError, OSError):  # macOS refuses a limit on address space
                resource.setrlimit(kind, (most, most))


def main(arguments: list[str]) -> None:
    """Ask the solver named first; the further arguments are the limits."""
    name, seconds, megabytes = arguments
    limit(float(seconds), int(megabytes))
    content = sys.stdin.buffer.read()
    try:
        answer = SOLVERS[name](content.decode())
    except ModuleNotFoundError:
        answer = {"answer": "missing", "version": ""}
    answer["digest"] = sha256(content).hexdigest()
    sys.stdout.write(json.dumps(answer))
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
    os._exit(0)  # a solver that crashes while it is taken down has answered before
