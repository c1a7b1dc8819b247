from __future__ import annotations

from fractions import Fraction
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from gradproof.checks.twins import Input, TwinPoint, label, logits
from gradproof.checks.twins.points import REGIMES, drawn_points, regime_points
from gradproof.numeric.floats import FLOAT32, round_to
from tests.checks.twins.conftest import EVERY_KIND, in_domain, is_dyadic

SIZES = (1, 2, 3, 5)
MATRICES = (logits(2, "n"), label(2, array=True), Input("targets", (2, "n"), "p"))


@given(st.integers(0, 10**6), st.sampled_from([EVERY_KIND, MATRICES]))
@settings(max_examples=20)
def test_every_regime_point_lies_in_its_domain(seed: int, inputs: Any) -> None:
    """Each kind has its size and domain in every regime, and dyadic values that floats hold."""
    seen = set()
    for regime, point in regime_points(inputs, SIZES, Random(seed)):
        seen.add(regime)
        assert in_domain(point), (regime, str(point))
        for values in point.values:
            assert all(is_dyadic(v) and round_to(v, FLOAT32) == v for v in values)
    assert seen == set(REGIMES)


@given(st.data())
@settings(max_examples=60)
def test_every_drawn_point_lies_in_its_domain(data: Any) -> None:
    """The same holds for what Hypothesis draws, with constants of the program among the numbers."""
    special = (Fraction(1, 10), Fraction(7))
    inputs = data.draw(st.sampled_from([EVERY_KIND, MATRICES]))
    point = data.draw(drawn_points(inputs, SIZES, special))
    assert point.n in SIZES
    assert in_domain(point)
    assert all(is_dyadic(v) or v in special for values in point.values for v in values)


def test_a_point_outside_its_domain_would_be_noticed() -> None:
    """The checks above can fail: shares that do not sum to 1, labels beyond, a missing number."""
    spec = Input("targets", ("n",), "p")
    half = Fraction(1, 2)
    assert in_domain(TwinPoint((spec,), 2, ((half, half),)))
    for values in ((half, half / 2), (half,), (-half, 3 * half)):
        assert not in_domain(TwinPoint((spec,), 2, (values,)))
    assert not in_domain(TwinPoint((label(),), 2, ((Fraction(2),),)))


@pytest.mark.parametrize("regime", REGIMES)
def test_labels_are_swept(regime: str) -> None:
    """In each regime every class of up to three, and the first and last of more, is a label."""
    points = list(regime_points((logits(), label()), SIZES, Random(0)))
    for n in SIZES:
        found = {int(p.values[1][0]) for name, p in points if name == regime and p.n == n}
        assert found >= ({0, n - 1} if n > 3 else set(range(n)))


def test_regimes_are_what_they_are_called() -> None:
    """The label wins by far where it is confident, loses where it is a misfit, ties where tied."""
    for regime, point in regime_points((logits(), label()), (3, 5), Random(1), each=3):
        z, y = point.values[0], int(point.values[1][0])
        rest = [v for k, v in enumerate(z) if k != y]
        top = max(rest)
        if regime == "confident":
            assert z[y] - top >= 2
        elif regime == "misfit":
            assert top - z[y] >= 2
        elif regime == "all tied":
            assert len(set(z)) == 1
        elif regime == "tied at the top":
            assert z[y] == top == max(z)
        elif regime == "tied below the top":
            assert z[y] in rest
            assert z[y] < max(z)
        elif regime == "common offset":
            assert min(z) > 1000


def test_points_are_those_of_the_seed() -> None:
    """The same seed gives the same points, another one others."""
    one, two, three = (
        [str(p) for _, p in regime_points((logits(), label()), SIZES, Random(seed))]
        for seed in (0, 0, 1)
    )
    assert one == two
    assert one != three


@pytest.mark.parametrize("kind", ["targets", "probabilities", "one_hot"])
def test_shares_sum_to_1_for_many_classes(kind: str) -> None:
    """Also for more classes than there are parts of 1 for few."""
    for _, point in regime_points((Input(kind, ("n",), "p"),), (100,), Random(0)):
        assert in_domain(point)
