"""Facts that bound an absolute value or an extreme, as facts without it.

Guarantees: the quantities returned are all nonnegative (all positive) exactly where the one given
is, wherever it is defined.
"""

from __future__ import annotations

from sympy import Abs, Add, Expr, Max, Min, Mul

_MANY = 8
"""How many facts one may become."""


def without_extremes(gap: Expr) -> list[Expr]:
    """Write ``b - c |a|``, where ``c >= 0``, as ``b - c a`` and ``b + c a``; extremes likewise.

    >>> from sympy import symbols
    >>> a, b = symbols("a b", real=True)
    >>> without_extremes(b - 2 * Abs(a))
    [-2*a + b, 2*a + b]
    >>> without_extremes(b + Min(a, 1))
    [b + 1, a + b]
    >>> without_extremes(Abs(a) - b)
    [-b + Abs(a)]
    """
    found: list[Expr] = []
    open_ones = [gap.expand()]
    while open_ones:
        one = open_ones.pop()
        instead = _alternatives(one)
        if instead and len(found) + len(open_ones) + len(instead) <= _MANY:
            open_ones += reversed(instead)
        else:
            found.append(one)
    return found


def _alternatives(gap: Expr) -> list[Expr]:
    for term in Add.make_args(gap):
        for atom in Mul.make_args(term):
            if not isinstance(atom, (Abs, Max, Min)):
                continue
            factor = term / atom
            sides = [atom.args[0], -atom.args[0]] if isinstance(atom, Abs) else list(atom.args)
            if factor.is_nonnegative if isinstance(atom, Min) else factor.is_nonpositive:
                return [(gap - term + factor * side).expand() for side in sides]
    return []
