from __future__ import annotations

import json
import os
import time
from typing import Any

import numpy as np
import pytest
from sympy import Max

from gradproof import Audit, Loss, audit, losses
from gradproof.checks.audits import twinning
from gradproof.checks.audits.finding import Kind
from gradproof.checks.verdict import TruthValueError
from gradproof.symbolic import y, z
from gradproof.symbolic.vocabulary import class_sum
from tests.checks.audits.conftest import (
    CE,
    CE_SOFT,
    first,
    flipped,
    kinds_of,
    overflowing,
    quick,
    right,
    saturating,
    soft_gradient,
    softmax,
)

HINGE = Loss(
    "HINGE", class_sum(lambda j: Max(0, 1 + z[j] - z[y]), but=(y,)), title="multi-class hinge"
)

ACCUSING = {Kind.FORMULA, Kind.ANOTHER_LOSS}


def hinge(at_kink: float) -> Any:
    """Return the gradient of the hinge loss, with a number where branches meet."""

    def gradient(z: Any, y: Any) -> Any:
        margins = 1 + (z - z[y])
        g = np.where(margins > 0, 1.0, np.where(margins == 0, at_kink, 0.0)).astype(z.dtype)
        g[y] = 0
        g[y] = -np.sum(g)
        return g

    return gradient


def one_hot_gradient(z: Any, p: Any) -> Any:
    """Return the gradient of softmax cross-entropy of a one-hot row."""
    return right(z, int(np.argmax(p)))


def of_kernel(z: Any, K: Any) -> Any:
    """Return the gradient of the kernel density's cross-entropy, pair by pair of classes."""
    s = softmax(z)
    weights = s * K
    return np.sum(s[:, None] * weights[None, :] - weights[:, None] * s[None, :], axis=1) / np.sum(
        weights
    )


def stable_loss(z: Any, y: Any) -> Any:
    """Return softmax cross-entropy, accurate also where it is small."""
    m = np.argmax(z)
    e = np.exp(z - z[m])
    e[m] = 0
    return np.log1p(np.sum(e)) + (z[m] - z[y])


def of_probabilities(q: Any, y: Any) -> Any:
    """Return the gradient of -log q_y by the probabilities."""
    g = np.zeros_like(q)
    g[y] = -1 / q[y]
    return g


def negated(function: Any) -> Any:
    """Return a gradient with the wrong sign."""
    return lambda *args: -function(*args)


def batched(function: Any, share: bool = False) -> Any:
    """Return a gradient that takes batches as well."""

    def gradient(z: Any, y: Any) -> Any:
        if z.ndim == 1:
            return function(z, y)
        rows = np.stack([function(row, label) for row, label in zip(z, y, strict=True)])
        return rows / len(z) if share else rows

    return gradient


WAYS: list[tuple[Any, Loss, dict[str, Any]]] = [
    (right, CE, {}),
    (one_hot_gradient, CE, {"target": "one-hot"}),
    (soft_gradient, CE_SOFT, {}),
    (soft_gradient, CE_SOFT, {"target": "soft"}),
    (of_kernel, losses.kde_cross_entropy, {"dtypes": "float64"}),
    (of_probabilities, CE, {"takes": "probabilities"}),
    (batched(right), CE, {"reduction": "sum"}),
    (batched(right, share=True), CE, {"reduction": "mean"}),
    (right, CE, {"sizes": (3,)}),
    (right, CE, {"sizes": (2, 4)}),
    (right, CE, {"dtypes": "float16"}),
    (right, CE, {"dtypes": ("float16", "float64")}),
    (right, CE, {"dtypes": "float64"}),
    (right, CE, {"returns": "gradient"}),
    (right, CE, {"framework": "numpy"}),
    (right, CE, {"seed": 11}),
    (right, CE, {"time_limit": None}),
    (right, CE, {"name": "mine"}),
    (right, CE, {"quick": False, "dtypes": "float32"}),
    (right, "CE", {}),
]
"""Right implementations, each with options."""


def text_of(way: Any) -> str:
    """Return what a way is called in the list of tests."""
    return str(way) if isinstance(way, dict) else ""


@pytest.mark.parametrize(("implementation", "loss", "options"), WAYS, ids=text_of)
def test_what_is_right_passes(implementation: Any, loss: Loss, options: dict[str, Any]) -> None:
    """A stable gradient passes, however it is handed in, and something was judged."""
    found = audit(implementation, loss, **{"quick": True, **options})
    assert found.passed, str(found)
    assert found.findings == ()
    assert found.points > 10
    assert found.dtypes == tuple(dict.fromkeys(w.dtype for w in found.worst))


@pytest.mark.parametrize(("implementation", "loss", "options"), WAYS, ids=text_of)
def test_no_option_turns_a_sign_error_into_a_pass(
    implementation: Any, loss: Loss, options: dict[str, Any]
) -> None:
    """The same with the wrong sign is a wrong formula, with every option."""
    found = audit(negated(implementation), loss, **{"quick": True, **options})
    assert kinds_of(found) & ACCUSING, str(found)


@pytest.mark.parametrize("wrong", [flipped, negated(right), lambda z, y: 2 * right(z, y)])
def test_a_gradient_beside_a_loss_is_judged(wrong: Any) -> None:
    """With gradient= the loss is right and the gradient is held against it."""
    bad = audit(stable_loss, CE, gradient=wrong, quick=True)
    assert Kind.FORMULA in kinds_of(bad)


def test_a_loss_beside_a_gradient_is_judged() -> None:
    """A right loss with its gradient passes, another one is found."""
    good = audit(stable_loss, CE, gradient=right, quick=True)
    assert good.passed, str(good)
    other = audit(lambda z, y: stable_loss(z, y) + 1, CE, gradient=right, quick=True)
    assert kinds_of(other) == {Kind.ANOTHER_LOSS}


def test_values_do_not_turn_a_sign_error_into_a_pass() -> None:
    """A loss with a symbol of its own is audited at its value, and no other."""

    def clipped(sign: float) -> Any:
        def gradient(z: Any, y: Any) -> Any:
            share = softmax(z)[y]
            return sign * right(z, y) * (1e-3 < share < 1 - 1e-3)

        return gradient

    def asked(sign: float, epsilon: float) -> Audit:
        values = {"epsilon": epsilon}
        loss = losses.keras_cross_entropy_one_hot
        return quick(clipped(sign), loss, values=values, dtypes="float64")

    good = asked(1, 1e-3)
    assert not kinds_of(good) & ACCUSING, str(good)
    assert kinds_of(asked(-1, 1e-3)) & ACCUSING
    assert kinds_of(asked(1, 0.25)) & ACCUSING


def test_sizes_do_not_hide_rounding() -> None:
    """An implementation of seven classes alone is taken through all regimes at those."""
    found = audit(saturating, CE, sizes=(7,), dtypes="float32")
    assert kinds_of(found) == {Kind.ROUNDING}
    assert {"confident", "misfit", "wide", "masked"} <= {w.regime for w in found.worst}
    large = audit(saturating, CE, sizes=(120,), dtypes="float32", quick=True)
    assert kinds_of(large) == {Kind.ROUNDING}


@pytest.mark.parametrize("at_kink", [0.0, 0.25, 1.0])
def test_a_valid_subgradient_is_no_fault(at_kink: float) -> None:
    """Where branches of a declared loss meet, every number between the sides passes."""
    found = quick(hinge(at_kink), HINGE)
    assert found.passed, str(found)


@pytest.mark.parametrize("at_kink", [-1.0, 2.0])
def test_an_invalid_subgradient_is_found(at_kink: float) -> None:
    """A number outside of the sides is a finding, at the tie itself."""
    found = audit(hinge(at_kink), HINGE, dtypes="float32")
    assert kinds_of(found) & {Kind.KINK, *ACCUSING}, str(found)
    point = found.findings[0].point
    assert point is not None
    gaps = {a - b for a in point.logits for b in point.logits if a is not None and b is not None}
    assert 1 in gaps


def test_kinks_are_counted() -> None:
    """At how many points branches met is part of the result."""

    def relu(z: Any, y: Any) -> Any:
        g = (z > z[y]).astype(z.dtype)
        g[y] = -np.sum(g)
        return g

    loss = Loss("PERCEPTRON", class_sum(lambda j: Max(0, z[j] - z[y]), but=(y,)))
    found = quick(relu, loss)
    assert found.passed, str(found)
    assert found.kinks > 0


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_half_formats_are_audited(dtype: str) -> None:
    """A sum in a wider format passes, one without a shift overflows, a wrong sign is found."""
    if dtype == "bfloat16":
        pytest.importorskip("ml_dtypes")

    def wide(z: Any, y: Any) -> Any:
        return right(z.astype(np.float32), y).astype(z.dtype)

    assert quick(wide, dtypes=dtype).passed
    assert Kind.FORMULA in kinds_of(quick(negated(wide), dtypes=dtype))
    with np.errstate(all="ignore"):
        kinds = kinds_of(quick(lambda z, y: overflowing(z, y), dtypes=dtype))
    assert Kind.OVERFLOW in kinds


def test_what_raises_is_a_finding_and_the_audit_goes_on() -> None:
    """An exception at some points is told with its line; what else is wrong is found too."""

    def raising(z: Any, y: Any) -> Any:
        if np.max(z) > 90:
            raise ValueError("too large")
        return saturating(z, y)

    found = quick(raising)
    assert kinds_of(found) == {Kind.PROTOCOL, Kind.ROUNDING}
    failed = first(found, Kind.PROTOCOL)
    assert failed.where == "no answer"
    assert failed.found.startswith("ValueError: too large (")
    assert failed.point is not None
    assert max(v for v in failed.point.logits if v is not None) > 90
    assert found.worst_score("float32") == float("inf")


def test_a_call_without_an_end_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes longer than the limit at some points is one, and the audit ends."""
    monkeypatch.setattr(twinning, "_SECONDS", 0.5)

    def hanging(z: Any, y: Any) -> Any:
        while np.max(z) > 90:
            time.sleep(0.01)
        return right(z, y)

    found = quick(hanging, time_limit=0.2)
    assert kinds_of(found) == {Kind.PROTOCOL}
    assert first(found, Kind.PROTOCOL).where == "time limit"
    assert first(found, Kind.PROTOCOL).found == "no answer within 0.2 s"


def crashing(z: Any, y: Any) -> Any:
    """Return the gradient of softmax cross-entropy, or end the process."""
    if np.max(z) > 900:
        os._exit(3)
    return saturating_again(z, y)


def sleeping(z: Any, y: Any) -> Any:
    """Return the gradient of softmax cross-entropy, or do not return."""
    while np.max(z) > 900:
        time.sleep(0.01)
    return saturating_again(z, y)


def saturating_again(z: Any, y: Any) -> Any:
    """Return the gradient as S - delta; here, so that a child finds it."""
    e = np.exp(z - np.max(z))
    g = e / np.sum(e)
    g[y] -= 1
    return g


def sign_error(z: Any, y: Any) -> Any:
    """Return a gradient with the wrong sign; here, so that a child finds it."""
    return -saturating_again(z, y)


def test_a_crash_in_a_process_of_its_own_is_a_finding() -> None:
    """What ends its process is found, and so is what else is wrong."""
    found = quick(crashing, isolate=True)
    assert kinds_of(found) == {Kind.PROTOCOL, Kind.ROUNDING}
    assert first(found, Kind.PROTOCOL).where == "crash"
    assert not found.has_twin
    assert found.twin == ("no exact twin: it runs in another process",)


@pytest.mark.slow
def test_a_hang_in_a_process_of_its_own_is_a_finding() -> None:
    """What does not end is stopped with its process."""
    found = quick(sleeping, isolate=True, time_limit=0.5)
    assert kinds_of(found) == {Kind.PROTOCOL, Kind.ROUNDING}
    assert first(found, Kind.PROTOCOL).where == "time limit"


def test_isolation_does_not_turn_a_sign_error_into_a_pass() -> None:
    """Without a twin the score still finds a wrong formula."""
    found = audit(sign_error, CE, quick=True, isolate=True)
    assert Kind.FORMULA in kinds_of(found)


def test_an_audit_is_no_truth_value() -> None:
    """Whether it passed is asked for by name."""
    for found in (quick(right), quick(flipped)):
        with pytest.raises(TruthValueError) as raised:
            bool(found)
        assert str(raised.value).startswith("an audit is not a truth value; found ")
        assert str(raised.value).endswith("ask for audit.passed or audit.findings")


@pytest.mark.parametrize("implementation", [right, saturating, overflowing, flipped])
def test_an_audit_is_json(implementation: Any) -> None:
    """The data have no number that JSON lacks, and come back as they were."""
    found = audit(implementation, CE, quick=True)
    data = found.to_json()
    assert json.loads(json.dumps(data, allow_nan=False)) == data
    assert data["passed"] == found.passed
    assert len(data["findings"]) == len(found.findings)
    assert {row["dtype"] for row in data["worst"]} == {"float32", "float64"}
    for one, told in zip(found.findings, data["findings"], strict=True):
        assert told["class"] == one.kind.text
        assert (told["point"] is None) == (one.point is None)


def test_the_margins_of_a_saturating_gradient() -> None:
    """An audit tells from which margin on S_y - 1 loses its digits, in each dtype."""
    found = audit(saturating, CE, quick=True)
    assert kinds_of(found) == {Kind.ROUNDING}
    by_dtype = {f.dtype: f for f in found.findings}
    assert set(by_dtype) == {"float32", "float64"}
    for one in by_dtype.values():
        assert one.margin is not None
        assert 7 < one.margin < 8
        assert one.where == "g[0]"
        assert one.certified
    stages = {s.what: s.margin for s in by_dtype["float32"].stages}
    assert stages["1 % off"] == pytest.approx(12, abs=0.2)
    assert stages["exactly 0"] == pytest.approx(16.64, abs=0.1)


def made(framework: str, module: Any) -> tuple[Any, Any]:
    """Return a loss in a framework, and its negative."""
    if framework == "torch":
        function = module.nn.functional.cross_entropy
        return (lambda z, y: function(z, y)), (lambda z, y: -function(z, y))
    if framework == "jax":
        log_softmax = module.nn.log_softmax
        return (lambda z, y: -log_softmax(z)[y]), (lambda z, y: log_softmax(z)[y])
    anp = module.numpy

    def loss(z: Any, y: Any) -> Any:
        top = anp.max(z)
        return anp.log(anp.sum(anp.exp(z - top))) + top - z[y]

    return loss, lambda z, y: -loss(z, y)


@pytest.mark.parametrize("framework", ["torch", "jax", "autograd"])
def test_frameworks_are_audited(framework: str) -> None:
    """A loss is differentiated by its framework, and its negative is another loss."""
    module = pytest.importorskip(framework)
    if framework == "autograd":
        pytest.importorskip("autograd.numpy")
    good, bad = made(framework, module)
    found = quick(good)
    assert found.framework == framework
    assert not kinds_of(found) & {*ACCUSING, Kind.PROTOCOL}, str(found)
    assert framework in found.versions
    assert Kind.ANOTHER_LOSS in kinds_of(quick(bad))
