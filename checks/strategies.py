"""Hypothesis strategies for exact inputs of losses: logits, labels, targets, kernel values.

Guarantees: every value is an exact rational; examples shrink to few classes and small integers.
The values are spread over the regimes in which losses behave differently: moderate, wide, extreme,
ties, confident and misfit.
"""

from __future__ import annotations

from fractions import Fraction

from hypothesis import strategies as st

__all__ = [
    "class_counts",
    "kernel_values",
    "labels",
    "logits",
    "rationals",
    "soft_targets",
]


def rationals(*, extreme: bool = False) -> st.SearchStrategy[Fraction]:
    """Return rationals: small integers first, then small fractions, then wide values.

    Parameters
    ----------
    extreme
        Whether values up to 1000 in size are among them.
    """
    choices = [
        st.integers(-3, 3).map(Fraction),
        st.builds(Fraction, st.integers(-12, 12), st.integers(2, 6)),
        st.integers(-30, 30).map(Fraction),
    ]
    if extreme:
        choices.append(st.integers(-1000, 1000).map(Fraction))
    return st.one_of(choices)


def nonnegative_rationals() -> st.SearchStrategy[Fraction]:
    """Return nonnegative rationals, 0 among them."""
    return st.one_of(
        st.integers(0, 3).map(Fraction),
        st.builds(Fraction, st.integers(0, 12), st.integers(2, 6)),
        st.integers(0, 30).map(Fraction),
    )


def positive_rationals() -> st.SearchStrategy[Fraction]:
    """Return positive rationals."""
    return st.one_of(
        st.integers(1, 3).map(Fraction),
        st.builds(Fraction, st.integers(1, 12), st.integers(2, 6)),
        st.integers(1, 30).map(Fraction),
    )


def class_counts(*, smallest: int = 1, largest: int | None = None) -> st.SearchStrategy[int]:
    """Return numbers of classes from `smallest` to `largest` (`smallest` + 4 by default)."""
    return st.integers(smallest, smallest + 4 if largest is None else largest)


def labels(classes: int) -> st.SearchStrategy[int]:
    """Return labels 1..classes."""
    return st.integers(1, classes)


def logits(classes: int, *, extreme: bool = False) -> st.SearchStrategy[tuple[Fraction, ...]]:
    """Return vectors of `classes` logits.

    Ties come from the small integers, confident and misfit vectors from the wide ones.
    """
    return st.tuples(*[rationals(extreme=extreme)] * classes)


def soft_targets(classes: int) -> st.SearchStrategy[tuple[Fraction, ...]]:
    """Return probability vectors: nonnegative rationals with sum 1, one-hot ones among them."""
    weights = st.lists(st.integers(0, 4), min_size=classes, max_size=classes).filter(any)
    return weights.map(lambda w: tuple(Fraction(v, sum(w)) for v in w))


def kernel_values(classes: int) -> st.SearchStrategy[tuple[Fraction, ...]]:
    """Return kernel values: nonnegative rationals, not all zero; 0/1 vectors among them."""
    zero_one = st.lists(st.integers(0, 1), min_size=classes, max_size=classes)
    general = st.lists(nonnegative_rationals(), min_size=classes, max_size=classes)
    return st.one_of(zero_one, general).filter(any).map(lambda w: tuple(Fraction(v) for v in w))
