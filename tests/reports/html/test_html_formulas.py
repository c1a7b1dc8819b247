"""Laws of formulas: MathML says what the LaTeX says, broken or whole."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, strategies as st

from gradproof.reports.html import to_mathml
from gradproof.reports.html.flow import block, inline
from gradproof.reports.html.mathml import element
from gradproof.reports.html.widths import width

TEXTS = {
    r"\mathrm{CE}_{p}": "CEp",
    r"\frac{\partial \mathrm{CE}}{\partial z_{i}}": "∂CE∂zi",
    r"\sum_{j \ne y} \log(1 - S_{j})": "∑j≠ylog(1−Sj)",
    r"\mathrm{a\ b\_c}": "a b_c",
    r"\operatorname{sign}(x)": "sign(x)",
    r"\left[\lvert a \rvert\right]^{2}": "[|a|]2",
    r"\lim_{t \to \infty} f": "limt→∞f",
    r"a \vert b": "a|b",
    r"a \implies b \iff c": "a⟹b⟺c",
    r"\begin{cases} a & \text{if } x \le 1 \\ b & \text{else}\end{cases}": "{aif x≤1belse",
    r"\text{a < b}": "a < b",
    r"\bm{x} \notin \{0.5\}": "\N{MATHEMATICAL BOLD ITALIC SMALL X}∉{0.5}",
    r"\int_{a}^{b} K(t)\, dt \cdot \sqrt{2\pi}": "∫abK(t)dt⋅2π",
    r"\Bigl(\sum_j x_j\Bigr)^2": "(∑jxj)2",
}


def shown(text: str) -> str:
    """Return what a reader sees of HTML, without spaces that only set off."""
    plain = html.unescape(re.sub(r"<[^>]*>", "", text))
    return (
        plain.replace("\N{FUNCTION APPLICATION}", "")
        .replace("\N{INVISIBLE SEPARATOR}", "")
        .replace("\N{NO-BREAK SPACE}", " ")
        .strip()
    )


@pytest.mark.parametrize(("latex", "text"), TEXTS.items(), ids=list(TEXTS))
def test_mathml_says_what_the_latex_says(latex: str, text: str) -> None:
    """Every sign of a formula is in its MathML, in its order, and no command is left over."""
    assert shown(to_mathml(latex)) == text
    assert shown(to_mathml(latex, display=True)) == text


def test_structure_is_kept() -> None:
    """A fraction, a script and the limits of a sum are elements of their own."""
    found = element(r"\frac{a}{b} + x_{i} + \sum_{j} y", display=True)
    assert found is not None
    assert [part.tag for part in found if part.tag != "mo"] == ["mfrac", "msub", "munder", "mi"]
    assert found.get("displaystyle") == "true"


def test_names_are_one_word() -> None:
    """The letters of a name are one identifier, so that it is set upright and read as a word."""
    assert "<mi>CE</mi>" in to_mathml(r"\mathrm{CE}")


@pytest.mark.parametrize("latex", [r"\nonsense{x} < 1", r"\frac{a", "<script>"])
def test_latex_that_cannot_be_read_is_shown(latex: str) -> None:
    """What is no formula is shown as it is written, and is harmless."""
    text = latex if latex != "<script>" else r"\x<script>"
    for found in (to_mathml(text), inline(text), block(text)):
        assert "<math" not in found
        assert html.escape(text, quote=False) in found


terms = st.sampled_from(
    [
        r"S_{i}",
        r"\frac{a}{b}",
        r"e^{z_{j}}",
        r"\log S_{y}",
        r"\left(p_{j} + 1\right)",
        "(u - v + 2)",
    ]
)
operators = st.sampled_from([" + ", " - ", " = ", r" \le ", r" \implies ", ", ", " "])
long_formulas = st.lists(st.tuples(operators, terms), min_size=1, max_size=12).map(
    lambda pairs: "x" + "".join(operator + term for operator, term in pairs)
)


@given(long_formulas)
def test_a_broken_formula_is_the_formula(latex: str) -> None:
    """The parts of a formula, one after the other, say what the whole says, in a line or apart."""
    assert shown(inline(latex)) == shown(to_mathml(latex))
    assert shown(block(latex)) == shown(to_mathml(latex, display=True))


@given(long_formulas)
def test_parts_are_short_or_cannot_be_broken(latex: str) -> None:
    """A part that is wide stands in a box that scrolls; no part begins with a comma."""
    for part in re.findall(r"<math.*?</math>", inline(latex)):
        found = ET.fromstring(part)
        boxed = f'<span class="wide">{part}' in inline(latex)
        assert boxed == (width(found) > 13)
        assert not shown(part).startswith(",")


@given(long_formulas)
def test_a_part_never_begins_with_what_passes_for_a_sign(latex: str) -> None:
    """A minus between two terms keeps the room of a minus between two terms after a break."""
    parts = re.findall(r"<math.*?</math>", inline(latex))
    for part in parts[1:]:
        first = next(iter(ET.fromstring(part)))
        if first.tag == "mo" and first.text in "+−=≤⟹":
            assert first.get("form") == "infix"


def test_short_formulas_are_whole() -> None:
    """What fits on any line is not broken."""
    assert inline(r"n \ge 2").count("<math") == 1
    assert inline(r"S_{i} = a - b").count("<math") == 1


def test_brackets_are_opened_last() -> None:
    """A formula is broken outside of brackets first, and within them only if it must be."""
    latex = r"A = b + c + d + e + f + g(x + y) + h + k"
    parts = [shown(part) for part in re.findall(r"<math.*?</math>", inline(latex))]
    assert "+g(x+y)" in parts
    wide = r"A = (aaaa + bbbb + cccc + dddd + eeee + ffff)"
    assert len(re.findall("<math", inline(wide))) > 2


def test_signs_are_no_breaks() -> None:
    """The minus of a negative number stays with its number."""
    latex = r"aaaaaaaaaa = -bbbbbbbbbb"
    assert [shown(p) for p in re.findall(r"<math.*?</math>", inline(latex))] == [
        "aaaaaaaaaa",
        "=−bbbbbbbbbb",
    ]


def test_aligned_lines_are_a_grid() -> None:
    """Each line is a left side, a right side and its reason in words."""
    found = block(
        "\\begin{aligned}\na &= b && \\text{by definition} \\\\\n&= c && \\text{sum rule}\n"
        "\\end{aligned}"
    )
    assert found.count('<div class="left">') == found.count('<div class="right">') == 2
    assert re.findall(r'<div class="reason">(.*?)</div>', found) == ["by definition", "sum rule"]
    assert [shown(cell) for cell in re.findall(r'<div class="right">(.*?)</div>', found)] == [
        "=b",
        "=c",
    ]


def test_a_line_that_only_continues_is_joined() -> None:
    """Where LaTeX broke a sum for its page, the sum is one again and breaks where it must."""
    found = block("\\begin{aligned}\nP &= a + b\\\\\n&\\quad + c + d\n\\end{aligned}")
    assert found.count('<div class="left">') == 1
    assert shown(re.findall(r'<div class="right">(.*?)</div>', found)[0]) == "=a+b+c+d"


def test_a_mark_stays_with_its_formula() -> None:
    """A full stop after a formula is in one element with its last part, where no line ends."""
    assert inline("x", ".") == '<span class="whole"><math><mi>x</mi></math>.</span>'


@given(st.text("abcxyz", min_size=1, max_size=30), st.text("abcxyz", max_size=10))
def test_widths_grow_with_what_is_written(one: str, other: str) -> None:
    """A fraction is as wide as its wider side, a row as wide as its parts, a script smaller."""

    def wide(latex: str) -> float:
        found = element(latex)
        assert found is not None
        return width(found)

    both = wide(f"{one}{other}")
    assert both == pytest.approx(wide(one) + (wide(other) if other else 0))
    assert wide(rf"\frac{{{one}{other}}}{{{one}}}") == pytest.approx(both + 0.2)
    assert wide(one) < wide(rf"x_{{{one}}}") + 0.57 * len(one)
    assert wide(rf"x^{{{one}}}") < wide(f"x{one}")


def test_every_committed_formula_is_read(committed: Mapping[str, str]) -> None:
    """All formulas of the committed report are MathML, whole and in parts alike."""
    found = {
        formula: display
        for text in committed.values()
        for pattern, display in ((r"```math\n(.*?)\n```", True), (r"\$`(.*?)`\$", False))
        for formula in re.findall(pattern, text, re.DOTALL)
    }
    assert len(found) > 300
    for latex, display in found.items():
        whole = to_mathml(latex, display)
        assert whole.startswith("<math"), latex
        broken = (block if display else inline)(latex)
        assert "latex" not in broken
        assert re.sub(r"\s", "", shown(broken)) == re.sub(r"\s", "", shown(whole)), latex
