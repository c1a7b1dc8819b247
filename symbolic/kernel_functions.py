"""Functions kernels are made of: the wrapped Gaussian, a kernel left open, and unsimplified bounds.

Guarantees: the derivatives are again members of the same classes, so that differentiation stays
inside this module's formulas; `WrappedGaussian._arb_` encloses the value in balls (Arb's theta
functions, with their rigorous truncation bound), `WrappedGaussian._mpmath_` computes it in mpmath
without a bound.
A `KernelShape` has no numbers: it stands for every positive differentiable kernel at once, until
`gradproof.symbolic.kernel.instantiate` puts a kernel in its place.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import mpmath
import sympy
from sympy import Expr, Integer, nan, sympify
from sympy.core.function import ArgumentIndexError, Function

from .errors import DeclarationError


class _Held:
    """What is worked out for numbers only; otherwise its arguments stay as they are.

    SymPy compares and factors the arguments of `Max` and `Min` whenever an expression around them
    is rebuilt: most of the time spent on kernels with compact support, for nothing.
    """

    __slots__ = ()

    _of_numbers: type

    def __new__(cls, *given: Any, evaluate: bool = True) -> Expr:
        args = [sympify(a) for a in given]
        numbers = [a for a in args if not a.free_symbols]
        if any(a is nan or a.is_extended_real is False for a in numbers):
            return nan  # an argument with no value, such as 1/0: SymPy would raise an error
        compared = evaluate and len(numbers) == len(args) and all(a.is_comparable for a in args)
        if not compared:
            return super().__new__(cls, *args, evaluate=False)  # type: ignore[call-arg]
        # SymPy asks which of its two classes it is in, so that a subclass gets wrong values.
        return cls._of_numbers(*args)


class Max(_Held, sympy.Max):
    """The greatest of its arguments, not compared before they are numbers."""

    _of_numbers = sympy.Max


class Min(_Held, sympy.Min):
    """The least of its arguments, not compared before they are numbers."""

    _of_numbers = sympy.Min


class _Derivatives(Function):
    """A function that carries the order of its derivative as first argument."""

    is_real = True
    is_finite = True

    @classmethod
    def eval(cls, order: Expr, *_: Expr) -> None:
        """Refuse an order that is not a natural number; never rewrite anything."""
        if not (isinstance(order, Integer) and order >= 0):
            raise DeclarationError(
                "the order of a derivative is a natural number",
                found=order,
                remedy=f"write {cls.__name__}(0, ...) and differentiate it with diff()",
            )

    @property
    def order(self) -> int:
        """How often the function is differentiated."""
        return int(self.args[0])

    def _eval_is_positive(self) -> bool | None:
        return True if self.order == 0 else None


class KernelShape(_Derivatives):
    """A positive, infinitely differentiable kernel ``K(argument)`` that is left open.

    Arguments: the order of the derivative and the argument.

    >>> from gradproof.symbolic import scalar
    >>> t = scalar("t")
    >>> KernelShape(0, t), KernelShape(0, 2 * t).diff(t)
    (K(t), 2*K'(2*t))
    """

    nargs = 2

    def fdiff(self, argindex: int = 1) -> Expr:
        """Return the derivative by the argument."""
        if argindex != 2:
            raise ArgumentIndexError(self, argindex)
        return KernelShape(self.order + 1, self.args[1])

    def _sympystr(self, printer: Any) -> str:
        return f"K{chr(39) * self.order}({printer.doprint(self.args[1])})"

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        power = f"^{{{exp}}}" if exp else ""
        marks = r"\prime " * self.order
        head = f"K^{{{marks}}}" if marks else "K"
        return rf"{{{head}}}{power}\left({printer.doprint(self.args[1])}\right)"


class WrappedGaussian(_Derivatives):
    r"""The wrapped Gaussian times its period, ``sum_{k in Z} exp(-h^2 k^2 / 2) cos(k t)``.

    Arguments: the order r of the derivative by the angle, the angle t in radians, the bandwidth
    h > 0 in radians.

    Formula: ``theta_3(t/2, exp(-h^2/2))``, Jacobi's theta function (NIST Digital Library of
    Mathematical Functions, 20.2.3); by Poisson summation (20.7.32) also
    ``sqrt(2 pi)/h sum_{m in Z} exp(-(t + 2 pi m)^2 / (2 h^2))``.
    It solves the heat equation: the derivative by h is h times the second derivative by t.

    >>> from gradproof.symbolic import scalar
    >>> t, h = scalar("t"), scalar("h", positive=True)
    >>> WrappedGaussian(0, t, h).diff(t), WrappedGaussian(0, t, h).diff(h)
    (WrappedGaussian(1, t, h), h*WrappedGaussian(2, t, h))
    """

    nargs = 3

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        angle, bandwidth = (printer.doprint(a) for a in self.args[1:])
        marks = r"\prime " * self.order
        head = rf"\Theta_{{{bandwidth}}}^{{{marks}}}" if marks else rf"\Theta_{{{bandwidth}}}"
        power = f"^{{{exp}}}" if exp else ""
        return rf"{{{head}}}{power}\left({angle}\right)"

    def fdiff(self, argindex: int = 1) -> Expr:
        """Return the derivative by the angle or by the bandwidth."""
        _, angle, bandwidth = self.args
        if argindex == 2:
            return WrappedGaussian(self.order + 1, angle, bandwidth)
        if argindex == 3:
            return bandwidth * WrappedGaussian(self.order + 2, angle, bandwidth)
        raise ArgumentIndexError(self, argindex)

    def _arb_(self, args: Sequence[Any]) -> Any:
        """Return an enclosure of the value.

        Parameters
        ----------
        args
            The values of the three arguments as python-flint elements; the first is not used, the
            order being exact in the expression. The angle may be real or complex, or a Taylor
            series of either (`arb_series`, `acb_series`), and the value is of the same kind.
            A bandwidth that is not known to be positive, or is a series, gives a value that is not
            finite.
        """
        from .theta_balls import enclose  # the only place where a formula needs python-flint

        return enclose(self.order, args[1], args[2])

    def _mpmath_(self, args: Sequence[Any]) -> Any:
        """Return the value in mpmath's working precision; `args` as for `_arb_`, as `mpf`."""
        return wrapped_gaussian_value(self.order, *args[1:])

    def _eval_mpmath(self) -> tuple[Any, tuple[Expr, ...]]:
        return wrapped_gaussian_value, self.args


def wrapped_gaussian_value(order: Any, angle: Any, bandwidth: Any) -> Any:
    """Return `WrappedGaussian` in mpmath's working precision.

    Wide kernels are summed by frequencies (`mpmath.jtheta`), narrow ones by turns: there the
    frequencies cancel, and jtheta has no correct digit left between two images.
    """
    order, angle, bandwidth = int(order), mpmath.mpf(angle), mpmath.mpf(bandwidth)
    if bandwidth >= 1:
        nome = mpmath.exp(-(bandwidth**2) / 2)
        return mpmath.jtheta(3, angle / 2, nome, derivative=order) / mpmath.mpf(2) ** order
    turn = 2 * mpmath.pi
    angle -= turn * mpmath.nint(angle / turn)
    # beyond this many turns every term is below the last digit of the nearest one
    reach = bandwidth * mpmath.sqrt(2 * (mpmath.mp.prec + 10) + 40 * order)
    turns = int(mpmath.ceil((reach + mpmath.pi) / turn)) + 1
    total = mpmath.fsum(
        _gaussian_derivative(order, (angle + turn * turn_count) / bandwidth)
        for turn_count in range(-turns, turns + 1)
    )
    return total * mpmath.sqrt(turn) / bandwidth / (-bandwidth) ** order


def _gaussian_derivative(order: int, u: Any) -> Any:
    """Return ``He_r(u) exp(-u^2/2)``, the r-th derivative of exp(-u^2/2) times (-1)^r."""
    before, hermite = mpmath.mpf(0), mpmath.mpf(1)
    for degree in range(order):
        before, hermite = hermite, u * hermite - degree * before
    return hermite * mpmath.exp(-(u**2) / 2)
