"""The statement on backpropagation: what it holds, how it prints, what it refuses."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from gradproof.checks.claim import Claim
from gradproof.symbolic import DeclarationError, to_latex, to_text
from gradproof.symbolic.losses import multiclass_bce_one_hot, quadratic, softmax_cross_entropy
from gradproof.symbolic.network import Backpropagation, backpropagation
from gradproof.symbolic.network_point import NetworkPoint

POINT = NetworkPoint([[[1, "1/2"]], [[1], [-1]]], [[0], [0, 1]], (3, 4), 2)
STATEMENTS = (
    backpropagation(quadratic),
    backpropagation(softmax_cross_entropy, (2, 3, 2)),
    backpropagation(multiclass_bce_one_hot, at=POINT),
)


@pytest.mark.parametrize("statement", STATEMENTS, ids=str)
def test_a_statement_survives_a_journey_in_a_claim(statement: Backpropagation) -> None:
    """A claim on backpropagation is the same claim after pickling, point and domain included."""
    claim = Claim("a", statement)
    again = pickle.loads(pickle.dumps(claim))
    assert again == claim
    assert again.statement[0].point == statement.point
    assert again.statement[0].loss == statement.loss


def test_a_statement_gives_back_what_it_was_made_of() -> None:
    """Loss, domain, widths and point can be read from the formula; the widths follow the point."""
    statement = backpropagation(multiclass_bce_one_hot, at=POINT)
    assert statement.loss.name == "ALT"
    assert statement.loss.value == multiclass_bce_one_hot.value
    assert statement.loss.given == multiclass_bce_one_hot.given
    assert statement.widths == (2, 1, 2)
    assert statement.point == POINT
    assert backpropagation(quadratic).widths == ()
    assert backpropagation(quadratic).point is None


def test_statements_about_different_networks_differ() -> None:
    """Widths, loss and point all tell statements apart."""
    several = {
        *STATEMENTS,
        backpropagation(quadratic, (2, 3, 2)),
        backpropagation(quadratic, at=POINT),
        backpropagation(quadratic, (2, 1, 2)),
    }
    assert len(several) == len(STATEMENTS) + 3


def test_the_text_says_what_is_claimed_and_where() -> None:
    """The recursion, the networks meant and the excluded kinks are printed."""
    text = to_text(backpropagation(quadratic, (2, 3, 2)))
    assert text == (
        "∂QUAD/∂W^l_ij = e^l_i h^(l-1)_j and ∂QUAD/∂b^l_i = e^l_i, with e_i = ∂QUAD/∂z_i in the "
        "last layer and e^l_i = [a^l_i > 0] Σ_k W^(l+1)_ki e^(l+1)_k below it, in ReLU networks "
        "2-3-2 where no hidden pre-activation is 0"
    )
    assert "of any depth and width" in to_text(backpropagation(quadratic))
    assert "2-1-2 with given weights and sample" in to_text(backpropagation(quadratic, at=POINT))


def test_the_latex_keeps_to_plain_commands() -> None:
    """LaTeX has balanced braces and none of the commands that GitHub does not render."""
    latex = to_latex(backpropagation(quadratic, (2, 3, 2)))
    assert latex.count("{") == latex.count("}")
    assert r"\frac{\partial \mathrm{QUAD}}{\partial W^{l}_{ij}} = e^{l}_{i} h^{l-1}_{j}" in latex
    assert r"\operatorname" not in latex


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"widths": (3,)}, "a network has the widths"),
        ({"widths": (2, 0, 2)}, "a network has the widths"),
        ({"widths": (2, 2.5, 2)}, "a network has the widths"),
        ({"widths": (2, 3, 2), "at": POINT}, "the widths that its weights have"),
    ],
)
def test_widths_that_are_none_are_refused(options: dict[str, Any], message: str) -> None:
    """Widths are two or more positive integers, and those of the point."""
    with pytest.raises(DeclarationError, match=message):
        backpropagation(quadratic, **options)


def test_a_loss_of_outputs_is_refused() -> None:
    """The last layer gives logits, so a loss of free outputs has no network."""
    with pytest.raises(DeclarationError, match="the last layer of a network gives the logits"):
        backpropagation(softmax_cross_entropy.of_outputs())
