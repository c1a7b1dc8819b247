"""Names in docstrings: links where the reference has them.

A docstring names its own parameters in single backticks in the way in which it names what the
reference describes, so a name there that is not found stays code; a name that a page asks for by a
role of its own, or that stands in a signature, has to be found.
A name is found by its last part too, if that is one thing alone: `DeclarationError` in any module.
"""

from __future__ import annotations

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.domains.python import PythonDomain
from sphinx.environment import BuildEnvironment
from sphinx.roles import XRefRole
from sphinx.util.nodes import make_refnode

ROLE = "name"


class NameRole(XRefRole):
    """A name that may be one of the reference, in the module or class that speaks of it."""

    def process_link(
        self,
        env: BuildEnvironment,
        refnode: nodes.Element,
        has_explicit_title: bool,
        title: str,
        target: str,
    ) -> tuple[str, str]:
        """Let the Python domain look for it, from where it is written."""
        refnode["py:module"] = env.ref_context.get("py:module")
        refnode["py:class"] = env.ref_context.get("py:class")
        refnode["refdomain"], refnode["reftype"] = "py", "obj"
        refnode["may_be_missing"] = True
        return title, target


def by_last_part(env: BuildEnvironment, target: str) -> tuple[str, str, str] | None:
    """Return page, anchor and name of the one thing in the reference with a last part."""
    domain = env.domains["py"]
    assert isinstance(domain, PythonDomain)
    last = target.rpartition(".")[2]
    found = {
        (entry.docname, entry.node_id, name)
        for name, entry in domain.objects.items()
        if name.rpartition(".")[2] == last and not entry.aliased
    }
    return found.pop() if len(found) == 1 else None


def resolve(
    app: Sphinx, env: BuildEnvironment, node: pending_xref, shown: nodes.Element
) -> nodes.Element | None:
    """Return a link to what a name of the Python domain means, or what is shown of it."""
    if node.get("refdomain") != "py":
        return None
    place = by_last_part(env, node["reftarget"]) if node["reftype"] != "mod" else None
    if place is not None:
        page, anchor, name = place
        return make_refnode(app.builder, node["refdoc"], page, anchor, shown, name)
    return shown if node.get("may_be_missing") else None


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the role, which `default_role` in ``conf.py`` names."""
    app.add_role(ROLE, NameRole(innernodeclass=nodes.literal))
    app.connect("missing-reference", resolve)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
