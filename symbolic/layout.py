"""How a formula is laid out on a page, whichever the notation it is spelled in.

Guarantees: the order of terms and factors follows from the expression alone, never from hashes or
the order in which symbols were made.
Terms: positive ones first, sums after closed terms.
Factors: numbers, scalars, members of families, brackets, and last what extends to the right (a
logarithm, a sum, an operator).
The outermost sum gets the first free letter.
What it cannot see is meaning: it neither simplifies nor evaluates.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import reduce
from typing import Any

from sympy import (
    Add,
    Basic,
    E,
    Expr,
    Function,
    Integral,
    KroneckerDelta,
    Mul,
    Number,
    Piecewise,
    Pow,
    S as _S,
    Sum,
    Symbol,
    exp,
    log,
)
from sympy.core.function import Application
from sympy.tensor.indexed import Indexed

from .calculus import LossTerm
from .letters import letters
from .limits import LimitTerm
from .operators import D
from .shapes import (
    extends_right,
    fraction_parts,
    is_attached,
    is_fraction,
    is_member,
    is_negative,
    left_out,
    over_and_under,
)
from .spelling import Spelling
from .vocabulary import SLOT, Softmax, is_bound, n

_ROUND_GROUP = re.compile(r"(?<![\w_])(?:\\left)?\(")
"""A round bracket that is not the bracket of a function or of an index."""


class Layout(Spelling):
    """The grammar of formulas, mixed into a SymPy printer that spells the pieces."""

    _inline = False

    def fraction(self, over: list[Expr], under: list[Expr], *, followed: bool) -> str:
        """Write a fraction on one line, in brackets if factors follow it."""
        above, below = self._product(over), self._product(under)
        lone_sum = len(over) == 1 and over[0].is_Add
        if lone_sum or any(extends_right(factor) for factor in over):
            above = self.group(above)
        if len(under) > 1 or under[0].is_Add:
            below = self.group(below)
        short = " " not in above + below and len(above + below) <= 12
        text = f"{above}/{below}" if short else f"{above} / {below}"
        return self.group(text) if followed else text

    def group(self, text: str) -> str:
        """Put a sum of terms in brackets, square ones around round ones."""
        return self.paren(text, "[]" if _ROUND_GROUP.search(text) else "()")

    def small(self, expr: Expr) -> str:
        """Print `expr` where a fraction has no room for a line."""
        return str(self._print(expr))

    def reserve(self, taken: Iterable[str]) -> None:
        """Keep the names `taken` from bound indices; called once, before printing."""
        self._letters = letters(taken)
        self._given: list[str] = []
        self._running: dict[Symbol, str] = {}
        self._printed: dict[Any, str] = {}

    def _print(self, expr: Any, **settings: Any) -> str:
        """Print `expr`, each part once: factors are printed to be put in order, then again."""
        if settings or not isinstance(expr, Basic):
            return str(super()._print(expr, **settings))
        key = type(expr), expr, self._inline, tuple(self._running.items())
        if key not in self._printed:
            self._printed[key] = str(super()._print(expr))
        return self._printed[key]

    # --- members -----------------------------------------------------------------------------

    def spelled(self, symbol: Symbol) -> str:
        """Return the name of a symbol: its letter if a sum around it binds it."""
        return self._running.get(symbol, symbol.name)

    def _indices(self, members: Iterable[Expr]) -> str:
        printed = [self._print(member) for member in members]
        return ("" if all(len(text) == 1 for text in printed) else ",").join(printed)

    def _print_KroneckerDelta(self, expr: Expr, **_: Any) -> str:
        ordered = sorted(expr.args, key=lambda a: (isinstance(a, Number), self._print(a)))
        return self.subscript(self.delta, self._indices(ordered))

    def _print_Indexed(self, expr: Expr, **_: Any) -> str:
        base = self._print(expr.base)
        return (
            base if expr.indices == (SLOT,) else self.subscript(base, self._indices(expr.indices))
        )

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
            bare = -term if is_negative(term) else term
            last = self._ordered(over_and_under(bare)[0])[-1:]
            opens = bool(last) and isinstance(last[0], (log, Sum, Integral, D, LimitTerm))
            opens = opens and not is_attached(last[0])
            log_ends = opens and isinstance(last[0], log)
            printed = self.group(self._print(bare)) if bare.is_Add else self._print(bare)
            leads = bare.is_Number, not printed.startswith(("(", "[", r"\left"))
            size = len(Mul.make_args(bare)), bare.count_ops()
            weight = (not leads[0], not leads[1], *size, printed)
            entries.append((is_negative(term), opens, log_ends, weight))
        # a logarithm does not lead: -z_y + log sum_j exp(z_j)
        log_last = all(negative or log_ends for negative, _, log_ends, _ in entries)
        entries.sort(key=lambda e: (e[1] if log_last else e[0], e[0], e[1], e[3]))
        return [(negative, weight[-1]) for negative, _, _, weight in entries]

    def _ordered(self, factors: Iterable[Expr]) -> list[Expr]:
        def key(factor: Expr) -> tuple[int, int, str]:
            brackets = factor.count_ops() if isinstance(factor, Add) else 0
            return self._rank(factor), brackets, self._print(factor)

        return sorted(factors, key=key)

    def _rank(self, factor: Expr) -> int:
        base = factor.base if isinstance(factor, Pow) and factor.base is not E else factor
        extending = isinstance(base, (log, Sum, Integral, D, LimitTerm))
        ranks = (
            factor.is_number,
            isinstance(base, Symbol),
            isinstance(base, Softmax),
            isinstance(base, Indexed),
            isinstance(base, exp) or base.is_number,
            isinstance(base, KroneckerDelta),
            isinstance(base, Function) and not isinstance(base, (log, Piecewise)),
            isinstance(base, Add),
            not extending,
            isinstance(base, log),
            isinstance(base, Sum),
            True,
        )
        return ranks.index(True)

    def _product(self, factors: list[Expr]) -> str:
        ordered = self._ordered(factors)
        text = ""
        for factor in ordered:
            printed = self._print(factor)
            swallows = extends_right(factor) and factor is not ordered[-1]
            if len(ordered) > 1 and (
                isinstance(factor, Add) or swallows or printed.startswith(self.minus)
            ):
                printed = self.group(printed)
            between = self.dotted if printed[0].isdigit() else " "
            text += (between if text else "") + printed
        return text or "1"

    def _print_Mul(self, expr: Expr) -> str:
        if is_negative(expr):
            printed = self._print(-expr)
            return self.minus + (self.group(printed) if (-expr).is_Add else printed)
        inside, under, after = fraction_parts(expr)
        if not under:
            return self._product(inside)
        text = self.fraction(inside, under, followed=bool(after))
        if not after:
            return text
        rest = self._product(after)
        bracketed = len(after) == 1 and isinstance(after[0], Add)
        return f"{text} {self.group(rest) if bracketed else rest}"

    def _print_Pow(self, expr: Expr, **_: Any) -> str:
        if is_negative(expr.exp):
            return self._print_Mul(expr)
        base = self._print(expr.base)
        if expr.exp == _S.Half:
            return self.root(base)
        simple = is_member(expr.base) or isinstance(expr.base, (Symbol, Application, Number))
        simple = simple or (isinstance(expr.base, LossTerm) and not expr.base.variables)
        if not simple or isinstance(expr.base, (log, exp)) or is_negative(expr.base):
            base = self.group(base)
        return self.power(base, self.small(expr.exp))

    # --- functions, sums, operators ----------------------------------------------------------

    def _print_log(self, expr: Expr, **_: Any) -> str:
        printed = self._print(expr.args[0])
        bare = self._bare_in_log(expr.args[0])
        return f"{self.log} {printed}" if bare else self.log + self.paren(printed)

    def _bare_in_log(self, argument: Expr) -> bool:
        if isinstance(argument, (exp, log, Piecewise)):
            return False
        return is_member(argument) or isinstance(argument, (Symbol, Number, Sum, Function))

    def _logits(self, expr: Softmax) -> str:
        return self.paren(self.small(expr.logit))

    def _print_Function(self, expr: Expr, **_: Any) -> str:
        arguments = ", ".join(self._print(argument) for argument in expr.args)
        return self.function(type(expr).__name__) + self.paren(arguments)

    def _print_Max(self, expr: Expr, **_: Any) -> str:
        return self._print_Function(expr)

    def _print_Min(self, expr: Expr, **_: Any) -> str:
        return self._print_Function(expr)

    def _print_besseli(self, expr: Expr, **_: Any) -> str:
        head = self.subscript("I", self._print(expr.order))
        return head + self.paren(self._print(expr.argument))

    def _bind(self, running: Symbol) -> None:
        if not is_bound(running):
            self._running[running] = running.name
            return
        depth = sum(is_bound(s) and s.name != letter for s, letter in self._running.items())
        while len(self._given) <= depth:
            self._given.append(next(self._letters))
        self._running[running] = self._given[depth]

    def _print_Sum(self, expr: Expr) -> str:
        *inner, (running, _, last) = expr.limits
        body = Sum(expr.function, *inner) if inner else expr.function
        body, classes = left_out(body, running)
        before = dict(self._running)
        self._bind(running)
        size = None if last == n else self._print(last)
        sign = self.sum_sign(self.spelled(running), size, [self._print(a) for a in classes])
        printed = self._print(body)
        if isinstance(body, Add) or printed.startswith(self.minus):
            printed = self.group(printed)
        self._running = before
        return f"{sign} {printed}"

    def _print_Integral(self, expr: Expr) -> str:
        before = dict(self._running)
        for running, *_ in expr.limits:
            self._running[running] = running.name.lstrip("_")
        text = self._print(expr.function)
        text = self.group(text) if isinstance(expr.function, Add) else text
        for running, *edges in expr.limits:
            text = self.integral(text, self.spelled(running), [self._print(e) for e in edges])
        self._running = before
        return text

    def _print_D(self, expr: D) -> str:
        operand, simple = self._print(expr.operand), is_attached(expr)
        compound = isinstance(expr.operand, (Add, Mul)) or is_fraction(expr.operand)
        if compound and not self._bare_in_log(expr.operand):
            operand = self.group(operand)
        return self.operator(operand, [self._print(expr.variable)], attached=simple)

    def _print_LossTerm(self, expr: Any) -> str:
        if not expr.name:  # nothing to call it by: what is differentiated is written out
            return self._print(reduce(D, expr.variables, expr.value))
        name = self.loss_name(expr.name)
        variables = [self._print(variable) for variable in expr.variables]
        return self.operator(name, variables, attached=True) if variables else name
