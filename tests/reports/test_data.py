"""Laws of the JSON data."""

from __future__ import annotations

import json
from collections.abc import Callable

from gradproof import __version__
from gradproof.checks.claim import Claim
from gradproof.checks.verdict import Verdict
from gradproof.reports import results_json

CONTRACT = [
    *("id", "title", "source", "statement", "assumptions", "verdict", "scope", "method"),
    *("evidence", "counterexample", "expected", "as_expected", "seconds"),
]


def test_the_data_are_what_was_stored(
    results: tuple[tuple[Claim, Verdict], ...], equals_stored: Callable[[str, str], None]
) -> None:
    """The data of the claims are the stored ones."""
    claims = results_json(results, 7)["claims"]
    equals_stored("claims.json", json.dumps(claims, indent=1, ensure_ascii=False) + "\n")


def test_the_keys_are_those_of_the_contract(
    results: tuple[tuple[Claim, Verdict], ...],
) -> None:
    """There are exactly the keys that other programs build on, in their order."""
    data = results_json(results, 7)
    assert list(data) == ["version", "seed", "claims"]
    assert data["version"] == __version__
    assert data["seed"] == 7
    assert [list(claim) for claim in data["claims"]] == [CONTRACT] * len(results)


def test_data_survive_json(results: tuple[tuple[Claim, Verdict], ...]) -> None:
    """The data are JSON: reading what was written gives them back."""
    data = results_json(results, 0)
    assert json.loads(json.dumps(data)) == data


def test_a_counterexample_maps_symbols_to_texts(
    results: tuple[tuple[Claim, Verdict], ...],
) -> None:
    """A counterexample is each symbol with its exact value as text; null where there is none."""
    found = {claim["id"]: claim["counterexample"] for claim in results_json(results, 0)["claims"]}
    assert found["ce-symmetric"] == {"n": "2", "p": "(1/2, 1/2)", "q": "(1/3, 2/3)"}
    assert found["ce-sum"] is None
