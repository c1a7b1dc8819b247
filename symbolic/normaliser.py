"""The normal form of class-sum expressions: equality for every number of classes.

Guarantees: `Normaliser.of` returns a fraction equal to the expression wherever the expression is
defined, for every number of classes, all named classes being distinct.
Arithmetic is exact and rational (`field`).
The steps are: exponentials and logarithms of products become products and sums, a class sum is
split into partial fractions and monomials of its running class, factors without the running class
leave the sum, and each remaining sum becomes an atom under a canonical name.
What it cannot see: relations between atoms beyond those stored (roots, absolute values, sine and
cosine), so an expression that does not reduce to zero is not thereby shown different from zero.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sympy import (
    Abs,
    Add,
    Dummy,
    Expr,
    Integer,
    Integral,
    Max,
    Min,
    Mul,
    NumberSymbol,
    Piecewise,
    Pow,
    Rational,
    Sum,
    Symbol,
    Tuple,
    cos,
    exp,
    log,
    sign,
    sin,
)
from sympy.core.function import Function
from sympy.tensor.indexed import Indexed

from . import moduli, powers
from .errors import UnsupportedError
from .field import Field, Fraction, Poly
from .integral_paths import IntegralPaths, integral_of_power, power_of, sum_of_powers
from .partial_fractions import has_gaps, split
from .sign_rules import Sign
from .total_functions import is_total
from .vocabulary import bound, bound_level


class Normaliser:
    """Brings delta-free, softmax-free expressions of one case to fractions in one field.

    Parameters
    ----------
    rewrite
        Atoms that the assumptions fix, such as ``Sum(p[_1]) -> 1``.
    sign_of
        Says the sign of a polynomial of the field, or None; used only where an absolute value, a
        root, a logarithm's exponential or a branch depends on it.
    restricted
        Whether assumptions keep the variables to a part of their domain. There what holds where a
        quantity is not 0 need not hold where it is, so that terms of sums are divided only by
        what is known not to be 0.
    everywhere
        Puts the families that assumptions fix at every class into an expression.
    """

    def __init__(
        self,
        rewrite: Mapping[Expr, Expr] | None = None,
        sign_of: Callable[[Normaliser, Poly], Sign] | None = None,
        *,
        restricted: bool = False,
        everywhere: Callable[[Expr], Expr] = lambda expr: expr,
    ) -> None:
        self.field = Field()
        self.restricted, self.everywhere = restricted, everywhere
        self.rewrite = dict(rewrite or {})
        self._sign_of = sign_of or (lambda _normaliser, _poly: None)
        self._memo: dict[Expr, Fraction] = {}
        self._integrals = IntegralPaths()
        self.exponents: dict[int, tuple[Expr, int]] = {}
        """For each atom that is an exponential: its exponent, and the root taken of it."""
        self.arguments: dict[int, Poly] = {}
        """For each atom that is a logarithm: the polynomial inside."""
        self.sums: dict[int, tuple[Expr, Symbol, Expr]] = {}
        """For each atom that is a class sum: its term, running class and size."""
        self.nonzero: set[Expr] = set()
        """Irreducible factors that an assumption keeps from being zero."""

    def of(self, expr: Expr) -> Fraction:
        """Return the normal form of `expr`.

        Raises
        ------
        UnsupportedError
            If the expression contains something that is not a number-valued expression.
        """
        known = self._memo.get(expr)
        if known is None:
            known = self._normalise(expr)
            self._memo[expr] = known
        return known

    def sign(self, poly: Poly) -> Sign:
        """Return the sign of a polynomial of the field where it is known."""
        if poly.is_constant():
            value = poly.leading_coefficient() if not poly.is_zero() else 0
            return ">0" if value > 0 else "<0" if value < 0 else "==0"
        return self._sign_of(self, poly)

    def _normalise(self, expr: Expr) -> Fraction:
        if isinstance(expr, Rational):
            return self.field.constant(expr)
        if expr == exp(1):
            return powers.exponential(self, self.field.constant(1))
        if isinstance(expr, (Symbol, Indexed, NumberSymbol)):
            return self.atom(expr)
        if isinstance(expr, Add):
            return self._fold(expr.args, lambda a, b: a + b)
        if isinstance(expr, Mul):
            return self._fold(expr.args, lambda a, b: a * b)
        if isinstance(expr, exp):
            return powers.exponential(self, self.of(expr.args[0]))
        if isinstance(expr, Pow):
            return powers.power(self, expr.base, expr.exp)
        if isinstance(expr, log):
            return powers.logarithm(self, self.of(expr.args[0]))
        if isinstance(expr, Sum):
            return self._sum(expr)
        if isinstance(expr, Integral):
            return self._integral(expr)
        if isinstance(expr, Abs):
            return moduli.absolute(self, self.of(expr.args[0]))
        if isinstance(expr, sign):
            return moduli.sign_of(self, self.of(expr.args[0]))
        if isinstance(expr, (Max, Min)):
            return moduli.extreme(self, expr)
        if isinstance(expr, Piecewise):
            return moduli.branches(self, expr)
        if isinstance(expr, Function):
            return self._opaque(expr)
        raise UnsupportedError(
            "the normal form knows numbers, variables, functions, class sums and integrals",
            found=f"{type(expr).__name__}: {expr}",
            remedy="evaluate or rewrite this part of the statement",
        )

    def _fold(self, args: tuple[Expr, ...], op: Callable[[Any, Any], Fraction]) -> Fraction:
        result = self.of(args[0])
        for arg in args[1:]:
            result = op(result, self.of(arg))
        return result

    def atom(self, expr: Expr) -> Fraction:
        """Return `expr` as an atom, or what the assumptions fix it to be."""
        fixed = self.rewrite.get(expr)
        return self.field.atom(expr) if fixed is None else self.of(fixed)

    def number(self, atom: Expr) -> int:
        """Return the number of an atom of the field."""
        return self.field.used(self.field.atom(atom).num)[0]

    def sign_of_fraction(self, value: Fraction) -> Sign:
        """Return the sign of a fraction where it is known and the fraction is defined.

        A strict sign that may be lost where a divisor brought in is 0 is only a weak one.
        """
        if value.is_zero():
            return "==0"
        sign = self.sign(value.num * value.den)
        if sign in (">0", "<0") and has_gaps(self, value):
            return ">=0" if sign == ">0" else "<=0"
        return sign

    def is_nonzero(self, value: Fraction) -> bool:
        """Tell whether a fraction is known to differ from zero wherever it is defined."""
        if has_gaps(self, value):
            return False
        factors = self.field.factors(value.num)[1] if not value.is_zero() else [(value.num, 1)]
        signs = ((factor, self.sign(factor)) for factor, _ in factors)
        return all(
            sign in (">0", "<0") or self.field.poly_expr(factor) in self.nonzero
            for factor, sign in signs
        )

    def truth(self, condition: Any) -> bool | None:
        """Decide a condition by the signs of the differences in it, or return None."""
        return moduli.truth(self, condition)

    def _sum(self, expr: Sum) -> Fraction:
        """Sum over each limit in turn; directly nested sums are one SymPy object."""
        body, limits = _spell_out(expr)
        fresh = {limit[0]: Dummy(integer=True, positive=True) for limit in limits}
        value = self.of(body.xreplace(fresh))
        for running, _first, size in limits:
            total = self.field.constant(0)
            for factor, inner in split(self, value, fresh[running]):
                total = total + factor * self._sum_atom(inner, fresh[running], size)
            value = total
        return value

    def _sum_atom(self, inner: Expr, running: Symbol, size: Expr) -> Fraction:
        if inner == 1:
            return self.of(size)
        if (k := power_of(inner, running)) is not None:
            return sum_of_powers(self.field, self.of(size), k)
        level = max((bound_level(s) for s in inner.atoms(Sum)), default=0) + 1
        term = inner.xreplace({running: bound(level)})
        atom = Sum(term, (bound(level), 1, size))
        result = self.atom(atom)
        if self.field.knows(atom):
            # The running class keeps a name that no other sum binds: its term is substituted into.
            self.sums.setdefault(self.number(atom), (inner, running, size))
        return result

    def _integral(self, expr: Integral) -> Fraction:
        """Integrate over each variable in turn; directly nested integrals are one SymPy object."""
        if any(len(limit) != 3 for limit in expr.limits):
            raise UnsupportedError(
                "an integral has two ends", found=expr, remedy="give it a lower and an upper end"
            )
        fresh = {limit[0]: Dummy(real=True) for limit in expr.limits}
        value = self.of(expr.function.xreplace(fresh))
        for running, *ends in expr.limits:
            low, high = (self.of(end.xreplace(fresh)) for end in ends)
            total = self.field.constant(0)
            for factor, inner in split(self, value, fresh[running]):
                total = total + factor * self._integral_atom(inner, fresh[running], low, high)
            value = total
        return value

    def _integral_atom(
        self, inner: Expr, running: Symbol, low: Fraction, high: Fraction
    ) -> Fraction:
        if inner == 1:
            return high - low
        if (k := power_of(inner, running)) is not None:
            return integral_of_power(self.field, low, high, k)
        depth = 1 + max((_depth(a) for a in inner.atoms(Integral)), default=0)
        variable = Symbol(f"_t{depth}", real=True)
        term = inner.xreplace({running: variable})
        ends = low.expr(), high.expr()
        known = self._integrals.between(term, *ends, self.field.constant(0))
        if known is None:
            known = self.atom(Integral(term, (variable, *ends)))
            self._integrals.add(term, *ends, known)
        return known

    def _opaque(self, expr: Expr) -> Fraction:
        atom = expr.func(*(self.of(a).expr() for a in expr.args))
        if not isinstance(atom, Function):
            return self.of(atom)
        if not is_total(atom):
            raise UnsupportedError(
                "a function in the normal form has a value at every real argument",
                found=atom,
                remedy="use sin, cos, sinh, cosh, tanh, atan, erf, or a function of your own",
            )
        fresh = not self.field.knows(atom)
        result = self.atom(atom)
        if isinstance(atom, sin) and fresh and self.field.knows(atom):
            cosine = self.atom(cos(atom.args[0]))
            self.field.relate(atom, 2, self.field.constant(1) - cosine * cosine)
        return result


def _depth(integral: Integral) -> int:
    """Return the level in the name of an integral's variable."""
    names = (limit[0].name for limit in integral.limits)
    return max(int(name[2:]) for name in names)


def _spell_out(expr: Sum) -> tuple[Expr, list[Tuple]]:
    """Write out the limits whose size is a number; return the rest of the sum."""
    body, left = expr.function, []
    for limit in expr.limits:
        running, _first, size = limit
        if isinstance(size, Integer):
            body = Add(*(body.xreplace({running: Integer(c)}) for c in range(1, int(size) + 1)))
        else:
            left.append(limit)
    return body, left
