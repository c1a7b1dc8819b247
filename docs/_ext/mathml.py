"""Formulas as MathML, which browsers show without a script and without the network.

Guarantees: a formula that cannot be read ends the build with a warning that names it.
"""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging

LOG = logging.getLogger(__name__)


def written(node: nodes.Element, display: str) -> str:
    """Return the formula of a node as MathML."""
    from latex2mathml.converter import convert

    try:
        return convert(node.astext(), display=display)
    except Exception as error:
        LOG.warning("no formula: %s (%r)", node.astext(), error, location=node, type="mathml")
        return ""


def inline(translator: Any, node: nodes.Element) -> None:
    """Write a formula in a line of text."""
    translator.body.append(written(node, "inline"))
    raise nodes.SkipNode


def block(translator: Any, node: nodes.Element) -> None:
    """Write a formula on lines of its own."""
    translator.body.append(f'<div class="math">{written(node, "block")}</div>\n')
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the renderer `mathml`."""
    app.add_html_math_renderer("mathml", (inline, None), (block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
