"""Backpropagation through networks of every depth and width, by induction over the layers.

Guarantees: if every lemma is proved, what backpropagation computes is the derivative wherever no
hidden pre-activation is 0, for every loss that is differentiable in the logits.
The lemmas hold for a symbolic number of units and are proved by the normal form.
What a machine does not check here is the argument that joins them (`ARGUMENT`): the chain rule for
differentiable functions, and induction from the last layer to the first.

Notation: e and g errors, that is, derivatives of the loss by pre-activations; h activations, w the
weights into one unit, v the weights out of one unit, b a bias, c everything that does not depend on
the unit looked at, a its pre-activation.
"""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Max, sign
from sympy.logic.boolalg import Boolean

from ..symbolic.backward import RULES, LocalRules
from ..symbolic.calculus import LossTerm
from ..symbolic.printing import to_text
from ..symbolic.relations import Eq, Ne
from ..symbolic.vocabulary import class_sum, family, i, scalar
from .goals import Goal
from .identity import prove_identity

ARGUMENT = """\
Regard the loss as a function of the pre-activations of one layer, all later weights and biases held
fixed.
In the last layer they are the logits, and the errors are the derivatives by definition.
If the errors of a layer are the derivatives by its pre-activations, then by the chain rule and the
lemma on a hidden unit those of the layer below are too, where none of its pre-activations is 0:
each unit there enters the layer through its own ReLU alone.
A weight or a bias enters one pre-activation alone: the lemmas on it and the chain rule give the
derivative by it."""
"""The steps that join the lemmas."""

_e, _a, _b = scalar("e"), scalar("a"), scalar("b")
_w, _h, _g, _v, _c = (family(name) for name in "whgvc")


@dataclass(frozen=True, slots=True)
class Lemma:
    """One step of the induction: a name and an equation for every number of units."""

    name: str
    goal: Goal

    @property
    def text(self) -> str:
        """The equation, with its assumption."""
        given = ", ".join(map(to_text, self.goal.given))
        return to_text(self.goal.formula) + (f", if {given}" if given else "")

    @property
    def proved(self) -> bool:
        """Whether the normal form proves it."""
        return prove_identity(self.goal).proved


def lemmas(rules: LocalRules = RULES) -> tuple[Lemma, ...]:
    """Return the lemmas on the local rules of backpropagation; other rules must fail one."""
    unit = class_sum(lambda j: _w[j] * _h[j]) + _b
    through = class_sum(lambda k: _g[k] * LossTerm("", _c[k] + _v[k] * Max(0, _a), _a))
    received = class_sum(lambda k: rules.through(_v[k], _g[k]))
    return (
        _lemma(
            "a weight into a unit",
            Eq(_e * LossTerm("", unit, _w[i]), rules.weight(_e, _h[i])),
        ),
        _lemma("the bias of a unit", Eq(_e * LossTerm("", unit, _b), rules.bias(_e))),
        _lemma(
            "a hidden unit, below a layer of n units",
            Eq(through, rules.gate((1 + sign(_a)) / 2, received)),
            Ne(_a, 0),
        ),
    )


def _lemma(name: str, formula: Boolean, *given: Boolean) -> Lemma:
    return Lemma(name, Goal(formula, given))


def unproved(rules: LocalRules = RULES) -> list[Lemma]:
    """Return the lemmas that the normal form does not prove."""
    return [lemma for lemma in lemmas(rules) if not lemma.proved]
