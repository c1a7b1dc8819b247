"""Derivations, line by line."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import mpmath
import pytest
from hypothesis import given, settings, strategies as st
from sympy import (
    Abs,
    Add,
    Expr,
    Function,
    Integral,
    KroneckerDelta,
    Max,
    Mul,
    Piecewise,
    Pow,
    Sum,
    Symbol,
    true,
)
from sympy.tensor.indexed import Indexed

from gradproof.symbolic import (
    EngineConflict,
    K,
    Loss,
    S,
    UnsupportedError,
    class_sum,
    delta,
    engine,
    exp,
    family,
    i,
    log,
    losses,
    n,
    p,
    scalar,
    sigmoid,
    softmax,
    x,
    y,
    z,
)
from gradproof.symbolic.calculus import LossTerm
from gradproof.symbolic.derivation import Derivation, Step, check, closed_form, derive
from gradproof.symbolic.normal_form import equal
from gradproof.symbolic.operators import D, Sigmoid
from gradproof.symbolic.relations import Eq
from gradproof.symbolic.rules import FIRST, Rule
from gradproof.symbolic.vocabulary import SLOT, Softmax

T = scalar("T", positive=True)
gamma = scalar("gamma", positive=True)
epsilon = scalar("epsilon", positive=True)
CE, KDE = losses.softmax_cross_entropy, losses.kde_cross_entropy


def warm(member: Expr) -> Expr:
    """Return the softmax of the logits over a temperature."""
    return softmax(member, lambda a: z[a] / T)


def mean(term: Callable[[Symbol], Expr]) -> Expr:
    """Return the softmax-weighted mean of `term`."""
    return class_sum(lambda a: S(a) * term(a))


normalised = Eq(class_sum(lambda a: p[a]), 1)
OWN = {
    "focal": Loss("FL", -((1 - S(y)) ** gamma) * log(S(y))),
    "temperature": Loss("CE_T", -log(warm(y))),
    "warm focal": Loss("FL_T", -((1 - warm(y)) ** 2) * log(warm(y))),
    "entropy": Loss("H", -mean(lambda a: log(S(a)))),
    "hinge": Loss("SVM", class_sum(lambda a: Max(0, 1 + z[a] - z[y]), but=[y])),
    "absolute": Loss("L1", class_sum(lambda a: Abs(S(a) - p[a]))),
    "floor": Loss("CE_f", -log(Max(S(y), epsilon))),
    "normalised": Loss("CE_1", -class_sum(lambda a: p[a] * log(S(a))), given=(normalised,)),
    "one-hot sum": Loss("CE_h", -class_sum(lambda a: delta(a, y) * log(S(a)))),
    "variable power": Loss("POW", class_sum(lambda a: S(a) ** z[a])),
    "softmax of softmax": Loss("SS", -log(softmax(y, S))),
}
"""Losses of a user's own, none of which the engine knows."""

LIBRARY = {name: loss for name, loss in losses.LOSSES.items() if not loss.value.has(Integral)}
EVERY = LIBRARY | OWN

FORMULAS = {
    "softmax_cross_entropy": S(i) - delta(i, y),
    "softmax_cross_entropy_soft": S(i) * class_sum(lambda a: p[a]) - p[i],
    "multiclass_bce": S(i) * class_sum(lambda a: p[a])
    - p[i]
    + (1 - p[i]) * S(i) / (1 - S(i))
    - S(i) * class_sum(lambda a: (1 - p[a]) * S(a) / (1 - S(a))),
    "sigmoid_bce": sigmoid(z[i]) - p[i],
    "kde_cross_entropy": S(i) - S(i) * K[i] / class_sum(lambda a: S(a) * K[a]),
    "quadratic": S(i) * (S(i) - delta(i, y) - mean(lambda a: S(a) - delta(a, y))),
    "keras_cross_entropy_one_hot": Piecewise(
        (0, (S(y) < losses.epsilon) | (1 - S(y) < losses.epsilon)), (S(i) - delta(i, y), True)
    ),
    "focal": (S(i) - delta(i, y))
    * ((1 - S(y)) ** gamma - gamma * S(y) * (1 - S(y)) ** (gamma - 1) * log(S(y))),
    "temperature": (warm(i) - delta(i, y)) / T,
    "entropy": S(i) * (mean(lambda a: log(S(a))) - log(S(i))),
    "normalised": S(i) - p[i],
    "one-hot sum": S(i) - delta(i, y),
}
"""Final right sides as they stand in the sources and textbooks."""

CE_PAGE = """\
CE: softmax cross-entropy with a label

Source: Cross Entropy Loss Derivative, Roei Bahumi, section 'Cross-Entropy Loss Function'

Here sums without limits run over the classes 1 to n; S_i = exp(z_i) / Σ_j exp(z_j); δ_ij is 1 if
i = j, and 0 otherwise.

Derivation

  CE = −log S_y                         definition of the loss
     = −log(exp(z_y) / Σ_j exp(z_j))    definition of softmax
     = −z_y + log Σ_j exp(z_j)          logarithm of a quotient

  ∂CE/∂z_i = ∂/∂z_i (−z_y + log Σ_j exp(z_j))                         differentiate
           = ∂/∂z_i log Σ_j exp(z_j) − ∂z_y/∂z_i                      linearity
           = (1 / Σ_j exp(z_j)) ∂/∂z_i Σ_j exp(z_j) − ∂z_y/∂z_i       chain rule for log
           = (1 / Σ_j exp(z_j)) Σ_j ∂/∂z_i exp(z_j) − ∂z_y/∂z_i       sum rule
           = (1 / Σ_j exp(z_j)) Σ_j exp(z_j) ∂z_j/∂z_i − ∂z_y/∂z_i    chain rule for exp
           = (Σ_j exp(z_j) δ_ij) / Σ_j exp(z_j) − ∂z_y/∂z_i           derivative of a variable
           = exp(z_i) / Σ_j exp(z_j) − ∂z_y/∂z_i                      Kronecker delta selects i
           = S_i − ∂z_y/∂z_i                                          write as softmax
           = S_i − δ_iy                                               derivative of a variable

Result

  ∂CE/∂z_i = S_i − δ_iy
"""

KDE_PAGE = """\
Lemma: the derivative of softmax

  ∂S_j/∂z_i = ∂/∂z_i (exp(z_j) / Σ_k exp(z_k))                             definition of softmax
            = (1 / Σ_k exp(z_k)) ∂/∂z_i exp(z_j) − [exp(z_j) / (Σ_k exp(z_k))²] ∂/∂z_i Σ_k exp(z_k)
                                                                                       quotient rule
            = (1 / Σ_k exp(z_k)) ∂/∂z_i exp(z_j) − [exp(z_j) / (Σ_k exp(z_k))²] Σ_k ∂/∂z_i exp(z_k)
                                                                                            sum rule
            = (1 / Σ_k exp(z_k)) ∂/∂z_i exp(z_j) − (S_j / Σ_k exp(z_k)) Σ_k ∂/∂z_i exp(z_k)
                                                                                    write as softmax
            = (exp(z_j) / Σ_k exp(z_k)) ∂z_j/∂z_i − (S_j / Σ_k exp(z_k)) Σ_k exp(z_k) ∂z_k/∂z_i
                                                                                  chain rule for exp
            = S_j ∂z_j/∂z_i − (S_j / Σ_k exp(z_k)) Σ_k exp(z_k) ∂z_k/∂z_i  write as softmax
            = S_j ∂z_j/∂z_i − (S_j Σ_k exp(z_k) δ_ik) / Σ_k exp(z_k)       derivative of a variable
            = S_j ∂z_j/∂z_i − S_j exp(z_i) / Σ_k exp(z_k)                  Kronecker delta selects i
            = S_j ∂z_j/∂z_i − S_i S_j                                      write as softmax
            = S_j δ_ij − S_i S_j                                           derivative of a variable
            = S_j (δ_ij − S_i)                                             collect terms

Derivation

  KDE = −log Σ_j S_j K_j    definition of the loss

  ∂KDE/∂z_i = ∂/∂z_i (−log Σ_j S_j K_j)                     differentiate
            = −∂/∂z_i log Σ_j S_j K_j                       constant factor
            = −(1 / Σ_j S_j K_j) ∂/∂z_i Σ_j S_j K_j         chain rule for log
            = −(1 / Σ_j S_j K_j) Σ_j ∂/∂z_i (S_j K_j)       sum rule
            = −(1 / Σ_j S_j K_j) Σ_j K_j ∂S_j/∂z_i          constant factor
            = −[Σ_j S_j K_j (δ_ij − S_i)] / Σ_j S_j K_j     softmax lemma
            = −(S_i K_i − S_i Σ_j S_j K_j) / Σ_j S_j K_j    Kronecker delta selects i
            = S_i − S_i K_i / Σ_j S_j K_j                   collect terms

Result

  ∂KDE/∂z_i = S_i − S_i K_i / Σ_j S_j K_j
"""


class Numbers:
    """Evaluates formulas with explicit classes: the operator by differences, no rule at all."""

    def __init__(self, size: int, seed: int) -> None:
        self.size = size
        self._seed = seed
        self.values: dict[Any, mpmath.mpf] = {}

    def letter(self, key: Any) -> mpmath.mpf:
        """Return a rational number in (0, 1) for a scalar or member, the same each time."""
        if key not in self.values:
            number = sum(ord(c) * 7**place for place, c in enumerate(str(key)))
            fraction = mpmath.mpf((number * 7919 + self._seed * 104729) % 997 + 1) / 1000
            # the clipped losses are tried on both sides of their edges
            self.values[key] = fraction / 3 if key == "epsilon" else fraction
        return self.values[key]

    def of(self, f: Expr, at: dict[Expr, int]) -> mpmath.mpf:
        """Return the value of `f`, the indices standing for the classes in `at`."""
        if f.is_Number:
            return mpmath.mpf(f.p) / f.q
        if f == n:
            return mpmath.mpf(self.size)
        if isinstance(f, Symbol):
            return self.letter(f.name)
        if isinstance(f, Indexed):
            return self.letter((str(f.base), *(self._class(a, at) for a in f.indices)))
        if isinstance(f, Sum):
            *inner, (running, _, _) = f.limits
            body = Sum(f.function, *inner) if inner else f.function
            return mpmath.fsum(self.of(body, at | {running: c}) for c in range(1, self.size + 1))
        if isinstance(f, KroneckerDelta):
            return mpmath.mpf(self._class(f.args[0], at) == self._class(f.args[1], at))
        if isinstance(f, Softmax):
            weights = [
                mpmath.exp(self.of(f.logit, at | {SLOT: c})) for c in range(1, self.size + 1)
            ]
            return weights[self._class(f.args[0], at) - 1] / mpmath.fsum(weights)
        if isinstance(f, LossTerm):
            return self.of(f.value if not f.variables else D(f.value, *f.variables), at)
        if isinstance(f, D):
            return self._difference(f, at)
        if isinstance(f, Piecewise):
            return next(self.of(a, at) for a, when in f.args if self._holds(when, at))
        arguments = [self.of(a, at) for a in f.args]
        return self._apply(f, arguments)

    def _apply(self, f: Expr, arguments: list[mpmath.mpf]) -> mpmath.mpf:
        if isinstance(f, Add):
            return mpmath.fsum(arguments)
        if isinstance(f, Mul):
            return mpmath.fprod(arguments)
        if isinstance(f, exp):
            return mpmath.exp(arguments[0])
        if isinstance(f, Pow):
            return arguments[0] ** arguments[1]
        if isinstance(f, Sigmoid):
            return 1 / (1 + mpmath.exp(-arguments[0]))
        if isinstance(f, Max):
            return max(arguments)
        return {"log": mpmath.log, "Abs": abs, "sign": mpmath.sign}[type(f).__name__](arguments[0])

    def _holds(self, condition: Any, at: dict[Expr, int]) -> bool:
        if condition is true:
            return True
        if condition.is_Relational:
            gap = self.of(condition.lhs - condition.rhs, at)
            return bool(gap > 0 if ">" in condition.rel_op else gap < 0)
        parts = [self._holds(part, at) for part in condition.args]
        return any(parts) if condition.func.__name__ == "Or" else all(parts)

    def _class(self, index: Expr, at: dict[Expr, int]) -> int:
        return int(index) if index.is_Integer else at.get(index, 1)

    def _difference(self, f: D, at: dict[Expr, int]) -> mpmath.mpf:
        v = f.variable
        key: Any = v.name if isinstance(v, Symbol) else (
            str(v.base), *(self._class(a, at) for a in v.indices)
        )  # fmt: skip
        here, step = self.letter(key), mpmath.mpf(10) ** -15
        ends = []
        for place in (here + step, here - step):
            self.values[key] = place
            ends.append(self.of(f.operand, at))
        self.values[key] = here
        return (ends[0] - ends[1]) / (2 * step)


def assert_holds_in_numbers(derivation: Derivation, seed: int) -> None:
    """Compare the two sides of each line for 2, 3 and 4 classes and i and y alike or not."""
    with mpmath.workdps(45):
        for size in (2, 3, 4):
            numbers = Numbers(size, seed)
            if normalised in derivation.loss.given:
                for c in range(1, size + 1):
                    numbers.values["p", c] = mpmath.mpf(c) / (size * (size + 1) // 2)
            member, label = {2: (1, 1), 3: (1, 2), 4: (2, 1)}[size]
            at = {i: member, y: label, Symbol("j", integer=True, positive=True): size}
            known: dict[Expr, mpmath.mpf] = {}
            for step in derivation.all_steps():
                for side in {step.left, step.right} - set(known):
                    known[side] = numbers.of(side, at)
                gap = abs(known[step.left] - known[step.right])
                assert gap <= 1e-18 * (1 + abs(known[step.left])), (size, at, step)


@pytest.fixture(scope="module")
def derived() -> Callable[[str], Derivation]:
    """Return the derivation of a loss by name; each is made once."""
    made: dict[str, Derivation] = {}

    def of(name: str) -> Derivation:
        if name not in made:
            made[name] = derive(EVERY[name])
        return made[name]

    return of


@pytest.mark.parametrize("name", EVERY)
def test_every_line_is_proved_and_follows_the_line_before(
    derived: Callable[[str], Derivation], name: str
) -> None:
    """A derivation is a chain of proved equalities from the loss to its gradient."""
    derivation = derived(name)
    starts = 0
    previous: Expr | None = None
    for step in derivation.steps:
        starts += step.left != previous
        previous = step.right
    assert starts == 2
    assert derivation.steps[0].left == EVERY[name].term
    assert not derivation.result.has(D, LossTerm, Sigmoid)


@pytest.mark.parametrize("name", [name for name in EVERY if name != "kde_binned_cross_entropy"])
def test_every_line_holds_in_numbers(derived: Callable[[str], Derivation], name: str) -> None:
    """Each line holds with explicit classes, the operator being a difference quotient."""
    assert_holds_in_numbers(derived(name), seed=1)


@settings(max_examples=10)
@given(seed=st.integers(min_value=2, max_value=10**6))
def test_the_cross_entropy_page_holds_at_every_point(seed: int) -> None:
    """The lines are identities: they hold wherever they are tried."""
    assert_holds_in_numbers(derive(CE, checked=False), seed)


@pytest.mark.parametrize("name", FORMULAS)
def test_results_are_written_as_in_the_sources(
    derived: Callable[[str], Derivation], name: str
) -> None:
    """The last right side is the formula of the source, not merely one equal to it."""
    result, expected = derived(name).result, FORMULAS[name]
    assert result == expected or (
        result.count_ops() <= expected.count_ops() + 1 and equal(result, expected)
    )


def test_the_derivation_of_cross_entropy_contains_the_lines_of_its_source() -> None:
    """The document's lines, section 'Cross-Entropy derivative', stand there in its order."""
    total = class_sum(lambda a: exp(z[a]))
    label = D(z[y], z[i])
    written = [
        -log(S(y)),
        -log(exp(z[y]) / total),
        -z[y] + log(total),
        D(-z[y] + log(total), z[i]),
        D(log(total), z[i]) - label,
        class_sum(lambda a: D(exp(z[a]), z[i])) / total - label,
        exp(z[i]) / total - label,
        S(i) - label,
        S(i) - delta(i, y),
    ]
    lines = [step.right for step in derive(CE, checked=False).steps]
    places = [lines.index(line) for line in written]
    assert places == sorted(places)


def test_the_page_of_cross_entropy() -> None:
    """The page of the softmax cross-entropy as a reader sees it."""
    assert derive(CE, checked=False).to_text() == CE_PAGE


def test_the_page_of_the_kernel_density_loss() -> None:
    """The page of the kernel density loss, with the lemma that it uses."""
    page = derive(KDE, checked=False).to_text()
    assert page[page.index("Lemma") :] == KDE_PAGE


@pytest.mark.parametrize("name", EVERY)
def test_pages_hold_every_line_and_fit(derived: Callable[[str], Derivation], name: str) -> None:
    """Each form of the page has one row for each line, and text stays within the width."""
    derivation = derived(name)
    rules = [step.rule for step in derivation.all_steps()]
    text, markdown, latex = (
        derivation.to_text(),
        derivation.to_markdown(),
        derivation.to_latex(),
    )
    rows = len(rules) + 1  # and the result
    assert len(re.findall(r"^ .* = ", text, flags=re.MULTILINE)) >= rows
    for page in (markdown, latex):
        assert page.count("&= ") == rows
        assert [rule in page for rule in rules] == [True] * len(rules)
        assert "operatorname" not in page
    assert markdown.count("```") == 2 * markdown.count("```math")
    assert latex.count(r"\begin{align*}") == latex.count(r"\end{align*}")
    if not derivation.loss.value.has(Function("K")) and "binned" not in name:
        assert max(map(len, text.splitlines())) <= 100


def test_a_lemma_is_shown_only_where_it_is_used() -> None:
    """Cross-entropy is derived without the lemma on the softmax, the quadratic loss with it."""
    assert derive(CE, checked=False).lemmas == ()
    (lemma,) = derive(losses.quadratic, checked=False).lemmas
    assert lemma[0].left == D(S(lemma[0].left.operand.args[0]), z[i])
    assert "Lemma: the derivative of softmax" in derive(losses.quadratic, checked=False).to_text()


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("keras_cross_entropy_one_hot", "S_y = ε or 1 − S_y = ε"),
        ("hinge", "z_j − z_y = −1"),
        ("absolute", "S_j − p_j = 0"),
        ("floor", "S_y = ε"),
    ],
)
def test_kinks_are_named(derived: Callable[[str], Derivation], name: str, place: str) -> None:
    """The line that differentiates each branch says where it does not hold."""
    (step,) = (step for step in derived(name).steps if step.note)
    assert step.rule.endswith("away from kinks")
    assert step.note == f"does not hold where {place}: there the loss may have a kink."
    assert place in re.sub(r"\s+", " ", derived(name).to_text())


def test_other_variables_and_members() -> None:
    """A loss is derived by any family, scalar or fixed class."""
    assert derive(KDE, K).result == -S(i) / class_sum(lambda a: S(a) * K[a])
    by_temperature = derive(OWN["temperature"], T).result
    assert by_temperature == (z[y] - class_sum(lambda a: warm(a) * z[a])) / T**2
    assert derive(CE, member=1).result == S(1) - delta(1, y)
    assert derive(Loss("E", mean(lambda a: x[a])), x).result == S(i)
    assert derive(CE.of_outputs()).result == -delta(i, y) / family("q", positive=True)[y]


def test_what_no_rule_knows_is_left_to_sympy() -> None:
    """A part that no rule treats is differentiated in one step of its own, and checked."""
    t = scalar("t")
    derivation = derive(Loss("AREA", Integral(exp(-(t**2)), (t, 0, z[y]))))
    assert [step.rule for step in derivation.steps].count("differentiate") == 2
    assert derivation.result == exp(-(z[y] ** 2)) * delta(i, y)


def test_closed_form_is_the_last_right_side() -> None:
    """`closed_form` gives the gradient in terms of the softmax."""
    assert closed_form(KDE) == FORMULAS["kde_cross_entropy"]
    assert closed_form(losses.sigmoid_bce) == FORMULAS["sigmoid_bce"]


def _wrong(name: str, change: Callable[[D, Expr], Expr]) -> tuple[Rule, ...]:
    """Return the rules with the result of one of them changed."""

    def apply(rule: Rule) -> Callable[[D], Expr | None]:
        def changed(d: D) -> Expr | None:
            right = rule.apply(d)
            return None if right is None else change(d, right)

        return changed

    return tuple(Rule(r.name, apply(r)) if r.name == name else r for r in FIRST)


@pytest.mark.parametrize(
    ("name", "change", "loss"),
    [
        ("chain rule for log", lambda _, right: -right, CE),
        ("chain rule for log", lambda d, right: right * d.operand.args[0], CE),
        ("linearity", lambda _, right: right.args[0], CE),
        ("linearity", lambda _, right: right + 1, CE),
        ("constant factor", lambda _, right: -right, KDE),
        ("sum rule", lambda d, _: d.operand.xreplace({}) * 0, KDE),
        ("quotient rule", lambda _, right: right.args[0] - right.args[1], KDE),
        ("power rule", lambda _, right: right / 2, losses.quadratic),
        ("product rule", lambda _, right: right.args[0], OWN["focal"]),
        ("derivative of the sigmoid", lambda d, right: right / (1 - d.operand), losses.sigmoid_bce),
        ("branch by branch", lambda _, right: -right, OWN["floor"]),
        (
            "power with a variable exponent",
            lambda d, right: right / d.operand,
            OWN["variable power"],
        ),
    ],
)
def test_a_wrong_rule_is_caught(
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    change: Callable[[D, Expr], Expr],
    loss: Loss,
) -> None:
    """A rule with a wrong sign or a lost factor makes a line that the check refuses by name."""
    monkeypatch.setattr(engine, "FIRST", _wrong(name, change))
    with pytest.raises(EngineConflict, match="is an equality") as caught:
        derive(loss)
    assert repr(name)[1:-1] in caught.value.found
    assert " = " in caught.value.found


def test_a_wrong_line_is_caught_wherever_it_stands() -> None:
    """`check` refuses a derivation in which any one right side is off by a sign or a term."""
    good = derive(KDE, checked=False)
    for place, step in enumerate(good.steps):
        for wrong in (-step.right, step.right + S(i), step.right * 2):
            steps = list(good.steps)
            steps[place] = Step(step.left, wrong, step.rule)
            with pytest.raises(EngineConflict):
                check(Derivation(good.loss, good.variable, good.lemmas, tuple(steps), good.result))


def test_a_derivation_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule that undoes itself ends in an error that says what was derived."""
    monkeypatch.setattr(engine, "FIRST", (Rule("add 1", lambda d: D(d.operand + 1, d.variable)),))
    with pytest.raises(UnsupportedError, match="at most 200 lines"):
        derive(CE, checked=False)
