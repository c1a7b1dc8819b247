"""Existence statements: some values of chosen variables, whatever the other variables are.

Guarantees: an `Exists` is only a formula; nothing here evaluates it.
The assumptions of a claim speak of the variables inside: "there is a c with F" under the assumption
A says that there is a c such that F holds for all values of the other variables that satisfy A.
An assumption about a chosen variable restricts the choice.
"""

from __future__ import annotations

from collections.abc import Iterable

from sympy import Expr, IndexedBase, Symbol, Tuple
from sympy.core.basic import Basic
from sympy.logic.boolalg import Boolean, BooleanFunction

from .errors import DeclarationError


class Exists(BooleanFunction):
    """There are values of the chosen variables such that a formula holds for all the rest.

    Arguments: the formula, and the chosen variables (scalars, indices, sizes or whole families).
    The chosen values depend on nothing else: every other variable of the formula is universally
    quantified inside.
    """

    @classmethod
    def eval(cls, *args: Basic) -> None:
        """Keep the statement as written."""

    @property
    def formula(self) -> Boolean:
        """The formula that shall hold."""
        return self.args[0]

    @property
    def chosen(self) -> tuple[Expr, ...]:
        """The variables whose values may be chosen."""
        return tuple(self.args[1:])

    @property
    def free_symbols(self) -> set[Expr]:
        """The symbols of the formula that are not chosen."""
        chosen = Tuple(*self.chosen).free_symbols | set(self.chosen)
        return self.formula.free_symbols - chosen


def exists(chosen: Expr | IndexedBase | Iterable[Expr | IndexedBase], formula: Boolean) -> Exists:
    """Return the statement that some values of `chosen` make `formula` hold for all else.

    Parameters
    ----------
    chosen
        One variable or several: scalars (a positive constant is ``scalar("c", positive=True)``),
        class indices, the number of classes `n`, or whole families such as the logits `z`.
    formula
        What shall hold for every value of the variables that are not chosen.

    Raises
    ------
    DeclarationError
        If something chosen is no variable of the formula.

    >>> from gradproof.symbolic import Gt, S, n, scalar, y, z
    >>> c = scalar("c", positive=True)
    >>> exists(c, Gt(S(y), c)).chosen
    (c,)
    """
    several = (chosen,) if isinstance(chosen, (Symbol, IndexedBase)) else tuple(chosen)
    for one in several:
        if not isinstance(one, (Symbol, IndexedBase)) or not formula.has(one):
            raise DeclarationError(
                "what an existence statement chooses is a variable of its formula",
                found=str(one),
                remedy="choose scalars, indices, sizes or families that occur in the formula",
            )
    return Exists(formula, *several)
