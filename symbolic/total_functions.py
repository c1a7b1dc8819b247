"""Functions that have a real value at every real argument."""

from __future__ import annotations

from sympy import (
    Heaviside,
    KroneckerDelta,
    asinh,
    atan,
    besseli,
    besselj,
    cos,
    cosh,
    erf,
    erfc,
    sin,
    sinh,
    tanh,
)
from sympy.core.function import AppliedUndef, Function

_TOTAL = (sin, cos, sinh, cosh, tanh, asinh, atan, erf, erfc, Heaviside, KroneckerDelta)


def is_total(function: Function) -> bool:
    """Tell whether a function has a real value wherever its arguments are real.

    Of SymPy's functions the known ones have; an undefined function, and a class that declares
    itself real and finite or has a method ``_arb_``, has by declaration.
    """
    if isinstance(function, (besseli, besselj)):
        return bool(function.order.is_integer and function.order.is_nonnegative)
    kind = type(function)
    declared = kind.is_real is True and kind.is_finite is True
    own = declared or isinstance(function, AppliedUndef) or hasattr(function, "_arb_")
    return own or isinstance(function, _TOTAL)
