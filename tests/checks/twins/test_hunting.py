from __future__ import annotations

from typing import Any

import numpy as np

from gradproof.checks.twins import check_forward
from gradproof.checks.twins.agreement import Outcome
from gradproof.checks.twins.comparison import Comparison


def loss(z: Any, y: Any) -> Any:
    """Return CE."""
    return np.log(np.sum(np.exp(z))) - z[y]


def twice_from_two_classes_on(z: Any, y: Any) -> Any:
    """Return CE for one class, and twice that for more."""
    return 2 * loss(z, y) if len(z) > 1 else loss(z, y)


def compared(program: Any, **options: Any) -> Comparison:
    """Return what the regimes show of a program that means to be CE."""
    return check_forward(program, loss, regimes_only=True, **options)


def test_time_does_not_end_a_hunt_before_it_has_begun() -> None:
    """However little time there is, some points are tried, and none of one class among them."""
    found = compared(loss, seconds=0.0)
    assert (found.outcome, found.points) == (Outcome.AGREES, 4)
    assert compared(twice_from_two_classes_on, seconds=0.0).outcome is Outcome.DIFFERENT


def test_one_class_is_tried_where_there_is_nothing_else() -> None:
    """Asked about one class alone, a hunt without time still answers."""
    assert compared(twice_from_two_classes_on, sizes=(1,), seconds=0.0).outcome is Outcome.AGREES


def test_without_a_limit_all_points_are_tried() -> None:
    """The regimes have a point for each size and label: 9 times 1 + 2 + 3 + 3."""
    assert compared(loss).points == 81
