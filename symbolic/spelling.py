"""What a notation must be able to spell: signs, brackets, indices, sums, integrals, operators.

Guarantees: `gradproof.symbolic.layout` decides what is written where and needs nothing of a
notation beyond this list.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

from sympy.printing.printer import Printer


class Spelling(Printer):
    """The pieces of a notation, to be mixed into a SymPy printer."""

    minus: str
    delta: str
    log: str
    dotted: str
    """What stands between a factor and a number after it."""

    @abstractmethod
    def paren(self, text: str, marks: str = "()") -> str:
        """Put `text` in round brackets, or in those given by `marks`."""

    @abstractmethod
    def subscript(self, base: str, index: str) -> str:
        """Write an index."""

    @abstractmethod
    def power(self, base: str, exponent: str) -> str:
        """Write a power."""

    @abstractmethod
    def root(self, base: str) -> str:
        """Write a square root."""

    @abstractmethod
    def function(self, name: str) -> str:
        """Write the name of a function."""

    @abstractmethod
    def loss_name(self, name: str) -> str:
        """Write the name of a loss."""

    @abstractmethod
    def sum_sign(self, running: str, last: str | None, left_out: list[str]) -> str:
        """Write the sign of a sum; `last` is None where it runs over all classes."""

    @abstractmethod
    def integral(self, body: str, running: str, edges: Sequence[str]) -> str:
        """Write an integral."""

    @abstractmethod
    def operator(self, operand: str, variables: Sequence[str], *, attached: bool) -> str:
        """Write a derivative; `attached` says that the operand is one letter."""
