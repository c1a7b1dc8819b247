"""What a notebook shows of losses, kernels, derivations, claims, verdicts, comparisons, audits."""

from __future__ import annotations

import json
import os
import runpy
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from IPython.core.formatters import DisplayFormatter
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin

from gradproof import Claim, Verdict, check_backward, inputs, kernels, losses, prove
from gradproof.checks.catalogue import catalogue
from gradproof.checks.twins.comparison import Comparison
from gradproof.checks.verdict import Outcome
from gradproof.symbolic import Eq, Le, Loss, Ne, Rational, S, delta, derive, exp, i, log, n, y, z

HERE = Path(__file__).parent
HAND_MADE = runpy.run_path(str(HERE / "reports" / "hand_made.py"))["RESULTS"]
AUDITS = runpy.run_path(str(HERE / "checks" / "audits" / "hand_made_audits.py"))

CE = losses.softmax_cross_entropy
AT_THE_EDGE = {n: 4, z: (0, 0, 0, 0), losses.epsilon: Rational(1, 4), y: 1}

READER = MarkdownIt("commonmark").enable("table").use(dollarmath_plugin, double_inline=True)


def wrongly_differentiated() -> Comparison:
    """Return what is found of a program whose gradient is 3 times too large."""

    def loss(z: Any, y: int) -> Any:
        return z[y]

    def gradient(upstream: Any, z: Any, y: int) -> Any:
        return [3 * upstream * (place == y) for place in range(len(z))]

    return check_backward(loss, [inputs.logits(), inputs.label()], gradient=gradient)


MADE = {
    "loss": lambda: losses.multiclass_bce_one_hot,
    "kernel": lambda: kernels.triangular,
    "derivation": lambda: derive(CE),
    "claim": lambda: Claim(
        "low",
        Le(CE.term, log(n)),
        title="The loss is below log n",
        given=(Ne(y, i), Le(0, z[i])),
        source="A paper.",
        note="It is false for many. So it is for you.",
        expected="REFUTED",
    ),
    "claim-at": lambda: Claim("edge", Eq(CE.term, 0), at=AT_THE_EDGE),
    "proved": lambda: prove(Eq(CE.gradient(i), S(i) - delta(i, y))),
    "refuted": lambda: prove(Eq(CE.gradient(i), S(i) + delta(i, y))),
    "undefined": lambda: prove(
        Eq(losses.keras_cross_entropy_one_hot.gradient(y), 0), at=AT_THE_EDGE
    ),
    "comparison": wrongly_differentiated,
    "audit-found": lambda: AUDITS["FOUND"],
    "audit-passed": lambda: AUDITS["PASSED"],
}
"""What is stored, each made by the program."""


def shown() -> Iterator[tuple[str, Any]]:
    """Yield much that shows itself, with a name."""
    yield from losses.LOSSES.items()
    yield from kernels.KERNELS.items()
    yield from ((claim.id, claim) for claim in catalogue())
    yield from ((f"verdict on {claim.id}", verdict) for claim, verdict in HAND_MADE)
    yield from (("what was found", AUDITS["FOUND"]), ("what passes", AUDITS["PASSED"]))


SHOWN = dict(shown())


@pytest.mark.parametrize("name", MADE)
def test_a_notebook_shows_what_was_stored(
    name: str, equals_stored: Callable[[str, str], None]
) -> None:
    """What a notebook shows of each kind of result is the stored text, byte for byte."""
    equals_stored(f"notebook-{name}.md", f"{MADE[name]()._repr_markdown_()}\n")


def formulas(markdown: str) -> list[str]:
    """Return the formulas that a notebook finds in Markdown.

    Fails if a dollar is left over that is no formula's.
    """
    blocks = READER.parse(markdown)
    found = []
    for part in [*blocks, *(child for block in blocks for child in block.children or [])]:
        if part.type.startswith("math"):
            found.append(part.content)
        elif part.type == "text":
            assert "$" not in part.content
    return found


@pytest.mark.parametrize("name", SHOWN)
def test_every_formula_is_one_for_a_notebook(name: str) -> None:
    """All that shows itself does so in Markdown whose formulas a notebook knows, none left over."""
    text = SHOWN[name]._repr_markdown_()
    found = formulas(text)
    assert "```math" not in text
    assert not any(formula.startswith("`") for formula in found)
    assert bool(found) == ("$" in text)


def test_a_formula_of_a_page_would_be_found() -> None:
    """The check above can fail: a page for GitHub has other formulas, and a price is none."""
    page = derive(CE).to_markdown()
    assert "```math" in page
    assert any(formula.startswith("`") for formula in formulas(page))
    with pytest.raises(AssertionError):
        formulas("That is 5$.")


def test_a_document_has_the_formula_of_a_loss_and_of_a_kernel() -> None:
    """Where a notebook becomes a document in LaTeX, losses and kernels are formulas."""
    loss, kernel = losses.multiclass_bce_one_hot, kernels.von_mises
    assert loss._repr_latex_() == (
        r"$\displaystyle \mathrm{ALT} = -\log S_{y} - \sum_{j \ne y} \log(1 - S_{j})$"
    )
    assert kernel._repr_latex_() == (
        r"$\displaystyle K(t) = \frac{e^{\kappa \cos(t)}}{2 \pi I_{0}(\kappa)}$"
    )


def test_a_loss_without_softmax_title_or_source_shows_less() -> None:
    """Nothing is said of what a loss does not have."""
    assert Loss("L_1", exp(z[y]))._repr_markdown_() == "**L_1**\n\n$$\nL_{1} = e^{z_{y}}\n$$"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("gaussian", "It has no kink."),
        ("von_mises", "a kernel of an angle $t$ in radians"),
        ("uniform", "It jumps at $t = -h$ and $t = h$, where it is the mean of both sides."),
        ("biweight", "It is once continuously differentiable, no more often at"),
        ("triweight", "It is twice continuously differentiable, no more often at"),
    ],
)
def test_a_kernel_says_how_smooth_it_is(name: str, said: str) -> None:
    """Smoothness and kinks are those of the kernel."""
    assert said in kernels.KERNELS[name]._repr_markdown_()


def test_a_refutation_without_a_point_claims_none() -> None:
    """What is refuted by the proof of its contrary has no point, and says why it fails."""
    verdict = Verdict(Outcome.REFUTED, "all n", "existence", (), reason="Its contrary holds.")
    text = verdict._repr_markdown_()
    assert text.startswith("**REFUTED**: The contrary of the claim is proved.\n\nScope: all n, by")
    assert "Its contrary holds." in text


def test_ipython_shows_the_markdown() -> None:
    """IPython's formatter finds the Markdown beside the plain text, without an error."""
    formatter = DisplayFormatter()
    for value in SHOWN.values():
        data, _ = formatter.format(value)
        assert data["text/markdown"] == value._repr_markdown_()
        assert data["text/plain"]


CELL = """
import json
from IPython.core.interactiveshell import InteractiveShell

shell = InteractiveShell.instance()
shell.run_cell("%%capture shown\\nfrom gradproof import losses\\nlosses.quadratic")
print(json.dumps([output.data for output in shell.user_ns["shown"].outputs]))
"""


def test_a_cell_shows_its_last_value(tmp_path: Path) -> None:
    """What a cell of a notebook ends in is published as Markdown, a loss as LaTeX as well."""
    found = subprocess.run(
        [sys.executable, "-c", CELL],
        env={**os.environ, "IPYTHONDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    (data,) = json.loads(found.stdout)
    assert data["text/markdown"] == losses.quadratic._repr_markdown_()
    assert data["text/latex"] == losses.quadratic._repr_latex_()


def test_a_notebook_is_not_needed() -> None:
    """What shows itself in a notebook imports no part of one."""
    program = (
        "import sys; from gradproof import losses, prove; losses.quadratic._repr_markdown_();"
        "print({'IPython', 'traitlets', 'jupyter_core', 'markdown_it'} & {*sys.modules})"
    )
    words = [sys.executable, "-c", program]
    found = subprocess.run(words, capture_output=True, text=True, check=True)
    assert (found.stdout, found.stderr) == ("set()\n", "")
