"""One minus a share of a total, without cancellation.

A *share* is ``f(a) / sum_j f(j)``, such as a softmax.
``1 - f(a) / sum_j f(j)`` is ``(sum_{j != a} f(j)) / sum_j f(j)``: the sign of ``S_y - 1`` at a gap
of 10**4 then needs no precision at all, where subtracting needs 15000 bits.

Guarantees: the rewriting is an identity wherever the share is defined; it uses no signs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sympy import Expr, KroneckerDelta, Mul, Pow, Rational, Sum
from sympy.tensor.indexed import Indexed

from . import elements
from .elements import ZERO, Element
from .run import Run


@dataclass(frozen=True, slots=True)
class Share:
    """A term ``factor * f(member) / sum_j f(j)`` beside ``-factor`` or ``-factor * delta``."""

    factor: Rational
    member: Expr
    total: Sum
    selector: Expr | None
    """The Kronecker delta that multiplies the constant; None for the constant alone."""
    used: tuple[Expr, Expr]


def find_share(terms: tuple[Expr, ...]) -> Share | None:
    """Return the first share among `terms` that meets its opposite constant, if there is one."""
    for term in terms:
        factor, rest = term.as_coeff_Mul()
        share = _as_share(rest) if isinstance(factor, Rational) else None
        if share is None:
            continue
        for other in terms:
            constant, selector = other.as_coeff_Mul()
            if constant == -factor and (selector == 1 or isinstance(selector, KroneckerDelta)):
                member, total = share
                chosen = None if selector == 1 else selector
                return Share(factor, member, total, chosen, (term, other))
    return None


def _as_share(expr: Expr) -> tuple[Expr, Sum] | None:
    for divisor in Mul.make_args(expr):
        if not (isinstance(divisor, Pow) and divisor.exp == -1 and isinstance(divisor.base, Sum)):
            continue
        total = divisor.base
        if len(total.limits) != 1:
            continue
        running, first, _ = total.limits[0]
        numerator = Mul(*(a for a in Mul.make_args(expr) if a is not divisor))
        for member in {a.indices[0] for a in numerator.atoms(Indexed)}:
            if first == 1 and total.function.xreplace({running: member}) == numerator:
                return member, total
    return None


def compile_share(compiler: Any, share: Share) -> Callable[[Run], Element]:
    """Compile ``factor * (f(member) / total - selector)``."""
    running, _, last = share.total.limits[0]
    body, size = compiler.node(share.total.function), compiler.index(last)
    whole, member = compiler.node(share.total), compiler.index(share.member)
    ratio = compiler.node(share.used[0])
    selected = None if share.selector is None else compiler.node(share.selector)
    factor = elements.rational(share.factor)
    key = ("others", share.total)

    def others(run: Run) -> list[tuple[Element, Element]]:
        """Return, for each class, the sum before it and the sum after it."""
        memo = run.running_memo if whole.running else run.memo
        slot = (key, *(run.classes[s] for s in whole.indices))
        if slot not in memo:
            values = []
            for place in range(1, size(run) + 1):
                run.classes[running] = place
                values.append(body.compute(run))
            memo[slot] = list(zip(_before(values), _before(values[::-1])[::-1], strict=True))
        found: list[tuple[Element, Element]] = memo[slot]
        return found

    def compute(run: Run) -> Element:
        if selected is not None and selected.compute(run) == ZERO:
            return ratio.compute(run)
        here = member(run)
        sums = others(run)
        if not 1 <= here <= len(sums):
            return ratio.compute(run) - factor
        before, after = sums[here - 1]
        return -factor * elements.divide(before + after, whole.compute(run))

    return compute


def _before(values: list[Element]) -> list[Element]:
    sums: list[Element] = [ZERO]
    for value in values[:-1]:
        sums.append(elements.shorten(sums[-1] + value))
    return sums
