"""Limits as terms of a statement, and their reduction to one scalar that grows without bound.

Guarantees: a `LimitTerm` is only a name for a limit and is never evaluated by itself; `along`
returns an expression in a positive scalar t whose limit for t → ∞ is the limit meant.
What it cannot see: whether the limit exists; that is the work of a prover.
"""

from __future__ import annotations

from sympy import Expr, Symbol, Tuple, oo, sympify
from sympy.core.symbol import Str
from sympy.tensor.indexed import Indexed

from .class_sums import replace_free, substitute_family
from .errors import DeclarationError
from .vocabulary import delta, n

_SIDES = ("+", "-")


class LimitTerm(Expr):
    """The limit of an expression as one variable goes to a target.

    Arguments: the expression, the variable (a scalar, or a member such as ``z[y]``), the target (a
    number, an expression without the variable, ``oo`` or ``-oo``), and the side a finite target is
    approached from, ``"+"`` or ``"-"``.
    ``Eq(limit(...), oo)`` states that the expression grows beyond every bound.
    """

    is_commutative = True
    is_extended_real = True

    def __new__(cls, body: Expr, variable: Expr, target: Expr, side: str | Str = "+") -> LimitTerm:
        """Return the limit of `body` as `variable` goes to `target`."""
        named = side if isinstance(side, Str) else Str(side)
        return Expr.__new__(cls, sympify(body), variable, sympify(target), named)

    @property
    def body(self) -> Expr:
        """The expression whose limit is meant."""
        return self.args[0]

    @property
    def variable(self) -> Expr:
        """The variable that goes to its target."""
        return self.args[1]

    @property
    def target(self) -> Expr:
        """Where the variable goes."""
        return self.args[2]

    @property
    def side(self) -> str:
        """The side a finite target is approached from."""
        return str(self.args[3])

    @property
    def free_symbols(self) -> set[Expr]:
        """The symbols that the limit depends on; a scalar variable is bound, a member is not."""
        free = Tuple(*self.args[:3]).free_symbols
        return free - {self.variable} if isinstance(self.variable, Symbol) else free

    def along(self, t: Symbol) -> Expr:
        """Return `body` with the variable on its way, so that the limit is that for t → ∞.

        Parameters
        ----------
        t
            A positive symbol that occurs nowhere else (for a variable that counts, such as a
            number of bins, an integer one).
        """
        if self.target == oo:
            place: Expr = t
        elif self.target == -oo:
            place = -t
        else:
            place = self.target + (1 / t if self.side == "+" else -1 / t)
        if isinstance(self.variable, Symbol):
            return replace_free(self.body, {self.variable: place})
        base, (member,) = self.variable.base, self.variable.indices
        return substitute_family(
            self.body, base, lambda a: base[a] + delta(a, member) * (place - base[member])
        )


def limit(body: Expr, variable: Expr, target: Expr, side: str = "+") -> LimitTerm:
    """Return the limit of `body` as `variable` goes to `target`, for use in a statement.

    Parameters
    ----------
    body
        A class-sum expression.
    variable
        A scalar such as a temperature, or a member of a family such as ``z[y]``; all else is held
        fixed.
    target
        ``oo``, ``-oo``, or an expression that does not hold the variable.
    side
        From which side a finite target is approached: ``"+"`` from above, ``"-"`` from below.

    Raises
    ------
    DeclarationError
        If the variable is none, the target depends on it, or the side is unknown.

    >>> from sympy import oo
    >>> from gradproof.symbolic import S, y, z
    >>> limit(S(y), z[y], oo)
    LimitTerm(Softmax(y, z[_]), z[y], oo, +)
    """
    if not isinstance(variable, Indexed) and (not isinstance(variable, Symbol) or variable == n):
        raise DeclarationError(
            "a limit is taken in a scalar or in a member of a family",
            found=str(variable),
            remedy="name one variable, such as z[y] or a temperature",
        )
    if sympify(target).has(variable):
        raise DeclarationError(
            "the target of a limit does not depend on its variable",
            found=str(target),
            remedy="give a number, oo or -oo",
        )
    if side not in _SIDES:
        raise DeclarationError(
            "a side is '+' (from above) or '-' (from below)",
            found=repr(side),
            remedy="correct side=",
        )
    return LimitTerm(sympify(body), variable, target, side)
