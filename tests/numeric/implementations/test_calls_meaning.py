from __future__ import annotations

import logging
import sys
import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from gradproof.numeric.implementations import make_runner
from gradproof.numeric.implementations.reading import BadResult, meaning_of
from tests.numeric.implementations.conftest import call, numbers

SHAPES = st.lists(st.integers(2, 4), min_size=1, max_size=2).map(tuple)


@given(SHAPES)
def test_the_shape_of_the_logits_is_a_gradient(shape: tuple[int, ...]) -> None:
    """Whatever the logits' shape is, that shape is a gradient, and no loss."""
    for told in (None, "gradient"):
        found = meaning_of(shape, shape, told, None)
        assert (found.returns, found.certain) == ("gradient", True)
    with pytest.raises(BadResult, match="give returns='gradient' if that is what it returns"):
        meaning_of(shape, shape, "loss", None)


@given(SHAPES)
def test_one_number_is_a_loss(shape: tuple[int, ...]) -> None:
    """One number is a loss, of a row or of a batch that is added up, and no gradient."""
    for told in (None, "loss"):
        assert meaning_of((), shape, told, None).returns == "loss"
    with pytest.raises(BadResult, match="give returns='loss' if that is what it returns"):
        meaning_of((), shape, "gradient", None)


@pytest.mark.parametrize(
    ("shape", "logits", "reduction", "right"),
    [
        ((2,), (2, 3), None, True),
        ((2,), (2, 3), "none", True),
        ((2,), (2, 3), "sum", False),
        ((), (2, 3), "none", False),
        ((), (2, 3), "mean", True),
        ((1,), (2, 3), "mean", True),
        ((1,), (1, 3), "none", True),
        ((), (1, 3), "none", True),
        ((1,), (3,), None, True),
    ],
)
def test_losses_have_the_shape_of_their_reduction(
    shape: tuple[int, ...], logits: tuple[int, ...], reduction: Any, right: bool
) -> None:
    """The losses of a batch are one number, or one for each row, as the reduction says."""
    if right:
        assert meaning_of(shape, logits, None, reduction).returns == "loss"
    else:
        with pytest.raises(BadResult, match="give the reduction= that it makes"):
            meaning_of(shape, logits, None, reduction)


def test_one_number_for_one_class_is_in_doubt() -> None:
    """For one class, an array of one number may be either; it is a gradient until told."""
    assert not meaning_of((1,), (1,), None, None).certain
    assert meaning_of((1,), (1,), None, None).returns == "gradient"
    assert meaning_of((1,), (1,), "loss", None).returns == "loss"


@pytest.mark.parametrize(
    ("result", "text"),
    [
        (lambda _: None, "returns None, expected an array: end the function with a return"),
        (lambda _: np.arange(3), "returns an array of dtype int64, expected floats: compute in"),
        (lambda z: z > 0, "returns an array of dtype bool, expected floats: compute in"),
        (lambda z: z * 1j, "returns an array of dtype complex64, expected floats: compute in"),
        (lambda _: np.array(["a"]), "returns an array of dtype str32, expected floats: compute"),
        (lambda _: "a", "returns a str, expected an array: return an array of NumPy"),
        (lambda z: (z.sum(), z), "returns a tuple, expected an array: return one of its parts, as"),
        (lambda _: [0.5, [0.5]], "returns a list, expected an array: return one of its parts, as"),
        (lambda z: {"g": z}, "returns a dict, expected an array: return one of its parts, as"),
        (lambda _: 0, "returns an int, expected an array: return an array of NumPy in the dtype"),
        (lambda _: print, "returns a builtin_function_or_method, expected an array: hand in the"),
        (lambda z: z[:, None], "returns shape (3, 1), expected the gradient of shape (3,) or the"),
    ],
)
def test_what_is_no_result_is_told_in_one_line(result: Any, text: str) -> None:
    """What is neither gradient nor loss is a failure that says what was found, and what to do."""
    answer = make_runner(lambda z, _: result(z), framework="numpy").run(call())
    assert answer.failure.startswith(text)
    assert "\n" not in answer.failure
    assert (answer.failure_kind, answer.gradient, answer.value) == ("error", None, None)


@pytest.mark.parametrize(
    ("told", "text"),
    [
        ("gradient", "returns shape (2,), expected the gradient of shape (3,): return one number"),
        ("loss", "returns shape (2,), expected the loss, one number: add it up to that"),
    ],
)
def test_what_is_told_is_expected(told: Any, text: str) -> None:
    """Where it is told what comes back, only that is expected."""
    answer = make_runner(lambda z, _: z[:2], framework="numpy", returns=told).run(call())
    assert answer.failure.startswith(text)


def test_changed_logits_and_targets_are_complaints() -> None:
    """What writes to its arguments is told of it, and its answer counts nevertheless."""

    def changing(z: Any, p: Any) -> Any:
        z -= 1
        p *= 2
        return z

    answer = make_runner(changing, form="one-hot").run(call(form="one-hot"))
    assert answer.complaints == ("changes its logits", "changes its target")
    assert numbers(answer) == [-0.5, 0.25, -3.0]


def test_output_is_a_complaint() -> None:
    """What is printed is kept from the terminal, and its first characters are told."""

    def printing(z: Any, _: Any) -> Any:
        sys.stdout.write("x" * 50 + "\n")
        sys.stderr.write("y" * 50)
        return z

    (complaint,) = make_runner(printing, framework="numpy").run(call()).complaints
    assert complaint == f"prints {'x' * 50 + chr(10) + 'y' * 9!r}"


def test_output_of_a_failure_is_a_complaint(capsys: pytest.CaptureFixture[str]) -> None:
    """Complaints stand beside a failure too; nothing reaches the terminal."""

    def failing(z: Any, _: Any) -> Any:
        sys.stdout.write(f"found {z.size}")
        return None if printed else z

    printed = False
    runner = make_runner(failing, framework="numpy")
    runner.run(call())
    printed = True
    answer = runner.run(call())
    assert answer.failure.startswith("returns None")
    assert answer.complaints == (r"prints 'found 3'",)
    assert capsys.readouterr() == ("", "")


def test_warnings_are_no_complaints() -> None:
    """Warnings of Python and NumPy are silenced and are not told; logging is output."""

    def warning(z: Any, _: Any) -> Any:
        warnings.warn("deprecated", DeprecationWarning, stacklevel=1)
        return np.log(z * 0)

    before = (list(warnings.filters), np.geterr())
    assert make_runner(warning).run(call()).complaints == ()
    assert (list(warnings.filters), np.geterr()) == before
    assert logging.lastResort is not None
