from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from gradproof.numeric.implementations import Answer, guarded, make_runner
from gradproof.numeric.implementations.limits import TimeUp, time_limited
from gradproof.symbolic.errors import UnsupportedError
from tests.numeric.implementations.conftest import call, is_right, of_numpy

POSIX = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs timers of POSIX")


def _guarded(function: Callable[..., Any], seconds: float | None = None) -> Any:
    return guarded(make_runner(function, framework="numpy"), time_limit=seconds)


def _raising(error: BaseException) -> Callable[..., Any]:
    def implementation(*_: Any) -> Any:
        raise error

    return implementation


def _for_ever(*_: Any) -> Any:
    while True:
        time.sleep(0.01)


def _stubborn(*_: Any) -> Any:
    """Swallow exceptions, the first interruption among them."""
    while True:
        try:
            _for_ever()
        except BaseException:
            try:
                _for_ever()
            except Exception:
                continue


def test_answers_pass_the_guard() -> None:
    """What a guarded runner answers is what the runner answers, and it knows the same."""
    runner = _guarded(of_numpy, 10.0)
    assert (runner.framework, runner.form, runner.returns) == ("numpy", "index", None)
    assert is_right(runner.run(call()), "float32")
    assert all(is_right(a, "float32") for a in runner.interleaved(call(), call()))
    assert is_right(runner.run_in_place(call("float64"), call("float64")), "float64")
    assert (runner.returns, runner.target_first) == ("gradient", False)
    assert runner.manner.label == "number"


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (ValueError("two\n  lines"), "ValueError: two lines (test_calls_guarded.py:"),
        (ZeroDivisionError(), "ZeroDivisionError (test_calls_guarded.py:"),
        (SystemExit(3), "SystemExit: 3 (test_calls_guarded.py:"),
        (RuntimeError("x" * 300), f"RuntimeError: {'x' * 200} ... (test_calls_guarded.py:"),
    ],
)
def test_exceptions_are_answers(error: BaseException, text: str) -> None:
    """What an implementation raises is a failure with type, message and the user's line."""
    runner = _guarded(_raising(error))
    for answer in (runner.run(call()), *runner.interleaved(call(), call())):
        assert answer.failure.startswith(text)
        assert "\n" not in answer.failure
        assert answer.failure_kind == "error"


def test_the_line_is_the_users() -> None:
    """The line that is named is the innermost one of the user's, not of a library."""

    def deep(z: Any, _: Any) -> Any:
        return np.linalg.inv(z)

    line = deep.__code__.co_firstlineno + 1
    answer = _guarded(deep).run(call())
    assert answer.failure.startswith("LinAlgError: ")
    assert answer.failure.endswith(f"(test_calls_guarded.py:{line})")


def test_unbounded_recursion_is_an_answer() -> None:
    """A function that calls itself without end is a failure like another."""

    def endless(z: Any, y: Any) -> Any:
        return endless(z, y)

    assert _guarded(endless).run(call()).failure.startswith("RecursionError: ")


def test_interrupts_and_errors_of_gradproof_pass() -> None:
    """An interrupt ends the audit, and so does what the user must be told."""
    with pytest.raises(KeyboardInterrupt):
        _guarded(_raising(KeyboardInterrupt())).run(call())
    told = UnsupportedError("a", found="b", remedy="c")
    with pytest.raises(UnsupportedError):
        _guarded(_raising(told)).run(call())


@POSIX
@pytest.mark.parametrize("function", [_for_ever, _stubborn])
def test_what_takes_too_long_is_interrupted(function: Callable[..., Any]) -> None:
    """A call that exceeds the limit is a failure, also where exceptions are swallowed."""
    answer = _guarded(function, 0.1).run(call())
    assert (answer.failure, answer.failure_kind) == ("no answer within 0.1 s", "time")


@pytest.fixture
def alarm() -> Iterator[list[int]]:
    """Set a handler and a timer that is far away, and return what the handler notes."""
    noted: list[int] = []
    former = signal.signal(signal.SIGALRM, lambda number, _: noted.append(number))
    signal.setitimer(signal.ITIMER_REAL, 1000.0)
    yield noted
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, former)


@POSIX
def test_handlers_and_timers_are_restored(alarm: list[int]) -> None:
    """After a call, in time or not, the handler and the timer of before are in force."""
    handler = signal.getsignal(signal.SIGALRM)
    for function in (of_numpy, _for_ever, _raising(ValueError())):
        _guarded(function, 0.1).run(call())
        assert signal.getsignal(signal.SIGALRM) is handler
        left, _ = signal.getitimer(signal.ITIMER_REAL)
        assert 0 < left <= 1000
    assert alarm == []


@POSIX
def test_limits_nest() -> None:
    """An inner limit that is reached leaves the outer one in force."""

    def outer() -> None:
        with time_limited(0.3):
            with pytest.raises(TimeUp), time_limited(0.05):
                _for_ever()
            _for_ever()

    with pytest.raises(TimeUp):
        outer()
    assert signal.getitimer(signal.ITIMER_REAL)[0] == 0


def test_other_threads_have_no_limit() -> None:
    """Outside the main thread an answer takes the time it takes."""
    answers: list[Answer] = []

    def slowly(z: Any, y: Any) -> Any:
        time.sleep(0.1)
        return of_numpy(z, y)

    thread = threading.Thread(target=lambda: answers.append(_guarded(slowly, 0.01).run(call())))
    thread.start()
    thread.join()
    assert is_right(answers[0], "float32")


@POSIX
def test_an_interrupted_call_leaves_the_streams_alone() -> None:
    """Output goes where it went before, after an interruption too."""
    before = sys.stdout, sys.stderr, np.geterr()
    _guarded(_for_ever, 0.05).run(call())
    assert (sys.stdout, sys.stderr, np.geterr()) == before
