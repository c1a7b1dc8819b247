"""Relations that stay as written: SymPy's own, built without evaluation.

Guarantees: `Eq(a, b)` is a formula with the sides `a` and `b`, even where SymPy would answer
True, False, or exchange the sides.
"""

from __future__ import annotations

from typing import Any

import sympy
from sympy import sympify


def Eq(left: Any, right: Any) -> sympy.Eq:
    """Return the formula ``left = right``."""
    return sympy.Eq(sympify(left), sympify(right), evaluate=False)


def Ne(left: Any, right: Any) -> sympy.Ne:
    """Return the formula ``left != right``."""
    return sympy.Ne(sympify(left), sympify(right), evaluate=False)


def Le(left: Any, right: Any) -> sympy.Le:
    """Return the formula ``left <= right``."""
    return sympy.Le(sympify(left), sympify(right), evaluate=False)


def Lt(left: Any, right: Any) -> sympy.Lt:
    """Return the formula ``left < right``."""
    return sympy.Lt(sympify(left), sympify(right), evaluate=False)


def Ge(left: Any, right: Any) -> sympy.Ge:
    """Return the formula ``left >= right``."""
    return sympy.Ge(sympify(left), sympify(right), evaluate=False)


def Gt(left: Any, right: Any) -> sympy.Gt:
    """Return the formula ``left > right``."""
    return sympy.Gt(sympify(left), sympify(right), evaluate=False)
