"""The checker of certificates: hand-written ones are accepted, forgeries of each rule are not.

The polynomials here are expanded by SymPy, so that nothing shares the checker's arithmetic.
"""

from __future__ import annotations

import ast
import copy
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, event, given, settings, strategies as st
from sympy import Expr, Poly, Symbol, symbols, sympify

from gradproof.checks import checker
from gradproof.checks.checker import check, read, stored_in

a, b, c, t1, t2, t3 = symbols("a b c t1 t2 t3")

Node = dict[str, Any]


def data(formula: Expr | int) -> list[list[Any]]:
    """Return a polynomial as certificates have it."""
    expr = sympify(formula)
    names = sorted(map(str, expr.free_symbols))
    if not names:
        return [[str(expr), {}]] if expr else []
    poly = Poly(expr, *map(Symbol, names))
    return [
        [str(factor), {name: e for name, e in zip(names, powers, strict=True) if e}]
        for powers, factor in poly.terms()
    ]


def term(coefficient: str = "1", square: Expr | None = None, *known: int, **powers: int) -> Node:
    """Return a term: coefficient * powers * hypotheses * square^2."""
    made: Node = {"coefficient": coefficient, "variables": powers, "hypotheses": {}}
    for number in known:
        made["hypotheses"][str(number)] = made["hypotheses"].get(str(number), 0) + 1
    return made | ({} if square is None else {"square": data(square)})


def combination(*terms: Node, multiplier: Expr | int = 1) -> Node:
    """Return a proof by a sum of terms."""
    return {"rule": "combination", "multiplier": data(multiplier), "terms": list(terms)}


def coefficients(formula: Expr) -> Node:
    """Return the proof that reads the sign of a polynomial off its coefficients."""
    return combination(*(term(factor, None, **powers) for factor, powers in data(formula)))


def factor(formula: Expr, power: int, sign: str, proof: Node | None) -> Node:
    """Return a factor with the proof of its sign."""
    return {"polynomial": data(formula), "power": power, "sign": sign, "proof": proof}


def known(formula: Expr, relation: str = ">=0", lemma: str = "assumption", **of: Any) -> Node:
    """Return a hypothesis."""
    return {
        "polynomial": data(formula),
        "relation": relation,
        "lemma": lemma,
        "of": of,
        "text": f"{formula} {relation}",
    }


def certificate(
    goal: Expr,
    proof: Node,
    relation: str = ">=0",
    hypotheses: Iterable[Node] = (),
    signs: str = "a>0 b>0",
    **more: Any,
) -> Node:
    """Return a certificate of one part; `signs` has a word for each variable, as "a>0 b>=0 c"."""
    part = {
        "case": "i ≠ y",
        "variables": {
            word.rstrip(">=0"): word.lstrip("abcxyz") or "real" for word in signs.split()
        },
        "meanings": {"a": "exp(z[i])"},
        "hypotheses": list(hypotheses),
        "goal": {"polynomial": data(goal), "relation": relation, "text": str(goal)},
        "proof": proof,
        **more,
    }
    return {
        "format": "gradproof certificate",
        "version": 1,
        "statement": f"{goal} {relation}",
        "assumptions": [],
        "scope": "all n",
        "parts": [part],
    }


def order(cases: Sequence[tuple[str, Expr]], *symmetric: str) -> Node:
    """Return a proof by order: for each order, the goal there, whose coefficients are >= 0."""
    return {
        "rule": "order",
        "variables": sorted(cases[0][0]),
        "symmetric": [list(group) for group in symmetric],
        "cases": [
            {
                "order": list(names),
                "names": [f"t{k + 1}" for k in range(len(names))],
                "proof": coefficients(there),
            }
            for names, there in cases
        ],
    }


def in_order(goal: Expr, names: str) -> tuple[str, Expr]:
    """Return an order, and the goal with the variables as sums of differences."""
    new = (t1, t2, t3)[: len(names)]
    sums = {Symbol(name): sum(new[k:]) for k, name in enumerate(names)}
    return names, goal.subs(sums, simultaneous=True).expand()


SCHUR = a * (a - b) * (a - c) + b * (b - a) * (b - c) + c * (c - a) * (c - b)
UNEVEN = a**2 - 2 * a * b + 2 * b**2
x, y, z = symbols("x y z")
SUMS: Node = {
    "moments": {
        "x": {"over": "rest", "powers": {"w": 2, "v": 2}},
        "y": {"over": "rest", "powers": {"K": "1"}},
        "z": {"over": "rest", "powers": {"w": 1, "v": 1, "K": "1/2"}},
    },
    "factors": {"w": ">0", "K": ">=0", "v": "real"},
}
PRODUCT: Node = {
    "moments": {
        "x": {"over": "rest", "powers": {"w": "1/2"}},
        "y": {"over": "rest", "powers": {}},
        "z": {"over": "rest", "powers": {"w": "1/2"}},
    },
    "factors": {"w": ">0"},
}
FILE = """\
; unknowns: a > 0, b real
(set-logic QF_NRA)
(declare-fun |v.a| () Real)
(declare-fun |v.b| () Real)
(assert (> |v.a| 0.0))
(assert (>= (+ 1.0 (* (- 2.0) |v.b|)) 0.0))
(assert (<= (+ |v.a| 1.0 (* (- 2.0) |v.b|)) 0.0))
(check-sat)
"""

VALID: dict[str, Node] = {
    "square": certificate(a**2 + b**2 - 2 * a * b, combination(term("1", a - b)), signs="a b"),
    "coefficients": certificate(
        a**2 + b / 2 + 1, coefficients(a**2 + b / 2 + 1), ">0", signs="a b>=0"
    ),
    "zero": certificate(a - a, combination()),
    "multiplier": certificate(
        a**2 - a * b + b**2, coefficients(a**3 + b**3) | {"multiplier": data(a + b)}, ">0"
    ),
    "hypotheses": certificate(
        a**2 * b - c,
        combination(term("1", None, 0, a=1, b=1), term("1", None, 0, b=1), term("1", None, 1)),
        hypotheses=[known(a - 1), known(b - c, ">0")],
        signs="a>0 b>0 c",
    ),
    "equation": certificate(
        1 - 4 * a * b,
        combination(
            term("1", a - b),
            term("-1", None, 0, a=1),
            term("-1", None, 0, b=1),
            term("-1", None, 0),
        ),
        hypotheses=[known(a + b - 1, "==0")],
        signs="a b",
    ),
    "factors": certificate(
        3 * (a - b) ** 2 * (a + 1),
        {
            "rule": "factors",
            "constant": "-3",
            "factors": [
                factor(a - b, 2, "any", None),
                factor(-a - 1, 1, "<0", coefficients(a + 1)),
            ],
        },
    ),
    "strict factors": certificate(
        a * (a + b + 1) ** 3,
        {
            "rule": "factors",
            "constant": "1",
            "factors": [
                factor(a, 1, ">0", coefficients(a)),
                factor(a + b + 1, 3, ">0", coefficients(a + b + 1)),
            ],
        },
        ">0",
    ),
    "order": certificate(UNEVEN, order([in_order(UNEVEN, "ab"), in_order(UNEVEN, "ba")]), ">0"),
    "symmetric order": certificate(
        SCHUR, order([in_order(SCHUR, "abc")], "abc"), signs="a>0 b>0 c>0"
    ),
    "cases": certificate(
        (a - b) ** 2 * (a + b),
        {
            "rule": "cases",
            "on": data(a - b),
            "nonnegative": combination(term("1", None, 0, 0, a=1), term("1", None, 0, 0, b=1)),
            "negative": combination(term("1", None, 0, 0, a=1), term("1", None, 0, 0, b=1)),
        },
    ),
    "Cauchy-Schwarz": certificate(
        x * y - z**2 + a,
        combination(term("1", None, 0), term("1", None, a=1)),
        ">0",
        [known(x * y - z**2, ">=0", "Cauchy-Schwarz", first="x", second="y", mixed="z")],
        "a>0 x>=0 y>=0 z",
        **SUMS,
    ),
    "product of sums": certificate(
        2 * x * y - 2 * z,
        combination(term("2", None, 0)),
        ">=0",
        [known(x * y - z, ">=0", "product of sums", factors=["x", "y"], product="z")],
        "x>=0 y>=0 z>=0",
        **PRODUCT,
    ),
    "smt": certificate(
        a / 2 - b + sympify("1/2"),
        {
            "rule": "smt",
            "file": FILE,
            "answers": {"z3": "unsat", "cvc5": "unsat"},
            "versions": {"z3": "4.15", "cvc5": "1.3"},
        },
        ">0",
        [known(1 - 2 * b)],
        "a>0 b",
    ),
}
"""Certificates that must be accepted."""


# -- what is accepted ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", VALID)
def test_a_right_certificate_is_accepted(name: str) -> None:
    """Each rule and lemma has a certificate that is accepted, and the report says what it did."""
    report = check(VALID[name])
    assert report.error == ""
    assert report.accepted
    (checked,) = report.checked
    assert checked.startswith("part 1 (i ≠ y): ")


def test_the_report_tells_what_is_trusted() -> None:
    """Meanings, signs and hypotheses without a known lemma are listed; lemma instances are not."""
    assert check(VALID["Cauchy-Schwarz"]).lines == [
        (
            "checked: part 1 (i ≠ y): a + x*y - z^2 > 0 (3 monomials), rules: 1 combination; "
            "lemma instances: 1 Cauchy-Schwarz"
        ),
        "trusted: the parts make up the statement: a + x*y - z**2 >0; all n",
        "trusted: part 1 (i ≠ y): a > 0 stands for exp(z[i])",
        "trusted: part 1 (i ≠ y): x >= 0 stands for the sum over rest of w^2 v^2",
        "trusted: part 1 (i ≠ y): y >= 0 stands for the sum over rest of K",
        "trusted: part 1 (i ≠ y): z, real, stands for the sum over rest of w v K^(1/2)",
        "trusted: part 1 (i ≠ y): in sums, w > 0",
        "trusted: part 1 (i ≠ y): in sums, K >= 0",
        "trusted: part 1 (i ≠ y): in sums, v is real",
    ]
    assert (
        "trusted: part 1 (i ≠ y): hypothesis 0, a + b - 1 == 0, by assumption, not checked: "
        "'a + b - 1 ==0'" in check(VALID["equation"]).lines
    )
    assert check(VALID["smt"]).lines[-1] == (
        "trusted: part 1 (i ≠ y): z3 4.15 and cvc5 1.3 rightly answered unsat to the SMT-LIB2 file "
        "of the certificate"
    )


def test_a_goal_that_is_assumed_is_listed() -> None:
    """A certificate may assume its own goal: then the report shows it among what is trusted."""
    circular = certificate(
        a - b, combination(term("1", None, 0)), hypotheses=[known(a - b, lemma="definition")]
    )
    report = check(circular)
    assert report.accepted
    assert any("hypothesis 0, a - b >= 0, by definition, not checked" in t for t in report.trusted)


def test_a_rejection_names_the_place_and_what_was_found() -> None:
    """The error names part, rule, what must hold and what was found."""
    wrong = forged("order", lambda part: part["proof"]["cases"][1]["proof"]["terms"].pop())
    assert check(wrong).error == (
        "part 1 (i ≠ y): order: case 2: combination: multiplier * goal is the sum of the terms; "
        "found a difference of t2^2"
    )
    assert check(wrong).lines[-1] == f"rejected: {check(wrong).error}"


# -- what is rejected ------------------------------------------------------------------------------


def forged(name: str, change: Callable[[Node], object]) -> Node:
    """Return a valid certificate after a change of its part."""
    made = copy.deepcopy(VALID[name])
    change(made["parts"][0])
    return made


def put(path: str, value: object) -> Callable[[Node], object]:
    """Return the change that puts a value at a path such as "proof terms 0 coefficient"."""

    def change(part: Node) -> None:
        *way, last = [int(key) if key.isdigit() else key for key in path.split()]
        place: Any = part
        for key in way:
            place = place[key] if isinstance(place, list) else place[str(key)]
        place[last if isinstance(place, list) else str(last)] = value

    return change


def both(*changes: Callable[[Node], object]) -> Callable[[Node], object]:
    """Return several changes as one."""
    return lambda part: [change(part) for change in changes]


SQUARE_IN_B = data(b - 1)
FORGERIES: list[tuple[str, str, Callable[[Node], object], str]] = [
    # the identity
    ("another goal", "square", put("goal polynomial", data(a - b)), "is the sum of the terms"),
    ("a term is missing", "hypotheses", lambda p: p["proof"]["terms"].pop(), "is the sum"),
    ("a term too many", "square", lambda p: p["proof"]["terms"].append(term()), "is the sum"),
    # the terms
    (
        "a negative term",
        "square",
        lambda p: (
            p["proof"]["terms"].append(term("-1")),
            put("goal polynomial", data((a - b) ** 2 - 1))(p),
        ),
        "coefficient of a term is > 0",
    ),
    (
        "a zero term",
        "square",
        lambda p: p["proof"]["terms"].append(term("0")),
        "coefficient of a term is > 0",
    ),
    (
        "an odd power of a real variable",
        "coefficients",
        put("variables b", "real"),
        "a variable of any sign has an even power",
    ),
    (
        "a hypothesis out of range",
        "hypotheses",
        put("proof terms 2 hypotheses", {"7": 1}),
        "a name was declared; found 7",
    ),
    (
        "a hypothesis before the first",
        "hypotheses",
        put("proof terms 2 hypotheses", {"-1": 1}),
        "a name was declared; found -1",
    ),
    (
        "a second name of a hypothesis",
        "hypotheses",
        put("proof terms 2 hypotheses", {"01": 1}),
        "a name was declared; found 01",
    ),
    (
        "an equation that is none",
        "equation",
        put("hypotheses 0 relation", ">=0"),
        "coefficient of a term is > 0",
    ),
    (
        "an equation to the power 0",
        "equation",
        lambda p: (
            p["proof"]["terms"].append(term("-1") | {"hypotheses": {"0": 0}}),
            put("goal polynomial", data(-4 * a * b))(p),
        ),
        "coefficient of a term is > 0",
    ),
    (
        "a negative exponent",
        "multiplier",
        put("proof terms 0 variables a", -1),
        "an exponent is a whole number from 0 to 200; found -1",
    ),
    (
        "a huge exponent",
        "multiplier",
        put("proof terms 0 variables a", 10**9),
        "an exponent is a whole number",
    ),
    (
        "a fractional exponent",
        "multiplier",
        put("proof terms 0 variables a", 0.5),
        "an exponent is a whole number",
    ),
    (
        "an exponent that is no number",
        "multiplier",
        put("proof terms 0 variables a", True),
        "an exponent is a whole number",
    ),
    (
        "an unknown variable",
        "multiplier",
        put("proof terms 0 variables", {"q": 1}),
        "a name was declared; found q",
    ),
    # numbers
    (
        "a zero denominator",
        "square",
        put("proof terms 0 coefficient", "1/0"),
        "a denominator is not 0",
    ),
    ("a float", "square", put("proof terms 0 coefficient", "1.0"), "a number is a text like -3/2"),
    ("no text", "square", put("proof terms 0 coefficient", 1), "'coefficient' is of type str"),
    ("not a number", "square", put("proof terms 0 coefficient", "nan"), "a number is a text"),
    (
        "a long number",
        "square",
        put("proof terms 0 coefficient", "1" * 5000),
        "a number is a text like -3/2 of at most 4000 digits",
    ),
    ("foreign digits", "square", put("proof terms 0 coefficient", "\u0661"), "a number is a text"),
    # the multiplier
    (
        "a multiplier that may be 0",
        "multiplier",
        put("variables", {"a": ">=0", "b": ">=0"}),
        "the multiplier is > 0",
    ),
    ("a multiplier that is 0", "zero", put("proof multiplier", []), "the multiplier is > 0"),
    (
        "a negative multiplier",
        "square",
        lambda p: (
            put("proof multiplier", [["-1", {}]])(p),
            put("goal polynomial", data(-((a - b) ** 2)))(p),
        ),
        "the multiplier is > 0",
    ),
    ("a multiplier of any sign", "multiplier", put("variables b", "real"), "the multiplier is > 0"),
    # strict goals
    ("strict by a square", "square", put("goal relation", ">0"), "for a goal > 0 some term is > 0"),
    (
        "strict by a hypothesis >= 0",
        "hypotheses",
        both(put("goal relation", ">0"), put("hypotheses 1 relation", ">=0")),
        "for a goal > 0 some term is > 0",
    ),
    (
        "strict by an equation",
        "equation",
        put("goal relation", ">0"),
        "for a goal > 0 some term is > 0",
    ),
    ("strict zero", "zero", put("goal relation", ">0"), "for a goal > 0 some term is > 0"),
    # factors
    ("the wrong product", "factors", put("proof constant", "-2"), "the product is the goal"),
    (
        "the constant 0",
        "factors",
        both(put("proof constant", "0"), put("goal polynomial", [])),
        "the constant is not 0",
    ),
    (
        "an odd power of any sign",
        "factors",
        put("proof factors 1 sign", "any"),
        "a factor of any sign has an even power",
    ),
    (
        "a factor without a proof",
        "factors",
        put("proof factors 1 proof", None),
        "factor 2: 'rule' is part of an object",
    ),
    ("the other sign", "factors", put("proof factors 1 sign", ">0"), "is the sum of the terms"),
    (
        "a negative product",
        "factors",
        both(put("proof constant", "3"), put("goal polynomial", data(-3 * (a - b) ** 2 * (a + 1)))),
        "make a product >= 0",
    ),
    (
        "power 0",
        "factors",
        lambda p: p["proof"]["factors"].append(factor(a - b, 0, "any", None)),
        "a power is from 1",
    ),
    (
        "strict by any sign",
        "factors",
        put("goal relation", ">0"),
        "for a goal > 0 every factor has a strict sign",
    ),
    (
        "strict by a weak factor",
        "strict factors",
        put("proof factors 0 sign", ">=0"),
        "for a goal > 0 every factor has a strict sign",
    ),
    (
        "a strict factor that may be 0",
        "strict factors",
        put("variables a", ">=0"),
        "factor 1: combination: for a goal > 0",
    ),
    # order
    (
        "a missing order",
        "order",
        lambda p: p["proof"]["cases"].pop(),
        "each of the 2 orders is there; found 1",
    ),
    (
        "an order twice",
        "order",
        lambda p: put("proof cases 1", p["proof"]["cases"][0])(p),
        "each of the 2 orders is there; found 1",
    ),
    ("no orders", "order", put("proof cases", []), "each of the 2 orders is there; found 0"),
    (
        "a symmetry that is none",
        "order",
        both(put("proof symmetric", [["a", "b"]]), lambda p: p["proof"]["cases"].pop()),
        "exchanging two of a group changes neither",
    ),
    (
        "a symmetry broken by a hypothesis",
        "symmetric order",
        put("hypotheses", [known(a - b)]),
        "exchanging two of a group changes neither",
    ),
    (
        "a symmetry broken by a sign",
        "symmetric order",
        put("variables c", ">=0"),
        "exchanging two of a group changes neither",
    ),
    (
        "a member twice in a group",
        "symmetric order",
        put("proof symmetric", [["a", "a", "b", "c"]]),
        "a group of variables that may be exchanged",
    ),
    (
        "a member in two groups",
        "symmetric order",
        put("proof symmetric", [["a", "b"], ["b", "c"]]),
        "all groups together",
    ),
    (
        "a group out of its order",
        "symmetric order",
        put("proof symmetric", [["c", "b", "a"]]),
        "members of each group as they are listed",
    ),
    (
        "a variable of any sign",
        "order",
        put("variables a", "real"),
        "variables put in order are >= 0",
    ),
    (
        "the least variable may be 0",
        "order",
        put("variables b", ">=0"),
        "for a goal > 0 some term is > 0",
    ),
    (
        "a new name in use",
        "symmetric order",
        put("proof cases 0 names", ["a", "t2", "t3"]),
        "the new names are not in use",
    ),
    (
        "a new name twice",
        "symmetric order",
        put("proof cases 0 names", ["t1", "t1", "t3"]),
        "names are different",
    ),
    (
        "a name too few",
        "symmetric order",
        put("proof cases 0 names", ["t1", "t2"]),
        "one new name a variable",
    ),
    (
        "an old variable",
        "order",
        put("proof cases 0 proof terms 0 variables", {"a": 2}),
        "a name was declared; found a",
    ),
    (
        "an order of others",
        "order",
        put("proof cases 0 order", ["a", "a"]),
        "an order: different ones of",
    ),
    (
        "a shorter order",
        "order",
        put("proof cases 0 order", ["a"]),
        "an order has all the variables",
    ),
    # cases
    (
        "a case without a proof",
        "cases",
        put("proof negative", None),
        "negative: 'rule' is part of an object",
    ),
    (
        "the wrong case",
        "cases",
        both(
            put("goal polynomial", data(a**2 - b**2)),
            put("proof nonnegative terms", [term("1", None, 0, a=1), term("1", None, 0, b=1)]),
            put("proof negative terms", [term("1", None, 0, a=1), term("1", None, 0, b=1)]),
        ),
        "negative: combination: multiplier * goal",
    ),
    (
        "a fact of the other case",
        "cases",
        put("proof negative terms 0 hypotheses", {"1": 2}),
        "a name was declared; found 1",
    ),
    # lemmas
    (
        "another instance",
        "Cauchy-Schwarz",
        put("hypotheses 0 polynomial", data(x * y - 2 * z**2)),
        "the lemma says x*y - z^2 >= 0",
    ),
    (
        "the lemma turned round",
        "Cauchy-Schwarz",
        put("hypotheses 0 polynomial", data(z**2 - x * y)),
        "the lemma says x*y - z^2 >= 0",
    ),
    (
        "a strict lemma",
        "Cauchy-Schwarz",
        put("hypotheses 0 relation", ">0"),
        "the lemma says >=0; found >0",
    ),
    (
        "an equation by lemma",
        "Cauchy-Schwarz",
        put("hypotheses 0 relation", "==0"),
        "the lemma says >=0; found ==0",
    ),
    ("powers that do not add up", "Cauchy-Schwarz", put("moments z powers w", 2), "powers add up"),
    (
        "sums over other classes",
        "Cauchy-Schwarz",
        put("moments y over", "all"),
        "the sums run over the same",
    ),
    (
        "terms of any sign",
        "Cauchy-Schwarz",
        both(
            put("moments x powers v", 1),
            put("moments y powers v", 1),
            put("variables x", "real"),
            put("variables y", "real"),
        ),
        "the terms multiplied are >= 0",
    ),
    (
        "a sum that is not described",
        "Cauchy-Schwarz",
        put("hypotheses 0 of first", "a"),
        "sums that are described; found a",
    ),
    (
        "a lemma without its data",
        "Cauchy-Schwarz",
        put("hypotheses 0 of", {}),
        "sums that are described; found None",
    ),
    (
        "a sum of any sign said to be >= 0",
        "Cauchy-Schwarz",
        put("variables z", ">=0"),
        "z >= 0 is a sum of terms >= 0",
    ),
    (
        "a sum of zeros said to be > 0",
        "Cauchy-Schwarz",
        put("variables y", ">0"),
        "y > 0 is a sum of terms > 0",
    ),
    (
        "a root of a real factor",
        "Cauchy-Schwarz",
        put("moments z powers v", "1/2"),
        "powers that are defined at its sign",
    ),
    (
        "a factor that may be 0 below",
        "Cauchy-Schwarz",
        put("moments z powers K", -1),
        "powers that are defined at its sign",
    ),
    (
        "a factor without a sign",
        "Cauchy-Schwarz",
        put("factors", {"w": ">0"}),
        "the sign of a factor is given",
    ),
    ("a product of two others", "product of sums", put("moments z powers w", 1), "powers add up"),
    (
        "a product of three",
        "product of sums",
        put("hypotheses 0 of factors", ["x", "y", "y"]),
        "the lemma is about three sums",
    ),
    (
        "a product of terms of any sign",
        "product of sums",
        both(
            put("factors w", "real"),
            put("moments x powers w", 1),
            put("moments z powers w", 1),
            put("variables x", "real"),
            put("variables z", "real"),
        ),
        "the terms multiplied are >= 0",
    ),
    # solvers
    (
        "one solver",
        "smt",
        put("proof answers", {"z3": "unsat"}),
        "cvc5 answered that nothing satisfies",
    ),
    (
        "a solver that found a point",
        "smt",
        put("proof answers z3", "sat"),
        "z3 answered that nothing satisfies the file; found sat",
    ),
    (
        "a file about another goal",
        "smt",
        put("goal polynomial", data(a - 10)),
        "an assertion is a fact or denies the goal",
    ),
    (
        "a fact that is none",
        "smt",
        put("hypotheses", []),
        "an assertion is a fact or denies the goal",
    ),
    (
        "a stricter fact",
        "smt",
        put("proof file", FILE.replace("(>= (+ 1.0", "(> (+ 1.0")),
        "an assertion is a fact or denies the goal",
    ),
    (
        "a denial too strong",
        "smt",
        put("goal relation", ">=0"),
        "an assertion is a fact or denies the goal",
    ),
    (
        "whole numbers",
        "smt",
        put("proof file", FILE.replace("|v.a| () Real", "|v.a| () Int")),
        "declared as real",
    ),
    (
        "a redefinition",
        "smt",
        put("proof file", FILE.replace("(check-sat)", "(define-fun f () Real 1.0)")),
        "a command sets the logic",
    ),
    (
        "a hidden command",
        "smt",
        put("proof file", FILE.replace("; unknowns: a > 0, b real", ";\r(assert false)")),
        "an assertion compares two sides",
    ),
    (
        "a text in the file",
        "smt",
        put("proof file", '(set-info :source "")' + FILE),
        "the file has no strings",
    ),
    (
        "a division",
        "smt",
        put("proof file", FILE.replace("(+ |v.a| 1.0", "(/ |v.a| 1.0")),
        "an operator is +, - or *",
    ),
    ("brackets", "smt", put("proof file", FILE + ")"), "brackets are in pairs"),
    ("open brackets", "smt", put("proof file", "(" + FILE), "brackets are in pairs"),
    ("deep brackets", "smt", put("proof file", "(" * 10**5), "brackets are nested at most 40 deep"),
    # shapes
    (
        "an unknown rule",
        "square",
        put("proof rule", "magic"),
        "a rule is one of combination, factors, order, difference, cases, smt; found magic",
    ),
    ("a sign that is none", "square", put("variables a", "<0"), "the sign of a variable is one of"),
    (
        "a relation that is none",
        "square",
        put("goal relation", "==0"),
        "the relation of a goal is >=0 or >0",
    ),
    (
        "a name that is a formula",
        "square",
        put("variables", {"a": "real", "b": "real", "a + 1": ">0"}),
        "a name is one word",
    ),
    (
        "no name",
        "square",
        put("variables", {"a": "real", "b": "real", "": ">0"}),
        "a name is one word",
    ),
]


@pytest.mark.parametrize(
    ("name", "change", "error"),
    [pytest.param(*rest, id=label) for label, *rest in FORGERIES],
)
def test_a_forgery_is_rejected(name: str, change: Callable[[Node], object], error: str) -> None:
    """A certificate in which one condition of soundness is broken is rejected for that reason."""
    made = forged(name, change)
    report = check(made)
    assert not report.accepted
    assert error in report.error
    assert report.error.startswith("part 1 (i ≠ y): ")


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"format": "other"}, "it is a gradproof certificate 1; found ('other', 1)"),
        ({"version": 2}, "it is a gradproof certificate 1; found ('gradproof certificate', 2)"),
        ({"version": True}, "'version' is of type int; found True"),
        ({"parts": []}, "there is at least one part; found []"),
        ({"parts": {}}, "'parts' is of type list; found {}"),
        ({"parts": [1]}, "'case' is part of an object; found 1"),
        ({"assumptions": None}, "'assumptions' is of type list; found None"),
        ({"scope": float("nan")}, "a certificate is JSON data; found Out of range float values"),
        ({"scope": {1, 2}}, "a certificate is JSON data; found Object of type set"),
    ],
)
def test_a_certificate_of_another_shape_is_rejected(change: Node, error: str) -> None:
    """The format, its version and at least one part are needed."""
    report = check(VALID["square"] | change)
    assert not report.accepted
    assert report.error.startswith(error)


def test_one_bad_part_rejects_the_whole() -> None:
    """Every part must check; those before the bad one are still told."""
    good, bad = VALID["square"], forged("square", put("goal relation", ">0"))
    report = check(good | {"parts": [*good["parts"], *bad["parts"]]})
    assert not report.accepted
    assert len(report.checked) == 1
    assert report.error.startswith("part 2 (i ≠ y): combination: ")


@pytest.mark.parametrize("depth", [50, 100_000])
def test_deep_data_is_rejected(depth: int) -> None:
    """Proofs and data that are nested too deep end in a rejection, not in a crash."""
    proof, on = coefficients(a), data(b)
    for _ in range(depth):
        proof = {"rule": "cases", "on": on, "nonnegative": proof, "negative": None}
    report = check(certificate(a, proof))
    assert not report.accepted
    assert "nested at most 40 deep" in report.error or "JSON data" in report.error


WIDE = [["1", {"a": k, "b": 60 - k, "c": k}] for k in range(60)]
SQUARE = [["1", {"a": k, "b": j}] for k in range(60) for j in range(60)]
HIGH = [["1", {"a": 199, "b": 199, "c": 199}]]
LONG_ORDER = {
    "rule": "order",
    "variables": ["a", "b", "c"],
    "symmetric": [],
    "cases": [{"order": ["a", "b", "c"], "names": ["p", "q", "r"], "proof": None}],
}


@pytest.mark.parametrize(
    ("goal", "proof"),
    [
        (HIGH, combination(term("1") | {"hypotheses": {"0": 200}})),
        (HIGH, combination(term("1") | {"square": SQUARE})),
        (HIGH, LONG_ORDER),
    ],
    ids=["power", "square", "order"],
)
def test_work_is_limited(goal: Any, proof: Node) -> None:
    """A small file that asks for a huge expansion is rejected before the work is done."""
    made = certificate(a, proof, hypotheses=[known(b)], signs="a>0 b>0 c>0")
    made["parts"][0]["goal"]["polynomial"] = goal
    made["parts"][0]["hypotheses"][0]["polynomial"] = [*WIDE, ["1", {}], ["1", {"b": 1}]]
    report = check(made)
    assert not report.accepted
    assert "at most" in report.error


def test_texts_cannot_command_the_terminal() -> None:
    """Control characters and line breaks in texts do not reach the lines of the report."""
    evil = "ok\x1b[2J\naccepted\u202e"
    made = forged("hypotheses", both(put("meanings a", evil), put("hypotheses 0 text", evil)))
    made["statement"] = made["scope"] = evil
    made["assumptions"] = [evil, [evil]]
    report = check(made)
    assert report.accepted
    made["parts"][0]["case"] = evil
    made["parts"][0]["proof"]["rule"] = evil
    rejected = check(made)
    assert not rejected.accepted
    assert all(line.isprintable() for line in [*report.lines, *rejected.lines])


# -- what no certificate may do --------------------------------------------------------------------

POINTS = [
    Fraction(n, d) for n, d in ((-3, 1), (-1, 2), (0, 1), (1, 4), (1, 2), (3, 4), (1, 1), (5, 2))
]


def value(poly: Any, at: dict[str, Fraction]) -> Fraction:
    """Return the value of a polynomial of a certificate."""
    total = Fraction(0)
    for coefficient, powers in poly:
        product = Fraction(coefficient)
        for name, power in powers.items():
            product *= at[name] ** power
        total += product
    return total


def holds(number: Fraction, relation: str) -> bool:
    """Tell whether a number has a relation to 0."""
    return {
        ">0": number > 0,
        ">=0": number >= 0,
        "==0": number == 0,
        "real": True,
    }[relation]


def points(part: Node) -> Iterator[dict[str, Fraction]]:
    """Yield points that have the signs and obey the hypotheses of a part."""
    names = list(part["variables"])
    for number in range(len(POINTS) ** min(len(names), 4)):
        at = {}
        for name in names:
            number, place = divmod(number, len(POINTS))
            at[name] = POINTS[place]
        signs = all(holds(at[name], sign) for name, sign in part["variables"].items())
        if signs and all(
            holds(value(h["polynomial"], at), h["relation"]) for h in part["hypotheses"]
        ):
            yield at


def is_true(made: Node) -> bool:
    """Tell whether the goals of an accepted certificate hold at many points."""
    return all(
        holds(value(part["goal"]["polynomial"], at), part["goal"]["relation"])
        for part in made["parts"]
        for at in points(part)
    )


@pytest.mark.parametrize("name", VALID)
def test_the_goals_of_right_certificates_hold(name: str) -> None:
    """The measure of the tests below has points to look at, and finds the right goals true."""
    assert sum(1 for _ in points(VALID[name]["parts"][0])) >= 3
    assert is_true(VALID[name])


def test_a_false_goal_is_seen() -> None:
    """The measure can fail: a goal that is false is false at one of its points."""
    assert not is_true(certificate(a - b, combination()))
    assert not is_true(certificate((a - b) ** 2, combination(), ">0"))


def leaves(place: Any) -> Iterator[tuple[Any, Any]]:
    """Yield each container and key in it at which a value lies."""
    pairs = place.items() if isinstance(place, dict) else enumerate(place)
    for key, inner in list(pairs):
        yield place, key
        if isinstance(inner, dict | list):
            yield from leaves(inner)


NUMBERS = st.fractions(-3, 3, max_denominator=4).map(str)
VALUES = st.one_of(
    NUMBERS,
    st.integers(-1, 4),
    st.sampled_from([">0", ">=0", "<0", "==0", "real", "any", "a", "b", "x", "t1", None, [], {}]),
    st.sampled_from([data(a), data(a - b), data(b - a), data(-a), coefficients(a)]),
)


@given(st.data())
@settings(max_examples=400)
def test_a_perturbed_certificate_proves_nothing_false(draw: st.DataObject) -> None:
    """Whatever is changed in a certificate: it is rejected, or what it proves holds."""
    made = copy.deepcopy(
        VALID[draw.draw(st.sampled_from([name for name in VALID if name != "smt"]))]
    )
    for _ in range(draw.draw(st.integers(1, 2))):
        places = list(leaves(made["parts"][0]))
        place, key = places[draw.draw(st.integers(0, len(places) - 1))]
        change = draw.draw(st.sampled_from(["put", "remove", "copy"]))
        if change == "put":
            place[key] = copy.deepcopy(draw.draw(VALUES))
        elif change == "remove":
            del place[key]
        else:
            other, name = places[draw.draw(st.integers(0, len(places) - 1))]
            assume(name in other if isinstance(other, dict) else name < len(other))
            place[key] = copy.deepcopy(other[name])
    report = check(made)
    event(f"accepted: {report.accepted}")
    if report.accepted:
        assert is_true(made)


POWERS = st.dictionaries(st.sampled_from("ab"), st.integers(0, 2), max_size=2)
POLYS = st.lists(st.tuples(st.sampled_from(["1", "-1", "2", "1/2"]), POWERS).map(list), max_size=3)
TERMS = st.fixed_dictionaries(
    {
        "coefficient": st.sampled_from(["1", "2", "-1", "0", "1/2"]),
        "variables": POWERS,
        "hypotheses": st.dictionaries(st.sampled_from("012"), st.integers(0, 2), max_size=2),
    },
    optional={"square": POLYS},
)
SIGN = st.sampled_from([">0", ">=0", "real"])
RELATION = st.sampled_from([">=0", ">0", "==0"])


def nodes(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    """Return proofs whose last step is one of those that have inner proofs."""
    splits = {"rule": st.just("cases"), "on": POLYS, "nonnegative": inner, "negative": inner}
    one = {
        "polynomial": POLYS,
        "power": st.integers(0, 3),
        "sign": st.sampled_from(["any", ">0", ">=0", "<0", "<=0"]),
        "proof": inner,
    }
    factors = {
        "rule": st.just("factors"),
        "constant": st.sampled_from(["1", "-1"]),
        "factors": st.lists(st.fixed_dictionaries(one), max_size=2),
    }
    return st.fixed_dictionaries(splits) | st.fixed_dictionaries(factors)


SUM = st.fixed_dictionaries(
    {"rule": st.just("combination"), "multiplier": POLYS, "terms": st.lists(TERMS, max_size=3)}
)


def expanded(part: Node, node: Node) -> Expr:
    """Return what a sum of terms or a product of factors amounts to: the goal it may prove."""

    def formula(poly: Any) -> Expr:
        return sum(
            (sympify(k) * a ** p.get("a", 0) * b ** p.get("b", 0) for k, p in poly), sympify(0)
        )

    if node["rule"] == "factors":
        total = sympify(node["constant"])
        for one in node["factors"]:
            total *= formula(one["polynomial"]) ** one["power"]
        return total.expand()
    if node["rule"] == "cases":
        return expanded(part, node["nonnegative"])
    total = sympify(0)
    for one in node["terms"]:
        product = formula([[one["coefficient"], one["variables"]]])
        for number, power in one["hypotheses"].items():
            if int(number) < len(part["hypotheses"]):
                product *= formula(part["hypotheses"][int(number)]["polynomial"]) ** power
        if "square" in one:
            product *= formula(one["square"]) ** 2
        total += product
    return total.expand()


@given(st.data())
@settings(max_examples=400)
def test_a_random_proof_proves_nothing_false(draw: st.DataObject) -> None:
    """A random proof of the goal that it computes to is rejected, or that goal holds."""
    made = certificate(a, {}, signs="a b")
    part = made["parts"][0]
    part["variables"] = {"a": draw.draw(SIGN), "b": draw.draw(SIGN)}
    part["hypotheses"] = [
        {"polynomial": poly, "relation": relation, "lemma": "assumption", "of": {}, "text": ""}
        for poly, relation in draw.draw(st.lists(st.tuples(POLYS, RELATION), max_size=2))
    ]
    node = draw.draw(SUM | nodes(SUM) | nodes(nodes(SUM)))
    if node["rule"] == "combination" and draw.draw(st.booleans()):
        node["multiplier"] = [["1", {}]]
    part["proof"] = node
    part["goal"]["polynomial"] = data(expanded(part, node))
    part["goal"]["relation"] = draw.draw(st.sampled_from([">=0", ">0"]))
    report = check(made)
    event(f"{node['rule']} accepted: {report.accepted}")
    if report.accepted:
        assert is_true(made)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3) | NUMBERS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(st.data())
@settings(max_examples=300)
def test_any_data_gets_an_answer(draw: st.DataObject) -> None:
    """Any JSON data, anywhere in a certificate or in its place, gets a report."""
    made: Any = {"top": copy.deepcopy(VALID[draw.draw(st.sampled_from(list(VALID)))])}
    places = list(leaves(made))
    place, key = places[draw.draw(st.integers(0, len(places) - 1))]
    place[key] = copy.deepcopy(draw.draw(JSON))
    assert check(made["top"]).accepted in (True, False)
    assert list(stored_in(made["top"])) is not None


# -- files -----------------------------------------------------------------------------------------


def test_what_prove_writes_is_understood() -> None:
    """From the JSON of `prove` come the certificates, and the proved claims that have none."""
    evidence = [{"certificate": VALID["square"]}, {"certificate": {"format": "other"}}, {}]
    claims = [
        {"id": "one", "verdict": "PROVED", "evidence": evidence},
        {"id": "two", "verdict": "PROVED", "evidence": evidence[1:]},
        {"id": "three", "verdict": "REFUTED", "evidence": evidence[1:]},
        {"id": "four", "verdict": "PROVED", "evidence": 7},
        5,
    ]
    found = [
        (claim, verdict, one is not None) for claim, verdict, one in stored_in({"claims": claims})
    ]
    assert found == [("one", "PROVED", True), ("two", "PROVED", False), ("four", "PROVED", False)]
    assert list(stored_in(VALID["square"])) == [("", "", VALID["square"])]
    assert not list(stored_in([1]))


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ('{"a": 1, "a": 2}', "an object with two entries of one name: 'a'"),
        ('{"a": NaN}', "NaN, which is no JSON"),
        ('{"a": ', "Expecting value"),
        ("[" * 100_000, "data that is nested too deep"),
        ("1" * 5000, "Exceeds the limit"),
        ("\udcff", "utf-8"),
    ],
)
def test_a_file_that_is_no_such_data_is_refused(text: str, error: str, tmp_path: Path) -> None:
    """An object with two entries of one name has no meaning here, nor has NaN or broken text."""
    file = tmp_path / "a.json"
    file.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(ValueError, match=error):
        read(file)


# -- the checker stands alone ----------------------------------------------------------------------

FOLDER = Path(str(checker.__file__)).parent


def foreign_imports(source: str) -> set[str]:
    """Return the modules imported that are neither in the folder nor in the standard library."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(
                (node.module or "").partition(".")[0] if not node.level else "." * (node.level - 1)
            )
    return found - sys.stdlib_module_names - {""}


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.py")), ids=lambda file: file.stem)
def test_the_checker_shares_no_code(file: Path) -> None:
    """No module of the checker imports anything from outside its folder."""
    assert not foreign_imports(file.read_text(encoding="utf-8"))


def test_a_foreign_import_is_found() -> None:
    """The check above can fail."""
    assert foreign_imports("from ..verdict import Verdict") == {"."}
    assert foreign_imports("import sympy.core\nimport json\nfrom .rules import prove") == {"sympy"}


def test_a_copy_of_the_folder_runs_by_itself(tmp_path: Path) -> None:
    """Copied elsewhere, without any package installed, the checker checks files."""
    shutil.copytree(FOLDER, tmp_path / "checker")
    files = {"good": VALID["order"], "bad": forged("square", put("goal relation", ">0")), "none": 1}
    for name, made in files.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(made), encoding="utf-8")
    for names, status in ((["good"], 0), (["good", "bad"], 1), (["none"], 2), (["missing"], 2)):
        done = subprocess.run(
            [
                sys.executable,
                "-S",
                "-X",
                "utf8",
                "-m",
                "checker",
                *[f"{name}.json" for name in names],
            ],
            cwd=tmp_path,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert done.returncode == status
        assert "Traceback" not in done.stderr
        assert ("bad.json: rejected" in done.stdout) == ("bad" in names)
