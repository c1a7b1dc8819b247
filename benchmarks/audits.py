"""What an audit costs beside finite-difference checkers, and how many wrong gradients each catches.

Run it with ``python benchmarks/audits.py``; ``--short`` takes ten classes and few wrong gradients.
Speed alone misleads, so the second table stands beside the first one.

- Times are those of one point of softmax cross-entropy in float64, n normal logits that all differ,
  with a hand-written backward: a ``torch.autograd.Function``, a ``jax.custom_vjp``, two functions
  in NumPy. gradproof judges the first of these as an audit judges a point: it certifies loss and
  gradient, calls the implementation and scores every component; here it computes the condition of
  every component as well where the judgement has not needed them. Peers run with their defaults, as
  `checkers_asked` says. The loss is declared and compiled, and each check was run once, before the
  clock starts.
- Wrong gradients are those in NumPy of ``tests/checks/audits`` for the same loss that are wrong in
  float64, beside the right loss. Each checker is asked at two points: normal logits, and the same
  with the label ahead by 20. One objection is a catch. An audit, in its quick form, chooses its own
  points, and has to name the kind of mistake.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import cache, partial
from importlib.util import find_spec
from typing import Any, NamedTuple
from unittest.mock import patch

import checker_cases
import numpy as np
from audit_mutants import Case, Mutant, objects
from checkers_asked import by_jax, by_scipy, by_torch
from harness import best, command, of_machine, ratio, table, together
from mutants_base import ONE_DTYPE, RANGE, mutants, stateless
from mutants_floats import CLAMPS, ONE_DTYPE_ONLY, OUT_OF_RANGE
from mutants_formulas import CE as ALGEBRA
from mutants_gradients import ce, ce_value
from mutants_regions import REGIONS, TINY

from gradproof import audit, losses
from gradproof.checks.audits.judging import Bench, Judged
from gradproof.checks.audits.options import read_options
from gradproof.checks.audits.point import AuditPoint
from gradproof.checks.audits.running import AuditRun
from gradproof.numeric.implementations.limits import TimeUp, time_limited

SIZES, SHORT_SIZES = (10, 100, 1000, 10**4), (10,)
MUTANT_SIZES = (10, 1000)
LIMIT = 60  # seconds after which a check is stopped, and not asked about more classes
LEAD = 20  # of the label at the second point

LOSS = losses.softmax_cross_entropy
OURS, CERTIFIED = "gradproof", "certificate alone"

INSIDE = {k: code for k, code in ONE_DTYPE_ONLY.items() if not k.endswith("in float32")}
WRONG = {
    "algebra": mutants(ALGEBRA, "CE"),
    "off by 1e-6 and less": mutants(TINY, "CE"),
    "clamps, guards, roundings": mutants(CLAMPS, "CE"),
    "float32 or float16 inside": mutants(INSIDE, "CE", kinds=ONE_DTYPE),
    "out of range": mutants(OUT_OF_RANGE, "CE", kinds=RANGE),
    "wrong in a region": mutants(REGIONS, "CE"),
}
"""The wrong gradients by what is wrong."""


def numbers(size: int) -> tuple[Any, int]:
    """Return logits and a label."""
    return np.random.default_rng(0).standard_normal(size), size // 3


@cache
def in_torch() -> Callable[..., Any]:
    """Return the loss with a backward of its own in PyTorch."""
    import torch

    class Own(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, z: Any, y: Any) -> Any:
            ctx.save_for_backward(z)
            ctx.label = y
            return torch.logsumexp(z, 0) - z[y]

        @staticmethod
        def backward(ctx: Any, *upstream: Any) -> Any:
            shares = torch.softmax(*ctx.saved_tensors, 0)
            shares[ctx.label] = 0
            shares[ctx.label] = -shares.sum()
            return upstream[0] * shares, None

    return lambda z, y: Own.apply(z, y)


@cache
def in_jax(y: int) -> Callable[[Any], Any]:
    """Return the loss with a rule of its own in JAX."""
    import jax
    from jax.nn import logsumexp, softmax

    def backward(z: Any, upstream: Any) -> tuple[Any]:
        shares = softmax(z).at[y].set(0)
        return (upstream * shares.at[y].set(-shares.sum()),)

    loss = jax.custom_vjp(lambda z: logsumexp(z) - z[y])
    loss.defvjp(lambda z: (loss(z), z), backward)
    return loss


def ask_torch(z: Any, y: int, fast: bool) -> bool:
    """Tell whether PyTorch's checker passes the implementation."""
    import torch

    logits = torch.tensor(z, requires_grad=True)
    return bool(torch.autograd.gradcheck(in_torch(), (logits, y), fast_mode=fast))


def ask_jax(z: Any, y: int) -> bool:
    """Tell whether JAX's checker passes the implementation."""
    import jax
    from jax.test_util import check_grads

    jax.config.update("jax_enable_x64", True)
    check_grads(in_jax(y), (jax.numpy.asarray(z),), order=1, modes=("rev",))
    return True


def ask_scipy(z: Any, y: int) -> bool:
    """Tell whether what SciPy's checker finds of the implementation is small enough."""

    def value(v: Any, label: int) -> Any:
        top = np.max(v)
        return np.log(np.sum(np.exp(v - top))) + top - v[label]

    return by_scipy(checker_cases.Case("right", ce, (), loss=value), z, y)


def by_fast_torch(case: checker_cases.Case, z: Any, y: int) -> bool:
    """Tell what PyTorch's checker says of a gradient in NumPy in its fast mode."""
    from torch import autograd

    with patch.object(autograd, "gradcheck", partial(autograd.gradcheck, fast_mode=True)):
        return by_torch(case, z, y)


class Peer(NamedTuple):
    """A checker by finite differences: what it needs, asked in its framework, and in NumPy."""

    module: str
    timed: Callable[[Any, int], bool]
    asked: Callable[[checker_cases.Case, Any, int], bool]


PEERS = {
    "torch gradcheck": Peer("torch", partial(ask_torch, fast=False), by_torch),
    "torch gradcheck, fast mode": Peer("torch", partial(ask_torch, fast=True), by_fast_torch),
    "JAX check_grads": Peer("jax", ask_jax, by_jax),
    "SciPy check_grad": Peer("scipy", ask_scipy, by_scipy),
}


def point_of(z: Any, y: int) -> AuditPoint:
    """Return the point of an audit."""
    return AuditPoint(tuple(map(Fraction, z.tolist())), y)


def bench_of(implementation: Callable[..., Any], framework: str, returns: Any) -> Bench:
    """Return the implementation on the bench on which an audit puts it."""
    given = {"takes": "logits", "dtypes": "float64", "framework": framework, "returns": returns}
    rest = dict.fromkeys(("target", "sizes", "values", "name", "progress"))
    return AuditRun.of(read_options(implementation, LOSS, **given, **rest)).bench


def judged(bench: Bench, point: AuditPoint, *, whole: bool = False) -> Judged:
    """Judge one point with nothing remembered; with the conditions of all numbers if `whole`."""
    fresh = Bench(bench.runner, bench.intended, bench.form, bench.shifts)
    found = fresh.judge("moderate", point, "float64")
    if whole:
        truth = fresh.truth(point)
        assert len((*truth.conditions, truth.value_condition)) == point.n + 1
    return found


def runs_at(bench: Bench, size: int) -> dict[str, Callable[[], bool]]:
    """Return the checks at one point, each telling whether it accepts."""
    z, y = numbers(size)
    point = point_of(z, y)
    return {
        OURS: lambda: not judged(bench, point, whole=True).failing,
        CERTIFIED: lambda: bool(bench.intended.at(point)),
        **{k: partial(peer.timed, z, y) for k, peer in PEERS.items() if find_spec(peer.module)},
    }


def accepted(run: Callable[[], bool]) -> bool | None:
    """Return whether a check accepts; None if it takes too long."""
    try:
        with time_limited(LIMIT):
            return run()
    except TimeUp:
        return None
    except Exception:
        return False  # a checker says by an error that something is wrong


def rows_of_times(bench: Bench, sizes: Sequence[int]) -> list[list[str]]:
    """Return a row for each number of classes; the first time is ours, the others its multiples."""
    slow, rows = set[str](), []
    for size in sizes:
        runs = {name: run for name, run in runs_at(bench, size).items() if name not in slow}
        said = {name: accepted(run) for name, run in runs.items()}
        slow |= {name for name, word in said.items() if word is None}
        kept = [name for name in runs if name not in slow]
        spent = together([partial(accepted, runs[name]) for name in kept], 5 if size < 5000 else 2)
        found = dict(zip(kept, spent, strict=True))
        ours = found.get(OURS, LIMIT)  # at least
        cells = [cell(name, said.get(name), found, ours) for name in (CERTIFIED, *PEERS)]
        first = f"{ours:.3g} s" if OURS in found else f"over {LIMIT} s"
        rows.append([str(size), first, *cells])
    return rows


def cell(name: str, accepts: bool | None, found: Mapping[str, float], ours: float) -> str:
    """Return how many times ours a check takes, and whether it wrongly objects."""
    if name in PEERS and find_spec(PEERS[name].module) is None:
        return "not installed"
    if name not in found:
        return f"over {LIMIT} s"
    return ratio(found[name], ours) + ("" if accepts else ", rejects it")


def objections(case: Case, size: int) -> list[bool | None]:
    """Return whether each checker objects at one of two points; None where not installed."""
    coded = checker_cases.Case(case.name, case.make(), (), loss=ce_value)

    def passes(_: Any, z: Any, y: int) -> bool:
        found = judged(bench_of(coded.gradient, "numpy", "gradient"), point_of(z, y))
        return not found.failing and not found.answer.failure

    checkers = [("gradproof", passes), *((peer.module, peer.asked) for peer in PEERS.values())]
    z, y = numbers(size)
    ahead = z.copy()
    ahead[y] = np.max(z) + LEAD
    said: list[bool | None] = []
    for module, ask in checkers:
        here, there = (
            objects(module, lambda *_, ask=ask, at=at: ask(coded, at, y), case) for at in (z, ahead)
        )
        said.append(None if here is None else here or bool(there))
    return said


def caught_by_audit(case: Case) -> bool:
    """Return whether an audit of quick form names the mistake; of a right one, whether it fails."""
    found = audit(case.make(), LOSS, framework="numpy", returns="gradient", quick=True)
    if isinstance(case, Mutant):
        return bool({one.kind for one in found.findings} & case.kinds)
    return not found.passed


def row_of_catches(name: str, cases: Sequence[Case], sizes: Sequence[int]) -> list[str]:
    """Return how many of some gradients each checker objects to, for each number of classes."""
    said = [[objections(case, size) for case in cases] for size in sizes]
    cells = []
    for number, missing in enumerate(one is None for one in said[0][0]):
        counts = [sum(words[number] is True for words in of_size) for of_size in said]
        cells.append("not installed" if missing else " / ".join(map(str, counts)))
    return [name, str(len(cases)), *cells, str(sum(map(caught_by_audit, cases)))]


def table_of_catches(sizes: Sequence[int], step: int) -> str:
    """Return the second table."""
    right = Case(name="right", loss="CE", framework="numpy", make=stateless(ce))
    rows = [row_of_catches(name, cases[::step], sizes) for name, cases in WRONG.items()]
    rows.append(row_of_catches("right, rejected", [right], sizes))
    return table(["What is wrong", "gradients", OURS, *PEERS, "quick audit"], rows)


def report(short: bool) -> str:
    """Return the tables."""
    sizes, asked = (SHORT_SIZES, SHORT_SIZES) if short else (SIZES, MUTANT_SIZES)
    bench = bench_of(ce, "numpy", "gradient")
    if find_spec("torch"):
        bench = bench_of(in_torch(), "torch", "loss")
    times = table(["n", OURS, CERTIFIED, *PEERS], rows_of_times(bench, sizes))
    one = best(partial(judged, bench, point_of(*numbers(10)), whole=True))
    took = best(lambda: audit(ce, LOSS, quick=True), 1 if short else 3)
    places = " / ".join(f"n = {size}" for size in asked)
    parts = [
        "One point of softmax cross-entropy with n classes in float64, in multiples of gradproof.",
        times,
        f"A quick audit takes {took:.2g} s, {ratio(took, one)} times one point with n = 10.",
        f"Wrong gradients caught at two points, {places}; by an audit at points of its own.",
        table_of_catches(asked, 8 if short else 1),
        of_machine("torch", "jax", "scipy"),
    ]
    return "\n\n".join(parts)


if __name__ == "__main__":
    command(report, __doc__)
