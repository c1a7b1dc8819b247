"""From a formula in one variable to a quotient in a tower of functions.

Guarantees: what is read equals the formula on the whole open domain, and the formula is analytic
there: divisors are shown to have no zero, arguments of logarithms and fractional powers to be
positive, by the ladder itself.
A logarithm is split over the irreducible factors of its argument, so that log(1/s) and log(s**2)
are multiples of log(s).
"""

from __future__ import annotations

from fractions import Fraction
from math import lcm

from flint import fmpq
from sympy import E, Expr, Pow, Rational, Symbol, atan, exp, expand, log, pi

from ...symbolic.field import factored
from .univariate_balls import Undecided
from .univariate_constants import prime_factors
from .univariate_functions import (
    RING,
    VARIABLE,
    Function,
    Poly,
    Quotient,
    polynomial,
    quotient,
)
from .univariate_ladder import Ladder

HIGHEST_POWER = 40
ZERO = Quotient(polynomial(0), polynomial(1))
UNIT = Quotient(polynomial(1), polynomial(1))


class Reader:
    """Reads formulas into the tower of a ladder, adding functions as they are met."""

    def __init__(self, ladder: Ladder, variable: Symbol, exprs: list[Expr]) -> None:
        self.ladder = ladder
        self.variable = variable
        self.root_degree = lcm(*(_root_degrees(exprs, variable)), 1)
        self.exp_degrees = _exp_degrees(exprs)
        self._known: dict[object, Poly] = {}

    def read(self, expr: Expr) -> Quotient:
        """Return a formula as a quotient; undecided where it is not analytic or not of the class.

        A sum is read term by term and a product factor by factor.
        """
        if expr == self.variable:
            return Quotient(VARIABLE, polynomial(1))
        if expr.is_Rational:
            return _rational(expr)
        if expr == pi:
            return self._function("pi", UNIT, 1, "pi")
        if expr.is_Add:
            return self._fold(expr.args, product=False)
        if expr.is_Mul:
            return self._fold(expr.args, product=True)
        if isinstance(expr, exp) or expr == E or (expr.is_Pow and expr.base == E):
            return self._exponential(expr.exp if expr != E else Rational(1))
        if isinstance(expr, log):
            return self._logarithm(self.read(expr.args[0]))
        if isinstance(expr, atan):
            inner = self.read(expr.args[0])
            return self._function("atan", inner, 1, f"atan({self._text(inner)})")
        if expr.is_Pow:
            return self._power(expr)
        raise Undecided

    def _fold(self, args: tuple[Expr, ...], *, product: bool) -> Quotient:
        total = UNIT if product else ZERO
        for arg in args:
            one = self.read(arg)
            total = total * one if product else total + one
        reduce = self.ladder.tower.reduce
        return quotient(reduce(total.above), reduce(total.below))

    def _power(self, expr: Pow) -> Quotient:
        base, exponent = expr.args
        if not exponent.is_Rational:
            # A power with a varying exponent stands for exp(exponent * log(base)).
            return self._exponential(exponent * log(base))
        value = self.read(base)
        if exponent.is_Integer:
            return self._integer_power(value, int(exponent))
        self.require_positive(value)
        return self._fractional(value, Fraction(int(exponent.p), int(exponent.q)))

    def _integer_power(self, value: Quotient, exponent: int) -> Quotient:
        if abs(exponent) > HIGHEST_POWER:
            raise Undecided
        if exponent < 0:
            self._require_nonzero(value.above)
            value = Quotient(value.below, value.above)
        reduce = self.ladder.tower.reduce
        size = abs(exponent)
        return quotient(reduce(value.above**size), reduce(value.below**size))

    def _fractional(self, value: Quotient, exponent: Fraction) -> Quotient:
        total = UNIT
        constant, factors = self._positive_factors(value)
        for base, power in _primes(constant) + factors:
            total = total * self._root(base, power * exponent)
        reduce = self.ladder.tower.reduce
        return quotient(reduce(total.above), reduce(total.below))

    def _root(self, base: Poly, exponent: Fraction) -> Quotient:
        """Return a rational power of a positive irreducible polynomial."""
        degree = self.root_degree
        steps = exponent * degree
        if steps.denominator != 1 or abs(steps) > HIGHEST_POWER:
            raise Undecided
        if exponent.denominator == 1:
            root = base
            steps = exponent
        else:
            text = f"({self._text(Quotient(base, polynomial(1)))})^(1/{degree})"
            root = self._function("root", Quotient(base, polynomial(1)), degree, text).above
        power = self.ladder.tower.reduce(root ** abs(int(steps)))
        return Quotient(power, polynomial(1)) if steps > 0 else Quotient(polynomial(1), power)

    def _logarithm(self, value: Quotient) -> Quotient:
        self.require_positive(value)
        constant, factors = self._positive_factors(value)
        total = ZERO
        for base, power in _primes(constant) + factors:
            total = total + self._log_of(base) * _number(fmpq(power))
        return total

    def _log_of(self, base: Poly) -> Quotient:
        """Return the logarithm of a positive irreducible polynomial."""
        degrees = base.degrees()
        for k, function in enumerate(self.ladder.tower.functions, start=1):
            if degrees[k] == 1 and len(base.to_dict()) == 1:
                if function.kind == "exp":
                    return function.argument
                if function.kind == "root":
                    return self._log_of(function.argument.above) * _number(fmpq(1, function.degree))
        argument = Quotient(base, polynomial(1))
        return self._function("log", argument, 1, f"log({self._text(argument)})")

    def _exponential(self, argument: Expr) -> Quotient:
        total = UNIT
        for term in _terms(argument):
            coefficient, kind = term.as_coeff_Mul()
            if not coefficient.is_Rational:
                raise Undecided
            if isinstance(kind, log):
                power = Fraction(int(coefficient.p), int(coefficient.q))
                value = self.read(kind.args[0])
                self.require_positive(value)
                total = total * self._fractional(value, power)
                continue
            degree = self.exp_degrees.get(kind, int(coefficient.q))
            steps = coefficient * degree
            if not steps.is_Integer or abs(steps) > HIGHEST_POWER:
                raise Undecided
            inner = self.read(kind) * _number(fmpq(1, degree))
            root = self._function("exp", inner, 1, f"exp({self._text(inner)})")
            power = root.above ** abs(int(steps))
            total = total * (
                Quotient(power, polynomial(1)) if steps > 0 else Quotient(polynomial(1), power)
            )
        return total

    def _function(self, kind: str, argument: Quotient, degree: int, text: str) -> Quotient:
        key = (kind, str(argument.above), str(argument.below), degree)
        if key not in self._known:
            moves = self.ladder.tower.moves
            constant = not (moves(argument.above) or moves(argument.below))
            place = len(self.ladder.tower.functions) + 1
            function = Function(
                kind, argument, degree, text, self._slope(kind, argument, degree, place), constant
            )
            self._known[key] = self.ladder.tower.push(function)
        return Quotient(self._known[key], polynomial(1))

    def _slope(self, kind: str, argument: Quotient, degree: int, place: int) -> Quotient:
        """Return the derivative of the function that comes to stand at a place of the tower."""
        above, below = argument.above, argument.below
        tower = self.ladder.tower
        up, down = tower.derivative(above), tower.derivative(below)
        slope = quotient(
            up.above * below * down.below - above * down.above * up.below,
            up.below * down.below * below**2,
        )
        own = RING.gens()[place] if place < len(RING.gens()) else _raise()
        match kind:
            case "log":
                return slope * Quotient(below, above)
            case "exp":
                return slope * Quotient(own, polynomial(1))
            case "root":
                return slope * Quotient(own, above * degree)
            case "atan":
                return slope * quotient(below**2, above**2 + below**2)
            case _:
                return ZERO

    def _positive_factors(self, value: Quotient) -> tuple[fmpq, list[tuple[Poly, int]]]:
        """Return a positive number and positive irreducible factors with their exponents."""
        constant, factors = fmpq(1), []
        for poly, way in ((value.above, 1), (value.below, -1)):
            content, parts = factored(poly)
            constant *= content**way
            for factor, power in parts:
                sign = self.sign(factor)
                constant *= fmpq(sign) ** int(power)
                factors.append((factor * sign, way * int(power)))
        if constant <= 0:
            raise Undecided
        return constant, factors

    def sign(self, poly: Poly) -> int:
        """Return the constant sign of a polynomial without zeros; undecided if it has any."""
        self._require_nonzero(poly)
        at = self.ladder.domain.inner()
        return self.ladder.tower.sign_over(poly, at, at) or _raise()

    def _require_nonzero(self, poly: Poly) -> None:
        if self.ladder.zeros(poly):
            raise Undecided

    def require_positive(self, value: Quotient) -> None:
        """Show that a quotient is positive on the whole open domain, or leave it undecided."""
        if self.sign(value.above) != self.sign(value.below):
            raise Undecided

    def _text(self, value: Quotient) -> str:
        above = self.ladder.tower.text(value.above)
        if value.below == 1:
            return above
        return f"({above})/({self.ladder.tower.text(value.below)})"


def _raise() -> int:
    raise Undecided


def _primes(value: fmpq) -> list[tuple[Poly, int]]:
    factors = prime_factors(value)
    if factors is None:
        raise Undecided
    return [(polynomial(prime), power) for prime, power in factors]


def _number(value: fmpq) -> Quotient:
    return Quotient(polynomial(value), polynomial(1))


def _rational(value: Rational) -> Quotient:
    return _number(fmpq(int(value.p), int(value.q)))


def _terms(argument: Expr) -> tuple[Expr, ...]:
    expanded = expand(argument)
    return expanded.args if expanded.is_Add else (expanded,)


def _root_degrees(exprs: list[Expr], variable: Symbol) -> set[int]:
    """Return the denominators of all fractional exponents, of the variable or of constants."""
    degrees = {int(node.exp.q) for e in exprs for node in e.atoms(Pow) if node.exp.is_Rational}
    for e in exprs:
        for node in e.atoms(exp, Pow):
            argument = node.exp if isinstance(node, exp) else node.exp * log(node.base)
            if isinstance(node, exp) or node.exp.has(variable):
                degrees |= {
                    int(term.as_coeff_Mul()[0].q)
                    for term in _terms(argument)
                    if isinstance(term.as_coeff_Mul()[1], log)
                    and term.as_coeff_Mul()[0].is_Rational
                }
    return degrees


def _exp_degrees(exprs: list[Expr]) -> dict[Expr, int]:
    """Return for each term in an exponent the least common denominator of its coefficients."""
    degrees: dict[Expr, int] = {}
    for e in exprs:
        for node in e.atoms(exp, Pow):
            if isinstance(node, Pow) and node.exp.is_Rational:
                continue
            argument = node.exp if isinstance(node, exp) else node.exp * log(node.base)
            for term in _terms(argument):
                coefficient, kind = term.as_coeff_Mul()
                if coefficient.is_Rational:
                    degrees[kind] = lcm(degrees.get(kind, 1), int(coefficient.q))
    return degrees
