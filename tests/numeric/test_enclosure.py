from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import flint
import mpmath
import pytest
from flint import arb
from sympy import (
    Function,
    IndexedBase,
    Piecewise,
    Rational,
    Sum,
    acos,
    atan,
    besseli,
    cos,
    cosh,
    erf,
    exp,
    log,
    pi,
    sin,
    sinh,
    sqrt,
    tan,
    tanh,
)

from gradproof.numeric import (
    Enclosure,
    KinkError,
    Point,
    enclose,
    evaluate,
    evaluate_vector,
    reference,
    working_precision,
)
from gradproof.symbolic import (
    DeclarationError,
    K,
    Loss,
    PrecisionError,
    S,
    UndefinedValueError,
    UnsupportedError,
    class_sum,
    delta,
    i,
    index,
    j,
    n,
    p,
    scalar,
    softmax,
    y,
    z,
)

t = scalar("t")
CE = Loss("CE", -log(S(y)))
ALT = Loss("ALT", -log(S(y)) - class_sum(lambda q: log(1 - S(q)), but=[y]))
KDE = Loss("KDE", -log(class_sum(lambda q: S(q) * K[q])))
LOSSES = [CE, ALT, KDE]


@pytest.mark.parametrize(
    ("member", "text"), [(1, "0.23122..."), (2, "0.62853..."), (3, "0.14024...")]
)
def test_softmax_of_the_documents_example(member: int, text: str) -> None:
    """softmax(1, 2, 0.5) has the published digits."""
    assert enclose(S(member), Point({z: (1, 2, "0.5")})).text(5) == text


def test_the_alternatives_gradient_at_the_wrong_sign() -> None:
    """At z = (0, 3, 0), y = 1 the third component is -0.364..., though class 3 is wrong."""
    point = Point({z: (0, 3, 0), y: 1, i: 3})
    found = enclose(ALT.gradient(i), point, digits=30)
    assert found.text(3) == "-0.364..."
    assert found.sign() == -1
    assert found.digits >= 30


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: loss.name)
def test_losses_and_gradients_agree_with_mpmath(loss: Loss, agree: Callable[..., bool]) -> None:
    """Value and every component of gradient and Hessian agree to 25 digits."""
    k = index("k")
    point = Point({z: ("3/10", "-1/2", "7/3"), K: (0, 1, "1/7"), y: 2})
    assert agree(evaluate(loss.value, point, 160), reference(loss.value, point), 25)
    for a in range(1, 4):
        place = point.replace({i: a})
        gradient = loss.gradient(i)
        assert agree(evaluate(gradient, place, 160), reference(gradient, place), 25)
        for b in range(1, 4):
            both = place.replace({k: b})
            hessian = loss.hessian(i, k)
            assert agree(evaluate(hessian, both, 160), reference(hessian, both), 25)


FUNCTIONS = [
    exp(t),
    log(t),
    sqrt(t),
    t ** Rational(-5, 3),
    t**t,
    t ** Rational(3, 2),
    cos(t),
    sin(t),
    tan(t),
    tanh(t),
    cosh(t),
    sinh(t),
    erf(t),
    atan(t),
    acos(t),
    besseli(0, t),
    besseli(3, t),
    pi * t + exp(1),
    abs(t - 1),
    1 / (1 + t**2) ** 3,
]


@pytest.mark.parametrize("expr", FUNCTIONS, ids=str)
def test_every_function_agrees_with_mpmath(expr: Any, agree: Callable[..., bool]) -> None:
    """Each function of the vocabulary is the one mpmath means by it."""
    point = Point({t: "3/7"})
    assert agree(evaluate(expr, point, 160), reference(expr, point), 30)


def test_agreement_with_mpmath_can_fail(agree: Callable[..., bool]) -> None:
    """A gradient with one sign wrong does not agree."""
    point = Point({z: (0, 3, 0), y: 1, i: 3})
    wrong = evaluate(S(i) + delta(i, y), point.replace({i: 1}))
    assert not agree(wrong, reference(CE.gradient(i), point.replace({i: 1})))


def test_sums_nest_and_may_name_their_index_freely() -> None:
    """A double sum has its value whatever its bound indices are called, outer ones included."""
    point = Point({z: (1, 2, 4), i: 2})
    free = IndexedBase("z", shape=(n,), real=True)
    assert free == z
    double = Sum(Sum(z[i] * z[j], (j, 1, n)), (i, 1, n))
    assert enclose(double, point).exact == 49
    assert enclose(z[i] * Sum(z[i], (i, 1, n)), point).exact == 14


def test_rational_formulas_are_exact() -> None:
    """Without transcendental functions the value is an exact fraction."""
    found = enclose(class_sum(lambda q: p[q] / 3), Point({p: ("1/3", "1/7")}))
    assert found.exact == Fraction(10, 63)
    assert found.is_exact
    assert found.rad == 0
    assert str(found) == "10/63"
    assert found.digits == math.inf


def test_exact_zero_is_told_from_a_small_number() -> None:
    """The sign is 0 only for an exact zero; exp(-1000) is positive."""
    assert enclose(class_sum(lambda q: p[q]) - 1, Point({p: ("1/3", "2/3")})).sign() == 0
    assert enclose(exp(-1000), Point({})).sign() == 1


def test_a_selected_class_hides_the_others() -> None:
    """A factor 1 - delta that is 0 leaves its class out, even where the rest is undefined."""
    point = Point({z: (0,), y: 1})
    assert enclose(class_sum(lambda q: log(1 - S(q)), but=[y]), point).exact == 0
    with pytest.raises(UndefinedValueError):
        enclose(class_sum(lambda q: log(1 - S(q))), point)


UNDEFINED = [
    (log(K[1]), "logarithm of 0: K[1] at n = 2, K = (0, 1)"),
    (log(K[1] - K[2]), "logarithm of a negative number: K[1] - K[2]"),
    (1 / K[1], "division by 0: K[1]"),
    (K[1] * log(K[1]), "logarithm of 0: K[1]"),
    (class_sum(lambda q: 1 / K[q]), "division by 0: K[1] at"),
    (sqrt(K[1] - K[2]), "fractional power of a negative number: K[1] - K[2]"),
    (acos(K[2] + 1), "arc cosine outside [-1, 1]: K[2] + 1"),
    (Piecewise((1, K[1] > K[2])), "no branch applies"),
]


@pytest.mark.parametrize(("expr", "part"), UNDEFINED, ids=[str(e) for e, _ in UNDEFINED])
def test_what_is_undefined_is_named(expr: Any, part: str) -> None:
    """The error names the subexpression, with its class filled in, and the point."""
    point = Point({K: (0, 1)})
    with pytest.raises(UndefinedValueError) as error:
        enclose(expr, point)
    assert part in str(error.value)
    assert "K = (0, 1)" in str(error.value)
    assert not evaluate(expr, point).is_finite()


def test_a_value_that_is_defined_is_not_called_undefined() -> None:
    """The wrong twins of the cases above: the same formulas with every argument in its domain."""
    point = Point({K: ("1/2", "1/4")})
    for expr, _ in UNDEFINED[:-2]:
        assert enclose(expr, point).digits >= 30


def test_log_of_a_ball_that_touches_zero_is_not_undefined() -> None:
    """A ball around a positive number that touches 0 at low precision is no certain log 0."""
    point = Point({t: 10**4})
    touching = log(cos(t) ** 2 + sin(t) ** 2 + exp(-t) - 1)
    assert not evaluate(touching, point, 64).is_finite()
    assert enclose(touching, point, 10).text(8) == "[-10000 ± 3e-743]"


def test_a_hidden_zero_ends_in_a_precision_error() -> None:
    """The zero log 6 - log 2 - log 3 is never shown to be 0, and never called 0."""
    with pytest.raises(PrecisionError, match="may be exactly 0"):
        enclose(log(6) - log(2) - log(3), Point({}), digits=5, max_bits=512)


def test_an_undecided_branch_is_a_kink() -> None:
    """If no precision decides the branch, the condition that ties is named."""
    hidden = log(6) - log(2) - log(3)
    with pytest.raises(KinkError, match=r"tie of .*log\(6\).* = 0"):
        enclose(Piecewise((1, hidden < 0), (2, True)), Point({}), max_bits=256)


def test_a_symbol_without_a_value_is_named() -> None:
    """The point must speak of every symbol of the formula, and the error says which is missing."""
    with pytest.raises(DeclarationError, match="no value for i, y in n = 2"):
        evaluate(CE.gradient(i), Point({z: (0, 1)}))
    with pytest.raises(DeclarationError, match="no value for z"):
        evaluate(z[1], Point({n: 2}))


def test_a_member_out_of_range_is_named() -> None:
    """z[4] has no meaning for three classes."""
    with pytest.raises(DeclarationError, match=r"members of z are numbered 1\.\.3"):
        evaluate(z[4], Point({z: (0, 3, 0)}))


def test_an_unknown_function_is_refused() -> None:
    """A function that nobody encloses is an error, not a guess."""
    with pytest.raises(UnsupportedError, match="_arb_"):
        evaluate(Function("f")(t), Point({t: 1}))


class Doubled(Function):
    """A function that encloses itself."""

    def _arb_(self, args: list[arb]) -> arb:
        return 2 * args[0]


def test_a_function_may_enclose_itself() -> None:
    """The hook _arb_ gets balls of the arguments and its ball is used."""
    assert evaluate(1 + Doubled(t), Point({t: 3})) == 7


def test_a_vector_is_what_its_components_are() -> None:
    """evaluate_vector gives, for each class, the ball that evaluate gives."""
    point = Point({z: (0, 3, 0, 1), y: 2})
    balls = evaluate_vector(ALT.gradient(i), i, point)
    assert len(balls) == 4
    for place, ball in enumerate(balls, start=1):
        assert ball.overlaps(evaluate(ALT.gradient(i), point.replace({i: place})))


def test_a_vector_of_ten_thousand_classes_sums_to_zero() -> None:
    """The gradient of CE for n = 10**4 is made in one go; its sum encloses 0 narrowly."""
    point = Point({z: [Fraction(k % 17, 4) for k in range(10**4)], y: 5})
    balls = evaluate_vector(CE.gradient(i), i, point)
    with working_precision(128):
        total = sum(balls, arb(0))
    assert len(balls) == 10**4
    assert total.contains(0)
    assert total.rad() < 1e-25


def test_work_outside_a_sum_is_done_once() -> None:
    """A gradient for all classes asks for each exponential a fixed number of times."""
    calls = 0

    class Counted(Function):
        def _arb_(self, args: list[arb]) -> arb:
            nonlocal calls
            calls += 1
            return args[0].exp()

    size = 50
    share = Counted(z[i]) / class_sum(lambda q: Counted(z[q]))
    evaluate_vector(
        share * class_sum(lambda q: share * p[q]), i, Point({z: [1] * size, p: [1] * size})
    )
    assert calls <= 3 * size


def test_the_logits_of_a_softmax_may_be_any_expression() -> None:
    """A temperature divides the logits."""
    temperature = scalar("T", positive=True)
    point = Point({z: (0, 1), temperature: "1/2"})
    warm = softmax(2, lambda q: z[q] / temperature)
    assert enclose(warm, point) == enclose(softmax(2), Point({z: (0, 2)}))


def _fail_inside() -> None:
    """Raise an error while the precision is changed."""
    with working_precision(777):
        raise ZeroDivisionError


def test_precision_is_restored_after_any_exit() -> None:
    """The precision of the context is what it was, also after an error inside."""
    before = flint.ctx.prec, flint.ctx.cap
    with working_precision(777):
        assert flint.ctx.prec == 777
    with pytest.raises(ZeroDivisionError):
        _fail_inside()
    with pytest.raises(UndefinedValueError):
        enclose(1 / K[1], Point({K: (0, 1)}))
    with pytest.raises(UnsupportedError):
        evaluate(Function("f")(t), Point({t: 1}))
    assert (flint.ctx.prec, flint.ctx.cap) == before


def test_more_digits_are_a_narrower_ball_inside() -> None:
    """Asking for more digits narrows the enclosure around the same value."""
    point = Point({z: (0, 3, 0), y: 1})
    coarse, fine = (enclose(CE.value, point, digits=d) for d in (20, 200))
    assert fine.rad < coarse.rad
    assert coarse.lower <= fine.lower <= fine.upper <= coarse.upper
    assert coarse.contains(fine.mid)
    assert not fine.contains(fine.mid + Fraction(1, 10**100))
    assert fine.digits >= 200


def test_an_enclosure_is_finite() -> None:
    """A ball without bounds is no enclosure."""
    with pytest.raises(DeclarationError, match="bounded ball"):
        Enclosure(arb("nan"))


def test_enclosures_are_equal_as_balls() -> None:
    """Equality is of balls, not of the numbers in them; a wide ball has no sign and no digits."""
    wide = Enclosure(arb(0, 1))
    assert wide == Enclosure(arb(0, 1))
    assert hash(wide) == hash(Enclosure(arb(0, 1)))
    assert wide != Enclosure(arb(0, 2))
    assert wide != 0
    assert wide.sign() is None
    assert wide.digits == 0
    assert str(wide) == "[0 ± 2e0]" or str(wide) == "[0 ± 1e0]"


def test_numbers_far_beyond_floats_are_printed() -> None:
    """Neither overflow nor a limit on digits stops a number from being printed."""
    assert str(enclose(exp(-(10**4)), Point({}))).startswith("1.13548386531473...e-4343")
    assert "e+434294481" in str(enclose(exp(10**9), Point({})))


def test_certified_digits_are_those_of_mpmath() -> None:
    """The digits printed are the leading digits of the value computed by mpmath."""
    point = Point({z: (0, 3, 0), y: 1, i: 3})
    text = enclose(ALT.gradient(i), point, digits=40).text(40)
    with mpmath.workdps(60):
        again = mpmath.nstr(reference(ALT.gradient(i), point, 50), 45)
    assert again.startswith(text.removesuffix("..."))
