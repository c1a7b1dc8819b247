"""Laws of the legend of a page."""

from __future__ import annotations

import re

import pytest
from sympy import IndexedBase, Symbol

from gradproof.checks.catalogue import catalogue
from gradproof.checks.claim import Claim
from gradproof.reports.legend import legend
from gradproof.symbolic import Eq, K, S, class_sum, delta, family, i, losses, n, scalar, z
from gradproof.symbolic.printing import to_latex
from gradproof.symbolic.vocabulary import is_bound

_CLAIMS = catalogue()


def lines_about(claim: Claim, name: object) -> list[str]:
    """Return the lines of the legend that explain a variable."""
    return [line for line in legend(claim) if line.startswith(f"$`{to_latex(name)}`$: ")]


@pytest.mark.parametrize("claim", _CLAIMS, ids=[claim.id for claim in _CLAIMS])
def test_every_variable_is_explained_once(claim: Claim) -> None:
    """Each free variable of a claim of the catalogue has one line, and lines are sentences."""
    formulas = [*claim.statement, *claim.given]
    families = {base for formula in formulas for base in formula.atoms(IndexedBase)}
    free = {s for formula in formulas for s in formula.free_symbols if isinstance(s, Symbol)}
    variables = {s for s in free - {base.label for base in families} if not is_bound(s)} | families
    assert [len(lines_about(claim, variable)) for variable in variables] == [1] * len(variables)
    assert all(line.endswith(".") for line in legend(claim))


@pytest.mark.parametrize("claim", _CLAIMS, ids=[claim.id for claim in _CLAIMS])
def test_formulas_have_balanced_braces(claim: Claim) -> None:
    """A formula closes what it opens and holds no mark that would end it in Markdown."""
    shown = re.findall(r"\$`(.*?)`\$", " ".join(legend(claim)))
    for latex in [*shown, *map(to_latex, claim.given)]:
        plain = re.sub(r"\\[{}]", "", latex)
        assert plain.count("{") == plain.count("}")
        assert len(re.findall(r"\\left\b", latex)) == len(re.findall(r"\\right\b", latex))
        assert "`" not in latex
        assert "$" not in latex


def test_a_legend_defines_and_ranges() -> None:
    """Losses and softmax are defined, variables have their meaning and their domain."""
    weight, title = family("w", positive=True), losses.kde_cross_entropy.title
    claim = Claim(
        "one",
        Eq(losses.kde_cross_entropy.gradient(i) * weight[i], S(i) * delta(i, 1) * scalar("t")),
    )
    assert legend(claim) == [
        rf"$`\mathrm{{KDE}} = -\log \sum_{{j}} S_{{j}} K_{{j}}`$: {title}.",
        r"$`S_{i} = \frac{e^{z_{i}}}{\sum_{j} e^{z_{j}}}`$: the softmax of the logits.",
        "$`n`$: the number of classes, any positive integer.",
        "$`K`$: the kernel values, one nonnegative real number for each of the $`n`$ classes.",
        "$`w`$: one positive real number for each of the $`n`$ classes.",
        "$`z`$: the logits, one real number for each of the $`n`$ classes.",
        "$`i`$: a class, from 1 to $`n`$.",
        "$`t`$: a real number.",
        r"$`\delta`$: 1 where its two classes are the same, otherwise 0.",
        "A sum without limits runs over all classes.",
        "All logarithms are natural.",
    ]


def test_the_values_of_an_instance_are_not_ranged_over() -> None:
    """Where a point fixes a variable, the legend does not say what it ranges over."""
    claim = Claim("one", Eq(class_sum(lambda j: z[j]), 0), at={z: (1, -1)})
    assert lines_about(claim, n) == ["$`n`$: the number of classes."]
    assert lines_about(claim, z) == ["$`z`$: the logits."]


def test_a_name_alone_gives_no_meaning() -> None:
    """A family of another kind that shares a name with one of the library is not taken for it."""
    claim = Claim("one", Eq(class_sum(lambda j: family("K")[j]), 0))
    assert lines_about(claim, K) == ["$`K`$: one real number for each of the $`n`$ classes."]
