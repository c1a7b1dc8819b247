"""What a wrong implementation is, as a value; and one that is odd but right."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from gradproof.checks.audits.finding import Kind
from gradproof.numeric.implementations.call import Form, Returns

Implementation: TypeAlias = Callable[..., Any]
Made: TypeAlias = Callable[[], Implementation]
Kinds: TypeAlias = frozenset[Kind]

WRONG: Kinds = frozenset({Kind.FORMULA, Kind.ANOTHER_LOSS})
"""The classes that say that the mathematics is wrong."""

RANGE: Kinds = frozenset({Kind.OVERFLOW, Kind.DOMAIN})
"""The classes that say that numbers leave a range."""

STATE: Kinds = frozenset({Kind.PROTOCOL})
"""The class that says that this is no function of its arguments."""

OF_DTYPE: Kinds = frozenset({Kind.DTYPE, Kind.ROUNDING})
"""The classes that say that the computation runs in another dtype."""

ONE_DTYPE: Kinds = OF_DTYPE | {Kind.FORMULA}
"""The classes that fit what is wrong in one dtype only: an exact twin sees one dtype at a time."""

ARITHMETIC: Kinds = RANGE | {Kind.ROUNDING}
"""The classes that may be found of code whose mathematics is right."""

ACCUSATIONS: Kinds = frozenset({Kind.FORMULA, Kind.ANOTHER_LOSS, Kind.PROTOCOL, Kind.KINK})
"""The classes that may not be found of code whose mathematics is right."""

HINGE = "HINGE"
"""The name of a loss that the library does not hold; `mutants_hinge` declares it."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """An implementation to audit.

    Attributes
    ----------
    name
        What is odd or wrong about it.
    loss
        The short name of the intended loss.
    framework
        ``"numpy"``, ``"torch"``, ``"jax"`` or ``"autograd"``.
    make
        Returns the implementation, with fresh state each time.
    target
        How it takes its target.
    returns
        Whether it gives back the gradient or the loss.
    options
        Further arguments of the audit, such as ``{"reduction": "sum"}`` for one that takes a batch:
        logits of shape (B, n), labels of shape (B,).
    """

    name: str
    loss: str
    framework: str
    make: Made
    target: Form = "index"
    returns: Returns = "gradient"
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """Framework, loss, form of the target or reduction, name: no two cases share them all."""
        form = str(self.options.get("reduction", self.target))
        return f"{self.framework} {self.loss} {form}: {self.name}"

    @property
    def batched(self) -> bool:
        """Whether it takes a batch."""
        return "reduction" in self.options


@dataclass(frozen=True, kw_only=True)
class Mutant(Case):
    """An implementation that is wrong on purpose.

    Attributes
    ----------
    kinds
        The classes of a finding of which one at least must be found: those that name the mistake.
    missed
        Why an audit cannot find it; empty if it can.
    """

    kinds: Kinds = WRONG
    missed: str = ""


@dataclass(frozen=True, kw_only=True)
class Odd(Case):
    """An implementation that looks odd and whose mathematics is right.

    Attributes
    ----------
    may
        The classes that may be found: what its floats do is not always stable.
    """

    may: Kinds = frozenset()


def stateless(implementation: Implementation) -> Made:
    """Return a maker of an implementation that keeps nothing between calls."""
    return lambda: implementation


def mutants(
    table: Mapping[str, Implementation],
    loss: str,
    framework: str = "numpy",
    *,
    kinds: Kinds = WRONG,
    **rest: Any,
) -> tuple[Mutant, ...]:
    """Return a mutant for each row of a table of implementations without state."""
    return tuple(
        Mutant(name=name, loss=loss, framework=framework, make=stateless(made), kinds=kinds, **rest)
        for name, made in table.items()
    )


def stateful(
    table: Mapping[str, Made], loss: str, framework: str = "numpy", **rest: Any
) -> tuple[Mutant, ...]:
    """Return a mutant for each row of a table of makers of implementations with state."""
    kinds = rest.pop("kinds", STATE)
    return tuple(
        Mutant(name=name, loss=loss, framework=framework, make=make, kinds=kinds, **rest)
        for name, make in table.items()
    )


def odd_ones(
    table: Mapping[str, tuple[Implementation, Kinds]],
    loss: str,
    framework: str = "numpy",
    **rest: Any,
) -> tuple[Odd, ...]:
    """Return an odd one for each row of a table of implementations and what may be found."""
    return tuple(
        Odd(name=name, loss=loss, framework=framework, make=stateless(made), may=may, **rest)
        for name, (made, may) in table.items()
    )
