"""Audits of implementations that are wrong on purpose, and of odd ones that are right."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from gradproof import Audit, audit
from gradproof.numeric.implementations.call import Form

_HERE = str(Path(__file__).parent)
sys.path.insert(0, _HERE)
try:
    from mutants_all import MUTANTS, ODD
    from mutants_base import ACCUSATIONS, Case, Mutant, Odd
    from mutants_gradients import GRADIENTS
    from mutants_hinge import loss_called
finally:
    sys.path.remove(_HERE)

_SHARE = 16
"""One of so many is audited in every run of the tests; the slow tests audit all."""


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


def named(case: Case) -> str:
    """Return the name of a case in the list of tests."""
    return case.id


def check_caught(case: Mutant) -> None:
    """Fail unless something is found that names the mistake."""
    found = audited(case)
    assert {f.kind for f in found.findings} & case.kinds, str(found)


def check_not_accused(case: Odd) -> None:
    """Fail if more is found than what the arithmetic of the implementation does."""
    found = audited(case)
    assert {f.kind for f in found.findings} <= case.may, str(found)


@pytest.mark.parametrize("case", MUTANTS[::_SHARE], ids=named)
def test_a_mutant_is_caught(case: Mutant) -> None:
    """Of an implementation that is wrong, something is found of a class that names the mistake."""
    check_caught(case)


@pytest.mark.slow
@pytest.mark.parametrize("case", [m for k, m in enumerate(MUTANTS) if k % _SHARE], ids=named)
def test_every_mutant_is_caught(case: Mutant) -> None:
    """The law above, for all the others."""
    check_caught(case)


@pytest.mark.parametrize("case", ODD[::_SHARE], ids=named)
def test_an_odd_one_is_not_accused(case: Odd) -> None:
    """Of an implementation that is odd and right, at most its arithmetic is found wanting."""
    check_not_accused(case)


@pytest.mark.slow
@pytest.mark.parametrize("case", [o for k, o in enumerate(ODD) if k % _SHARE], ids=named)
def test_no_odd_one_is_accused(case: Odd) -> None:
    """The law above, for all the others."""
    check_not_accused(case)


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
