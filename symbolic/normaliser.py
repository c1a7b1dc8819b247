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
    And,
    Dummy,
    Expr,
    Integer,
    Integral,
    Max,
    Min,
    Mul,
    Not,
    NumberSymbol,
    Or,
    Piecewise,
    Pow,
    Rational,
    Sum,
    Symbol,
    Tuple,
    cos,
    exp,
    factorint,
    log,
    sign,
    sin,
)
from sympy.core.function import Function
from sympy.tensor.indexed import Indexed

from .errors import UnsupportedError
from .field import Field, Fraction, Poly
from .partial_fractions import split
from .vocabulary import bound, bound_level

Sign = str | None
"""One of ``">0"``, ``">=0"``, ``"<0"``, ``"<=0"``, ``"==0"``, or None where it is not known."""


class Normaliser:
    """Brings delta-free, softmax-free expressions of one case to fractions in one field.

    Parameters
    ----------
    rewrite
        Atoms that the assumptions fix, such as ``Sum(p[_1]) -> 1``.
    sign_of
        Says the sign of a polynomial of the field, or None; used only where an absolute value, a
        root, a logarithm's exponential or a branch depends on it.
    """

    def __init__(
        self,
        rewrite: Mapping[Expr, Expr] | None = None,
        sign_of: Callable[[Normaliser, Poly], Sign] | None = None,
    ) -> None:
        self.field = Field()
        self.rewrite = dict(rewrite or {})
        self._sign_of = sign_of or (lambda _normaliser, _poly: None)
        self._memo: dict[Expr, Fraction] = {}
        self.exponents: dict[int, tuple[Expr, int]] = {}
        """For each atom that is an exponential: its exponent, and the root taken of it."""
        self.arguments: dict[int, Poly] = {}
        """For each atom that is a logarithm: the polynomial inside."""
        self.sums: dict[int, tuple[Expr, Symbol, Expr]] = {}
        """For each atom that is a class sum: its term, running class and size."""

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

    def _normalise(self, expr: Expr) -> Fraction:  # noqa: PLR0911 - one line a kind of node
        if isinstance(expr, Rational):
            return self.field.constant(expr)
        if isinstance(expr, (Symbol, Indexed, NumberSymbol)):
            return self._exp(Integer(1)) if expr == exp(1) else self.atom(expr)
        if isinstance(expr, Add):
            return self._fold(expr.args, lambda a, b: a + b)
        if isinstance(expr, Mul):
            return self._fold(expr.args, lambda a, b: a * b)
        if isinstance(expr, exp):
            return self._exp(expr.args[0])
        if isinstance(expr, Pow):
            return self._pow(expr.base, expr.exp)
        if isinstance(expr, log):
            return self._log(self.of(expr.args[0]))
        if isinstance(expr, Sum):
            return self._sum(expr)
        if isinstance(expr, Integral):
            return self._integral(expr)
        if isinstance(expr, Abs):
            return self._absolute(self.of(expr.args[0]))
        if isinstance(expr, sign):
            return self._sign(expr)
        if isinstance(expr, (Max, Min)):
            return self._extreme(expr)
        if isinstance(expr, Piecewise):
            return self._piecewise(expr)
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

    def _number(self, expr: Expr) -> int:
        return self.field.used(self.field.atom(expr).num)[0]

    # -- exponentials, powers and logarithms ---------------------------------------------------

    def _exp(self, argument: Expr) -> Fraction:
        return self._exp_fraction(self.of(argument))

    def _exp_fraction(self, argument: Fraction) -> Fraction:
        field, result = self.field, self.field.constant(1)
        for monomial, coefficient in field.terms(argument.num):
            rate = Rational(int(coefficient.p), int(coefficient.q))
            unit = field.make(field.from_terms({monomial: 1}), argument.den)
            result = result * self._exp_unit(unit, rate)
        return result

    def _exp_unit(self, unit: Fraction, rate: Rational) -> Fraction:
        """Return ``exp(rate * unit)`` for a monomial `unit` over a denominator."""
        field = self.field
        used = field.used(unit.num)
        plain = len(used) == 1 and unit.num.total_degree() == 1 and unit.den.is_constant()
        if plain and used[0] in self.arguments:
            inside = field._poly(self.arguments[used[0]])
            return self._power_of_positive(field.make(inside, field.constant(1).num), rate)
        exponent = unit.expr()
        atom = exp(exponent / rate.q)
        result = self.atom(atom)
        if not self.field.knows(atom):
            return result ** int(rate.p)
        number = self._number(atom)
        if rate.q > 1 and number not in self.exponents:
            field.relate(atom, int(rate.q), self._exp_unit(unit, Rational(1)))
        self.exponents[number] = (exponent, int(rate.q))
        return result ** int(rate.p)

    def _pow(self, base: Expr, exponent: Expr) -> Fraction:
        if isinstance(exponent, Integer):
            return self.of(base) ** int(exponent)
        if base == exp(1):
            return self._exp(exponent)
        if isinstance(exponent, Rational):
            return self._power_of_positive(self.of(base), exponent)
        return self._exp_fraction(self.of(exponent) * self._log(self.of(base)))

    def _power_of_positive(self, value: Fraction, exponent: Rational) -> Fraction:
        """Return ``value**exponent`` for a value that is positive wherever it is defined.

        Uses ``(a b)^r = |a|^r |b|^r``, so that no factor needs a known sign.
        """
        result = self.field.constant(1)
        for part, direction in ((value.num, 1), (value.den, -1)):
            content, factors = self.field.factors(part)
            result = result * self._rational_power(abs(content), exponent * direction)
            for factor, multiplicity in factors:
                result = result * self._factor_power(factor, exponent * multiplicity * direction)
        return result

    def _factor_power(self, factor: Poly, exponent: Rational) -> Fraction:
        whole = exponent.p // exponent.q
        fraction_part = exponent - whole
        base = self.field.make(factor, self.field.constant(1).num)
        size = base if whole % 2 == 0 and not fraction_part else self._modulus(factor)
        result = size**whole
        if fraction_part:
            result = result * self._root(size, fraction_part)
        return result

    def _root(self, size: Fraction, exponent: Rational) -> Fraction:
        used = self.field.used(size.num)
        if len(used) == 1 and size.num == self.field.generator(used[0]) and used[0] in self.exponents:
            inner, root = self.exponents[used[0]]
            return self._exp(inner * exponent / root)
        atom = Pow(size.expr(), Rational(1, exponent.q))
        fresh = not self.field.knows(atom)
        result = self.field.atom(atom)
        if fresh:
            self.field.relate(atom, int(exponent.q), size)
        return result ** int(exponent.p)

    def _rational_power(self, value: Any, exponent: Rational) -> Fraction:
        result = self.field.constant(1)
        for part, direction in ((int(value.p), 1), (int(value.q), -1)):
            for prime, multiplicity in factorint(part).items():
                power = exponent * multiplicity * direction
                whole = power.p // power.q
                result = result * self.field.constant(prime) ** int(whole)
                if power - whole:
                    result = result * self._root(self.field.constant(prime), power - whole)
        return result

    def _log(self, value: Fraction) -> Fraction:
        """Return ``log value = sum of log |factor|``, right wherever `value` is positive."""
        result = self.field.constant(0)
        for part, direction in ((value.num, 1), (value.den, -1)):
            content, factors = self.field.factors(part)
            for integer, way in ((int(abs(content).p), direction), (int(abs(content).q), -direction)):
                for prime, multiplicity in factorint(integer).items():
                    times = self.field.constant(way * multiplicity)
                    result = result + self._log_factor(self.field.constant(prime).num) * times
            for factor, multiplicity in factors:
                times = self.field.constant(direction * multiplicity)
                result = result + self._log_factor(factor) * times
        return result

    def _log_factor(self, factor: Poly) -> Fraction:
        used = self.field.used(factor)
        if len(used) == 1 and factor == self.field.generator(used[0]) and used[0] in self.exponents:
            exponent, root = self.exponents[used[0]]
            return self.of(exponent) / self.field.constant(root)
        if self.sign(factor) in ("<0", "<=0"):
            factor = -factor
        result = self.field.atom(log(self.field.poly_expr(factor), evaluate=False))
        self.arguments[self.field.used(result.num)[0]] = factor
        return result

    # -- absolute values, extremes and branches ------------------------------------------------

    def _absolute(self, value: Fraction) -> Fraction:
        if value.is_zero():
            return value
        result = self.field.constant(1)
        for part, direction in ((value.num, 1), (value.den, -1)):
            content, factors = self.field.factors(part)
            size = Rational(int(abs(content).p), int(abs(content).q))
            result = result * self.field.constant(size) ** direction
            for factor, multiplicity in factors:
                result = result * self._modulus(factor) ** (multiplicity * direction)
        return result

    def _sign(self, expr: Expr) -> Fraction:
        value = self.of(expr.args[0])
        known = {">0": 1, "<0": -1, "==0": 0}.get(self.sign_of_fraction(value) or "")
        if known is not None:
            return self.field.constant(known)
        return self.atom(sign(value.expr(), evaluate=False))

    def _modulus(self, factor: Poly) -> Fraction:
        """Return the absolute value of a factor: itself, its negative, or an atom."""
        value = self.field.make(factor, self.field.constant(1).num)
        known = self.sign(factor)
        if known in (">0", ">=0"):
            return value
        if known in ("<0", "<=0"):
            return -value
        atom = Abs(value.expr(), evaluate=False)
        fresh = not self.field.knows(atom)
        result = self.field.atom(atom)
        if fresh:
            self.field.relate(atom, 2, value * value)
        return result

    def sign_of_fraction(self, value: Fraction) -> Sign:
        """Return the sign of a fraction where it is known and the fraction is defined."""
        if value.is_zero():
            return "==0"
        return self.sign(value.num * value.den)

    def _extreme(self, expr: Expr) -> Fraction:
        values = [self.of(a) for a in expr.args]
        wanted = (">0", ">=0", "==0") if isinstance(expr, Max) else ("<0", "<=0", "==0")
        for candidate in values:
            if all(v is candidate or self.sign_of_fraction(candidate - v) in wanted for v in values):
                return candidate
        return self.atom(expr.func(*(v.expr() for v in values), evaluate=False))

    def _piecewise(self, expr: Expr) -> Fraction:
        branches = []
        for value, condition in expr.args:
            truth = self.truth(condition)
            if truth is True and not branches:
                return self.of(value)
            if truth is not False:
                branches.append((self.of(value).expr(), condition if truth is None else True))
            if truth is True:
                break
        return self.atom(Piecewise(*branches, evaluate=False))

    def truth(self, condition: Any) -> bool | None:
        """Decide a condition by the signs of the differences in it, or return None."""
        if condition in (True, False):
            return bool(condition)
        if isinstance(condition, (And, Or)):
            parts = [self.truth(part) for part in condition.args]
            settling = isinstance(condition, Or)
            if settling in parts:
                return settling
            return None if None in parts else not settling
        if isinstance(condition, Not):
            inner = self.truth(condition.args[0])
            return None if inner is None else not inner
        tests = {
            "<": (("<0",), (">0", ">=0", "==0")),
            "<=": (("<0", "<=0", "==0"), (">0",)),
            ">": ((">0",), ("<0", "<=0", "==0")),
            ">=": ((">0", ">=0", "==0"), ("<0",)),
            "==": (("==0",), (">0", "<0")),
            "!=": ((">0", "<0"), ("==0",)),
        }
        if getattr(condition, "rel_op", None) not in tests:
            return None
        true, false = tests[condition.rel_op]
        known = self.sign_of_fraction(self.of(condition.lhs - condition.rhs))
        return True if known in true else False if known in false else None

    # -- sums, integrals and other functions ---------------------------------------------------

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
        level = max((bound_level(s.function) for s in inner.atoms(Sum)), default=0) + 1
        term = inner.xreplace({running: bound(level)})
        atom = Sum(term, (bound(level), 1, size))
        result = self.atom(atom)
        if self.field.knows(atom):
            self.sums[self._number(atom)] = (term, bound(level), size)
        return result

    def _integral(self, expr: Integral) -> Fraction:
        if len(expr.limits) != 1 or len(expr.limits[0]) != 3:
            return self._opaque(expr)
        running, low, high = expr.limits[0]
        fresh = Dummy(real=True)
        body = self.of(expr.function.xreplace({running: fresh}))
        ends = (self.of(low).expr(), self.of(high).expr())
        variable = Symbol("_t", real=True)
        result = self.field.constant(0)
        for factor, inner in split(self, body, fresh):
            if inner == 1:
                result = result + factor * (self.of(high) - self.of(low))
            else:
                term = inner.xreplace({fresh: variable})
                result = result + factor * self.atom(Integral(term, (variable, *ends)))
        return result

    def _opaque(self, expr: Expr) -> Fraction:
        args = [a if isinstance(a, Tuple) else self.of(a).expr() for a in expr.args]
        atom = expr.func(*args)
        if not isinstance(atom, Function):
            return self.of(atom)
        fresh = not self.field.knows(atom)
        result = self.atom(atom)
        if isinstance(atom, sin) and fresh and self.field.knows(atom):
            cosine = self.atom(cos(atom.args[0]))
            self.field.relate(atom, 2, self.field.constant(1) - cosine * cosine)
        return result


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
