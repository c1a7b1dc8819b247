"""The numbers formulas are evaluated in, and the operations on them that need care.

One evaluator serves five kinds of element, told apart by type as they meet:
`fmpq` (an exact rational, kept exact as long as the operations allow it), `arb` (a real ball),
`acb` (a complex ball, inside integrals), `arb_series` and `acb_series` (truncated Taylor series in
balls, for derivatives).
A value that is not a series does not depend on the variable of differentiation at all.

Guarantees: each operation encloses the true result at the working precision of python-flint's
context, or gives a non-finite element; none gives a finite wrong one.
Whether a non-finite element means "undefined" or "not enough precision" is judged elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from typing import Any, TypeAlias

from flint import acb, acb_series, arb, arb_series, ctx, fmpq

Element: TypeAlias = Any
"""An fmpq, arb, acb, arb_series or acb_series."""

ZERO = fmpq(0)
ONE = fmpq(1)
NAN = arb("nan")

SERIES = (arb_series, acb_series)
"""The types of Taylor series."""

REAL = (arb, fmpq)
"""The types of real constants."""

COMPLEX = (acb, acb_series)
"""The types of what depends on the running variable of an integral."""

EXACT_BITS = 4096
"""Rationals with larger numerators or denominators are continued as balls."""


@contextmanager
def working_precision(bits: int) -> Iterator[None]:
    """Compute with `bits` bits inside the block; what was set before is restored on any exit."""
    cap = ctx.cap
    try:
        with ctx.workprec(bits):
            ctx.cap = max(cap, 10)
            yield
    finally:
        ctx.cap = cap


def rational(value: int | Fraction) -> fmpq:
    """Return an int or Fraction as an exact element."""
    return fmpq(value.numerator, value.denominator)


def fraction(value: Any) -> Fraction:
    """Return an exact element (an fmpq, or an arb without radius) as a Fraction."""
    exact = value if isinstance(value, fmpq) else value.fmpq()
    return Fraction(int(exact.p), int(exact.q))


def is_series(value: Element) -> bool:
    """Tell whether `value` is a Taylor series."""
    return isinstance(value, SERIES)


def constant(value: Element) -> Element:
    """Return the constant term of a series; any other element is its own."""
    return value[0] if is_series(value) else value


def is_complex(value: Element) -> bool:
    """Tell whether `value` depends on the running variable of an integral."""
    return isinstance(value, COMPLEX)


def is_finite(value: Element) -> bool:
    """Tell whether every part of `value` is finite."""
    if isinstance(value, fmpq):
        return True
    if is_series(value):
        return all(value[k].is_finite() for k in range(value.prec))
    return bool(value.is_finite())


def sign(value: Element) -> int | None:
    """Return 1, -1, or 0 for an exact zero; None where the ball decides none, or is complex."""
    value = constant(value)
    if isinstance(value, fmpq):
        return (value > 0) - (value < 0)
    if isinstance(value, acb) or not value.is_finite():
        return None
    if value.is_zero():
        return 0
    if value > 0:
        return 1
    return -1 if value < 0 else None


def to_ball(value: Element) -> arb:
    """Return a real constant as an arb at the working precision."""
    return value if isinstance(value, arb) else arb(value)


def nan_like(value: Element) -> Element:
    """Return a non-finite element of the kind of `value`."""
    if is_series(value):
        return type(value)([NAN] * value.prec, prec=value.prec)
    return acb(NAN) if isinstance(value, acb) else NAN


def shorten(value: Element) -> Element:
    """Return `value`, as a ball if it is a rational too long to be worth keeping exact."""
    if isinstance(value, fmpq) and value.height_bits() > EXACT_BITS:
        return arb(value)
    return value


def multiply(a: Element, b: Element) -> Element:
    """Return ``a * b``, non-finite if either factor is."""
    # A series that is exactly 0 would otherwise swallow a nan: python-flint skips empty products.
    for factor in (a, b):
        if isinstance(factor, SERIES) and not (is_finite(a) and is_finite(b)):
            return nan_like(factor)
    return a * b


def inverse(value: Element) -> Element:
    """Return ``1 / value``, non-finite if `value` may be 0."""
    if isinstance(value, fmpq) and value == 0:
        return NAN
    if is_series(value) and (_may_vanish(value[0]) or not is_finite(value)):
        return nan_like(value)
    return ONE / value


def divide(a: Element, b: Element) -> Element:
    """Return ``a / b``, non-finite if `b` may be 0."""
    if isinstance(a, fmpq) and isinstance(b, fmpq) and b != 0:
        return a / b
    return multiply(a, inverse(b))


def _may_vanish(value: arb | acb) -> bool:
    return not value.is_finite() or bool(value.contains(0))


def integer_power(base: Element, exponent: int) -> Element:
    """Return ``base ** exponent`` for an integer exponent; ``base ** 0`` is 1."""
    if exponent < 0:
        return inverse(integer_power(base, -exponent))
    if isinstance(base, fmpq):
        return (
            base**exponent if base.height_bits() * exponent <= EXACT_BITS else arb(base) ** exponent
        )
    if isinstance(base, arb) and base.mid().is_zero():
        # python-flint's real power is nan for a ball around 0; the complex one is not.
        return (acb(base) ** exponent).real
    return base**exponent


def real_power(base: Element, exponent: Element, analytic: bool) -> Element:
    """Return ``base ** exponent`` for a base >= 0, by ``exp(exponent * log(base))`` off 0."""
    if isinstance(exponent, fmpq) and exponent.q == 2:
        return integer_power(sqrt(base, analytic), int(exponent.p))
    if sign(base) == 0 and not is_complex(base) and not is_series(base):
        power = sign(exponent)
        return ZERO if power == 1 else ONE if power == 0 else NAN
    if not is_series(exponent) and isinstance(base, REAL) and not is_complex(exponent):
        return to_ball(base) ** to_ball(exponent)
    return exp(multiply(exponent, log(base, analytic)))


def exp(value: Element) -> Element:
    """Return the exponential; exactly 1 at an exact 0."""
    if isinstance(value, fmpq):
        return ONE if value == 0 else arb(value).exp()
    return value.exp()


def log(value: Element, analytic: bool = False) -> Element:
    """Return the natural logarithm; non-finite unless the argument is certainly positive.

    Inside an integral the argument may be complex, off the cut along the negative reals.
    """
    if isinstance(value, fmpq):
        return ZERO if value == 1 else arb(value).log()
    if isinstance(value, acb):
        # On the real line a logarithm needs a positive argument; only off it, where the integrator
        # asks for an analytic continuation, does the complex logarithm make sense.
        return value.log(analytic=True) if analytic or value.real > 0 else acb(NAN)
    if isinstance(value, acb_series) and not value[0].log(analytic=True).is_finite():
        return nan_like(value)
    if isinstance(value, arb_series) and not value[0] > 0:
        return nan_like(value)
    return value.log()


def sqrt(value: Element, analytic: bool = False) -> Element:
    """Return the square root; exact for squares of rationals, non-finite below 0."""
    if isinstance(value, fmpq):
        return value.sqrt() if _is_square(value) else arb(value).sqrt()
    if isinstance(value, acb):
        return acb(NAN) if not analytic and value.real < 0 else value.sqrt(analytic=analytic)
    if isinstance(value, acb_series) and not value[0].log(analytic=True).is_finite():
        return nan_like(value)
    if isinstance(value, arb_series) and not value[0] > 0:
        return nan_like(value)
    return value.sqrt()


def _is_square(value: fmpq) -> bool:
    return value >= 0 and bool(value.p.is_square()) and bool(value.q.is_square())


def _sinh(value: Element) -> Element:
    return value.sinh() if not is_series(value) else (value.exp() - (-value).exp()) / 2


def _cosh(value: Element) -> Element:
    return value.cosh() if not is_series(value) else (value.exp() + (-value).exp()) / 2


def _tanh(value: Element) -> Element:
    return value.tanh() if not is_series(value) else divide(_sinh(value), _cosh(value))


def _tan(value: Element) -> Element:
    return value.tan() if not is_series(value) else divide(value.sin(), value.cos())


def _atan(value: Element) -> Element:
    centre = constant(value)
    if isinstance(centre, acb) and not (abs(centre.imag) < 1 or centre.real != 0):
        return nan_like(value)
    return value.atan()


def _acos(value: Element) -> Element:
    centre = constant(value)
    inside = abs(centre.real) < 1
    if isinstance(centre, acb) and not (inside or centre.imag != 0):
        return nan_like(value)
    if isinstance(value, arb_series) and not inside:
        return nan_like(value)
    return arb.pi() / 2 - _asin_series(value) if isinstance(value, acb_series) else value.acos()


def _asin_series(value: acb_series) -> Element:
    return _atan(divide(value, sqrt(1 - value * value, True)))


ENTIRE: dict[str, Callable[[Element], Element]] = {
    "sin": lambda v: v.sin(),
    "cos": lambda v: v.cos(),
    "sinh": _sinh,
    "cosh": _cosh,
    "tanh": _tanh,
    "tan": _tan,
    "erf": lambda v: v.erf(),
    "atan": _atan,
    "acos": _acos,
}
"""Functions of one argument by SymPy name; none takes an exact rational."""


def apply_named(name: str, value: Element) -> Element:
    """Return the function of `ENTIRE` called `name` at `value`."""
    return ENTIRE[name](arb(value) if isinstance(value, fmpq) else value)


def bessel_i(order: int, value: Element) -> Element:
    """Return the modified Bessel function ``I_order`` for an integer order (entire)."""
    value = arb(value) if isinstance(value, fmpq) else value
    if not is_series(value):
        return value.bessel_i(type(value)(order))
    if value.prec > 3:
        return nan_like(value)
    centre = value[0]
    shift = type(value)([0, *(value[k] for k in range(1, value.prec))], prec=value.prec)
    at = {m: centre.bessel_i(type(centre)(m)) for m in range(order - 2, order + 3)}
    slope = (at[order - 1] + at[order + 1]) / 2
    curve = (at[order - 2] + 2 * at[order] + at[order + 2]) / 4
    # Two derivatives: I' = (I_{m-1} + I_{m+1}) / 2, applied twice.
    return at[order] + slope * shift + curve * shift * shift / 2


def union(values: list[Element]) -> Element:
    """Return a real ball that holds every one of `values`."""
    result = to_ball(values[0])
    for value in values[1:]:
        result = result.union(to_ball(value))
    return result
