"""What runs an implementation: one protocol, whatever it is written in."""

from __future__ import annotations

from typing import Protocol

from .call import Answer, Call, Form, Returns
from .manners import Manner


class Runner(Protocol):
    """Something that calls an implementation and says what came of it.

    Attributes
    ----------
    framework
        ``"numpy"``, ``"torch"``, ``"jax"``, ``"keras"`` or ``"autograd"``.
    form
        How the implementation is declared to take its target.
    returns
        What it gives back; None until that is told or found out.
    manner
        How it is called with the logits of one sample; None until that is found out.
    target_first
        Whether it is called with the target before the logits.
    """

    framework: str
    form: Form
    target_first: bool

    @property
    def returns(self) -> Returns | None:
        """What it gives back."""

    @property
    def manner(self) -> Manner | None:
        """How it is called."""

    def run(self, call: Call) -> Answer:
        """Call the implementation once, and differentiate what it returns if that is a loss."""

    def interleaved(self, first: Call, second: Call) -> tuple[Answer, Answer]:
        """Return the answers to two calls that are both made before either is differentiated.

        The order is: first forward, second forward, first backward, second backward; a gradient
        function is called twice.
        """

    def run_in_place(self, first: Call, second: Call) -> Answer:
        """Return the answer to the second call, made with the arrays of the first.

        They are overwritten after the first call, except in JAX, whose arrays stay what they are.
        """
