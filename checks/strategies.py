"""Hypothesis strategies for exact inputs of losses: logits, labels, targets, kernel values.

Guarantees: every value is an exact rational; examples shrink to few classes and small integers.
The values are spread over the regimes in which losses behave differently: moderate, wide, extreme,
ties, confident and misfit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from functools import lru_cache
from typing import ParamSpec, TypeVar, cast

from hypothesis import strategies as st

__all__ = [
    "class_counts",
    "kernel_values",
    "labels",
    "logits",
    "rationals",
    "soft_targets",
]

P = ParamSpec("P")
T = TypeVar("T")

Raw = int | tuple[int, int]
"""An integer, or a numerator and a denominator."""


def _kept(make: Callable[P, T]) -> Callable[P, T]:
    """Make each strategy once: a new one is prepared by Hypothesis when it is first drawn from.

    Tests that draw a number of classes first would make one for each example.
    """
    return cast("Callable[P, T]", lru_cache(maxsize=256)(make))


@_kept
def rationals(*, extreme: bool = False) -> st.SearchStrategy[Fraction]:
    """Return rationals: small integers first, then small fractions, then wide values.

    Parameters
    ----------
    extreme
        Whether values up to 1000 in size are among them.
    """
    return _raw(None, extreme=extreme).map(_fraction)


def nonnegative_rationals() -> st.SearchStrategy[Fraction]:
    """Return nonnegative rationals, 0 among them."""
    return _raw(0).map(_fraction)


def positive_rationals() -> st.SearchStrategy[Fraction]:
    """Return positive rationals."""
    return _raw(1).map(_fraction)


@_kept
def _raw(least: int | None, *, extreme: bool = False) -> st.SearchStrategy[Raw]:
    """Return what rationals are made of, with numerators from `least` on if it is given.

    Vectors make their rationals of these all at once: a `map` for each member takes longer.
    """

    def up_to(size: int) -> st.SearchStrategy[int]:
        return st.integers(-size if least is None else least, size)

    wide = (30, 1000) if extreme else (30,)
    return st.one_of(up_to(3), st.tuples(up_to(12), st.integers(2, 6)), *map(up_to, wide))


def _fraction(raw: Raw) -> Fraction:
    return Fraction(*raw) if isinstance(raw, tuple) else Fraction(raw)


def _fractions(raw: Iterable[Raw]) -> tuple[Fraction, ...]:
    return tuple(map(_fraction, raw))


def class_counts(*, smallest: int = 1, largest: int | None = None) -> st.SearchStrategy[int]:
    """Return numbers of classes from `smallest` to `largest` (`smallest` + 4 by default)."""
    return st.integers(smallest, smallest + 4 if largest is None else largest)


def labels(classes: int) -> st.SearchStrategy[int]:
    """Return labels 1..classes."""
    return st.integers(1, classes)


@_kept
def logits(classes: int, *, extreme: bool = False) -> st.SearchStrategy[tuple[Fraction, ...]]:
    """Return vectors of `classes` logits.

    Ties come from the small integers, confident and misfit vectors from the wide ones.
    """
    return st.tuples(*[_raw(None, extreme=extreme)] * classes).map(_fractions)


@_kept
def soft_targets(classes: int) -> st.SearchStrategy[tuple[Fraction, ...]]:
    """Return probability vectors: nonnegative rationals with sum 1, one-hot ones among them."""
    weights = st.lists(st.integers(0, 4), min_size=classes, max_size=classes).filter(any)
    return weights.map(lambda w: tuple(Fraction(v, sum(w)) for v in w))


@_kept
def kernel_values(classes: int) -> st.SearchStrategy[tuple[Fraction, ...]]:
    """Return kernel values: nonnegative rationals, not all zero; 0/1 vectors among them."""
    zero_one = st.lists(st.integers(0, 1), min_size=classes, max_size=classes)
    general = st.lists(_raw(0), min_size=classes, max_size=classes)
    return st.one_of(zero_one, general).map(_fractions).filter(any)
