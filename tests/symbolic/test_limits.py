"""Limits as terms: what they depend on, what is refused, and how they print."""

from __future__ import annotations

import pytest

from gradproof.symbolic import (
    DeclarationError,
    Eq,
    S,
    i,
    limit,
    losses,
    n,
    oo,
    scalar,
    to_latex,
    to_text,
    y,
    z,
)

CE = losses.softmax_cross_entropy
T = scalar("T", positive=True)


def test_a_scalar_variable_is_bound_and_a_member_is_not() -> None:
    """A limit in T does not depend on T; one in z_y depends on the other logits and on y."""
    assert T not in limit(S(y) / T, T, oo).free_symbols
    assert y in limit(CE.term, z[y], oo).free_symbols


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((CE.term, n, oo), "a scalar or in a member"),
        ((CE.term, z[y], z[y] + 1), "does not depend on its variable"),
        ((CE.term, z[y], 0, "left"), "a side is"),
    ],
)
def test_what_is_no_limit_is_refused(arguments: tuple[object, ...], message: str) -> None:
    """The number of classes has no limit; a target stands still; a side is + or -."""
    with pytest.raises(DeclarationError, match=message):
        limit(*arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("formula", "text", "latex"),
    [
        (
            Eq(limit(CE.term, z[y], -oo), oo),
            "lim_(z_y → −∞) CE = ∞",
            r"\lim_{z_{y} \to -\infty} \mathrm{CE} = \infty",
        ),
        (
            Eq(limit(CE.gradient(i), T, 0), 0),
            "lim_(T → 0⁺) ∂CE/∂z_i = 0",
            r"\lim_{T \to 0^{+}} \frac{\partial \mathrm{CE}}{\partial z_{i}} = 0",
        ),
        (
            Eq(3 * limit(CE.term - z[i], T, z[y] + 1, "-") + 2, 0),
            "2 + 3 lim_(T → (1 + z_y)⁻) (CE − z_i) = 0",
            r"2 + 3 \lim_{T \to (1 + z_{y})^{-}} (\mathrm{CE} - z_{i}) = 0",
        ),
        (
            Eq(limit(-CE.term, z[y], oo), 0),
            "lim_(z_y → ∞) (−CE) = 0",
            r"\lim_{z_{y} \to \infty} (-\mathrm{CE}) = 0",
        ),
    ],
)
def test_a_limit_prints_its_path(formula: Eq, text: str, latex: str) -> None:
    """The variable, its target and its side stand below the sign; sums after it are in brackets."""
    assert to_text(formula) == text
    assert to_latex(formula) == latex
