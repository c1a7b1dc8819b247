r"""Formulas in print: LaTeX for documents and one line of Unicode for a terminal.

Guarantees: the text follows from the expression alone; it is the same in every process, whatever
the hash seed and the order in which symbols were made, and no bound index or stand-in shows.
The LaTeX uses only commands that GitHub's Markdown renders (so no ``\operatorname``).
What printing cannot see is the truth of what it prints.

Conventions: S is the softmax of the logits z, any other softmax is written with its logits; a sum
without limits runs over all classes, and extends to the next plus or minus.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from sympy import Expr, Integer, Symbol
from sympy.core.basic import Basic
from sympy.printing.latex import LatexPrinter
from sympy.printing.pretty.pretty_symbology import greek_unicode
from sympy.printing.str import StrPrinter
from sympy.tensor.indexed import Indexed

from .layout import Layout
from .letters import names_in, upright
from .shapes import is_fraction, with_power_of_ten
from .statements import StatementLayout
from .vocabulary import SLOT, Softmax, is_bound, z

_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


class LatexFormulas(StatementLayout, Layout, LatexPrinter):
    """Spells formulas in LaTeX."""

    minus, delta, log, dotted = "-", r"\delta", r"\log", r" \cdot "
    relations: ClassVar[dict[str, str]] = {
        "Eq": "=", "Ne": r"\ne", "Lt": "<", "Le": r"\le", "Gt": ">", "Ge": r"\ge",
    }  # fmt: skip
    words: ClassVar[dict[str, str]] = {
        "And": r"\ \text{and}\ ", "Or": r"\ \text{or}\ ", "Not": r"\lnot ", "every": r"\ \forall ",
        "Implies": r"\implies", "Equivalent": r"\iff", "some": r"\exists\ ", "true": r"\text{true}",
        "false": r"\text{false}", "lim": r"\lim", "to": r" \to ", "+": "^{+}", "-": "^{-}",
    }  # fmt: skip

    def paren(self, text: str, marks: str = "()") -> str:
        """Put `text` in brackets that fit its height."""
        tall = any(mark in text for mark in (r"\frac", r"\sum", r"\int", r"\begin"))
        left, right = marks[0], marks[1]
        return rf"\left{left}{text}\right{right}" if tall else f"{left}{text}{right}"

    def small(self, expr: Expr) -> str:
        """Print `expr` in an exponent, where fractions are written with a slash."""
        before, self._inline = self._inline, True
        text = str(self._print(expr))
        self._inline = before
        return text

    def fraction(self, over: list[Expr], under: list[Expr], *, followed: bool) -> str:
        """Write a fraction with a line, unless it stands in an exponent."""
        if self._inline:
            return super().fraction(over, under, followed=followed)
        return (
            rf"\frac{{{self._product(over)}}}{{{self._product([*map(with_power_of_ten, under)])}}}"
        )

    def subscript(self, base: str, index: str) -> str:
        """Write an index."""
        return f"{base}_{{{index}}}"

    def power(self, base: str, exponent: str) -> str:
        """Write a power."""
        return f"{base}^{{{exponent}}}"

    def root(self, base: str) -> str:
        """Write a square root."""
        return rf"\sqrt{{{base}}}"

    def function(self, name: str) -> str:
        """Write the name of a function."""
        known = {"Sigmoid": r"\sigma", "Abs": r"\mathrm{abs}", "Max": r"\max", "Min": r"\min"}
        built_in = ("sin", "cos", "tan", "sinh", "cosh", "tanh", "arctan")
        spelled = f"\\{name}" if name in built_in else name if len(name) == 1 else ""
        return known.get(name) or spelled or upright(name)

    def loss_name(self, name: str) -> str:
        """Write the name of a loss."""
        head, _, tail = name.partition("_")
        if len(tail) == 1:
            return self.subscript(self.loss_name(head), tail)
        return name if len(name) == 1 else upright(name)

    def sum_sign(self, running: str, last: str | None, left_out: list[str]) -> str:
        """Write the sign of a sum with what it runs over."""
        condition = "=1" if last else ""
        if len(left_out) == 1:
            condition = rf" \ne {left_out[0]}"
        elif left_out:
            condition = rf" \notin \{{{', '.join(left_out)}\}}"
        return rf"\sum_{{{running}{condition}}}" + (f"^{{{last}}}" if last else "")

    def integral(self, body: str, running: str, edges: Sequence[str]) -> str:
        """Write an integral over `running`."""
        limits = f"_{{{edges[0]}}}^{{{edges[1]}}}" if len(edges) == 2 else ""
        return rf"\int{limits} {body} \, d{running}"

    def operator(self, operand: str, variables: Sequence[str], *, attached: bool) -> str:
        """Write a partial derivative; `attached` puts the operand on the fraction line."""
        order = f"^{{{len(variables)}}}" if len(variables) > 1 else ""
        if order and len(set(variables)) == 1:
            below = rf"\partial {variables[0]}{order}"
        else:
            below = r" \, ".join(rf"\partial {v}" for v in variables)
        if attached:
            return rf"\frac{{\partial{order} {operand}}}{{{below}}}"
        return rf"\frac{{\partial{order}}}{{{below}}} {operand}"

    def branches(self, rows: list[tuple[str, str]]) -> str:
        """Write a case distinction."""
        lines = [
            f"{value} & " + (rf"\text{{if }} {condition}" if condition else r"\text{otherwise}")
            for value, condition in rows
        ]
        return r"\begin{cases}" + r" \\ ".join(lines) + r"\end{cases}"

    def _bare_in_log(self, argument: Expr) -> bool:
        return is_fraction(argument) or super()._bare_in_log(argument)

    def _print_Symbol(self, expr: Symbol, **_: Any) -> str:
        if expr == SLOT:
            return r"\cdot"
        return self.spelled(expr) if is_bound(expr) else super()._print_Symbol(expr)

    def _print_Softmax(self, expr: Softmax, **_: Any) -> str:
        head = "S" if expr.logit == z[SLOT] else rf"\mathrm{{softmax}}{self._logits(expr)}"
        member = expr.args[0]
        return head if member == SLOT else self.subscript(head, self._print(member))

    def _print_exp(self, expr: Expr, **_: Any) -> str:
        return self.power("e", self.small(expr.args[0]))

    def _print_Integer(self, expr: Expr) -> str:
        return str(expr)

    def _print_Rational(self, expr: Expr) -> str:
        line = self.fraction([Integer(abs(expr.p))], [Integer(expr.q)], followed=False)
        return ("-" if expr.p < 0 else "") + line

    def _print_Abs(self, expr: Expr, **_: Any) -> str:
        return rf"\left\lvert {self._print(expr.args[0])} \right\rvert"


class TextFormulas(StatementLayout, Layout, StrPrinter):
    """Spells formulas in one line of Unicode."""

    minus, delta, log, dotted = "\N{MINUS SIGN}", "δ", "log", "·"
    relations: ClassVar[dict[str, str]] = {
        "Eq": "=", "Ne": "≠", "Lt": "<", "Le": "≤", "Gt": ">", "Ge": "≥",
    }  # fmt: skip
    words: ClassVar[dict[str, str]] = {
        "And": " and ", "Or": " or ", "Not": "not ", "Implies": "⟹", "Equivalent": "⟺",
        "every": " for every ", "some": "for some ",
        "true": "true", "false": "false", "lim": "lim", "to": " → ", "+": "⁺", "-": "⁻",
    }  # fmt: skip

    def paren(self, text: str, marks: str = "()") -> str:
        """Put `text` in brackets."""
        return f"{marks[0]}{text}{marks[1]}"

    def subscript(self, base: str, index: str) -> str:
        """Write an index, in brackets if it is a formula."""
        plain = index.replace(",", "").isalnum()
        return f"{base}_{index}" if plain else f"{base}_({index})"

    def power(self, base: str, exponent: str) -> str:
        """Write a power, a natural number as a superscript."""
        if exponent.isdigit():
            return base + exponent.translate(_SUPERSCRIPTS)
        return f"{base}^{exponent}" if exponent.isalnum() else f"{base}^({exponent})"

    def root(self, base: str) -> str:
        """Write a square root."""
        return f"√{base}" if base.isalnum() else f"√({base})"

    def function(self, name: str) -> str:
        """Write the name of a function."""
        return {"Sigmoid": "\N{GREEK SMALL LETTER SIGMA}", "Max": "max", "Min": "min"}.get(
            name, name
        )

    def loss_name(self, name: str) -> str:
        """Write the name of a loss."""
        return name

    def sum_sign(self, running: str, last: str | None, left_out: list[str]) -> str:
        """Write the sign of a sum with what it runs over."""
        if len(left_out) == 1:
            running = f"({running}≠{left_out[0]})"
        elif left_out:
            running = f"({running}∉{{{', '.join(left_out)}}})"
        elif last:
            running = f"({running}=1..{last})"
        return f"Σ_{running}"

    def integral(self, body: str, running: str, edges: Sequence[str]) -> str:
        """Write an integral over `running`."""
        if len(edges) != 2:
            return f"∫ {body} d{running}"
        low, high = (edge if edge.isalnum() else self.paren(edge) for edge in edges)
        return f"∫_{low}^{high} {body} d{running}"

    def operator(self, operand: str, variables: Sequence[str], *, attached: bool) -> str:
        """Write a partial derivative; `attached` puts the operand before the slash."""
        order = str(len(variables)).translate(_SUPERSCRIPTS) if len(variables) > 1 else ""
        if order and len(set(variables)) == 1:
            below = f"∂{variables[0]}{order}"
        else:
            below = "".join(f"∂{v}" for v in variables)
        return f"∂{order}{operand}/{below}" if attached else f"∂{order}/{below} {operand}"

    def branches(self, rows: list[tuple[str, str]]) -> str:
        """Write a case distinction on one line."""
        lines = [
            f"{value} if {condition}" if condition else f"{value} otherwise"
            for value, condition in rows
        ]
        return "{" + "; ".join(lines) + "}"

    def _print(self, expr: Any, **settings: Any) -> str:
        if isinstance(expr, Indexed):  # SymPy's members of families print themselves
            return self._print_Indexed(expr)
        return str(super()._print(expr, **settings))

    def _print_Symbol(self, expr: Symbol) -> str:
        name = "·" if expr == SLOT else self.spelled(expr)
        return greek_unicode.get(name, name)

    def _print_Softmax(self, expr: Softmax) -> str:
        head = "S" if expr.logit == z[SLOT] else f"softmax{self._logits(expr)}"
        member = expr.args[0]
        return head if member == SLOT else self.subscript(head, self._print(member))

    def _print_exp(self, expr: Expr, **_: Any) -> str:
        return f"exp{self.paren(self._print(expr.args[0]))}"

    def _print_Abs(self, expr: Expr, **_: Any) -> str:
        return f"|{self._print(expr.args[0])}|"

    def _print_WrappedGaussian(self, expr: Expr) -> str:
        _, angle, width = expr.args
        return f"Θ{chr(39) * expr.order}_{self._print(width)}" + self.paren(self._print(angle))

    def _print_Integer(self, expr: Expr) -> str:
        return str(expr).replace("-", self.minus)

    def _print_Float(self, expr: Expr) -> str:
        return self._print_Integer(expr)

    def _print_Rational(self, expr: Expr) -> str:
        return self._print_Integer(expr)

    def _print_Pi(self, expr: Expr) -> str:
        return "π"

    def _print_Infinity(self, expr: Expr) -> str:
        return "∞"

    def _print_NegativeInfinity(self, expr: Expr) -> str:
        return f"{self.minus}∞"


def to_latex(expr: Basic, *, avoid: Iterable[str] = ()) -> str:
    r"""Return `expr` in LaTeX, for a mathematics environment.

    Parameters
    ----------
    expr
        A class-sum expression or a statement about some.
    avoid
        Further names that bound indices must not take, such as those of a whole page.

    >>> from gradproof.symbolic import K, S, class_sum, i
    >>> to_latex(S(i) - S(i) * K[i] / class_sum(lambda j: S(j) * K[j]))
    'S_{i} - \\frac{S_{i} K_{i}}{\\sum_{j} S_{j} K_{j}}'
    """
    printer = LatexFormulas()
    printer.reserve(names_in(expr) | frozenset(avoid))
    return str(printer.doprint(expr))


def to_text(expr: Basic, *, avoid: Iterable[str] = ()) -> str:
    """Return `expr` as one line of Unicode; `avoid` as for `to_latex`.

    >>> from gradproof.symbolic import K, S, class_sum, i
    >>> to_text(S(i) * K[i] / class_sum(lambda j: S(j) * K[j]))
    'S_i K_i / Σ_j S_j K_j'
    """
    printer = TextFormulas()
    printer.reserve(names_in(expr) | frozenset(avoid))
    return str(printer.doprint(expr))
