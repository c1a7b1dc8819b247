from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from gradproof import Loss, losses
from gradproof.checks.audits.intended import (
    Intended,
    can_be_masked,
    intended_by,
    is_exclusive,
)
from gradproof.checks.audits.point import AuditPoint
from gradproof.numeric.conditions import WHOLE
from gradproof.symbolic import K, S, log, p, scalar, y, z
from gradproof.symbolic.errors import DeclarationError, UndefinedValueError
from gradproof.symbolic.vocabulary import class_sum
from tests.checks.audits.conftest import CE, at, soft_at

KERAS = {losses.epsilon: Fraction(1, 10**7)}

TABLE: list[tuple[Loss, dict[Any, Any], Any, str]] = [
    (losses.softmax_cross_entropy, {}, y, "index"),
    (losses.softmax_cross_entropy_soft, {}, p, "soft"),
    (losses.multiclass_bce, {}, p, "soft"),
    (losses.multiclass_bce_one_hot, {}, y, "index"),
    (losses.sigmoid_bce, {}, p, "soft"),
    (losses.kde_cross_entropy, {}, K, "kernel"),
    (losses.quadratic, {}, y, "index"),
    (losses.quadratic_soft, {}, p, "soft"),
    (losses.keras_cross_entropy, KERAS, p, "soft"),
    (losses.keras_cross_entropy_one_hot, KERAS, y, "index"),
]


def sample(intended: Intended, n: int = 4) -> AuditPoint:
    """Return a moderate point with a label, or all of the target at one class."""
    logits = tuple(Fraction(3 * k % 5 - 2, 4) for k in range(n))
    if intended.has_label:
        return AuditPoint(logits, 0)
    return AuditPoint(logits, tuple(Fraction(int(k == 0)) for k in range(n)))


@pytest.mark.parametrize(("loss", "values", "target", "form"), TABLE)
def test_targets_are_read_off_the_formula(
    loss: Loss, values: dict[Any, Any], target: Any, form: str
) -> None:
    """The target of a loss, and how it is handed in, follow from its symbols."""
    found = intended_by(loss, values)
    assert found.target == target
    assert found.form == form
    assert found.has_label == (target == y)
    assert found.has_branches == loss.name.startswith("KERAS")


LOSSES = [row[:2] for row in TABLE]


@pytest.mark.parametrize(("loss", "values"), LOSSES)
def test_classes_exclude_each_other_where_a_shift_changes_nothing(
    loss: Loss, values: dict[Any, Any]
) -> None:
    """Softmax losses have exclusive classes; those of sigmoids do not."""
    found = intended_by(loss, values)
    assert is_exclusive(found, sample(found)) == (loss.name != "BCE")


@pytest.mark.parametrize(("loss", "values"), LOSSES)
def test_classes_can_be_masked_where_a_far_one_is_as_good_as_none(
    loss: Loss, values: dict[Any, Any]
) -> None:
    """A class without a share in the target changes nothing once its logit is far below."""
    found = intended_by(loss, values)
    assert can_be_masked(found, sample(found))
    assert not can_be_masked(found, sample(found, 2))


def test_classes_cannot_be_masked_where_a_far_one_matters() -> None:
    """Where a loss grows with a logit far below, it is not masked."""
    spread = Loss("SPREAD", -log(S(y)) + class_sum(lambda j: (z[j] - z[y]) ** 2))
    found = intended_by(spread, {})
    assert is_exclusive(found, sample(found))
    assert not can_be_masked(found, sample(found))


def test_a_point_leaves_out_masked_classes() -> None:
    """The formula sees the classes that are left, and the label among them."""
    found = intended_by(CE, {})
    point = found.point(AuditPoint((None, Fraction(1), Fraction(2)), 2))
    assert point[z] == (1, 2)
    assert point[y] == 2
    soft = intended_by(losses.softmax_cross_entropy_soft, {})
    point = soft.point(AuditPoint((Fraction(1), None), (Fraction(1), Fraction(0))))
    assert point[p] == (1,)


def test_values_may_be_named_by_symbol_or_text() -> None:
    """A value of another symbol is found by the symbol, and by its name."""
    loss = losses.keras_cross_entropy_one_hot
    for values in (KERAS, {"epsilon": Fraction(1, 10**7)}):
        found = intended_by(loss, values).at(at(1, 0.5))
        assert found.gradient[0].is_finite()


def test_a_loss_without_a_target_is_taken_as_it_is() -> None:
    """A loss of the logits alone has no target, and is handed a class that it ignores."""
    found = intended_by(Loss("ENTROPY", class_sum(lambda j: S(j) * log(S(j)))), {})
    assert found.target is None
    assert found.form == "index"
    assert not found.has_label
    assert found.at(at(1, 2, label=1)).gradient[0].is_finite()


def test_outside_of_its_domain_a_loss_has_no_gradient() -> None:
    """A condition that is certainly false is an error that names it."""
    alone = intended_by(losses.multiclass_bce_one_hot, {})
    with pytest.raises(UndefinedValueError, match="ALT is defined where n >= 2"):
        alone.at(at(1))
    nowhere = intended_by(losses.kde_cross_entropy, {})
    with pytest.raises(UndefinedValueError):
        nowhere.at(soft_at((1, 2), 0, 0))


def test_a_symbol_without_a_value_is_an_error() -> None:
    """Every symbol other than logits and target needs a value."""
    with pytest.raises(DeclarationError) as raised:
        intended_by(losses.keras_cross_entropy_one_hot, {})
    assert str(raised.value) == (
        "a loss that is audited has one target, and values for its other symbols; "
        "found epsilon, y in KERAS; hand in values={symbol: number} for the others"
    )


def test_two_targets_are_an_error() -> None:
    """A loss with a label and targets has no single target."""
    loss = Loss("BOTH", -log(S(y)) - class_sum(lambda j: p[j] * log(S(j))))
    with pytest.raises(DeclarationError, match="found p, y in BOTH"):
        intended_by(loss, {})


def test_a_number_of_classes_is_limited_where_pairs_cannot_be_taken_apart() -> None:
    """Losses whose second derivatives are put together from pairs have no limit."""
    assert intended_by(CE, {}).largest is None
    assert intended_by(losses.keras_cross_entropy, KERAS).largest == WHOLE


def test_a_temperature_is_a_value() -> None:
    """A loss with a scalar of its own is audited at the value given."""
    t = scalar("T", positive=True)
    loss = losses.softmax_cross_entropy.substitute(z, lambda k: z[k] / t, "CE_T")
    hot, usual = intended_by(loss, {t: 2}), intended_by(CE, {})
    ours, theirs = hot.at(at(4, 0, label=1)), usual.at(at(2, 0, label=1))
    assert (2 * ours.gradient[0]).overlaps(theirs.gradient[0])
