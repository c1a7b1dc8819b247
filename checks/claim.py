"""Claims: a statement about losses with its assumptions, its source and what its author expects.

Guarantees: a claim that exists has a statement that is a formula; the engine never reads the
expectation, the id or the title.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from types import FrameType
from typing import Any

from sympy import Abs, And, Basic, Expr, Le, Rational
from sympy.core.relational import Relational
from sympy.logic.boolalg import Boolean, BooleanAtom, BooleanFunction

from ..numeric.point import Point
from ..symbolic.declared import check_declared, check_sizes, with_terms
from ..symbolic.errors import DeclarationError
from ..symbolic.existence import Exists
from ..symbolic.limits import LimitTerm
from ..symbolic.loss import Loss
from .notebook import claim_markdown
from .verdict import Outcome, Verdict


@dataclass(frozen=True)
class Claim:
    """One claim: a formula, universally quantified over the domains of its variables.

    Parameters
    ----------
    id
        A short name, unique in its file, of letters, digits, dots, hyphens and underscores.
    statement
        A formula (a relation, ``And``, ``Or``, ``Not``, ``Implies``, ``Equivalent``), or several
        that all must hold.
    title
        The claim in words.
    given
        Assumptions.
    source
        Document and place that make the claim.
    expected
        The name of the outcome its author expects, "PROVED" unless said otherwise.
    at
        One exact point, if the claim is about a single instance.
    note
        What a reader should know of how the claim was put in formulas.
    loss
        A loss whose derivation belongs on the claim's page.

    Raises
    ------
    DeclarationError
        If the id, the statement, an assumption or the expectation has no meaning.

    >>> from gradproof.symbolic import Eq, S, class_sum
    >>> Claim("softmax-sum", Eq(class_sum(lambda j: S(j)), 1)).expected
    'PROVED'
    """

    id: str
    statement: tuple[Boolean, ...]
    title: str = ""
    given: tuple[Boolean, ...] = ()
    source: str = ""
    expected: str = "PROVED"
    at: Point | None = None
    note: str = ""
    loss: Loss | None = None
    where: str = field(default="", compare=False)

    def __init__(
        self,
        id: str,  # noqa: A002 - the field's name in reports and JSON
        statement: Any,
        *,
        title: str = "",
        given: Any = (),
        source: str = "",
        expected: str = "PROVED",
        at: Point | Mapping[Any, Any] | None = None,
        note: str = "",
        loss: Loss | None = None,
    ) -> None:
        formulas = _formulas(statement, f"the statement of claim {id!r}")
        facts = _formulas(given, f"an assumption of claim {id!r}")
        found = {
            "id": _checked_id(id),
            "statement": formulas,
            "title": title or id,
            "given": facts,
            "source": source,
            "expected": _checked_outcome(id, expected),
            "at": at if at is None or isinstance(at, Point) else Point(at),
            "note": note,
            "loss": loss,
            "where": _caller(),
        }
        if not formulas:
            raise DeclarationError(
                f"claim {id!r} has a statement", found="none", remedy="give it a formula"
            )
        check_sizes([*formulas, *facts])
        if at is not None and any(f.has(LimitTerm, Exists) for f in formulas):
            raise DeclarationError(
                f"claim {id!r}, about one exact point, holds no limit and no existence statement",
                found="one of them",
                remedy="leave at= out, and fix values by assumptions such as given=Eq(n, 2)",
            )
        for name, value in found.items():
            object.__setattr__(self, name, value)

    def __getstate__(self) -> dict[str, Any]:
        """Return the fields, formulas taken apart: SymPy evaluates what it unpickles."""
        state = {f.name: getattr(self, f.name) for f in fields(self)}
        return state | {name: _take_apart(state[name]) for name in ("statement", "given")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        for name, value in state.items():
            put = _put_together(value) if name in ("statement", "given") else value
            object.__setattr__(self, name, put)

    def _repr_markdown_(self) -> str:
        """Return what a notebook shows: the statement, its assumptions, its source."""
        return claim_markdown(self)

    def as_expected(self, verdict: Verdict) -> bool:
        """Tell whether a verdict is what the author expects."""
        return verdict.meets(Outcome[self.expected])


def _take_apart(formulas: tuple[Basic, ...]) -> tuple[Any, ...]:
    return tuple(
        (type(f), f.args if isinstance(f, Relational) else _take_apart(f.args))
        if isinstance(f, (Relational, BooleanFunction))
        else (None, f)
        for f in formulas
    )


def _put_together(parts: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(
        args
        if kind is None
        else kind(*args, evaluate=False)
        if issubclass(kind, Relational)
        else kind(*_put_together(args), evaluate=False)
        for kind, args in parts
    )


def _checked_id(name: object) -> str:
    if not isinstance(name, str) or not re.fullmatch(r"[A-Za-z0-9][\w.-]*", name):
        raise DeclarationError(
            "the id of a claim is a word of letters, digits, dots, hyphens and underscores",
            found=repr(name),
            remedy="choose an id such as 'ce-gradient'",
        )
    return name


def _checked_outcome(name: str, expected: str) -> str:
    if expected not in Outcome.__members__:
        raise DeclarationError(
            f"claim {name!r} expects one of {', '.join(Outcome.__members__)}",
            found=repr(expected),
            remedy="correct expected=",
        )
    return expected


def _formulas(statement: Any, what: str) -> tuple[Boolean, ...]:
    if isinstance(statement, And):
        return tuple(f for part in statement.args for f in _formulas(part, what))
    if isinstance(statement, Iterable) and not isinstance(statement, (str, Basic)):
        return tuple(f for part in statement for f in _formulas(part, what))
    if isinstance(statement, (BooleanAtom, bool)):
        raise DeclarationError(
            f"{what} is a formula that still says something",
            found=f"{statement}, which SymPy made of it at once",
            remedy="build it with the relations of gradproof.symbolic, which stay as written",
        )
    if not isinstance(statement, (Relational, BooleanFunction)):
        found = f"{statement!r}, {_kind(statement)}"
        raise DeclarationError(
            f"{what} is a formula",
            found=found if len(found) < 120 else found[:117] + "...",
            remedy="write a relation such as Eq(left, right)",
        )
    check_declared(statement)
    return (with_terms(statement),)


def _kind(value: object) -> str:
    if isinstance(value, Expr):
        return "an expression"
    name = type(value).__name__
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def _caller() -> str:
    """Return file and line of the first frame outside this package."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None and frame.f_code.co_filename == __file__:
        frame = frame.f_back
    return f"{frame.f_code.co_filename}:{frame.f_lineno}" if frame is not None else ""


def rounds_to(expr: Expr, figure: str) -> Boolean:
    """Return the statement that `expr` agrees with the printed `figure` to its last digit.

    A figure with d digits after the point stands for every value within half a unit of the last
    of them.

    >>> from gradproof.symbolic import S
    >>> rounds_to(S(1), "0.23").rhs
    1/200
    """
    if not re.fullmatch(r"-?\d+(\.\d+)?", figure):
        raise DeclarationError(
            "a printed figure is a decimal number",
            found=repr(figure),
            remedy="write it as in the source, such as '0.462'",
        )
    digits = len(figure.partition(".")[2])
    return Le(Abs(expr - Rational(figure)), Rational(1, 2 * 10**digits), evaluate=False)
