from __future__ import annotations

from typing import Any

import pytest

from gradproof.numeric import stopwatch as module
from gradproof.numeric.stopwatch import Stopwatch


@pytest.mark.parametrize(
    ("wall", "own", "seconds"),
    [
        (2.0, 2.0, 2.0),
        (6.0, 2.0, 2.0),  # a busy machine
        (2.0, 3.5, 2.0),  # two threads
        (20.0, 0.1, 5.0),  # it mostly waits
    ],
)
def test_what_counts_is_what_was_computed(
    wall: float, own: float, seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The time is the process's own, at most that of the wall and at least a quarter of it."""
    watch = Stopwatch()

    def clock(start: float, passed: float) -> Any:
        return lambda: start + passed

    monkeypatch.setattr(module, "perf_counter", clock(watch.wall, wall))
    monkeypatch.setattr(module, "process_time", clock(watch.own, own))
    assert watch.seconds == pytest.approx(seconds)
