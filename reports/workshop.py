"""A folder beside a target in which the target is made, and the exchange that puts it there.

Guarantees: a workshop that a killed process left behind is removed by the next one for the same
target, and what that process had taken out of its place is put back first; the workshop of a
process that still runs is left alone.
What it cannot see: where the file system has no locks, whether a workshop less than an hour old is
still in use; it is left alone then.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import time

if sys.platform != "win32":
    import fcntl

_HOUR = 3600.0

OLD = "old"
"""Where in a workshop lies what was in the place of the target."""


@contextmanager
def workshop(target: Path) -> Iterator[Path]:
    """Make a folder beside `target`, on the same file system, and remove it in the end.

    What was moved into it from the place of `target` and could not be moved back is never removed.
    """
    clear(target)
    folder, lock = _made(target)
    try:
        yield folder
    finally:
        _remove(folder, target)
        if lock is not None:
            os.close(lock)


def clear(target: Path) -> None:
    """Remove the workshops that killed processes left beside `target`."""
    for folder in sorted(target.parent.glob(f"{_prefix(target)}*")):
        with suppress(OSError):
            lock = _lock(folder)
            try:
                if lock is not None or folder.stat().st_mtime < time() - _HOUR:
                    if (folder / OLD).exists() and not target.exists():
                        (folder / OLD).rename(target)
                    _remove(folder, target)
            finally:
                if lock is not None:
                    os.close(lock)


def _prefix(target: Path) -> str:
    return f".{target.name}-gradproof-"


def _made(target: Path) -> tuple[Path, int | None]:
    """Return a new workshop with its lock; one cleared before it was locked is made again."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=_prefix(target), dir=target.parent))
        with suppress(FileNotFoundError, BlockingIOError):
            lock = _lock(folder)
            if folder.exists():
                return folder, lock


def _lock(folder: Path) -> int | None:
    """Lock a folder until this process ends, or return None where there are no such locks.

    Raises
    ------
    BlockingIOError
        If another process holds the lock.
    """
    if sys.platform == "win32":
        return None
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise
    except OSError:
        os.close(handle)
        return None
    return handle


def _remove(folder: Path, target: Path) -> None:
    if target.exists() or not (folder / OLD).exists():
        shutil.rmtree(folder, ignore_errors=True)


def swap(first: Path, second: Path) -> bool:
    """Exchange two folders in one step that no kill can divide; False where that cannot be done."""
    here, exchange = -100, 2  # AT_FDCWD and RENAME_EXCHANGE, or RENAME_SWAP on macOS
    one, other = os.fsencode(first), os.fsencode(second)
    calls = {
        "linux": ("renameat2", (here, one, here, other, exchange)),
        "darwin": ("renamex_np", (one, other, exchange)),
    }
    if sys.platform not in calls:
        return False
    name, arguments = calls[sys.platform]
    try:
        return bool(getattr(ctypes.CDLL(None), name)(*arguments) == 0)
    except (OSError, AttributeError):  # a C library without the function
        return False
