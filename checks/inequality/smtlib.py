"""A question about polynomials as an SMT-LIB2 file that two solvers can read.

Guarantees: the file is satisfiable exactly if some real point has the stated signs, obeys every
hypothesis and breaks the goal; all coefficients are exact, and nothing is divided (z3 gives x/0 a
value). The same question gives the same text, whatever the order of its terms.
It cannot see what the unknowns stand for, nor whether the hypotheses contradict each other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from fractions import Fraction
from math import lcm
from typing import TypeAlias

from ...symbolic.errors import DeclarationError

Polynomial: TypeAlias = Sequence[tuple[str, Mapping[str, int]]]
"""Sum of coefficient * product of powers: `[("3/2", {"a": 2, "b": 1}), ("-1", {})]`."""

Hypothesis: TypeAlias = tuple[Polynomial, str]
"""A polynomial and its relation to zero: ">=0", ">0" or "==0"."""

Monomial: TypeAlias = tuple[tuple[str, int], ...]
Terms: TypeAlias = dict[Monomial, Fraction]

SIGNS = (">0", ">=0", "real")
NEGATION = {">=0": "<", ">0": "<="}
OPERATOR = {">=0": ">=", ">0": ">", "==0": "="}

# Without it a variable named `pi` or `and` would be one of a solver's own symbols.
PREFIX = "v."


def smt_file(
    variables: Mapping[str, str],
    hypotheses: Sequence[Hypothesis],
    goal: Polynomial,
    relation: str,
) -> str:
    """Return the QF_NRA file whose unsatisfiability proves `goal` `relation` from the hypotheses.

    Parameters
    ----------
    variables
        The sign of each unknown: ">0", ">=0" or "real".
    hypotheses
        Polynomials with their relations to zero.
    goal
        The polynomial whose sign is asked for.
    relation
        ">=0" or ">0".

    Raises
    ------
    DeclarationError
        If a name cannot be quoted, a variable has no sign, a sign or relation is not one of the
        above, or a coefficient or exponent is not exact.

    Examples
    --------
    >>> print(smt_file({"a": ">0"}, [], [("1/2", {"a": 2}), ("1", {})], ">0"))
    ; unknowns: a > 0
    ; goal: 1 + 1/2*a^2 > 0
    ; The goal is asserted to fail: unsat says that it follows.
    (set-logic QF_NRA)
    (declare-fun |v.a| () Real)
    (assert (> |v.a| 0.0))
    (assert (<= (+ 2.0 (* |v.a| |v.a|)) 0.0))
    (check-sat)
    <BLANKLINE>
    """
    if relation not in NEGATION:
        raise _bad("the relation of a goal is >=0 or >0", relation)
    goal_terms = exact_terms(goal, variables)
    comments = [
        f"; goal: {_printed(goal_terms)} {_spaced(relation)}",
        "; The goal is asserted to fail: unsat says that it follows.",
    ]
    asserted = [_assertion(NEGATION[relation], goal_terms)]
    return _file(variables, hypotheses, comments, asserted)


def hypotheses_file(variables: Mapping[str, str], hypotheses: Sequence[Hypothesis]) -> str:
    """Return the file that asks for a point with the stated signs that obeys the hypotheses.

    Raises
    ------
    DeclarationError
        As `smt_file`.
    """
    comments = ["; No goal: sat says that the hypotheses do not contradict each other."]
    return _file(variables, hypotheses, comments, [])


def exact_terms(polynomial: Polynomial, variables: Mapping[str, str]) -> Terms:
    """Return a polynomial as coefficients by monomial, equal monomials collected.

    Raises
    ------
    DeclarationError
        If a variable has no sign in `variables`, or a coefficient or exponent is not exact.
    """
    terms: Terms = {}
    for coefficient, powers in polynomial:
        for name, exponent in powers.items():
            if name not in variables:
                raise _bad("every variable of a polynomial has a sign", f"{name!r} without one")
            if type(exponent) is not int or exponent < 0:
                raise _bad("an exponent is a whole number, at least 0", f"{name}^{exponent!r}")
        monomial = tuple(sorted((name, power) for name, power in powers.items() if power))
        terms[monomial] = terms.get(monomial, Fraction(0)) + _exact(coefficient)
    ordered = sorted(terms, key=lambda m: (sum(power for _, power in m), m))
    return {monomial: terms[monomial] for monomial in ordered if terms[monomial]}


def variable_of(symbol: str) -> str:
    """Return the variable that a symbol of a file stands for.

    >>> variable_of("v.a")
    'a'
    """
    return symbol.removeprefix(PREFIX)


def _file(
    variables: Mapping[str, str],
    hypotheses: Sequence[Hypothesis],
    comments: Sequence[str],
    assertions: Sequence[str],
) -> str:
    head, declared, asserted = [], [], []
    for name, sign in sorted(variables.items()):
        if sign not in SIGNS:
            raise _bad("the sign of a variable is >0, >=0 or real", f"{sign!r} of {name!r}")
        head.append(f"{name} real" if sign == "real" else f"{name} {_spaced(sign)}")
        declared.append(f"(declare-fun {_symbol(name)} () Real)")
        if sign != "real":
            asserted.append(f"(assert ({OPERATOR[sign]} {_symbol(name)} 0.0))")
    stated = [f"; unknowns: {', '.join(head) or 'none'}"]
    for polynomial, relation in hypotheses:
        if relation not in OPERATOR:
            raise _bad("the relation of a hypothesis is >=0, >0 or ==0", relation)
        terms = exact_terms(polynomial, variables)
        stated.append(f"; hypothesis: {_printed(terms)} {_spaced(relation)}")
        asserted.append(_assertion(OPERATOR[relation], terms))
    lines = [*stated, *comments, "(set-logic QF_NRA)", *declared, *asserted, *assertions]
    return "\n".join([*lines, "(check-sat)", ""])


def _assertion(operator: str, terms: Terms) -> str:
    """Return the assertion that a polynomial is so related to zero, free of denominators."""
    scale = lcm(*(coefficient.denominator for coefficient in terms.values()))
    summands = [_product(coefficient * scale, monomial) for monomial, coefficient in terms.items()]
    if not summands:
        total = "0.0"
    elif len(summands) == 1:
        total = summands[0]
    else:
        total = f"(+ {' '.join(summands)})"
    return f"(assert ({operator} {total} 0.0))"


def _product(coefficient: Fraction, monomial: Monomial) -> str:
    factors = [_symbol(name) for name, power in monomial for _ in range(power)]
    if coefficient != 1 or not factors:
        size = f"{abs(coefficient.numerator)}.0"
        factors.insert(0, f"(- {size})" if coefficient < 0 else size)
    return factors[0] if len(factors) == 1 else f"(* {' '.join(factors)})"


def _symbol(name: str) -> str:
    # A line break would end a comment and let the rest of the name be read as a command.
    if not name or not (name.isascii() and name.isprintable()) or set(name) & set(' |\\();"'):
        raise _bad("a variable's name is printable ASCII without blanks, brackets or |", repr(name))
    return f"|{PREFIX}{name}|"


def _exact(coefficient: object) -> Fraction:
    if isinstance(coefficient, str | int | Fraction) and not isinstance(coefficient, bool):
        with suppress(ValueError, ZeroDivisionError):
            return Fraction(coefficient)
    raise _bad("a coefficient is a rational number written as text", repr(coefficient))


def _printed(terms: Terms) -> str:
    text = ""
    for monomial, coefficient in terms.items():
        powers = [name if power == 1 else f"{name}^{power}" for name, power in monomial]
        size = abs(coefficient)
        product = "*".join([str(size), *powers] if size != 1 or not powers else powers)
        if text:
            text += f" - {product}" if coefficient < 0 else f" + {product}"
        else:
            text = f"-{product}" if coefficient < 0 else product
    return text or "0"


def _spaced(relation: str) -> str:
    return f"{relation[:-1]} {relation[-1]}"


def _bad(invariant: str, found: str) -> DeclarationError:
    return DeclarationError(invariant, found=found, remedy="correct the question to the solvers")
