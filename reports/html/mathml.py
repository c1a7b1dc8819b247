r"""Formulas as MathML, which browsers show by themselves.

Guarantees: what is returned is well-formed and, where the library reads the LaTeX, the whole
formula; LaTeX that it cannot read is shown as it is written.
What it cannot see is how old a browser is; those before 2023 mostly show no MathML.
"""

from __future__ import annotations

import html
import re
from functools import cache
from typing import Any
from xml.etree import ElementTree as ET

_NAMED = re.compile(r"&(?!lt;|gt;|amp;|quot;|apos;|#)\w+;")
"""Characters by names that HTML knows and XML does not."""

_LEVEL = re.compile(r'(<mtable[^>]*?) scriptlevel="0"')


def to_mathml(latex: str, display: bool = False) -> str:
    r"""Return LaTeX as HTML: an element of MathML, or the LaTeX itself if it cannot be read.

    Parameters
    ----------
    latex
        A formula without dollar signs.
    display
        Whether sums and fractions are in full size.

    >>> print(to_mathml(r"x < 1"))
    <math><mi>x</mi><mo>&lt;</mo><mn>1</mn></math>
    """
    found = element(latex, display)
    return as_written(latex) if found is None else serialised(found)


def element(latex: str, display: bool = False) -> ET.Element | None:
    """Return LaTeX as the element `math`, or None if it cannot be read."""
    from math_core import LatexError

    try:
        text = _converter().convert_with_local_state(latex, displaystyle=display)
    except LatexError:
        return None
    # On a table the attribute is new in MathML Core, and validators of HTML know MathML 3.
    text = _LEVEL.sub(r"\1", _NAMED.sub(lambda name: html.unescape(name[0]), text))
    found = ET.fromstring(text)
    # How a formula is placed is up to what it stands in, which has to be able to scroll.
    if found.attrib.pop("display", None) is not None:
        found.set("displaystyle", "true")
    return found


def serialised(found: ET.Element) -> str:
    """Return an element of MathML as HTML."""
    return ET.tostring(found, encoding="unicode")


def as_written(latex: str) -> str:
    """Return LaTeX as code."""
    return f'<code class="latex">{html.escape(latex, quote=False)}</code>'


@cache
def _converter() -> Any:
    from math_core import LatexToMathML

    return LatexToMathML(fancy_error=False)
