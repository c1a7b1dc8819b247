"""The built-in implementations: their names, what they mean, and what their floats do."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from collections.abc import Sequence
from fractions import Fraction
from importlib.util import find_spec
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest

from gradproof.checks.audits.implementation_list import (
    LIBRARIES,
    Implementation,
    find_implementations,
    implementations_of,
)
from gradproof.checks.audits.intended import intended_by
from gradproof.checks.audits.point import AuditPoint
from gradproof.numeric.implementations.call import Call, Form
from gradproof.numeric.implementations.making import make_runner
from gradproof.symbolic.errors import DeclarationError, UnsupportedError
from gradproof.symbolic.losses import LOSSES

IN_THIS_PYTHON = [name for name in LIBRARIES if name != "keras"]
NOT_THE_DERIVATIVE = ("numpy:quadratic_diagonal",)
WRONG_BY = {"guarded": 1e-10, "clipped": 1e-5, "bfloat16": 0.02}
"""How far those are off at a moderate point that mean another loss, or have few digits."""


def needs(library: str) -> None:
    """Leave a test out if a library is not installed."""
    for module in {"optax": ("jax", "optax"), "stable": ()}.get(library, (library,)):
        pytest.importorskip(module)


def gradient_of(one: Implementation, logits: Any, target: Any, dtype: str) -> Any:
    """Return the gradient that an implementation gives at a point; a target may be a label."""
    if one.target != "index" and isinstance(target, int):
        target = np.eye(len(logits))[target]
    runner = make_runner(
        one.function,
        framework=one.framework,
        form=one.target,
        returns=one.returns,
        reduction=one.reduction,
        gradient=one.gradient,
    )
    answer = runner.run(Call(np.array(logits), target, dtype))
    assert not answer.failure, answer.failure
    assert not answer.complaints
    return answer.gradient


def at(name: str, logits: Sequence[float], target: Any = 0, dtype: str = "float32") -> Any:
    """Return the gradient of the implementation of a name."""
    needs(name.partition(":")[0])
    (one,) = find_implementations(name)
    return gradient_of(one, logits, target, dtype)


@pytest.mark.parametrize("library", IN_THIS_PYTHON)
def test_every_implementation_is_called_by_its_name(library: str) -> None:
    """Names are different, need no quotes in a shell, and find their implementation."""
    needs(library)
    known = implementations_of(library)
    names = [one.name for one in known]
    assert known
    assert len(set(names)) == len(names)
    assert [one.name for one in find_implementations(library)] == names
    for one in known:
        assert one.library == library
        assert one.name.partition(":")[2].isidentifier()
        assert [found.name for found in find_implementations(one.name)] == [one.name]
        assert one.description
        assert "\n" not in one.description


@pytest.mark.parametrize("library", IN_THIS_PYTHON)
def test_every_implementation_means_a_loss_of_the_library(library: str) -> None:
    """Its target is of a form that the loss has."""
    needs(library)
    for one in implementations_of(library):
        assert any(one.loss is loss for loss in LOSSES.values())
        meant = intended_by(one.loss, one.values)
        assert one.target in get_args(Form)
        assert meant.has_label == (one.target in ("index", "one-hot"))
        assert (one.target == "kernel") == (meant.form == "kernel")


@pytest.mark.parametrize("library", IN_THIS_PYTHON)
def test_at_a_moderate_point_each_gives_the_gradient_meant(library: str) -> None:
    """To the digits of its dtype, but for those whose formula is wrong."""
    needs(library)
    logits = (Fraction(1, 2), Fraction(-1), Fraction(5, 4))
    for one in implementations_of(library):
        meant = intended_by(one.loss, one.values)
        target: Any = 1
        if not meant.has_label:
            target = (Fraction(1, 4), Fraction(1, 2), Fraction(1, 4))
        point = AuditPoint(logits, target)
        truth = [float(g.mid()) for g in meant.at(point).gradient]
        dtype = one.dtypes[-1]
        found = gradient_of(one, point.floats(), point.formed(one.target), dtype)
        slack = next((v for key, v in WRONG_BY.items() if key in one.name), 1e-13)
        is_right = np.allclose(found, truth, rtol=slack, atol=0)
        assert is_right == (one.name not in NOT_THE_DERIVATIVE), (one.name, found, truth)


def test_unknown_names_are_errors_with_the_close_ones() -> None:
    """Of a library, and of an implementation in it."""
    with pytest.raises(DeclarationError, match=r"one of torch, jax, .*'torhc'; take torch"):
        implementations_of("torhc")
    with pytest.raises(DeclarationError, match="'fortran'; see gradproof audit --list"):
        find_implementations("fortran:naive")
    with pytest.raises(DeclarationError, match=r"'numpy:naiv'; take one of numpy:naive$"):
        find_implementations("numpy:naiv")
    with pytest.raises(DeclarationError, match="take one of numpy:naive, numpy:shifted, "):
        find_implementations("numpy:nothing")


@pytest.mark.parametrize(
    ("library", "missing", "remedy"),
    [
        ("torch", "torch", r"pip install 'gradproof\[torch\]'"),
        ("optax", "optax", r"pip install 'gradproof\[jax\]'"),
        ("sklearn", "sklearn", r"pip install 'gradproof\[sklearn\]'"),
        ("keras", "keras", r"pip install 'gradproof\[keras\]'"),
    ],
)
def test_a_library_that_is_missing_is_told_with_its_extra(
    library: str, missing: str, remedy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error says what to install."""
    module = f"gradproof.checks.audits.{library}_implementations"
    monkeypatch.delitem(sys.modules, module, raising=False)
    monkeypatch.setitem(sys.modules, missing, None)
    for name in [n for n in sys.modules if n.startswith(f"{missing}.")]:
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(UnsupportedError, match=remedy):
        implementations_of(library)


LABELS = [
    "torch:cross_entropy",
    "torch:nll_of_log_softmax",
    "jax:log_softmax",
    "jax:log_softmax_one_hot",
    "jax:logsumexp",
    "optax:softmax_cross_entropy_one_hot",
    "optax:softmax_cross_entropy_with_integer_labels",
    "scipy:softmax",
    "numpy:shifted",
    "sklearn:half_multinomial",
]


@pytest.mark.parametrize("name", LABELS)
def test_the_gradient_at_the_label_is_lost_as_the_margin_grows(name: str) -> None:
    """In float32 it is 1 - S rounded to multiples of 2**-24: 0.9 % off at 12, 17 % at 15, 0 at 17.

    Exactly 0 from where the other classes' share is below half of that on.
    """
    for margin, off in ((12, 0.0089), (15, 0.169), (17, -1.0)):
        found = at(name, [margin, 0, -1000])[0]
        truth = -1 / (1 + math.exp(margin))
        assert found / truth - 1 == pytest.approx(off, rel=0.02)


def test_the_gradient_at_the_label_can_be_kept() -> None:
    """Summing the other shares keeps it; a log-softmax has lost it already, also for expm1."""
    truth = -1 / (1 + math.exp(17))
    assert at("numpy:complement", [17, 0, -1000])[0] == pytest.approx(truth, rel=1e-6)
    assert at("scipy:log_softmax", [17, 0, -1000])[0] == 0
    assert at("scipy:log_softmax_expm1", [17, 0, -1000])[0] == 0


def test_pytorchs_bce_of_a_softmax_is_wrong_where_another_class_leads() -> None:
    """Its backward divides by max(S (1 - S), 1e-12) and S is 1: far off, but for float64."""
    found = at("torch:bce_of_softmax", [17, 0, -3], 1)
    assert found.tolist() == pytest.approx([0, -41400.4, -2061.15], rel=1e-5)
    exact = at("torch:bce_of_softmax", [17, 0, -3], 1, "float64")
    assert exact.tolist() == pytest.approx([2, -1.9526, -0.047426], rel=1e-4)


@pytest.mark.parametrize("library", ["torch", "jax"])
@pytest.mark.parametrize("name", ["two_sided_naive", "two_sided_where", "two_sided_log1p"])
@pytest.mark.parametrize(("dtype", "margin"), [("float32", 17), ("float64", 37)])
def test_logarithms_of_1_minus_s_are_no_number_for_a_confident_right_answer(
    library: str, name: str, dtype: str, margin: int
) -> None:
    """S rounds to 1, so that the masked logarithm of 0 has slope infinity, times 0."""
    assert not np.isfinite(at(f"{library}:{name}", [margin, 0, 0], 0, dtype)).any()
    assert np.isfinite(at(f"{library}:{name}", [margin - 1, 0, 0], 0, dtype)).all()


def test_pytorchs_bce_with_logits_loses_the_gradient_that_optax_keeps() -> None:
    """With target 1 it is sigmoid(z) - 1, rounded to 0 from z = 17 on in float32."""
    truth = -1 / (1 + math.exp(17))
    assert at("torch:bce_with_logits", [17, 0], np.array([1.0, 0.0]))[0] == 0
    kept = at("optax:sigmoid_binary_cross_entropy", [17, 0], np.array([1.0, 0.0]))
    assert kept[0] == pytest.approx(truth, rel=1e-6)


def test_in_bfloat16_a_common_offset_takes_pytorchs_gradient_away() -> None:
    """Near 1e4 numbers are 64 apart, so that log sum exp is the logit itself.

    PyTorch's backward starts from it, JAX's from the differences of the logits.
    """
    for name in ("torch:logsumexp_bfloat16", "jax:logsumexp_bfloat16"):
        assert at(name, [0.0, 0.0, 0.0], 0, "bfloat16")[0] == pytest.approx(-2 / 3, rel=0.01)
    far = [9984.0, 9984.0, 9984.0]
    assert at("torch:logsumexp_bfloat16", far, 0, "bfloat16").tolist() == [0, 1, 1]
    assert at("jax:logsumexp_bfloat16", far, 0, "bfloat16")[0] == pytest.approx(-2 / 3, rel=0.01)


KERAS = """
import json
from gradproof.checks.audits.implementation_list import implementations_of
from gradproof.numeric.implementations.call import Call
from gradproof.numeric.implementations.making import make_runner
import numpy as np
found = {}
for one in implementations_of("keras"):
    runner = make_runner(one.function, framework="keras", form=one.target, returns="loss")
    for dtype in one.dtypes:
        for logits in ([0.5, -1.0, 1.25], [16.0, 0.0, -3.0], [16.25, 0.0, -3.0]):
            target = 1 if one.target == "index" else np.eye(3)[1]
            answer = runner.run(Call(np.array(logits), target, dtype))
            assert not answer.failure, (one.name, answer.failure)
            found[f"{one.name} {dtype} {logits[0]}"] = answer.gradient.tolist()
print(json.dumps(found))
"""


@pytest.fixture(scope="module", params=["torch", pytest.param("jax", marks=pytest.mark.slow)])
def keras(request: Any, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[float]]:
    """Return the gradients of Keras's losses on a backend, by name, dtype and first logit."""
    if find_spec("keras") is None or find_spec(request.param) is None:
        pytest.skip("keras or its backend is not installed")
    home: Path = tmp_path_factory.mktemp("keras")
    done = subprocess.run(
        [sys.executable, "-c", KERAS],
        env={**os.environ, "KERAS_BACKEND": request.param, "KERAS_HOME": str(home)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, list[float]] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_kerass_losses_are_right_at_a_moderate_point(keras: dict[str, list[float]]) -> None:
    """In float32 to its digits; the loss classes compute float64 in float32."""
    z = np.array([0.5, -1.0, 1.25])
    hot = np.array([0.0, 1.0, 0.0])
    softmax = np.exp(z) / np.exp(z).sum() - hot
    sigmoid = 1 / (1 + np.exp(-z)) - hot
    moderate = {key: np.array(v) for key, v in keras.items() if key.endswith(" 0.5")}
    assert len(moderate) == 20
    for key, found in moderate.items():
        truth = sigmoid if "binary" in key else softmax
        assert np.allclose(found, truth, rtol=1e-5, atol=0), key
        if "float64" in key:
            assert np.allclose(found, truth, rtol=1e-13, atol=0) == ("class" not in key), key
        if "float64" in key and "class_from_logits" in key:
            assert np.array_equal(found, moderate[key.replace("float64", "float32")]), key


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    "name", ["categorical_crossentropy", "sparse_categorical_crossentropy", "categorical_class"]
)
def test_kerass_clip_takes_the_gradient_away(
    name: str, dtype: str, keras: dict[str, list[float]]
) -> None:
    """From probabilities it is 0 where the label's is below 1e-7: from a gap of log 1e7 on."""
    assert np.allclose(keras[f"keras:{name} {dtype} 16.0"], [1, -1, 0], atol=1e-6)
    assert np.array_equal(keras[f"keras:{name} {dtype} 16.25"], [0, 0, 0])


def test_keras_without_its_backend_is_told(tmp_path: Path) -> None:
    """The error names the variable that sets it."""
    if find_spec("keras") is None or find_spec("tensorflow") is not None:
        pytest.skip("needs keras, and no tensorflow")
    code = (
        "from gradproof.checks.audits.implementation_list import implementations_of\n"
        "from gradproof.symbolic.errors import UnsupportedError\n"
        "try: implementations_of('keras')\n"
        "except UnsupportedError as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "KERAS_BACKEND": "tensorflow", "KERAS_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "set KERAS_BACKEND to jax or torch, whichever is installed" in done.stdout
