"""Tangents of the logarithm and the exponential as hypotheses of a polynomial question.

Guarantees: each fact holds wherever the expressions in it are defined:
``1 - 1/t <= log t <= t - 1`` for t > 0, ``exp e >= 1 + e``, and both functions increase.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from math import lcm
from typing import Any

from sympy import Sum, exp, log

from ...symbolic.field import Fraction
from ...symbolic.printing import to_text
from .carriers import exponential_of, is_carrier, is_exponent
from .data import Part
from .facts import Fact
from .scene import Scene, atoms_of
from .signs_in_cases import by_polynomial
from .splitting import Splitting

_PAIRS = 12
"""Pairs of logarithms that are compared at most."""


def prove(scene: Scene, value: Fraction, *, strict: bool) -> list[Part] | None:
    """Add what tangents say of logarithms and exponentials to the polynomial question."""
    splitting = Splitting(scene.case, scene.normaliser)  # one: the rests are unknowns of it
    extra = [*_log_facts(splitting, scene, value), *_exp_facts(splitting, value)]
    if not extra:
        return None
    inner = scene.after("with tangents of logarithms and exponentials")
    return by_polynomial(inner, value, strict=strict, extra=extra, splitting=splitting)


def _log_facts(splitting: Splitting, scene: Scene, value: Fraction) -> Iterator[Fact]:
    """Yield facts on the differences of logarithms: their sign and both tangents."""
    field, normaliser = value.field, scene.normaliser
    one = field.constant(1)
    logs: list[tuple[Fraction, Fraction]] = [(field.constant(0), one)]
    for atom in atoms_of(splitting.split(value)):
        if isinstance(atom, log):
            logs.append((field.atom(atom), scene.of(atom.args[0])))
        elif is_exponent(scene.normaliser, atom):
            logs.append((field.atom(atom), scene.of(exp(atom))))
    for whole in _linear_parts(scene, value):
        raised = exponential_of(normaliser, whole)
        if raised is not None and (scene.of(log(raised.expr())) - whole).is_zero():
            yield from _pair(splitting, whole, raised)
            yield from _pair(splitting, -whole, one / raised)
    for (a, x), (b, y) in list(combinations(logs, 2))[:_PAIRS]:
        yield from _pair(splitting, b - a, y / x)
        yield from _pair(splitting, a - b, x / y)


def _linear_parts(scene: Scene, value: Fraction) -> Iterator[Fraction]:
    """Yield the sums of three logarithms and more that a value has multiples of."""
    field = value.field
    groups: dict[str, list[tuple[Any, int]]] = {}
    for number in field.used(value.num):
        atom = field.atoms[number]
        parts = field.by_power(value.num, number)
        if not is_carrier(scene.normaliser, atom) or isinstance(atom, Sum) or set(parts) - {0, 1}:
            continue
        lead = parts[1].leading_coefficient()
        groups.setdefault(str(parts[1] / lead), []).append((lead, number))
    for group in groups.values():
        if len(group) > 2:
            scale = lcm(*(int((lead / group[0][0]).q) for lead, _ in group))
            total = field.constant(0)
            for lead, number in group:
                rate = field.constant(lead / group[0][0] * scale)
                total = total + rate * field.whole(field.generator(number))
            yield total


def _pair(splitting: Splitting, difference: Fraction, ratio: Fraction) -> Iterator[Fact]:
    """Yield ``difference <= ratio - 1`` for ``difference = log ratio``, and its sign if known."""
    normaliser = splitting.normaliser
    if normaliser.sign_of_fraction(ratio) != ">0":
        return
    field = difference.field
    above = splitting.split(ratio - field.constant(1) - difference)
    if not above.is_zero():
        text = f"{to_text(difference.expr())} <= {to_text(ratio.expr())} - 1"
        yield Fact(above.num * above.den, ">=0", text, "tangent of the logarithm")
    gap = ratio - field.constant(1)
    known = normaliser.sign_of_fraction(gap)
    if known in (">0", ">=0") and not difference.is_zero():
        split = splitting.split(difference)
        text = f"{to_text(difference.expr())} {known}"
        yield Fact(split.num * split.den, str(known), text, "logarithm increases")


def _exp_facts(splitting: Splitting, value: Fraction) -> Iterator[Fact]:
    """Yield ``exp(e) >= 1 + e`` and the comparison of exp(e) with 1, for exponents with a sign."""
    field, normaliser = value.field, splitting.normaliser
    for atom in atoms_of(splitting.split(value)):
        if not isinstance(atom, exp):
            continue
        exponent, power = normaliser.of(atom.args[0]), field.atom(atom)
        below = splitting.split(power - field.constant(1) - exponent)
        text = f"{to_text(atom)} >= 1 + {to_text(atom.args[0])}"
        yield Fact(below.num * below.den, ">=0", text, "tangent of the exponential")
        known = normaliser.sign_of_fraction(exponent)
        if known in (">0", ">=0", "<0", "<=0"):
            gap = splitting.split(power - field.constant(1))
            gap = gap if known[0] == ">" else -gap
            relation = ">0" if known in (">0", "<0") else ">=0"
            text = f"{to_text(atom)} {known[0]}{'=' if '=' in known else ''} 1"
            yield Fact(gap.num * gap.den, relation, text, "exponential increases")
