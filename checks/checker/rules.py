"""The rules of proof, and why each is sound.

- combination: multiplier * goal == sum of the terms, as polynomials. The multiplier is > 0, each
  term is >= 0 (one of them > 0 if the goal is to be > 0), so the goal has the sign of the sum.
  A term with a factor that a hypothesis says is 0 is 0, whatever its other factors are.
- factors: goal == constant * product of powers, each factor of a proved sign: the rule of signs.
- order: at every point the variables have some order x1 >= ... >= xk, and there xk = tk,
  x(k-1) = t(k-1) + tk, ... with differences t >= 0, the last of them being the least variable.
  Where exchanging members of a group changes neither signs, goal nor hypotheses, they may be
  renamed so that they lie in the one order in which the group lists them.
- difference: where a hypothesis says x - y >= 0, x is y plus a difference that is >= 0 (or > 0).
- cases: a polynomial is >= 0, or its negative is > 0.
- smt: see `smt_text`; that nothing satisfies the file is the solvers' word.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import comb, factorial, prod
from typing import Any

from .polynomials import (
    EXPONENT,
    Poly,
    accumulate,
    add,
    get,
    multiply,
    need,
    plain,
    raised,
    read_number,
    read_poly,
    read_powers,
    show,
    unit,
    within,
)
from .smt_text import check_file

DEPTH = 40

_SIDES = {">0": 1, ">=0": 1, "<0": -1, "<=0": -1}


@dataclass(frozen=True)
class Problem:
    """A goal, to be > 0 if strict, else >= 0, in variables with signs; and facts to use."""

    names: tuple[str, ...]
    signs: tuple[str, ...]
    facts: tuple[tuple[Poly, str], ...]
    goal: Poly
    strict: bool


def prove(node: Any, problem: Problem, used: list[str], depth: int = 0) -> None:
    """Check that a node of a certificate proves a problem.

    `used` collects the rules, and sentences on what had to be trusted.
    """
    need(depth < DEPTH, f"proofs are nested at most {DEPTH} deep", "more")
    rule = get(node, "rule", str)
    need(rule in RULES, f"a rule is one of {', '.join(RULES)}", rule)
    used.append(rule)
    within(rule, RULES[rule], node, problem, used, depth + 1)


def _sign(exponents: tuple[int, ...], signs: Sequence[str]) -> str:
    """Return the sign that a product of powers surely has; it is never "<"."""
    known = {sign for power, sign in zip(exponents, signs, strict=True) if power}
    odd = (s == "real" and p % 2 for p, s in zip(exponents, signs, strict=True))
    return "real" if any(odd) else ">0" if known <= {">0"} else ">=0"


def _combination(node: Any, problem: Problem, _used: list[str], _depth: int) -> None:
    multiplier = read_poly(get(node, "multiplier", list), problem.names)
    signs = {_sign(exponents, problem.signs) for exponents in multiplier}
    positive = ">0" in signs and "real" not in signs and all(c > 0 for c in multiplier.values())
    need(positive, "the multiplier is > 0 term by term", show(multiplier, problem.names))
    rest, strict = multiply(multiplier, problem.goal), False
    for number, term in enumerate(get(node, "terms", list), 1):
        value, sign = within(f"term {number}", _term, term, problem)
        rest, strict = _taken(rest, value), strict or sign == ">0"
    found = f"a difference of {show(rest, problem.names)}"
    need(not rest, "multiplier * goal is the sum of the terms", found)
    need(strict or not problem.strict, "for a goal > 0 some term is > 0", "no such term")


def _taken(rest: Poly, value: Poly) -> Poly:
    for exponents, coefficient in value.items():
        accumulate(rest, exponents, -coefficient)
    return rest


def _term(term: Any, problem: Problem) -> tuple[Poly, str]:
    """Return a product that is >= 0 as a polynomial, and the sign it has."""
    coefficient = read_number(get(term, "coefficient", str))
    exponents = read_powers(term.get("variables", {}), problem.names)
    numbers = [str(number) for number in range(len(problem.facts))]
    powers = read_powers(term.get("hypotheses", {}), numbers)
    value: Poly = {exponents: coefficient} if coefficient else {}
    relations = {_sign(exponents, problem.signs)}
    for (poly, relation), power in zip(problem.facts, powers, strict=True):
        if power:
            value = raised(poly, power, value)
            relations.add(relation)
    if term.get("square") is not None:
        value = raised(read_poly(term["square"], problem.names), 2, value)
        relations.add(">=0")
    if "==0" in relations:
        return value, "==0"
    need(coefficient > 0, "the coefficient of a term is > 0", str(coefficient))
    need("real" not in relations, "a variable of any sign has an even power", exponents)
    return value, ">0" if relations == {">0"} else ">=0"


def _factors(node: Any, problem: Problem, used: list[str], depth: int) -> None:
    constant = read_number(get(node, "constant", str))
    need(constant != 0, "the constant is not 0", str(constant))
    value, side = add({}, unit(problem.names), constant), 1 if constant > 0 else -1
    for number, factor in enumerate(get(node, "factors", list), 1):
        poly = read_poly(get(factor, "polynomial", list), problem.names)
        power, sign = get(factor, "power", int), get(factor, "sign", str)
        need(0 < power <= EXPONENT, f"a power is from 1 to {EXPONENT}", power)
        value = raised(poly, power, value)
        if sign == "any":
            need(power % 2 == 0, "a factor of any sign has an even power", power)
            need(not problem.strict, "for a goal > 0 every factor has a strict sign", sign)
            continue
        need(sign in _SIDES, f"the sign of a factor is any or one of {', '.join(_SIDES)}", sign)
        strict = "=" not in sign
        need(strict or not problem.strict, "for a goal > 0 every factor has a strict sign", sign)
        side *= _SIDES[sign] ** power
        inner = replace(problem, goal=add({}, poly, _SIDES[sign]), strict=strict)
        within(f"factor {number}", prove, factor.get("proof"), inner, used, depth)
    need(value == problem.goal, "the product is the goal", show(value, problem.names))
    need(side > 0, "the signs of the factors make a product >= 0", "<= 0")


def _order(node: Any, problem: Problem, used: list[str], depth: int) -> None:
    chosen, groups = get(node, "variables", list), get(node, "symmetric", list)
    _distinct(chosen, problem.names, "the variables put in order")
    need(bool(chosen), "there are variables to put in order", "none")
    place = {name: problem.names.index(name) for name in chosen}
    signs = {problem.signs[place[name]] for name in chosen}
    need("real" not in signs, "variables put in order are >= 0", chosen)
    for group in groups:
        _distinct(group, chosen, "a group of variables that may be exchanged")
        for a, b in pairwise(group):
            same = _exchangeable(problem, place[a], place[b])
            need(same, "exchanging two of a group changes neither signs, goal nor facts", (a, b))
    _distinct([name for group in groups for name in group], chosen, "all groups together")
    seen: set[tuple[str, ...]] = set()
    for number, case in enumerate(get(node, "cases", list), 1):
        names, new = get(case, "order", list), get(case, "names", list)
        _distinct(names, chosen, "an order")
        need(len(names) == len(chosen), "an order has all the variables", names)
        listed = all(group == [name for name in names if name in group] for group in groups)
        need(listed, "an order has the members of each group as they are listed", names)
        check_names(new)
        need(len(new) == len(names), "there is one new name a variable", new)
        need(not {*new} & {*problem.names}, "the new names are not in use", new)
        inner = _ordered(problem, [place[name] for name in names], new, signs == {">0"})
        within(f"case {number}", prove, case.get("proof"), inner, used, depth)
        seen.add(tuple(names))
    wanted = factorial(len(chosen)) // prod(factorial(len(group)) for group in groups)
    need(len(seen) == wanted, f"each of the {wanted} orders is there", len(seen))


def _distinct(items: Any, of: Sequence[str], what: str) -> None:
    """Need a list of different names out of others."""
    known = type(items) is list and all(type(item) is str and item in of for item in items)
    need(known and len({*items}) == len(items), f"{what}: different ones of {plain(of)}", items)


def check_names(names: Sequence[Any]) -> None:
    """Need different names, each one short word without operators."""
    for name in names:
        word = type(name) is str and 0 < len(name) <= 100 and name.isprintable()
        need(word and not {*name} & {*" ()|\\;\"'+-*/^<>=,"}, "a name is one word", name)
    need(len({*names}) == len(names), "names are different", names)


def _exchangeable(problem: Problem, a: int, b: int) -> bool:
    def swapped(poly: Poly) -> Poly:
        places = list(range(len(problem.names)))
        places[a], places[b] = b, a
        return {tuple(m[place] for place in places): c for m, c in poly.items()}

    before = {(frozenset(poly.items()), relation) for poly, relation in problem.facts}
    after = {(frozenset(swapped(poly).items()), relation) for poly, relation in problem.facts}
    same = problem.signs[a] == problem.signs[b] and swapped(problem.goal) == problem.goal
    return same and before == after


def _ordered(problem: Problem, places: list[int], new: list[str], positive: bool) -> Problem:
    """Return the problem where the variables at `places`, the largest first, are sums.

    The new variables take the places of the old ones: first x1 = t1 + x2, then x2 = t2 + x3, ...
    """

    def put(poly: Poly) -> Poly:
        for one, following in pairwise(places):
            result: Poly = {}
            for exponents, coefficient in poly.items():
                power, changed = exponents[one], list(exponents)
                for k in range(power + 1):
                    changed[one], changed[following] = k, exponents[following] + power - k
                    accumulate(result, tuple(changed), coefficient * comb(power, k))
            poly = result
        return poly

    names, signs = list(problem.names), list(problem.signs)
    for place, name in zip(places, new, strict=True):
        names[place], signs[place] = name, ">=0"
    if positive:
        signs[places[-1]] = ">0"
    facts = tuple((put(poly), relation) for poly, relation in problem.facts)
    return Problem(tuple(names), tuple(signs), facts, put(problem.goal), problem.strict)


def _difference(node: Any, problem: Problem, used: list[str], depth: int) -> None:
    large, small, new = (get(node, key, str) for key in ("larger", "smaller", "name"))
    _distinct([large, small], problem.names, "the two variables of a difference")
    number = get(node, "hypothesis", int)
    need(0 <= number < len(problem.facts), "a hypothesis has its place in the list", number)
    poly, relation = problem.facts[number]
    gap = add(unit(problem.names, large), unit(problem.names, small), -1)
    need(poly == gap, f"the hypothesis says {large} - {small} >= 0", show(poly, problem.names))
    need(relation in (">=0", ">0"), "a difference is >= 0 or > 0", relation)
    check_names([new])
    need(new not in problem.names, "the new name is not in use", new)
    place, below = problem.names.index(large), problem.names.index(small)
    inner = _ordered(problem, [place, below], [new, small], False)
    signs = list(inner.signs)
    signs[place], signs[below] = relation, problem.signs[below]
    prove(node.get("proof"), replace(inner, signs=tuple(signs)), used, depth)


def _cases(node: Any, problem: Problem, used: list[str], depth: int) -> None:
    poly = read_poly(get(node, "on", list), problem.names)
    for case, fact in (("nonnegative", (poly, ">=0")), ("negative", (add({}, poly, -1), ">0"))):
        inner = replace(problem, facts=(*problem.facts, fact))
        within(case, prove, node.get(case), inner, used, depth)


def _smt(node: Any, problem: Problem, used: list[str], _depth: int) -> None:
    denied = (add({}, problem.goal, -1), ">=0" if problem.strict else ">0")
    signs = zip(problem.names, problem.signs, strict=True)
    given = [(unit(problem.names, name), sign) for name, sign in signs if sign != "real"]
    text, answers = get(node, "file", str), get(node, "answers", dict)
    check_file(text, problem.names, [*given, *problem.facts, denied])
    for solver in ("z3", "cvc5"):
        said = answers.get(solver)
        need(said == "unsat", f"{solver} answered that nothing satisfies the file", said)
    versions = get(node, "versions", dict)
    told = " and ".join(f"{name} {plain(versions.get(name))}" for name in ("z3", "cvc5"))
    used.append(f"{told} rightly answered unsat to the SMT-LIB2 file of the certificate")


RULES: dict[str, Callable[[Any, Problem, list[str], int], None]] = {
    "combination": _combination,
    "factors": _factors,
    "order": _order,
    "difference": _difference,
    "cases": _cases,
    "smt": _smt,
}
