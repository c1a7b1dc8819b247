from __future__ import annotations

import itertools
import math
from dataclasses import replace

from hypothesis import given, strategies as st

from gradproof.checks.audits.certain import TWIN
from gradproof.checks.audits.finding import Finding, Kind
from gradproof.checks.audits.order import ordered
from tests.checks.audits.conftest import at

RANKED = [
    Kind.FORMULA,
    Kind.ANOTHER_LOSS,
    Kind.PROTOCOL,
    Kind.KINK,
    Kind.DOMAIN,
    Kind.OVERFLOW,
    Kind.DTYPE,
    Kind.ROUNDING,
]


def finding(
    kind: Kind = Kind.ROUNDING, where: str = "g[0]", score: float = 1e3, regime: str = "wide"
) -> Finding:
    """Return a finding."""
    return Finding(kind, "float32", regime, where, "1", "2", score, at(1, 2))


findings = st.builds(
    finding,
    st.sampled_from(RANKED),
    st.sampled_from(["g[0]", "g[1]", "the loss"]),
    st.floats(0, 1e9) | st.just(math.nan) | st.just(math.inf),
    st.sampled_from(["wide", "margin", "gap", TWIN]),
)


@given(given_ones=st.lists(findings, max_size=8))
def test_the_worst_kind_comes_first(given_ones: list[Finding]) -> None:
    """Findings are sorted by class, and within one the larger score comes first."""
    found = ordered(given_ones)
    ranks = [RANKED.index(f.kind) for f in found]
    assert ranks == sorted(ranks)
    for one, other in itertools.pairwise(found):
        if one.kind is other.kind and not math.isnan(other.score):
            assert math.isnan(one.score) or one.score >= other.score


@given(given_ones=st.lists(findings, min_size=1, max_size=8))
def test_nothing_that_was_found_becomes_a_pass(given_ones: list[Finding]) -> None:
    """However findings are joined, every class that was found is still there."""
    found = ordered(given_ones)
    assert {f.kind for f in found} == {f.kind for f in given_ones}
    told = " ".join(f"{f.where} {f.note}" for f in found)
    assert all(f.where in told for f in given_ones if f.kind is Kind.ROUNDING)


@given(given_ones=st.lists(findings, max_size=8))
def test_ordering_again_changes_nothing(given_ones: list[Finding]) -> None:
    """What is ordered stays as it is, but for what is told of other components."""
    found = ordered(given_ones)
    assert [(f.kind, f.where) for f in ordered(found)] == [(f.kind, f.where) for f in found]


def test_every_class_has_a_rank() -> None:
    """No class is left out of the order, so that none makes it fail."""
    assert set(RANKED) == set(Kind)
    assert len(ordered([finding(kind) for kind in Kind])) == len(Kind)


def test_of_two_that_say_the_same_the_certified_is_kept() -> None:
    """A certified finding takes the place of one that is not, never the other way round."""
    plain = finding(Kind.FORMULA)
    sure = replace(plain, certified=True, note="sure")
    for given_ones in ([plain, sure], [sure, plain]):
        (found,) = ordered(given_ones)
        assert found.certified


def test_a_fault_everywhere_is_told_once() -> None:
    """Where the twin shows a fault at all logits, the same class along a margin says no more."""
    everywhere = replace(finding(Kind.FORMULA, regime=TWIN), certified=True)
    along = replace(finding(Kind.FORMULA, regime="margin"), margin=3.0)
    assert ordered([along, everywhere]) == [everywhere]
    later = replace(everywhere, margin=5.0)
    assert len(ordered([along, later])) == 2
    rounding = finding(Kind.ROUNDING)
    assert ordered([rounding, everywhere]) == [everywhere, rounding]


def test_components_that_go_wrong_alike_are_one_finding() -> None:
    """The other component is told in a note, with its start."""
    first = replace(finding(where="g[0]", score=1e6), note="cancels")
    second = replace(finding(where="g[1]", score=1e3), margin=8.25)
    (found,) = ordered([second, first])
    assert found.where == "g[0]"
    assert found.note == "cancels; g[1] too, from margin 8.25 on"


def test_what_differs_in_dtype_regime_or_part_stays_apart() -> None:
    """Findings in two dtypes, two regimes, or of the loss and the gradient, are two."""
    one = finding()
    others = [
        replace(one, dtype="float64"),
        replace(one, regime="margin", where="g[1]"),
        replace(one, where="the loss"),
    ]
    for other in others:
        assert len(ordered([one, other])) == 2


def test_faults_of_behaviour_are_never_joined() -> None:
    """Each check of behaviour that finds something is a finding of its own."""
    checks = [finding(Kind.PROTOCOL, where) for where in ("side effects", "batch, row 1", "g[0]")]
    assert len(ordered(checks)) == 3


def test_a_certain_fault_of_behaviour_hides_no_other() -> None:
    """That the upstream gradient is ignored says nothing of what else the implementation does."""
    upstream = replace(finding(Kind.PROTOCOL, "upstream gradient", regime=TWIN), certified=True)
    others = [finding(Kind.PROTOCOL, "side effects"), finding(Kind.PROTOCOL, "order of calls")]
    assert len(ordered([upstream, *others])) == 3
