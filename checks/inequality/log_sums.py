"""Tangents of log-sum-exp as hypotheses of a polynomial question.

Guarantees: each fact holds for all positive terms, for every number of classes.
The lemmas, with ``w_j = g_j / sum_k g_k``: log-sum-exp is convex, so that
``log(sum_j f_j) >= log(sum_j g_j) + sum_j w_j (log f_j - log g_j)``; and no term is larger than the
sum, so that ``log(sum_j g_j) >= sum_j w_j log g_j``.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations

from sympy import Expr, Integer, Sum, log

from ...symbolic.field import Fraction
from ...symbolic.printing import to_text
from .data import Part
from .facts import Fact
from .scene import Scene
from .signs_in_cases import by_polynomial
from .splitting import Splitting

_SUMS = 4
"""Logarithms of sums that are compared with each other at most."""


def prove(scene: Scene, value: Fraction, *, strict: bool) -> list[Part] | None:
    """Add what holds between logarithms of sums to the polynomial question."""
    splitting = Splitting(scene.case, scene.normaliser)
    extra = list(_facts(splitting, scene, value))
    inner = scene.after("with tangents of log-sum-exp")
    for positive in (value.field.constant(1), *_multipliers(scene, value)) if extra else ():
        goal = value * positive
        found = by_polynomial(inner, goal, strict=strict, extra=extra, splitting=splitting)
        if found is not None:
            return found
    return None


def _facts(splitting: Splitting, scene: Scene, value: Fraction) -> Iterator[Fact]:
    """Yield what holds between the logarithms of sums in a value."""
    sums = list(_logarithms_of_sums(scene, value))[:_SUMS]
    for (upper, rate), (lower, _) in permutations(sums, 2):
        if upper.limits == lower.limits:
            mean = _mean(lower, log(upper.function) - log(lower.function))
            gap = _useful(scene, scene.of(rate)) * (log(upper) - log(lower) - mean)
            yield from _fact(splitting, scene, gap, "tangent of log-sum-exp")
    total = scene.of(sum((rate for _, rate in sums), Integer(0)))
    for each, rate in sums:
        gap = log(each) - _mean(each, log(each.function))
        for factor in dict.fromkeys(_useful(scene, f) for f in (scene.of(rate), total)):
            yield from _fact(splitting, scene, factor * gap, "no term is larger than the sum")


def _multipliers(scene: Scene, value: Fraction) -> list[Fraction]:
    """Return positive numbers that a value may be multiplied by, as the facts are.

    They are the sums whose logarithms are compared, and their products with positive scalars.
    """
    sums = [scene.of(each) for each, _ in list(_logarithms_of_sums(scene, value))[:_SUMS]]
    scalars = sorted(
        (
            s
            for s in value.expr().free_symbols
            if s.is_Symbol and s.is_positive and not s.is_integer
        ),
        key=str,
    )
    found = [*sums, *(each * scene.of(s) for s in scalars[:1] for each in sums)]
    return found if len(sums) > 1 else []


def _mean(weights: Sum, inside: Expr) -> Expr:
    return Sum(weights.function * inside, *weights.limits) / weights


def _fact(splitting: Splitting, scene: Scene, gap: Expr, lemma: str) -> Iterator[Fact]:
    split = splitting.split(scene.of(gap))
    if not split.is_zero():
        yield Fact(split.num * split.den, ">=0", f"{to_text(gap)} >= 0", lemma)


def _useful(scene: Scene, factor: Fraction) -> Expr:
    """Return a factor by which an inequality may be multiplied: it, where it is nonnegative, or 1.

    Factors of the logarithms in a value are meant, and their sum.
    """
    known = scene.normaliser.sign_of_fraction(factor)
    return factor.expr() if known in (">0", ">=0") else Integer(1)


def _logarithms_of_sums(scene: Scene, value: Fraction) -> Iterator[tuple[Sum, Expr]]:
    """Yield sums of positive terms of which a value holds the logarithm, each with its factor."""
    normaliser = scene.normaliser
    field = normaliser.field
    for number in field.used(value.num):
        inside = normaliser.arguments.get(number)
        own = None if inside is None else field.single(inside)
        if own not in normaliser.sums:
            continue
        term, _running, _size = normaliser.sums[own]
        parts = field.by_power(value.num, number)
        if not set(parts) - {0, 1} and normaliser.sign_of_fraction(normaliser.of(term)) == ">0":
            yield field.atoms[own], field.make(parts[1], value.den).expr()
