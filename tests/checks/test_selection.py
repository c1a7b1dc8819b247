from __future__ import annotations

import pytest

from gradproof import Claim
from gradproof.checks.selection import SelectionError, select
from gradproof.symbolic import Ge, S, i

CLAIMS = [
    Claim(name, Ge(S(i), 0), title=title)
    for name, title in (
        ("ce", "Gradient of cross-entropy"),
        ("ce-sum", "Its components sum to 0"),
        ("kde", "Gradient with a kernel"),
        ("kde-sum", ""),
    )
]


@pytest.mark.parametrize(
    ("expression", "ids"),
    [
        ("sum", ["ce-sum", "kde-sum"]),
        ("gradient", ["ce", "kde"]),
        ("KERNEL", ["kde"]),
        ("not sum", ["ce", "kde"]),
        ("sum and not kde", ["ce-sum"]),
        ("kernel or components or kde-sum", ["ce-sum", "kde", "kde-sum"]),
        ("not (kernel or sum)", ["ce"]),
        ("not not kernel", ["kde"]),
        ("kernel or gradient and cross-entropy", ["ce", "kde"]),
    ],
)
def test_words_select_by_id_and_title(expression: str, ids: list[str]) -> None:
    """Words occur in ids or titles; ``not`` binds before ``and``, ``and`` before ``or``."""
    assert [claim.id for claim in select(CLAIMS, expression)] == ids


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_an_id_selects_its_claim_alone(claim: Claim) -> None:
    """The whole id of a claim selects it and no claim whose id contains it."""
    assert select(CLAIMS, claim.id) == (claim,)


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        (
            "kdd",
            (
                "-k selects at least one claim; found none of 4 for 'kdd'; "
                "use words of ids or titles; ids are kde"
            ),
        ),
        (
            "sum and and",
            (
                "-k is made of words, 'and', 'or', 'not' and parentheses; "
                "found 'sum and and', which breaks off at 'and'; "
                "write it like 'kde and not (hessian or bound)'"
            ),
        ),
        ("", "found '', which breaks off at its end; "),
        ("(kde", "breaks off at its end"),
        ("kde)", "breaks off at ')'"),
        ("kde sum", "breaks off at 'sum'"),
        ("not", "breaks off at its end"),
        ("()", "breaks off at ')'"),
    ],
)
def test_an_expression_that_cannot_be_used_is_an_error(expression: str, text: str) -> None:
    """An expression that selects nothing, or cannot be read, is an error with a remedy."""
    with pytest.raises(SelectionError) as caught:
        select(CLAIMS, expression)
    assert text in str(caught.value)
