"""A runner that no exception of the implementation passes, and that is limited in time.

Guarantees: what an implementation raises becomes an answer that names the exception, its message
and the user's own line; `KeyboardInterrupt` passes, and what says that something is not supported.
Cannot see or stop: what `limits` names, and what kills the process.
"""

from __future__ import annotations

from collections.abc import Callable

from ...symbolic.errors import EngineConflict, UnsupportedError
from ..twins.mistakes import place_of
from .call import Answer, Call, Form, Returns
from .limits import TimeUp, time_limited
from .manners import Manner
from .runner import Runner

_LONGEST = 200
_NOWHERE = "a library"  # what `place_of` says where no frame is the user's


class GuardedRunner:
    """Runs another runner under guard.

    Parameters
    ----------
    runner
        The other one.
    time_limit
        How many seconds an answer may take; None for no limit.
    """

    def __init__(self, runner: Runner, time_limit: float | None) -> None:
        self.framework = runner.framework
        self.form: Form = runner.form
        self.target_first = runner.target_first
        self._runner = runner
        self._limit = time_limit

    @property
    def returns(self) -> Returns | None:
        """What the implementation gives back, if that is known."""
        return self._runner.returns

    @property
    def manner(self) -> Manner | None:
        """How the implementation is called with one sample, if that is known."""
        return self._runner.manner

    def run(self, call: Call) -> Answer:
        """Return the answer of the runner, or why there is none."""
        (answer,) = self._answers(lambda: (self._runner.run(call),), 1)
        return answer

    def interleaved(self, first: Call, second: Call) -> tuple[Answer, Answer]:
        """Return the answers of the runner, or twice why there are none."""
        one, other = self._answers(lambda: self._runner.interleaved(first, second), 2)
        return one, other

    def run_in_place(self, first: Call, second: Call) -> Answer:
        """Return the answer of the runner, or why there is none."""
        (answer,) = self._answers(lambda: (self._runner.run_in_place(first, second),), 1)
        return answer

    def _answers(self, work: Callable[[], tuple[Answer, ...]], number: int) -> tuple[Answer, ...]:
        try:
            with time_limited(self._limit):
                return work()
        except (UnsupportedError, EngineConflict):
            raise
        except TimeUp:
            failed = Answer(failure=f"no answer within {self._limit:g} s", failure_kind="time")
        except (Exception, SystemExit) as error:
            failed = Answer(failure=_told(error), failure_kind="error")
        return (failed,) * number


def _told(error: BaseException) -> str:
    """Return an exception in one line: its type, its message, the user's line."""
    message = " ".join(str(error).split())
    if len(message) > _LONGEST:
        message = f"{message[:_LONGEST]} ..."
    text = f"{type(error).__name__}: {message}" if message else type(error).__name__
    place = place_of(error)
    return text if place == _NOWHERE else f"{text} ({place})"


def guarded(runner: Runner, *, time_limit: float | None = 10.0) -> GuardedRunner:
    """Return a runner that answers also where the implementation raises or takes too long.

    Parameters
    ----------
    runner
        The runner of the implementation.
    time_limit
        How many seconds an answer may take; None for no limit. It is a limit only in the main
        thread on a POSIX system, and cannot interrupt a single operation of a library in C.
    """
    return GuardedRunner(runner, time_limit)
