"""Whether an implementation behaves as a function of its arguments, beyond its numbers at points.

Guarantees: each check compares answers bit for bit, or by the score where numbers must differ.
Checks: repeated calls, interleaved calls, the order of calls, answers of other calls, arguments in
the same memory, the upstream gradient, complaints (inputs changed, printing), dtype out; those of
batches are in `batches`.
Cannot see: state that shows only after more calls than were made.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter

import numpy as np

from ...numeric.implementations.call import Answer, Reduction
from ...symbolic.vocabulary import z
from .batches import Batches
from .finding import Finding, Kind
from .grid import Grid
from .judging import Bench
from .point import AuditPoint
from .remembering import remembered
from .targets import TargetMaker

_REPEATS, _REPEATS_QUICK = 40, 8
_SECONDS = 0.3
UPSTREAMS = (3.0, -0.75)
_AMID = {
    "loss": "if another forward comes before its backward",
    "gradient": "once another call has been made",
}


@dataclass(frozen=True)
class Protocol:
    """The checks of one implementation in one dtype.

    Attributes
    ----------
    bench
        The implementation.
    dtype
        The dtype.
    points
        Moderate points of different sizes and labels.
    returns
        ``"loss"`` or ``"gradient"``.
    grid, make_target
        Numbers of the dtype, and targets.
    before
        What was answered at some points before all else.
    reduction
        How a batch is reduced; None if batches are not taken.
    quick
        Whether to repeat less often.
    """

    bench: Bench
    dtype: str
    points: Sequence[AuditPoint]
    returns: str
    grid: Grid
    make_target: TargetMaker
    before: Mapping[AuditPoint, Answer]
    reduction: Reduction | None = None
    quick: bool = False

    def findings(self) -> Iterator[Finding]:
        """Yield what is wrong, each check at most once."""
        checks = (
            self._complaints,
            self._repeated,
            self._order,
            self._remembered,
            self._since_the_start,
            self._same_memory,
            self._interleaved,
            self._upstream,
            self._batch,
            self._dtype,
        )
        for check in checks:
            found = next(check(), None)
            if found is not None:
                yield found

    def _finding(
        self,
        where: str,
        expected: str,
        found: str,
        point: AuditPoint | None = None,
        kind: Kind = Kind.PROTOCOL,
        note: str = "",
        upstream: float = 1.0,
    ) -> Finding:
        return Finding(
            kind,
            self.dtype,
            "protocol",
            where,
            expected,
            found,
            point=point,
            note=note,
            upstream=upstream,
        )

    def _complaints(self) -> Iterator[Finding]:
        for point in self.points:
            for complaint in self.bench.run(point, self.dtype).complaints:
                yield self._finding(
                    "side effects", "none", f"the implementation {complaint}", point
                )

    def _repeated(self) -> Iterator[Finding]:
        for point in self.points[:2]:
            first = self.bench.run(point, self.dtype)
            for number in range(2, self._times(point) + 1):
                again = self.bench.run(point, self.dtype)
                if not same(first, again):
                    yield self._finding(
                        "repeated calls",
                        f"{text_of(first)} every time",
                        f"{text_of(again)} at call {number}",
                        point,
                    )
                    return

    def _times(self, point: AuditPoint) -> int:
        """Return how often to repeat a call: many times, unless that takes long."""
        if self.quick:
            return _REPEATS_QUICK
        start = perf_counter()
        self.bench.run(point, self.dtype)
        return max(_REPEATS_QUICK, min(_REPEATS, int(_SECONDS / (perf_counter() - start))))

    def _order(self) -> Iterator[Finding]:
        """Call the points forwards and backwards; nothing may depend on what came before."""
        first = [self.bench.run(p, self.dtype) for p in self.points]
        again = [self.bench.run(p, self.dtype) for p in reversed(self.points)][::-1]
        for point, one, other in zip(self.points, first, again, strict=True):
            if not same(one, other):
                yield self._finding(
                    "order of calls",
                    f"{text_of(one)} whatever was called before",
                    text_of(other),
                    point,
                )

    def _remembered(self) -> Iterator[Finding]:
        """Call pairs of points that share what a cache may go by."""
        n = self.points[0].n
        if n < 2 or self.bench.intended.loss.wrt != z:
            return  # the pairs are of logits
        found = remembered(self.bench, self.dtype, self.grid, self.make_target, self.before, n)
        if found is not None:
            shared, first, second = found
            yield self._finding(
                "answers of other calls",
                "an answer of its own",
                f"that to an earlier call; the call before shares {shared}",
                second,
                note=f"the earlier call was at {first}",
            )

    def _since_the_start(self) -> Iterator[Finding]:
        """Call again what was called before all else."""
        for point, one in self.before.items():
            other = self.bench.run(point, self.dtype)
            if not same(one, other):
                yield self._finding(
                    "calls at the start",
                    f"{text_of(one)} as at the start",
                    f"{text_of(other)} after {self.bench.calls} calls",
                    point,
                )

    def _same_memory(self) -> Iterator[Finding]:
        """Call with two points held by the same arrays one after the other."""
        pairs = [(a, b) for a in self.points for b in self.points if a.n == b.n and a != b][:4]
        pairs += [(a, AuditPoint(b.logits, a.target)) for a, b in pairs]
        for a, b in pairs:
            fresh = self.bench.run(b, self.dtype)
            call = a.call(self.bench.form, self.dtype)
            answer: Answer = self.bench.runner.run_in_place(
                call, b.call(self.bench.form, self.dtype)
            )
            if not same(fresh, answer):
                yield self._finding(
                    "arguments in the same memory",
                    f"{text_of(fresh)} after the logits were changed in place",
                    text_of(answer),
                    b,
                    note=f"the array held {a} in the call before",
                )

    def _interleaved(self) -> Iterator[Finding]:
        for a, b in zip(self.points, self.points[1:], strict=False):
            alone = self.bench.run(a, self.dtype), self.bench.run(b, self.dtype)
            calls = [p.call(self.bench.form, self.dtype) for p in (a, b)]
            both = self.bench.runner.interleaved(*calls)
            for point, one, other in zip((a, b), alone, both, strict=True):
                if not same(one, other):
                    yield self._finding(
                        "interleaved calls",
                        f"{text_of(one)} as when called alone",
                        f"{text_of(other)} {_AMID[self.returns]}",
                        point,
                    )

    def _upstream(self) -> Iterator[Finding]:
        if self.returns != "loss":
            return
        for point in self.points[:3]:
            plain = self.bench.judge("protocol", point, self.dtype)
            if plain.failing or not plain.observations:
                continue
            for upstream in UPSTREAMS:
                judged = self.bench.judge("protocol", point, self.dtype, upstream)
                for seen in judged.failing:
                    if seen.place >= 0:
                        yield self._finding(
                            "upstream gradient",
                            f"g[{seen.place}] = {seen.truth.str(9, radius=False)}",
                            f"{seen.found!r} for an upstream gradient of {upstream:g}",
                            point,
                            upstream=upstream,
                        )

    def _batch(self) -> Iterator[Finding]:
        if self.reduction is None:
            return
        checks = Batches(self.bench, self.dtype, self.reduction)
        for where, expected, found, point in checks.faults(self.points):
            yield self._finding(where, expected, found, point)

    def _dtype(self) -> Iterator[Finding]:
        point = self.points[0]
        answer = self.bench.run(point, self.dtype)
        for what, name in (
            ("the gradient", answer.gradient_dtype),
            ("the loss", answer.value_dtype),
        ):
            if name not in ("", "float", self.dtype):
                yield self._finding(
                    f"dtype of {what}",
                    self.dtype,
                    name,
                    point,
                    Kind.DTYPE,
                    f"{what} of {self.dtype} input",
                )


def same(first: Answer, second: Answer) -> bool:
    """Tell whether two answers hold the same bits; any two NaN are the same."""
    if bool(first.failure) != bool(second.failure):
        return False
    if (first.gradient is None) != (second.gradient is None):
        return False
    one, other = first.gradient, second.gradient
    if one is not None and other is not None and not np.array_equal(one, other, equal_nan=True):
        return False
    if first.value is None or second.value is None:
        return first.value is second.value
    return first.value == second.value or (math.isnan(first.value) and math.isnan(second.value))


def text_of(answer: Answer) -> str:
    """Return an answer in a few words."""
    if answer.failure:
        return answer.failure
    if answer.gradient is not None:
        shown = ", ".join(repr(float(v)) for v in answer.gradient.ravel()[:4])
        more = ", ..." if answer.gradient.size > 4 else ""
        return f"gradient ({shown}{more})"
    return f"loss {answer.value!r}"
