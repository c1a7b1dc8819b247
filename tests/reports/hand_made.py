"""Claims with verdicts that no engine made: one for each outcome, and one about an instance."""

from __future__ import annotations

from sympy import Rational

from gradproof.checks.claim import Claim, rounds_to
from gradproof.checks.verdict import Counterexample, Evidence, Finding, Outcome, Verdict
from gradproof.numeric.point import Point
from gradproof.symbolic import (
    Eq,
    Ge,
    Gt,
    Implies,
    K,
    Le,
    Ne,
    S,
    class_sum,
    i,
    log,
    losses,
    n,
    outputs,
    p,
    y,
    z,
)
from gradproof.symbolic.printing import to_text

_CE = losses.softmax_cross_entropy
_KDE = losses.kde_cross_entropy
_PAPER = "A Paper on Losses, A. Author"
_THREAD = "a forum, the thread on |kernels|"


def _seen(
    method: str, finding: Finding, scope: str, detail: str, **certificate: object
) -> Evidence:
    return Evidence(method, finding, scope, detail, certificate or None, seconds=1.5)


_PROVED = (
    Claim(
        "ce-sum",
        [Eq(class_sum(lambda j: S(j)), 1), Eq(class_sum(lambda j: _CE.gradient(j)), 0)],
        title="The softmax sums to 1, the gradient_i of CE to 0.",
        source=f"{_PAPER}, section 2",
        note="The sum runs over all classes. The second part follows from the first.",
    ),
    Verdict(
        Outcome.PROVED,
        "all n",
        "normal form",
        (
            _seen(
                "normal form", Finding.PROVES, "all n", "One normal form.", **{"the only case": "1"}
            ),
            _seen(
                "normal form", Finding.PROVES, "all n", "One normal form.", **{"the only case": "0"}
            ),
            _seen("replay", Finding.CONFIRMS, "n = 2, 3, 4", "Agreed at 6 exact points."),
            _seen(
                "wrong twins", Finding.CONFIRMS, "4 twins", "4 of 4.", refuted=4, wrong=4, true=0
            ),
            _seen(
                "wrong twins", Finding.CONFIRMS, "3 twins", "3 of 3.", refuted=3, wrong=3, true=0
            ),
        ),
        seconds=3.25,
    ),
)

_SYMMETRY = Eq(
    -class_sum(lambda j: p[j] * log(outputs[j])), -class_sum(lambda j: outputs[j] * log(p[j]))
)

_REFUTED = (
    Claim(
        "ce-symmetric",
        _SYMMETRY,
        title="Cross-entropy is symmetric",
        given=[Eq(class_sum(lambda j: p[j]), 1), Eq(class_sum(lambda j: outputs[j]), 1)],
        source=f"{_PAPER}, section 1, which denies it",
        expected="REFUTED",
    ),
    Verdict(
        Outcome.REFUTED,
        "one exact point, n = 2",
        "counterexample search",
        (
            _seen("normal form", Finding.NOTHING, "all n", "The normal forms differ."),
            _seen(
                "counterexample search",
                Finding.REFUTES,
                "one exact point, n = 2",
                f"{to_text(_SYMMETRY)} is false.",
            ),
        ),
        Counterexample(
            Point({p: ("1/2", "1/2"), outputs: ("1/3", "2/3")}),
            to_text(_SYMMETRY),
            (("left side", "0.752038698388..."), ("right side", "0.693147180559...")),
        ),
        "The sides differ.",
    ),
)

_UNDEFINED = (
    Claim(
        "kde-none",
        [Eq(_KDE.term, _KDE.term), Eq(_KDE.gradient(i), S(i))],
        title="With no match the loss is defined",
        given=Eq(class_sum(lambda j: K[j]), 0),
        source=f"{_THREAD}, second post",
        expected="UNDEFINED",
    ),
    Verdict(
        Outcome.UNDEFINED,
        "one exact point, n = 1",
        "counterexample search",
        (_seen("counterexample search", Finding.UNDEFINED, "one exact point, n = 1", "No value."),),
        Counterexample(
            Point({K: (0,), z: (0,), i: 1}), "a logarithm needs Σ_j S_j K_j > 0, which fails", ()
        ),
        "The statement has no value.",
    ),
)

_SUPPORTED = (
    Claim(
        "ce-sign",
        Implies(Ne(i, y), Gt(_CE.gradient(i), 0)),
        title="Wrong logits go down",
        given=Ge(n, 2),
        source=f"{_PAPER}, section 3",
        expected="SUPPORTED",
    ),
    Verdict(
        Outcome.SUPPORTED,
        "40 points",
        "certified evaluation at points",
        (
            _seen("normal form", Finding.DID_NOT_RUN, "all n ≥ 2", "The goal is not an equation."),
            _seen("certified evaluation at points", Finding.SUPPORTS, "40 points", "It held."),
        ),
        reason="The goal is not an equation.",
    ),
)

_INSTANCE = (
    Claim(
        "ce-example",
        rounds_to(_CE.term, "0.464"),
        title="The loss of the example is 0.464",
        source=f"{_PAPER}, figure 2",
        at={z: (1, 2, Rational(1, 2)), y: 2},
    ),
    Verdict(
        Outcome.PROVED,
        "this instance",
        "certified evaluation",
        (
            _seen(
                "certified evaluation", Finding.PROVES, "this instance", "Certified balls decide."
            ),
        ),
    ),
)

_UNDECIDED = (
    Claim("kde-bound", Le(_KDE.gradient(i), 1), title="The gradient is at most 1"),
    Verdict(
        Outcome.UNDECIDED,
        "all n",
        "",
        (_seen("moments", Finding.NOTHING, "all n", "Open.", relations=["S1 >= 0", "S2 >= 0"]),),
        reason="No method decides it. Add the assumption Σ_j K_j > 0.",
    ),
)

RESULTS = (_PROVED, _REFUTED, _UNDEFINED, _SUPPORTED, _INSTANCE, _UNDECIDED)
"""Every claim with its verdict; of one source are the first, second, fourth and fifth."""
