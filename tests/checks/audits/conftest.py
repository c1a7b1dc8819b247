"""What the tests of audits share: implementations in NumPy, runs of an audit, points."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st

from gradproof import Audit, Loss, audit, losses
from gradproof.checks.audits.collecting import Collector
from gradproof.checks.audits.finding import Finding, Kind
from gradproof.checks.audits.judging import Bench
from gradproof.checks.audits.options import Options, read_options
from gradproof.checks.audits.point import AuditPoint
from gradproof.checks.audits.running import AuditRun
from gradproof.numeric.floats import FORMATS, round_to

CE = losses.softmax_cross_entropy
CE_SOFT = losses.softmax_cross_entropy_soft
DTYPES = tuple(FORMATS)

_UNSET: dict[str, Any] = dict.fromkeys(
    ("target", "dtypes", "sizes", "values", "name", "progress"), None
)


def softmax(z: Any) -> Any:
    """Return the softmax of logits, shifted by the largest."""
    e = np.exp(z - np.max(z))
    return e / np.sum(e)


def saturating(z: Any, y: Any) -> Any:
    """Return the gradient of softmax cross-entropy as S - delta, which cancels."""
    g = softmax(z)
    g[y] -= 1
    return g


def right(z: Any, y: Any) -> Any:
    """Return the gradient of softmax cross-entropy without cancellation."""
    g = softmax(z)
    g[y] = 0
    g[y] = -np.sum(g)
    return g


def flipped(z: Any, y: Any) -> Any:
    """Return the gradient of softmax cross-entropy with a sign error."""
    g = softmax(z)
    g[y] += 1
    return g


def deaf_loss() -> Any:
    """Return softmax cross-entropy in PyTorch with a rule that ignores the upstream gradient."""
    torch = pytest.importorskip("torch")

    class Deaf(torch.autograd.Function):  # type: ignore[misc, name-defined, unused-ignore]
        @staticmethod
        def forward(ctx: Any, z: Any, y: Any) -> Any:
            ctx.save_for_backward(z)
            ctx.label = y
            return -torch.log_softmax(z, 0)[y]

        @staticmethod
        def backward(ctx: Any, upstream: Any) -> Any:  # noqa: ARG004
            g = torch.softmax(ctx.saved_tensors[0], 0)
            g[ctx.label] = 0
            g[ctx.label] = -g.sum()
            return g, None

    return lambda z, y: Deaf.apply(z, y)


def overflowing(z: Any, y: Any) -> Any:
    """Return the gradient of softmax cross-entropy without a shift, which overflows."""
    with np.errstate(all="ignore"):
        e = np.exp(z)
        g = e / np.sum(e)
    g[y] -= 1
    return g


def loss_of(z: Any, y: Any) -> Any:
    """Return softmax cross-entropy."""
    top = np.max(z)
    return np.log(np.sum(np.exp(z - top))) + (top - z[y])


def soft_gradient(z: Any, p: Any) -> Any:
    """Return the gradient of softmax cross-entropy with targets, pair by pair of classes."""
    s = softmax(z)
    return np.sum(s[:, None] * p[None, :] - s[None, :] * p[:, None], axis=1)


def options_of(implementation: Callable[..., Any], loss: Loss | str = CE, **given: Any) -> Options:
    """Return the options of an audit, as `gradproof.audit` reads them."""
    return read_options(implementation, loss, **{**_UNSET, "takes": "logits", **given})


def run_of(implementation: Callable[..., Any], loss: Loss | str = CE, **given: Any) -> AuditRun:
    """Return an audit after its first call."""
    return AuditRun.of(options_of(implementation, loss, **given))


def bench_of(implementation: Callable[..., Any], loss: Loss | str = CE, **given: Any) -> Bench:
    """Return an implementation beside its loss."""
    return run_of(implementation, loss, **given).bench


def quick(implementation: Callable[..., Any], loss: Loss | str = CE, **given: Any) -> Audit:
    """Return a quick audit in float32."""
    return audit(implementation, loss, **{"quick": True, "dtypes": "float32", **given})


def kinds_of(found: Audit) -> set[Kind]:
    """Return the classes of what was found."""
    return {f.kind for f in found.findings}


def first(found: Audit, kind: Kind) -> Finding:
    """Return the first finding of a class."""
    return next(f for f in found.findings if f.kind is kind)


def at(*logits: float, label: int = 0) -> AuditPoint:
    """Return a point with a label."""
    return AuditPoint(tuple(Fraction(v) for v in logits), label)


def soft_at(logits: tuple[float, ...], *target: float) -> AuditPoint:
    """Return a point with numbers for a target."""
    return AuditPoint(tuple(map(Fraction, logits)), tuple(map(Fraction, target)))


def collected(bench: Bench, points: list[AuditPoint], dtype: str = "float32") -> Collector:
    """Return what an implementation shows at points, all of one regime."""
    collector = Collector(dtype)
    for point in points:
        collector.add("moderate", point, bench.judge("moderate", point, dtype))
    return collector


def is_held(value: Fraction, dtype: str) -> bool:
    """Tell whether a dtype holds a number."""
    return round_to(value, FORMATS[dtype]) == value


seeds = st.integers(0, 10**6)
dtypes = st.sampled_from(DTYPES)
numbers = st.integers(-64, 64).map(lambda k: Fraction(k, 8))


@st.composite
def points(draw: st.DrawFn, *, most: int = 6) -> AuditPoint:
    """Draw a point with a label."""
    logits = draw(st.lists(numbers, min_size=1, max_size=most))
    return AuditPoint(tuple(logits), draw(st.integers(0, len(logits) - 1)))
