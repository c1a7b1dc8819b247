"""Formulas in print."""
# ruff: noqa: RUF001

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest
from hypothesis import given, strategies as st
from sympy import (
    Abs,
    And,
    Equivalent,
    Expr,
    Implies,
    Integral,
    Max,
    Not,
    Or,
    Piecewise,
    Rational,
    besseli,
    oo,
    sqrt,
    symbols,
)

from gradproof.symbolic import (
    K,
    Loss,
    S,
    class_sum,
    delta,
    exp,
    family,
    i,
    j,
    k,
    log,
    n,
    p,
    scalar,
    sigmoid,
    softmax,
    x,
    y,
    z,
)
from gradproof.symbolic.kernel_functions import KernelShape, WrappedGaussian
from gradproof.symbolic.losses import LOSSES
from gradproof.symbolic.operators import D, Sigmoid
from gradproof.symbolic.printing import to_latex, to_text
from gradproof.symbolic.relations import Eq, Ge, Gt, Le, Lt, Ne

T = scalar("T", positive=True)
gamma = scalar("gamma", positive=True)
kappa = scalar("kappa", positive=True)
CE = Loss("CE", -log(S(y)))
total = class_sum(lambda a: exp(z[a]))
warm = softmax(i, lambda a: z[a] / T)

FORMULAS = [
    (S(i) - delta(i, y), "S_i − δ_iy", r"S_{i} - \delta_{iy}"),
    (1 - S(y), "1 − S_y", "1 - S_{y}"),
    (-log(S(y)), "−log S_y", r"-\log S_{y}"),
    (log(1 - S(j)), "log(1 − S_j)", r"\log(1 - S_{j})"),
    (log(S(i) * K[i]), "log(S_i K_i)", r"\log(S_{i} K_{i})"),
    (log(S(y)) ** 2, "(log S_y)²", r"(\log S_{y})^{2}"),
    (log(S(y)) / T, "(1/T) log S_y", r"\frac{1}{T} \log S_{y}"),
    (log(total), "log Σ_j exp(z_j)", r"\log \sum_{j} e^{z_{j}}"),
    (
        -log(softmax(y).definition()),
        "−log(exp(z_y) / Σ_j exp(z_j))",
        r"-\log \frac{e^{z_{y}}}{\sum_{j} e^{z_{j}}}",
    ),
    (-z[y] + log(total), "−z_y + log Σ_j exp(z_j)", r"-z_{y} + \log \sum_{j} e^{z_{j}}"),
    (
        S(i) - S(i) * K[i] / class_sum(lambda a: S(a) * K[a]),
        "S_i − S_i K_i / Σ_j S_j K_j",
        r"S_{i} - \frac{S_{i} K_{i}}{\sum_{j} S_{j} K_{j}}",
    ),
    (
        class_sum(lambda a: (S(a) - delta(a, y)) ** 2) / 2,
        "(1/2) Σ_j (S_j − δ_jy)²",
        r"\frac{1}{2} \sum_{j} (S_{j} - \delta_{jy})^{2}",
    ),
    (
        -class_sum(lambda a: p[a] * log(S(a)) + (1 - p[a]) * log(1 - S(a))),
        "−Σ_j [p_j log S_j + (1 − p_j) log(1 − S_j)]",
        r"-\sum_{j} [p_{j} \log S_{j} + (1 - p_{j}) \log(1 - S_{j})]",
    ),
    (
        -((1 - S(y)) ** gamma) * log(S(y)),
        "−(1 − S_y)^γ log S_y",
        r"-(1 - S_{y})^{\gamma} \log S_{y}",
    ),
    (
        class_sum(lambda a: S(a) / (1 - S(a)), but=[y]),
        "Σ_(j≠y) S_j / (1 − S_j)",
        r"\sum_{j \ne y} \frac{S_{j}}{1 - S_{j}}",
    ),
    (
        class_sum(lambda a: S(a), but=[y, i]),
        "Σ_(j∉{i, y}) S_j",
        r"\sum_{j \notin \{i, y\}} S_{j}",
    ),
    (
        class_sum(lambda a: z[a]) * class_sum(lambda a: x[a]),
        "(Σ_j x_j) Σ_j z_j",
        r"\left(\sum_{j} x_{j}\right) \sum_{j} z_{j}",
    ),
    (
        class_sum(lambda a: z[a] * class_sum(lambda b: S(b) * x[a])),
        "Σ_j z_j Σ_k S_k x_j",
        r"\sum_{j} z_{j} \sum_{k} S_{k} x_{j}",
    ),
    (
        class_sum(lambda a: z[a], size=scalar("B", integer=True)),
        "Σ_(j=1..B) z_j",
        r"\sum_{j=1}^{B} z_{j}",
    ),
    (warm, "softmax(z/T)_i", r"\mathrm{softmax}(z/T)_{i}"),
    (
        (warm - delta(i, y)) / T,
        "(softmax(z/T)_i − δ_iy) / T",
        r"\frac{\mathrm{softmax}(z/T)_{i} - \delta_{iy}}{T}",
    ),
    (Rational(3, 10**40), "3/1" + 40 * "0", r"\frac{3}{10^{40}}"),
    (Rational(1, 10**5), "1/100000", r"\frac{1}{100000}"),
    (z[i] / 10**9, "z_i / 1000000000", r"\frac{z_{i}}{10^{9}}"),
    (Sigmoid(z[i]) - p[i], "σ(z_i) − p_i", r"\sigma(z_{i}) - p_{i}"),
    (sigmoid(z[i]), "1 / (1 + exp(−z_i))", r"\frac{1}{1 + e^{-z_{i}}}"),
    (delta(i, 1) * delta(y, 12), "δ_i1 δ_y,12", r"\delta_{i1} \delta_{y,12}"),
    (exp(-(z[i] ** 2) / 2), "exp(−z_i²/2)", "e^{-z_{i}^{2}/2}"),
    (sqrt(1 - 1 / n) / n, "√(1 − 1/n) / n", r"\frac{\sqrt{1 - \frac{1}{n}}}{n}"),
    (-Rational(1, 2), "−1/2", r"-\frac{1}{2}"),
    (3 * 2 ** z[i], "3·2^(z_i)", r"3 \cdot 2^{z_{i}}"),
    (Abs(x[i]), "|x_i|", r"\left\lvert x_{i} \right\rvert"),
    (Max(x[i], 0), "max(0, x_i)", r"\max(0, x_{i})"),
    (besseli(0, kappa), "I_0(κ)", r"I_{0}(\kappa)"),
    (KernelShape(0, x[i]), "K(x_i)", r"{K}\left(x_{i}\right)"),
    (WrappedGaussian(1, x[i], T), "Θ'_T(x_i)", None),
    (-oo, "−∞", r"-\infty"),
    (CE.term, "CE", r"\mathrm{CE}"),
    (CE.term**2, "CE²", r"\mathrm{CE}^{2}"),
    (CE.gradient() ** 2, "(∂CE/∂z_i)²", None),
    (Loss("CE_p", -log(S(y))).term, "CE_p", r"\mathrm{CE}_{p}"),
    (Loss("my_loss", -log(S(y))).term, "my_loss", r"\mathrm{my\_loss}"),
    (
        Loss("KDE[almost one-hot]", -log(S(y))).gradient(),
        "∂KDE[almost one-hot]/∂z_i",
        r"\frac{\partial \text{KDE[almost one-hot]}}{\partial z_{i}}",
    ),
    (CE.gradient(), "∂CE/∂z_i", r"\frac{\partial \mathrm{CE}}{\partial z_{i}}"),
    (
        CE.hessian(),
        "∂²CE/∂z_i∂z_k",
        r"\frac{\partial^{2} \mathrm{CE}}{\partial z_{i} \, \partial z_{k}}",
    ),
    (CE.hessian(i, i), "∂²CE/∂z_i²", r"\frac{\partial^{2} \mathrm{CE}}{\partial z_{i}^{2}}"),
    (D(z[y], z[i]), "∂z_y/∂z_i", r"\frac{\partial z_{y}}{\partial z_{i}}"),
    (D(T, T), "∂T/∂T", r"\frac{\partial T}{\partial T}"),
    (D(1 / T, T), "∂/∂T (1/T)", r"\frac{\partial}{\partial T} \frac{1}{T}"),
    (
        D(S(j) * K[j], z[i]),
        "∂/∂z_i (S_j K_j)",
        r"\frac{\partial}{\partial z_{i}} (S_{j} K_{j})",
    ),
    (
        D(total, z[i]) / total,
        "(1 / Σ_j exp(z_j)) ∂/∂z_i Σ_j exp(z_j)",
        r"\frac{1}{\sum_{j} e^{z_{j}}} \frac{\partial}{\partial z_{i}} \sum_{j} e^{z_{j}}",
    ),
    (
        Integral(log(T), (T, 0, gamma)) / gamma,
        "(1/γ) ∫_0^γ log T dT",
        r"\frac{1}{\gamma} \int_{0}^{\gamma} \log T \, dT",
    ),
    (
        Piecewise((gamma, S(y) < gamma), (S(y), True)),
        "{γ if S_y < γ; S_y otherwise}",
        r"\begin{cases}\gamma & \text{if } S_{y} < \gamma \\ S_{y} & \text{otherwise}\end{cases}",
    ),
]

STATEMENTS = [
    (
        Eq(CE.gradient(), S(i) - delta(i, y)),
        "∂CE/∂z_i = S_i − δ_iy",
        r"\frac{\partial \mathrm{CE}}{\partial z_{i}} = S_{i} - \delta_{iy}",
    ),
    (Ne(i, y), "i ≠ y", r"i \ne y"),
    (And(Lt(0, z[i]), Lt(z[i], 1)), "0 < z_i < 1", "0 < z_{i} < 1"),
    (And(Ge(z[i], 0), Le(z[i], 1)), "0 ≤ z_i ≤ 1", r"0 \le z_{i} \le 1"),
    (
        And(Gt(z[i], 0), Gt(z[j], 0), evaluate=False),
        "z_i > 0 and z_j > 0",
        r"z_{i} > 0\ \text{and}\ z_{j} > 0",
    ),
    (
        Or(Gt(z[i], 0), And(Lt(z[j], 0), Lt(x[j], 0))),
        "z_i > 0 or (x_j < 0 and z_j < 0)",
        r"z_{i} > 0\ \text{or}\ (x_{j} < 0\ \text{and}\ z_{j} < 0)",
    ),
    (Not(Or(Gt(z[i], 0), Ne(i, y)), evaluate=False), "not (z_i > 0 or i ≠ y)", None),
    (
        Implies(Ne(i, y), Ge(CE.gradient(), 0)),
        "i ≠ y ⟹ ∂CE/∂z_i ≥ 0",
        r"i \ne y \implies \frac{\partial \mathrm{CE}}{\partial z_{i}} \ge 0",
    ),
    (Equivalent(Gt(z[i], 0), Gt(x[i], 0)), "x_i > 0 ⟺ z_i > 0", r"x_{i} > 0 \iff z_{i} > 0"),
]

ALLOWED = {
    "begin", "end", "sum", "frac", "log", "max", "min", "sqrt", "partial", "int", "delta", "mathrm",
    "text", "left", "right", "ne", "le", "ge", "notin", "implies", "iff", "lnot", "cdot", "infty",
    "gamma", "kappa", "epsilon", "sigma", "lvert", "rvert", "prime",
}  # fmt: skip
"""Commands that GitHub's Markdown renders."""


@pytest.mark.parametrize(("formula", "text", "latex"), FORMULAS + STATEMENTS, ids=str)
def test_formulas_print_as_in_a_textbook(formula: Expr, text: str, latex: str | None) -> None:
    """Each formula has one plain text and one LaTeX form, ordered as textbooks order terms."""
    assert to_text(formula) == text
    assert latex is None or to_latex(formula) == latex


def test_a_bound_index_takes_a_letter_that_names_nothing_else() -> None:
    """Letters of sums avoid the free names of the whole formula and those handed in."""
    inner = class_sum(lambda a: z[a])
    assert to_text(inner * z[j]) == "z_j Σ_k z_k"
    assert to_text(inner * z[j] * z[k] * family("l")[i]) == "l_i z_j z_k Σ_m z_m"
    assert to_text(inner, avoid={"j"}) == "Σ_k z_k"
    everything = "jklmrstuv"
    assert to_text(inner, avoid=everything) == "Σ_j1 z_j1"


def test_sums_beside_each_other_share_a_letter_and_nested_sums_do_not() -> None:
    """The letter depends on how deep a sum lies, the outermost having the first."""
    nested = class_sum(lambda a: x[a] * class_sum(lambda b: z[b] * x[a]))
    assert to_text(nested + class_sum(lambda a: p[a])) == "Σ_j p_j + Σ_j x_j Σ_k x_j z_k"


def test_a_logit_bound_in_a_sum_does_not_shift_the_letters() -> None:
    """A variable of integration keeps its own name and takes no letter from the sums inside."""
    t = scalar("t")
    formula = Integral(class_sum(lambda a: z[a] * t), (t, 0, 1))
    assert to_text(formula) == "∫_0^1 Σ_j t z_j dt"


@pytest.mark.parametrize("name", sorted(LOSSES))
def test_every_loss_of_the_library_prints_without_stand_ins(name: str) -> None:
    """No bound index, slot or private name shows, brackets balance, commands are GitHub's."""
    gradient = LOSSES[name].gradient().doit()
    for formula in (LOSSES[name].value, gradient):
        text, latex = to_text(formula), to_latex(formula)
        assert not re.search(r"_\(?_|_\d\b|Dummy|Softmax|Kronecker|\[_", text)
        assert "_{_" not in latex
        assert set(re.findall(r"\\([A-Za-z]+)", latex)) <= ALLOWED
        for opening, closing in ("()", "[]", "{}"):
            assert text.count(opening) == text.count(closing)
        assert latex.count("{") == latex.count("}")
        assert latex.count(r"\left") == latex.count(r"\right")


SCRIPT = """
from gradproof.symbolic import S, K, class_sum, delta, exp, log, index, scalar, family
{creation}
from gradproof.symbolic.printing import to_latex, to_text
from sympy import And, Or
f = (a + c + b * S(i)) * w[i] / class_sum(lambda q: (S(q) + delta(q, m)) * w[q]) + log(a + b) * c
g = Or(And(a > 0, b > c), c > 1)
print(to_text(f), to_latex(f), to_text(g), sep="\\n")
"""
CREATIONS = (
    'a, b, c = (scalar(q) for q in "abc"); i, m = index("i"), index("m"); w = family("w")',
    'w = family("w"); m, i = index("m"), index("i"); c, a, b = (scalar(q) for q in "cab")',
)


def test_print_does_not_depend_on_hashes_or_on_the_order_of_creation() -> None:
    """The same formula prints alike in processes with other hash seeds and creation orders."""
    printed = {
        subprocess.run(
            [sys.executable, "-c", SCRIPT.format(creation=creation)],
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONUTF8": "1"},
            capture_output=True,
            check=True,
            text=True,
            encoding="utf-8",
        ).stdout
        for creation, seed in zip(CREATIONS, ("1", "4242"), strict=True)
    }
    assert len(printed) == 1
    assert "Σ_j" in printed.pop()


LETTERS = symbols("a b c d", real=True)


@given(st.permutations(LETTERS), st.permutations(LETTERS))
def test_terms_and_factors_print_in_one_order(first: list[Expr], second: list[Expr]) -> None:
    """However a sum of products is put together, it prints in the same way."""

    def formula(order: list[Expr]) -> Expr:
        result = 0
        for letter in order:
            result = result + letter * (1 - letter) / (2 + letter)
        return result

    assert to_text(formula(first)) == to_text(formula(second))
    assert to_latex(formula(first)) == to_latex(formula(second))
