"""Jensen's inequality for the logarithm: sums of logarithms against the logarithm of a mean.

Guarantees: a bound used here holds for every number of classes.
The lemma: ``sum_j a_j log t_j <= A log(sum_j a_j t_j / A)`` for a_j >= 0 with sum A > 0 and
t_j > 0, since the logarithm is concave; strictly where two t_j with positive a_j differ.
A term ``u log u`` that is 0 for u = 0 counts with weight u; the classes with u = 0 may be added to
the mean, which only grows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from sympy import Expr, Integer, Mul, Ne, Sum, Symbol, log

from ...symbolic.field import Fraction
from ...symbolic.printing import to_text
from ...symbolic.vocabulary import index
from .carriers import factors_of, is_carrier, is_logarithm, raised, vanishing
from .data import Part
from .scene import Scene
from .signs_in_cases import by_polynomial, prove_value

RUNNING = Symbol("_900", integer=True, positive=True)
"""The running class of what is read off a sum."""
_POSITIVE, _NEGATIVE = (">0", ">=0"), ("<0", "<=0")


@dataclass(frozen=True)
class Weighted:
    """``factor * sum_j weight_j log(inside_j)``, a part of a value that is `whole`."""

    weight: Expr
    factor: Fraction
    inside: Expr
    size: Expr
    whole: Fraction
    vanishing: bool


def prove(scene: Scene, value: Fraction, *, strict: bool) -> list[Part] | None:
    """Bound a sum of logarithms by the logarithm of the mean of what is inside."""
    if scene.normaliser.sign(value.den) != ">0":
        return None
    for group in weighted_groups(scene, value):
        members = scene.case.classes.get(group.size, ())
        ways = [(), *combinations(members, 1), *([members] if len(members) > 1 else [])]
        for left_out in ways[:1] if group.vanishing else ways:
            if scene.case.smallest.get(group.size, 1) <= len(left_out):
                continue
            found = _with_mean(scene, value, group, tuple(left_out), strict=strict)
            if found is not None:
                return found
    return None


def weighted_groups(scene: Scene, value: Fraction) -> Iterator[Weighted]:
    """Yield the parts of a value that are sums of weighted logarithms, by weight."""
    field, normaliser = value.field, scene.normaliser
    found: dict[tuple[Expr, Expr], list[tuple[Fraction, Expr, Fraction, bool]]] = {}
    for number in field.used(value.num):
        if number not in normaliser.sums or not is_carrier(normaliser, field.atoms[number]):
            continue
        parts = field.by_power(value.num, number)
        if set(parts) - {0, 1}:
            continue
        term, running, size = normaliser.sums[number]
        read = _read(scene, term.xreplace({running: RUNNING}))
        if read is None:
            continue
        weight, rate, inside, vanishes = read
        coefficient = field.make(parts[1], value.den)
        whole = coefficient * field.whole(field.generator(number))
        entry = (coefficient * normaliser.of(rate), inside, whole, vanishes)
        found.setdefault((weight, size), []).append(entry)
    for (weight, size), entries in found.items():
        first = entries[0][0]
        rates = [c / first for c, *_ in entries]
        if all(r.is_constant() for r in rates):
            inside = Mul(*(e[1] ** r.rational() for r, e in zip(rates, entries, strict=True)))
            whole = field.constant(0)
            for entry in entries:
                whole = whole + entry[2]
            yield Weighted(weight, first, inside, size, whole, any(e[3] for e in entries))


def _read(scene: Scene, term: Expr) -> tuple[Expr, Expr, Expr, bool] | None:
    """Return weight, rate, inside, and whether the term vanishes with its weight."""
    logs = [f for f in factors_of(term) if is_logarithm(scene.normaliser, f)]
    if len(logs) == 1:
        rate, inside = raised(scene.normaliser, logs[0])
        return term / logs[0], rate, inside, False
    found = vanishing(term)
    return None if logs or found is None else (found[1], found[0], found[1], True)


def _with_mean(
    scene: Scene, value: Fraction, group: Weighted, left_out: tuple[Expr, ...], *, strict: bool
) -> list[Part] | None:
    normaliser = scene.normaliser
    rising = normaliser.sign_of_fraction(group.factor)
    if rising not in (*_POSITIVE, *_NEGATIVE):
        return None
    up = rising in _POSITIVE
    inside = 1 / group.inside if up else group.inside
    factor = -group.factor if up else group.factor
    if normaliser.sign_of_fraction(normaliser.of(group.weight)) not in _POSITIVE:
        return None
    body = group.weight * inside
    if group.vanishing and not _is_whole(scene, body):
        return None
    total, mean = (_without(group, b, left_out) for b in (group.weight, body))
    if normaliser.sign_of_fraction(scene.of(total)) != ">0":
        return None
    taken = group.whole
    if left_out:
        own = group.weight * log(group.inside)
        named = sum((own.xreplace({RUNNING: member}) for member in left_out), Integer(0))
        taken = taken - group.factor * scene.of(named)
    left = value - taken + factor * scene.of(total * log(mean / total))
    weighs = rising in (">0", "<0") and not group.vanishing
    better = strict and weighs and _two_differ(scene, group, left_out)
    step = _sentence(group.weight, inside, left_out, better=better)
    if left.is_zero():
        if strict and not better:
            return None
        return by_polynomial(scene.after(step), left, strict=False)
    return prove_value(scene.after(step), left, strict=strict and not better)


def _is_whole(scene: Scene, body: Expr) -> bool:
    """Tell whether a term of the mean has a value, and is nonnegative, where its weight is 0."""
    normaliser = scene.normaliser
    value = normaliser.of(body)
    return normaliser.sign(value.den) == ">0" and normaliser.sign_of_fraction(value) in _POSITIVE


def _sentence(weight: Expr, inside: Expr, left_out: tuple[Expr, ...], *, better: bool) -> str:
    shown = (to_text(e.xreplace({RUNNING: index("j")})) for e in (weight, inside))
    text = "Jensen: with the weights {} the mean of log({}) is at most the logarithm of the mean"
    text = text.format(*shown)
    text += f", j other than {', '.join(map(str, left_out))}" if left_out else ""
    return text + (", and below it, since two terms differ" if better else "")


def _without(group: Weighted, body: Expr, left_out: tuple[Expr, ...]) -> Expr:
    total = Sum(body, (RUNNING, 1, group.size))
    for member in left_out:
        total = total - body.xreplace({RUNNING: member})
    return total


def _two_differ(scene: Scene, group: Weighted, left_out: tuple[Expr, ...]) -> bool:
    """Tell whether two named classes in the sum are known to have different terms."""
    normaliser = scene.normaliser
    if normaliser.sign_of_fraction(normaliser.of(group.weight)) != ">0":
        return False
    if not any(isinstance(fact, Ne) for fact in scene.facts):
        return False
    inside = [
        scene.of(group.inside.xreplace({RUNNING: member}))
        for member in scene.case.classes.get(group.size, ())
        if member not in left_out
    ]
    return any(normaliser.is_nonzero(a - b) for a, b in combinations(inside, 2))
