"""What a formula that a user wrote may hold: exact numbers, members of families, derivatives.

Guarantees: a formula that passes has no float, and names a family only with the class of a member
(or as what an existence statement chooses); SymPy's derivatives in it become terms of gradproof.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from sympy import Derivative, Dummy, Expr, Float, IndexedBase, Symbol
from sympy.core.basic import Basic
from sympy.core.relational import Relational
from sympy.logic.boolalg import BooleanFunction
from sympy.tensor.indexed import Indexed

from .calculus import LossTerm
from .class_sums import bottom_up
from .errors import DeclarationError
from .existence import Exists
from .kinds import KINDS, is_declared
from .vocabulary import is_bound


def check_declared(formula: Basic) -> None:
    """Refuse what has no exact meaning in a formula.

    Raises
    ------
    DeclarationError
        If a float, a family without a class, or a symbol that is no plain real number occurs in
        it.
    """
    if isinstance(formula, Float):
        exact = Fraction(str(float(formula))).limit_denominator(1000)
        raise DeclarationError(
            "the numbers of a formula are exact",
            found=f"the float {float(formula)}",
            remedy=f"write Rational({exact.numerator}, {exact.denominator})"
            if exact.denominator > 1
            else f"write {exact.numerator}",
        )
    if isinstance(formula, Symbol) and not isinstance(formula, Dummy):
        _check_symbol(formula)
    if isinstance(formula, IndexedBase):
        raise DeclarationError(
            "a formula names the members of a family, not the family itself",
            found=str(formula),
            remedy=REMEDY.format(name=formula),
        )
    if isinstance(formula, Indexed):
        _check_symbol(formula.base.label)
        parts = formula.args[1:]
    elif isinstance(formula, Exists):
        parts = formula.args[:1]
    else:
        parts = formula.args
    for part in parts:
        if isinstance(part, Basic):
            check_declared(part)


def _check_symbol(symbol: Symbol) -> None:
    if not (is_bound(symbol) or is_declared(symbol)):
        raise DeclarationError(
            f"a symbol of a formula is a real number, of which nothing else is assumed than "
            f"{', '.join(KINDS[1:-1])} or {KINDS[-1]}",
            found=f"the symbol {symbol}",
            remedy="declare it with scalar() or family()",
        )


def check_sizes(formulas: Iterable[Basic]) -> None:
    """Refuse two families that share a name and differ in size.

    Raises
    ------
    DeclarationError
        If a number was put for n in one part, which leaves n elsewhere.
    """
    sizes: dict[str, set[Basic]] = {}
    for formula in formulas:
        for base in formula.atoms(IndexedBase):
            if base.shape is not None:
                sizes.setdefault(str(base), set()).add(base.shape[0])
    for name, found in sorted(sizes.items()):
        if len(found) > 1:
            number = next((size for size in found if size.is_Integer), 2)
            raise DeclarationError(
                f"the family {name} has one size",
                found=" and ".join(sorted(map(str, found))),
                remedy="put no number in place of n; fix the number of classes by an assumption, "
                f"given=Eq(n, {number})",
            )


REMEDY = (
    "write {name}[j] for the member of class j and class_sum(lambda j: {name}[j]) for a sum; "
    "for a largest member assume every(lambda j: Le({name}[j], {name}[m])) and use {name}[m]"
)
"""What to write instead of a family by itself."""


def with_terms(formula: Any) -> Any:
    """Return a formula with SymPy's derivatives as nameless terms, its relations as written."""
    if not formula.has(Derivative):
        return formula
    if isinstance(formula, (Relational, BooleanFunction)):
        return type(formula)(*map(with_terms, formula.args), evaluate=False)
    return bottom_up(formula, _as_term)


def _as_term(node: Expr) -> Expr:
    if not isinstance(node, Derivative):
        return node
    if not all(isinstance(variable, (Symbol, Indexed)) for variable in node.variables):
        raise DeclarationError(
            "a derivative is taken by a scalar or a member of a family",
            found=str(node),
            remedy="differentiate by variables such as z[i]",
        )
    return LossTerm("", node.expr, *node.variables)
