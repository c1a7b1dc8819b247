from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from gradproof.checks.audits.finding import Finding, Kind
from gradproof.checks.audits.point import AuditPoint
from gradproof.checks.audits.showing import with_showing
from tests.checks.audits.conftest import at, right, run_of, saturating

ROUNDING = Finding(
    Kind.ROUNDING, "float32", "margin", "g[0]", "-2.16377241e-9", "0", 8e5, at(20, 0, -3)
)


def shown(*findings: Finding, implementation: Any = saturating, **given: Any) -> list[Finding]:
    """Return findings with what goes with them."""
    run = run_of(implementation, **given)
    return with_showing(findings, run.options, run.bench)


def test_a_finding_gets_a_program_and_opinions() -> None:
    """The program is one that Python reads, and other checkers are asked at the point."""
    pytest.importorskip("scipy")
    (found,) = shown(ROUNDING)
    assert "def saturating" in found.reproducer
    assert "20.0, 0.0, -3.0" in found.reproducer
    compile(found.reproducer, "reproducer", "exec")
    assert "scipy.optimize.check_grad" in {o.checker for o in found.opinions}


def test_nothing_else_is_changed() -> None:
    """Class, numbers, point and note stay as they were found."""
    found = shown(ROUNDING, replace(ROUNDING, kind=Kind.PROTOCOL, where="repeated calls"))
    for before, after in zip([ROUNDING, found[1]], found, strict=True):
        assert replace(after, reproducer="", opinions=()) == replace(
            before, reproducer="", opinions=()
        )


def test_faults_of_behaviour_have_no_opinions() -> None:
    """Checkers by differences say nothing of state."""
    (found,) = shown(replace(ROUNDING, kind=Kind.PROTOCOL, where="repeated calls"))
    assert found.opinions == ()
    assert found.reproducer


def test_what_has_no_point_is_left_as_it_is() -> None:
    """There is nothing to reproduce where no point shows a fault."""
    nowhere = replace(ROUNDING, point=None)
    assert shown(nowhere) == [nowhere]


def test_the_checkers_are_asked_a_few_times() -> None:
    """In a quick run two points are asked about; the same point is not asked about again."""
    findings = [replace(ROUNDING, point=at(20 + k // 2, 0, -3)) for k in range(8)]
    found = shown(*findings, quick=True)
    assert [bool(f.opinions) for f in found] == [True, True] + [False] * 6
    assert all(f.reproducer for f in found)


@pytest.mark.parametrize(
    "point",
    [
        AuditPoint((Fraction(20), None, Fraction(0)), 0),
        AuditPoint(tuple(Fraction(k % 3) for k in range(100)), 0),
    ],
)
def test_masked_and_many_classes_are_not_asked_about(point: AuditPoint) -> None:
    """Where differences mean nothing, or take long, no one is asked; the program is shown."""
    (found,) = shown(replace(ROUNDING, point=point))
    assert found.opinions == ()
    assert found.reproducer


def test_what_cannot_be_written_down_is_left_out() -> None:
    """A callable without source has no program, and that is no error."""
    compiled: dict[str, Any] = {"right": right}
    code = compile("made = lambda z, y: right(z, y)", "<nowhere>", "exec")
    exec(code, compiled)  # noqa: S102
    (found,) = shown(ROUNDING, implementation=compiled["made"])
    assert found.kind is Kind.ROUNDING
    assert isinstance(found.reproducer, str)


def test_the_implementation_is_not_harmed() -> None:
    """Showing calls it with arrays of its own."""
    seen: list[Any] = []

    def noting(z: Any, y: Any) -> Any:
        seen.append(np.array(z, copy=True))
        return saturating(z, y)

    shown(ROUNDING, implementation=noting)
    assert all(np.isfinite(z).all() for z in seen)


def printed(program: str) -> str:
    """Return what a program prints in a Python of its own."""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def shifting(z: Any, y: Any) -> Any:
    """Return the gradient of CE, and move the logits."""
    z -= z.max()
    g = np.exp(z) / np.exp(z).sum()
    g[y] -= 1
    return g


def test_changed_logits_are_what_the_program_prints() -> None:
    """The program of an implementation that changes its logits prints them as they are then."""
    effect = replace(
        ROUNDING,
        kind=Kind.PROTOCOL,
        where="side effects",
        found="the implementation changes its logits",
    )
    (found,) = shown(effect, implementation=shifting)
    assert found.reproducer.rstrip().endswith("print(z.tolist())  # expected the same as above")
    assert "[20.0, 0.0, -3.0]" in found.reproducer
    assert printed(found.reproducer) == "[0.0, -20.0, -23.0]"


def test_the_upstream_gradient_is_part_of_the_program() -> None:
    """The program of a loss whose rule ignores the upstream gradient hands one in."""
    pytest.importorskip("torch")
    upstream = replace(
        ROUNDING,
        kind=Kind.PROTOCOL,
        where="upstream gradient",
        expected="g[0] = -1.5",
        point=at(0, 0),
        upstream=3.0,
    )

    def loss(z: Any, y: Any) -> Any:
        import torch

        return -torch.log_softmax(z, 0)[y]

    (found,) = shown(upstream, implementation=loss)
    assert found.reproducer.rstrip().endswith("print(z.grad.tolist())  # expected g[0] = -1.5")
    assert printed(found.reproducer) == "[-1.5, 1.5]"


def test_a_loss_in_numpy_that_changes_its_logits_shows_them() -> None:
    """Where there is no gradient to print, the changed logits are printed all the same."""
    effect = replace(
        ROUNDING,
        kind=Kind.PROTOCOL,
        where="side effects",
        found="the implementation changes its logits",
    )

    def moving(z: Any, y: Any) -> Any:
        z -= z.max()
        return np.log(np.exp(z).sum()) - z[y]

    (found,) = shown(effect, implementation=moving, returns="loss")
    assert printed(found.reproducer) == "[0.0, -20.0, -23.0]"
