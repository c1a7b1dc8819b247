"""Integrals of one integrand over several intervals, and sums and integrals of powers.

Guarantees: an integral is written by others only where those are over intervals that join its
ends, whatever their order; all of them exist where the statement has a value.
The sums and integrals of powers are exact.
"""

from __future__ import annotations

from collections.abc import Iterator

from sympy import Expr, Integer, Pow, Symbol, bernoulli, binomial

from .field import Field, Fraction


class IntegralPaths:
    """The integrals met so far, as edges between their ends, for each integrand."""

    def __init__(self) -> None:
        self._edges: dict[Expr, dict[Expr, list[tuple[Expr, Fraction]]]] = {}

    def add(self, integrand: Expr, low: Expr, high: Expr, value: Fraction) -> None:
        """Store the integral of `integrand` from `low` to `high`."""
        edges = self._edges.setdefault(integrand, {})
        edges.setdefault(low, []).append((high, value))
        edges.setdefault(high, []).append((low, -value))

    def between(self, integrand: Expr, low: Expr, high: Expr, zero: Fraction) -> Fraction | None:
        """Return the integral from `low` to `high` as a sum of stored ones, if those join them."""
        edges = self._edges.get(integrand, {})
        reached, open_ends = {low: zero}, [low]
        while open_ends and high not in reached:
            start = open_ends.pop(0)
            for end, value in edges.get(start, []):
                if end not in reached:
                    reached[end] = reached[start] + value
                    open_ends.append(end)
        return reached.get(high)


def power_of(inner: Expr, running: Symbol) -> int | None:
    """Return k where `inner` is the k-th power of the running variable, k >= 1."""
    base, exponent = inner.as_base_exp() if isinstance(inner, Pow) else (inner, Integer(1))
    return int(exponent) if base == running and exponent.is_Integer and exponent > 0 else None


def integral_of_power(field: Field, low: Fraction, high: Fraction, k: int) -> Fraction:
    """Return the integral of ``t^k`` from `low` to `high`."""
    return (high ** (k + 1) - low ** (k + 1)) / field.constant(k + 1)


def sum_of_powers(field: Field, size: Fraction, k: int) -> Fraction:
    """Return ``1^k + ... + size^k`` by Faulhaber's formula.

    Source: NIST Digital Library of Mathematical Functions, 24.4.7.
    """
    total = field.constant(0)
    for rate, exponent in _faulhaber(k):
        total = total + field.constant(rate) * size**exponent
    return total


def _faulhaber(k: int) -> Iterator[tuple[Expr, int]]:
    for j in range(k + 1):
        number = abs(bernoulli(1)) if j == 1 else bernoulli(j)  # +1/2, in either convention
        yield binomial(k + 1, j) * number / (k + 1), k + 1 - j
