"""Audits of implementations that are wrong on purpose, and of odd ones that are right."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from gradproof import Audit, audit
from gradproof.checks.audits.finding import Kind
from gradproof.numeric.implementations.call import Form
from gradproof.symbolic.errors import DeclarationError

_HERE = str(Path(__file__).parent)
sys.path.insert(0, _HERE)
try:
    from mutants_all import MUTANTS, ODD
    from mutants_base import ACCUSATIONS, Case, Mutant, Odd
    from mutants_gradients import GRADIENTS
    from mutants_hinge import loss_called
finally:
    sys.path.remove(_HERE)

_SHARE, _SLOW = 16, 4
"""One of so many is tried in every run of the tests, and in the slow ones.

``benchmarks/audit_mutants.py`` tries all.
"""

_WHOLE = 12
"""One of so many right ones is audited whole; the others are audited quickly."""


def audited(case: Case, **options: Any) -> Audit:
    """Return the audit of a case that was made anew."""
    return audit(
        case.make(),
        loss_called(case.loss),
        target=case.target,
        returns=case.returns,
        framework=case.framework,
        name=case.name,
        **{**case.options, **options},
    )


def parameters(cases: Sequence[Case]) -> list[Any]:
    """Return the cases for a test; one that an audit cannot find fails by its reason."""
    return [
        pytest.param(
            case,
            id=case.id,
            marks=[pytest.mark.xfail(reason=case.missed)] if getattr(case, "missed", "") else [],
        )
        for case in cases
    ]


def kinds_found(case: Case, **options: Any) -> set[Kind]:
    """Return the classes of what is found; a clear error counts as one of protocol."""
    try:
        return {f.kind for f in audited(case, **options).findings}
    except DeclarationError:
        return {Kind.PROTOCOL}


def check_caught(case: Mutant) -> None:
    """Fail unless something is found that names the mistake, quickly or by the whole audit.

    What is wrong with batches alone is a breach of protocol.
    """
    wanted = case.kinds | ({Kind.PROTOCOL} if case.batched else set())
    found = kinds_found(case, quick=True)
    if not found & wanted:
        found |= kinds_found(case)
    assert found & wanted, f"{case.id}: {found}"


def check_not_accused(case: Odd, *, quick: bool) -> None:
    """Fail if more is found than what the arithmetic of the implementation does."""
    found = audited(case, quick=quick)
    assert {f.kind for f in found.findings} <= case.may, str(found)


@pytest.mark.parametrize("case", parameters(MUTANTS[::_SHARE]))
def test_a_mutant_is_caught(case: Mutant) -> None:
    """Of an implementation that is wrong, something is found of a class that names the mistake."""
    check_caught(case)


@pytest.mark.slow
@pytest.mark.parametrize("case", parameters([m for k, m in enumerate(MUTANTS) if k % _SLOW == 1]))
def test_more_mutants_are_caught(case: Mutant) -> None:
    """The law above, for many others."""
    check_caught(case)


@pytest.mark.parametrize("case", parameters(ODD[::_SHARE]))
def test_an_odd_one_is_not_accused(case: Odd) -> None:
    """Of an implementation that is odd and right, at most its arithmetic is found wanting."""
    check_not_accused(case, quick=True)


@pytest.mark.slow
@pytest.mark.parametrize("case", parameters([o for k, o in enumerate(ODD) if k % _SLOW == 1]))
def test_more_odd_ones_are_not_accused(case: Odd) -> None:
    """The law above, for many others; some of them are audited whole."""
    check_not_accused(case, quick=ODD.index(case) % _WHOLE != 1)


@pytest.mark.parametrize("meant", GRADIENTS, ids=" ".join)
def test_what_mutants_are_made_of_is_right(meant: tuple[str, Form]) -> None:
    """The gradients that the mutants change pass, so that the change alone is what is found."""
    loss, form = meant
    found = audit(GRADIENTS[meant], loss_called(loss), target=form, returns="gradient", quick=True)
    assert found.passed, str(found)


def test_names_tell_cases_apart() -> None:
    """No two mutants share their name, and no two odd ones."""
    for cases in (MUTANTS, ODD):
        counts = Counter(case.id for case in cases)
        assert max(counts.values()) == 1, counts.most_common(3)


def test_expectations_can_be_told_apart() -> None:
    """Each mutant names a class, and nothing right is allowed a class that accuses."""
    assert all(m.kinds for m in MUTANTS)
    assert not any(o.may & ACCUSATIONS for o in ODD)
