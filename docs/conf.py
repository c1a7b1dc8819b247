"""The documentation site: ``sphinx-build -W --keep-going -n -b html docs build/docs``.

Guarantees: the build asks nothing of the network and writes the same pages whenever and wherever it
runs on the same versions; what the reference says is what the docstrings say.
"""

from __future__ import annotations

import sys
from importlib.metadata import version as version_of
from importlib.resources import files
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "gradproof"
author = "The gradproof authors"
project_copyright = author
version = release = version_of("gradproof")

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "command_line",
    "docstrings",
    "mathml",
    "names",
    "proof_report",
]
exclude_patterns = ["comparison-figures.md", "benchmark-tables"]  # parts of other pages

smartquotes_action = "D"  # dashes alone: quotes stay as they are typed

myst_enable_extensions = ["dollarmath", "deflist", "fieldlist"]
myst_fence_as_directive = ["math"]
myst_heading_anchors = 3
suppress_warnings = ["myst.header"]  # a claim may be named like the section below it

default_role = "name"
nitpicky = True
nitpick_ignore_regex = [
    # Types of other projects: their pages are on the network, and the build is not.
    (r"py:.*", r"(sympy|numpy|np|flint|mpmath|hypothesis|st|pytest)\..*"),
    (r"py:.*", r"(fractions|pathlib|collections|concurrent|enum|types|typing|os)\..*"),
    (r"py:.*", r"(Basic|Boolean|Expr|Symbol|IndexedBase|Sum)"),
    (r"py:class", r"gradproof\.reports\..*"),  # parts of pages, which nobody builds by hand
    (r"py:.*", r"(optional|callable|ellipsis|int|str|bool|float|tuple|list|dict|object|None)"),
]

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
autodoc_default_options = {"members": True}
maximum_signature_line_length = 80
napoleon_google_docstring = False
napoleon_use_rtype = False
napoleon_use_ivar = False
add_module_names = False
python_use_unqualified_type_names = True

html_theme = "furo"
html_title = f"gradproof {release}"
html_copy_source = False
html_show_sphinx = False
html_last_updated_fmt = None
FONTS = Path(str(files("gradproof.reports.html")))
html_static_path = ["_static", *(str(FONTS / name) for name in ("math.woff2", "OFL.txt"))]
html_css_files = ["site.css"]
html_math_renderer = "mathml"
