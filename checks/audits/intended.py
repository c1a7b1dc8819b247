"""What an intended loss takes beside the logits, and how its classes depend on each other.

Guarantees: the answers are read off the formula, or computed in balls; none off a name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from flint import arb
from sympy import Abs, IndexedBase, Max, Min, Piecewise, Symbol, sign

from ...numeric.certified import Certified, certified_loss
from ...numeric.conditions import WHOLE
from ...numeric.decision import decide
from ...numeric.evaluator import prepare
from ...numeric.implementations.call import Form
from ...numeric.point import Point, is_index
from ...symbolic.errors import DeclarationError, GradproofError, UndefinedValueError
from ...symbolic.loss import Loss
from ...symbolic.vocabulary import K, n, z
from .point import AuditPoint


@dataclass(frozen=True)
class Intended:
    """The intended loss, with what stands for its target.

    Attributes
    ----------
    loss
        The loss.
    target
        The label's index, or the family of targets or kernel values; None if it has no target.
    values
        Values of its other symbols.
    """

    loss: Loss
    target: Symbol | IndexedBase | None
    values: Mapping[Any, Any] = field(default_factory=dict)

    @property
    def has_label(self) -> bool:
        """Whether the target is a class."""
        return isinstance(self.target, Symbol)

    @property
    def form(self) -> Form:
        """How the target is handed in, unless said otherwise."""
        if self.has_label or self.target is None:
            return "index"
        return "kernel" if self.target == K else "soft"

    @property
    def has_branches(self) -> bool:
        """Whether its formula has branches, which may meet."""
        return bool(self.loss.value.has(Piecewise, Abs, Max, Min, sign))

    def point(self, at: AuditPoint) -> Point:
        """Return the exact point of the formula, without the classes that are masked.

        Raises
        ------
        UndefinedValueError
            If a number is none that its symbol may have.
        """
        kept = [k for k, v in enumerate(at.logits) if v is not None]
        values: dict[Any, Any] = {n: len(kept), self.loss.wrt: [at.logits[k] for k in kept]}
        if isinstance(self.target, Symbol):
            assert isinstance(at.target, int)
            values[self.target] = kept.index(at.target) + 1
        elif self.target is not None:
            assert isinstance(at.target, tuple)
            values[self.target] = [at.target[k] for k in kept]
        try:
            return Point(values | dict(self.values))
        except DeclarationError as error:  # a probability of 0, say
            raise UndefinedValueError(
                error.invariant, found=error.found, remedy=error.remedy
            ) from None

    def at(self, point: AuditPoint) -> Certified:
        """Return the certified loss and gradient at a point; without the classes masked.

        Raises
        ------
        UndefinedValueError
            If the loss is not defined there.
        """
        at = self.point(point)
        for condition in self.loss.given:
            if decide(condition, at) is False:
                raise UndefinedValueError(
                    f"{self.loss.name} is defined where {condition}",
                    found=str(at),
                    remedy="choose a point in its domain",
                )
        return certified_loss(self.loss).at(at)

    @property
    def largest(self) -> int | None:
        """The largest number of classes for which conditions can be had in time; None for any."""
        inputs = certified_loss(self.loss).conditions.inputs
        pairs = [given.pairs is not None for given in inputs if given.is_family]
        return None if all(pairs) else WHOLE


def intended_by(loss: Loss, values: Mapping[Any, Any]) -> Intended:
    """Return what a loss takes.

    Raises
    ------
    DeclarationError
        If a symbol of the loss has no value, or it has more than one target.
    """
    names = {str(f) for f in loss.value.atoms(IndexedBase)}
    free = prepare(loss.value).free_symbols
    symbols = [s for s in free if isinstance(s, Symbol) and str(s) not in names]
    labels = [s for s in symbols if is_index(s) and s != n]
    families = [f for f in loss.value.atoms(IndexedBase) if f != loss.wrt and f not in values]
    by_name = {str(s): s for s in symbols}
    known = {by_name.get(k, k) if isinstance(k, str) else k: v for k, v in values.items()}
    open_symbols = [s for s in symbols if s not in known and s not in labels and s != n]
    targets: list[Any] = [*(s for s in labels if s not in known), *families]
    if len(targets) > 1 or open_symbols:
        raise DeclarationError(
            "a loss that is audited has one target, and values for its other symbols",
            found=f"{', '.join(sorted(map(str, [*targets, *open_symbols])))} in {loss.name}",
            remedy="hand in values={symbol: number} for the others",
        )
    return Intended(loss, targets[0] if targets else None, known)


def is_exclusive(intended: Intended, point: AuditPoint) -> bool:
    """Tell whether the loss stays as it is when all logits are moved by one number.

    Its classes then exclude each other, as those of a softmax do, so that its targets sum to 1.
    Decided at one point: the derivatives sum to 0 to all digits, or they do not.
    """
    if intended.loss.wrt != z:
        return False
    found = intended.at(point)
    total = sum(found.gradient, arb(0))
    return bool(total.contains(0))


def can_be_masked(intended: Intended, point: AuditPoint) -> bool:
    """Tell whether a class whose logit goes to -infinity leaves the loss as if it were not there.

    Decided at one point with a logit of -2**14, to 100 bits.
    """
    if not isinstance(point.logits[-1], Fraction) or intended.loss.wrt != z or point.n < 3:
        return False
    far = AuditPoint((*point.logits[:-1], Fraction(-(2**14))), point.target)
    gone = AuditPoint((*point.logits[:-1], None), point.target)
    try:
        with_it, without = intended.at(far), intended.at(gone)
    except GradproofError:
        return False
    pairs = zip(with_it.gradient, without.gradient, strict=False)
    return all(abs(a - b) <= abs(b) / 2**100 for a, b in pairs)
