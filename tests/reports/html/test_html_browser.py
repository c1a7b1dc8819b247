"""Laws of a report in a real browser, opened from disk with the network off."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import pytest

Open: TypeAlias = Callable[..., Any]

OUTSIDE = """() => {
  const clipped = (element) => {
    for (let up = element.parentElement; up && up !== document.body; up = up.parentElement)
      if (getComputedStyle(up).overflowX !== "visible") return true;
    return false;
  };
  document.querySelectorAll("details").forEach((fold) => { fold.open = true; });
  return [...document.querySelectorAll("body *")].filter((element) =>
    element.getBoundingClientRect().right > document.documentElement.clientWidth + 1 &&
    !clipped(element)).map((element) => element.outerHTML.slice(0, 200));
}"""


@pytest.fixture
def opened(browser: Any) -> Iterator[Open]:
    """Open a file with the network off; any message or request to elsewhere fails the test."""
    contexts, said = [], []

    def open_file(file: Path, fragment: str = "", width: int = 1280, **options: Any) -> Any:
        context = browser.new_context(
            offline=True, viewport={"width": width, "height": 900}, **options
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: said.append(request.url) if _leaves(request) else None)
        page.goto(file.as_uri() + fragment)
        return page

    yield open_file
    for context in contexts:
        context.close()
    assert not said


def _leaves(request: Any) -> bool:
    return not request.url.startswith(("file:", "data:"))


def test_formulas_are_drawn(opened: Open, report_file: Path) -> None:
    """Every formula that is not folded away takes room on the page."""
    page = opened(report_file)
    sizes = page.evaluate("""() => [...document.querySelectorAll("main math")]
      .filter((math) => !math.closest("details:not([open])"))
      .map((math) => [math.getBoundingClientRect().width, math.getBoundingClientRect().height])""")
    assert len(sizes) > 20
    assert all(width > 2 and height > 2 for width, height in sizes)


def test_a_fraction_is_a_fraction(opened: Open, report_file: Path) -> None:
    """The numerator stands above the denominator, in every fraction."""
    page = opened(report_file)
    places = page.evaluate("""() => [...document.querySelectorAll("main mfrac")]
      .filter((fraction) => !fraction.closest("details:not([open])"))
      .map((fraction) => [...fraction.children].map((part) => part.getBoundingClientRect()))
      .map(([over, under]) => [over.bottom, under.top, over.left + over.right,
        under.left + under.right])""")
    assert places
    for over, under, middle, other_middle in places:
        assert over <= under + 1
        assert middle == pytest.approx(other_middle, abs=4)


def test_formulas_are_in_the_font_of_the_report(browser: Any, report_file: Path) -> None:
    """Every sign of every formula comes from the font that the report holds."""
    context = browser.new_context(offline=True)  # of its own: the inspector leaves messages
    page = context.new_page()
    page.goto(report_file.as_uri())
    session = context.new_cdp_session(page)
    for part in ("DOM", "CSS"):
        session.send(f"{part}.enable")
    root = session.send("DOM.getDocument")["root"]["nodeId"]
    found = session.send("DOM.querySelectorAll", {"nodeId": root, "selector": "article math *"})
    fonts = [
        font
        for node in found["nodeIds"]
        for font in session.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]
    ]
    context.close()
    assert len(fonts) > 100
    assert {font["isCustomFont"] for font in fonts} == {True}


def test_the_filter_shows_one_verdict(opened: Open, report_file: Path) -> None:
    """Choosing a verdict leaves its claims in the tables, the contents and the articles."""
    page = opened(report_file)
    page.get_by_role("radio", name="REFUTED").check()
    shown = page.locator("article:visible")
    assert {one.get_attribute("data-badge") for one in shown.all()} == {"REFUTED"}
    names = [one.get_attribute("id") for one in shown.all()]
    assert names == ["ce-symmetric"]
    rows = page.locator("main tr[data-page]:visible")
    assert [row.get_attribute("data-page") for row in rows.all()] == names
    entries = page.locator("nav li[data-page]:visible")
    assert [entry.get_attribute("data-page") for entry in entries.all()] == names
    assert page.locator("output").inner_text() == "1 of 6 shown"
    page.get_by_role("radio", name="All").check()
    assert page.locator("article:visible").count() == 6
    assert page.locator("output").inner_text() == ""


def test_the_search_finds_words(opened: Open, report_file: Path) -> None:
    """Only the claims that hold all words are left, whatever their case; nothing finds nothing."""
    page = opened(report_file)
    field = page.get_by_role("searchbox", name="Search")
    field.fill("GRADIENT_I softmax")
    assert [one.get_attribute("id") for one in page.locator("article:visible").all()] == ["ce-sum"]
    field.fill("no such words")
    assert page.locator("article:visible").count() == 0
    assert page.locator("output").inner_text() == "0 of 6 shown"


def test_a_link_to_what_is_hidden_shows_it(opened: Open, report_file: Path) -> None:
    """Following a link to an article that the filter hides takes the filter away."""
    page = opened(report_file)
    page.get_by_role("radio", name="REFUTED").check()
    page.evaluate("location.hash = '#ce-sum'")
    page.wait_for_selector("#ce-sum:visible")
    assert page.get_by_role("radio", name="All").is_checked()


def test_it_reads_without_scripts(opened: Open, report_file: Path) -> None:
    """Without a script everything is there, and nothing that needs one."""
    page = opened(report_file, java_script_enabled=False)
    assert page.locator("article:visible").count() == 6
    assert page.locator("main math:visible").count() > 20
    assert not page.locator("form").is_visible()
    page.locator("nav summary").first.click()
    page.locator("nav li[data-page] a:visible").first.click()
    assert page.url.endswith("#ce-sum")


def test_folded_parts_are_printed(opened: Open, report_file: Path) -> None:
    """In print folded parts are open, also without a script, and what is for screens is gone."""
    page = opened(report_file, java_script_enabled=False)
    page.emulate_media(media="print")
    folded = page.locator("main details:not([open])")
    assert folded.count()
    assert all(one.bounding_box()["height"] > 60 for one in folded.all())
    assert not page.locator("nav").is_visible()
    assert page.locator("body").evaluate("(body) => getComputedStyle(body).color") == (
        page.locator("h1").evaluate("(heading) => getComputedStyle(heading).color")
    )
    page.emulate_media(media="print", color_scheme="dark")
    assert _ground(page) == "rgb(255, 255, 255)"


def _ground(page: Any) -> Any:
    return page.evaluate("getComputedStyle(document.body).backgroundColor")


def test_schemes(opened: Open, report_file: Path) -> None:
    """The page follows the scheme of the reader, and the button turns it round."""
    light, dark = "rgb(255, 255, 255)", "rgb(22, 24, 27)"
    page = opened(report_file, color_scheme="dark")
    assert _ground(page) == dark
    page.get_by_role("button", name="Dark or light").click()
    assert _ground(page) == light
    page.get_by_role("button", name="Dark or light").click()
    assert _ground(page) == dark
    assert _ground(opened(report_file, color_scheme="light")) == light


def test_focus_can_be_seen_and_the_contents_skipped(opened: Open, report_file: Path) -> None:
    """The first step of the keyboard is a link past the contents, seen while it has the focus."""
    page = opened(report_file)
    page.keyboard.press("Tab")
    link = page.get_by_role("link", name="Skip to the report")
    assert link.evaluate("(link) => link === document.activeElement")
    assert link.bounding_box()["x"] >= 0
    assert link.evaluate("(link) => getComputedStyle(link).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    assert page.url.endswith("#main:")


@pytest.mark.parametrize("width", [360, 500, 800, 1280])
def test_nothing_is_wider_than_the_screen(width: int, opened: Open, report_file: Path) -> None:
    """All that is wide scrolls in a box of its own; the page itself never scrolls sideways."""
    page = opened(report_file, width=width)
    assert page.evaluate(OUTSIDE) == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_what_scrolls_can_be_reached_by_the_keyboard(opened: Open, report_file: Path) -> None:
    """On a narrow screen every box that scrolls, also in a part unfolded later, takes the focus."""
    page = opened(report_file, width=360)
    page.evaluate("document.querySelectorAll('details').forEach((fold) => { fold.open = true; })")
    page.wait_for_timeout(100)
    reached = page.evaluate("""() => [...document.querySelectorAll("main *")]
      .filter((box) => box.scrollWidth > box.clientWidth + 1 && box.clientWidth > 0 &&
        getComputedStyle(box).overflowX === "auto").map((box) => box.tabIndex)""")
    assert reached
    assert set(reached) == {0}


@pytest.mark.parametrize("width", [360, 800, 1280])
@pytest.mark.slow
def test_nothing_of_the_catalogue_is_too_wide(
    width: int, opened: Open, committed_file: Path
) -> None:
    """The longest formulas and widest tables of the catalogue stay within the screen as well."""
    page = opened(committed_file, width=width)
    assert page.evaluate(OUTSIDE) == []


def test_a_certificate_is_saved(opened: Open, tmp_path: Path) -> None:
    """Following the link to a certificate saves it, byte for byte."""
    from gradproof.reports.html import html_text

    stored = '{"claims": [], "written by": "gradproof"}\n'
    file = tmp_path / "report.html"
    files = {
        "index.md": "# T\n",
        "a.md": "[certificates/a.json](certificates/a.json)\n",
        "certificates/a.json": stored,
    }
    file.write_text(html_text(files), encoding="utf-8")
    page = opened(file)
    with page.expect_download() as waiting:
        page.get_by_role("link", name="certificates/a.json").click()
    assert waiting.value.suggested_filename == "a.json"
    assert Path(waiting.value.path()).read_text(encoding="utf-8") == stored


def test_the_guard_of_this_file_sees(browser: Any, tmp_path: Path) -> None:
    """The guard above can fail: it sees messages and requests that leave, and the policy acts."""
    from gradproof.reports.html import html_text

    text = html_text({"index.md": "# T\n"})
    file = tmp_path / "wrong.html"
    file.write_text(text.replace("</main>", '<img src="http://127.0.0.1:9/x" alt=""></main>'))
    said: list[str] = []
    context = browser.new_context(offline=True)
    page = context.new_page()
    page.on("console", lambda message: said.append(message.text))
    page.goto(file.as_uri())
    page.wait_for_timeout(100)
    context.close()
    assert any("Content Security Policy" in text for text in said)
