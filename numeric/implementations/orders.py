"""What a runner and its child process say to each other: pickled messages with their lengths.

Guarantees: a message arrives whole or not at all.
"""

from __future__ import annotations

import pickle
import struct
from dataclasses import dataclass
from typing import IO, Any, Literal, TypeAlias

from ...symbolic.errors import GradproofError
from .call import Answer, Call, Form, Reduction, Returns
from .carrying import Parcel
from .manners import Manner

_LENGTH = struct.Struct("!Q")


@dataclass(frozen=True)
class Order:
    """Which runner the child makes: the arguments of `make_runner`."""

    implementation: Parcel
    framework: str | None
    form: Form
    returns: Returns | None
    reduction: Reduction | None
    gradient: Parcel | None


@dataclass(frozen=True)
class Request:
    """Calls to be made.

    Attributes
    ----------
    method
        Which method of a runner makes them.
    calls
        Its arguments.
    """

    method: Literal["run", "interleaved", "run_in_place"]
    calls: tuple[Call, ...]


@dataclass(frozen=True)
class Reply:
    """What the child says.

    Attributes
    ----------
    framework, returns, manner, target_first
        Those of its runner by now.
    answers
        To the calls of the request; none if the runner has just been made.
    error
        What passes through to the user in their place.
    """

    framework: str = ""
    returns: Returns | None = None
    manner: Manner | None = None
    target_first: bool = False
    answers: tuple[Answer, ...] = ()
    error: GradproofError | None = None


Message: TypeAlias = Order | Request | Reply


def send(stream: IO[bytes], message: Message) -> None:
    """Write a message.

    Raises
    ------
    OSError
        If the other side is gone.
    """
    data = pickle.dumps(message)
    stream.write(_LENGTH.pack(len(data)) + data)
    stream.flush()


def receive(stream: IO[bytes]) -> Any:
    """Read a message; None if the other side is gone."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    data = stream.read(length)
    return pickle.loads(data) if len(data) == length else None
