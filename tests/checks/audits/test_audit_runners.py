from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradproof.checks.audits.runners import fast_runner_of, runner_of
from gradproof.checks.audits.samples import sample_point, shares
from gradproof.numeric.floats import FORMATS, round_to
from gradproof.symbolic.errors import DeclarationError
from tests.checks.audits.conftest import CE_SOFT, loss_of, options_of, right, soft_gradient


def runner(implementation: Any, *args: Any, **given: Any) -> Any:
    """Return what runs an implementation, after a first call."""
    options = options_of(implementation, *args, **given)
    return runner_of(options, sample_point(options, 3))


def test_the_first_call_shows_what_an_implementation_is() -> None:
    """Framework, result and manner are known afterwards."""
    found = runner(right)
    assert (found.framework, found.returns) == ("numpy", "gradient")
    assert found.manner is not None
    assert runner(loss_of, gradient=right).returns == "loss"
    assert runner(soft_gradient, CE_SOFT).form == "soft"


@pytest.mark.parametrize(
    ("implementation", "text"),
    [
        (lambda z: z, "an implementation is called with logits of shape (3,) and a class"),
        (lambda *_: None, "an implementation of logits of shape (3,) and a class counted from 0"),
        (lambda z, _: z[:2], "an implementation of logits of shape (3,) and a class"),
        (lambda *_: "text", "an implementation of logits of shape (3,) and a class"),
    ],
)
def test_what_is_no_implementation_is_an_error_at_once(implementation: Any, text: str) -> None:
    """A wrong signature or a result that means nothing is told before anything else is done."""
    with pytest.raises(DeclarationError) as raised:
        runner(implementation)
    assert str(raised.value).startswith(text)


def test_a_target_of_another_form_is_named() -> None:
    """A function of one-hot rows that is declared to take classes is told which form works."""

    def strict(z: Any, p: Any) -> Any:
        if np.ndim(p) != 1:
            raise ValueError("one-hot rows, please")
        return soft_gradient(z, p)

    with pytest.raises(DeclarationError, match="give target='one-hot'"):
        runner(strict)


@pytest.mark.parametrize("n", [1, 2, 3, 7])
@pytest.mark.parametrize("dtype", FORMATS)
def test_the_first_point_is_harmless(n: int, dtype: str) -> None:
    """Its numbers are held by every format, its logits differ, its label is the first class."""
    point = sample_point(options_of(right), n)
    assert point.n == n
    assert point.target == 0
    assert all(v is not None and round_to(v, FORMATS[dtype]) == v for v in point.logits)
    soft = sample_point(options_of(soft_gradient, CE_SOFT), n)
    assert soft.target == (1, *[0] * (n - 1))


@pytest.mark.parametrize("n", [2, 3, 6])
def test_probabilities_sum_to_1(n: int) -> None:
    """They differ, are positive, and the label's is the largest or as large as any."""
    for label in range(n):
        values = shares(n, label)
        assert sum(values) == 1
        assert min(values) > 0
        assert values[label] == max(values)


def test_only_jax_has_a_fast_way() -> None:
    """NumPy is run as it is; a gradient by hand too."""
    options = options_of(right)
    assert fast_runner_of(options, runner_of(options, sample_point(options, 3))) is None


def test_programs_of_jax_are_compiled() -> None:
    """A loss in JAX has a compiled runner, one in a process of its own has none."""
    jax = pytest.importorskip("jax")
    options = options_of(lambda z, y: -jax.nn.log_softmax(z)[y])
    found = fast_runner_of(options, runner_of(options, sample_point(options, 3)))
    assert found is not None
    assert found.is_compiled
