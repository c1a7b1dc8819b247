"""Results kept from earlier runs, one file each: verdicts, and derivations as text.

Guarantees: a result is taken from the cache only for the same content, the same effort, the same
source of gradproof and the same versions of everything it computes with; a file that is damaged,
cut short or of another kind counts as absent; nothing in the cache is run as code.
A process that is killed leaves no half result behind, and a folder that cannot be used is no error:
then everything is worked out.
Verdicts that hang on the speed of the machine are not kept, nor are failures.
What it cannot see: that someone put a false result into the folder on purpose.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import astuple
from pathlib import Path
from tempfile import NamedTemporaryFile
from time import time

from .claim import Claim
from .content import UnreadableContentError, claim_digest, digest_of
from .engine import Settings
from .stored import read_verdict, written_verdict
from .verdict import Outcome, Verdict
from .versions import Code, is_current, platform_parts, read_code

FORMAT = 1
"""Changes whenever the files of older versions are not to be read any more."""

LIMIT = 64 * 2**20
"""Bytes the folder may hold before what was not used for the longest time goes."""

_HOUR = 3600.0
_DRAFT = ".draft-"
_OWN = re.compile(rf"[0-9a-f]{{64}}\.json|{re.escape(_DRAFT)}\w+")


class Cache:
    """Results in a folder: verdicts, and texts that take long to work out.

    Parameters
    ----------
    folder
        Where the files lie; it is made when the first result is kept.

    Attributes
    ----------
    hits
        How many verdicts were found.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.hits = 0
        self._written = 0
        self._platform = platform_parts()
        self._code: Code | None = None
        with suppress(OSError):
            self._code = read_code()

    def verdict_key(self, claim: Claim, settings: Settings) -> str | None:
        """Return the key of the verdict on a claim, or None if it cannot be kept."""
        return self.key("verdict", lambda: digest_of(astuple(settings), claim_digest(claim)))

    def find(self, key: str, claim: Claim) -> Verdict | None:
        """Return the verdict on a claim that is kept under `key`, if there is one."""
        text = self.read(key)
        verdict = None if text is None else read_verdict(text, claim)
        self.hits += verdict is not None
        return verdict

    def keep(self, key: str, claim: Claim, verdict: Verdict) -> None:
        """Keep a verdict on a claim under `key`, if it would be the same in another run."""
        text = written_verdict(verdict, claim) if is_repeatable(verdict) else None
        if text is not None:
            self.write(key, text)

    def key(self, kind: str, content: Callable[[], str]) -> str | None:
        """Return the key of a result that follows from `content` and the layers that decide.

        None if formulas in it cannot be read whole: then nothing may be kept of it.
        """
        if self._code is None:
            return None
        try:
            return digest_of(FORMAT, self._code.digest, self._platform, kind, content())
        except (UnreadableContentError, RecursionError):
            return None

    def read(self, key: str) -> str | None:
        """Return the text that is kept under `key`, or None if it is not there whole."""
        file = self._file(key)
        try:
            head, _, text = file.read_bytes().decode().partition("\n")
        except (OSError, ValueError):
            return None
        if head != digest_of(key, text):
            return None
        _mark_as_used(file)
        return text

    def write(self, key: str, text: str) -> None:
        """Keep a text under `key`, unless the code that made it changed while it ran."""
        if self._code is None or not is_current(self._code):
            return
        with suppress(OSError):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write_whole(self._file(key), f"{digest_of(key, text)}\n{text}")
            self._written += 1

    def prune(self) -> None:
        """Remove what was not used for the longest time where this run made the folder too large.

        Drafts that a killed process left go too.
        """
        if not self._written:
            return
        total = 0
        with suppress(OSError):
            for used, size, file in sorted(_files(self.folder), reverse=True):
                total += size
                if total > LIMIT or (file.name.startswith(_DRAFT) and used < time() - _HOUR):
                    file.unlink(missing_ok=True)

    def _file(self, key: str) -> Path:
        return self.folder / f"{key}.json"


def default_folder() -> Path | None:
    """Return the folder for caches of this user, or None where there is no home.

    On Linux and elsewhere that of the XDG base directory specification, on macOS and Windows that
    of the system.
    """
    try:
        if sys.platform == "win32":
            own = os.environ.get("LOCALAPPDATA")
            return Path(own, "gradproof", "Cache") if own else None
        if sys.platform == "darwin":
            return Path.home() / "Library" / "Caches" / "gradproof"
        chosen = Path(os.environ.get("XDG_CACHE_HOME", ""))
        return (chosen if chosen.is_absolute() else Path.home() / ".cache") / "gradproof"
    except RuntimeError:  # the home of a user that the system does not know
        return None


def is_repeatable(verdict: Verdict) -> bool:
    """Tell whether a verdict holds however fast the machine is.

    A proof, a counterexample and a point without a value do; where something is left open, every
    method must have come to its end.
    """
    left_open = verdict.outcome in (Outcome.SUPPORTED, Outcome.UNDECIDED)
    return not left_open or all(evidence.repeatable for evidence in verdict.evidence)


def _write_whole(file: Path, text: str) -> None:
    """Write a file that other processes see whole or not at all."""
    with NamedTemporaryFile(
        "w", encoding="utf-8", newline="\n", dir=file.parent, prefix=_DRAFT, delete=False
    ) as draft:
        try:
            draft.write(text)
            draft.flush()
            os.fsync(draft.fileno())
            draft.close()
            Path(draft.name).replace(file)
        except BaseException:
            draft.close()
            Path(draft.name).unlink(missing_ok=True)
            raise


def _mark_as_used(file: Path) -> None:
    with suppress(OSError):  # a folder that may only be read serves all the same
        if file.stat().st_mtime < time() - _HOUR:
            os.utime(file)


def _files(folder: Path) -> Iterator[tuple[float, int, Path]]:
    """Yield time of use, size and path of each file that the cache made."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if _OWN.fullmatch(entry.name):
                with suppress(FileNotFoundError):  # another process may prune too
                    found = entry.stat(follow_symlinks=False)
                    yield found.st_mtime, found.st_size, Path(entry.path)
