"""Exact points to compare programs at: fixed regimes first, then Hypothesis.

Guarantees: each point lies in the domain of its inputs; labels are swept over the
first two classes and the last.
What it cannot see: what happens only at points that are neither of a regime, nor drawn, nor steered
to by a constant of the program.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import pairwise
from random import Random
from typing import Any

from hypothesis import strategies as st

from .inputs import Input, TwinPoint

REGIMES = (
    "moderate",
    "confident",
    "misfit",
    "tied at the top",
    "tied below the top",
    "all tied",
    "wide",
    "common offset",
    "extreme",
)
"""The regimes in the order in which they are tried."""

_WHOLE = 22
"""Shares of 1 in parts of 2**-22 are numbers of float32."""

_GAPS = (Fraction(2), Fraction(17), Fraction(60))


def _normal(random: Random, spread: int) -> Fraction:
    return Fraction(round(random.gauss(0, spread) * 8), 8)


def regime_points(
    inputs: tuple[Input, ...], sizes: Sequence[int], random: Random, each: int = 1
) -> Iterator[tuple[str, TwinPoint]]:
    """Yield the name of a regime and a point of it, over sizes, labels and `each` repetition."""
    for number in range(each):
        for regime in REGIMES:
            for n in sizes:
                for label in range(min(n, 3)):
                    chosen = n - 1 if label == 2 else label
                    yield regime, _regime_point(regime, inputs, n, chosen, random, number)


def _regime_point(
    regime: str, inputs: tuple[Input, ...], n: int, label: int, random: Random, number: int
) -> TwinPoint:
    gap = _GAPS[number % len(_GAPS)] if number else _GAPS[random.randrange(len(_GAPS))]
    values = tuple(_values(spec, regime, n, label, gap, random) for spec in inputs)
    return TwinPoint(inputs, n, values)


def _values(
    spec: Input, regime: str, n: int, label: int, gap: Fraction, random: Random
) -> tuple[Fraction, ...]:
    count = spec.count(n)
    if spec.kind == "label":
        rest = [Fraction(random.randrange(n)) for _ in range(count - 1)]
        return (Fraction(label), *rest)[:count]
    if spec.kind in ("logits", "numbers"):
        return tuple(_reals(regime, count, spec, n, label, gap, random))
    if spec.kind == "signs":
        return tuple(Fraction(random.choice((-1, 1))) for _ in range(count))
    if spec.kind == "bits":
        return tuple(Fraction(random.randrange(2)) for _ in range(count))
    if spec.kind == "positive":
        return tuple(Fraction(random.randrange(1, 64), 8) for _ in range(count))
    if spec.kind == "unit":
        return tuple(_share(regime, random) for _ in range(count))
    width = spec.shape_at(n)[-1] if spec.shape else 1
    rows = count // width if width else 0
    return tuple(v for _ in range(rows) for v in _simplex(spec.kind, regime, width, label, random))


def _share(regime: str, random: Random) -> Fraction:
    if regime in ("confident", "misfit", "extreme"):
        if random.randrange(2):
            return Fraction(1, 2 ** random.choice((8, 24, 40, 60)))
        return 1 - Fraction(1, 2 ** random.choice((8, 16, _WHOLE)))
    return Fraction(random.randrange(1, 64), 64)


def _parts_of_1(width: int) -> int:
    """Return into how many parts 1 is divided: a power of 2, and more than two for each share."""
    return max(64, 1 << (2 * width).bit_length())


def _simplex(kind: str, regime: str, width: int, label: int, random: Random) -> list[Fraction]:
    """Return shares of 1 with a power of 2 below, so that floats hold them."""
    place = label % width if width else 0
    if kind == "one_hot":
        return [Fraction(int(k == place)) for k in range(width)]
    least = int(kind == "probabilities")
    if kind == "targets" and regime in ("confident", "misfit"):
        return [Fraction(int(k == place)) for k in range(width)]
    whole = _parts_of_1(width) if regime != "extreme" else 2**_WHOLE
    parts = [least] * width
    if regime not in ("extreme", "confident", "misfit"):
        for _ in range(whole - least * width):
            parts[random.randrange(width)] += 1
    else:
        parts[place] += whole - least * width
    return [Fraction(part, whole) for part in parts]


def _reals(
    regime: str, count: int, spec: Input, n: int, label: int, gap: Fraction, random: Random
) -> list[Fraction]:
    spread = {"wide": 15, "extreme": 100}.get(regime, 1)
    values = [_normal(random, spread) for _ in range(count)]
    width = spec.shape_at(n)[-1] if spec.shape else 1
    for start in range(0, count, width or 1):
        place = start + min(label, width - 1)
        row = range(start, start + width)
        others = [k for k in row if k != place]
        top = max((values[k] for k in row), default=Fraction(0))
        if regime == "confident":
            values[place] = top + gap
        elif regime == "misfit" and others:
            values[random.choice(others)] = values[place] + gap
        elif regime == "all tied":
            for k in row:
                values[k] = values[start]
        elif regime == "tied at the top" and others:
            values[place] = values[random.choice(others)] = top + 1
        elif regime == "tied below the top" and len(others) > 1:
            one, other = random.sample(others, 2)
            values[one], values[other] = top + 2, values[place]
        elif regime == "common offset":
            for k in row:
                values[k] += 1024
        elif regime == "extreme" and random.randrange(2):
            values[random.choice([*row])] = Fraction(random.choice((-1000, 1000)))
    return values


def drawn_points(
    inputs: tuple[Input, ...], sizes: Sequence[int], special: Sequence[Fraction] = ()
) -> st.SearchStrategy[TwinPoint]:
    """Return a Hypothesis strategy of points, with constants of the program among the numbers."""

    @st.composite
    def points(draw: Any) -> TwinPoint:
        n = draw(st.sampled_from(sorted(sizes)))
        return TwinPoint(inputs, n, tuple(draw(_drawn(spec, n, tuple(special))) for spec in inputs))

    return points()


def _drawn(
    spec: Input, n: int, special: tuple[Fraction, ...]
) -> st.SearchStrategy[tuple[Fraction, ...]]:
    count = spec.count(n)
    if spec.kind == "label":
        one: st.SearchStrategy[Fraction] = st.integers(0, n - 1).map(Fraction)
    elif spec.kind in ("logits", "numbers"):
        small = st.integers(-40, 40).map(lambda k: Fraction(k, 4))
        far = st.sampled_from([s * Fraction(v) for v in (20, 50, 100, 1000) for s in (1, -1)])
        one = st.one_of(small, far, *([st.sampled_from(sorted(special))] if special else []))
    elif spec.kind == "signs":
        one = st.sampled_from([Fraction(1), Fraction(-1)])
    elif spec.kind == "bits":
        one = st.sampled_from([Fraction(0), Fraction(1)])
    elif spec.kind == "positive":
        one = st.integers(1, 80).map(lambda k: Fraction(k, 8))
    elif spec.kind == "unit":
        near = st.sampled_from([Fraction(1, 2**k) for k in (10, 24, 40)] + [1 - Fraction(1, 2**20)])
        one = st.one_of(st.integers(1, 63).map(lambda k: Fraction(k, 64)), near)
    else:
        return _drawn_simplex(spec, n)
    return st.tuples(*[one] * count)


def _drawn_simplex(spec: Input, n: int) -> st.SearchStrategy[tuple[Fraction, ...]]:
    width = spec.shape_at(n)[-1] if spec.shape else 1
    rows = spec.count(n) // width
    if spec.kind == "one_hot":
        row: st.SearchStrategy[list[Fraction]] = st.integers(0, width - 1).map(
            lambda place: [Fraction(int(k == place)) for k in range(width)]
        )
    else:
        least = int(spec.kind == "probabilities")
        whole = _parts_of_1(width)

        def shares(cuts: list[int]) -> list[Fraction]:
            edges = [0, *sorted(cuts), whole - least * width]
            return [Fraction(b - a + least, whole) for a, b in pairwise(edges)]

        cut = st.integers(0, whole - least * width)
        row = st.lists(cut, min_size=width - 1, max_size=width - 1).map(shares)
    return st.lists(row, min_size=rows, max_size=rows).map(
        lambda found: tuple(v for r in found for v in r)
    )
