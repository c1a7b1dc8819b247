"""The targets of libraries: what the twins say of each."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from gradproof.checks.twins import TwinOutcome, check_backward, check_forward
from gradproof.checks.twins.rows import Row, rows
from gradproof.checks.twins.target import LIBRARIES, find_targets, targets_of
from gradproof.symbolic.errors import GradproofError

YES, BUT, NO = TwinOutcome.AGREES, TwinOutcome.ROUNDED, TwinOutcome.DIFFERENT

EXPECTED = {
    "torch": {
        "binary_cross_entropy": (NO, YES),
        "binary_cross_entropy of softmax": (NO, NO),
        "cosine_similarity": (NO, NO),
        "cross_entropy, label_smoothing": (YES, BUT),
        "huber_loss": (BUT, YES),
        "mse_loss": (BUT, YES),
        "smooth_l1_loss": (BUT, YES),
    },
    "jax": {},
    "optax": {},
    "scipy": {},
    "numpy": {
        "cross-entropy, clipped": (NO, NO),
        "cross-entropy, guarded": (NO, NO),
        "quadratic, diagonal Jacobian": (NO, YES),
    },
}
"""Backward and forward of the targets that are not right in both respects."""


def found_of(library: str) -> dict[str, Row]:
    """Return the rows of a library's targets, by the names within it."""
    pytest.importorskip(library)
    return {
        row.target.name.partition(":")[2]: row for row in rows(targets_of(library), floats=False)
    }


@pytest.mark.slow
@pytest.mark.parametrize("library", EXPECTED)
def test_what_the_twins_say_of_each_target(library: str) -> None:
    """Every target has a twin; those not listed above are right in both respects."""
    found = found_of(library)
    assert set(EXPECTED[library]) <= set(found)
    for name, row in found.items():
        parts = (row.backward, row.forward)
        assert not any(isinstance(p, GradproofError) for p in parts), (name, parts)
        outcomes = tuple(p.outcome for p in parts)  # type: ignore[union-attr]
        assert outcomes == EXPECTED[library].get(name, (YES, YES)), name


def start_of(name: str, question: str, dtype: str = "float32") -> float:
    """Return the distance of two logits at which a target begins to differ."""
    target = find_targets(name)[0]
    common = {"dtype": dtype, "sizes": (2,), "framework": target.framework}
    if question == "backward":
        found = check_backward(target.program, target.inputs, gradient=target.gradient, **common)  # type: ignore[arg-type]
    else:
        assert target.intended is not None
        found = check_forward(target.program, target.intended, target.inputs, **common)  # type: ignore[arg-type]
    assert found.outcome is NO
    assert found.onset is not None
    logits = found.onset.values[0]
    return float(max(logits) - min(logits))


def test_pytorchs_guard_starts_where_the_product_of_both_shares_is_its_constant() -> None:
    """The backward of BCE divides by max(S (1 - S), 1e-12): wrong from a gap of log 1e12 on."""
    pytest.importorskip("torch")
    guard = float(np.float32(1e-12))
    # With s = 1 / (1 + exp(gap)): s (1 - s) = guard.
    share = (1 - math.sqrt(1 - 4 * guard)) / 2
    start = start_of("torch:binary_cross_entropy of softmax", "backward")
    assert start == pytest.approx(math.log((1 - share) / share), abs=1e-3)


def test_pytorchs_clamp_starts_where_a_logarithm_is_minus_100() -> None:
    """The forward of BCE keeps logarithms above -100: another loss from a gap of 100 on."""
    pytest.importorskip("torch")
    start = start_of("torch:binary_cross_entropy of softmax", "forward")
    assert start == pytest.approx(100, abs=1e-6)


def test_a_clip_starts_where_the_share_is_its_bound() -> None:
    """Probabilities clipped at 1e-7 make another loss from the logit of that bound on."""
    for dtype in ("float32", "float64"):
        bound = float(np.dtype(dtype).type(1 - 1e-7))
        start = start_of("numpy:cross-entropy, clipped", "backward", dtype)
        assert start == pytest.approx(math.log(bound / (1 - bound)), abs=1e-6)


KERAS = """
import sys
from gradproof.checks.twins.rows import rows
from gradproof.checks.twins.target import targets_of
for row in rows(targets_of("keras"), floats=False):
    print(row.target.name.partition(":")[2], row.backward.outcome.name, row.forward.outcome.name,
          row.forward.onset.about() if row.forward.onset else "-", sep="|")
"""

KERAS_NO = {
    "categorical_crossentropy": ("AGREES", "DIFFERENT"),
    "sparse_categorical_crossentropy": ("AGREES", "DIFFERENT"),
    "binary_crossentropy": ("AGREES", "DIFFERENT"),
    "categorical_focal_crossentropy": ("AGREES", "DIFFERENT"),
    "binary_focal_crossentropy, from_logits": ("AGREES", "DIFFERENT"),
    "kl_divergence": ("AGREES", "DIFFERENT"),
    "poisson": ("AGREES", "DIFFERENT"),
    "cosine_similarity": ("DIFFERENT", "AGREES"),
}


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_what_the_twins_say_of_kerass_losses(backend: str, tmp_path: Path) -> None:
    """Losses of clipped probabilities are other losses, from the logit of the bound on."""
    if find_spec("keras") is None or find_spec(backend) is None:
        pytest.skip("keras or its backend is not installed")
    environment = {**os.environ, "KERAS_BACKEND": backend, "KERAS_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", KERAS],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    lines = [line.split("|") for line in done.stdout.splitlines()]
    found = {name: (backward, forward) for name, backward, forward, _ in lines}
    # PyTorch's softplus is cut off at 20, so that log cosh is another function from 10 on.
    own = {"log_cosh": ("AGREES", "DIFFERENT")} if backend == "torch" else {}
    for name, outcomes in found.items():
        usual = KERAS_NO | own
        assert outcomes == usual.get(name, ("AGREES", "AGREES")), name
    bound = float(np.float32(1 - 1e-7))
    starts = {name: onset for name, _, _, onset in lines}
    gap = f"{math.log(bound / (1 - bound)):.4f}"[:-1]
    assert gap in starts["sparse_categorical_crossentropy"]


def test_a_library_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without its package a library's targets end in one error that names the extra."""
    monkeypatch.setitem(sys.modules, "optax", None)
    monkeypatch.delitem(sys.modules, "gradproof.checks.twins.optax_targets", raising=False)
    monkeypatch.setitem(sys.modules, "optax.losses", None)
    with pytest.raises(GradproofError, match="pip install 'gradproof") as caught:
        targets_of("optax")
    assert "jax" in str(caught.value)


def test_every_library_has_targets_of_its_own_name() -> None:
    """A target is called ``library:function``."""
    assert all(t.name.startswith("numpy:") for t in targets_of("numpy"))
    assert "numpy" in LIBRARIES
