"""Laws of the document: complete, alone, the same each time, and valid HTML."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import warnings
from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import TypeAlias

import pytest

from gradproof.checks.claim import Claim
from gradproof.checks.verdict import Verdict
from gradproof.reports.html import html_text
from gradproof.reports.html.document import START

Files: TypeAlias = Mapping[str, str]
Results: TypeAlias = tuple[tuple[Claim, Verdict], ...]


def _strict(text: str) -> None:
    """Read HTML by a parser that tolerates nothing."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # html5lib is older than its Python
        import html5lib

        html5lib.HTMLParser(strict=True).parse(text)


def test_the_document_is_well_formed(files: Files) -> None:
    """A parser that tolerates nothing reads it."""
    _strict(html_text(files))


def test_the_parser_tolerates_nothing(files: Files) -> None:
    """The check above can fail: an element that is closed twice is an error."""
    with pytest.raises(Exception, match=r"(?i)end"):
        _strict(html_text(files).replace("</main>", "</main></main>"))


def test_the_committed_report_is_well_formed(committed: Files) -> None:
    """The whole catalogue, with all its formulas, is read by a parser that tolerates nothing."""
    _strict(html_text(committed))


def _validator() -> list[str]:
    """Return the command of the Nu Html Checker, or leave the test out."""
    jar = os.environ.get("GRADPROOF_VNU", "")
    if jar:
        assert Path(jar).is_file(), f"GRADPROOF_VNU is set, but {jar} is no file"
        return ["java", "-jar", jar]
    found = shutil.which("vnu")
    if found is None:
        pytest.skip("no Nu Html Checker: npm install vnu-jar, and its vnu.jar in GRADPROOF_VNU")
    return [found]


def test_the_nu_html_checker_finds_nothing(committed: Files, tmp_path: Path) -> None:
    """The validator of the W3C has nothing to say on the committed report."""
    command = _validator()
    file = tmp_path / "report.html"
    file.write_text(html_text(committed), encoding="utf-8")
    done = subprocess.run(
        [*command, "--format", "json", "--exit-zero-always", "--stdout", str(file)],
        capture_output=True,
        text=True,
        check=True,
    )
    # It miscounts the digest of text with line ends; the browser tests see that the policy holds.
    found = [m["message"] for m in json.loads(done.stdout)["messages"]]
    assert not [text for text in found if "Content Security Policy" not in text]


def test_one_report_is_one_text(files: Files) -> None:
    """Writing the same again changes no byte."""
    assert html_text(files) == html_text(dict(files))


def test_every_page_is_an_article(files: Files, results: Results) -> None:
    """Each page is there, with its verdict, in the order in which the contents list it."""
    text = html_text(files)
    verdicts = {claim.id: verdict.outcome.name for claim, verdict in results}
    badges = re.findall(r'<article id="([^"]*)" data-badge="([^"]*)"', text)
    assert dict(badges) == verdicts
    nav = text[text.index("<nav") : text.index("</nav>")]
    assert re.findall(r'href="#([^":]*)"', nav) == [name for name, _ in badges]


def test_pages_that_the_index_leaves_out_are_in_the_contents() -> None:
    """A page without a row in the index is listed all the same."""
    text = html_text({"index.md": "# T\n", "lost.md": "# L\n"})
    nav = text[text.index("<nav") : text.index("</nav>")]
    assert "Other pages" in nav
    assert 'href="#lost"' in nav


def test_words_of_every_page_are_there(committed: Files) -> None:
    """No line of prose of a page is lost on the way."""
    text = " ".join(re.sub(r"<[^>]*>", "", html_text(committed)).split())
    for name, page in committed.items():
        if name.endswith(".md"):
            lines = [line for line in page.splitlines() if re.fullmatch(r"[A-Z][\w ,;]+\.", line)]
            assert [line for line in lines if line not in text] == [], name


def test_landmarks_and_order_of_headings(files: Files) -> None:
    """There is one main part, one first heading, and no level is left out on the way down."""
    text = html_text(files)
    for tag in ("header", "nav", "main", "footer"):
        assert len(re.findall(rf"<{tag}[ >]", text)) == 1
    levels = [int(level) for level in re.findall(r"<h(\d)", text)]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_nothing_is_loaded(files: Files) -> None:
    """No element refers to the network, and the policy of the document forbids it."""
    text = html_text(files)
    assert not re.findall(r'\b(?:src|href|action|srcset)="(?!#|data:)', text)
    assert not re.findall(r"url\((?!data:)|@import", text)
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)
    assert policy is not None
    assert policy[1].startswith(
        "default-src 'none'; img-src data:; font-src data:; style-src 'sha256-"
    )


@pytest.mark.parametrize("tag", ["style", "script"])
def test_the_policy_lets_only_what_is_written(tag: str, files: Files) -> None:
    """The digests in the policy are those of the style and the script that stand there."""
    text = html_text(files)
    (inside,) = re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
    digest = b64encode(sha256(inside.encode()).digest()).decode()
    assert f"{tag}-src 'sha256-{digest}'" in text
    assert not re.findall(r'<[^>]* (?:style|on\w+)="', text)


def test_titles_are_escaped() -> None:
    """Signs that HTML takes for its own are shown as they are, in the title as well."""
    text = html_text({"index.md": '# A < B & "C"\n', "p.md": "# x\n"})
    assert "<title>A &lt; B &amp; &quot;C&quot;</title>" in text
    assert "<h1>A &lt; B &amp; &quot;C&quot;</h1>" in text


def test_the_report_can_be_known_again(files: Files) -> None:
    """It begins with the lines by which it is taken for an earlier report."""
    assert html_text(files).startswith(START)


def test_a_filter_needs_a_choice() -> None:
    """Where all pages tell the same, or nothing, there is nothing to filter by."""
    one = html_text({"index.md": "# T\n", "a.md": "**PROVED**", "b.md": "**PROVED**"})
    assert "<fieldset>" not in one
    two = html_text({"index.md": "# T\n", "a.md": "**PROVED**", "b.md": "**REFUTED**"})
    assert re.findall(r'name="verdict" value="(\w*)"', two) == ["", "PROVED", "REFUTED"]
