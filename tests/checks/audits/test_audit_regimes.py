from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings, strategies as st

from gradproof.checks.audits.grid import Grid
from gradproof.checks.audits.judging import OFFSET
from gradproof.checks.audits.point import AuditPoint
from gradproof.checks.audits.regimes import (
    FEW,
    LARGE,
    LEADS,
    SIZES,
    SMALL,
    SPARSE,
    RegimePoint,
    Regimes,
)
from gradproof.checks.audits.targets import TargetMaker
from gradproof.numeric.floats import FLOAT32, FORMATS, ulp
from tests.checks.audits.conftest import dtypes, is_held, seeds

PROMISED = {
    "moderate",
    "wide",
    "extreme, 100",
    "extreme, 1000",
    "extreme, 10000",
    "all tied",
    "tied at the top",
    "tied below the top",
    "the others tied",
    "nearly tied",
    OFFSET,
    "tiny",
    "confident",
    "misfit",
    "sizes",
    "masked",
}
"""The regimes of every loss of logits whose classes exclude each other."""


TWO = {"tied at the top", "nearly tied", "the others tied", "misfit"}
THREE = {"tied below the top", "masked"}
"""Those that have a meaning for three classes at least; above, for two."""


def drawn(
    dtype: str = "float32",
    seed: int = 0,
    shape: str = "label",
    *,
    quick: bool = False,
    largest: int = 300,
    masks: bool = True,
    sparse: bool = False,
) -> list[RegimePoint]:
    """Return the points of all regimes."""
    grid = Grid.of(dtype, seed)
    make_target = TargetMaker(grid, shape)
    return list(Regimes(grid, make_target, quick, largest, masks, sparse).points())


def of(regime: str, points: list[RegimePoint]) -> list[AuditPoint]:
    """Return the points of one regime."""
    return [p.point for p in points if p.regime == regime]


def logits_of(point: AuditPoint) -> list[Fraction]:
    """Return the logits that are not masked."""
    return [v for v in point.logits if v is not None]


@settings(max_examples=12)
@given(
    dtype=dtypes,
    seed=seeds,
    shape=st.sampled_from(["label", "soft", "apart", "kernel"]),
    quick=st.booleans(),
    sparse=st.booleans(),
)
def test_every_number_is_held(dtype: str, seed: int, shape: str, quick: bool, sparse: bool) -> None:
    """Logits and targets are numbers of the format, and labels are classes."""
    for one in drawn(dtype, seed, shape, quick=quick, largest=130, sparse=sparse):
        point = one.point
        assert all(is_held(v, dtype) for v in logits_of(point)), one
        if isinstance(point.target, int):
            assert 0 <= point.target < point.n
            assert point.logits[point.target] is not None
        else:
            assert len(point.target) == point.n
            assert all(is_held(v, dtype) for v in point.target), one


@settings(max_examples=10)
@given(dtype=dtypes, seed=seeds, quick=st.booleans())
def test_the_same_seed_gives_the_same_points(dtype: str, seed: int, quick: bool) -> None:
    """Points depend on the seed alone, and another one gives others."""
    one, same, other = (drawn(dtype, s, quick=quick, largest=20) for s in (seed, seed, seed + 1))
    assert one == same
    assert one != other
    assert Counter(p.regime for p in one) == Counter(p.regime for p in other)


@pytest.mark.parametrize("quick", [True, False])
def test_the_regimes_are_those_promised(quick: bool) -> None:
    """Each regime has points; masks are left out where classes cannot be masked."""
    names = {p.regime for p in drawn(quick=quick)}
    assert names == PROMISED
    assert {p.regime for p in drawn(quick=quick, masks=False)} == PROMISED - {"masked"}


@pytest.mark.parametrize("shape", ["soft", "apart", "kernel"])
def test_each_kind_of_target_is_a_regime(shape: str) -> None:
    """For targets that are numbers every kind has points of its own; in a quick run some do."""
    kinds = {f"targets: {k}" for k in TargetMaker(Grid.of("float32", 0), shape).kinds}
    names = {p.regime for p in drawn(shape=shape)}
    assert {n for n in names if n.startswith("targets")} == kinds
    few = {p.regime for p in drawn(shape=shape, quick=True)}
    assert {n for n in few if n.startswith("targets")} < kinds


def test_a_quick_run_is_small() -> None:
    """A quick run has a tenth of the points or fewer, in the same regimes, and few classes."""
    many, few = drawn(largest=4097), drawn(largest=4097, quick=True)
    assert len(few) * 5 <= len(many)
    assert len(few) < 60
    assert max(p.point.n for p in few) <= 129


def test_labels_are_first_last_and_between() -> None:
    """In every regime of logits each size is tried with the first, the last and a middle label."""
    points = drawn()
    for regime in PROMISED - {"sizes", "tied below the top"}:
        for n in SMALL if regime not in ("confident", "misfit", "masked") else (3, 10):
            labels = {p.target for p in of(regime, points) if p.n == n}
            assert {0, n - 1, n // 2} <= labels, (regime, n)


def test_sizes_are_swept() -> None:
    """Every size asked for occurs, with one class only and with those next to powers of two."""
    sizes = {p.n for p in of("sizes", drawn(largest=4097))}
    assert sizes == {*SIZES, *LARGE}
    assert {1, 16, 17, 64, 65, 1024, 1025, 4097} <= sizes
    for largest in (16, 257):
        points = drawn(largest=largest)
        assert max(p.point.n for p in points) <= largest
    sparse = {p.n for p in of("sizes", drawn(largest=4097, sparse=True))}
    assert sparse == set(SPARSE) < sizes
    assert max(sparse) > 1000


def test_many_classes_take_few_values() -> None:
    """Above a hundred classes the logits take few values, so that the truth is cheap."""
    for point in of("sizes", drawn(largest=1025)):
        if point.n > 100:
            assert 10 < len(set(point.logits)) <= FEW


def test_leads_are_what_they_are_called() -> None:
    """In confident points the label leads by each of the leads, in misfits another class does."""
    for regime, sign in (("confident", 1), ("misfit", -1)):
        leads = set()
        for point in of(regime, drawn()):
            own = point.logits[point.label]
            others = [v for k, v in enumerate(point.logits) if k != point.label]
            assert own is not None
            lead = sign * (own - max(v for v in others if v is not None))
            assert lead > 0 or sign < 0
            leads.add(round(float(lead)))
        assert {2, 12, 17, 38, 60} <= leads
    assert max(LEADS) == 60


def test_ties_are_what_they_are_called() -> None:
    """All, the largest two, or two below the largest are equal; or two are a step or two apart."""
    points = drawn()
    assert all(len(set(p.logits)) == 1 for p in of("all tied", points))
    for point in of("tied at the top", points):
        ordered = sorted(logits_of(point), reverse=True)
        assert ordered[0] == ordered[1]
    for point in of("tied below the top", points):
        ordered = sorted(logits_of(point), reverse=True)
        assert ordered[0] > ordered[1] == ordered[2]
    for point in of("nearly tied", points):
        ordered = sorted(logits_of(point))
        gaps = [(b - a) / ulp(max(a, b, key=abs), FLOAT32) for a, b in pairwise(ordered)]
        assert min(gaps) <= 4


@pytest.mark.parametrize(
    ("regime", "reach"),
    [
        ("moderate", lambda v: 1.5 < v < 6),
        ("wide", lambda v: 25 < v <= 30),
        ("extreme, 100", lambda v: 80 < v <= 100),
        ("extreme, 1000", lambda v: 800 < v <= 1000),
        ("extreme, 10000", lambda v: 8000 < v <= 10000),
        (OFFSET, lambda v: 9900 < v < 10100),
        ("tiny", lambda v: 2.0**-21 < v < 2.0**-17),
    ],
)
def test_logits_reach_as_far_as_they_should(regime: str, reach: Callable[[float], bool]) -> None:
    """The largest logit of a regime in size is where it should be, and they are of both signs."""
    points = of(regime, drawn())
    logits = [float(v) for p in points for v in logits_of(p)]
    assert reach(max(map(abs, logits)))
    assert min(logits) < 0 < max(logits)
    assert len(set(logits)) > 0.8 * len(logits)


def test_no_regime_repeats_itself() -> None:
    """Hardly any point occurs twice, and offsets and ties are at more than one place."""
    points = drawn()
    for regime in PROMISED:
        found = of(regime, points)
        assert len(set(found)) >= 0.9 * len(found), regime
    offsets = {round(float(logits_of(p)[0]), -2) for p in of(OFFSET, points)}
    assert len(offsets) >= 3
    ties = {p.logits.index(max(logits_of(p))) for p in of("tied at the top", points)}
    assert len(ties) >= 3


def test_masked_classes_are_never_the_label() -> None:
    """A masked point has classes without a logit, and others besides the label."""
    for point in of("masked", drawn()):
        assert None in point.logits
        assert point.logits[point.label] is not None
        assert len(logits_of(point)) >= 2


def test_half_formats_reach_less_far() -> None:
    """In float16 the extreme regimes are still finite numbers of the format."""
    largest = FORMATS["float16"].largest
    points = drawn("float16")
    assert all(abs(v) <= largest for p in points for v in logits_of(p.point))


@pytest.mark.parametrize("only", [(1,), (2,), (7,), (4, 120)])
@pytest.mark.parametrize("quick", [True, False])
def test_numbers_of_classes_are_kept_to(only: tuple[int, ...], quick: bool) -> None:
    """Where sizes are given, every regime is drawn at those, as far as it has a meaning there."""
    grid = Grid.of("float32", 0)
    points = list(Regimes(grid, TargetMaker(grid, "label"), quick, only=only).points())
    assert {p.point.n for p in points} <= set(only)
    assert quick or {p.point.n for p in points} == set(only)
    names = {p.regime for p in points}
    assert PROMISED - names <= {
        *(TWO if max(only) < 2 else set()),
        *(THREE if max(only) < 3 else set()),
    }
