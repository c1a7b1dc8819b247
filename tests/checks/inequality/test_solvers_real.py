from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from flint import Ordering, fmpq_mpoly_ctx
from sympy import Poly, Symbol, sympify

from gradproof.checks.inequality.smt import prove_by_solvers
from gradproof.checks.inequality.smtlib import (
    Hypothesis,
    Polynomial,
    hypotheses_file,
    smt_file,
    variable_of,
)
from gradproof.checks.inequality.solvers import ask_both, available
from gradproof.checks.inequality.witness import holds_at

pytest.importorskip("z3", reason="the extra gradproof[solvers] is not installed")
pytest.importorskip("cvc5", reason="the extra gradproof[solvers] is not installed")

SECONDS = 60.0
POSITIVE = {"a": ">0", "b": ">0", "c": ">0"}
REAL = dict.fromkeys("abc", "real")
MOMENTS = {"a": ">=0", "b": ">=0", "c": "real"}


def poly(text: str) -> Polynomial:
    """Return a polynomial in a, b, c as data."""
    symbols = tuple(Symbol(name) for name in "abc")
    terms = Poly(sympify(text), *symbols).terms()
    return [(str(c), dict(zip("abc", map(int, powers), strict=True))) for powers, c in terms]


def given(*texts: str) -> list[Hypothesis]:
    """Return hypotheses written as `polynomial relation`."""
    split = [text.rsplit(" ", 1) for text in texts]
    return [(poly(left), relation) for left, relation in split]


# Signs, hypotheses, a goal that follows, and a wrong twin of the goal.
QUESTIONS = {
    "square": (REAL, [], "a**2 - 2*a*b + b**2 >=0", "a**2 - 2*a*b + b**2 >0"),
    "three squares": (
        REAL,
        [],
        "a**2 + b**2 + c**2 - a*b - b*c - c*a >=0",
        "a**2 + b**2 + c**2 - a*b - b*c - c*a*101/100 >=0",
    ),
    "arithmetic and geometric mean": (
        POSITIVE,
        [],
        "a**3 + b**3 + c**3 - 3*a*b*c >=0",
        "a**3 + b**3 + c**3 - 301/100*a*b*c >=0",
    ),
    "Schur": (
        POSITIVE,
        [],
        "a*(a - b)*(a - c) + b*(b - a)*(b - c) + c*(c - a)*(c - b) >=0",
        "a*(a - b)*(a - c) + b*(b - a)*(b - c) + c*(c - a)*(c - b) - a*b*c/100 >=0",
    ),
    "Motzkin": (
        REAL,
        [],
        "a**4*b**2 + a**2*b**4 - 3*a**2*b**2 + 1 >=0",
        "a**4*b**2 + a**2*b**4 - 3*a**2*b**2 + 99/100 >=0",
    ),
    "sum times sum of inverses": (
        POSITIVE,
        [],
        "(a + b)**2 - 4*a*b >=0",
        "(a + b)**2 - 5*a*b >=0",
    ),
    "Nesbitt": (
        POSITIVE,
        [],
        "2*(a*(a+b)*(a+c) + b*(b+a)*(b+c) + c*(c+a)*(c+b)) - 3*(a+b)*(b+c)*(c+a) >=0",
        "2*(a*(a+b)*(a+c) + b*(b+a)*(b+c) + c*(c+a)*(c+b)) - 31/10*(a+b)*(b+c)*(c+a) >=0",
    ),
    "softmax of two classes": (
        POSITIVE,
        given("a + b - 1 ==0"),
        "1/4 - a*b >=0",
        "1/5 - a*b >=0",
    ),
    "positive": (REAL, [], "a**2 + 1/1000 >0", "a**2 + 1/1000 - b**2 >0"),
    "squares keep the order": (
        POSITIVE,
        given("a - b >=0"),
        "a**2 - b**2 >=0",
        "a**2 - b**2 >0",
    ),
    "Cauchy-Schwarz": (
        MOMENTS,
        given("a*b - c**2 >=0"),
        "(a + b)**2 - 4*c**2 >=0",
        "(a + b)**2 - 5*c**2 >=0",
    ),
    "above one": (REAL, given("a - 1 >0"), "a**2 - a >0", "a**2 - 2*a >0"),
    "simplex": (
        POSITIVE,
        given("a + b + c - 1 ==0"),
        "1/3 - a*b - b*c - c*a >=0",
        "3/10 - a*b - b*c - c*a >=0",
    ),
    "product": (POSITIVE, [], "a*b >0", "a*b - c >0"),
    "norms": (
        MOMENTS,
        given("a - b >0"),
        "(a**2 + b**2)*4 - (a + b)**2*2 >0",
        "(a**2 + b**2)*4 - (a + b)**2*3 >0",
    ),
}


@pytest.mark.parametrize("name", QUESTIONS)
def test_what_is_true_is_proved(name: str) -> None:
    """Both solvers agree on each true inequality, and an exact point of its hypotheses is known."""
    signs, hypotheses, goal, _ = QUESTIONS[name]
    ((polynomial, relation),) = given(goal)
    proof = prove_by_solvers(signs, hypotheses, polynomial, relation, SECONDS)
    assert proof.reason == ""
    assert proof.node is not None
    assert proof.node["answers"] == {"z3": "unsat", "cvc5": "unsat"}
    assert proof.counterexample is None


@pytest.mark.parametrize("name", QUESTIONS)
def test_what_is_false_is_not(name: str) -> None:
    """Each wrong twin is satisfiable by both solvers, and no file proves it."""
    signs, hypotheses, _, twin = QUESTIONS[name]
    ((polynomial, relation),) = given(twin)
    answers = ask_both(smt_file(signs, hypotheses, polynomial, relation), SECONDS)
    assert answers.said == {"z3": "sat", "cvc5": "sat"}
    assert not answers.proves
    assert answers.reason == "z3 says sat; cvc5 says sat"
    proof = prove_by_solvers(signs, hypotheses, polynomial, relation, SECONDS)
    assert proof.node is None
    assert proof.counterexample is not None
    assert all(holds_at(poly, sign, proof.counterexample) for poly, sign in hypotheses)
    assert not holds_at(polynomial, relation, proof.counterexample)


def test_contradictory_hypotheses_prove_nothing() -> None:
    """Both solvers say unsat of the file, rightly, and still there is no proof."""
    hypotheses = given("a - b >0", "b - c >0", "c - a >=0")
    absurd = poly("-1 - a**2")
    assert ask_both(smt_file(POSITIVE, hypotheses, absurd, ">0"), SECONDS).proves
    proof = prove_by_solvers(POSITIVE, hypotheses, absurd, ">0", SECONDS)
    assert proof.node is None
    assert proof.reason == "its hypotheses contradict each other, and would prove anything"


def test_a_model_with_more_than_the_unknowns_is_read() -> None:
    """Where z3 divides to solve an equation, its model also tells x/0: only the unknowns count."""
    text = smt_file(POSITIVE, given("a*b - 3 ==0"), poly("5 - a*b**3*5/3"), ">=0")
    told = ask_both(text, SECONDS).answers[0]
    assert told.said == "sat"
    assert {variable_of(symbol) for symbol in told.point} <= set(POSITIVE)


def test_a_point_of_narrow_hypotheses_comes_from_a_model() -> None:
    """Where sampling meets no point of the hypotheses, a solver's one, made exact, is enough."""
    hypotheses = given("a*b - 12345 >0", "12346 - a*b >0", "b - 77*a >0", "78*a - b >0")
    proof = prove_by_solvers(POSITIVE, hypotheses, poly("b - a"), ">0", SECONDS)
    assert proof.node is not None
    twin = prove_by_solvers(POSITIVE, hypotheses, poly("b - 77*a - 5"), ">0", SECONDS)
    assert twin.node is None
    assert twin.counterexample is not None


UNKNOWNS = ("x1", "x2", "x", "z")


def equation(*terms: tuple[str, dict[str, int]]) -> Hypothesis:
    """Return the hypothesis that the terms sum to zero."""
    return list(terms), "==0"


def test_satisfiable_files_on_which_releases_were_wrong() -> None:
    """Files that some release answered with unsat have real points; neither solver denies them."""
    reals = dict.fromkeys(UNKNOWNS, "real")
    cubes = [
        equation(("1", {"x1": 5})),
        equation(("1", {"x2": 5})),
        equation(("1/3", {}), ("-1", {"x": 4}), ("1", {"x2": 1, "z": 1}), ("1", {"x1": 1, "z": 3})),
    ]
    units = dict.fromkeys("vwu", "real") | {"m": ">0"}
    circles = [
        equation(("1", {}), ("1", {"v": 2}), ("-1", {"w": 2})),
        equation(("1", {}), ("1", {"v": 2}), ("-1", {"u": 2})),
        equation(("1", {}), ("1", {"m": 1, "u": 1}), ("-1", {"m": 1, "w": 1})),
    ]
    for signs, hypotheses in ((reals, cubes), (units, circles)):
        said = ask_both(hypotheses_file(signs, hypotheses), SECONDS).said
        assert "unsat" not in said.values()


def norm_bound(classes: int) -> tuple[dict[str, str], Polynomial]:
    """Return that the gradient's norm is at most half that of the quadratic loss, as polynomial."""
    names = [f"w{i}" for i in range(classes)]
    w = fmpq_mpoly_ctx.get(names, Ordering.lex).gens()
    total = sum(w[1:], w[0])
    slopes = [w[0] - total, *w[1:]]
    mean = sum((a * b for a, b in zip(w, slopes, strict=True)), 0 * total)
    first = sum((4 * (a * (b * total - mean)) ** 2 for a, b in zip(w, slopes, strict=True)), 0)
    bound = total**4 * sum((b**2 for b in slopes), 0 * total) - first
    terms = [
        (str(c), {x: int(k) for x, k in zip(names, powers, strict=True)})
        for powers, c in bound.terms()
    ]
    return dict.fromkeys(names, ">0"), terms


def test_a_hard_question_ends_at_its_budget() -> None:
    """What neither solver decides in its time is not proved, and the reason says so."""
    signs, goal = norm_bound(5)
    proof = prove_by_solvers(signs, [], goal, ">=0", 2)
    assert proof.node is None
    assert proof.counterexample is None
    assert proof.reason == (
        "z3 did not answer within 2 s and was stopped; cvc5 did not answer within 2 s "
        "and was stopped"
    )
    signs, goal = norm_bound(2)
    assert prove_by_solvers(signs, [], goal, ">=0", SECONDS).node is not None


@pytest.mark.skipif(sys.platform != "linux", reason="other systems end a solver after its time")
def test_solvers_end_with_the_process_that_asks() -> None:
    """A caller that is killed takes its solvers along, even while they work."""
    signs, goal = norm_bound(5)
    code = (
        "import sys\n"
        "from gradproof.checks.inequality.solvers import ask_both\n"
        "ask_both(sys.stdin.read(), 500)\n"
    )
    question = smt_file(signs, [], goal, ">=0")
    with subprocess.Popen((sys.executable, "-c", code), stdin=subprocess.PIPE, text=True) as caller:
        assert caller.stdin is not None
        caller.stdin.write(question)
        caller.stdin.close()
        solvers = wait_for(lambda: children(caller.pid), 2)
        caller.send_signal(signal.SIGKILL)
        caller.wait(SECONDS)
    assert wait_for(lambda: [p for p in solvers if ended(p)], 2) == solvers


def wait_for(found: Callable[[], list[int]], number: int) -> list[int]:
    """Return what is found once it has so many members, after a minute at most."""
    end = time.monotonic() + SECONDS
    while len(found()) < number and time.monotonic() < end:
        time.sleep(0.05)
    return found()


def children(process: int) -> list[int]:
    """Return the children of a process that have asked to end with it."""
    tasks = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return [int(child) for child in tasks if cpu_limited(int(child))]


def cpu_limited(process: int) -> bool:
    """Tell whether a solver has set its limits, and so is at work."""
    limits = Path(f"/proc/{process}/limits").read_text().splitlines()
    return any(line.startswith("Max cpu time") and "unlimited" not in line for line in limits)


def ended(process: int) -> bool:
    """Tell whether a process is gone, or only waits to be noted."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def test_both_solvers_are_available() -> None:
    """Where the packages are installed, the prover knows, and names come back as they went."""
    assert available()
    answers = ask_both(smt_file({"pi": ">0"}, [], [("1", {"pi": 1}), ("-4", {})], ">0"), SECONDS)
    assert answers.said == {"z3": "sat", "cvc5": "sat"}
    (symbol,) = answers.answers[0].point
    assert variable_of(symbol) == "pi"
    assert all(answers.versions.values())
