from __future__ import annotations

import os
from typing import Any

import pytest

from gradproof import Claim
from gradproof.checks import runner
from gradproof.checks.engine import Settings
from gradproof.checks.runner import Failure, WorkerError, can_travel, run_claims
from gradproof.checks.verdict import Verdict
from gradproof.symbolic import Eq, Ge, S, class_sum, i
from gradproof.symbolic.errors import EngineConflict

TOTAL = class_sum(lambda j: S(j))

CLAIMS = [
    Claim("one", Eq(TOTAL, 1)),
    Claim("two", Eq(TOTAL, 2)),
    Claim("sign", Ge(S(i), 0)),
]


@pytest.mark.slow
def test_processes_do_not_change_results() -> None:
    """Claims come in their order with the same verdicts, decided here or side by side."""
    here = list(run_claims(CLAIMS, Settings(seed=3)))
    assert [claim.id for claim, _ in here] == ["one", "two", "sign"]
    assert list(run_claims(CLAIMS, Settings(seed=3), jobs=2)) == here


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (
            EngineConflict("two methods agree", found="1 and 2", remedy="report this"),
            "EngineConflict: two methods agree; found 1 and 2; report this",
        ),
        (
            ValueError("on two\nlines"),
            "ValueError in gradproof.checks.runner, line N: on two lines; please report this",
        ),
    ],
    ids=["conflict", "defect"],
)
def test_a_failure_does_not_end_the_others(
    monkeypatch: pytest.MonkeyPatch, error: Exception, reason: str
) -> None:
    """Where the engine fails there is a failure in one line, no verdict, and the work goes on."""
    decide = runner.decide_claim

    def fail_at_two(claim: Claim, settings: Settings) -> Verdict:
        if claim.id == "two":
            raise error
        return decide(claim, settings)

    monkeypatch.setattr(runner, "decide_claim", fail_at_two)
    results = {claim.id: result for claim, result in run_claims(CLAIMS, Settings())}
    failure = results["two"]
    assert isinstance(failure, Failure)
    head, _, tail = reason.partition("line N")
    assert failure.reason.startswith(head)
    assert failure.reason.endswith(tail)
    assert isinstance(results["one"], Verdict)
    assert isinstance(results["sign"], Verdict)


class Deadly(str):
    """An empty text that ends any other process it arrives in, as a lack of memory would."""

    __slots__ = ()

    def __reduce__(self) -> Any:
        own = f"__import__('os').getpid() == {os.getpid()}"
        return eval, (f"'' if {own} else __import__('os')._exit(1)",)


@pytest.mark.slow
def test_a_process_that_ends_is_an_error() -> None:
    """When a process dies, that is one error, not a hang."""
    claims = [*CLAIMS, Claim("last", Eq(TOTAL, 1), note=Deadly())]
    with pytest.raises(WorkerError, match="or one after it; look whether memory ran out"):
        list(run_claims(claims, Settings(), jobs=2))


class Note(str):
    """A text of a class that cannot be found by its name."""

    __slots__ = ()
    __qualname__ = "nowhere.Note"


def test_a_claim_that_cannot_travel_is_seen() -> None:
    """A claim with something that only its own file defines cannot be sent to a process."""
    assert all(can_travel(claim) for claim in CLAIMS)
    assert not can_travel(Claim("note", Ge(S(i), 0), note=Note()))


@pytest.mark.slow
def test_a_claim_that_cannot_travel_is_decided_here() -> None:
    """Among several processes, a claim that cannot be sent is decided in its place all the same."""
    claims = [CLAIMS[0], Claim("note", Eq(TOTAL, 1), note=Note()), CLAIMS[1]]
    assert list(run_claims(claims, Settings(), jobs=2)) == list(run_claims(claims, Settings()))
