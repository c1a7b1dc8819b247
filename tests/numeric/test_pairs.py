from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

import pytest
from flint import arb
from hypothesis import given, settings, strategies as st
from sympy import exp, log

from gradproof import Loss, losses
from gradproof.numeric import Point, elements, pairs as pairs_module, working_precision
from gradproof.numeric.conditions import COLUMN, ROW
from gradproof.numeric.evaluator import Program
from gradproof.numeric.pair_parts import OneProduct
from gradproof.numeric.pairs import PairSums, compile_pairs
from gradproof.numeric.run import Run
from gradproof.symbolic import p, y, z
from gradproof.symbolic.calculus import LossTerm
from gradproof.symbolic.vocabulary import class_sum

numbers = st.integers(-24, 24).map(lambda k: Fraction(k, 8))


@dataclass
class Counted:
    """A program that notes for which two classes it is called."""

    program: Program
    called: list[tuple[Any, ...]] = field(default_factory=list)

    def __call__(self, run: Run) -> Any:
        """Note the classes and evaluate."""
        self.called.append((self.program, run.classes.get(ROW), run.classes.get(COLUMN)))
        return self.program(run)


def second(loss: Loss) -> PairSums:
    """Return the second derivatives of a loss by two logits, ready to be summed."""
    found = compile_pairs(LossTerm(loss.name, loss.value, z[ROW], z[COLUMN]), ROW, COLUMN)
    assert found is not None
    return found


def sums_of(loss: Loss, point: Point, bits: int = 256) -> tuple[list[arb], list[tuple[Any, ...]]]:
    """Return the sums, and the pairs of classes for which a ball was evaluated."""
    made = second(loss)
    called: list[tuple[Any, ...]] = []

    def counted(program: Program) -> Any:
        return Counted(program, called)

    beside = {s: (counted(a), counted(b)) for s, (a, b) in made.beside.items()}
    watched = replace(
        made, exact=counted(made.exact), diagonal=counted(made.diagonal), beside=beside
    )
    weights = [elements.rational(v) for v in point[z]]
    with working_precision(bits):
        return watched.sums(Run(point), point, weights), called


def expected_of(loss: Loss, point: Point, bits: int = 256) -> list[arb]:
    """Return the sums class by class, all in balls."""
    exact = second(loss).exact
    run = Run(point)
    size = len(point[z])
    found = []
    with working_precision(bits):
        for row in range(1, size + 1):
            total = arb(0)
            for column, weight in enumerate(point[z], start=1):
                run.classes[ROW], run.classes[COLUMN] = row, column
                total += abs(elements.to_ball(exact(run)) * elements.rational(weight))
            found.append(total)
    return found


def agree(ours: list[arb], theirs: list[arb], share: float = 1e-9) -> bool:
    """Tell whether two lists of numbers are the same to a share of them, or as far as known."""
    with working_precision(256):
        pairs = zip(ours, theirs, strict=True)
        # A sum that is 0 is a tiny ball around it in both lists.
        return all(a.overlaps(b) or abs(a - b).mid() <= abs(b).mid() * share for a, b in pairs)


PAIRED = [
    losses.softmax_cross_entropy,
    losses.multiclass_bce_one_hot,
    losses.quadratic,
    Loss("SQUARE", class_sum(lambda j: class_sum(lambda k: (z[j] + z[k] * z[j]) ** 2))),
    Loss("SUM", log(class_sum(lambda j: z[j]) ** 2 + 1)),
]


def named(loss: Loss) -> str:
    """Return the name of a loss in the list of tests."""
    return loss.name


@pytest.mark.parametrize("loss", PAIRED, ids=named)
@settings(max_examples=15)
@given(logits=st.lists(numbers, min_size=2, max_size=7), data=st.data())
def test_sums_are_those_class_by_class(
    loss: Loss, logits: list[Fraction], data: st.DataObject
) -> None:
    """``sum_j |w_j h(i, j)|`` is what it says, for every class, with ties and a label."""
    label = data.draw(st.integers(1, len(logits)))
    values: dict[Any, Any] = {z: logits}
    if y in loss.value.free_symbols:
        values[y] = label
    point = Point(values)
    assert agree(sums_of(loss, point)[0], expected_of(loss, point))


def test_alike_classes_are_done_at_once() -> None:
    """Balls are evaluated for each kind with itself and with the label, however many there are."""
    few = (Fraction(0), Fraction(1), Fraction(-2))
    for size in (12, 120):
        point = Point({z: [few[k % 3] for k in range(size)], y: 2})
        found, called = sums_of(losses.softmax_cross_entropy, point)
        assert len(called) == 3 + 3 + 4  # each with itself, with the label, the label with all
        assert len(set(map(str, found))) == 3
        assert str(found[0]) == str(found[3])


def test_the_label_is_kept_apart_from_classes_with_its_logit() -> None:
    """A class with the label's logit has a sum of its own, which is not the label's."""
    point = Point({z: [Fraction(1)] * 20 + [Fraction(2)], y: 7})
    found, _ = sums_of(losses.quadratic, point)
    assert agree(found, expected_of(losses.quadratic, point))
    others = {str(v) for k, v in enumerate(found[:20]) if k != 6}
    assert len(others) == 1
    assert str(found[6]) not in others


def test_classes_that_differ_in_another_family_are_no_kind() -> None:
    """Equal logits with different targets are different classes."""
    point = Point({z: [Fraction(1)] * 3, p: [Fraction(1, 4), Fraction(1, 4), Fraction(1, 2)]})
    found, called = sums_of(losses.quadratic_soft, point)
    assert agree(found, expected_of(losses.quadratic_soft, point))
    assert len(called) == 2


def test_many_classes_are_done_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sums do not depend on how many rows are done at once."""
    logits = [Fraction(k * k % 41, 8) for k in range(30)]
    point = Point({z: logits, y: 4})
    whole, _ = sums_of(losses.quadratic, point)
    monkeypatch.setattr(pairs_module, "_BLOCK", 7)
    assert agree(sums_of(losses.quadratic, point)[0], whole)


@pytest.mark.parametrize(
    ("loss", "is_one"),
    [
        (losses.softmax_cross_entropy, True),
        (losses.softmax_cross_entropy_soft, True),
        (losses.sigmoid_bce, True),
        (losses.quadratic, False),
        (PAIRED[3], False),
        (PAIRED[4], True),
    ],
    ids=lambda value: getattr(value, "name", str(value)),
)
def test_one_product_takes_one_step_for_each_class(loss: Loss, is_one: bool) -> None:
    """What is one product of a row and a column has no matrix; in nothing else is one seen."""
    assert isinstance(second(loss).apart, OneProduct) is is_one


@given(st.lists(numbers, min_size=2, max_size=6).filter(any))
def test_a_large_term_takes_no_digits_from_the_others(logits: list[Fraction]) -> None:
    """The sum over the others is added up; it is not what is left of the sum over all."""
    apart = second(losses.softmax_cross_entropy).apart
    assert isinstance(apart, OneProduct)
    values = [*logits, Fraction(400)]
    point, size = Point({z: values, y: 1}), len(values)
    with working_precision(64):
        weights = [arb(elements.rational(v)) for v in values]
        sums = apart.sums(Run(point), range(1, size + 1), [1] * size, weights)
        assert all(total.rel_accuracy_bits() > 40 for total in sums)


def test_what_cancels_is_evaluated_in_balls() -> None:
    """Where the products of a derivative cancel, more pairs are evaluated, and no digit is lost."""
    loss = losses.multiclass_bce_one_hot
    near, far = (
        Point({z: [scale * Fraction(k % 5 if k else 9) for k in range(18)], y: 2})
        for scale in (1, 40)
    )
    usual, (sums, evaluated) = sums_of(loss, near)[1], sums_of(loss, far, 2048)
    assert len(evaluated) > len(usual)
    assert agree(sums, expected_of(loss, far, 2048), 1e-5)


@pytest.mark.parametrize("size", [2, 3, 9])
def test_two_classes_that_are_alike_are_no_diagonal(size: int) -> None:
    """Where all of a sum cancels, a class is paired with others of its kind, not with itself."""
    loss = next(each for each in PAIRED if each.name == "SQUARE")
    point = Point({z: [Fraction(-1)] * size})
    assert agree(sums_of(loss, point)[0], expected_of(loss, point))


def test_what_cannot_be_taken_apart_is_refused() -> None:
    """A function of two classes that is no polynomial of functions of one gives nothing."""
    loss = Loss("PAIRS", class_sum(lambda j: class_sum(lambda k: exp(z[j] * z[k]))))
    term = LossTerm(loss.name, loss.value, z[ROW], z[COLUMN])
    assert compile_pairs(term, ROW, COLUMN) is None
