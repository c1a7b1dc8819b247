"""Polynomials of certificates as formulas: sorted terms, two sides, and short forms of long ones.

Guarantees: a formula shows every term of its polynomial, or says how many there are; the text
depends on the polynomial and the order of its unknowns alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any, TypeAlias

Poly: TypeAlias = Sequence[Sequence[Any]]
"""Terms of a certificate: coefficient as text, and exponents by unknown."""

Names: TypeAlias = Sequence[str]
"""The unknowns in the order in which they are shown."""

LONGEST = 40
"""Terms of the longest polynomial that is shown whole."""

_WIDTH = 72
"""Characters of a line, as they are read, not as they are written."""


def unknown_latex(name: str) -> str:
    r"""Return an unknown as LaTeX.

    >>> print(unknown_latex("w_y"), unknown_latex("R12"), unknown_latex("t"))
    w_{y} R_{12} t
    """
    head, _, tail = name.partition("_")
    stem = head.rstrip("0123456789")
    if stem and head.isalnum():
        inner = ",".join(part for part in (head[len(stem) :], tail) if part)
        letter = stem if len(stem) == 1 else rf"\mathrm{{{stem}}}"
        return f"{letter}_{{{_subscript(inner)}}}" if inner else letter
    return rf"\mathrm{{{_subscript(name)}}}"


def _subscript(text: str) -> str:
    return text.replace("_", r"\_")


def product(coefficient: str, factors: Iterable[tuple[str, int]], *, signed: bool = False) -> str:
    """Return a coefficient times powers of factors in LaTeX, with its sign in front if `signed`."""
    number = Fraction(coefficient)
    powers = [f"{base}^{{{power}}}" if power != 1 else base for base, power in factors]
    size = abs(number)
    shown = _number(size) if size != 1 or not powers else ""
    text = " ".join(part for part in (shown, *powers) if part)
    if signed:
        return f"- {text}" if number < 0 else f"+ {text}"
    return f"-{text}" if number < 0 else text


def _number(value: Fraction) -> str:
    if value.denominator == 1:
        return str(value.numerator)
    return rf"\frac{{{value.numerator}}}{{{value.denominator}}}"


def powers_of(exponents: Mapping[str, int], names: Names) -> list[tuple[str, int]]:
    """Return powers of unknowns in the order of the names, others after them."""
    order = [*names, *sorted(set(exponents) - set(names))]
    return [(unknown_latex(name), int(exponents[name])) for name in order if exponents.get(name)]


def sorted_terms(poly: Poly, names: Names) -> list[tuple[str, Mapping[str, int]]]:
    """Return the terms, those of highest degree first, then by the order of the unknowns."""

    def place(term: Sequence[Any]) -> tuple[Any, ...]:
        exponents = term[1]
        own = [*names, *sorted(set(exponents) - set(names))]
        return -sum(exponents.values()), [-exponents.get(name, 0) for name in own]

    return [(str(c), exponents) for c, exponents in sorted(poly, key=place)]


def poly_latex(poly: Poly, names: Names) -> str:
    r"""Return a polynomial on one line.

    >>> print(poly_latex([["-1", {"b": 1}], ["1/2", {"a": 2}]], "ab"))
    \frac{1}{2} a^{2} - b
    """
    return " ".join(_signed_terms(poly, names)) or "0"


def _signed_terms(poly: Poly, names: Names) -> list[str]:
    terms = sorted_terms(poly, names)
    return [product(c, powers_of(e, names), signed=k > 0) for k, (c, e) in enumerate(terms)]


def relation_latex(poly: Poly, relation: str, names: Names) -> str:
    r"""Return a relation of a polynomial to 0 with the negative terms on the other side.

    >>> print(relation_latex([["-1", {"b": 1}], ["1", {"a": 2}]], ">=0", "ab"))
    a^{2} \ge b
    """
    sign = {">=0": r"\ge", ">0": ">", "==0": "="}[relation]
    left = [term for term in poly if Fraction(term[0]) > 0]
    right = [[str(-Fraction(c)), exponents] for c, exponents in poly if Fraction(c) < 0]
    return f"{poly_latex(left, names)} {sign} {poly_latex(right, names)}"


def equation(letter: str, poly: Poly, names: Names) -> str:
    """Return LaTeX that says what polynomial a letter stands for, shortened if it is long."""
    terms = _signed_terms(poly, names) or ["0"]
    if len(terms) > LONGEST:
        terms = [*terms[: LONGEST // 2], r"+ \cdots"]
    return lines(letter, terms)


def lines(letter: str, terms: Sequence[str]) -> str:
    """Return LaTeX that sets a letter equal to signed terms, on several lines if need be."""
    found, width = [""], 0
    for term in terms:
        size = _read_width(term)
        if found[-1] and width + size > _WIDTH:
            found.append("")
            width = 0
        found[-1] = f"{found[-1]} {term}".strip()
        width += size
    if len(found) == 1:
        return f"{letter} = {found[0]}"
    body = "\\\\\n&\\quad ".join(found)
    return f"\\begin{{aligned}}\n{letter} &= {body}\n\\end{{aligned}}"


def _read_width(term: str) -> int:
    return sum(c not in "{}_^\\ " for c in term.replace(r"\frac", "")) + 3
