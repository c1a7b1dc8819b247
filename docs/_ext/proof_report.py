"""The committed proof report as pages of the site.

Guarantees: each page says what its file in ``reports/proofs`` says; only the way in which formulas
are marked is changed, from GitHub's to that of the site.
The copy lies in ``docs/proof-report``, which git ignores, and is made anew before pages are read.
Pages link to the committed files, as it is right where they are read in the repository; on the site
such a link leads to the copy.
"""

from __future__ import annotations

import re
from pathlib import Path

from sphinx.application import Sphinx

FOLDER = "proof-report"
INLINE = re.compile(r"\$`(.+?)`\$", re.DOTALL)
ORPHAN = "---\norphan: true\n---\n\n"  # the index links to each page


def copied(name: str, text: str) -> str:
    """Return a page of the report with its formulas as the site marks them."""
    return ORPHAN * (name != "index.md") + INLINE.sub(lambda found: f"${found[1]}$", text)


def copy_report(app: Sphinx) -> None:
    """Bring the copy up to date: what changed is written, what is gone is removed."""
    source = Path(app.srcdir).parent / "reports" / "proofs"
    target = Path(app.srcdir) / FOLDER
    names = {file.relative_to(source) for file in source.rglob("*") if file.is_file()}
    for old in [file for file in target.rglob("*") if file.is_file()]:
        if old.relative_to(target) not in names:
            old.unlink()
    for name in sorted(names):
        data = (source / name).read_bytes()
        if name.suffix == ".md":
            data = copied(name.name, data.decode()).encode()
        file = target / name
        if not file.is_file() or file.read_bytes() != data:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)


def to_copies(_: Sphinx, docname: str, source: list[str]) -> None:
    """Let the links of a page, to files of the report, lead to their copies."""
    up = "../" * docname.count("/")
    source[0] = source[0].replace(f"](../{up}reports/proofs/", f"]({up}{FOLDER}/")


def setup(app: Sphinx) -> dict[str, bool]:
    """Copy the report when a build begins, and mend links to it."""
    app.connect("builder-inited", copy_report)
    app.connect("source-read", to_copies)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
