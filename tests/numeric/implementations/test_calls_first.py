from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradproof.numeric.implementations import Call, first_contact, guarded, make_runner
from gradproof.symbolic.errors import DeclarationError
from tests.numeric.implementations.conftest import batch, call, of_numpy


def _error(function: Any, form: Any = "index", first: Call | None = None, **options: Any) -> str:
    runner = make_runner(function, framework="numpy", form=form, **options)
    with pytest.raises(DeclarationError) as caught:
        first_contact(runner, first or call(form=form))
    return str(caught.value)


def _of_vectors(z: Any, p: Any) -> Any:
    return np.exp(z) / np.exp(z).sum() * p.sum() - p


def test_what_answers_is_declared_rightly() -> None:
    """Nothing is raised for what answers, guarded or not; what it returns is known then."""
    for runner in (make_runner(of_numpy), guarded(make_runner(of_numpy))):
        first_contact(runner, call())
        assert runner.returns == "gradient"
    first_contact(make_runner(_of_vectors, form="one-hot"), call(form="one-hot"))
    first_contact(make_runner(lambda z, _: z.sum(), framework="numpy"), call())


@pytest.mark.parametrize("function", [lambda z: z, lambda z, y, w: z + y + w, lambda: 0])
def test_a_wrong_signature_is_told(function: Any) -> None:
    """What does not take two arguments is told what it is called with."""
    text = _error(function)
    assert text.startswith(
        "an implementation is called with logits of shape (3,) and a class counted from 0; found "
        "TypeError: "
    )
    assert text.endswith("hand in a function of these two, such as lambda z, y: loss(z, y)")


def test_an_error_inside_is_no_wrong_signature() -> None:
    """A wrong call within the implementation is its own error, with its line."""

    def inside(z: Any, y: Any) -> Any:
        return of_numpy(z, y, 3)  # type: ignore[call-arg]

    text = _error(inside)
    assert text.startswith("an implementation of logits of shape (3,) and a class counted from 0")
    assert "takes 2 positional arguments but 3 were given (test_calls_first.py:" in text


@pytest.mark.parametrize(
    ("result", "found"),
    [
        (lambda z: z[:2], "returns shape (2,), expected the gradient of shape (3,) or the loss"),
        (lambda z: z.astype(int), "returns an array of dtype int64, expected floats"),
        (lambda _: None, "returns None, expected an array"),
    ],
)
def test_a_result_without_meaning_is_told(result: Any, found: str) -> None:
    """A wrong shape or dtype of the first result is one error."""
    text = _error(lambda z, _: result(z))
    assert "returns the gradient by the logits or the loss; found " + found in text
    assert text.endswith("mend it, or wrap it as a function of these two")


def test_another_form_that_works_is_named() -> None:
    """Where the target of another form is answered, the error says which to declare."""
    indexed = _error(of_numpy, "one-hot")
    assert indexed.startswith(
        "an implementation takes targets of the form that is declared, 'one-hot'; found IndexError"
    )
    assert indexed.endswith("give target='index', with which it answers")
    assert _error(_of_vectors).endswith("give target='one-hot', with which it answers")
    rows = _error(_of_vectors, first=batch())
    assert rows.endswith("give target='one-hot', with which it answers")


def test_soft_targets_are_no_labels() -> None:
    """Targets that are no one-hot vector have no other form."""
    soft = Call(np.zeros(2), np.array([0.25, 0.75]), "float32")
    text = _error(of_numpy, "soft", soft)
    assert "logits of shape (2,) and a target of that shape" in text
    assert "give target=" not in text


def test_a_framework_that_is_taken_wrongly_is_told() -> None:
    """Methods that arrays of the framework lack hint at another framework."""
    text = _error(lambda z, y: z.logsumexp(0) - z[y])
    assert text.endswith("give framework=, if it is not written in numpy, or mend it")


def test_hangs_and_crashes_are_left_to_others() -> None:
    """What is no error of the implementation is not raised here."""

    class Dead:
        framework, form, returns, manner, target_first = "numpy", "index", None, None, False

        def run(self, _: Call) -> Any:
            from gradproof.numeric.implementations import Answer

            return Answer(failure="the process died of SIGSEGV", failure_kind="crash")

    first_contact(Dead(), call())  # type: ignore[arg-type]
