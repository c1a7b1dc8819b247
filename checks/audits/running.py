"""One audit from its first call to its result.

Guarantees: every dtype sees the same regimes; what one part finds is not hidden by another.
Order: a first call that shows how the implementation wants its arguments; the exact twin; for each
dtype the protocol, margins, regimes, constants of the code and the search; then the findings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

from ...numeric.implementations.call import Answer
from ...numeric.stopwatch import Stopwatch
from ..twins.comparison import Comparison
from .assembling import Assembler
from .certain import certain_findings
from .classifying import computes_narrower
from .collecting import Collector
from .constants import LARGEST_SIZE, constants_of, steered
from .curves import Ladder, ladders
from .finding import Finding
from .grid import Grid
from .intended import can_be_masked, is_exclusive
from .judging import Bench, Judged
from .options import Options
from .order import ordered
from .point import AuditPoint
from .probabilities import ProbabilityRegimes
from .protocol import Protocol
from .regimes import LARGE, SMALL, RegimePoint, Regimes
from .result import Audit
from .runners import fast_runner_of, runner_of
from .samples import sample_point, shares
from .scoring import THRESHOLDS
from .searching import search
from .showing import with_showing
from .targets import TargetMaker
from .twinning import TwinSide
from .versions import versions_of

_DRAWN = 80
_STEERED, _STEERED_SECONDS = 400, 2.0
_SHARED = "float32"
"""Points of float32 are points of float64 too, so that both see the same ones."""

_COMPILED = "its numbers are those of jax.jit, its behaviour was looked at without"


@dataclass
class AuditRun:
    """An audit that is under way."""

    options: Options
    bench: Bench
    twin: TwinSide | None
    shape: str
    masks: bool
    remarks: list[str] = field(default_factory=list)
    collectors: dict[str, Collector] = field(default_factory=dict)
    ladders: dict[str, list[Ladder]] = field(default_factory=dict)
    before: dict[str, dict[AuditPoint, Answer]] = field(default_factory=dict)

    @classmethod
    def of(cls, options: Options) -> AuditRun:
        """Make the first call, and find out what the implementation is.

        Raises
        ------
        DeclarationError
            If the callable is no implementation of this kind.
        """
        intended = options.intended
        size = 3 if options.sizes is None else options.sizes[0]
        sample = sample_point(options, size)
        runner = runner_of(options, sample)
        exclusive = options.takes != "logits" or is_exclusive(intended, sample_point(options, 3))
        shifts = exclusive and options.takes == "logits"
        fast = fast_runner_of(options, runner)
        bench = Bench(runner, intended, options.form, shifts, fast)
        shape = {"index": "label", "one-hot": "label", "kernel": "kernel"}.get(
            options.form, "soft" if exclusive else "apart"
        )
        masks = (
            exclusive
            and options.takes == "logits"
            and can_be_masked(intended, sample_point(options, 4))
        )
        return cls(options, bench, TwinSide.of(options, runner, exclusive), shape, masks)

    def audit(self, start: float) -> Audit:
        """Return the result; `start` is when the audit began."""
        options = self.options
        self._call_first()
        comparisons = self._compare()
        certain = []
        if self.twin is not None and comparisons:
            certain = certain_findings(comparisons, self.twin, self.bench, self._twin_dtype)
        found = list(certain)
        for number, dtype in enumerate(options.dtypes):
            self._say(f"{dtype}: calls", (1 + 2 * number) / (1 + 2 * len(options.dtypes)))
            found += self._of_dtype(dtype)
        self._say("done", 1.0)
        if self.bench.is_exhausted:
            self.remarks.append("it was given up after several calls without an answer in time")
        if self._is_sparse:
            self.remarks.append(_COMPILED)
        return Audit(
            options.name,
            options.intended.loss.title or options.intended.loss.name,
            self.bench.runner.framework,
            options.dtypes,
            tuple(with_showing(ordered(found), options, self.bench)),
            tuple(w for c in self.collectors.values() for w in c.worst()),
            tuple(one.curve for rows in self.ladders.values() for one in rows),
            self._twin_text(comparisons),
            self.twin is not None and "forward" in comparisons,
            {d: THRESHOLDS[d] for d in options.dtypes},
            sum(c.kinks for c in self.collectors.values()),
            self.bench.calls,
            options.seed,
            versions_of(self.bench.runner.framework, options.implementation),
            tuple(dict.fromkeys(self.remarks)),
            perf_counter() - start,
        )

    def _say(self, what: str, share: float) -> None:
        if self.options.progress is not None:
            self.options.progress(what, share)

    @property
    def _twin_dtype(self) -> str:
        return self.options.dtypes[-1]

    def _call_first(self) -> None:
        """Make some calls before all else, so as to see whether they are answered so later."""
        size = 3 if self.options.sizes is None else self.options.sizes[0]
        point = sample_point(self.options, size)
        for dtype in self.options.dtypes:
            self.before[dtype] = {point: self.bench.run(point, dtype)}

    def _compare(self) -> dict[str, Comparison]:
        if self.twin is None:
            return {}
        self._say("exact twin", 0.0)
        return self.twin.compare(self._twin_dtype, self.options.seed, self.options.quick)

    def _twin_text(self, comparisons: dict[str, Comparison]) -> tuple[str, ...]:
        if self.twin is None:
            alone, apart = "one class does not show what it returns", "it runs in another process"
            return (f"no exact twin: {apart if self.options.isolate else alone}",)
        if not comparisons:
            return (
                f"no exact twin ({self.twin.problem}); the score alone judges formula and loss",
            )
        return self.twin.told(comparisons)

    def _of_dtype(self, dtype: str) -> list[Finding]:
        """Run everything in one dtype and return what was found."""
        options, quick = self.options, self.options.quick
        collector = self.collectors[dtype] = Collector(dtype)
        grid = Grid.of(_SHARED if dtype in ("float32", "float64") else dtype, options.seed)
        make_target = TargetMaker(grid, self.shape)
        moderate = list(self._moderate(grid, make_target))
        protocol = list(
            Protocol(
                self.bench,
                dtype,
                moderate,
                self.bench.runner.returns or "gradient",
                Grid.of(dtype, options.seed + 2),
                TargetMaker(Grid.of(dtype, options.seed + 3), self.shape),
                self.before.get(dtype, {}),
                options.reduction,
                quick,
            ).findings()
        )
        self.ladders[dtype] = self._ladders(dtype)
        judge = self._judge(dtype, collector)
        for one in self._points(grid, make_target):
            judge(one.regime, one.point)
        constants = constants_of(options.implementation) + constants_of(options.gradient)
        self._steer(constants, grid, make_target, judge)
        if not quick and options.takes == "logits" and self._drawn_sizes:
            search(
                lambda p: judge("search", p),
                set(collector.groups),
                grid,
                make_target,
                constants,
                _DRAWN,
                self._drawn_sizes,
            )
        if dtype == "float64" and not quick:
            own = Grid.of(dtype, options.seed + 1)
            for one in self._points(own, TargetMaker(own, self.shape), all_digits=True):
                judge(one.regime, one.point)
        assembler = Assembler(
            self.bench,
            self.twin,
            collector,
            self.ladders[dtype],
            options.dtypes,
            grid,
            quick,
            "float64" in options.dtypes and computes_narrower(self.bench, moderate),
            options.sizes,
        )
        return [*protocol, *assembler.findings()]

    def _judge(self, dtype: str, collector: Collector) -> Callable[[str, AuditPoint], Judged]:
        def judge(regime: str, point: AuditPoint) -> Judged:
            return collector.add(regime, point, self.bench.judge(regime, point, dtype))

        return judge

    @property
    def _largest(self) -> int:
        return min(LARGE[-1], self.options.intended.largest or LARGE[-1])

    @property
    def _drawn_sizes(self) -> list[int]:
        """The numbers of classes that the search draws from."""
        sizes = (1, *SMALL, 17) if self._is_sparse else range(1, 41)
        return [n for n in self.options.sizes or sizes if n <= min(self._largest, 64)]

    @property
    def _is_sparse(self) -> bool:
        return self.bench.fast is not None

    def _ladders(self, dtype: str) -> list[Ladder]:
        if self.options.takes != "logits" or not self._allows(3):
            return []
        rows = list(ladders(self.bench, dtype, self.options.quick))
        for row in rows:
            for margin, judged in row.steps:
                point = row.point(margin)
                self.collectors[dtype].add(row.name, point, judged)
        return rows

    def _allows(self, n: int) -> bool:
        return self.options.sizes is None or n in self.options.sizes

    def _points(
        self, grid: Grid, make_target: TargetMaker, *, all_digits: bool = False
    ) -> Iterator[RegimePoint]:
        """Yield the points of the regimes; those of all digits are fewer."""
        quick, sizes = self.options.quick or all_digits, self.options.sizes
        if self.options.takes == "logits":
            regimes: Any = Regimes(
                grid, make_target, quick, self._largest, self.masks, self._is_sparse, sizes
            )
        else:
            regimes = ProbabilityRegimes(grid, make_target, quick, min(self._largest, 257))
        for one in regimes.points():
            if self._allows(one.point.n):
                yield one

    def _moderate(self, grid: Grid, make_target: TargetMaker) -> Iterator[AuditPoint]:
        """Yield points for the protocol: sizes and labels that differ, several of each size."""
        few = self.options.quick or self._is_sparse
        for n in self.options.sizes or ((3,) if few else (3, 5)):
            for label in (0, n - 1, n // 2):
                values = tuple(grid.normal(n))
                if self.options.takes != "logits":
                    values = shares(n, label)
                kind = "one-hot" if make_target.kinds else None
                yield AuditPoint(values, make_target(values, label, kind))

    def _steer(
        self,
        constants: list[float],
        grid: Grid,
        make_target: TargetMaker,
        judge: Callable[[str, AuditPoint], Judged],
    ) -> None:
        """Judge points at the constants of the code, as far as time allows."""
        if self.options.takes != "logits":
            return
        largest = self.options.intended.largest or LARGEST_SIZE
        watch, left = Stopwatch(), _STEERED // (4 if self.options.quick else 1)
        seconds = _STEERED_SECONDS / (4 if self.options.quick else 1)
        for one in steered(constants, grid, make_target, largest):
            if not self._allows(one.point.n):
                continue
            if left == 0 or watch.seconds > seconds:
                self.remarks.append(
                    "not every constant of the code was steered to, for want of time"
                )
                return
            left -= 1
            judge(one.regime, one.point)
