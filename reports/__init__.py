"""Verdicts to pages: Markdown for readers, JSON for programs, written as a whole or not at all."""

from .data import results_json
from .index import render_index
from .page import render_page
from .writer import check_replaceable, write_report

__all__ = ["check_replaceable", "render_index", "render_page", "results_json", "write_report"]
