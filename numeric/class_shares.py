"""A softmax over all classes, and what it hands back.

Guarantees: every number is a ball that holds the true one; nothing is used but that the shares sum
to 1.
Where a share is near 1 its distance to 1 is the sum of the others, so that no digits are lost.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flint import arb

from .columns import Column
from .vectors import Vector


@dataclass(frozen=True)
class Shares:
    """A softmax, by the exponentials and their total.

    Attributes
    ----------
    powers
        The exponentials of the logits.
    logits
        The logits, or the exponentials where the logits are not at hand as one vector.
    """

    powers: Vector
    logits: Vector

    @classmethod
    def of(cls, logits: Column, apart: Iterable[int] = (), *, whole: bool = True) -> Shares:
        """Return the softmax of a column.

        Parameters
        ----------
        logits
            The logits.
        apart
            Classes that will be asked for by themselves.
        whole
            Whether the shares of all classes will be asked for.
        """
        powers = logits.mapped(arb.exp).dense()
        alone = not logits.patches and len(logits.terms) == 1
        own = [vector for vector, factor in logits.terms.items() if alone and factor > 0]
        shares = cls(powers, next(iter(own), powers))
        powers.set_apart(frozenset([*apart, *([shares.leading] if whole else [])]))
        return shares

    @property
    def leading(self) -> int:
        """The class of the largest logit; if any has more than half of the total, it is that."""
        return self.logits.largest

    @property
    def total(self) -> arb:
        """The sum of the exponentials."""
        return self.powers.sum_but()

    @property
    def size(self) -> int:
        """The number of classes."""
        return self.powers.size

    @property
    def column(self) -> Column:
        """The shares."""
        return Column(self.powers.size, None, {self.powers: 1 / self.total})

    def rest(self, place: int) -> arb:
        """Return 1 minus the share of a class: the shares of all others."""
        return self.powers.sum_but(frozenset({place})) / self.total

    def rests(self) -> Column:
        """Return 1 minus the share of every class."""
        total, lead = self.total, self.leading
        base = Vector(self.powers.size, balls=list(map(total.__sub__, self.powers.balls)))
        return Column(self.powers.size, None, {base: 1 / total}, {lead: self.rest(lead)})

    def log(self, place: int) -> arb:
        """Return the logarithm of the share of a class: near 1 by its distance to 1."""
        share = self.powers[place] / self.total
        return (-self.rest(place)).log1p() if share > 0.5 else share.log()

    def pulled(self, adjoint: Column) -> Column:
        """Return the adjoint of the logits from that of the shares: ``S_i (a_i - sum_j S_j a_j)``.

        Where a class has a number of its own, or leads, it is ``S_i (a_i (1 - S_i) - sum of the
        others)``, in which nothing cancels that does not have to.
        """
        shares = self.column
        weighted = shares.by(adjoint)
        patches = {
            k: shares.at(k) * (adjoint.at(k) * self.rest(k) - weighted.without({k}))
            for k in self._apart(adjoint)
        }
        return weighted.plus(shares.times(-weighted.total())).with_patches(patches)

    def pulled_by_logs(self, adjoint: Column) -> Column:
        """Return the adjoint of the logits from that of the logarithms: ``a_i - S_i sum_j a_j``."""
        shares = self.column
        patches = {
            k: adjoint.at(k) * self.rest(k) - shares.at(k) * adjoint.without({k})
            for k in self._apart(adjoint)
        }
        return adjoint.plus(shares.times(-adjoint.total())).with_patches(patches)

    def _apart(self, adjoint: Column) -> set[int]:
        """Return the classes to be computed by themselves."""
        return {*adjoint.patches, *([] if adjoint.is_sparse else [self.leading])}
