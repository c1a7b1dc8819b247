"""Inequalities in one variable with exponentials, logarithms and roots: signs over an interval.

Guarantees: a proof lists all zeros of the function in the open domain, each exact or in an
isolating interval, and the certified sign between them; closed ends are evaluated exactly.
Arithmetic is exact (rational polynomials, exact expansions) or by balls (Arb); nothing is sampled
except a sign between two neighbouring zeros, where one point decides for all.
What it cannot see: functions outside the class, zeros of even order at irrational points.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from flint import ctx
from sympy import Expr, Interval, Symbol

from ...symbolic.errors import DeclarationError
from .univariate_balls import PRECISIONS, Undecided
from .univariate_changes import Reading, readings
from .univariate_ends import closed_end
from .univariate_functions import Poly
from .univariate_ladder import Ladder
from .univariate_parameters import split
from .univariate_reader import Reader
from .univariate_tower import Tower
from .univariate_zeros import Bound, Domain, disjoint, sample_points

RELATIONS: Mapping[str, tuple[int, bool]] = {
    ">=0": (1, False),
    ">0": (1, True),
    "<=0": (-1, False),
    "<0": (-1, True),
}
"""The sign that each relation asks for, and whether it excludes 0."""


@dataclass(frozen=True)
class UnivariateProof:
    """A proof that a function of one variable keeps a sign.

    Attributes
    ----------
    statement
        What is proved, as text.
    certificate
        JSON-able data: the functions, the rungs of the ladder, zeros, signs and closed ends.
    """

    statement: str
    certificate: Mapping[str, Any] = field(hash=False)


def prove_sign(
    expr: Expr,
    variable: Symbol,
    domain: Interval,
    relation: str,
    parameters: Mapping[Symbol, Interval] | None = None,
) -> UnivariateProof | None:
    """Return a proof that the formula keeps the sign on the whole domain, or None.

    Parameters
    ----------
    expr
        A formula of rationals, the variable, exp, log, rational powers, hyperbolic functions and
        atan; it must have a value on the whole domain.
    variable
        Its one symbol; it stands for a real number.
    domain
        An interval with rational or infinite ends, open or closed.
    relation
        One of ">=0", ">0", "<=0", "<0".
    parameters
        At most one further symbol with its interval, where the formula is affine in it or depends
        on it through a power of the variable alone.

    Raises
    ------
    DeclarationError
        If the relation is none of the four.

    >>> from sympy import Interval, Symbol, log
    >>> s = Symbol("s")
    >>> prove_sign(-log(s) - (1 - s), s, Interval.Lopen(0, 1), ">=0").statement
    's - log(s) - 1 >= 0 for s in (0, 1]'
    >>> prove_sign(-log(s) - (1 - s), s, Interval.Lopen(0, 1), ">0") is None
    True
    """
    if relation not in RELATIONS:
        raise DeclarationError(
            "a relation asks for a sign",
            found=relation,
            remedy=f"use one of {', '.join(RELATIONS)}",
        )
    parts = split(expr, variable, domain, relation, dict(parameters or {}))
    proofs = [_prove_one(*part) for part in parts or ()]
    certificates = [proof.certificate for proof in proofs if proof is not None]
    if parts is None or len(certificates) < len(parts):
        return None
    if not parameters:
        return proofs[0]
    statement = _statement(expr, relation, {variable: domain, **parameters})
    return UnivariateProof(statement, {"statement": statement, "parts": certificates})


def _statement(expr: Expr, relation: str, domains: Mapping[Symbol, Interval]) -> str:
    places = ", ".join(f"{symbol} in {_interval_text(d)}" for symbol, d in domains.items())
    return f"{expr} {relation[:-1]} 0 for {places}"


def _prove_one(
    expr: Expr, variable: Symbol, domain: Interval, relation: str
) -> UnivariateProof | None:
    sign, strict = RELATIONS[relation]
    open_domain = _open(domain)
    if open_domain is None or expr.free_symbols - {variable}:
        return None
    try:
        ends = [
            closed_end(expr, variable, point, sign, strict)
            for point, is_open in (
                (domain.start, domain.left_open),
                (domain.end, domain.right_open),
            )
            if not is_open
        ]
    except Undecided:
        return None
    statement = _statement(expr, relation, {variable: domain})
    for reading in readings(expr, variable, open_domain):
        try:
            certificate = _decide(reading, sign, strict)
        except Undecided:
            continue
        except Contradicted:
            return None
        return UnivariateProof(statement, {"statement": statement, "ends": ends, **certificate})
    return None


class Contradicted(Exception):
    """The sign asked for is certainly not kept: another writing would show the same."""


def _open(domain: Interval) -> Domain | None:
    if not isinstance(domain, Interval):
        return None
    bounds: list[Bound] = []
    for end in (domain.start, domain.end):
        if not (end.is_Rational or end.is_infinite):
            return None
        bounds.append(None if end.is_infinite else Fraction(int(end.p), int(end.q)))
    return Domain(*bounds)


def _interval_text(domain: Interval) -> str:
    left, right = "(" if domain.left_open else "[", ")" if domain.right_open else "]"
    return f"{left}{domain.start}, {domain.end}{right}"


def _decide(reading: Reading, sign: int, strict: bool) -> dict[str, Any]:
    """Return the certificate; raises where the sign is not kept or could not be shown."""
    tower = Tower()
    ladder = Ladder(tower, reading.domain)
    reader = Reader(ladder, reading.variable, [reading.expr, *reading.conditions])
    for condition in reading.conditions:
        reader.require_positive(reader.read(condition))
    value = reader.read(reading.expr)
    wanted = sign * reader.sign(value.below)
    result: dict[str, Any] = {
        "variable": f"s = {reading.change}",
        "function": tower.text(value.above),
        "over": tower.text(value.below),
    }
    if value.above.is_zero():
        if strict:
            raise Contradicted
        return result
    zeros = disjoint(tower, ladder.zeros(value.above))
    if strict and zeros:
        raise Contradicted
    result["zeros"] = [zero.to_json() for zero in zeros]
    result["signs"] = [
        _sign_between(tower, value.above, at, wanted) for at in sample_points(reading.domain, zeros)
    ]
    result["ladder"] = [step.to_json() for step in ladder.used(value.above, value.below)]
    return result


def _sign_between(tower: Tower, poly: Poly, at: Fraction, wanted: int) -> dict[str, str]:
    """Return the ball of a function without zeros beside a point; it must have the wanted sign."""
    sign = tower.sign_over(poly, at, at)
    if sign != wanted:
        raise Contradicted if sign else Undecided
    with ctx.workprec(PRECISIONS[0]):
        return {"at": str(at), "ball": str(tower.ball(poly, at, at))}
