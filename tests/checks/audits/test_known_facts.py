"""Measured facts of libraries are found by an audit of the built-in implementation.

Versions differ in their arithmetic; the figures hold for PyTorch 2.13, JAX 0.10, Optax 0.2.8,
Keras 3.15 and scikit-learn 1.9, and the bounds leave room for their neighbours.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from gradproof.checks.audits.auditing import audit
from gradproof.checks.audits.finding import Finding, Kind
from gradproof.checks.audits.implementation_list import find_implementations
from gradproof.checks.audits.result import Audit

LIBRARIES = {"optax": "optax", "scipy": "scipy", "sklearn": "sklearn", "jax": "jax"}

CROSS_ENTROPIES = (
    "torch:cross_entropy",
    "torch:nll_of_log_softmax",
    "jax:log_softmax",
    "optax:softmax_cross_entropy",
    "optax:safe_softmax_cross_entropy",
    "scipy:softmax",
    "sklearn:half_multinomial",
    "numpy:shifted",
)


def audited(name: str, *, quick: bool = True) -> Audit:
    """Return the audit of a built-in implementation; the test is skipped without its library."""
    library = name.partition(":")[0]
    if library not in ("numpy", "stable"):
        pytest.importorskip(LIBRARIES.get(library, library))
    (one,) = find_implementations(name)
    return audit(
        one.function,
        one.loss,
        target=one.target,
        returns=one.returns,
        framework=one.framework,
        dtypes=one.dtypes,
        reduction=one.reduction,
        gradient=one.gradient,
        values=one.values or None,
        quick=quick,
        name=one.name,
    )


def findings(found: Audit, kind: Kind, dtype: str, margin_name: str) -> list[Finding]:
    """Return the findings of a class in a dtype along the margin, the gap and so on."""
    return [
        f for f in found.findings if (f.kind, f.dtype, f.margin_name) == (kind, dtype, margin_name)
    ]


def stages(finding: Finding) -> dict[str, float]:
    """Return from which margin on what is so."""
    return {s.what: s.margin for s in finding.stages}


def test_binary_cross_entropy_of_a_softmax_explodes() -> None:
    """PyTorch's BCE of softmax outputs gives -41400 in place of -1.95 at a gap of 17."""
    found = findings(audited("torch:bce_of_softmax"), Kind.ROUNDING, "float32", "gap")
    worst = next(f for f in found if f.where == "g[1]")
    assert str(worst.point) == "z = (17, 0, -3), target (0, 1, 0)" or "label 1" in str(worst.point)
    assert float(worst.found) == pytest.approx(-41400, abs=1)
    assert float(worst.expected) == pytest.approx(-1.9526, abs=1e-3)
    assert "-2061.15" in worst.note
    assert stages(worst)["off by more than itself"] == pytest.approx(16.6, abs=0.2)
    assert "binary_cross_entropy" in worst.reproducer


@pytest.mark.parametrize("name", ["two_sided_naive", "two_sided_where", "two_sided_log1p"])
def test_naive_multiclass_bce_is_no_number(name: str) -> None:
    """A right and confident prediction gives NaN from margin 17 (float32), 37 (float64) on."""
    found = audited(f"torch:{name}")
    for dtype, start in (("float32", 16.64), ("float64", 36.74)):
        (one,) = [f for f in findings(found, Kind.DOMAIN, dtype, "margin") if f.where != "the loss"]
        assert one.found == "nan"
        assert one.margin == pytest.approx(start, abs=0.2)


@pytest.mark.parametrize("name", CROSS_ENTROPIES)
def test_cross_entropy_loses_the_true_class(name: str) -> None:
    """Its gradient by the true class is 1 % off from 12 on, 0 from 17 on, in float32."""
    found = findings(audited(name), Kind.ROUNDING, "float32", "margin")
    (one,) = [f for f in found if f.where == "g[0]"]
    assert one.margin is not None
    assert 5 < one.margin < 8
    assert stages(one)["1 % off"] == pytest.approx(12.5, abs=1.3)
    assert stages(one)["10 % off"] == pytest.approx(14.7, abs=0.6)
    assert stages(one)["exactly 0"] == pytest.approx(16.7, abs=0.5)
    assert one.found in ("0", "-0")
    assert one.reproducer


def test_sigmoid_bce_of_pytorch_loses_the_positive_class_and_that_of_optax_does_not() -> None:
    """PyTorch's BCE with logits has gradient 0 from 17 on for label 1; Optax passes."""
    found = findings(audited("torch:bce_with_logits"), Kind.ROUNDING, "float32", "margin")
    (one,) = [f for f in found if f.where == "g[0]"]
    assert stages(one)["exactly 0"] == pytest.approx(16.7, abs=0.3)
    assert audited("optax:sigmoid_binary_cross_entropy").passed


@pytest.mark.slow
def test_optax_sigmoid_passes_everywhere() -> None:
    """Optax's sigmoid BCE passes in all regimes, in float32 and float64."""
    found = audited("optax:sigmoid_binary_cross_entropy", quick=False)
    assert found.passed, str(found)
    assert found.worst_score("float32") < 20
    assert found.worst_score("float64") < 50


def test_bfloat16_loses_the_true_class_at_an_offset() -> None:
    """``logsumexp(z) - z_y`` in bfloat16 has gradient 0 for the true class at offset 10^4."""
    found = audited("torch:logsumexp_bfloat16", quick=False)
    one = next(
        f
        for f in findings(found, Kind.ROUNDING, "bfloat16", "offset")
        if f.where.startswith("g[") and f.point and f.where == f"g[{f.point.label}]"
    )
    assert one.found == "0"
    assert one.point is not None
    assert all(abs(v) > 9000 for v in one.point.logits if v is not None)


_KERAS = """
import json, sys
from tests_facts import audited
print(json.dumps([audited(name).to_json() for name in sys.argv[1:]]))
"""


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_keras_clips_and_computes_in_float32(backend: str, tmp_path: Path) -> None:
    """Keras from probabilities has gradient 0 from a gap of 16.1 on, in float64 too.

    Its loss classes compute float64 input in float32.
    """
    if not (find_spec("keras") and find_spec(backend)):
        pytest.skip(f"keras on {backend} is not installed")
    (tmp_path / "tests_facts.py").write_text(Path(__file__).read_text())
    names = ["keras:categorical_crossentropy", "keras:categorical_class_from_logits"]
    done = subprocess.run(
        [sys.executable, "-c", _KERAS, *names],
        cwd=tmp_path,
        env={**os.environ, "KERAS_BACKEND": backend, "KERAS_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    clipped, cast = json.loads(done.stdout.splitlines()[-1])
    for dtype in ("float32", "float64"):
        gaps = [
            f
            for f in clipped["findings"]
            if (f["class"], f["dtype"], f["margin_name"]) == ("another loss", dtype, "gap")
            and f["where"].startswith("g[")
        ]
        assert gaps
        assert gaps[0]["margin"] == pytest.approx(16.2, abs=0.4)
        assert gaps[0]["found"] in ("0", "-0")
        assert gaps[0]["certified"]
    assert any(f["class"] == "dtype" and f["dtype"] == "float64" for f in cast["findings"])


@pytest.mark.parametrize("function", sorted(i.name for i in find_implementations("stable")))
def test_stable_losses_pass(function: str) -> None:
    """Every function of `gradproof.stable` passes, with scores far below the threshold."""
    found = audited(function)
    assert found.passed, str(found)
    assert max(found.worst_score(d) for d in found.dtypes) < 10


@pytest.mark.slow
@pytest.mark.parametrize(
    "function", ["stable:softmax_cross_entropy", "stable:quadratic", "stable:kde_cross_entropy"]
)
def test_stable_losses_pass_everywhere(function: str) -> None:
    """CE, QUAD and KDE of `gradproof.stable` score at most 10 in all regimes."""
    found = audited(function, quick=False)
    assert found.passed, str(found)
    assert max(found.worst_score(d) for d in found.dtypes) < 10
