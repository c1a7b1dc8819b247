"""A limit on the time of a block, by a timer of the operating system.

Guarantees: in the main thread on a POSIX system the block ends with `TimeUp` soon after the limit;
the handler and the timer of before are afterwards in force again, its remaining time less what the
block took.
Cannot interrupt: a single operation of a library in C, such as one large product of matrices, which
must end first; a block in another thread or on Windows, where there is no limit; code that catches
`BaseException` again and again, which is interrupted again and again.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

AGAIN = 0.25
"""After how many seconds a block that has caught the interruption is interrupted again."""


class TimeUp(BaseException):
    """The limit is reached.

    Not an `Exception`, so that no ``except Exception`` of the user's program swallows it.
    """


@contextmanager
def time_limited(seconds: float | None) -> Iterator[None]:
    """Run the block for at most some seconds, None being no limit.

    Raises
    ------
    TimeUp
        If it took longer.
    """
    if seconds is None or not _can_interrupt():
        yield
        return
    armed = True

    def interrupt(*_: Any) -> None:
        if armed:
            raise TimeUp

    start = monotonic()
    former: Any = signal.signal(signal.SIGALRM, interrupt)
    left, interval = signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN)
    try:
        yield
    finally:
        armed = False
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, former if former is not None else signal.SIG_DFL)
        if left:
            rest = max(left - (monotonic() - start), 1e-6)
            signal.setitimer(signal.ITIMER_REAL, rest, interval)


def _can_interrupt() -> bool:
    in_main = threading.current_thread() is threading.main_thread()
    return in_main and hasattr(signal, "setitimer")
