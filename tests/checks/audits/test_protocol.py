from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from gradproof.checks.audits.finding import Finding, Kind
from gradproof.checks.audits.grid import Grid
from gradproof.checks.audits.point import AuditPoint
from gradproof.checks.audits.protocol import Protocol, same, text_of
from gradproof.checks.audits.remembering import alike_points
from gradproof.checks.audits.samples import sample_point
from gradproof.checks.audits.targets import TargetMaker
from gradproof.numeric.implementations.call import Answer
from tests.checks.audits.conftest import (
    CE,
    CE_SOFT,
    at,
    deaf_loss,
    loss_of,
    right,
    run_of,
    soft_gradient,
)

POINTS = [at(0.5, -1.25, 2, label=k) for k in (0, 2)] + [
    at(1.5, 0.25, -0.75, label=1),
    at(0.25, 1, -1, 0.5, 2, label=3),
    at(-0.5, 1.5, 0, 0.75, 1, label=0),
]


def protocol(
    implementation: Any, *, quick: bool = True, dtype: str = "float32", **given: Any
) -> list[Finding]:
    """Return what the checks of behaviour find."""
    run = run_of(implementation, given.pop("loss", CE), dtypes=dtype, **given)
    bench = run.bench
    start = sample_point(run.options, 3)
    before = {start: bench.run(start, dtype)}
    points = POINTS if run.options.intended.has_label else [_one_hot(p) for p in POINTS]
    checks = Protocol(
        bench,
        dtype,
        points,
        bench.runner.returns or "gradient",
        Grid.of(dtype, 1),
        TargetMaker(Grid.of(dtype, 2), run.shape),
        before,
        given.get("reduction"),
        quick,
    )
    return list(checks.findings())


def _one_hot(point: AuditPoint) -> AuditPoint:
    target = tuple(Fraction(int(k == point.label)) for k in range(point.n))
    return AuditPoint(point.logits, target)


def wheres(found: list[Finding]) -> set[str]:
    """Return which checks found something."""
    return {f.where for f in found}


def printing() -> Any:
    """Return an implementation that prints."""

    def prints(z: Any, y: Any) -> Any:
        print("called")  # noqa: T201
        return right(z, y)

    return prints


def changing() -> Any:
    """Return an implementation that changes its logits."""

    def changes(z: Any, y: Any) -> Any:
        z -= np.max(z)
        return right(z, y)

    return changes


def noisy() -> Any:
    """Return an implementation with noise of its own."""
    source = np.random.default_rng(0)

    def with_noise(z: Any, y: Any) -> Any:
        return right(z, y) * (1 + z.dtype.type(source.normal(0, 1e-6)))

    return with_noise


def drifting() -> Any:
    """Return an implementation that is wrong every tenth time."""
    calls = iter(range(1, 10**9))

    def drifts(z: Any, y: Any) -> Any:
        return right(z, y) * (2 if next(calls) % 10 == 0 else 1)

    return drifts


def cached(key: Any) -> Any:
    """Return an implementation that remembers its answers by a key."""
    kept: dict[Any, Any] = {}

    def caches(z: Any, y: Any) -> Any:
        found = key(z, y)
        if found not in kept:
            kept[found] = right(z, y)
        return kept[found].copy()

    return caches


def cached_by_id() -> Any:
    """Return an implementation that remembers by the identity of its array, which it holds."""
    kept: dict[int, Any] = {}

    def caches(z: Any, y: Any) -> Any:
        key = id(z), int(y)
        if key not in kept:
            kept[key] = z, right(z, y)  # the array is held, so that its id is not used again
        return kept[key][1].copy()

    return caches


def one_buffer() -> Any:
    """Return an implementation that hands out the same array each time."""
    buffers: dict[Any, Any] = {}

    def buffered(z: Any, y: Any) -> Any:
        out = buffers.setdefault((z.shape, z.dtype), np.empty_like(z))
        out[...] = right(z, y)
        return out

    return buffered


def ageing() -> Any:
    """Return an implementation that is another one after 20 calls."""
    calls = iter(range(10**9))

    def ages(z: Any, y: Any) -> Any:
        return right(z, y) * z.dtype.type(1 if next(calls) < 20 else 1.001)

    return ages


BROKEN = [
    (printing, {"side effects"}),
    (changing, {"side effects"}),
    (noisy, {"repeated calls"}),
    (lambda: cached(lambda z, _: z.shape), {"order of calls", "answers of other calls"}),
    (lambda: cached(lambda z, y: (z.shape, int(y))), {"answers of other calls"}),
    (lambda: cached(lambda z, _: z.tobytes()), {"answers of other calls"}),
    (lambda: cached(lambda z, y: (float(z.sum()), int(y))), {"answers of other calls"}),
    (lambda: cached(lambda z, y: (z.round(3).tobytes(), int(y))), {"answers of other calls"}),
    (cached_by_id, {"arguments in the same memory"}),
    (one_buffer, {"interleaved calls"}),
    (ageing, {"calls at the start", "repeated calls", "order of calls"}),
]


@pytest.mark.parametrize(("make", "expected"), BROKEN)
def test_each_check_finds_what_breaks_it(make: Any, expected: set[str]) -> None:
    """Of an implementation that is no function of its arguments, one check at least says so."""
    found = protocol(make())
    assert wheres(found) & expected, found
    assert all(f.kind is Kind.PROTOCOL and f.regime == "protocol" for f in found)


def test_every_tenth_call_is_seen_in_a_full_run() -> None:
    """Many repetitions show what happens once in ten calls."""
    (found,) = [f for f in protocol(drifting(), quick=False) if f.where == "repeated calls"]
    assert "at call" in found.found
    assert found.expected.endswith("every time")


def cached_right() -> Any:
    """Return an implementation that remembers by all that its answer depends on."""
    return cached(lambda z, y: (z.tobytes(), z.dtype.name, z.shape, int(y)))


def changing_its_own() -> Any:
    """Return an implementation that changes a copy in place."""

    def works(z: Any, y: Any) -> Any:
        work = z.copy()
        work -= np.max(work)
        np.exp(work, out=work)
        work /= np.sum(work)
        work[y] = 0
        work[y] = -np.sum(work)
        return work

    return works


def with_workspace() -> Any:
    """Return an implementation with a workspace, of which it hands out a copy."""
    space = np.empty(10_000)

    def works(z: Any, y: Any) -> Any:
        work = space[: len(z)]
        work[...] = right(z.astype(float), y)
        return work.astype(z.dtype)

    return works


@pytest.mark.parametrize("make", [lambda: right, cached_right, changing_its_own, with_workspace])
@pytest.mark.parametrize("quick", [True, False])
def test_what_is_odd_and_right_is_let_pass(make: Any, quick: bool) -> None:
    """A right cache, a copy that is changed and a workspace are no faults."""
    assert protocol(make(), quick=quick) == []


def test_answers_of_another_dtype_are_found() -> None:
    """What hands back float64 for float32, or the other way round, is a matter of dtype."""
    (wide,) = protocol(lambda z, y: right(z.astype(np.float64), y))
    assert (wide.kind, wide.where, wide.expected, wide.found) == (
        Kind.DTYPE,
        "dtype of the gradient",
        "float32",
        "float64",
    )
    (narrow,) = protocol(lambda z, y: right(z.astype(np.float32), y), dtype="float64")
    assert (narrow.found, narrow.note) == ("float32", "the gradient of float64 input")
    (loss,) = protocol(lambda z, y: np.float64(loss_of(z, y)), gradient=right, returns="loss")
    assert loss.where == "dtype of the loss"


def summed(z: Any, y: Any) -> Any:
    """Return the gradients of a batch whose losses are summed, or that of one row."""
    if z.ndim == 1:
        return right(z, y)
    return np.stack([right(row, label) for row, label in zip(z, y, strict=True)])


def test_batches_that_are_right_pass() -> None:
    """A gradient of each row, summed or shared out, is what the reduction says."""
    assert protocol(summed, reduction="sum") == []
    assert (
        protocol(lambda z, y: summed(z, y) / (len(z) if z.ndim == 2 else 1), reduction="mean") == []
    )


@pytest.mark.parametrize(
    ("change", "reduction"),
    [
        (lambda g: g / len(g), "sum"),
        (lambda g: g, "mean"),
        (lambda g: g[::-1], "sum"),
        (lambda g: np.roll(g, 1, axis=0), "sum"),
        (lambda g: np.vstack([g[:-1], g[:1]]), "sum"),
        (lambda g: g * g.max(), "sum"),
    ],
)
def test_batches_that_are_wrong_are_found(change: Any, reduction: str) -> None:
    """Rows that are mixed up, and a mean where a sum is declared, or the other way round."""

    def batched(z: Any, y: Any) -> Any:
        return right(z, y) if z.ndim == 1 else change(summed(z, y))

    found = protocol(batched, reduction=reduction)
    assert any(f.where.startswith("batch") for f in found), found


def test_a_batch_without_an_answer_is_found() -> None:
    """An implementation that takes no batch, where one is declared, has that as a finding."""

    def single(z: Any, y: Any) -> Any:
        if z.ndim != 1:
            raise ValueError("one at a time")
        return right(z, y)

    found = protocol(single, reduction="sum")
    assert any("one at a time" in f.found for f in found)


def test_soft_targets_have_the_same_checks() -> None:
    """With targets that are vectors a cache by the logits is found, and a right gradient passes."""
    assert protocol(soft_gradient, loss=CE_SOFT) == []
    kept: dict[Any, Any] = {}

    def caches(z: Any, p: Any) -> Any:
        return kept.setdefault(z.tobytes(), soft_gradient(z, p)).copy()

    assert protocol(caches, loss=CE_SOFT)


def test_a_class_that_keeps_state_is_found() -> None:
    """A rule of PyTorch that keeps what it needs on its class mixes up two calls."""
    torch = pytest.importorskip("torch")

    class Shared(torch.autograd.Function):  # type: ignore[misc, name-defined, unused-ignore]
        kept: Any = None

        @staticmethod
        def forward(ctx: Any, z: Any, y: Any) -> Any:  # noqa: ARG004
            Shared.kept = torch.softmax(z, 0), y
            return -torch.log_softmax(z, 0)[y]

        @staticmethod
        def backward(ctx: Any, upstream: Any) -> Any:  # noqa: ARG004
            s, y = Shared.kept
            g = s.clone()
            g[y] = 0
            g[y] = -g.sum()
            return upstream * g, None

    found = protocol(lambda z, y: Shared.apply(z, y))
    assert wheres(found) == {"interleaved calls"}
    assert "if another forward comes before its backward" in found[0].found


def test_an_upstream_that_is_ignored_is_found() -> None:
    """A rule that returns its gradient as it is, whatever it is multiplied by, is found."""
    found = protocol(deaf_loss())
    assert wheres(found) == {"upstream gradient"}
    assert "for an upstream gradient of 3" in found[0].found


def test_a_loss_of_pytorch_passes() -> None:
    """The library's cross-entropy has none of these faults."""
    torch = pytest.importorskip("torch")
    assert protocol(lambda z, y: torch.logsumexp(z, 0) - z[y]) == []


@pytest.mark.parametrize("kind", ["label", "soft", "apart", "kernel"])
def test_points_that_are_alike_differ(kind: str) -> None:
    """The pairs by which coarse caches are found are two points each, of the same shape."""
    grid = Grid.of("float32", 0)
    pairs = list(alike_points(grid, TargetMaker(grid, kind)))
    assert len(pairs) >= 9
    for shared, one, other in pairs:
        assert one != other, shared
        assert one.n == other.n
    names = {shared for shared, _, _ in pairs}
    assert {"the shape", "the shape and the target", "the logits"} <= names


def test_answers_are_compared_bit_for_bit() -> None:
    """Two answers are the same if every bit is, NaN being the same as NaN."""
    g = np.array([1.0, -2.0])
    assert same(Answer(g), Answer(g.copy()))
    assert not same(Answer(g), Answer(np.nextafter(g, 3)))
    assert same(Answer(np.array([math.nan])), Answer(np.array([math.nan])))
    assert not same(Answer(g), Answer())
    assert not same(Answer(g, value=1.0), Answer(g, value=2.0))
    assert same(Answer(g, value=math.nan), Answer(g, value=math.nan))
    assert not same(Answer(g, value=1.0), Answer(g))
    failed = Answer(failure="ValueError", failure_kind="error")
    assert same(failed, failed)
    assert not same(failed, Answer(g))


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (Answer(np.array([1.0, -2.5])), "gradient (1.0, -2.5)"),
        (Answer(np.zeros(9)), "gradient (0.0, 0.0, 0.0, 0.0, ...)"),
        (Answer(value=0.5), "loss 0.5"),
        (Answer(failure="ValueError: no", failure_kind="error"), "ValueError: no"),
    ],
)
def test_answers_are_told_in_a_few_words(answer: Answer, text: str) -> None:
    """At most four numbers are shown."""
    assert text_of(answer) == text
