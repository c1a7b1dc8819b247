"""Which losses may stand at the end of a network."""

from __future__ import annotations

import pytest
from sympy import Abs, Function, sqrt

from gradproof.checks.network_losses import class_bounds, domain_text, shortcoming
from gradproof.symbolic import Ge, Gt, Loss, Max, S, UnsupportedError, class_sum, delta, losses
from gradproof.symbolic.vocabulary import n, y, z

SMOOTH = [
    losses.softmax_cross_entropy,
    losses.softmax_cross_entropy_soft,
    losses.quadratic,
    losses.quadratic_soft,
    losses.multiclass_bce,
    losses.multiclass_bce_one_hot,
    losses.sigmoid_bce,
    losses.kde_cross_entropy,
]
KINKED = [
    losses.keras_cross_entropy_one_hot,
    Loss("HINGE", Max(0, 1 - z[y])),
    Loss("ABS", class_sum(lambda j: Abs(S(j) - delta(j, y)))),
    Loss("NORM", sqrt(class_sum(lambda j: z[j] ** 2))),
]


@pytest.mark.parametrize("loss", SMOOTH, ids=lambda a: a.name)
def test_smooth_losses_have_no_shortcoming(loss: Loss) -> None:
    """Each smooth loss of the library has a derivative by every logit."""
    assert shortcoming(loss, ()) == ""
    assert shortcoming(loss, (2, 3, 2)) == ""


@pytest.mark.parametrize("loss", KINKED, ids=lambda a: a.name)
def test_a_kink_in_the_logits_is_a_shortcoming(loss: Loss) -> None:
    """Clipping, hinges, absolute values and norms have no derivative somewhere."""
    assert "is differentiable in the logits needs" in shortcoming(loss, ())


@pytest.mark.parametrize(
    ("loss", "message"),
    [
        (Loss("OWN", Function("f", real=True)(z[y])), "made of functions known to be smooth"),
        (Loss("HALF", z[y] ** 2, given=(Gt(z[y], 0),)), "does not restrict the logits"),
        (Loss("SURE", z[y] ** 2, given=(Gt(S(y), 0),)), "does not restrict the logits"),
    ],
    ids=["own function", "half line", "through the softmax"],
)
def test_what_is_not_known_is_refused(loss: Loss, message: str) -> None:
    """A function of one's own may have kinks, and a restricted domain has edges."""
    with pytest.raises(UnsupportedError, match=message):
        shortcoming(loss, ())


def test_the_number_of_classes_follows_from_domain_and_names() -> None:
    """The least number is that of the assumptions, or the largest class named."""
    assert class_bounds(losses.multiclass_bce) == (2, None)
    third = Loss("THIRD", S(3), given=(Ge(n, 2),))
    assert class_bounds(third) == (3, None)
    assert domain_text(third) == ["n ≥ 3", "n ≥ 2"]
    assert shortcoming(third, (4, 2)) == "THIRD is not defined for 2 classes."
