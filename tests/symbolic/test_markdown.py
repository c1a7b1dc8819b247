"""Laws of the Markdown helpers, judged by a Markdown parser."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from gradproof.symbolic.markdown import (
    code,
    display,
    escape,
    fence,
    for_notebook,
    formula,
    paragraphs,
    sentences,
    table,
)

_PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
_TEXTS = st.one_of(
    st.text("ab1 _*`[]()<>|\\$~&;#!+-=.:\"'ΣδS", min_size=1),
    st.text(st.characters(categories=("L", "N", "P", "S", "Zs")), min_size=1),
).filter(lambda text: bool(text.strip()))


def leaves(markdown: str) -> list[Token]:
    """Return the inline tokens of a text in Markdown."""
    return [leaf for token in _PARSER.parse(markdown) for leaf in token.children or []]


@given(_TEXTS)
@pytest.mark.parametrize("place", ["{}", "# {}", "- {}", "| {} |\n| --- |\n| {} |"])
def test_escaped_text_shows_as_written(place: str, text: str) -> None:
    """In a paragraph, a heading, a list and a table, escaped text shows as it is."""
    shown = leaves(place.replace("{}", escape(text)))
    expected = " ".join(text.split())
    assert {leaf.type for leaf in shown} <= {"text", "text_special"}
    assert "".join(leaf.content for leaf in shown) == expected * place.count("{}")


@given(_TEXTS)
def test_code_shows_as_written(text: str) -> None:
    """A code span in a table shows its text, whatever backticks and bars it holds."""
    (shown,) = leaves(f"| a{code(text)} |\n| --- |")[1:]
    assert shown.type == "code_inline"
    assert shown.content == " ".join(text.split())


def test_plain_underscores_need_no_escape() -> None:
    """An underscore between letters stays as it is, so that formulas in text stay readable."""
    assert escape("Σ_j S_j K_j > 0") == "Σ_j S_j K_j > 0"


def test_a_formula_has_no_bar() -> None:
    """A bar in a formula cannot end the cell of a table."""
    assert formula("|v|") == r"$`\vert v\vert `$"


def test_sentences_stand_on_lines_of_their_own() -> None:
    """Each sentence gets a line; an abbreviation before a small letter does not end one."""
    assert sentences("It holds, e.g. for 2. It fails for 3.") == (
        "It holds, e.g. for 2.\nIt fails for 3."
    )


def test_a_table_has_a_line_for_each_row() -> None:
    """A table is a header, a rule and its rows."""
    assert table(("a", "b"), [("1", "2")]) == "| a | b |\n| --- | --- |\n| 1 | 2 |"


def test_a_notebook_has_its_formulas_in_dollars() -> None:
    """Formulas of a line and of their own are written as Jupyter knows them."""
    text = paragraphs(
        f"So {formula('S_{i} < 1')} holds:", display(r"\begin{aligned}a&=b\end{aligned}")
    )
    assert for_notebook(text) == (
        "So $S_{i} < 1$ holds:\n\n$$\n\\begin{aligned}a&=b\\end{aligned}\n$$"
    )


def test_a_bar_in_a_formula_of_a_notebook_leaves_no_blank_before_the_dollar() -> None:
    """A formula ends before its dollar without a blank, which some renderers take for money."""
    assert for_notebook(formula("|v|")) == r"$\vert v\vert$"


@given(_TEXTS)
@pytest.mark.parametrize("form", [escape, code, lambda text: fence(text, "python")])
def test_what_is_no_formula_is_the_same_in_a_notebook(
    form: Callable[[str], str], text: str
) -> None:
    """Escaped text, code spans and code of its own are left as they are, dollars included."""
    assert for_notebook(form(text)) == form(text)
