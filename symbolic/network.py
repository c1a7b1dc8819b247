r"""The statement that backpropagation through a ReLU network gives the derivative of a loss.

Guarantees: a `Backpropagation` is only a formula; nothing here proves or evaluates it.

What it says: in a fully connected network with ReLUs between its layers, biases, and a last layer
whose pre-activations are the logits, every derivative by a weight or bias that backpropagation
computes (`gradproof.symbolic.backward.RULES`) is the derivative of the loss, for all weights,
biases, inputs and targets at which no pre-activation of a hidden unit is 0.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sympy import Integer, Rational, Tuple, true
from sympy.core.basic import Basic
from sympy.logic.boolalg import BooleanFunction

from .calculus import LossTerm
from .errors import DeclarationError
from .loss import Loss
from .network_point import NetworkPoint, spell_widths
from .vocabulary import z


class Backpropagation(BooleanFunction):
    """Backpropagation gives the derivative of a loss by every weight and bias of ReLU networks.

    Arguments: the loss as a `LossTerm`, where the loss is defined, the widths of the network, and
    the exact network and sample the statement is about; ``true`` stands for no condition, for every
    depth and width, and for all weights and samples.
    """

    @classmethod
    def eval(cls, *args: Basic) -> None:
        """Keep the statement as written."""

    @property
    def loss(self) -> Loss:
        """The loss, with its name, its value and its domain."""
        term = self.args[0]
        return Loss(term.name, term.value, _parts(self.args[1]))

    @property
    def widths(self) -> tuple[int, ...]:
        """The inputs, the units of each hidden layer, the classes; empty for all networks."""
        return tuple(map(int, _parts(self.args[2])))

    @property
    def point(self) -> NetworkPoint | None:
        """The exact network and sample, if the statement is about one."""
        held = _parts(self.args[3])
        return NetworkPoint(*held) if held else None

    def words(self) -> str:
        """Return in words which networks the statement is about."""
        if not self.widths:
            return "ReLU networks of any depth and width"
        several = "a ReLU network" if self.point is not None else "ReLU networks"
        return f"{several} {spell_widths(self.widths)}"

    def _sympystr(self, printer: Any) -> str:
        name = printer._print(self.args[0])
        above = "Σ_k W^(l+1)_ki e^(l+1)_k"
        return (
            f"∂{name}/∂W^l_ij = e^l_i h^(l-1)_j and ∂{name}/∂b^l_i = e^l_i, "
            f"with e_i = ∂{name}/∂z_i in the last layer and e^l_i = [a^l_i > 0] {above} below it, "
            f"in {self.words()}{self._domain()}"
        )

    def _latex(self, printer: Any) -> str:
        name = printer._print(self.args[0])
        equations = (
            rf"\frac{{\partial {name}}}{{\partial W^{{l}}_{{ij}}}} = e^{{l}}_{{i}} h^{{l-1}}_{{j}}",
            rf"\frac{{\partial {name}}}{{\partial b^{{l}}_{{i}}}} = e^{{l}}_{{i}}",
            r"e^{l}_{i} = [a^{l}_{i} > 0] \sum_{k} W^{l+1}_{ki} e^{l+1}_{k}",
            rf"e^{{L}}_{{i}} = \frac{{\partial {name}}}{{\partial z_{{i}}}}",
        )
        return rf"{', '.join(equations)} \text{{ in {self.words()}{self._domain()}}}"

    def _domain(self) -> str:
        if self.point is not None:
            return " with given weights and sample"
        return " where no hidden pre-activation is 0"


def backpropagation(
    loss: Loss, widths: Iterable[int] = (), *, at: NetworkPoint | None = None
) -> Backpropagation:
    """Return the statement that backpropagation gives the derivative of `loss`.

    Parameters
    ----------
    loss
        A loss of the logits `z`.
    widths
        The number of inputs, the number of units of each hidden layer, the number of classes; left
        out, the statement is about networks of every depth and every width.
    at
        One exact network and sample, where the statement is about a single instance.

    Raises
    ------
    DeclarationError
        If the loss is not one of the logits, or the widths are not two or more positive integers,
        or are not those of `at`.

    >>> from gradproof.symbolic.losses import quadratic
    >>> backpropagation(quadratic, (2, 3, 2)).words()
    'ReLU networks 2-3-2'
    """
    if loss.wrt != z:
        raise DeclarationError(
            "the last layer of a network gives the logits z",
            found=f"{loss.name!r}, a loss of {loss.wrt}",
            remedy="declare the loss as a function of the logits",
        )
    found = tuple(widths) or (() if at is None else at.widths)
    if found and (len(found) < 2 or any(w < 1 or w != int(w) for w in found)):
        raise DeclarationError(
            "a network has the widths (inputs, hidden units ..., classes), each at least 1",
            found=found,
            remedy="write widths such as (2, 3, 2), or none for every network",
        )
    if at is not None and found != at.widths:
        raise DeclarationError(
            "a network has the widths that its weights have",
            found=f"{found} for weights of {at.widths}",
            remedy="leave the widths out: they follow from the network",
        )
    return Backpropagation(
        LossTerm(loss.name, loss.value),
        _held(loss.given),
        _held(tuple(map(Integer, found))),
        true if at is None else _tuples((at.weights, at.biases, at.input, at.target)),
    )


def _held(parts: tuple[Basic, ...]) -> Basic:
    return Tuple(*parts) if parts else true


def _parts(held: Basic) -> tuple[Basic, ...]:
    return () if held is true else tuple(held)


def _tuples(value: Any) -> Basic:
    """Return numbers as a SymPy object, so that statements about them compare and travel."""
    if isinstance(value, tuple):
        return Tuple(*map(_tuples, value))
    return Rational(value.numerator, value.denominator)
