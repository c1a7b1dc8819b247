from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, strategies as st
from sympy import Abs, IndexedBase, Integer, exp, log

from gradproof import Loss, losses
from gradproof.numeric import Point, derivative, evaluate, evaluate_vector, working_precision
from gradproof.numeric.backprop import backprop
from gradproof.numeric.certified import certified_loss
from gradproof.numeric.rules import RULES, Rule
from gradproof.numeric.tape import read_tape
from gradproof.symbolic import K, S, class_sum, delta, i, n, p, scalar, sigmoid, softmax, y, z
from gradproof.symbolic.errors import DeclarationError, EngineConflict, UnsupportedError
from gradproof.symbolic.loss import outputs as q

T = scalar("T", positive=True)
g = Integer(2)

OWN = [
    Loss("focal", -((1 - S(y)) ** 2) * log(S(y))),
    Loss("temperature", -log(softmax(y, lambda j: z[j] / T))),
    Loss(
        "smoothed", -class_sum(lambda j: (delta(j, y) * Integer(9) / 10 + 1 / (10 * n)) * log(S(j)))
    ),
    Loss("of the first class", -log(S(1)) + z[1] ** 2),
    Loss("entropy", -class_sum(lambda j: S(j) * log(S(j)))),
    Loss("of others", -class_sum(lambda j: log(1 - S(j)), but=[y])),
    Loss("mean of squares", class_sum(lambda j: (S(j) - p[j]) ** 2) / n),
    Loss("variance", class_sum(lambda j: z[j] ** 2) / n - (class_sum(lambda j: z[j]) / n) ** 2),
    Loss("quotient", class_sum(lambda j: exp(2 * z[j])) / class_sum(lambda j: exp(z[j])) ** 2),
    Loss(
        "one against the rest",
        -log(sigmoid(z[y])) - class_sum(lambda j: log(sigmoid(-z[j])), but=[y]),
    ),
    Loss("of outputs", -class_sum(lambda j: p[j] * log(q[j])) + class_sum(lambda j: q[j]), wrt=q),
    Loss("weighted", -K[y] * log(S(y))),
    Loss("constant in a sum", class_sum(lambda _: T) * log(S(y))),
    Loss("reciprocals", 1 / class_sum(lambda j: 1 / (1 + S(j)))),
    Loss(
        "three shares",
        (3 - 3 * S(y)) * z[y] + class_sum(lambda j: (2 * S(j) - 2 * delta(j, y)) ** 3),
    ),
]
LIBRARY = [
    losses.softmax_cross_entropy,
    losses.softmax_cross_entropy_soft,
    losses.multiclass_bce,
    losses.multiclass_bce_one_hot,
    losses.sigmoid_bce,
    losses.kde_cross_entropy,
    losses.quadratic,
    losses.quadratic_soft,
]
READ = [pytest.param(loss, id=loss.name) for loss in (*LIBRARY, *OWN)]

logits = st.fractions(-6, 6, max_denominator=8)


def point(loss: Loss, members: list[Fraction], label: int) -> Point:
    """Return a point of a loss with these logits, or outputs."""
    size = len(members)
    shares = [Fraction(k + 1, size * (size + 1) // 2) for k in range(size)]
    values: dict[Any, Any] = {z: members, q: [1 + v * v for v in members], p: shares, y: label}
    values |= {K: [Fraction(k % 3 + 1, 4) for k in range(size)], T: Fraction(3, 2)}
    names = {str(s) for s in loss.value.free_symbols} | {str(loss.wrt)}
    held = {k: v for k, v in values.items() if str(k) in names}
    assert any(isinstance(k, IndexedBase) for k in held)
    return Point(held)


@pytest.mark.parametrize("loss", READ)
@given(members=st.lists(logits, min_size=2, max_size=6), data=st.data())
def test_the_chain_rule_gives_the_symbolic_derivative(
    loss: Loss, members: list[Fraction], data: st.DataObject
) -> None:
    """Value and gradient are those of the symbolic way, which shares no code, and as narrow."""
    at = point(loss, members, data.draw(st.integers(1, len(members))))
    with working_precision(160):
        swept = backprop(loss, at)
        value, gradient = swept.value, list(swept.gradient)
    assert value.overlaps(evaluate(loss.value, at, 400))
    formula = evaluate_vector(loss.gradient(i), i, at, 400)
    assert len(gradient) == len(formula)
    for found, right in zip(gradient, formula, strict=True):
        assert found.overlaps(right)
        assert found.rad() < 1e-30


@pytest.mark.parametrize("loss", READ)
def test_the_chain_rule_gives_the_taylor_coefficient(loss: Loss) -> None:
    """Each component is the first Taylor coefficient of the loss, found without any derivative."""
    at = point(loss, [Fraction(1, 2), Fraction(-3), Fraction(5, 4)], 3)
    with working_precision(160):
        gradient = list(backprop(loss, at).gradient)
    for place, found in enumerate(gradient, start=1):
        assert found.overlaps(derivative(loss.value, at, loss.wrt[place], bits=160))


@pytest.mark.parametrize("loss", [pytest.param(one, id=one.name) for one in LIBRARY])
@given(gap=st.integers(1, 5000), label=st.integers(1, 3), lead=st.integers(0, 2))
def test_a_share_near_1_costs_no_digits(loss: Loss, gap: int, label: int, lead: int) -> None:
    """However far one logit leads, no component is wider than a few roundings of its size.

    For independent sigmoids ``1 - s`` is not seen to be another sigmoid.
    """
    if loss is losses.sigmoid_bce:
        return
    members = [Fraction(-1), Fraction(1, 2), Fraction(2)]
    members[lead] += gap
    at = point(loss, members, label)
    with working_precision(128):
        gradient = list(backprop(loss, at).gradient)
    formula = evaluate_vector(loss.gradient(i), i, at, 128 + 12 * gap)
    for found, right in zip(gradient, formula, strict=True):
        assert found.overlaps(right)
        if loss.name in ("CE", "ALT", "QUAD"):  # the others may have a true zero there
            assert found.rel_accuracy_bits() > 100


@pytest.mark.parametrize("loss", READ)
def test_one_class_has_a_gradient(loss: Loss) -> None:
    """With one class too, where it has one, it is that of the symbolic way."""
    at = point(loss, [Fraction(3, 4)], 1)
    with working_precision(128):
        (found,) = backprop(loss, at).gradient
    (right,) = evaluate_vector(loss.gradient(i), i, at, 128)
    assert not found.is_finite() or not right.is_finite() or found.overlaps(right)


@pytest.mark.parametrize(
    ("loss", "members"),
    [
        (Loss("log", class_sum(lambda j: log(z[j]))), [1, -1, 2]),
        (Loss("log of 0", -log(class_sum(lambda j: S(j) * K[j]))), [1, 1]),
        (Loss("quotient", 1 / class_sum(lambda j: z[j])), [1, -1]),
    ],
    ids=lambda one: one.name if isinstance(one, Loss) else "",
)
def test_what_has_no_value_is_not_finite(loss: Loss, members: list[int]) -> None:
    """Where the loss is undefined no finite number is made up."""
    values: dict[Any, Any] = {z: members}
    if loss.name == "log of 0":
        values[K] = [0, 0]
    with working_precision(128):
        swept = backprop(loss, Point(values))
        assert not (swept.value.is_finite() and all(ball.is_finite() for ball in swept.gradient))


def test_a_delta_leaves_out_what_has_no_value() -> None:
    """A class that a factor of deltas leaves out may have no value."""
    loss = Loss("logs", class_sum(lambda j: log(z[j]), but=[y]))
    with working_precision(128):
        swept = backprop(loss, Point({z: [2, -1, 4], y: 2}))
        assert [float(ball) for ball in swept.gradient] == [0.5, 0, 0.25]
        assert swept.value.overlaps((swept.values.families[z][0] * 4).log())


def test_a_class_beyond_the_last_is_refused_or_never_chosen() -> None:
    """Its share does not exist; a delta that asks for it is 0 for every class."""
    with working_precision(64), pytest.raises(DeclarationError, match="class 3 of n"):
        _ = backprop(Loss("third", log(S(3))), Point({z: [0, 1]})).value
    chosen = Loss("chosen", class_sum(lambda j: delta(j, 3) * z[j] + z[j]))
    with working_precision(64):
        assert [float(b) for b in backprop(chosen, Point({z: [0, 1]})).gradient] == [1, 1]


@pytest.mark.parametrize(
    "value",
    [
        Abs(z[1]),
        class_sum(lambda j: class_sum(lambda k: z[j] * z[k])),
        z[y] ** T,
        z[y] * y,
        losses.kde_integral_cross_entropy.value,
    ],
    ids=["branch", "two classes at once", "power", "number of a class", "integral"],
)
def test_what_is_not_read_is_refused(value: Any) -> None:
    """The error says what can be read, and what stands in the way."""
    with pytest.raises(UnsupportedError, match="ask for each class by itself"):
        read_tape(Loss("refused", value).value, z)


def test_what_is_shared_is_one_step() -> None:
    """The exponentials of a softmax that occurs five times are made once."""
    tape = read_tape(losses.multiclass_bce_one_hot.value, z)
    assert [step.rule for step in tape.steps].count("family") == 1
    assert len({step for step in tape.steps if step.rule in ("softmax", "complement")}) <= 2


@pytest.mark.parametrize("rule", ["complement", "logarithm", "product", "total"])
def test_a_wrong_rule_is_a_conflict(rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule that hands back twice too much is found by the symbolic way, and is no result."""
    right = RULES[rule]
    assert right.back is not None
    back: Callable[..., Any] = right.back

    def twice(sweep: Any, step: Any, adjoint: Any) -> list[Any]:
        return [
            None if v is None else v * 2 if not hasattr(v, "times") else v.times(arb(2))
            for v in back(sweep, step, adjoint)
        ]

    from flint import arb

    monkeypatch.setitem(RULES, rule, Rule(right.forward, twice))
    loss = losses.multiclass_bce_one_hot
    certified_loss.cache_clear()
    try:
        with pytest.raises(EngineConflict, match="report this"):
            certified_loss(loss).at(Point({z: [Fraction(k % 7, 3) for k in range(40)], y: 5}))
    finally:
        certified_loss.cache_clear()
