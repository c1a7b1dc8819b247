from __future__ import annotations

from time import perf_counter
from typing import Any

import numpy as np
import pytest

from gradproof import Audit, assert_audit, audit, losses
from gradproof.checks.audits.finding import Kind
from gradproof.checks.audits.running import AuditRun
from gradproof.symbolic.errors import DeclarationError
from tests.checks.audits.conftest import (
    CE,
    CE_SOFT,
    first,
    flipped,
    kinds_of,
    options_of,
    quick,
    right,
    run_of,
    saturating,
    soft_gradient,
)


def test_the_first_calls_show_what_there_is_to_audit() -> None:
    """The shape of the targets, and whether classes can be moved and masked, are found out."""
    run = run_of(right)
    assert (run.shape, run.masks, run.bench.shifts) == ("label", True, True)
    soft = run_of(soft_gradient, CE_SOFT)
    assert soft.shape == "soft"

    def bce(z: Any, p: Any) -> Any:
        return 1 / (1 + np.exp(-z)) - p

    apart = run_of(bce, losses.sigmoid_bce)
    assert (apart.shape, apart.masks, apart.bench.shifts) == ("apart", False, False)


def test_what_cannot_be_called_is_an_error() -> None:
    """Before anything is judged, a callable of something else is refused."""
    with pytest.raises(DeclarationError, match="is called with logits"):
        AuditRun.of(options_of(lambda z: z))


def test_the_progress_is_told() -> None:
    """What is being done is said, with a share that grows from 0 to 1."""
    told: list[tuple[str, float]] = []
    audit(right, CE, quick=True, progress=lambda what, share: told.append((what, share)))
    shares = [share for _, share in told]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0, 1)
    assert {"exact twin", "float32: calls", "float64: calls", "done"} <= {what for what, _ in told}


def test_every_dtype_sees_the_same_regimes() -> None:
    """Points of float32 are those of float64, so that their scores can be compared."""
    seen: dict[str, set[bytes]] = {"float32": set(), "float64": set()}

    def noting(z: Any, y: Any) -> Any:
        seen[z.dtype.name].add(z.astype(float).tobytes() + bytes([int(y) % 256]))
        return right(z, y)

    found = audit(noting, CE, quick=True)
    assert len(seen["float32"] & seen["float64"]) > 30
    timed = "constants of the code"  # as many points as time allows
    regimes = {
        d: {w.regime: w.points for w in found.worst if w.dtype == d and w.regime != timed}
        for d in seen
    }
    assert regimes["float32"] == regimes["float64"]


@pytest.mark.parametrize("implementation", [right, saturating, flipped])
def test_the_same_seed_gives_the_same_audit(implementation: Any) -> None:
    """Findings, scores, curves and the number of calls depend on the seed alone."""
    one, same = (quick(implementation, seed=5, dtypes=None) for _ in range(2))

    def told(found: Audit) -> Any:
        return found.findings, found.worst, found.curves, found.calls, found.seed

    assert told(one) == told(same)
    other = quick(implementation, seed=6, dtypes=None)
    assert other.worst != one.worst


def test_sizes_are_kept_to() -> None:
    """Where numbers of classes are given, no other is tried."""
    sizes: set[int] = set()

    def fixed(z: Any, y: Any) -> Any:
        sizes.add(len(z))
        assert len(z) in (2, 5)
        return right(z, y)

    found = audit(fixed, CE, sizes=(2, 5), dtypes="float32")
    assert found.passed, str(found)
    assert sizes == {2, 5}
    assert found.curves == ()
    assert found.points > 50


@pytest.mark.parametrize("wrong_elsewhere", [True, False])
def test_one_size_alone_can_be_audited(wrong_elsewhere: bool) -> None:
    """An implementation of ten classes is judged at those, by its exact twin too."""

    def ten(z: Any, y: Any) -> Any:
        if wrong_elsewhere and len(z) != 10:
            return np.zeros_like(z)
        assert z.shape == (10,)
        return saturating(z, y)

    found = audit(ten, CE, sizes=[10], dtypes="float32")
    assert kinds_of(found) == {Kind.ROUNDING}
    assert found.findings[0].point is not None
    assert found.findings[0].point.n == 10
    assert found.findings[0].certified


def test_an_audit_without_a_twin_says_so() -> None:
    """Where exact arithmetic cannot run it, that is said, and the score judges alone."""

    def opaque(change: Any) -> Any:
        def gradient(z: Any, y: Any) -> Any:
            e = np.fromiter((np.exp(v) for v in (z - z.max()).tolist()), z.dtype, len(z))
            return change(np.frombuffer((e / e.sum()).tobytes(), z.dtype).copy(), y)

        return gradient

    def without(s: Any, y: Any) -> Any:
        s[y] = 0
        s[y] = -s.sum()
        return s

    def wrong(s: Any, y: Any) -> Any:
        s[y] += 1
        return s

    good, bad = (audit(opaque(change), CE, quick=True) for change in (without, wrong))
    for found in (good, bad):
        assert not found.has_twin
        assert found.twin[0].startswith("no exact twin (")
        assert found.twin[0].endswith("the score alone judges formula and loss")
    assert good.passed, str(good)
    assert kinds_of(bad) == {Kind.FORMULA}
    assert not any(f.certified for f in bad.findings)


def test_an_audit_of_one_class_alone_says_why_it_has_no_twin() -> None:
    """A single number may be a gradient or a loss, so that there is no telling what to compare."""
    found = quick(right, sizes=(1,))
    assert found.passed
    assert found.twin == ("no exact twin: one class does not show what it returns",)


def test_an_audit_that_judges_nothing_does_not_pass() -> None:
    """Where the loss has no gradient at all of the sizes, nothing was found and nothing passes."""
    found = quick(right, losses.multiclass_bce_one_hot, sizes=(1,))
    assert not found.findings
    assert found.unjudged == found.dtypes
    assert not found.passed
    assert ": nothing was judged in float32" in str(found).replace("\n", " ")
    with pytest.raises(AssertionError, match="nothing passes; choose sizes at which the loss"):
        assert_audit(right, losses.multiclass_bce_one_hot, sizes=(1,), quick=True)


def test_the_twin_is_quoted() -> None:
    """What the twin says is told in one sentence a question."""
    (said,) = quick(right).twin
    assert said.startswith("the gradient is that of the loss: AGREES")
    assert quick(right).has_twin


def test_one_class_is_judged_where_the_loss_allows_it() -> None:
    """With one class a right gradient of 0 passes, and something else does not."""

    def alone(z: Any, y: Any) -> Any:
        return z + 1 if len(z) == 1 else right(z, y)

    found = quick(alone)
    assert not found.passed
    assert first(found, Kind.FORMULA).point is not None


def test_calls_and_seconds_are_counted() -> None:
    """The result says how often the implementation was called, and how long it all took."""
    calls = [0]

    def counting(z: Any, y: Any) -> Any:
        calls[0] += 1
        return right(z, y)

    start = perf_counter()
    found = quick(counting)
    assert 40 < found.calls <= calls[0] + 10
    assert 0 < found.seconds <= perf_counter() - start


def test_a_narrow_computation_of_float64_is_found() -> None:
    """Float64 input computed in float32 is a finding of dtype, and of nothing worse."""

    def narrow(z: Any, y: Any) -> Any:
        return right(z.astype(np.float32), y).astype(z.dtype)

    found = audit(narrow, CE, quick=True)
    assert kinds_of(found) == {Kind.DTYPE}
    assert {f.dtype for f in found.findings} == {"float64"}
