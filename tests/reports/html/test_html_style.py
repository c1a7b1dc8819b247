"""Laws of the look: what is written can be read, in both schemes."""

from __future__ import annotations

import html
import re
from importlib.resources import files

import pytest

STYLE = (files("gradproof.reports.html") / "style.css").read_text(encoding="utf-8")
COLOURS = {
    name: (light, dark)
    for name, light, dark in re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\);", STYLE)
}
KINDS = ("good", "bad", "weak", "open", "void")
TEXTS = [
    *((text, ground) for text in ("ink", "soft", "link") for ground in ("paper", "raised")),
    *((kind, f"{kind}-back") for kind in KINDS),
    *((kind, "paper") for kind in KINDS),
]


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours as WCAG 2 defines it."""

    def luminance(colour: str) -> float:
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        red, green, blue = (
            part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(("text", "ground"), TEXTS)
@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_text_stands_out(text: str, ground: str, scheme: int) -> None:
    """Each text has at least the contrast 4.5 to its ground, in both schemes (WCAG 2, AA)."""
    assert contrast(COLOURS[text][scheme], COLOURS[ground][scheme]) >= 4.5


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_focus_stands_out(scheme: int) -> None:
    """The mark of the focus has at least the contrast 3 to the ground."""
    assert contrast(COLOURS["focus"][scheme], COLOURS["paper"][scheme]) >= 3


def test_contrast_is_that_of_the_standard() -> None:
    """The check above can fail: known pairs have the contrast that they are known to have."""
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)
    assert contrast("#777777", "#ffffff") < 4.5


def test_every_colour_of_text_is_checked() -> None:
    """No rule gives a text a colour that the check above does not know."""
    used = set(re.findall(r"(?<![\w-])color: ([^;]+);", STYLE)) - {"inherit"}
    assert used == {f"var(--{text})" for text in dict(TEXTS)}
    grounds = set(re.findall(r"background: (var\(--[\w-]+\))", STYLE))
    assert grounds <= {f"var(--{ground})" for _, ground in TEXTS}


def test_badges_differ_without_colour() -> None:
    """Each kind of badge has a sign of its own, and in the list of contents as well."""
    from gradproof.reports.html.badges import SIGNS

    assert set(SIGNS) == set(KINDS)
    assert len(set(SIGNS.values())) == len(KINDS)
    for kind, sign in SIGNS.items():
        assert f'.badge.{kind}::before {{ content: "{sign}"; content: "{sign}" / ""; }}' in STYLE


def test_the_font_holds_every_sign_of_the_catalogue(committed: dict[str, str]) -> None:
    """Each character of the formulas of the committed report is one that the font holds."""
    from gradproof.reports.html import html_text
    from gradproof.reports.html.fonts import CHARACTERS, NAME

    bounds = [part.removeprefix("U+").split("-") for part in CHARACTERS.split(",")]
    held = {chr(c) for one in bounds for c in range(int(one[0], 16), int(one[-1], 16) + 1)}
    formulas = re.findall(r"<math.*?</math>", html_text(committed), re.DOTALL)
    used = set(html.unescape(re.sub(r"<[^>]*>", "", "".join(formulas))))
    assert used - held == set()
    assert f'math {{ font-family: "{NAME}", ' in STYLE
