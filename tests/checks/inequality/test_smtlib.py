from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from gradproof.checks.inequality.smtlib import (
    Polynomial,
    exact_terms,
    hypotheses_file,
    smt_file,
    variable_of,
)
from gradproof.symbolic.errors import DeclarationError

SIGNS = {"a": ">0", "b": ">=0", "c": "real"}

fractions = st.builds(Fraction, st.integers(-40, 40), st.integers(1, 12))
monomials = st.dictionaries(st.sampled_from("abc"), st.integers(0, 4))
polynomials = st.lists(st.tuples(fractions.map(str), monomials), max_size=6)


def value(polynomial: Polynomial, point: dict[str, Fraction]) -> Fraction:
    """Return the value of a polynomial at a point."""
    total = Fraction(0)
    for coefficient, powers in polynomial:
        term = Fraction(coefficient)
        for name, power in powers.items():
            term *= point[name] ** power
        total += term
    return total


def read(text: str) -> list[object]:
    """Return the commands of a file as nested lists of symbols."""
    stack: list[list[object]] = [[]]
    for line in text.splitlines():
        if line.startswith(";"):
            continue
        for token in line.replace("(", " ( ").replace(")", " ) ").split():
            if token == "(":
                stack.append([])
            elif token == ")":
                done = stack.pop()
                stack[-1].append(done)
            else:
                stack[-1].append(token)
    (commands,) = stack
    return commands


def evaluate(term: object, point: dict[str, Fraction]) -> Fraction:
    """Return the value at a point of a term that was read from a file."""
    if isinstance(term, str):
        return point[variable_of(term.strip("|"))] if term.startswith("|") else Fraction(term)
    assert isinstance(term, list)
    operator, *rest = term
    values = [evaluate(part, point) for part in rest]
    if operator == "-":
        (only,) = values
        return -only
    total = values[0]
    for other in values[1:]:
        total = {"+": total + other, "*": total * other}[str(operator)]
    return total


def satisfied(text: str, point: dict[str, Fraction]) -> bool:
    """Tell whether a file holds at a point, by a reader that knows nothing of the writer."""
    relations = {">": Fraction.__gt__, ">=": Fraction.__ge__, "=": Fraction.__eq__}
    relations |= {"<": Fraction.__lt__, "<=": Fraction.__le__}
    asserted = [c[1] for c in read(text) if isinstance(c, list) and c[0] == "assert"]
    return all(
        relations[operator](evaluate(left, point), evaluate(right, point))
        for operator, left, right in asserted
    )


@given(
    st.lists(st.tuples(polynomials, st.sampled_from([">=0", ">0", "==0"])), max_size=2),
    polynomials,
    st.sampled_from([">=0", ">0"]),
    st.tuples(fractions, fractions, fractions),
)
def test_a_file_holds_exactly_where_the_goal_fails(
    hypotheses: list[tuple[Polynomial, str]],
    goal: Polynomial,
    relation: str,
    numbers: tuple[Fraction, ...],
) -> None:
    """A point satisfies the file if and only if it obeys all signs and hypotheses, not the goal."""
    point = dict(zip("abc", numbers, strict=True))
    related = {">=0": lambda v: v >= 0, ">0": lambda v: v > 0, "==0": lambda v: v == 0}
    obeys = point["a"] > 0 and point["b"] >= 0
    obeys = obeys and all(related[r](value(h, point)) for h, r in hypotheses)
    fails = not related[relation](value(goal, point))
    assert satisfied(smt_file(SIGNS, hypotheses, goal, relation), point) == (obeys and fails)
    assert satisfied(hypotheses_file(SIGNS, hypotheses), point) == obeys


def test_the_file_is_as_stated() -> None:
    """The text states the question in comments and asserts it without a division."""
    hypotheses = [([("1", {"a": 1, "b": 1}), ("-1", {"c": 2})], ">=0")]
    goal = [("3/2", {"a": 2}), ("-2/3", {}), ("-1", {"c": 1})]
    assert smt_file(SIGNS, hypotheses, goal, ">0") == (
        "; unknowns: a > 0, b >= 0, c real\n"
        "; hypothesis: a*b - c^2 >= 0\n"
        "; goal: -2/3 - c + 3/2*a^2 > 0\n"
        "; The goal is asserted to fail: unsat says that it follows.\n"
        "(set-logic QF_NRA)\n"
        "(declare-fun |v.a| () Real)\n"
        "(declare-fun |v.b| () Real)\n"
        "(declare-fun |v.c| () Real)\n"
        "(assert (> |v.a| 0.0))\n"
        "(assert (>= |v.b| 0.0))\n"
        "(assert (>= (+ (* |v.a| |v.b|) (* (- 1.0) |v.c| |v.c|)) 0.0))\n"
        "(assert (<= (+ (- 4.0) (* (- 6.0) |v.c|) (* 9.0 |v.a| |v.a|)) 0.0))\n"
        "(check-sat)\n"
    )


def test_a_goal_that_vanishes_is_asserted_as_zero() -> None:
    """Terms that cancel leave the constant 0, whose sign the file still asks for."""
    goal = [("1", {"a": 1}), ("-1", {"a": 1})]
    assert "; goal: 0 >= 0\n" in smt_file(SIGNS, [], goal, ">=0")
    assert "(assert (< 0.0 0.0))\n" in smt_file(SIGNS, [], goal, ">=0")


@given(polynomials, st.randoms())
def test_the_order_of_terms_does_not_change_the_file(goal: Polynomial, random: object) -> None:
    """The same polynomial and the same signs give the same text."""
    other = list(goal)
    random.shuffle(other)  # type: ignore[attr-defined]
    swapped = dict(reversed(SIGNS.items()))
    assert smt_file(SIGNS, [], goal, ">0") == smt_file(swapped, [], other, ">0")


@given(polynomials)
def test_collected_terms_have_the_same_value(polynomial: Polynomial) -> None:
    """Collecting equal monomials keeps the value, drops zeros, and sorts by degree."""
    terms = exact_terms(polynomial, SIGNS)
    point = {"a": Fraction(2), "b": Fraction(-1, 3), "c": Fraction(5, 7)}
    collected = [(str(c), dict(monomial)) for monomial, c in terms.items()]
    assert value(collected, point) == value(polynomial, point)
    assert all(terms.values())
    degrees = [sum(power for _, power in monomial) for monomial in terms]
    assert all(low <= high for low, high in pairwise(degrees))


@pytest.mark.parametrize("name", ["", "a b", "a|b", "a\\b", "a;b", "a\n(assert false)", "(", "ä"])
def test_a_name_cannot_smuggle_in_a_command(name: str) -> None:
    """A name that could end a comment or a quoted symbol is refused."""
    with pytest.raises(DeclarationError, match="printable ASCII without blanks"):
        smt_file({name: ">0"}, [], [("1", {name: 1})], ">0")


@pytest.mark.parametrize("coefficient", ["x", "1/0", "nan", 0.1, None, True, ""])
def test_a_coefficient_that_is_not_exact_is_refused(coefficient: object) -> None:
    """Floats and words are no rational numbers."""
    with pytest.raises(DeclarationError, match="a coefficient is a rational number"):
        smt_file(SIGNS, [], [(coefficient, {})], ">0")  # type: ignore[list-item]


@pytest.mark.parametrize("exponent", [-1, 1.0, "2", True])
def test_an_exponent_is_a_whole_number(exponent: object) -> None:
    """A negative exponent would be a division."""
    with pytest.raises(DeclarationError, match="an exponent is a whole number"):
        smt_file(SIGNS, [], [("1", {"a": exponent})], ">0")  # type: ignore[dict-item]


@pytest.mark.parametrize(
    ("signs", "hypothesis_relation", "relation", "message"),
    [
        ({"a": "<0"}, ">0", ">0", "the sign of a variable is >0, >=0 or real; found '<0' of 'a'"),
        ({"a": ">0"}, "<0", ">0", "the relation of a hypothesis is >=0, >0 or ==0; found <0"),
        ({"a": ">0"}, ">0", "==0", "the relation of a goal is >=0 or >0; found ==0"),
        ({"b": ">0"}, ">0", ">0", "every variable of a polynomial has a sign; found 'a' without"),
    ],
)
def test_a_question_outside_the_format_is_refused(
    signs: dict[str, str], hypothesis_relation: str, relation: str, message: str
) -> None:
    """A sign or relation that the writer does not know is never dropped."""
    a = [("1", {"a": 1})]
    with pytest.raises(DeclarationError) as error:
        smt_file(signs, [(a, hypothesis_relation)], a, relation)
    assert message in str(error.value)


def test_the_reader_of_these_tests_can_say_no() -> None:
    """The independent reader tells points on the two sides of a bound apart."""
    text = smt_file({"a": "real"}, [], [("1", {"a": 1}), ("-2", {})], ">=0")
    values = [Fraction(k, 2) for k in range(6)]
    found = [satisfied(text, {"a": number}) for number in values]
    assert found == [True] * 4 + [False] * 2
