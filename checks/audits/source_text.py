"""The text of functions and statements in their files, and the names that a text needs.

Guarantees: a text is what the file holds, without the indentation it stands in; names are those
that Python's own scoping rules look up outside the text.
Cannot see: edits of a file since it was imported.
"""

from __future__ import annotations

import ast
import linecache
import math
import symtable
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from types import CodeType, FunctionType
from typing import Any, TypeAlias

POSTPONED = "from __future__ import annotations"
"""The statement after which annotations are not evaluated."""

_POSTPONED_FLAG = 0x1000000  # of that statement, in the flags of every code object below it

_PLAIN = (bool, int, float, complex, str, bytes, tuple, list, dict, set, type(None))
_LONGEST = 2000  # characters of a value that is written down

_Definition: TypeAlias = ast.FunctionDef | ast.Lambda


class NoSource(Exception):
    """The text cannot be had; the message says why, in a few words."""


@dataclass(frozen=True)
class SourceFile:
    """A parsed file.

    Attributes
    ----------
    name
        Its path, or what stands for one in a notebook.
    text, tree
        What it holds.
    """

    name: str
    text: str
    tree: ast.Module

    @classmethod
    def of(cls, function: FunctionType) -> SourceFile:
        """Return the file that a function was made in.

        Raises
        ------
        NoSource
            If there is none.
        """
        name = function.__code__.co_filename
        linecache.checkcache(name)
        text = "".join(linecache.getlines(name, function.__globals__))
        if not text:
            raise NoSource(f"there is no source of {name}")
        try:
            return cls(name, text, ast.parse(text))
        except SyntaxError:
            raise NoSource(f"{name} is no longer Python") from None

    def statements_binding(self, name: str) -> list[ast.stmt]:
        """Return the statements of the outermost level that bind a name as the file is imported."""
        return [s for s in self.tree.body if name in set(_bound_by(s)) and not _is_main(s)]

    def text_of(self, node: ast.stmt | ast.Lambda) -> str:
        """Return the text of a statement with its decorators, or that of a lambda."""
        if isinstance(node, ast.Lambda):
            return str(ast.get_source_segment(self.text, node))
        lines = self.text.split("\n")[first_line(node) - 1 : node.end_lineno]
        return textwrap.dedent("\n".join(lines))

    def definition_of(self, function: FunctionType) -> _Definition:
        """Return the node that made a function.

        Raises
        ------
        NoSource
            If that is not to be told.
        """
        code = function.__code__
        found = [node for node in ast.walk(self.tree) if _could_make(node, code)]
        if len(found) != 1:
            raise NoSource(f"the source of {function.__name__} is not found in {self.name}")
        node = found[0]
        assert isinstance(node, ast.FunctionDef | ast.Lambda)
        return node


def first_line(node: ast.stmt | ast.Lambda) -> int:
    """Return the line that a node begins in, its decorators included."""
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(d.lineno for d in decorators)])


def is_postponed(function: FunctionType) -> bool:
    """Tell whether annotations are not evaluated in the file of a function."""
    return bool(function.__code__.co_flags & _POSTPONED_FLAG)


def free_names(text: str, *, postponed: bool = False) -> list[str]:
    """Return the names that a text looks up outside itself, and those that it binds, sorted.

    >>> free_names("def f(x, scale=UNIT): return g(x) + max(x, scale)")
    ['UNIT', 'f', 'g', 'max']
    """
    top = symtable.symtable(f"{POSTPONED}\n{text}" if postponed else text, "text", "exec")
    tables, names = [top], {s.get_name() for s in top.get_symbols()}
    while tables:
        table = tables.pop()
        tables += table.get_children()
        names |= {s.get_name() for s in table.get_symbols() if table is not top and s.is_global()}
    return sorted(names - ({"annotations"} if postponed else set()))


def closure_of(function: FunctionType) -> dict[str, Any]:
    """Return what a function has taken over from the functions around it.

    Raises
    ------
    NoSource
        If something has no value yet.
    """
    cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
    try:
        return {name: cell.cell_contents for name, cell in cells}
    except ValueError:
        raise NoSource("a name of the function around it has no value") from None


def literal(value: Any) -> str | None:
    """Return the text of a plain value that is not long; None for another.

    >>> literal((1, "a")), literal(float("inf")), literal(object())
    ("(1, 'a')", 'float("inf")', None)
    """
    if isinstance(value, float) and not math.isfinite(value):
        return f'float("{value}")'
    if type(value) not in _PLAIN or len(text := repr(value)) > _LONGEST:
        return None
    try:
        return text if ast.literal_eval(text) == value else None
    except (ValueError, SyntaxError):
        return None


def without_annotations(text: str) -> str:
    """Return the text of functions without the annotations of parameters and results.

    >>> without_annotations("def f(z: Any, *, eps: float = 1e-9) -> Any: return z")
    'def f(z, *, eps = 1e-9): return z'
    """
    lines = text.split("\n")
    starts = [sum(map(len, lines[:k])) + k for k in range(len(lines))]

    def offset(line: int, column: int) -> int:
        return starts[line - 1] + len(lines[line - 1].encode()[:column].decode())

    spans: list[tuple[int, int]] = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.arg) and node.annotation is not None:
            start = offset(node.lineno, node.col_offset) + len(node.arg)
            spans.append((start, offset(node.end_lineno or 0, node.end_col_offset or 0)))
        elif isinstance(node, ast.FunctionDef) and node.returns is not None:
            end = offset(node.returns.end_lineno or 0, node.returns.end_col_offset or 0)
            arrow = text.rindex("->", 0, offset(node.returns.lineno, node.returns.col_offset))
            spans.append((len(text[:arrow].rstrip()), end))
    for start, end in sorted(spans, reverse=True):
        text = text[:start] + text[end:]
    return text


def _could_make(node: ast.AST, code: CodeType) -> bool:
    if isinstance(node, ast.FunctionDef):
        return node.name == code.co_name and first_line(node) == code.co_firstlineno
    if isinstance(node, ast.Lambda):
        return code.co_name == "<lambda>" and _holds(node.body, code)
    return False


def _holds(body: ast.expr, code: CodeType) -> bool:
    """Tell whether the instructions of a code lie in an expression, and begin and end with it."""
    start = (body.lineno, body.col_offset)
    end = (body.end_lineno or 0, body.end_col_offset or 0)
    spans = [
        ((line, column), (last, last_column))
        for line, last, column, last_column in code.co_positions()
        if line and last and column is not None and last_column
    ]
    return bool(spans) and min(s for s, _ in spans) == start and max(e for _, e in spans) == end


def _bound_by(statement: ast.AST) -> Iterator[str]:
    """Yield the names that a statement binds in its own scope."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield statement.name
        return
    if isinstance(statement, ast.Import | ast.ImportFrom):
        yield from (a.asname or a.name.partition(".")[0] for a in statement.names)
    if isinstance(statement, ast.Name) and isinstance(statement.ctx, ast.Store):
        yield statement.id
    if isinstance(statement, ast.Lambda | ast.ListComp | ast.SetComp | ast.DictComp):
        return
    for child in ast.iter_child_nodes(statement):
        yield from _bound_by(child)


def _is_main(statement: ast.stmt) -> bool:
    """Tell whether a statement is an ``if __name__ == "__main__"``."""
    parts: Any = ast.walk(statement.test) if isinstance(statement, ast.If) else ()
    return any(isinstance(part, ast.Name) and part.id == "__name__" for part in parts)
