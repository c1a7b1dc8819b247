from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import pytest

from gradproof.numeric.implementations import detect_framework, make_runner
from gradproof.numeric.implementations.toolkit import find_toolkit
from gradproof.symbolic.errors import DeclarationError, UnsupportedError
from tests.numeric.implementations.conftest import call, numbers, of_numpy


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"framework": "tensorflow"}, "numpy, torch, jax, keras, autograd; found tensorflow"),
        ({"form": "label"}, "form is one of 'index', 'one-hot', 'soft', 'kernel'; found 'label'"),
        ({"returns": "both"}, "returns is one of None, 'gradient', 'loss'; found 'both'"),
        ({"reduction": "max"}, "reduction is one of None, 'sum', 'mean', 'none'; found 'max'"),
        ({"gradient": 3}, "gradient= is a callable of logits and target; found 3"),
        ({"gradient": of_numpy, "returns": "gradient"}, "goes with an implementation that returns"),
    ],
)
def test_options_have_a_meaning(options: dict[str, Any], text: str) -> None:
    """An option without a meaning is one error that says which ones there are."""
    with pytest.raises(DeclarationError) as caught:
        make_runner(of_numpy, **options)
    assert text in str(caught.value)


def test_an_implementation_is_callable() -> None:
    """A result in the place of the function is an error."""
    with pytest.raises(DeclarationError, match="hand in the function itself, not its result"):
        make_runner(3.0)


@pytest.fixture
def fresh() -> Iterator[None]:
    """Let toolkits be looked for anew."""
    find_toolkit.cache_clear()
    yield
    find_toolkit.cache_clear()


@pytest.mark.usefixtures("fresh")
@pytest.mark.parametrize("framework", ["torch", "jax", "autograd", "keras"])
def test_a_missing_framework_names_the_extra(
    framework: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a framework is not installed, the error says by which extra it is."""
    toolkit = f"gradproof.numeric.implementations.{framework}_toolkit"
    monkeypatch.delitem(sys.modules, toolkit, raising=False)
    monkeypatch.setitem(sys.modules, framework, None)
    with pytest.raises(UnsupportedError) as caught:
        make_runner(of_numpy, framework=framework)
    assert f"no module {framework}; pip install 'gradproof[{framework}]'" in str(caught.value)


class _Keras:
    class backend:  # noqa: N801 - the name in Keras
        @staticmethod
        def backend() -> str:
            return "tensorflow"


@pytest.mark.usefixtures("fresh")
def test_keras_runs_on_jax_or_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another backend of Keras is an error that says how to set one of these."""
    monkeypatch.setitem(sys.modules, "keras", _Keras)
    with pytest.raises(UnsupportedError, match="found tensorflow; set KERAS_BACKEND to jax or"):
        make_runner(of_numpy, framework="keras")


def test_the_framework_is_found_out() -> None:
    """It is what the code names; of HIPS autograd's programs it is autograd."""
    anp = pytest.importorskip("autograd.numpy")
    autograd = pytest.importorskip("autograd")

    def loss(z: Any, y: Any) -> Any:
        return anp.log(anp.sum(anp.exp(z))) - z[y]

    def importing(z: Any, _: Any) -> Any:
        import autograd.numpy as inside

        return inside.sum(z)

    assert detect_framework(of_numpy) == "numpy"
    assert detect_framework(lambda z, _: z) == "numpy"
    for function in (loss, autograd.grad(loss), importing):
        assert detect_framework(function) == "autograd"


@pytest.mark.parametrize("framework", ["numpy", "torch", "jax", "autograd"])
def test_arguments_named_as_in_keras_come_in_its_order(framework: str) -> None:
    """Functions of y_true and y_pred get the target first, in whatever they are written."""
    pytest.importorskip(framework)

    def flipped(y_true: Any, y_pred: Any) -> Any:
        return (y_pred * y_true).sum(-1)

    runner = make_runner(flipped, framework=framework, form="one-hot")
    answer = runner.run(call(form="one-hot"))
    assert answer.value == 1.25
    if framework != "numpy":
        assert numbers(answer) == [0, 1, 0]
