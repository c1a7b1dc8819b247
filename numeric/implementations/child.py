"""The child process in which an isolated implementation runs.

Guarantees: what the implementation writes to the standard streams does not reach the messages; the
process ends as soon as its parent is gone, also during a call.
"""

from __future__ import annotations

import os
import queue
import signal
import threading
from typing import IO, Any

from ...symbolic.errors import GradproofError
from .call import Answer
from .carrying import unpack
from .guarding import GuardedRunner, guarded
from .making import make_runner
from .orders import Order, Reply, Request, receive, send

INSIDE = "GRADPROOF_ISOLATED"
"""The environment variable that is set in a child."""


def main() -> None:
    """Make the runner that is ordered and answer requests until the parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides what an interrupt ends
    requests, replies = _own_streams()
    messages: queue.SimpleQueue[Any] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(requests, messages), daemon=True).start()
    runner, reply = _made(messages.get())
    send(replies, reply)
    while runner is not None:
        send(replies, _answered(runner, messages.get()))


def _own_streams() -> tuple[IO[bytes], IO[bytes]]:
    """Return the streams to the parent, and put nothing in their places."""
    requests = os.fdopen(os.dup(0), "rb")
    replies = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    for place in (0, 1):
        os.dup2(nothing, place)
    return requests, replies


def _listen(requests: IO[bytes], messages: queue.SimpleQueue[Any]) -> None:
    while True:
        message = receive(requests)
        if message is None:
            os._exit(0)
        messages.put(message)


def _made(order: Order) -> tuple[GuardedRunner | None, Reply]:
    try:
        runner = make_runner(
            unpack(order.implementation),
            framework=order.framework,
            form=order.form,
            returns=order.returns,
            reduction=order.reduction,
            gradient=None if order.gradient is None else unpack(order.gradient),
        )
    except GradproofError as error:
        return None, Reply(error=error)
    guard = guarded(runner, time_limit=None)
    return guard, _reply(guard)


def _answered(runner: GuardedRunner, request: Request) -> Reply:
    try:
        answers = getattr(runner, request.method)(*request.calls)
    except GradproofError as error:
        return _reply(runner, error=error)
    return _reply(runner, answers if isinstance(answers, tuple) else (answers,))


def _reply(
    runner: GuardedRunner, answers: tuple[Answer, ...] = (), error: GradproofError | None = None
) -> Reply:
    return Reply(
        runner.framework, runner.returns, runner.manner, runner.target_first, answers, error
    )
