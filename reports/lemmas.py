"""The lemmas that a proof may rest on, each with its statement and its proof.

Guarantees: every lemma stands here as a theorem that a reader can check; a name that is not known
here is never passed off as one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .markdown import display, paragraphs


@dataclass(frozen=True, slots=True)
class Lemma:
    """A statement in LaTeX, the conditions on its letters, and why it holds, in Markdown."""

    statement: str
    given: str
    proof: str


LEMMAS = {
    "Cauchy-Schwarz": Lemma(
        r"\Bigl(\sum_j f_j g_j\Bigr)^2 \le \sum_j f_j^2 \, \sum_j g_j^2",
        "for real f and g, over any number of classes",
        r"The right side minus the left is $`\frac{1}{2} \sum_j \sum_k (f_j g_k - f_k g_j)^2`$.",
    ),
    "product of sums": Lemma(
        r"\sum_j f_j g_j \le \sum_j f_j \, \sum_j g_j",
        "for f, g ≥ 0, over any number of classes",
        r"The right side has the terms of the left and, for $`j \ne k`$, the terms "
        r"$`f_j g_k \ge 0`$ besides.",
    ),
    "Popoviciu": Lemma(
        r"\sum_j f_j \, \sum_j f_j g_j^2 - \Bigl(\sum_j f_j g_j\Bigr)^2"
        r" \le \frac{1}{2} \Bigl(\sum_j f_j\Bigr)^2 \sum_j g_j^2",
        "for f ≥ 0 and real g, over any number of classes",
        "The left side is $`(\\sum_j f_j)^2`$ times the variance of g under the weights f, which "
        "is at most a quarter of the squared distance of two values of g (Popoviciu).\n"
        r"That square, $`(g_j - g_k)^2`$, is at most $`2 g_j^2 + 2 g_k^2 \le 2 \sum_j g_j^2`$.",
    ),
    "Jensen": Lemma(
        r"\frac{\sum_j a_j \log t_j}{\sum_j a_j}"
        r" \le \log \frac{\sum_j a_j t_j}{\sum_j a_j}",
        "for weights a ≥ 0 whose sum is positive and t > 0, strictly if two t with positive "
        "weights differ",
        r"With the mean $`m = \sum_j a_j t_j / \sum_j a_j`$, the tangent of the logarithm at m "
        r"gives $`\log t_j \le \log m + (t_j - m) / m`$; its weighted mean is the claim.",
    ),
    "Weierstrass": Lemma(
        r"\sum_j \log(1 + t_j) \ge \log\Bigl(1 + \sum_j t_j\Bigr)",
        "for t that are all nonnegative, or all in (−1, 0] with a sum above −1",
        r"For two of them, $`(1 + s)(1 + t) = 1 + s + t + s t`$ with $`s t \ge 0`$; the others "
        r"follow one by one.",
    ),
    "tangent of the logarithm": Lemma(
        r"\log t \le t - 1",
        "for t > 0",
        r"The derivative of $`t - 1 - \log t`$ is $`1 - 1/t`$, so that its least value is 0, at 1.",
    ),
    "tangent of log-sum-exp": Lemma(
        r"\log \sum_j f_j \ge \log \sum_j g_j + \sum_j w_j (\log f_j - \log g_j),"
        r" \quad w_j = g_j \Big/ \sum_k g_k",
        "for f, g > 0, over any number of classes",
        r"The weights w sum to 1, so that by Jensen's inequality $`\sum_j w_j \log(f_j / g_j)`$ is "
        r"at most $`\log \sum_j w_j f_j / g_j = \log(\sum_j f_j / \sum_k g_k)`$.",
    ),
    "no term is larger than the sum": Lemma(
        r"\log \sum_j g_j \ge \sum_j w_j \log g_j, \quad w_j = g_j \Big/ \sum_k g_k",
        "for g > 0, over any number of classes",
        r"Each $`\log g_j`$ is at most $`\log \sum_k g_k`$, and the weights w sum to 1.",
    ),
    "logarithm increases": Lemma(
        r"\log t \ge 0 \quad (t \ge 1)",
        "and > 0 for t > 1",
        r"The derivative $`1/t`$ is positive and $`\log 1 = 0`$.",
    ),
    "tangent of the exponential": Lemma(
        r"e^t \ge 1 + t",
        "for real t",
        r"The derivative of $`e^t - 1 - t`$ is $`e^t - 1`$, so that its least value is 0, at 0.",
    ),
    "exponential increases": Lemma(
        r"e^t \ge 1 \quad (t \ge 0)",
        "and > 1 for t > 0, at most 1 for t ≤ 0",
        r"The derivative $`e^t`$ is positive and $`e^0 = 1`$.",
    ),
}
"""What is proved once, by its name in certificates."""

_TITLES = {
    "Jensen": "Jensen's inequality",
    "Popoviciu": "Popoviciu's inequality, for sums",
    "Weierstrass": "Weierstrass's product inequality",
}

ALIASES = {"square of a sum": "product of sums"}
"""Other names of the same lemmas."""

FACTS = {
    "assumption": "assumed, in the claim or for this step",
    "for every class": "assumed for every class",
    "definition": "by definition of the unknowns",
    "positive terms": "a sum of positive terms",
    "value of a constant": "the constant lies within a certified ball",
    "": "follows from the declared signs",
}
"""Reasons that need no proof."""


def lemma_of(name: str) -> str:
    """Return the name under which a lemma stands here, empty if it does not."""
    known = ALIASES.get(name, name)
    return known if known in LEMMAS else ""


def letters_of(lemma: str, of: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the letters of a lemma on sums, each with the unknown whose terms it stands for."""
    if lemma == "Cauchy-Schwarz":
        return [("f²", of["first"]), ("g²", of["second"])]
    if lemma == "Popoviciu":
        return [("f", of["weight"]), ("g²", of["squares"])]
    return list(zip("fg", of["factors"], strict=True))


def lemmas_text(names: set[str]) -> str:
    """Return the lemmas of these names, each with its proof."""
    found = []
    for name in (name for name in LEMMAS if name in names):
        one = LEMMAS[name]
        found.append(
            paragraphs(
                f"**{_TITLES.get(name, name[:1].upper() + name[1:])}**, {one.given}:",
                display(one.statement),
                one.proof,
            )
        )
    return paragraphs(*found)
