"""The loss library: values against explicit formulas, gradients against differences, laws."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from typing import Any

import mpmath
import pytest
from sympy import (
    Abs,
    Add,
    Expr,
    Integral,
    KroneckerDelta,
    Max,
    Min,
    Mul,
    Piecewise,
    Pow,
    Rational,
    Sum,
    Symbol,
    cos,
    exp,
    log,
    pi,
    sign,
)
from sympy.tensor.indexed import Indexed

from gradproof.symbolic import Loss, canonical_bound, class_sum, collapse, differentiate, kernels
from gradproof.symbolic.errors import DeclarationError
from gradproof.symbolic.kernel import bandwidth, instantiate
from gradproof.symbolic.kernel_functions import WrappedGaussian
from gradproof.symbolic.kernel_losses import lower, position, upper
from gradproof.symbolic.losses import (
    LOSSES,
    clip,
    epsilon,
    find_loss,
    kde_binned,
    kde_binned_cross_entropy,
    kde_integral,
    kde_integral_cross_entropy,
)
from gradproof.symbolic.vocabulary import SLOT, Softmax, bins, i, n, scalar, x, y, z

DIGITS = 30
QUADRATURE_DIGITS = 15
WITH_SOFTMAX = [name for name in LOSSES if name != "sigmoid_bce"]
OPEN = ("kde_integral_cross_entropy", "kde_binned_cross_entropy")


@dataclass(frozen=True)
class Data:
    """One point: rationals for everything a loss of the library depends on."""

    z: tuple[Any, ...]
    x: tuple[Any, ...]
    p: tuple[Any, ...]
    K: tuple[Any, ...]
    y: int
    a: Fraction = Fraction(-1, 2)
    b: Fraction = Fraction(5, 4)
    B: int = 3
    h: Fraction = Fraction(7, 8)
    epsilon: Fraction = Fraction(1, 50)

    @property
    def n(self) -> int:
        """The number of classes."""
        return len(self.z)


def draw(size: int, seed: int) -> Data:
    """Return a seeded point with `size` classes."""
    rng = random.Random(1000 * size + seed)

    def members(low: int, high: int) -> tuple[Fraction, ...]:
        return tuple(Fraction(rng.randint(16 * low, 16 * high), 16) for _ in range(size))

    return Data(members(-2, 2), members(-1, 1), members(0, 1), members(1, 3), 1 + seed % size)


POINTS = [draw(size, seed) for size in (2, 3, 4) for seed in (1, 2)]
SMALL_POINTS = [draw(2, 1), draw(3, 2)]


# An evaluator of its own: nothing of the numeric layer is used here.


def value(expr: Expr, data: Data, env: Mapping[Symbol, Any] | None = None) -> Any:
    """Evaluate a class-sum expression in mpmath, sums term by term, integrals by quadrature."""
    env = env or {y: data.y, n: data.n, bins: data.B}

    def at(e: Expr) -> Any:
        return value(e, data, env)

    if isinstance(expr, Sum):
        (running, first, last), *outer = expr.limits
        body = Sum(expr.function, *outer) if outer else expr.function
        classes = range(int(first), int(at(last)) + 1)
        return mpmath.fsum(value(body, data, {**env, running: k}) for k in classes)
    if isinstance(expr, Integral):
        running, low, high = expr.limits[0]
        edges = sorted({at(low), at(high), *_kinks_between(data)})
        return mpmath.quad(lambda t: value(expr.function, data, {**env, running: t}), edges)
    if isinstance(expr, Softmax):
        total = sum(
            mpmath.exp(value(expr.logit, data, {**env, SLOT: k + 1})) for k in range(data.n)
        )
        return mpmath.exp(value(expr.logit, data, {**env, SLOT: at(expr.args[0])})) / total
    if isinstance(expr, Piecewise):
        return next(at(e) for e, c in expr.args if _holds(c, at))
    return _plain(expr, data, env, at)


def _plain(expr: Expr, data: Data, env: Mapping[Symbol, Any], at: Callable[[Expr], Any]) -> Any:
    if isinstance(expr, Indexed):
        return _number(getattr(data, str(expr.base))[at(expr.indices[0]) - 1])
    if isinstance(expr, Symbol):
        return env[expr] if expr in env else _number(getattr(data, expr.name))
    if isinstance(expr, KroneckerDelta):
        return int(at(expr.args[0]) == at(expr.args[1]))
    if isinstance(expr, WrappedGaussian):
        return expr._mpmath_([at(a) for a in expr.args])
    if expr.is_Rational:
        return int(expr) if expr.is_Integer else mpmath.mpf(expr.p) / expr.q
    if expr == pi:
        return +mpmath.pi
    rules: dict[type, Callable[..., Any]] = {
        Add: lambda *a: mpmath.fsum(a),
        Mul: lambda *a: mpmath.fprod(a),
        Pow: lambda a, b: mpmath.mpf(a) ** b,
        exp: mpmath.exp,
        log: mpmath.log,
        cos: mpmath.cos,
        Abs: abs,
        sign: mpmath.sign,
        Max: max,
        Min: min,
    }
    if isinstance(expr, Mul) and any(
        isinstance(a, KroneckerDelta) and not at(a) for a in expr.args
    ):
        return 0
    rule = next(rules[kind] for kind in type(expr).__mro__ if kind in rules)
    return rule(*(at(a) for a in expr.args))


def _holds(condition: Any, at: Callable[[Expr], Any]) -> bool:
    if condition in (True, False):
        return bool(condition)
    if condition.is_Relational:
        return bool(condition.func(at(condition.lhs), at(condition.rhs)))
    return condition.func(*(_holds(a, at) for a in condition.args)) == True  # noqa: E712


def _kinks_between(data: Data) -> set[Any]:
    ends = (_number(c) + s * _number(data.h) for c in data.x for s in (-1, 0, 1))
    return {t for t in ends if _number(data.a) < t < _number(data.b)}


def _number(a: Any) -> Any:
    return mpmath.mpf(a.numerator) / a.denominator if isinstance(a, Fraction) else a


# The losses again, by hand.


def by_hand(name: str, data: Data) -> Any:
    """Return the loss `name` at `data` from its textbook formula for explicit classes."""
    logits = [_number(a) for a in data.z]
    total = sum(mpmath.exp(a) for a in logits)
    s = [mpmath.exp(a) / total for a in logits]
    p = [_number(a) for a in data.p]
    one_hot = [int(k + 1 == data.y) for k in range(data.n)]
    eps = _number(data.epsilon)

    def bce(targets: list[Any], outputs: list[Any]) -> Any:
        terms = 0
        for target, output in zip(targets, outputs, strict=True):
            terms -= target * mpmath.log(output) if target else 0
            terms -= (1 - target) * mpmath.log(1 - output) if target != 1 else 0
        return terms

    def cross_entropy(targets: list[Any], outputs: list[Any]) -> Any:
        return -sum(a * mpmath.log(b) for a, b in zip(targets, outputs, strict=True))

    clipped = [min(max(a, eps), 1 - eps) for a in s]
    return {
        "softmax_cross_entropy": lambda: -mpmath.log(s[data.y - 1]),
        "softmax_cross_entropy_soft": lambda: cross_entropy(p, s),
        "multiclass_bce": lambda: bce(p, s),
        "multiclass_bce_one_hot": lambda: bce(one_hot, s),
        "sigmoid_bce": lambda: bce(p, [1 / (1 + mpmath.exp(-a)) for a in logits]),
        "kde_cross_entropy": lambda: (
            -mpmath.log(sum(a * _number(b) for a, b in zip(s, data.K, strict=True)))
        ),
        "kde_integral_cross_entropy": lambda: integral(data, s),
        "kde_binned_cross_entropy": lambda: binned(data, s),
        "quadratic": lambda: sum((a - b) ** 2 for a, b in zip(s, one_hot, strict=True)) / 2,
        "quadratic_soft": lambda: sum((a - b) ** 2 for a, b in zip(s, p, strict=True)) / 2,
        "keras_cross_entropy": lambda: cross_entropy(p, clipped),
        "keras_cross_entropy_one_hot": lambda: cross_entropy(one_hot, clipped),
    }[name]()


def gaussian(t: Any, h: Any) -> Any:
    """Return the normal density with standard deviation h."""
    return mpmath.exp(-((t / h) ** 2) / 2) / (mpmath.sqrt(2 * mpmath.pi) * h)


def epanechnikov(t: Any, h: Any) -> Any:
    """Return three quarters of a parabola of half-width h."""
    return max(mpmath.mpf(0), 1 - (t / h) ** 2) * 3 / (4 * h)


def wrapped(t: Any, h: Any) -> Any:
    """Return the normal density summed over turns."""
    return mpmath.fsum(gaussian(t + 2 * mpmath.pi * k, h) for k in range(-6, 7))


def log_density(t: Any, data: Data, s: list[Any], kernel: Callable[[Any, Any], Any]) -> Any:
    """Return the log of the kernel density with weights `s`."""
    places = [_number(c) for c in data.x]
    h = _number(data.h)
    return mpmath.log(sum(w * kernel(t - c, h) for w, c in zip(s, places, strict=True)))


def integral(data: Data, s: list[Any], kernel: Callable[[Any, Any], Any] = gaussian) -> Any:
    """Return the integral loss by quadrature."""
    a, b = _number(data.a), _number(data.b)
    edges = sorted({a, b, *_kinks_between(data)})
    return -mpmath.quad(lambda t: log_density(t, data, s, kernel), edges) / (b - a)


def binned(data: Data, s: list[Any], kernel: Callable[[Any, Any], Any] = gaussian) -> Any:
    """Return the midpoint rule for `integral`."""
    a, b = _number(data.a), _number(data.b)
    middles = [a + (mpmath.mpf(k) + mpmath.mpf(1) / 2) * (b - a) / data.B for k in range(data.B)]
    return -mpmath.fsum(log_density(t, data, s, kernel) for t in middles) / data.B


def closed(name: str) -> Loss:
    """Return the loss `name`, with the Gaussian where the kernel is left open."""
    loss = LOSSES[name]
    return replace(loss, value=instantiate(loss.value, kernels.gaussian)) if name in OPEN else loss


def points_for(name: str) -> list[Data]:
    """Return the points a loss is tried at: fewer where each costs many quadratures."""
    return SMALL_POINTS if name == "kde_integral_cross_entropy" else POINTS


def digits_for(name: str) -> int:
    """Return to how many digits a loss is compared: fewer where each costs many quadratures."""
    return QUADRATURE_DIGITS if name == "kde_integral_cross_entropy" else DIGITS


def moved(data: Data, family: str, member: int, by: Any) -> Data:
    """Return `data` with one member of one family moved."""
    members = [_number(a) for a in getattr(data, family)]
    members[member - 1] += by
    return replace(data, **{family: tuple(members)})


def agree(a: Any, b: Any, digits: int = DIGITS) -> bool:
    """Tell whether two numbers agree to `digits` digits, absolutely below 1."""
    return bool(abs(a - b) <= mpmath.mpf(10) ** -digits * max(1, abs(a), abs(b)))


def test_points_spread() -> None:
    """The points differ in every family, and both sides of Keras's clip are met."""
    for name in ("z", "x", "p", "K"):
        assert len({getattr(data, name) for data in POINTS}) == len(POINTS)
    assert {data.y for data in POINTS} >= {1, 2, 3}


@pytest.mark.parametrize("name", LOSSES)
def test_value_is_the_textbook_formula(name: str) -> None:
    """The declared value and the formula written for explicit classes agree at every point."""
    digits = digits_for(name)
    with mpmath.workdps(digits + 10):
        for data in points_for(name):
            assert agree(value(closed(name).value, data), by_hand(name, data), digits)


@pytest.mark.parametrize("name", LOSSES)
def test_gradient_is_the_derivative_of_the_textbook_formula(name: str) -> None:
    """The symbolic gradient agrees with high-precision differences of the formula by hand."""
    gradient = closed(name).gradient(i).doit()
    digits = digits_for(name)
    with mpmath.workdps(digits + 10):
        for data in points_for(name):
            env = {y: data.y, n: data.n, bins: data.B}
            for member in range(1, data.n + 1):
                slope = mpmath.diff(lambda t: by_hand(name, moved(data, "z", member, t)), 0)  # noqa: B023
                assert agree(value(gradient, data, {**env, i: member}), slope, digits - 5)


@pytest.mark.parametrize("name", WITH_SOFTMAX)
def test_a_shift_of_the_logits_changes_nothing(name: str) -> None:
    """A loss of the softmax is invariant under z -> z + c."""
    digits = digits_for(name)
    with mpmath.workdps(digits + 10):
        for data in points_for(name):
            shifted = replace(data, z=tuple(a + Fraction(7, 3) for a in data.z))
            loss = closed(name).value
            assert agree(value(loss, data), value(loss, shifted), digits)


@pytest.mark.parametrize("name", WITH_SOFTMAX)
def test_the_gradient_of_a_softmax_loss_sums_to_zero(name: str) -> None:
    """The gradient by the logits is orthogonal to a common shift."""
    gradient = closed(name).gradient(i).doit()
    digits = digits_for(name)
    with mpmath.workdps(digits + 10):
        for data in points_for(name):
            env = {y: data.y, n: data.n, bins: data.B}
            total = sum(value(gradient, data, {**env, i: k + 1}) for k in range(data.n))
            assert agree(total, 0, digits)


def test_a_shift_changes_the_sigmoid_loss() -> None:
    """The laws above can fail: independent sigmoids are not invariant under a shift."""
    loss = LOSSES["sigmoid_bce"]
    data = POINTS[0]
    shifted = replace(data, z=tuple(a + Fraction(7, 3) for a in data.z))
    assert not agree(value(loss.value, data), value(loss.value, shifted), 3)


def test_a_wrong_gradient_is_told_apart() -> None:
    """The comparison above can fail: a gradient without the label's term is far off."""
    wrong = differentiate(log(class_sum(lambda j: exp(z[j]))), z[i])
    data = POINTS[0]
    slope = mpmath.diff(lambda t: by_hand("softmax_cross_entropy", moved(data, "z", data.y, t)), 0)
    assert not agree(value(wrong, data, {n: data.n, i: data.y}), slope, 3)


@pytest.mark.parametrize(
    ("one_hot", "soft"),
    [
        ("softmax_cross_entropy", "softmax_cross_entropy_soft"),
        ("multiclass_bce_one_hot", "multiclass_bce"),
        ("quadratic", "quadratic_soft"),
        ("keras_cross_entropy_one_hot", "keras_cross_entropy"),
    ],
)
def test_a_label_is_a_one_hot_target(one_hot: str, soft: str) -> None:
    """The loss with a label is the loss with targets at p_j = delta(j, y)."""
    for data in POINTS:
        targets = tuple(Fraction(int(k + 1 == data.y)) for k in range(data.n))
        there = replace(data, p=targets)
        assert agree(value(LOSSES[one_hot].value, data), value(LOSSES[soft].value, there), 12)


def test_two_classes_double_the_cross_entropy() -> None:
    """For n = 2 the one-hot multi-class BCE is twice the cross-entropy."""
    for data in (draw(2, seed) for seed in range(4)):
        double = 2 * value(LOSSES["softmax_cross_entropy"].value, data)
        assert agree(value(LOSSES["multiclass_bce_one_hot"].value, data), double, 12)


def test_kernel_values_of_a_label_give_the_cross_entropy() -> None:
    """With K_j = delta(j, y) the kernel loss is the cross-entropy."""
    for data in POINTS:
        match = replace(data, K=tuple(Fraction(int(k + 1 == data.y)) for k in range(data.n)))
        plain = value(LOSSES["softmax_cross_entropy"].value, data)
        assert agree(value(LOSSES["kde_cross_entropy"].value, match), plain, 12)


@pytest.mark.parametrize(("leading", "slope_is_zero"), [(1, False), (2, True)])
def test_keras_learns_only_inside_the_clip(leading: int, slope_is_zero: bool) -> None:
    """Inside the clip the Keras loss has the cross-entropy's gradient, outside none."""
    logits = tuple(
        Fraction(12 if k == leading else 0) / (1 if slope_is_zero else 8) for k in (1, 2)
    )
    data = replace(draw(2, 0), z=logits, y=1)
    keras, plain = (
        value(LOSSES[name].gradient(1).doit(), data)
        for name in ("keras_cross_entropy_one_hot", "softmax_cross_entropy")
    )
    assert keras == 0 if slope_is_zero else agree(keras, plain, 12)
    assert abs(plain) > 0.1


def test_clip_keeps_a_value_inside() -> None:
    """Clipping is min(max(value, low), high)."""
    v = scalar("v")
    clipped = clip(v, Rational(1, 4), Rational(3, 4))
    found = [clipped.subs(v, Rational(k, 8)) for k in range(9)]
    assert found == [min(max(Rational(k, 8), Rational(1, 4)), Rational(3, 4)) for k in range(9)]


@pytest.mark.parametrize(
    ("kernel", "reference"),
    [
        (kernels.gaussian, gaussian),
        (kernels.epanechnikov, epanechnikov),
        (kernels.wrapped_gaussian, wrapped),
    ],
    ids=lambda case: getattr(case, "name", ""),
)
@pytest.mark.parametrize(("make", "by_hand_too"), [(kde_integral, integral), (kde_binned, binned)])
def test_gradient_by_positions(
    make: Callable[..., Loss],
    by_hand_too: Callable[..., Any],
    kernel: Any,
    reference: Callable[[Any, Any], Any],
) -> None:
    """The gradient by a data point's position is the derivative of the loss, for each kernel."""
    gradient = make(kernel).gradient(i, wrt=x).doit()
    places = (Fraction(-1, 4), Fraction(1, 2), Fraction(1))
    data = replace(draw(3, 2), x=places, h=Fraction(1))  # edges of supports inside the interval
    with mpmath.workdps(20):
        total = sum(mpmath.exp(_number(a)) for a in data.z)
        s = [mpmath.exp(_number(a)) / total for a in data.z]
        for member in (1, 3):
            slope = mpmath.diff(
                lambda t: by_hand_too(moved(data, "x", member, t), s, reference),  # noqa: B023
                0,
            )
            env = {n: data.n, bins: data.B, i: member}
            assert agree(value(gradient, data, env), slope, 12)


def test_the_binned_loss_tends_to_the_integral_with_order_two() -> None:
    """Halving the bins of a smooth kernel divides the midpoint rule's error by about four."""
    data = draw(3, 1)
    exact = value(kde_integral(kernels.gaussian).value, data)
    loss = kde_binned(kernels.gaussian).value
    errors = [abs(value(loss, replace(data, B=b)) - exact) for b in (8, 16, 32)]
    assert all(3.9 < coarse / fine < 4.1 for coarse, fine in pairwise(errors))


def test_an_open_kernel_is_every_kernel() -> None:
    """Filling the open kernel in gives the loss that was made with it, before or after d/dz."""
    for open_loss, make in (
        (kde_integral_cross_entropy, kde_integral),
        (kde_binned_cross_entropy, kde_binned),
    ):
        for kernel in (kernels.gaussian, kernels.cauchy):
            direct = make(kernel)
            assert canonical_bound(instantiate(open_loss.value, kernel)) == direct.value
            filled = instantiate(open_loss.gradient(i).doit(), kernel)
            data = draw(2, 3)
            env = {n: data.n, bins: data.B, i: 1}
            assert agree(value(filled, data, env), value(direct.gradient(i).doit(), data, env), 12)


def test_the_interval_and_the_bandwidth_are_scalars_of_the_loss() -> None:
    """The kernel losses depend on a, b and h, never on the variable of integration."""
    free = kde_integral(kernels.gaussian).value.free_symbols
    assert {lower, upper, bandwidth} <= free
    assert position not in free
    assert epsilon in LOSSES["keras_cross_entropy"].value.free_symbols


@pytest.mark.parametrize("name", LOSSES)
def test_every_loss_is_found_under_both_names_and_cites_its_source(name: str) -> None:
    """Long and short names are unique, and each loss says what it is and where it is from."""
    loss = LOSSES[name]
    assert find_loss(name) is loss
    assert find_loss(loss.name) is loss
    assert loss.title
    assert loss.source
    assert len({other.name for other in LOSSES.values()}) == len(LOSSES)


def test_an_unknown_loss_names_the_closest() -> None:
    """A misspelt name is answered with the names it is close to."""
    with pytest.raises(DeclarationError) as caught:
        find_loss("quadratc")
    assert str(caught.value) == (
        "a loss is called by its name in the library; found 'quadratc'; "
        "take one of quadratic, quadratic_soft, or declare it with Loss(name, value)"
    )


def test_a_strange_name_is_answered_with_the_whole_library() -> None:
    """A name close to none is answered with every name."""
    with pytest.raises(DeclarationError) as caught:
        find_loss("12345")
    assert all(name in str(caught.value) for name in LOSSES)


def test_a_class_that_leaves_its_sum_is_refused() -> None:
    """SymPy pulls a Piecewise out of a sum inside an integral; such a loss is not accepted."""
    t = scalar("t")
    inside = Piecewise((1, Abs(t - x[SLOT]) <= 1), (0, True))
    density = class_sum(lambda j: exp(z[j]) * inside.xreplace({SLOT: j}))
    with pytest.raises(DeclarationError, match="a running class does not leave its sum; found _1 "):
        Loss("box", Integral(log(density), (t, 0, 1)))


def test_sums_nest() -> None:
    """A sum of sums has two running classes, and its derivative sees each of them."""
    data = draw(3, 1)
    double = class_sum(lambda a: class_sum(lambda b: exp(z[a] * x[b] * z[b])))
    places = range(data.n)
    explicit = sum(
        mpmath.exp(_number(data.z[a] * data.x[b] * data.z[b])) for a in places for b in places
    )
    assert agree(value(double, data), explicit, 12)
    assert agree(value(collapse(double), data), explicit, 12)
    gradient = differentiate(double, z[2])
    env = {n: data.n}

    def moved_sum(t: Any) -> Any:
        return value(double, moved(data, "z", 2, t), env)

    assert agree(value(gradient, data, env), mpmath.diff(moved_sum, 0), 10)
