from __future__ import annotations

from fractions import Fraction
from random import Random

from hypothesis import given, strategies as st

from gradproof.checks.audits.grid import Grid
from gradproof.numeric.floats import FORMATS, round_to, ulp
from tests.checks.audits.conftest import dtypes, is_held, seeds

spreads = st.floats(2.0**-30, 1e5)


@given(dtype=dtypes, seed=seeds, spread=spreads, centre=st.floats(-1e4, 1e4))
def test_every_number_is_held(dtype: str, seed: int, spread: float, centre: float) -> None:
    """What is drawn or rounded is a number of the format."""
    grid = Grid.of(dtype, seed)
    drawn = grid.normal(5, spread, centre) + grid.uniform(5, centre, centre + spread)
    assert all(is_held(v, dtype) for v in drawn)
    assert len(drawn) == 10


@given(dtype=dtypes, value=st.fractions(-(10**45), 10**45))
def test_the_nearest_number_is_the_rounded_one(dtype: str, value: Fraction) -> None:
    """A value is rounded to nearest; one beyond the largest number is that."""
    fmt = FORMATS[dtype]
    found = Grid.of(dtype, 0).nearest(value)
    if abs(value) > fmt.largest:
        assert found == (fmt.largest if value > 0 else -fmt.largest)
    else:
        assert found == round_to(value, fmt)


@given(dtype=dtypes, seed=seeds)
def test_the_same_seed_gives_the_same_numbers(dtype: str, seed: int) -> None:
    """Numbers depend on format and seed alone; another seed gives others."""
    one, same, other = (Grid.of(dtype, s).normal(6) for s in (seed, seed, seed + 1))
    assert one == same != other


@given(dtype=dtypes, seed=seeds, steps=st.integers(-4, 4))
def test_steps_are_units_in_the_last_place(dtype: str, seed: int, steps: int) -> None:
    """A number so many steps above another is that many units in its last place away."""
    grid = Grid.of(dtype, seed)
    (value,) = grid.uniform(1, 1.25, 1.75)
    assert grid.above(value, steps) - value == steps * ulp(value, FORMATS[dtype])


def test_numbers_spread() -> None:
    """Normal numbers have their spread and centre, uniform ones fill their range."""
    grid = Grid.of("float32", 3)
    normal = [float(v) for v in grid.normal(2000, 2.0, 5.0)]
    mean = sum(normal) / 2000
    spread = (sum((v - mean) ** 2 for v in normal) / 2000) ** 0.5
    assert abs(mean - 5) < 0.25
    assert abs(spread - 2) < 0.25
    assert len(set(normal)) > 1900
    uniform = grid.uniform(2000, -30, 30)
    assert all(-30 <= v <= 30 for v in uniform)
    assert min(uniform) < -29
    assert max(uniform) > 29


def test_few_kinds_are_all_used() -> None:
    """Of a few numbers all are taken, and no others."""
    kinds = [Fraction(1), Fraction(2), Fraction(5)]
    found = Grid(FORMATS["float16"], Random(1)).from_few(60, kinds)
    assert len(found) == 60
    assert set(found) == set(kinds)
