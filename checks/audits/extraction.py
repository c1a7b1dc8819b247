"""The source of a callable with all that it needs, as statements that run by themselves.

Guarantees: a statement is copied from the file that the callable was made in, writes down a value
as it is now, or imports the very object that is used.
Where that is impossible the callable is imported, or its file is run, and a comment says why.
Cannot see: what a file does to its globals after it has bound them, other than to numbers and text.
"""

from __future__ import annotations

import ast
import builtins
import inspect
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import FunctionType
from typing import Any

from .import_lines import folder_of, import_line, is_installed, narrowed, renamed
from .source_text import (
    NoSource,
    SourceFile,
    closure_of,
    free_names,
    is_postponed,
    literal,
    without_annotations,
)


@dataclass
class Extract:
    """Statements that bind a callable to a name.

    Attributes
    ----------
    name
        The name; empty if there are none.
    imports, definitions
        The statements, in an order in which they run.
    folders
        What the import path needs beside the usual.
    postponed
        Whether annotations are not evaluated in them.
    """

    name: str = ""
    imports: list[str] = field(default_factory=list)
    definitions: list[str] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)
    postponed: bool = False

    def names(self) -> set[str]:
        """Return the names that the statements use or bind on their outermost level."""
        return set(free_names("\n".join([*self.imports, *self.definitions])))


class Extractor:
    """Collects what one or more callables need, each thing once."""

    def __init__(self) -> None:
        self.made = Extract()
        self._bound: dict[str, Any] = {}

    def add(self, function: Callable[..., Any], *, name: str, origin: str = "") -> Extract:
        """Add a callable and return what has been collected; its `name` is that of the callable.

        Parameters
        ----------
        function
            The callable.
        name
            What to call it if it has no name of its own.
        origin
            Where it comes from, as ``FILE.py:NAME`` or ``module:NAME``, if nothing else says so.
        """
        before = (list(self.made.imports), list(self.made.definitions), list(self.made.folders))
        known = dict(self._bound)
        try:
            self.made.name = self._entry(function, name)
        except (NoSource, RecursionError, SyntaxError, ValueError) as error:
            self.made.imports, self.made.definitions, self.made.folders = before
            self._bound = known
            self._by_import(function, name, origin, str(error))
        return self.made

    def _entry(self, function: Callable[..., Any], name: str) -> str:
        plain = inspect.unwrap(function)
        if isinstance(function, partial):
            return self._partial(function, name)
        if not isinstance(plain, FunctionType):
            raise NoSource(f"it is an object of the class {type(function).__name__}")
        if _is_of_a_library(plain):
            raise NoSource("it belongs to a library")
        if function is plain:
            own = plain.__name__
            called = own if own.isidentifier() else name
            self._bind(called, plain, plain)
            return called
        known = [key for key, value in plain.__globals__.items() if value is function]
        if not known:
            raise NoSource("what it is wrapped in is not found in its file")
        self._bind(known[0], function, plain)
        return known[0]

    def _partial(self, function: partial[Any], name: str) -> str:
        inner = self._entry(function.func, f"inner_{name}")
        given = [*map(_written, function.args)]
        given += [f"{key}={_written(value)}" for key, value in function.keywords.items()]
        self._import("from functools import partial", "")
        self._claim(name, function)
        self._define(f"{name} = {', '.join([f'partial({inner}', *given])})")
        return name

    def _bind(self, name: str, value: Any, home: FunctionType) -> None:
        """Bind a value to the name that `home` or its file calls it by."""
        if not self._claim(name, value):
            return
        if isinstance(value, FunctionType) and _is_sibling(value, home):
            self._function(name, value)
        elif (text := literal(value)) is not None:
            self._define(f"{name} = {text}")
        elif not self._statement(name, value, home):
            line = import_line(value, name)
            if line is None:
                raise NoSource(f"{name} is an object that no statement binds alone")
            self._import(line, home.__code__.co_filename)

    def _claim(self, name: str, value: Any) -> bool:
        """Tell whether a name is still to be bound.

        Raises
        ------
        NoSource
            If it is bound to something else.
        """
        if name in self._bound:
            if self._bound[name] is value:
                return False
            raise NoSource(f"two things are called {name}")
        self._bound[name] = value
        return True

    def _function(self, name: str, function: FunctionType) -> None:
        file = SourceFile.of(function)
        node = file.definition_of(function)
        if isinstance(node, ast.Lambda):
            text = f"({file.text_of(node)})"
            needed = free_names(text)
            text = f"{name} = {text[1:-1] if len(text.splitlines()) == 1 else text}"
        else:
            text = file.text_of(node)
            if node.decorator_list and function.__globals__.get(node.name) is not function:
                raise NoSource(f"{node.name} is wrapped by a decorator")
            if not node.decorator_list:  # which might read the annotations
                text = without_annotations(text)
            needed = self._names_in(text, function)
            if node.name != name:
                self._claim(node.name, function)
                text += f"\n\n\n{name} = {node.name}"
        self._needs(needed, function, closure_of(function))
        self._define(text)

    def _needs(self, names: list[str], home: FunctionType, cells: dict[str, Any]) -> None:
        known = {**home.__globals__, **cells}
        for name in names:
            if name in known:
                self._bind(name, known[name], home)
            elif not hasattr(builtins, name) and name != home.__name__:
                raise NoSource(f"the name {name} has no value")

    def _statement(self, name: str, value: Any, home: FunctionType) -> bool:
        """Copy the statement that binds a global of a file; tell whether there is one."""
        if home.__globals__.get(name, self) is not value:
            return False
        file = SourceFile.of(home)
        found = file.statements_binding(name)
        imports = [s for s in found if isinstance(s, ast.Import | ast.ImportFrom)]
        if found and len(imports) == len(found):
            lines = [line for s in imports if (line := narrowed(s, name))]
            for line in "\n".join(lines).splitlines():
                self._import(line, file.name)
            return bool(lines)
        if len(found) > 1:
            raise NoSource(f"{name} is bound more than once")
        for statement in found:
            text = file.text_of(statement)
            self._needs(self._names_in(text, home), home, {})
            self._define(text)
        return bool(found)

    def _names_in(self, text: str, home: FunctionType) -> list[str]:
        """Return the names that a text of a file needs as it runs."""
        every = free_names(text)
        if not is_postponed(home):
            return every
        needed = free_names(text, postponed=True)
        self.made.postponed |= needed != every
        return needed

    def _define(self, text: str) -> None:
        if text not in self.made.definitions:
            self.made.definitions.append(text)

    def _import(self, line: str, file: str) -> None:
        folder = folder_of(line, file)
        if folder is not None:
            self._folder(folder)
        if line not in self.made.imports:
            self.made.imports.append(line)

    def _folder(self, folder: str) -> None:
        if folder not in self.made.folders:
            self.made.folders.append(folder)

    def _by_import(self, function: Any, name: str, origin: str, reason: str) -> None:
        """Bind a callable that cannot be copied, by an import or by running its file."""
        own = getattr(function, "__name__", "")
        self.made.name = called = own if str(own).isidentifier() else name
        home, _, attribute = origin.rpartition(":")
        file = getattr(getattr(inspect.unwrap(function), "__code__", None), "co_filename", "")
        line = import_line(function, called)
        if (
            line is None
            and home in sys.modules
            and vars(sys.modules[home]).get(attribute) is function
        ):
            line = f"from {home} import {renamed(attribute, called)}"
        if line is not None:
            self._import(line, file)
            return
        self._by_file(function, called, (home, attribute), reason)

    def _by_file(self, function: Any, called: str, origin: tuple[str, str], reason: str) -> None:
        """Bind a callable by running the file that makes it; leave a gap if there is none."""
        plain = inspect.unwrap(function)
        file, key = origin
        if isinstance(plain, FunctionType):
            globals_ = plain.__globals__
            named = [k for k, value in globals_.items() if value is function]
            file, key = (plain.__code__.co_filename, named[0]) if named else origin
        if not Path(file).is_file():
            self._define(f"{called} = ...  # put it here, it cannot be copied: {reason}")
            return
        first, *rest = key.split(".")
        path = Path(file).resolve()
        self._folder(str(path.parent))
        self._import("import runpy", "")
        run = "".join([f"runpy.run_path({str(path)!r})[{first!r}]", *(f".{r}" for r in rest)])
        self._define(f"# {called} is not copied: {reason}.\n{called} = {run}")


def _is_of_a_library(function: FunctionType) -> bool:
    """Tell whether a function is to be imported: from a package, which gradproof itself is too.

    The implementations beside this module stand for code of users.
    """
    home, _, _ = str(function.__module__).rpartition(".")
    if home == __package__:
        return False
    own = str(__package__).partition(".")[0]
    return is_installed(function.__code__.co_filename) or f"{home}.".startswith(f"{own}.")


def _is_sibling(function: FunctionType, home: FunctionType) -> bool:
    """Tell whether a function is made in the file of another, and wrapped in nothing."""
    return function.__globals__ is home.__globals__ and not hasattr(function, "__wrapped__")


def _written(value: Any) -> str:
    text = literal(value)
    if text is None:
        raise NoSource("it is bound to an argument that is no plain value")
    return text
