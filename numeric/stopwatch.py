"""Time spent, for searches that stop when they have taken long enough.

Guarantees: other work on the machine makes a search stop later, by the clock on the wall, rather
than look at fewer points; what waits without computing is not waited for without end.
Cannot see: what other processes do on behalf of this one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from time import perf_counter, process_time

_PATIENCE = 4
"""How many times slower than its own computing a search may run."""


@dataclass(frozen=True, slots=True)
class Stopwatch:
    """Runs from when it is made."""

    wall: float = field(default_factory=perf_counter)
    own: float = field(default_factory=process_time)

    @property
    def seconds(self) -> float:
        """Seconds that this process computed since then, all its threads together.

        At most the seconds that went by, and at least a quarter of them.
        """
        wall, own = perf_counter() - self.wall, process_time() - self.own
        return max(min(wall, own), wall / _PATIENCE)
