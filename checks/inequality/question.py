"""The exact polynomial question behind an inequality, and its answer as data.

Guarantees: values only; nothing here decides anything.
A question asks whether a polynomial in real unknowns of stated signs is nonnegative (or positive)
wherever its hypotheses hold; what is so for the unknowns is so for every number of classes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from flint import Ordering, fmpq, fmpq_mpoly_ctx

from .work import Work

Poly = Any
"""A polynomial over the rationals in the unknowns of a question (`flint.fmpq_mpoly`)."""

Node = dict[str, Any]
"""One step of a certificate, as JSON data."""


@dataclass(frozen=True)
class Unknown:
    """A real number that stands for a part of a statement.

    Attributes
    ----------
    name
        Its name in polynomials.
    sign
        ``">0"``, ``">=0"`` or ``"real"``.
    meaning
        What it stands for, as text.
    powers
        How often each base factor counts in it; for the sum over the remaining classes of a
        product, the exponents of that product.
    group
        Where it is such a sum: the classes it runs over.
    """

    name: str
    sign: str
    meaning: str
    powers: Mapping[str, Any] = field(default_factory=dict, hash=False)
    group: str = ""


@dataclass(frozen=True)
class Hypothesis:
    """A polynomial known to be nonnegative, positive or zero, and why.

    Attributes
    ----------
    poly
        The polynomial.
    relation
        ``">=0"``, ``">0"`` or ``"==0"``.
    lemma
        The lemma it is an instance of, "assumption" for what the claim gives.
    text
        The fact as a reader would write it.
    of
        The data of the instance.
    """

    poly: Poly
    relation: str
    lemma: str
    text: str
    of: Mapping[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Question:
    """The question whether `goal` is nonnegative, or positive, under the hypotheses.

    `multipliers` are polynomials worth multiplying the goal with, such as numbers of classes.
    """

    unknowns: tuple[Unknown, ...]
    goal: Poly
    strict: bool
    hypotheses: tuple[Hypothesis, ...] = ()
    multipliers: tuple[Poly, ...] = ()
    work: Work = field(default_factory=Work, compare=False)

    @property
    def context(self) -> Any:
        """The polynomials' context."""
        return self.goal.context()

    @property
    def relation(self) -> str:
        """The relation asked for."""
        return ">0" if self.strict else ">=0"

    def of(self, goal: Poly, *, strict: bool) -> Question:
        """Return the question about another polynomial under the same hypotheses."""
        return replace(self, goal=goal, strict=strict)


def context_of(names: Iterable[str]) -> Any:
    """Return the context of polynomials in unknowns of these names."""
    return fmpq_mpoly_ctx.get(list(names), Ordering.degrevlex)


def terms(poly: Poly) -> list[tuple[tuple[int, ...], fmpq]]:
    """Return the monomials of a polynomial with their coefficients."""
    return [(tuple(map(int, m)), c) for m, c in poly.to_dict().items()]


def monomial(context: Any, exponents: Sequence[int]) -> Poly:
    """Return a product of powers of the unknowns."""
    return context.from_dict({tuple(exponents): 1})


def poly_data(poly: Poly) -> Any:
    """Return a polynomial as JSON data: a list of coefficient and exponents by name."""
    names = poly.context().names()
    return [[str(c), {names[a]: e for a, e in enumerate(m) if e}] for m, c in terms(poly)]


def poly_text(poly: Poly) -> str:
    """Return a polynomial as a reader would write it."""
    return str(poly).replace("**", "^").replace("*", " ")
