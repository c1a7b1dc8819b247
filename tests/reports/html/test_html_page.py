"""Laws of pages: links, images, tables, headings and raw HTML in one file."""

from __future__ import annotations

import base64
import re

import pytest

from gradproof.reports.html import html_text
from gradproof.reports.html.addresses import Addresses, page_id, place_id
from gradproof.reports.html.badges import badge_of
from gradproof.reports.html.page import page

SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>'


def body(text: str, **others: str) -> str:
    """Return the HTML of a page beside other files, whose names have `_` for their dots."""
    files = {name.replace("__", "/").replace("_", "."): text for name, text in others.items()}
    return page("mine", text, Addresses.of({"mine.md": text, **files})).body


def test_headings_begin_one_level_lower() -> None:
    """A page keeps the order of its headings, below the one heading of the document."""
    found = re.findall(r"<h(\d)", body("# A\n\n## B\n\n### C\n\n## D\n"))
    assert found == ["2", "3", "4", "3"]


def test_headings_have_ids_of_their_own() -> None:
    """Two headings of one name have two ids, as on GitHub."""
    found = re.findall(r'id="([^"]*)"', body("# A b\n\n## Part: 1\n\n## Part: 1\n"))
    assert found == ["mine:a-b", "mine:part-1", "mine:part-1-1"]


def test_links_between_pages_are_anchors() -> None:
    """A link to a page leads to its article, one with a fragment to the heading."""
    found = body("[x](other.md) [y](other.md#proof) [z](index.md)", other_md="# O", index_md="# I")
    assert re.findall(r'href="([^"]*)"', found) == ["#other", "#other:proof", "#overview:"]


def test_a_link_to_a_certificate_holds_it() -> None:
    """Following the link saves the file, byte for byte, under its own name."""
    found = body("[c](certificates/a.json)", certificates__a_json='{"é": 1}\n')
    match = re.search(r'href="data:application/json;base64,([^"]*)" download="a.json"', found)
    assert match is not None
    assert base64.b64decode(match[1]).decode() == '{"é": 1}\n'


def test_links_outside_stay_and_links_to_nowhere_are_words() -> None:
    """An address on the web is kept for a reader to follow; a file that is not there is no link."""
    assert body("[a](https://example.org/)") == '<p><a href="https://example.org/">a</a></p>\n'
    assert body("[a *b*](gone.md) c") == "<p>a <em>b</em> c</p>\n"
    assert body("[a](javascript:alert(1))") == "<p>[a](javascript:alert(1))</p>\n"


def test_an_image_is_in_the_page_and_links_to_it_lead_there() -> None:
    """An image is shown with its description; a link to its file leads to where it is shown."""
    found = body("![what it shows](a.svg)\n\n[the figure](a.svg)", a_svg=SVG)
    match = re.search(
        r'<img class="figure" id="mine:asvg" src="data:image/svg\+xml;base64,([^"]*)" '
        r'alt="what it shows">',
        found,
    )
    assert match is not None
    assert base64.b64decode(match[1]).decode() == SVG
    assert '<a href="#mine:asvg">the figure</a>' in found


def test_an_image_that_is_missing_is_its_description() -> None:
    """Where the file is not among those of the report, its words stand in its place."""
    assert body("![a < b](gone.svg)") == "<p>a &lt; b</p>\n"


def test_tables_say_what_their_headers_head() -> None:
    """A header heads its column; an empty one is no header; the table can scroll by itself."""
    found = body("| A |  |\n| --- | --- |\n| 1 | PROVED |\n")
    assert found.startswith('<div class="table">\n<table>')
    assert '<th scope="col">A</th>' in found
    assert "<td></td>" in found
    assert '<td><strong class="badge good">PROVED</strong></td>' in found


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("PROVED", "good"),
        ("REFUTED", "bad"),
        ("SUPPORTED", "weak"),
        ("UNDECIDED", "open"),
        ("UNDEFINED", "void"),
        ("It passes", "good"),
        ("1 finding", "bad"),
        ("12 findings", "bad"),
        ("Nothing was judged", "open"),
    ],
)
def test_verdicts_are_badges(text: str, kind: str) -> None:
    """A bold verdict is a badge with its own words, and the page tells it."""
    found = page("mine", f"# T\n\n**{text}** at 3 points.\n", Addresses.of({}))
    assert f'<strong class="badge {kind}">{text}</strong>' in found.body
    assert found.badge == badge_of(text)


@pytest.mark.parametrize("text", ["proved", "PROVED.", "no findings", "12"])
def test_other_words_are_no_badges(text: str) -> None:
    """What only resembles a verdict is left alone."""
    found = page("mine", f"**{text}**", Addresses.of({}))
    assert found.badge is None
    assert "badge" not in found.body


@pytest.mark.parametrize(
    "raw",
    [
        "<script>alert(1)</script>",
        '<img src="https://example.org/x.png">',
        '<details ontoggle="alert(1)">',
        "a <b>c</b>",
        '<iframe src="x"></iframe>',
        "<summary>a <img src=x></summary>",
    ],
)
def test_raw_html_is_shown_as_text(raw: str) -> None:
    """No page brings elements of its own into a report, but for folded parts."""
    found = body(f"{raw}\n")
    assert not re.search(r"<(?!/?p>)", found)
    assert "&lt;" in found


def test_folded_parts_and_comments() -> None:
    """Folded parts are kept, with formulas within them; comments are left out."""
    found = body("<!-- c -->\n\n<details>\n<summary>S &amp; T</summary>\n\n$`x`$\n\n</details>\n")
    assert "<details>\n<summary>S &amp; T</summary>" in found
    assert "<mi>x</mi>" in found
    assert found.rstrip().endswith("</details>")
    assert "<!--" not in found


def test_formulas_in_code_are_code() -> None:
    """Only what GitHub takes for a formula is one."""
    assert "<math" not in body("`$x$` and \\$`y`$ and $z$")
    assert body("a $`x`$, b").count("<math") == 1


def test_ids_have_no_spaces() -> None:
    """Whatever a page is called, its id can be the target of a link."""
    assert page_id("a b:c.md") == "a-b-c"
    assert place_id("overview:", "A  b", set()) == "overview:a--b"


def test_every_anchor_leads_somewhere(files: dict[str, str]) -> None:
    """Each link within a report has its target, and no id is given twice."""
    text = html_text(files)
    ids = re.findall(r'\sid="([^"]*)"', text)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]*)"', text)) <= set(ids)
