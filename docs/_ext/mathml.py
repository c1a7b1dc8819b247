"""Formulas as MathML, which browsers show without a script and without the network.

Guarantees: formulas look as in the reports, since they are made in the same way; one that cannot be
read is a warning that names it.
"""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging

from gradproof.reports.html.mathml import element, serialised

LOG = logging.getLogger(__name__)


def written(node: nodes.Element, display: bool) -> str:
    """Return the formula of a node as MathML."""
    found = element(node.astext(), display)
    if found is None:
        LOG.warning("not read as a formula: %s", node.astext(), location=node, type="mathml")
        return ""
    return serialised(found)


def inline(translator: Any, node: nodes.Element) -> None:
    """Write a formula in a line of text."""
    translator.body.append(written(node, display=False))
    raise nodes.SkipNode


def block(translator: Any, node: nodes.Element) -> None:
    """Write a formula on lines of its own."""
    translator.body.append(f'<div class="math">{written(node, display=True)}</div>\n')
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the renderer `mathml`."""
    app.add_html_math_renderer("mathml", (inline, None), (block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
