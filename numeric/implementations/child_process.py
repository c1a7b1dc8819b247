"""A child process as its parent sees it: started, asked, and ended for certain.

Guarantees: a child is killed and waited for when it is closed, when nothing refers to it any more,
and when the program ends.
"""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
import weakref
from contextlib import suppress
from typing import Any

from .child import INSIDE
from .orders import Message, receive, send

_PROGRAM = "import sys; sys.path[:] = {path!r}; from {home}.child import main; main()"

_PATIENCE = 5.0
"""How many seconds what must happen soon may take."""


class ChildGone(Exception):
    """The child has ended; the text says how."""


class ChildProcess:
    """A child that has been started and waits for messages."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM.format(path=sys.path, home=__package__)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, INSIDE: "1"},
        )
        self._replies: queue.SimpleQueue[Any] = queue.SimpleQueue()
        listener = threading.Thread(
            target=_listen, args=(self._process.stdout, self._replies), daemon=True
        )
        listener.start()
        self._end = weakref.finalize(self, _end, self._process, listener)

    def ask(self, message: Message, seconds: float | None) -> Any:
        """Send a message and return the reply.

        Parameters
        ----------
        message
            What to send.
        seconds
            How long to wait for the reply; None for ever.

        Raises
        ------
        ChildGone
            If the child ends before it replies.
        TimeoutError
            If there is no reply in time.
        """
        assert self._process.stdin is not None
        try:
            send(self._process.stdin, message)
            reply = self._replies.get(timeout=seconds)
        except queue.Empty:
            raise TimeoutError from None
        except OSError:
            reply = None
        if reply is None:
            raise ChildGone(self._cause())
        return reply

    def close(self) -> None:
        """Kill the child, if it still runs, and wait for its end."""
        self._end()

    def _cause(self) -> str:
        """Return how the child has ended."""
        try:
            code = self._process.wait(timeout=_PATIENCE)
        except subprocess.TimeoutExpired:
            return "the process closed its streams"
        if code < 0:
            return f"the process died of {signal.Signals(-code).name}"
        return f"the process ended itself with exit code {code}"


def _listen(stream: Any, replies: queue.SimpleQueue[Any]) -> None:
    reply = receive(stream)
    while reply is not None:
        replies.put(reply)
        reply = receive(stream)
    replies.put(None)


def _end(process: subprocess.Popen[bytes], listener: threading.Thread) -> None:
    process.kill()
    process.wait()
    assert process.stdin is not None
    assert process.stdout is not None
    with suppress(BrokenPipeError):  # of a message that was not yet sent
        process.stdin.close()
    listener.join(_PATIENCE)
    if not listener.is_alive():  # as it is where a process of the child's holds the stream
        process.stdout.close()
