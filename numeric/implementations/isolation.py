"""Implementations that run in a child process: what crashes or hangs ends the child only.

Guarantees: a crash or a hang is the answer to its call; the next call gets a fresh child.
Each child is asked one thing at a time, and does not outlive the runner.
Cannot see: what the implementation would have kept from one call to another when its child had to
be started anew.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from ...symbolic.errors import DeclarationError, UnsupportedError
from .call import Answer, Call, Form, Reduction, Returns
from .carrying import REMEDY, pack
from .child import INSIDE
from .child_process import ChildGone, ChildProcess
from .manners import Manner
from .orders import Order, Reply, Request

START_LIMIT = 120.0
"""How many seconds a child may take to import the framework and the implementation."""


class IsolatedRunner:
    """Runs an implementation in a child process; a context manager that ends it.

    Parameters
    ----------
    order
        Which runner the child makes.
    time_limit
        How many seconds an answer may take; None for no limit.
    """

    def __init__(self, order: Order, time_limit: float | None) -> None:
        self.form: Form = order.form
        self.returns: Returns | None = order.returns
        self._order = order
        self._limit = time_limit
        self._child: ChildProcess | None = None
        self.manner: Manner | None = None
        reply = self._started()
        self.framework = reply.framework
        self.target_first = reply.target_first

    def run(self, call: Call) -> Answer:
        """Return the answer of the child, or why there is none.

        Raises
        ------
        UnsupportedError
            If the framework lacks the dtype.
        """
        return self._asked(Request("run", (call,)))[0]

    def interleaved(self, first: Call, second: Call) -> tuple[Answer, Answer]:
        """Return the answers of the child to interleaved calls, or twice why there are none."""
        one, other = self._asked(Request("interleaved", (first, second)))
        return one, other

    def run_in_place(self, first: Call, second: Call) -> Answer:
        """Return the answer of the child to the second call, or why there is none."""
        return self._asked(Request("run_in_place", (first, second)))[0]

    def close(self) -> None:
        """End the child; a later call starts another one."""
        if self._child is not None:
            self._child.close()
        self._child = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _asked(self, request: Request) -> tuple[Answer, ...]:
        if self._child is None:
            self._started()
        try:
            return self._reply(request, self._limit).answers
        except TimeoutError:
            failed = Answer(failure=f"no answer within {self._limit:g} s", failure_kind="time")
        except ChildGone as gone:
            failed = Answer(failure=str(gone), failure_kind="crash")
        return (failed,) * (2 if request.method == "interleaved" else 1)

    def _started(self) -> Reply:
        """Start a child, which makes the runner.

        Raises
        ------
        DeclarationError
            If the implementation cannot be loaded in it.
        """
        self._child = ChildProcess()
        told = {**vars(self._order), "returns": self.returns}
        try:
            return self._reply(Order(**told), START_LIMIT)
        except (TimeoutError, ChildGone) as error:
            raise DeclarationError(
                "a program that runs in a process of its own can be loaded there",
                found=str(error) or f"nothing within {START_LIMIT:g} s",
                remedy=REMEDY,
            ) from None

    def _reply(self, message: Order | Request, seconds: float | None) -> Reply:
        """Return the reply of the child, which is ended if it owes one."""
        assert self._child is not None
        try:
            reply: Reply = self._child.ask(message, seconds)
        except BaseException:  # also an interrupt: its reply would be taken for the next one
            self.close()
            raise
        self.returns, self.manner = reply.returns, reply.manner or self.manner
        if reply.error is not None:
            if isinstance(message, Order):
                self.close()
            raise reply.error
        return reply


def isolated(
    implementation: Callable[..., Any] | str,
    *,
    framework: str | None = None,
    form: Form = "index",
    returns: Returns | None = None,
    reduction: Reduction | None = None,
    gradient: Callable[..., Any] | str | None = None,
    time_limit: float | None = 10.0,
) -> IsolatedRunner:
    """Return what runs an implementation in a child process.

    Parameters
    ----------
    implementation
        A callable that can be pickled or is defined at the top level of a file, or its name as
        ``FILE.py:NAME`` or ``module:NAME``. The child runs that file anew.
    framework, form, returns, reduction
        As in `make_runner`.
    gradient
        As in `make_runner`, or its name.
    time_limit
        How many seconds an answer may take; None for no limit. Loading has a limit of its own.

    Raises
    ------
    DeclarationError
        If an argument has no meaning, or the implementation cannot be loaded in the child.
    UnsupportedError
        If the implementation cannot reach the child, or its framework is not installed.
    """
    if os.environ.get(INSIDE):
        raise UnsupportedError(
            "an isolated implementation isolates no other",
            found="its file isolates one while it is loaded",
            remedy="put what its file does beside defining it under if __name__ == '__main__'",
        )
    order = Order(
        pack(implementation),
        framework,
        form,
        returns,
        reduction,
        None if gradient is None else pack(gradient),
    )
    return IsolatedRunner(order, time_limit)
