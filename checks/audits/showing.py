"""What goes with a finding: the program that shows it, and what other checkers say at its point.

Guarantees: neither changes what was found; what cannot be made is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ...numeric.elements import fraction
from ...numeric.floats import to_fraction
from ...numeric.implementations.call import Array, Call
from ...symbolic.errors import GradproofError
from .finding import Finding, Kind, Opinion
from .judging import Bench
from .options import Options
from .peers import ask_peers
from .point import AuditPoint
from .reproducer import Shown, make_reproducer

_ASKED, _ASKED_QUICK = 8, 2
_CLASSES = 64
"""Checkers by differences are not asked about more classes."""

_SECONDS = 2.0


def with_showing(findings: Sequence[Finding], options: Options, bench: Bench) -> list[Finding]:
    """Return the findings with reproducers, and the first of them with opinions."""
    count = _ASKED_QUICK if options.quick else _ASKED
    shown = []
    opinions: dict[tuple[AuditPoint, str], tuple[Opinion, ...]] = {}
    for number, one in enumerate(findings):
        if one.point is None:
            shown.append(one)
            continue
        key = one.point, one.dtype
        if key not in opinions and number < count:
            opinions[key] = _opinions(one.point, one.dtype, options, bench)
        shown.append(
            replace(
                one,
                reproducer=_reproducer(one, options, bench),
                opinions=() if one.kind is Kind.PROTOCOL else opinions.get(key, ()),
            )
        )
    return shown


def _reproducer(one: Finding, options: Options, bench: Bench) -> str:
    assert one.point is not None
    runner = bench.runner
    of_value = one.where == "the loss"
    shown = Shown("value" if of_value else "gradient", one.expected, "" if of_value else one.where)
    if one.kind is Kind.PROTOCOL:
        shown = _shown_of_behaviour(one)
    no_gradient = runner.returns == "loss" and runner.framework == "numpy"
    if no_gradient and options.gradient is None and shown.prints == "gradient":
        shown = replace(shown, prints="value")
    try:
        return make_reproducer(
            options.implementation,
            one.point.call(options.form, one.dtype, one.upstream),
            shown,
            framework=runner.framework,
            form=options.form,
            returns=runner.returns or "gradient",
            gradient=options.gradient,
            manner=runner.manner,
            target_first=runner.target_first,
            origin=options.name if ":" in options.name else "",
        )
    except GradproofError:
        return ""


def _shown_of_behaviour(one: Finding) -> Shown:
    """Return what shows a fault of behaviour, as far as one call does."""
    for argument in ("logits", "target"):
        if one.found.endswith(f"changes its {argument}"):
            return Shown(argument, "the same as above")
    return Shown("gradient", "" if one.upstream == 1 else one.expected)


def _opinions(point: AuditPoint, dtype: str, options: Options, bench: Bench) -> tuple[Opinion, ...]:
    if point.n > _CLASSES or None in point.logits or options.isolate:
        return ()
    call: Call = point.call(options.form, dtype)

    def loss_value(logits: Array) -> float:
        moved = AuditPoint(tuple(to_fraction(v) for v in logits.ravel()), point.target)
        return float(fraction(bench.intended.at(moved).value.mid()))

    runner = bench.runner
    return ask_peers(
        options.implementation,
        call,
        framework=runner.framework,
        returns=runner.returns or "gradient",
        gradient=options.gradient,
        manner=runner.manner,
        target_first=runner.target_first,
        loss_value=loss_value,
        seconds=_SECONDS,
    )
