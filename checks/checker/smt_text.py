"""What an SMT-LIB2 file asks: each of its assertions must be a known fact or the denied goal.

Guarantees: if nothing satisfies an accepted file, then nothing satisfies the facts given, one of
which denies the goal. Asking for less than all facts is allowed: the answer then says more.
Only what such a file needs is read: real variables `|v.NAME|`, +, -, * and rational constants;
anything else is rejected, since a command not understood could change what is asked.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from .polynomials import DIGITS, Poly, add, multiply, need, reject, unit, within

DEPTH = 40

_TOKEN = re.compile(r";[^\r\n]*|\|[^|]*\||[()]|[^\s()|;]+|\|")
_NUMBER = re.compile(rf"[0-9]{{1,{DIGITS}}}(\.0)?")
_RELATIONS = {">": (1, ">0"), ">=": (1, ">=0"), "<": (-1, ">0"), "<=": (-1, ">=0"), "=": (1, "==0")}


def check_file(text: str, names: Sequence[str], facts: Sequence[tuple[Poly, str]]) -> None:
    """Check that a file declares real variables and asserts only facts."""
    need('"' not in text, "the file has no strings", '"')
    known = {_scaled(poly, relation) for poly, relation in facts}
    for number, command in enumerate(_commands(text), 1):
        within(f"command {number} of the file", _check_command, command, names, known)


def _check_command(command: Any, names: Sequence[str], known: set[Any]) -> None:
    symbols = {f"|v.{name}|": name for name in names}
    if command in (["set-logic", "QF_NRA"], ["check-sat"], ["exit"]):
        return
    if type(command) is list and len(command) == 4 and command[0] == "declare-fun":
        real = command[1] in [*symbols] and command[2:] == [[], "Real"]
        need(real, "a variable of the certificate is declared as real", command)
        return
    asserts = type(command) is list and len(command) == 2 and command[0] == "assert"
    need(asserts, "a command sets the logic QF_NRA, declares, asserts or checks", command)
    fact = command[1]
    compares = type(fact) is list and len(fact) == 3 and type(fact[0]) is str
    need(compares and fact[0] in _RELATIONS, "an assertion compares two sides", fact)
    side, relation = _RELATIONS[fact[0]]
    left, right = (_expression(tree, names, symbols) for tree in fact[1:])
    difference = add({}, add(left, right, -1), side)
    need(_scaled(difference, relation) in known, "an assertion is a fact or denies the goal", fact)


def _scaled(poly: Poly, relation: str) -> tuple[frozenset[Any], str]:
    """Return a relation in a form that a positive factor (any, for an equation) does not change."""
    if not poly:
        return frozenset(), relation
    leading = poly[max(poly)]
    size = leading if relation == "==0" else abs(leading)
    return frozenset((m, Fraction(c) / size) for m, c in poly.items()), relation


def _commands(text: str) -> list[Any]:
    """Return the file as nested lists of symbols."""
    stack: list[list[Any]] = [[]]
    for token in _TOKEN.findall(text):
        if token.startswith(";"):
            continue
        if token == "(":
            stack.append([])
            need(len(stack) <= DEPTH, f"brackets are nested at most {DEPTH} deep", "more")
        elif token == ")":
            need(len(stack) > 1, "brackets are in pairs", ")")
            done = stack.pop()
            stack[-1].append(done)
        else:
            stack[-1].append(token)
    need(len(stack) == 1, "brackets are in pairs", "(")
    return stack[0]


def _expression(tree: Any, names: Sequence[str], symbols: dict[str, str]) -> Poly:
    if type(tree) is str:
        if tree in symbols:
            return unit(names, symbols[tree])
        need(bool(_NUMBER.fullmatch(tree)), "a symbol is a variable or a whole number", tree)
        return add({}, unit(names), int(tree.removesuffix(".0")))
    need(len(tree) >= 2 and type(tree[0]) is str, "an expression has an operator", tree)
    first, *others = (_expression(one, names, symbols) for one in tree[1:])
    if tree[0] == "-":
        first = add({}, first, 1 if others else -1)
    for other in others:
        if tree[0] == "*":
            first = multiply(first, other)
        elif tree[0] in ("+", "-"):
            first = add(first, other, 1 if tree[0] == "+" else -1)
        else:
            reject("an operator is +, - or *", tree[0])
    need(bool(others) or tree[0] == "-", "+ and * have two sides", tree)
    return first
