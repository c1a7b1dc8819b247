"""A bound on the work that a proof attempt may do, counted in steps so that it is repeatable.

Guarantees: the same question does the same work on every machine; no clock is read.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from ...symbolic.errors import UnsupportedError

PROOF = 6_000
"""Steps for a goal of a claim, a few times what the longest proof known needs."""

CONTROL = 400
"""Steps for a wrong twin."""


Found = TypeVar("Found")


class OutOfWork(UnsupportedError):
    """More steps were needed than an attempt may do."""


class Work:
    """Steps left for an attempt."""

    def __init__(self, steps: int = PROOF, solvers: int = 0) -> None:
        self.left = steps
        self.solvers = solvers
        """How many questions may be put to the solvers."""
        self._on_half = False
        self.reasons: list[str] = []
        """Why the solvers did not settle what they were asked."""

    def spend(self, steps: float) -> None:
        """Count steps.

        Raises
        ------
        UnsupportedError
            If more were done than the attempt may do.
        """
        self.left -= int(steps) + 1
        if self.left < 0:
            raise OutOfWork(
                "a sign is certified within a bounded number of steps",
                found="more steps than that",
                remedy="split the statement into smaller ones",
            )

    def on_half(self, attempt: Callable[[], Found | None]) -> Found | None:
        """Make an attempt on half of the steps left; None if they do not suffice.

        So that an attempt that leads nowhere leaves something for the next one.
        Inside such an attempt others may use all that it may.
        """
        if self._on_half:
            return attempt()
        kept, self._on_half = self.left // 2, True
        self.left -= kept
        try:
            return attempt()
        except OutOfWork:
            self.left = 0
            return None
        finally:
            self.left, self._on_half = self.left + kept, False
