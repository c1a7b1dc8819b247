from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from hypothesis import find, given, settings, strategies as st

from gradproof.checks.audits.collecting import Collector
from gradproof.checks.audits.grid import Grid
from gradproof.checks.audits.judging import Bench, Judged
from gradproof.checks.audits.point import AuditPoint
from gradproof.checks.audits.regimes import Regimes
from gradproof.checks.audits.searching import points, search
from gradproof.checks.audits.targets import TargetMaker
from tests.checks.audits.conftest import bench_of, dtypes, is_held, right, saturating

SIZES = range(1, 41)


def bump(z: Any) -> float:
    """Return the relative error of a fault: four classes, a spread of logits of about 23."""
    if len(z) != 4:
        return 0.0
    return 2.0 ** (-11 - abs(float(np.max(z) - np.min(z)) - 23))


def hidden(z: Any, y: Any) -> Any:
    """Return a gradient that is off between the regimes."""
    return right(z, y) * z.dtype.type(1 + bump(z))


def searched(bench: Bench, seed: int = 0, examples: int = 120, **given: Any) -> list[AuditPoint]:
    """Return the points at which a search judged, and whether it found something."""
    grid = Grid.of("float32", seed)
    tried: list[AuditPoint] = []

    def judge(point: AuditPoint) -> Judged:
        tried.append(point)
        return bench.judge("search", point, "float32")

    search(
        judge,
        given.get("known", set()),
        grid,
        TargetMaker(grid, given.get("shape", "label")),
        given.get("constants", []),
        examples,
        given.get("sizes", SIZES),
    )
    return tried


def failing(bench: Bench, tried: list[AuditPoint]) -> list[AuditPoint]:
    """Return the points at which something fails."""
    return [p for p in tried if bench.judge("search", p, "float32").failing]


def test_a_fault_that_the_regimes_miss_is_climbed_to() -> None:
    """A bump of the error between the regimes is found, for most seeds."""
    bench = bench_of(hidden)
    grid = Grid.of("float32", 0)
    collector = Collector("float32")
    for one in Regimes(grid, TargetMaker(grid, "label"), largest=40).points():
        collector.add(one.regime, one.point, bench.judge(one.regime, one.point, "float32"))
    assert collector.groups == {}
    found = [bool(failing(bench, searched(bench, seed, sizes=(3, 4)))) for seed in range(6)]
    assert sum(found) >= 3


def test_the_same_seed_searches_the_same_points() -> None:
    """Points depend on the seed and on what was seen; another seed gives others."""
    one, same, other = (searched(bench_of(saturating), seed, 40) for seed in (3, 3, 4))
    assert one == same
    assert one != other


def test_the_number_of_points_is_limited() -> None:
    """No more points are judged than asked for, and of a right code no fewer by much."""
    assert 20 <= len(searched(bench_of(right), examples=40)) <= 40


def test_it_goes_on_where_faults_are_known() -> None:
    """A search ends soon after something new fails, and goes on where it is known."""
    bench = bench_of(saturating)
    tried = searched(bench)
    assert failing(bench, tried)
    more = searched(bench, known={("the label's component", "cancelled")})
    assert len(more) > len(tried)


def test_a_known_cancellation_does_not_hide_another_fault() -> None:
    """With cancellation known, what is climbed on is the score that forgives it."""

    def both(z: Any, y: Any) -> Any:
        g = saturating(z, y)
        if len(z) == 4:
            g[(y + 1) % 4] += g.dtype.type(64 * bump(z))
        return g

    bench = bench_of(both)
    known = {("the label's component", "cancelled")}
    found = 0
    for seed in range(6):
        tried = searched(bench, seed, known=known, sizes=(3, 4))
        judged = (bench.judge("search", p, "float32") for p in tried)
        found += any(o.group not in known for j in judged for o in j.failing)
    assert found >= 3


@given(
    dtype=dtypes,
    seed=st.integers(0, 1000),
    shape=st.sampled_from(["label", "soft", "apart", "kernel"]),
    data=st.data(),
)
@settings(max_examples=60)
def test_points_are_held(dtype: str, seed: int, shape: str, data: st.DataObject) -> None:
    """Every number drawn is one of the format, the label is a class, the size one of those."""
    grid = Grid.of(dtype, seed)
    drawn = points(grid, TargetMaker(grid, shape), [33.5, -7.0], (1, 2, 3, 9))
    point = data.draw(drawn)
    assert point.n in (1, 2, 3, 9)
    assert all(v is not None and is_held(v, dtype) for v in point.logits)
    if isinstance(point.target, int):
        assert 0 <= point.target < point.n
    else:
        assert len(point.target) == point.n
        assert all(is_held(v, dtype) for v in point.target)
        if shape == "soft":
            assert sum(point.target) == 1


def test_constants_ties_and_offsets_are_drawn() -> None:
    """Logits that tie, that are far off together, and gaps at a constant, are all drawn."""
    grid = Grid.of("float32", 0)
    drawn = points(grid, TargetMaker(grid, "label"), [47.25], (2, 3))

    def gaps(p: AuditPoint) -> list[Fraction]:
        return [a - b for a in p.logits for b in p.logits if a is not None and b is not None]

    plain = settings(max_examples=3000, database=None)
    for wanted in (
        lambda p: p.n == 3 and len(set(p.logits)) < 3,
        lambda p: min(abs(v) for v in p.logits if v is not None) > 5000,
        lambda p: any(46 < g < 48.5 for g in gaps(p)),
    ):
        assert wanted(find(drawn, wanted, settings=plain))


def test_a_size_is_drawn_though_all_are_large() -> None:
    """Where only many classes are allowed, they are drawn."""
    tried = searched(bench_of(right), sizes=(17, 33), examples=10)
    assert {p.n for p in tried} <= {17, 33}


def test_an_implementation_that_is_not_repeatable_ends_the_search() -> None:
    """What gives another score at the same point ends the search without an error."""
    state = np.random.default_rng(0)

    def noisy(z: Any, y: Any) -> Any:
        return right(z, y) * (1 + state.normal(0, 1e-2))

    assert searched(bench_of(noisy))
