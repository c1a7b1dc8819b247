"""The font of formulas, which every report holds.

Guarantees: formulas look the same on every machine, also where no font for mathematics is
installed, as on many phones.

The font is STIX Two Math 2.12, free under the licence in `OFL.txt`, reduced to the characters of
`CHARACTERS` with their larger forms, which makes it a twelfth of its size:

    pyftsubset stix-two-math-latin-400-normal.woff2 --unicodes=CHARACTERS --no-hinting
        --layout-features=ssty --flavor=woff2 --output-file=math.woff2

What it does not hold is shown in another font of the machine.
"""

from __future__ import annotations

from base64 import b64encode
from importlib.resources import files

NAME = "gradproof STIX Two Math"
"""The name by which the style of a report asks for it."""

CHARACTERS = (
    "U+20-7E,U+A0,U+B1,U+B7,U+D7,U+391-3A9,U+3B1-3C9,U+3D1,U+3D5,U+3F1,U+3F5,U+2026,U+2032,"
    "U+2061-2064,U+210E,U+2115,U+211D,U+2190,U+2192,U+2194,U+2200,U+2202,U+2203,U+2205,"
    "U+2207-2209,U+220F,U+2211,U+2212,U+221A,U+221D,U+221E,U+2223,U+2225,U+2227-222B,U+2248,"
    "U+2260,U+2261,U+2264,U+2265,U+226A,U+226B,U+2282,U+2286,U+22C5,U+22EF,U+2308-230B,"
    "U+27E8,U+27E9,U+27F9,U+27FA,U+1D434-1D49B,U+1D6E2-1D71B"
)
"""The characters that the font holds, as ranges."""


def font_rule() -> str:
    """Return the rule of a style that holds the font."""
    font = b64encode((files(__package__ or "") / "math.woff2").read_bytes()).decode()
    return (
        f'@font-face {{ font-family: "{NAME}"; '
        f'src: url(data:font/woff2;base64,{font}) format("woff2"); }}\n'
    )
