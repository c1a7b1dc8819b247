"""The kinds of numbers that scalars and members of families may be declared to be.

Guarantees: what is declared so is a real number, and every point gives it a value of its kind;
anything else that SymPy could assume of a symbol is refused, since no method here looks at it.
"""

from __future__ import annotations

from collections.abc import Mapping

from sympy import Symbol

from .errors import DeclarationError

KINDS = ("real", "positive", "nonnegative", "negative", "nonpositive", "nonzero", "integer")
"""What a number may be declared to be."""


def check_declaration(name: str, assumptions: Mapping[str, bool]) -> None:
    """Refuse a name or an assumption that a number cannot be declared with.

    Raises
    ------
    DeclarationError
        If the name begins with an underscore or holds a bracket, or something else than a kind is
        assumed.
    """
    if "[" in name or "]" in name:
        raise DeclarationError(
            "names with brackets are those of members of a family",
            found=repr(name),
            remedy="choose another name, or declare a family and take its member",
        )
    if name.startswith("_"):
        raise DeclarationError(
            "names that begin with an underscore are those of running classes",
            found=repr(name),
            remedy="choose another name",
        )
    others = [f"{kind}={value}" for kind, value in assumptions.items() if not _is_kind(kind, value)]
    if others:
        raise DeclarationError(
            f"a number is declared to be {', '.join(KINDS[:-1])} or {KINDS[-1]}",
            found=f"{name} with {', '.join(others)}",
            remedy="state what else is assumed as an assumption, given=...",
        )


def _is_kind(kind: str, value: bool) -> bool:
    return kind in KINDS and value is True


def is_declared(symbol: Symbol) -> bool:
    """Tell whether a symbol is real, and nothing is assumed of it that is no kind of number."""
    known = symbol.assumptions0
    kinds = {kind: True for kind in KINDS if known.get(kind)}
    return "real" in kinds and Symbol(symbol.name, **kinds).assumptions0 == known
