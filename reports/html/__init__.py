"""A report as one file of HTML that needs nothing else: no network, no script, no other file."""

from .document import html_text
from .files import check_html, write_html
from .mathml import to_mathml

__all__ = ["check_html", "html_text", "to_mathml", "write_html"]
