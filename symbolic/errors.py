"""The error hierarchy: every error names the invariant, the values found and the remedy.

Guarantees: all errors that a user can cause derive from `GradproofError`, and their text is
complete without a traceback.
"""

from __future__ import annotations

from typing import Any


class GradproofError(Exception):
    """Base of every error gradproof raises on purpose.

    Parameters
    ----------
    invariant
        What must hold, as a sentence without a full stop.
    found
        The values that broke it.
    remedy
        What the reader can do about it.
    """

    def __init__(self, invariant: str, *, found: object, remedy: str) -> None:
        self.invariant = invariant
        self.found = str(found)
        self.remedy = remedy
        super().__init__(f"{invariant}; found {self.found}; {remedy}")

    def __reduce__(self) -> tuple[Any, ...]:
        """Let an error travel between processes: its arguments are keywords."""
        return _rebuild, (type(self), self.invariant, self.found, self.remedy)


def _rebuild(kind: type[GradproofError], invariant: str, found: str, remedy: str) -> GradproofError:
    return kind(invariant, found=found, remedy=remedy)


class DeclarationError(GradproofError):
    """A loss, kernel, claim or point was declared in a way that has no meaning."""


class UnsupportedError(GradproofError):
    """The expression is meaningful but outside what a method can treat."""


class UndefinedValueError(GradproofError):
    """The expression has no value at the point asked for (0/0, log 0, division by 0)."""


class PrecisionError(GradproofError):
    """The requested number of certified digits was not reached within the precision limit."""


class ClaimsFileError(GradproofError):
    """A claims file cannot be read, run or understood."""


class CertificateFileError(GradproofError):
    """A file of certificates cannot be read, or holds none."""


class EngineConflict(GradproofError):
    """Two independent methods disagree: a defect of gradproof itself, never a verdict."""


class ReportError(GradproofError):
    """A report cannot be written."""
