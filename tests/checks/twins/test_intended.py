from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest
from flint import arb, fmpq
from hypothesis import given, settings, strategies as st
from sympy import log

from gradproof.checks.twins import Input, TwinPoint, check_forward, formulas, label, logits, targets
from gradproof.checks.twins.agreement import Outcome
from gradproof.checks.twins.intended import expected_values
from gradproof.numeric.twins import exact
from gradproof.symbolic import Loss, scalar
from gradproof.symbolic.errors import DeclarationError
from gradproof.symbolic.vocabulary import p, y, z
from tests.numeric.twins.conftest import dyadics, encloses, number

OF_CLASSES = (logits(), label())


def point(values: Any, place: int) -> TwinPoint:
    """Return a point of logits and a label."""
    return TwinPoint(OF_CLASSES, len(values), (tuple(values), (Fraction(place),)))


@settings(max_examples=25)
@given(st.lists(dyadics, min_size=1, max_size=4), st.integers(0, 3))
def test_a_loss_is_evaluated_from_its_formula(values: list[Fraction], place: int) -> None:
    """The value at a point is that of mpmath; the label counts from 0."""
    chosen = place % len(values)
    meant = expected_values(formulas.cross_entropy, "float64", {})
    (found,) = meant(point(values, chosen), 256, False)
    with mpmath.workdps(60):
        total = mpmath.fsum(mpmath.exp(number(v)) for v in values)
        assert encloses(found, mpmath.log(total) - number(values[chosen]))


def test_a_wrong_formula_would_be_noticed() -> None:
    """The wrong twin, the loss of the next class, has another value."""
    meant = expected_values(formulas.cross_entropy, "float64", {})
    (first,), (second,) = (meant(point([Fraction(1), Fraction(3)], k), 128, False) for k in (0, 1))
    assert not arb(first).overlaps(arb(second))
    found = check_forward(lambda z, _: np.log(np.sum(np.exp(z))) - z[0], formulas.cross_entropy)
    assert found.outcome is Outcome.DIFFERENT
    assert found.point is not None
    assert found.point.values[1] != (0,)


def test_another_program_may_be_what_is_meant() -> None:
    """A callable or its twin, of the same arguments and with as many outputs as it has."""

    def pair(z: Any, y: int) -> Any:
        return z[y] * 2, z[0] / 4

    for meant in (pair, exact(pair)):
        found = expected_values(meant, "float64", {})(
            point([Fraction(1), Fraction(3)], 1), 128, False
        )
        assert found == [fmpq(6), fmpq(1, 4)]


def test_what_has_no_value_is_nan() -> None:
    """A logarithm of 0 in a formula is expected to be nothing, so that nothing is compared."""
    loss = Loss("entropy_at_label", -log(p[y]), wrt=p)
    spec = (targets(), label())
    none = TwinPoint(spec, 2, ((Fraction(0), Fraction(1)), (Fraction(0),)))
    (found,) = expected_values(loss, "float64", {})(none, 128, False)
    assert math.isnan(found)
    one = TwinPoint(spec, 2, ((Fraction(0), Fraction(1)), (Fraction(1),)))
    assert expected_values(loss, "float64", {})(one, 128, False) == [0]


def test_symbols_of_a_loss_may_be_given_values() -> None:
    """What no argument stands for is given by hand."""
    scale = scalar("scale")
    loss = Loss("scaled", scale * z[y])
    meant = expected_values(loss, "float64", {scale: Fraction(3, 2)})
    assert meant(point([Fraction(4)], 0), 128, False) == [6]
    by_name = (logits(), label(), Input("numbers", (), "scale"))
    given_ = TwinPoint(by_name, 1, ((Fraction(4),), (Fraction(0),), (Fraction(5),)))
    assert expected_values(loss, "float64", {})(given_, 128, False) == [20]


def test_an_argument_without_a_symbol_is_an_error() -> None:
    """The error tells the name and those of the loss."""
    loss = Loss("label_alone", z[y])
    spec = (logits(), label(), Input("numbers", ("n",), "w"))
    extra = TwinPoint(spec, 1, ((Fraction(1),), (Fraction(0),), (Fraction(1),)))
    with pytest.raises(DeclarationError, match=r"'w'; label_alone has z"):
        expected_values(loss, "float64", {})(extra, 128, False)
