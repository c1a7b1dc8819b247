from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from gradproof import audit, losses
from gradproof.checks.audits.options import DTYPES, Options
from gradproof.symbolic.errors import DeclarationError
from tests.checks.audits.conftest import CE, CE_SOFT, options_of, right

WRONG: list[tuple[dict[str, Any], str]] = [
    (
        {"implementation": 3},
        (
            "an implementation is a callable of logits and a target; found 3; "
            "hand in the function itself, not its result"
        ),
    ),
    (
        {"loss": 7},
        (
            "the intended loss is a Loss, or the name of one of the library; found 7; "
            "hand in gradproof.losses.softmax_cross_entropy, say"
        ),
    ),
    (
        {"loss": "cross_entropy"},
        "a loss is called by its name in the library; found 'cross_entropy'; take one of ",
    ),
    (
        {"takes": "scores"},
        "an implementation takes logits or probabilities; found 'scores'; name one of them",
    ),
    (
        {"target": "label"},
        "a target is one of index, one-hot, soft, kernel; found 'label'; name one of them",
    ),
    (
        {"target": "soft"},
        (
            "the target of CE is index or one-hot; found 'soft'; "
            "name one of them, or a loss with another target"
        ),
    ),
    (
        {"loss": CE_SOFT, "target": "index"},
        (
            "the target of CE_p is soft or kernel; found 'index'; "
            "name one of them, or a loss with another target"
        ),
    ),
    (
        {"dtypes": "float8"},
        (
            "a float dtype is one of float16, bfloat16, float32, float64; found 'float8'; "
            "name one of them"
        ),
    ),
    (
        {"dtypes": ("float32", "int8", "half")},
        (
            "a float dtype is one of float16, bfloat16, float32, float64; found 'int8', 'half'; "
            "name one of them"
        ),
    ),
    (
        {"dtypes": ()},
        "a float dtype is one of float16, bfloat16, float32, float64; found none; name one of them",
    ),
    (
        {"sizes": (3, 0)},
        "a number of classes is a positive integer; found 0; hand in sizes=(2, 3, 10), say",
    ),
    (
        {"sizes": (2.0, True)},
        "a number of classes is a positive integer; found 2.0, True; hand in sizes=(2, 3, 10), say",
    ),
    (
        {"sizes": ()},
        "a number of classes is a positive integer; found none; hand in sizes=(2, 3, 10), say",
    ),
    (
        {"loss": losses.keras_cross_entropy_one_hot},
        (
            "a loss that is audited has one target, and values for its other symbols; "
            "found epsilon, y in KERAS; hand in values={symbol: number} for the others"
        ),
    ),
    (
        {"returns": "logits"},
        "returns is one of None, 'gradient', 'loss'; found 'logits'; name one of these",
    ),
    (
        {"reduction": "max"},
        "reduction is one of None, 'sum', 'mean', 'none'; found 'max'; name one of these",
    ),
    (
        {"gradient": 5},
        (
            "gradient= is a callable of logits and target; found 5; "
            "hand in the function itself, not its result"
        ),
    ),
    (
        {"gradient": right, "returns": "gradient"},
        (
            "gradient= goes with an implementation that returns the loss; "
            "found returns='gradient'; leave one of the two out"
        ),
    ),
]


@pytest.mark.parametrize(("wrong", "text"), WRONG)
def test_a_mistake_is_one_error_that_says_what_is_possible(
    wrong: dict[str, Any], text: str
) -> None:
    """The error names the invariant, what was found and what to do, before anything is called."""
    given = {"implementation": right, "loss": CE, **wrong}
    with pytest.raises(DeclarationError) as raised:
        audit(**given)
    assert str(raised.value).startswith(text)


def test_an_unknown_framework_is_an_error() -> None:
    """The frameworks are named."""
    with pytest.raises(DeclarationError) as raised:
        audit(right, CE, framework="mxnet")
    assert str(raised.value) == (
        "an implementation is written in one of numpy, torch, jax, keras, autograd; "
        "found mxnet; name its framework"
    )


def test_usual_options() -> None:
    """Unless said otherwise, float32 and float64 are audited, with the target of the loss."""
    found = options_of(right)
    assert found.dtypes == DTYPES == ("float32", "float64")
    assert (found.form, found.takes, found.sizes) == ("index", "logits", None)
    assert (found.seed, found.quick, found.isolate) == (0, False, False)
    assert options_of(right, CE_SOFT).form == "soft"
    assert options_of(right, losses.kde_cross_entropy).form == "kernel"


def test_options_are_told_once() -> None:
    """A dtype alone stands for itself, and what is named twice counts once."""
    assert options_of(right, dtypes="float16").dtypes == ("float16",)
    assert options_of(right, dtypes=["float64", "float32", "float64"]).dtypes == (
        "float64",
        "float32",
    )
    assert options_of(right, sizes=[3, 2, 3]).sizes == (3, 2)


def test_a_loss_may_be_named() -> None:
    """The short name and the long one stand for the loss of the library."""
    for name in ("CE", "softmax_cross_entropy"):
        assert options_of(right, name).intended.loss is CE


def test_a_label_may_be_taken_as_one_hot() -> None:
    """A loss with a label may be handed vectors."""
    assert options_of(right, target="one-hot").form == "one-hot"
    assert options_of(right, losses.kde_cross_entropy, target="soft").form == "soft"


def test_probabilities_are_variables_of_the_loss() -> None:
    """With probabilities as inputs the loss is taken as a function of them."""
    found = options_of(right, takes="probabilities")
    assert str(found.intended.loss.wrt) == "q"
    assert found.intended.loss.name == "CE"


class Named:
    """A callable object."""

    def __call__(self, z: Any, y: Any) -> Any:
        """Return the right gradient."""
        return right(z, y)


def test_names() -> None:
    """An implementation is called by its name, or by that of its type, unless given one."""

    def inner(z: Any, y: Any) -> Any:
        return right(z, y)

    assert options_of(right).name == "right"
    assert options_of(inner).name == "test_names.inner"
    assert options_of(Named()).name == "Named"
    assert options_of(partial(right)).name == "partial"
    assert options_of(right, name="mine").name == "mine"


def test_options_cannot_be_changed() -> None:
    """What an audit was asked to do stays as it was."""
    with pytest.raises(AttributeError):
        options_of(right).quick = True  # type: ignore[misc]
    assert isinstance(options_of(right), Options)
