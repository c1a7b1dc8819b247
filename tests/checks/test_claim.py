"""Claims: what may be one, and the words of the refusals."""

from __future__ import annotations

from typing import Any

import pytest
import sympy

from gradproof.checks.claim import Claim, rounds_to
from gradproof.checks.verdict import Outcome, Verdict
from gradproof.numeric import Point, decide
from gradproof.symbolic import And, Eq, Le, S, class_sum, exp, i, log, losses, n, y, z
from gradproof.symbolic.errors import DeclarationError

TRUE = Eq(class_sum(lambda j: S(j)), 1)


def _verdict(outcome: Outcome, *, partial: bool = False) -> Verdict:
    return Verdict(outcome, "all n", "", (), partial=partial)


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        (S(i), "an expression"),
        ("S = 1", "a str"),
        (3, "an int"),
        (None, "a NoneType"),
        (sympy.Eq(z[i], z[i]), "SymPy made of it at once"),
        (sympy.Lt(2, 1), "SymPy made of it at once"),
        ((), "has a statement"),
    ],
)
def test_a_statement_is_a_formula(statement: Any, words: str) -> None:
    """Whatever is no formula is refused in words that name the claim and what was found."""
    with pytest.raises(DeclarationError, match=words) as error:
        Claim("odd", statement)
    assert "'odd'" in str(error.value)


@pytest.mark.parametrize("name", ["", "two words", "a/b", "-x", 7])
def test_an_id_is_a_word(name: Any) -> None:
    """An id can be a file name and a test name everywhere."""
    with pytest.raises(DeclarationError, match="the id of a claim is a word"):
        Claim(name, TRUE)


def test_an_expectation_is_an_outcome() -> None:
    """A misspelt expectation is refused, with the closed list."""
    with pytest.raises(DeclarationError, match="PROVED, REFUTED, SUPPORTED, UNDECIDED, UNDEFINED"):
        Claim("c", TRUE, expected="TRUE")


def test_a_claim_is_expected_to_be_proved() -> None:
    """Without an expectation a claim is expected to hold, and support is not enough."""
    claim = Claim("c", TRUE)
    assert [o for o in Outcome if claim.as_expected(_verdict(o))] == [Outcome.PROVED]
    assert not claim.as_expected(_verdict(Outcome.PROVED, partial=True))


def test_an_expectation_of_support_is_met_by_a_proof() -> None:
    """A proof is more than the support that was expected."""
    claim = Claim("c", TRUE, expected="SUPPORTED")
    assert {o for o in Outcome if claim.as_expected(_verdict(o))} == {
        Outcome.PROVED,
        Outcome.SUPPORTED,
    }


def test_a_conjunction_is_several_formulas() -> None:
    """`And` and a list of formulas say the same."""
    one, two = Le(0, S(i)), Le(S(i), 1)
    assert set(Claim("c", And(one, two)).statement) == set(Claim("c", [one, two]).statement)


def test_a_single_assumption_needs_no_tuple() -> None:
    """One assumption may be given as it is."""
    assert Claim("c", TRUE, given=n >= 2).given == (n >= 2,)


def test_a_claim_knows_where_it_was_written() -> None:
    """Errors can name file and line of a claim."""
    assert "test_claim.py:" in Claim("c", TRUE).where


def test_a_point_is_checked_when_the_claim_is_made() -> None:
    """A label outside 1..n is refused at once."""
    with pytest.raises(DeclarationError):
        Claim("c", Eq(S(y), 1), at={z: (0, 0), y: 3})


@pytest.mark.parametrize(
    ("figure", "value", "truth"),
    [("0.5", "0.54", True), ("0.5", "0.56", False), ("-2", "-2.4", True), ("0.50", "0.506", False)],
)
def test_a_printed_figure_stands_for_half_a_unit(figure: str, value: str, truth: bool) -> None:
    """A figure of d digits covers what lies within half a unit of its last digit."""
    assert decide(rounds_to(z[1], figure), Point({z: (value,)})) is truth


def test_a_figure_is_a_decimal_number() -> None:
    """Anything but a decimal number is refused as a figure."""
    with pytest.raises(DeclarationError, match="decimal number"):
        rounds_to(z[1], "about 3")


def test_a_number_in_place_of_n_is_refused() -> None:
    """A loss with a number put for n knows other logits than the rest; the remedy is named."""
    loss = losses.softmax_cross_entropy
    with pytest.raises(DeclarationError) as error:
        Claim("two", Eq(loss.term.subs(n, 2), log(1 + exp(z[2] - z[1]))), given=Eq(y, 1))
    assert str(error.value) == (
        "the family z has one size; found 2 and n; put no number in place of n; fix the number of "
        "classes by an assumption, given=Eq(n, 2)"
    )
