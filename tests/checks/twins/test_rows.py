from __future__ import annotations

import json
from typing import Any

import numpy as np

from gradproof.checks.twins import formulas, label, logits
from gradproof.checks.twins.agreement import Outcome
from gradproof.checks.twins.comparison import Comparison
from gradproof.checks.twins.rows import Row, rows
from gradproof.checks.twins.target import Target
from gradproof.symbolic.errors import GradproofError

OF_CLASSES = (logits(), label())


def ce(z: Any, y: int) -> Any:
    """Return the cross entropy."""
    top = np.max(z)
    return np.log(np.sum(np.exp(z - top))) + (top - z[y])


def gradient(g: Any, z: Any, y: int) -> Any:
    """Return its gradient."""
    powers = np.exp(z - np.max(z))
    return g * (powers / np.sum(powers) - np.eye(len(z))[y])


def target(name: str, program: Any, intended: Any = None, own: Any = gradient) -> Target:
    """Return a target of two classes."""
    return Target(f"numpy:{name}", program, OF_CLASSES, intended, "numpy", own, (2,))


def row(*args: Any) -> Row:
    """Return the row of one target."""
    (found,) = rows([target(*args)])
    return found


def test_a_right_target_is_a_row_without_findings() -> None:
    """Both comparisons agree; what is meant is told by its title."""
    found = row("ce", ce, formulas.cross_entropy)
    assert found.has_twin
    assert found.is_right
    assert not found.findings
    data = json.loads(json.dumps(found.to_json()))
    assert data["backward"]["outcome"] == data["forward"]["outcome"] == "AGREES"
    assert data["intended"] == found.target.meaning != ""
    assert "error" in data["float_run"]


def test_wrong_targets_are_findings() -> None:
    """A gradient without its label, a loss of another class: each is found as what it is."""
    backward = row("no label", ce, formulas.cross_entropy, lambda g, z, _: g * np.exp(z))
    assert [f.question for f in backward.findings] == ["backward"]
    forward = row("doubled", lambda z, y: 2 * ce(z, y), formulas.cross_entropy)
    assert {f.question for f in forward.findings} == {"backward", "forward"}
    assert not forward.is_right
    assert forward.to_json()["forward"]["point"]


def test_without_a_meaning_there_is_no_forward() -> None:
    """Then the backward decides alone."""
    found = row("ce", ce)
    assert found.forward is None
    assert found.is_right
    assert found.target.meaning == ""


def test_a_target_without_a_twin_is_no_pass() -> None:
    """An error is a row of its own, and none of the others is held up by it."""
    broken = target("broken", lambda z, _: z[99])
    random = target("random", lambda z, y: np.random.default_rng().normal() * z[y])
    found = list(rows([broken, random, target("ce", ce)]))
    assert [r.has_twin for r in found] == [False, False, True]
    assert [r.is_right for r in found] == [False, False, True]
    assert isinstance(found[0].backward, GradproofError)
    assert "IndexError" in found[0].to_json()["backward"]["error"]
    assert isinstance(found[2].backward, Comparison)
    assert found[2].backward.outcome is Outcome.AGREES
