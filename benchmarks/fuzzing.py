"""How fast inputs are drawn: examples per second of the public strategies and of the refuter.

Run it with ``python benchmarks/fuzzing.py``.
The peer is a test by Hypothesis that checks nothing and draws plain integers: as many as the
example has values, of the same range. Its shares and rationals are left undivided, so that it does
less than what it stands beside. A second peer draws as many `fractions` of Hypothesis.
The refuter is measured where it finds nothing, and evaluates a true claim at every point it draws;
its peer draws as many points.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from harness import command, of_machine, ratio, table, together
from hypothesis import HealthCheck, given, settings, strategies as st

from gradproof import losses, strategies
from gradproof.checks import strategies as defined
from gradproof.checks.goals import goals_of
from gradproof.checks.search import search_counterexample
from gradproof.checks.verdict import Finding
from gradproof.symbolic import Eq, Ge, Le, S, class_sum, delta, i, n, y

EXAMPLES, SHORT_EXAMPLES = 200, 50
TRIES, SHORT_TRIES = 100, 15
CLASSES = 5
MOST = 10**6
"""So many classes that Hypothesis does not run out of new examples."""

Strategy = st.SearchStrategy[Any]
Draw = Callable[[Strategy], Any]


def several(one: Strategy, count: int) -> Strategy:
    """Return lists of so many values."""
    return st.lists(one, min_size=count, max_size=count)


@dataclass(frozen=True)
class Case:
    """A public strategy by its name, how it is called, and the range of its values."""

    name: str
    call: str
    ours: Strategy
    low: int
    high: int
    count: int | None = None
    whole: bool = False

    def peer(self) -> Strategy:
        """Return integers of the same number and range."""
        return self._shaped(st.integers(self.low, self.high))

    def rational_peer(self) -> Strategy | None:
        """Return rationals of the same number and range, unless the values are integers."""
        if self.whole:
            return None
        return self._shaped(st.fractions(self.low, self.high, max_denominator=6))

    def _shaped(self, one: Strategy) -> Strategy:
        return one if self.count is None else several(one, self.count)


def cases() -> list[Case]:
    """Return at least one case for each public strategy."""
    few = f"({CLASSES})"
    far = f"({CLASSES}, extreme=True)"
    counts, labels = strategies.class_counts(largest=MOST), strategies.labels(MOST)
    near_one, far_one = strategies.rationals(), strategies.rationals(extreme=True)
    near, wide = strategies.logits(CLASSES), strategies.logits(CLASSES, extreme=True)
    targets, kernel = strategies.soft_targets(CLASSES), strategies.kernel_values(CLASSES)
    found = [
        Case("class_counts", f"(largest={MOST})", counts, 1, MOST, whole=True),
        Case("labels", f"({MOST})", labels, 1, MOST, whole=True),
        Case("rationals", "()", near_one, -30, 30),
        Case("rationals", "(extreme=True)", far_one, -1000, 1000),
        Case("logits", few, near, -30, 30, CLASSES),
        Case("logits", far, wide, -1000, 1000, CLASSES),
        Case("soft_targets", few, targets, 0, 4, CLASSES),
        Case("kernel_values", few, kernel, 0, 30, CLASSES),
    ]
    if {case.name for case in found} != set(defined.__all__):
        raise SystemExit(
            f"a row is needed for each of {', '.join(defined.__all__)}, and for nothing else"
        )
    return found


class Test:
    """A test of Hypothesis that checks nothing; it counts its examples."""

    def __init__(self, drawn: Callable[[Draw], Any] | Strategy, examples: int) -> None:
        self.count = 0
        options = settings(
            max_examples=examples,
            database=None,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        )
        if isinstance(drawn, st.SearchStrategy):

            def body(_: Any) -> None:
                self.count += 1

            self.test = options(given(drawn)(body))
        else:

            def body_with_data(data: Any) -> None:
                self.count += 1
                drawn(data.draw)

            self.test = options(given(st.data())(body_with_data))
        self()  # Hypothesis prepares a test when it runs first

    def __call__(self) -> None:
        """Run the test."""
        self.count = 0
        self.test()


def rates(runs: list[Any], times: int) -> list[float]:
    """Return the examples per second of runs that count theirs."""
    seconds = together(runs, times)
    return [run.count / took for run, took in zip(runs, seconds, strict=True)]


def given_row(case: Case, examples: int, times: int) -> list[str]:
    """Return the row of a strategy that is made once, for `given`."""
    drawn = [case.ours, case.peer(), case.rational_peer()]
    found = rates([Test(one, examples) for one in drawn if one is not None], times)
    return row(f"`{case.name}{case.call}`", *found)


def row(what: str, ours: float, peer: float, rational: float | None = None) -> list[str]:
    """Return a row: examples per second, and the ratio to that of the peers."""
    beside = "" if rational is None else ratio(ours, rational)
    return [what, f"{ours:.0f}", f"{peer:.0f}", ratio(ours, peer), beside]


def inside_rows(examples: int, times: int) -> Iterator[list[str]]:
    """Yield rows of strategies made inside a test, for a number of classes that it drew."""
    for case in cases():
        if case.count is None or "extreme" in case.call:
            continue
        make = getattr(strategies, case.name)
        integers = st.integers(case.low, case.high)
        fractions = st.fractions(case.low, case.high, max_denominator=6)

        def ours(draw: Draw, make: Any = make) -> Any:
            return draw(make(draw(strategies.class_counts())))

        def plain(draw: Draw, one: Any = integers) -> Any:
            return draw(several(one, draw(st.integers(1, CLASSES))))

        def rational(draw: Draw, one: Any = fractions) -> Any:
            return draw(several(one, draw(st.integers(1, CLASSES))))

        found = rates([Test(one, examples) for one in (ours, plain, rational)], times)
        yield row(f"`data.draw({case.name}(n))`", *found)


CE, QUAD = losses.softmax_cross_entropy, losses.quadratic
CLAIMS = {
    "cross-entropy is not negative": Ge(CE.term, 0),
    "gradient of cross-entropy": Eq(CE.gradient(i), S(i) - delta(i, y)),
    "squares of shares sum to 1/n at least": Ge(class_sum(lambda j: S(j) ** 2), 1 / n),
    "the quadratic loss is at most 1": Le(QUAD.term, 1),
}


class Refuter:
    """The search for a counterexample of a true claim; it counts the points that it tried."""

    def __init__(self, claim: Any, tries: int) -> None:
        (self.goal,) = goals_of((claim,), ())
        self.tries, self.count = tries, 0
        self()  # the first search compiles the claim

    def __call__(self) -> None:
        """Search in vain."""
        found = search_counterexample(
            self.goal, seed=0, tries=self.tries, digits=12, thorough=False
        ).evidence
        if found.finding is not Finding.NOTHING:
            raise SystemExit(f"a true claim was not tried in vain: {found.detail}")
        self.count = int(found.scope.split()[0])


@st.composite
def points(draw: Draw, one: Strategy, indices: int) -> Any:
    """Return the raw data of a point: classes, logits and named classes."""
    count = draw(st.integers(1, CLASSES))
    return draw(several(one, count)), draw(several(st.integers(1, count), indices))


def refuter_row(name: str, claim: Any, tries: int, times: int) -> list[str]:
    """Return the row of the refuter for a claim."""
    refuter = Refuter(claim, tries)
    indices = len({i, y} & claim.free_symbols)
    peer = points(st.integers(-30, 30), indices)
    rational = points(st.fractions(-30, 30, max_denominator=6), indices)
    tests = [Test(one, refuter.count) for one in (peer, rational)]
    return row(f"refuter: {name}", *rates([refuter, *tests], times))


def report(short: bool) -> str:
    """Return the table."""
    examples, tries, times = (SHORT_EXAMPLES, SHORT_TRIES, 1) if short else (EXAMPLES, TRIES, 8)
    rows = [given_row(case, examples, times) for case in cases()]
    rows += inside_rows(examples, times)
    rows += [refuter_row(name, claim, tries, times) for name, claim in CLAIMS.items()]
    header = ["What is drawn", "per second", "peer", "of the peer", "of `fractions`"]
    return "\n\n".join(
        [
            "Examples per second; the peer draws as many plain integers and checks nothing.",
            table(header, rows),
            of_machine("hypothesis"),
        ]
    )


if __name__ == "__main__":
    command(report, __doc__)
