"""How a formula is laid out on a page, whichever the notation it is spelled in.

Guarantees: the order of terms and factors and the letters of bound indices follow from the
expression alone, never from hashes or the order in which symbols were made.
Terms: positive ones first, sums after closed terms.
Factors: numbers, scalars, members of families, brackets, and last what extends to the right (a
logarithm, a sum, an operator).
Bound indices take the first letters of `LETTERS` that name nothing else in the expression, the
outermost sum first.
What it cannot see is meaning: it neither simplifies nor evaluates.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, count
from typing import Any

from sympy import (
    Add,
    E,
    Expr,
    Function,
    Integral,
    KroneckerDelta,
    Mul,
    Number,
    Piecewise,
    Pow,
    Rational,
    S as _S,
    Sum,
    Symbol,
    exp,
    log,
)
from sympy.core.basic import Basic
from sympy.tensor.indexed import Indexed, IndexedBase

from .operators import D
from .vocabulary import SLOT, Softmax, is_bound

LETTERS = "jklmrstuv"
"""Letters for bound indices, in the order they are taken."""


def names_in(expr: Basic) -> frozenset[str]:
    """Return the names of the symbols and families that occur free in `expr`."""
    return frozenset(
        str(a) for a in expr.free_symbols if isinstance(a, Symbol) and not is_bound(a)
    )


def letters(taken: frozenset[str]) -> Iterator[str]:
    """Yield letters for bound indices that are not in `taken`: j, k, l, ..., then j1, j2, ..."""
    numbered = (f"j{number}" for number in count(1))
    return (letter for letter in chain(LETTERS, numbered) if letter not in taken)


def is_member(expr: Basic) -> bool:
    """Tell whether `expr` is printed as one letter with its indices."""
    return isinstance(expr, (Indexed, Softmax, KroneckerDelta, IndexedBase))


def extends_right(expr: Basic) -> bool:
    """Tell whether the printed `expr` would swallow a factor written after it."""
    if isinstance(expr, log):
        return not isinstance(expr.args[0], (Add, Mul))
    return isinstance(expr, (Sum, Integral, D))


def is_negative(expr: Expr) -> bool:
    """Tell whether `expr` is printed with a minus sign in front."""
    return bool(expr.as_coeff_Mul()[0].is_negative)


def over_and_under(term: Expr) -> tuple[list[Expr], list[Expr]]:
    """Return the factors of `term` above and below its fraction line, numbers included."""
    over: list[Expr] = []
    under: list[Expr] = []
    for factor in Mul.make_args(term):
        if isinstance(factor, Rational):
            over += [_S(factor.p)] if factor.p != 1 else []
            under += [_S(factor.q)] if factor.q != 1 else []
        elif isinstance(factor, Pow) and factor.base is not E and is_negative(factor.exp):
            under.append(factor.base**-factor.exp)
        else:
            over.append(factor)
    return over, under


class Layout:
    """The grammar of formulas, mixed into a SymPy printer that spells the pieces.

    The spelling is given by the methods ``minus``, ``paren``, ``fraction``, ``subscript``,
    ``power``, ``summation``, ``integral``, ``operator`` and the class attributes below.
    """

    juxtaposed = " "
    """What stands between two factors."""

    dotted = " "
    """What stands between a factor and a number after it."""

    def prepare(self, taken: Iterable[str]) -> None:
        """Reserve the names `taken`; called before printing."""
        self._letters = letters(frozenset(taken))
        self._given: list[str] = []
        self._running: dict[Symbol, str] = {}

    # --- names -------------------------------------------------------------------------------

    def letter(self, depth: int) -> str:
        """Return the letter of a bound index at nesting `depth`, 0 being the outermost."""
        while len(self._given) <= depth:
            self._given.append(next(self._letters))
        return self._given[depth]

    def spelled(self, symbol: Symbol) -> str:
        """Return the name of an index: its letter if it is bound, else its own name."""
        return self._running.get(symbol, symbol.name.lstrip("_") or symbol.name)

    def indices(self, members: Iterable[Expr]) -> str:
        """Return subscripts side by side, with commas where they would run together."""
        printed = [self._print(member) for member in members]
        return ("" if all(len(text) == 1 for text in printed) else ",").join(printed)

    def _print_KroneckerDelta(self, expr: Expr, **_: Any) -> str:
        ordered = sorted(expr.args, key=lambda a: (isinstance(a, Number), self._print(a)))
        return self.subscript(self.delta, self.indices(ordered))

    def _print_Indexed(self, expr: Expr, **_: Any) -> str:
        base = self._print(expr.base)
        return base if expr.indices == (SLOT,) else self.subscript(base, self.indices(expr.indices))

    def _print_IndexedBase(self, expr: Expr) -> str:
        return self._print(expr.label)

    # --- terms and factors -------------------------------------------------------------------

    def _print_Add(self, expr: Expr, order: object = None) -> str:
        text = ""
        for negative, printed in self._ordered_terms(expr):
            if not text:
                text = (self.minus if negative else "") + printed
            else:
                text += (f" {self.minus} " if negative else " + ") + printed
        return text

    def _ordered_terms(self, expr: Expr) -> list[tuple[bool, str]]:
        entries = []
        for term in Add.make_args(expr):
            negative = is_negative(term)
            bare = -term if negative else term
            last = self._ordered(over_and_under(bare)[0])[-1:]
            opens = bool(last) and extends_right(last[0])
            entries.append((negative, bare, opens, bool(opens and isinstance(last[0], log))))
        # "-z_y + log sum_j exp(z_j)": a logarithm alone does not lead
        log_last = all(is_log or negative for negative, _, _, is_log in entries)

        def key(entry: tuple[bool, Expr, bool, bool]) -> tuple[object, ...]:
            negative, bare, opens, _ = entry
            closed_first = opens if log_last else negative
            factors = len(Mul.make_args(bare))
            return closed_first, negative, opens, not bare.is_Number, factors, self._print(bare)

        return [(entry[0], self._term(entry[1])) for entry in sorted(entries, key=key)]

    def _term(self, bare: Expr) -> str:
        return self.paren(self._print(bare)) if isinstance(bare, Add) else self._print(bare)

    def _ordered(self, factors: Iterable[Expr]) -> list[Expr]:
        return sorted(factors, key=lambda f: (self._rank(f), self._print(f)))

    def _rank(self, factor: Expr) -> int:
        base = factor.base if isinstance(factor, Pow) and factor.base is not E else factor
        ranks = (
            base.is_number,
            isinstance(base, Symbol),
            isinstance(base, Softmax),
            isinstance(base, Indexed),
            isinstance(base, KroneckerDelta),
            isinstance(base, exp),
            isinstance(base, Function) and not isinstance(base, (log, Piecewise)),
            isinstance(base, Add),
            not isinstance(base, (log, Sum, Integral, D)),
            isinstance(base, log),
            isinstance(base, Sum),
        )
        return ranks.index(True) if True in ranks else len(ranks)

    def _product(self, factors: list[Expr]) -> str:
        ordered = self._ordered(factors)
        text = ""
        for position, factor in enumerate(ordered):
            printed = self._print(factor)
            last = position == len(ordered) - 1
            bracketed = isinstance(factor, Add) or (extends_right(factor) and not last)
            if len(ordered) > 1 and (bracketed or printed.startswith(self.minus)):
                printed = self.paren(printed)
            if text:
                text += self.dotted if printed[0].isdigit() else self.juxtaposed
            text += printed
        return text or "1"

    def _print_Mul(self, expr: Expr) -> str:
        if is_negative(expr):
            bare = -expr
            return self.minus + self._term(bare)
        over, under = over_and_under(expr)
        if not under:
            return self._product(over)
        # operators, and sums over a mere number, follow the fraction: (1/f) df
        plain_number = all(factor.is_Number for factor in under)
        after = [f for f in over if f.has(D) or (plain_number and extends_right(f))]
        inside = [f for f in over if f not in after]
        text = self.fraction(inside, under, followed=bool(after))
        if not after:
            return text
        return text + self.juxtaposed + (
            self.paren(self._product(after))
            if len(after) == 1 and isinstance(after[0], Add)
            else self._product(after)
        )

    def _print_Pow(self, expr: Expr, **_: Any) -> str:
        if is_negative(expr.exp):
            return self._print_Mul(expr)
        if expr.exp == Rational(1, 2):
            return self.root(self._print(expr.base))
        base = self._print(expr.base)
        simple = is_member(expr.base) or isinstance(expr.base, (Symbol, Function, Number))
        if not simple or isinstance(expr.base, (log, exp)) or is_negative(expr.base):
            base = self.paren(base)
        return self.power(base, self._print(expr.exp))

    # --- functions, sums, operators ----------------------------------------------------------

    def _print_log(self, expr: Expr, **_: Any) -> str:
        argument = expr.args[0]
        printed = self._print(argument)
        if self._bare_in_log(argument):
            return f"{self.log} {printed}"
        return self.log + self.paren(printed)

    def _bare_in_log(self, argument: Expr) -> bool:
        return is_member(argument) or isinstance(argument, (Symbol, Number, Sum))

    def _print_Function(self, expr: Expr, **_: Any) -> str:
        arguments = ", ".join(self._print(argument) for argument in expr.args)
        return self.function(type(expr).__name__) + self.paren(arguments)

    def _print_besseli(self, expr: Expr, **_: Any) -> str:
        head = self.subscript("I", self._print(expr.order))
        return head + self.paren(self._print(expr.argument))

    def _print_Sum(self, expr: Expr) -> str:
        *inner, outer = expr.limits
        running, first, last = outer
        body = Sum(expr.function, *inner) if inner else expr.function
        body, left_out = _left_out(body, running)
        before = dict(self._running)
        self._running[running] = self.letter(len(before)) if is_bound(running) else running.name
        sign = self.summation(running, first, last, left_out)
        printed = self._print(body)
        if isinstance(body, Add) or printed.startswith(self.minus):
            printed = self.paren(printed)
        self._running = before
        return f"{sign} {printed}"

    def _print_Integral(self, expr: Expr) -> str:
        text = self._print(expr.function)
        if isinstance(expr.function, Add):
            text = self.paren(text)
        for running, *edges in expr.limits:
            text = self.integral(text, self._print(running), [self._print(edge) for edge in edges])
        return text

    def _print_D(self, expr: D) -> str:
        operand = self._print(expr.operand)
        simple = is_member(expr.operand) or isinstance(expr.operand, Symbol)
        if not simple and isinstance(expr.operand, (Add, Mul)):
            operand = self.paren(operand)
        return self.operator(operand, [self._print(expr.variable)], attached=simple)

    def _print_LossTerm(self, expr: Any) -> str:
        name = self.loss_name(expr.name)
        if not expr.variables:
            return name
        return self.operator(name, [self._print(v) for v in expr.variables], attached=True)


def _left_out(body: Expr, running: Symbol) -> tuple[Expr, list[Expr]]:
    """Return `body` without its factors ``1 - delta(running, a)``, and the classes a."""
    kept, classes = [], []
    for factor in Mul.make_args(body):
        deltas = [d for d in factor.atoms(KroneckerDelta) if running in d.args]
        if len(deltas) == 1 and factor == 1 - deltas[0]:
            classes += [a for a in deltas[0].args if a != running]
        else:
            kept.append(factor)
    return (Mul(*kept), sorted(classes, key=str)) if classes else (body, [])
