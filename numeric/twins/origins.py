"""Equal numbers by equal origin: the same operation on the same numbers gives the same object.

Guarantees: two elements that are one object are one real number; nothing is said of others.
What the operations of a run make is remembered only from `REMEMBERING_BITS` on, where a comparison
has been left open before: most likely one of two numbers that are equal though not rational, such
as the softmax outputs of equal logits.
Not in a loose run, in which one constant may stand for several numbers.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from flint import arb, ctx, fmpq

from ..elements import Element
from .run import current_run

REMEMBERING_BITS = 512
"""The precision from which on origins are remembered."""


def shared(operation: Hashable, result: Element, *operands: Element) -> Element:
    """Return the object that this operation on these operands gave first.

    Parameters
    ----------
    operation
        A sign of arithmetic, or the function itself: two functions may have one name.
    result
        What it gave this time.
    operands
        What it was done to; for a commutative operation in any order.
    """
    if type(result) is not arb or ctx.prec < REMEMBERING_BITS:
        return result
    run = current_run()
    if run.loose:
        return result
    keys = [_key(operand) for operand in operands]
    if operation in _COMMUTATIVE:
        keys.sort(key=repr)
    # The operands are kept too, so that no other object takes the identity of one of them.
    found, *_ = run.origins.setdefault((operation, *keys), (result, operands))
    return found


def is_same(a: Element, b: Element) -> bool:
    """Tell whether two elements are one number for certain, because they are one object."""
    return a is b and type(a) is arb and ctx.prec >= REMEMBERING_BITS and not current_run().loose


_COMMUTATIVE = ("+", "*")


def _key(operand: Element) -> Any:
    return ("value", operand.p, operand.q) if type(operand) is fmpq else id(operand)
