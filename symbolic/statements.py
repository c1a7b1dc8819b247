"""How statements and case distinctions are laid out: relations, connectives, branches.

Guarantees: conjunctions print in one order whatever the order they were made in, and two
inequalities that share a side print as a chain, ``0 < S_i < 1``.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar

from sympy import (
    And,
    Eq,
    Equivalent,
    Ge,
    Gt,
    Implies,
    Le,
    Lt,
    Ne,
    Not,
    Or,
    Symbol,
    default_sort_key,
    oo,
    true,
)
from sympy.core.basic import Basic
from sympy.core.relational import Relational
from sympy.tensor.indexed import Indexed

from .calculus import LossTerm
from .existence import Exists
from .limits import LimitTerm
from .spelling import Spelling
from .universal import Every
from .vocabulary import Softmax, is_class, n

_NAMES = {Eq: "Eq", Ne: "Ne", Lt: "Lt", Le: "Le", Gt: "Gt", Ge: "Ge"}
_MIRROR = {Eq: Eq, Lt: Gt, Gt: Lt, Le: Ge, Ge: Le}


class StatementLayout(Spelling):
    """The grammar of statements, mixed into a printer of formulas."""

    relations: ClassVar[dict[str, str]]
    words: ClassVar[dict[str, str]]
    _running: dict[Symbol, str]

    @abstractmethod
    def branches(self, rows: list[tuple[str, str]]) -> str:
        """Write a case distinction; an empty condition is the last resort."""

    def _print_Relational(self, expr: Relational, **_: Any) -> str:
        left, right, kind = expr.lhs, expr.rhs, type(expr)
        if kind in _MIRROR and not left.is_Number and not _speaks(left) and _speaks(right):
            left, right, kind = right, left, _MIRROR[kind]
        return f"{self._print(left)} {self.relations[_NAMES[kind]]} {self._print(right)}"

    def _print_And(self, expr: And, **_: Any) -> str:
        parts = sorted(expr.args, key=_shortest_first)
        chain = self._chain(parts)
        return chain or self.words["And"].join(self._part(part) for part in parts)

    def _chain(self, parts: list[Basic]) -> str:
        """Return ``a < b < c`` for two inequalities that share b, else nothing."""
        if len(parts) != 2 or not all(isinstance(part, (Lt, Le, Gt, Ge)) for part in parts):
            return ""
        first, second = parts if parts[0].gts == parts[1].lts else reversed(parts)
        if first.gts != second.lts:
            return ""
        signs = [
            self.relations["Lt" if isinstance(part, (Lt, Gt)) else "Le"] for part in (first, second)
        ]
        low, middle, high = (self._print(a) for a in (first.lts, first.gts, second.gts))
        return f"{low} {signs[0]} {middle} {signs[1]} {high}"

    def _print_Or(self, expr: Or, **_: Any) -> str:
        return self.words["Or"].join(
            self._part(part) for part in sorted(expr.args, key=_shortest_first)
        )

    def _print_Not(self, expr: Not, **_: Any) -> str:
        return self.words["Not"] + self.paren(self._print(expr.args[0]))

    def _print_Implies(self, expr: Implies, **_: Any) -> str:
        return self._between(expr.args, self.words["Implies"])

    def _print_Equivalent(self, expr: Equivalent, **_: Any) -> str:
        return self._between(sorted(expr.args, key=default_sort_key), self.words["Equivalent"])

    def _print_Every(self, expr: Every, **_: Any) -> str:
        before = dict(self._running)
        self._bind(expr.running)
        text = self._print(expr.formula)
        parts = expr.formula.args if isinstance(expr.formula, And) else ()
        if isinstance(expr.formula, (And, Or, Implies, Equivalent)) and not (
            parts and self._chain(sorted(parts, key=_shortest_first))
        ):
            text = self.paren(text)
        letter, last = self._print(expr.running), self._print(expr.size)
        self._running = before
        run = letter if expr.size == n else f"{letter} {self.relations['Eq']} 1..{last}"
        return f"{text}{self.words['every']}{run}"

    def _print_Exists(self, expr: Exists, **_: Any) -> str:
        chosen = ", ".join(map(self._choice, expr.chosen))
        return f"{self.words['some']}{chosen}: {self._print(expr.formula)}"

    def _choice(self, variable: Basic) -> str:
        """Write what is chosen; the sign of a scalar says which values there are."""
        name = self._print(getattr(variable, "label", variable))
        if is_class(variable) or variable == n or not isinstance(variable, Symbol):
            return name
        sign = "Gt" if variable.is_positive else "Ge" if variable.is_nonnegative else ""
        return f"{name} {self.relations[sign]} 0" if sign else name

    def _between(self, parts: Any, word: str) -> str:
        arrows = (Implies, Equivalent, Every, Exists)
        printed = [self._print(part) for part in parts]
        bracketed = [
            self.paren(text) if isinstance(part, arrows) else text
            for part, text in zip(parts, printed, strict=True)
        ]
        return f" {word} ".join(bracketed)

    def _part(self, expr: Basic) -> str:
        text = self._print(expr)
        nested = isinstance(expr, (And, Or, Implies, Equivalent, Every, Exists))
        return self.paren(text) if nested else text

    def _print_LimitTerm(self, expr: LimitTerm, **_: Any) -> str:
        target, body = self._print(expr.target), self._print(expr.body)
        if expr.target not in (oo, -oo):
            target = self.paren(target) if expr.target.is_Add or expr.target.is_Mul else target
            target += self.words[expr.side]
        if expr.body.is_Add or body.startswith(("-", "\N{MINUS SIGN}")):
            body = self.paren(body)
        place = f"{self._print(expr.variable)}{self.words['to']}{target}"
        return f"{self.subscript(self.words['lim'], place)} {body}"

    def _print_BooleanTrue(self, expr: Basic) -> str:
        return self.words["true"]

    def _print_BooleanFalse(self, expr: Basic) -> str:
        return self.words["false"]

    def _print_Piecewise(self, expr: Basic, **_: Any) -> str:
        return self.branches(
            [
                (self._print(value), "" if condition is true else self._print(condition))
                for value, condition in expr.args
            ]
        )


def _speaks(side: Basic) -> bool:
    """Tell whether a side is about the classes, so that it belongs on the left."""
    return side.has(Indexed, Softmax, LossTerm)


def _shortest_first(part: Basic) -> tuple[int, object]:
    return part.count_ops(), default_sort_key(part)
