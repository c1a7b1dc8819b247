"""Formulas as Python source, in the words of `gradproof.symbolic`.

Guarantees: running the source gives back the formula.
A formula with a part that the public words cannot spell is refused, never printed in part.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable, Iterator
from typing import Any

import sympy
from sympy import Expr, IndexedBase, KroneckerDelta, Sum, Symbol
from sympy.core.basic import Basic
from sympy.core.function import Application
from sympy.core.relational import Relational
from sympy.printing.str import StrPrinter
from sympy.tensor.indexed import Indexed

from .. import symbolic
from ..symbolic.calculus import LossTerm
from ..symbolic.errors import UnsupportedError
from ..symbolic.letters import letters
from ..symbolic.vocabulary import SLOT, Softmax, family, index, is_bound, n, scalar, z

_WORDS = ("n", "i", "j", "k", "l", "m", "y", "z", "p", "K", "x", "outputs")
_SIGNS: tuple[dict[str, bool], ...] = ({}, {"nonnegative": True}, {"positive": True})
_SPELLED = (
    *(sympy.Add, sympy.Mul, sympy.Pow, sympy.Rational, sympy.Piecewise, sympy.Integral),
    *(KroneckerDelta, LossTerm, Softmax, Sum),
)
_RELATIONS = {
    sympy.Eq: "Eq", sympy.Ne: "Ne", sympy.Lt: "Lt", sympy.Le: "Le", sympy.Gt: "Gt", sympy.Ge: "Ge",
}  # fmt: skip


class PythonSource(StrPrinter):
    """Spells formulas in Python.

    Attributes
    ----------
    imports
        The names used so far, each with the module it comes from.
    declarations
        The lines that declare symbols which the library does not name.
    """

    def __init__(self, formulas: Iterable[Basic]) -> None:
        super().__init__()
        self.imports: set[tuple[str, str]] = set()
        self.declarations: list[str] = []
        self._names: dict[Basic, str] = {}
        for member in _variables(formulas):
            self._names[member] = self._name(member)
        self._taken = set(self._names.values()) | {symbol.name for symbol in self._names}

    def _print(self, expr: Any, **settings: Any) -> str:
        # SymPy's members of families print themselves
        if isinstance(expr, Indexed):
            return f"{self._print(expr.base)}[{self._print(expr.indices[0])}]"
        if isinstance(expr, (IndexedBase, Symbol)):
            return self._named(expr)
        if isinstance(expr, sympy.NumberSymbol):
            return self._used(str(expr), sympy.__name__)
        if isinstance(expr, _SPELLED):
            return str(super()._print(expr, **settings))
        if isinstance(expr, Relational):
            return f"{self._used(_RELATIONS[type(expr)])}({self._listed(expr.args)})"
        if isinstance(expr, Application):
            return f"{self._word(type(expr).__name__, expr)}({self._listed(expr.args)})"
        raise _unknown(expr)

    def _named(self, expr: Symbol | IndexedBase) -> str:
        if expr not in self._names:
            raise _unknown(expr)
        return self._names[expr]

    def _word(self, name: str, expr: Basic) -> str:
        """Return a name of `gradproof.symbolic` or of SymPy that stands for the type of `expr`."""
        for module in (symbolic, sympy):
            found = getattr(module, name, None)
            if found is type(expr):
                return self._used(name, module.__name__)
        raise _unknown(expr)

    def _used(self, name: str, module: str = symbolic.__name__) -> str:
        self.imports.add((module, name))
        return name

    def _name(self, member: Symbol | IndexedBase) -> str:
        """Return the variable that holds a symbol or a family, imported or declared."""
        for word in _WORDS:
            if getattr(symbolic, word) == member:
                return self._used(word)
        name = re.sub(r"\W|^(?=\d)", "_", member.name)
        while keyword.iskeyword(name) or name in {*dir(symbolic), *dir(sympy), "prove"}:
            name += "_"
        self.declarations.append(f"{name} = {self._declaration(member)}")
        return name

    def _declaration(self, member: Symbol | IndexedBase) -> str:
        """Return the call that makes a symbol or a family."""
        if isinstance(member, IndexedBase):
            size = member.shape[0] if member.shape else n
            for signs in _SIGNS:
                if family(member.name, size=size, **signs) == member:
                    sized = {} if size == n else {"size": self._print(size)}
                    return self._call("family", member, sized, signs)
        elif index(member.name) == member:
            return self._call("index", member)
        else:
            for signs in _SIGNS:
                if scalar(member.name, **signs) == member:
                    return self._call("scalar", member, signs)
        raise _unknown(member)

    def _call(self, maker: str, member: Symbol | IndexedBase, *options: dict[str, Any]) -> str:
        given = "".join(f", {key}={value}" for some in options for key, value in some.items())
        return f'{self._used(maker)}("{member.name}"{given})'

    def _print_Rational(self, expr: sympy.Rational) -> str:
        return f"{self._used('Rational', 'sympy')}({expr.p}, {expr.q})"

    def _print_Pow(self, expr: Expr, rational: bool = False) -> str:
        text = str(super()._print_Pow(expr, rational=rational))
        if "sqrt" in text:
            self._used("sqrt")
        return text

    def _print_KroneckerDelta(self, expr: KroneckerDelta) -> str:
        return f"{self._used('delta')}({self._listed(expr.args)})"

    def _print_Piecewise(self, expr: sympy.Piecewise) -> str:
        rows = [
            f"({self._print(value)}, {'True' if holds == sympy.true else self._print(holds)})"
            for value, holds in expr.args
        ]
        return f"{self._word('Piecewise', expr)}({', '.join(rows)})"

    def _print_Integral(self, expr: sympy.Integral) -> str:
        limits = [f"({self._listed(limit)})" for limit in expr.limits]
        return f"{self._word('Integral', expr)}({', '.join([self._print(expr.function), *limits])})"

    def _print_Sum(self, expr: Sum) -> str:
        *inner, (running, first, size) = expr.limits
        if first != 1 or not is_bound(running):
            raise _unknown(expr)
        body = self._inside(Sum(expr.function, *inner) if inner else expr.function, running)
        sized = "" if size == n else f", size={self._print(size)}"
        return f"{self._used('class_sum')}({body}{sized})"

    def _print_Softmax(self, expr: Softmax) -> str:
        member = self._print(expr.args[0])
        if expr.logit == z[SLOT]:
            return f"{self._used('S')}({member})"
        return f"{self._used('softmax')}({member}, {self._inside(expr.logit, SLOT)})"

    def _print_LossTerm(self, expr: LossTerm) -> str:
        known = _in_library(expr)
        if known:
            members = self._listed(variable.indices[0] for variable in expr.variables)
            call = ("term", f"gradient({members})", f"hessian({members})")[len(expr.variables)]
            return f"{self._used('losses')}.{known}.{call}"
        parts = self._listed([expr.value, *expr.variables])
        return f'{self._used("LossTerm")}("{expr.name}", {parts})'

    def _inside(self, body: Expr, running: Symbol) -> str:
        """Spell `body` as a function of the running class."""
        letter = next(letters(self._taken))
        self._taken.add(letter)
        self._names[running], before = letter, self._names.get(running)
        text = f"lambda {letter}: {self._print(body)}"
        self._taken.discard(letter)
        del self._names[running]
        if before is not None:
            self._names[running] = before
        return text

    def _listed(self, parts: Iterable[Basic]) -> str:
        return ", ".join(self._print(part) for part in parts)


def _in_library(term: LossTerm) -> str:
    """Return the name of a loss of the library that makes `term`, or nothing."""
    for name, loss in symbolic.losses.LOSSES.items():
        usual = all(isinstance(v, Indexed) and v.base == loss.wrt for v in term.variables)
        if usual and loss.term == term.func(*term.args[:2]) and len(term.variables) <= 2:
            return name
    return ""


def _unknown(expr: Basic) -> UnsupportedError:
    return UnsupportedError(
        "a formula in Python is written with the public words of gradproof",
        found=f"{type(expr).__name__} {expr}",
        remedy="read the statement in its printed form instead",
    )


def _variables(formulas: Iterable[Basic]) -> Iterator[Symbol | IndexedBase]:
    """Yield the symbols and families of some formulas in one order, sizes before families."""
    formulas = list(formulas)
    families = {base for formula in formulas for base in formula.atoms(IndexedBase)}
    labels = {base.label for base in families}
    symbols = {s for formula in formulas for s in formula.atoms(Symbol) if not is_bound(s)}
    sizes = {size for base in families for size in base.shape or () if isinstance(size, Symbol)}
    yield from sorted((symbols | sizes) - labels, key=str)
    yield from sorted(families, key=str)
