"""Laws of the words for proofs: each rule of certificates has its own."""

from __future__ import annotations

from typing import Any

import pytest

from gradproof.checks.checker import check
from gradproof.reports.proof import OPEN, lemma_section, lemmas_used, proof_text

CONSTANT = [["1", {}]]
SIGNS = {"a": ">0", "b": ">=0", "c": "real"}


def term(coefficient: str, variables: dict[str, int], **more: Any) -> dict[str, Any]:
    """Return a term of a combination."""
    return {"coefficient": coefficient, "variables": variables, "hypotheses": {}, **more}


def combination(*terms: dict[str, Any], multiplier: Any = CONSTANT) -> dict[str, Any]:
    """Return a node of the rule combination."""
    return {"rule": "combination", "multiplier": multiplier, "terms": list(terms)}


def part(goal: Any, proof: Any, **more: Any) -> dict[str, Any]:
    """Return a part of a certificate."""
    return {
        "case": "the only case",
        "steps": [],
        "variables": SIGNS,
        "meanings": {name: f"exp(z_{name})" for name in SIGNS},
        "factors": {},
        "moments": {},
        "hypotheses": [],
        "goal": {"polynomial": goal, "relation": ">=0"},
        "proof": proof,
        **more,
    }


def told(*parts: dict[str, Any]) -> str:
    """Return the text of a certificate that the checker accepts."""
    certificate = {
        "format": "gradproof certificate",
        "version": 1,
        "statement": "a statement",
        "assumptions": [],
        "scope": "all n",
        "parts": list(parts),
    }
    report = check(certificate)
    assert report.accepted, report.error
    return proof_text(certificate)


PLAIN = part(
    [["1", {"a": 1}], ["2", {"b": 1}]],
    combination(term("1", {"a": 1}), term("2", {"b": 1})),
)


def test_positive_coefficients_need_no_list() -> None:
    """Where no coefficient is negative the page says so in a line."""
    assert "No coefficient of $`P`$ is negative, nor is an unknown, so that" in told(PLAIN)


def test_a_strict_goal_names_the_positive_term() -> None:
    """A goal > 0 shows the term that is not 0."""
    strict = {**PLAIN, "goal": {**PLAIN["goal"], "relation": ">0"}}
    assert r"and $`a`$ is positive, so that $`P > 0`$" in told(strict)


def test_squares_and_multipliers_are_shown() -> None:
    """(a)(c^2 - 2cb + b^2) is shown as a sum of products with its multiplier."""
    goal = [["1", {"c": 2}], ["-2", {"b": 1, "c": 1}], ["1", {"b": 2}]]
    square = [["1", {"c": 1}], ["-1", {"b": 1}]]
    node = combination(term("1", {"a": 1}, square=square), multiplier=[["1", {"a": 1}]])
    text = told(part(goal, node))
    assert r"Here $`a \cdot P = a (-b + c)^{2}`$; no term is negative" in text
    assert "the factor of $`P`$ is positive" in text


def test_long_sums_are_folded_whole() -> None:
    """A sum of many products shows its beginning, and all of it behind a fold."""
    terms = [term("1", {"a": k}, square=[["1", {"c": 1}]]) for k in range(1, 21)]
    goal = [["1", {"a": k, "c": 2}] for k in range(1, 21)]
    text = told(part(goal, combination(*terms)))
    assert "It is a sum of 20 products, which begins:" in text
    assert "<summary>All 20 products</summary>" in text


def test_factors_have_reasons_of_their_own() -> None:
    """Each factor is shown with its sign; an even power needs no reason."""
    node = {
        "rule": "factors",
        "constant": "-1",
        "factors": [
            {
                "polynomial": [["-1", {"a": 1}]],
                "power": 1,
                "sign": "<0",
                "proof": combination(term("1", {"a": 1})),
            },
            {"polynomial": [["1", {"c": 1}]], "power": 2, "sign": "any", "proof": None},
        ],
    }
    text = told(part([["1", {"a": 1, "c": 2}]], node))
    assert "$`P = -P_{1} P_{2}^{2}`$" in text
    assert "so that $`-P_{1} > 0`$" in text
    assert "An even power is never negative: $`P_{2}^{2}`$." in text


def test_orders_are_counted() -> None:
    """An order is told with the differences, and symmetry says why one order is enough."""
    goal = [["1", {"a": 2}], ["-1", {"a": 1, "b": 1}], ["1", {"b": 2}]]
    signs = {"a": ">=0", "b": ">=0"}
    terms = [term("1", {"t1": 2}), term("1", {"t1": 1, "t2": 1}), term("1", {"t2": 2})]
    case = {"order": ["a", "b"], "names": ["t1", "t2"], "proof": combination(*terms)}
    other = {**case, "order": ["b", "a"]}
    node = {"rule": "order", "variables": ["a", "b"], "symmetric": [], "cases": [case, other]}
    text = told(part(goal, node, variables=signs))
    assert "In each of the 2 orders no coefficient" in text
    assert "$`a = t_{1} + t_{2}, b = t_{2}`$ where $`a \\ge b`$" in text
    one = {**node, "symmetric": [["a", "b"]], "cases": [case]}
    assert "Exchanging $`a, b`$ changes nothing" in told(part(goal, one, variables=signs))


def test_cases_name_what_they_add() -> None:
    """In either case the sign that is added has a name, under which it is used."""
    product_ = [["1", {"c": 1}]]
    node = {
        "rule": "cases",
        "on": product_,
        "nonnegative": combination(term("1", {}, hypotheses={"0": 2})),
        "negative": combination(term("1", {}, hypotheses={"0": 2})),
    }
    text = told(part([["1", {"c": 2}]], node))
    assert r"Where $`H_{1} = Q \ge 0`$:" in text
    assert "Where $`H_{1} = -Q > 0`$:" in text
    assert "Here $`P = H_{1}^{2}`$" in text


def test_solvers_are_named_and_what_they_were_asked() -> None:
    """An answer of solvers is told as theirs, with the versions."""
    answer = {"z3": "unsat", "cvc5": "unsat"}
    node = {"rule": "smt", "file": "", "answers": answer, "versions": {"z3": "4.15"}}
    text = proof_text({"parts": [part([["1", {"c": 2}]], node)]})
    assert "Two solvers, cvc5 and z3 4.15, both answer that no values" in text


def sums() -> dict[str, Any]:
    """Return a part that uses one of two lemmas on sums."""
    meaning = "sum over j of {}, n without y"
    names = {"R1": "v_j w_j", "R2": "v_j² w_j", "R3": "w_j"}
    powers = {
        "R1": {"f1": "1", "f2": "1"},
        "R2": {"f1": "2", "f2": "1"},
        "R3": {"f2": "1"},
    }
    schwarz = {
        "polynomial": [["1", {"R2": 1, "R3": 1}], ["-1", {"R1": 2}]],
        "relation": ">=0",
        "lemma": "Cauchy-Schwarz",
        "of": {"first": "R2", "second": "R3", "mixed": "R1"},
        "text": "R1^2 <= R2 R3",
    }
    idle = {**schwarz, "lemma": "assumption", "of": {}, "text": "an idle one"}
    return part(
        schwarz["polynomial"],
        combination(term("1", {}, hypotheses={"1": 1})),
        variables={"R1": "real", "R2": ">=0", "R3": ">=0"},
        meanings={name: meaning.format(text) for name, text in names.items()},
        factors={"f1": "real", "f2": ">0"},
        moments={name: {"over": "rest of n", "powers": p} for name, p in powers.items()},
        hypotheses=[idle, schwarz],
    )


def test_only_hypotheses_that_are_used_are_shown() -> None:
    """A hypothesis that the proof does without is not on the page; one used has its instance."""
    text = told(sums())
    assert "an idle one" not in text
    assert r"| $`H_{1}`$ | $`R_{2} R_{3} \ge R_{1}^{2}`$ | Cauchy-Schwarz with f² = " in text
    assert "f² = `v_j² w_j`, g² = `w_j` |" in text
    assert "| $`R_{2}`$ | the sum of `v_j² w_j` over the classes j other than y |" in text


def test_lemmas_used_come_with_their_proofs() -> None:
    """Each lemma used, in hypotheses or in steps, is stated and proved, and no other one."""
    jensen = {**PLAIN, "steps": ["Jensen: with the weights 1 the mean"]}
    names = lemmas_used({"parts": [sums(), jensen]})
    assert names == {"Cauchy-Schwarz", "Jensen"}
    text = lemma_section(names)
    assert "(f_j g_k - f_k g_j)^2" in text
    assert "Popoviciu" not in text
    assert lemma_section(set()) == ""


@pytest.mark.parametrize("count", [OPEN, OPEN + 1])
def test_many_steps_are_folded(count: int) -> None:
    """A short proof lies open; each step of a long one is folded behind its title."""
    steps = [{**PLAIN, "case": f"i = {k}", "steps": ["where a_1 ≥ 0"]} for k in range(count)]
    text = told(*steps)
    assert f"The proof has {count} steps." in text
    assert text.count("<details>") == (count if count > OPEN else 0)
    assert ("**Step 1 of" in text) == (count <= OPEN)


def test_unknowns_are_told_once() -> None:
    """A step with the unknowns of an earlier one refers to it."""
    assert "The unknowns are those of step 1." in told(PLAIN, PLAIN)


def test_a_difference_is_named_with_its_reason() -> None:
    """Where one unknown is known to be larger, the difference and the hypothesis are told."""
    larger = [["1", {"a": 1}], ["-1", {"b": 1}]]
    known = {
        "polynomial": larger,
        "relation": ">=0",
        "lemma": "assumption",
        "of": {},
        "text": "a ≥ b",
    }
    node = {
        "rule": "difference",
        "hypothesis": 0,
        "larger": "a",
        "smaller": "b",
        "name": "d1",
        "proof": combination(term("1", {"d1": 1})),
    }
    text = told(part(larger, node, hypotheses=[known]))
    assert "By $`H_{1}`$ the difference $`d_{1} = a - b`$ is not negative" in text
    assert "No coefficient of what $`P`$ becomes is negative" in text
    assert "for this step: `a ≥ b`" in text
