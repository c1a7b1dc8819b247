"""The directive ``command-line``: a command with its arguments and options, as click knows them.

Guarantees: the page says what ``--help`` says, since it is made of the same objects; each option is
a target of the role ``option``.
"""

from __future__ import annotations

import inspect
import re
from importlib import import_module

import click
from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.util.nodes import nested_parse_with_titles

QUOTED = re.compile(r"(?<!\w)'([^']+)'(?!\w)")
"""What a help quotes; an apostrophe is none."""

MARK = re.compile(r"[*|_\\]")
"""What means something in reStructuredText, and is meant as it is in a help."""


def find_command(path: str) -> tuple[click.Command, click.Context]:
    """Return the command that words such as ``gradproof prove`` name, with its context."""
    name, *inner = path.split()
    found: click.Command = import_module("gradproof.cli").app
    context = click.Context(found, info_name=name)
    for word in inner:
        assert isinstance(found, click.Group)
        found = found.commands[word]
        context = click.Context(found, info_name=word, parent=context)
    return found, context


def lines_of(path: str) -> list[str]:
    """Return the description of a command in reStructuredText."""
    command, context = find_command(path)
    usage = " ".join(command.collect_usage_pieces(context))
    lines = [f".. program:: {path}", "", ".. code-block:: text", ""]
    lines += [f"   {path} {usage}", ""]
    lines += [*plain(inspect.cleandoc(command.help or "")).splitlines(), ""]
    for parameter in command.params:
        if isinstance(parameter, click.Option) and not parameter.hidden:
            lines += option_lines(parameter, context)
    return lines


def option_lines(option: click.Option, context: click.Context) -> list[str]:
    """Return the description of one option in reStructuredText."""
    record = option.get_help_record(context)
    assert record is not None
    spelled, told = record
    return [f".. option:: {spelled}", "", f"   {plain(told)}", ""]


def plain(text: str) -> str:
    """Return text of a help in reStructuredText: what is in quotes is code, all else words."""
    parts = QUOTED.sub(r"`\1`", text).split("`")
    return "``".join(part if k % 2 else MARK.sub(r"\\\g<0>", part) for k, part in enumerate(parts))


class CommandLine(SphinxDirective):
    """Describe the command that the argument names."""

    required_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        """Return the description as nodes."""
        parent = nodes.Element()
        content = StringList(lines_of(self.arguments[0]), source=self.get_source_info()[0])
        nested_parse_with_titles(self.state, content, parent)
        return parent.children


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directive."""
    app.add_directive("command-line", CommandLine)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
