"""Run a Python file of a user's, in a namespace of its own.

Guarantees: whatever is wrong with the file ends in one `ClaimsFileError` that names the file, the
line in it and a remedy; the import path and the loaded modules are afterwards as they were before.
Cannot see: other traces that running code leaves, such as files it writes.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, ModuleType, TracebackType

from ..symbolic.errors import ClaimsFileError, GradproofError


def run_file(path: Path) -> ModuleType:
    """Run the Python file `path` and return it as a module, which is not left in `sys.modules`.

    While it runs, its folder is the first on the import path, so that it can import its neighbours;
    these are forgotten again too, so that files of two folders do not share them.

    Raises
    ------
    ClaimsFileError
        If the file cannot be read, is not Python, or raises an exception or ends the program while
        it runs.
    """
    code = _compile(path)
    module = ModuleType(f"_run_{path.stem}")  # no other module has such a name
    module.__file__ = str(path)
    with _surroundings(path, module):
        try:
            exec(code, vars(module))  # noqa: S102 - running the file is what was asked for
        except GradproofError as error:
            where = _place(path, error.__traceback__)
            raise one_line(where, error.invariant, error.found, error.remedy) from error
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # also SystemExit, and the outcomes of test frameworks
            where = _place(path, error.__traceback__)
            found = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
            raise one_line(where, "the file runs to its end", found, _remedy(error)) from error
    return module


def _remedy(error: BaseException) -> str:
    """Return what to do; Python asks a chain of comparisons for its truth, which it has not."""
    if isinstance(error, TypeError) and "truth value of Relational" in str(error):
        return "write And(Lt(0, a), Lt(a, 1)) for 0 < a < 1, and And, Or, Not for and, or, not"
    return "correct the line"


def one_line(where: object, invariant: str, found: str, remedy: str) -> ClaimsFileError:
    """Return the error that says, on a single line, what is wrong at `where`."""
    invariant, found, remedy = (" ".join(text.split()) for text in (invariant, found, remedy))
    return ClaimsFileError(f"{where}: {invariant}", found=found, remedy=remedy)


def _compile(path: Path) -> CodeType:
    try:
        source = path.read_bytes()
    except OSError as error:
        found, remedy = error.strerror or str(error), "correct the path"
        raise one_line(path, "the file can be read", found, remedy) from error
    try:
        return compile(source, str(path), "exec", dont_inherit=True)
    except SyntaxError as error:
        where = f"{path}:{error.lineno}" if error.lineno else str(path)
        raise one_line(where, "the file is Python", error.msg, "correct the line") from error
    except (ValueError, RecursionError) as error:
        raise one_line(path, "the file is Python", str(error), "correct the file") from error


def _place(path: Path, trace: TracebackType | None) -> str:
    """Return the file with the line of it that was running when the exception was raised."""
    line = 0
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == str(path):
            line = trace.tb_lineno
        trace = trace.tb_next
    return f"{path}:{line}"


@contextmanager
def _surroundings(path: Path, module: ModuleType) -> Iterator[None]:
    folder = path.resolve().parent
    import_path, loaded = list(sys.path), set(sys.modules)
    sys.path.insert(0, str(folder))
    sys.modules[module.__name__] = module  # dataclasses look their module up while they are made
    try:
        yield
    finally:
        sys.path[:] = import_path
        del sys.modules[module.__name__]
        _forget_neighbours(folder, loaded)


def _forget_neighbours(folder: Path, loaded: set[str]) -> None:
    """Take the modules that lie in `folder` out of `sys.modules`, unless they were there before."""
    for name in [name for name in sys.modules if "." not in name and name not in loaded]:
        origin = getattr(sys.modules[name], "__file__", None)
        file = Path(origin) if origin else folder.parent
        if folder == (file.parent.parent if file.name == "__init__.py" else file.parent):
            for member in [m for m in sys.modules if f"{m}.".startswith(f"{name}.")]:
                del sys.modules[member]
