"""What a verdict depends on beside its claim: the code that decides, and what it runs on.

Guarantees: any edit of a source file of the layers that decide, and any other version of a library
whose results enter a verdict, gives another fingerprint.
Cannot see: a library that was edited in place under its old version.
"""

from __future__ import annotations

import platform
import sys
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import flint
import mpmath
from sympy.external.gmpy import GROUND_TYPES

from .. import numeric, symbolic

DISTRIBUTIONS = (
    "sympy",
    "mpmath",
    "python-flint",
    "numpy",
    "hypothesis",
    "gmpy2",
    "z3-solver",
    "cvc5",
)
"""The libraries that enter a verdict; those that are not installed count as such."""


@dataclass(frozen=True, slots=True)
class Code:
    """The source files of the layers that decide, as they are on disk at one moment.

    Attributes
    ----------
    stamps
        Path, time of change and size of each file: cheap to compare.
    digest
        SHA-256 of names and contents.
    """

    stamps: tuple[tuple[str, int, int], ...]
    digest: str


def read_code() -> Code:
    """Read the source files.

    Raises
    ------
    OSError
        If one cannot be read.
    """
    stamps = _stamps()  # before the contents: an edit in between shows later
    digest = sha256()
    for layer, home in enumerate(_homes()):
        for file in _files(home):
            content = sha256(file.read_bytes()).hexdigest()
            digest.update(f"{layer} {file.relative_to(home).as_posix()} {content}\n".encode())
    return Code(stamps, digest.hexdigest())


def is_current(code: Code) -> bool:
    """Tell whether the source files are still those that were read."""
    try:
        return _stamps() == code.stamps
    except OSError:
        return False


def platform_parts() -> tuple[str, ...]:
    """Return the versions of Python and of the libraries, and what else may turn a result."""
    own = (
        sys.implementation.name,
        platform.python_version(),
        sys.platform,
        platform.machine(),
        f"optimized {sys.flags.optimize}",  # leaves assertions out
        f"FLINT {flint.__FLINT_VERSION__}",  # not always the one that python-flint brings along
        f"integers of {GROUND_TYPES}, {mpmath.libmp.BACKEND}",
    )
    return (*own, *(f"{name} {_version(name)}" for name in DISTRIBUTIONS))


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def _homes() -> tuple[Path, ...]:
    files = (symbolic.__file__, numeric.__file__, __file__)
    return tuple(Path(str(file)).parent for file in files)


def _files(home: Path) -> list[Path]:
    return sorted(home.rglob("*.py"))


def _stamps() -> tuple[tuple[str, int, int], ...]:
    found = [(file, file.stat()) for home in _homes() for file in _files(home)]
    return tuple((str(file), stat.st_mtime_ns, stat.st_size) for file, stat in found)
