"""Formulas as MathML, which browsers show by themselves.

Guarantees: what is returned is well-formed, also for LaTeX that cannot be converted, which is shown
as it is written; each formula carries its LaTeX, so that a reader can copy it.
What it cannot see is which fonts a browser has; without one for mathematics, large brackets and
roots are drawn plainly.
"""

from __future__ import annotations

import html
import re
from functools import cache
from typing import Any

_LEVEL = re.compile(r'(<mtable[^>]*?) scriptlevel="0"')


def to_mathml(latex: str, display: bool = False) -> str:
    r"""Return LaTeX as an element of MathML.

    Parameters
    ----------
    latex
        A formula without dollar signs.
    display
        Whether it stands on lines of its own, with sums and fractions in full size.

    >>> print(to_mathml(r"x < 1").replace("<", "\n<").strip())
    <math>
    <semantics>
    <mrow>
    <mi>x
    </mi>
    <mo>&lt;
    </mo>
    <mn>1
    </mn>
    </mrow>
    <annotation encoding="application/x-tex">x &lt; 1
    </annotation>
    </semantics>
    </math>
    """
    from math_core import LatexError

    try:
        found = str(_converter().convert_with_local_state(latex, displaystyle=display))
    except LatexError:
        return f'<code class="latex">{html.escape(latex, quote=False)}</code>'
    # On a table the attribute is new in MathML Core, and validators of HTML know MathML 3.
    found = _LEVEL.sub(r"\1", found)
    # A formula in a box of its own is laid out by the box, which has to be able to scroll.
    return found.replace('<math display="block">', '<math displaystyle="true">', 1)


@cache
def _converter() -> Any:
    from math_core import LatexToMathML

    return LatexToMathML(annotation=True, fancy_error=False)
