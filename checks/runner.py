"""Run many claims, in this process or side by side, so that one failure does not end the others.

Guarantees: results come in the order of the claims, the same for any number of processes and with
or without a cache; a claim that the engine cannot decide yields a `Failure`, never a verdict;
leaving early stops all work.
"""

from __future__ import annotations

import os
import pickle
import signal
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, contextmanager
from dataclasses import dataclass
from multiprocessing import active_children, get_context, parent_process
from threading import Thread
from traceback import walk_tb
from typing import TypeAlias

from ..symbolic.errors import GradproofError
from .cache import Cache
from .claim import Claim
from .engine import Settings, decide_claim
from .verdict import Verdict


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there is no verdict on a claim: a defect of gradproof, as one line."""

    reason: str


Result: TypeAlias = Verdict | Failure


class WorkerError(GradproofError):
    """A process that decides claims ended by itself."""


def usable_cores() -> int:
    """Return the number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def can_travel(claim: Claim) -> bool:
    """Tell whether a claim arrives in another process as it was sent."""
    try:
        return bool(pickle.loads(pickle.dumps(claim)) == claim)
    except Exception:  # pickling runs code of every class met, which may raise anything
        return False


def run_claims(
    claims: Sequence[Claim], settings: Settings, jobs: int = 1, cache: Cache | None = None
) -> Generator[tuple[Claim, Result], None, None]:
    """Yield each claim with what the engine says of it, in order, as soon as it is known.

    Parameters
    ----------
    claims
        The claims; one that cannot travel (`can_travel`) is decided in this process.
    settings
        Seed and effort.
    jobs
        Number of processes; 1 stays in this one.
    cache
        Verdicts of earlier runs, which are not found again; new ones are added to it.

    Raises
    ------
    WorkerError
        If a process ends by itself, for want of memory for instance.
    """
    if cache is None:
        yield from _decide_all(claims, settings, jobs)
        return
    keys = [cache.verdict_key(claim, settings) for claim in claims]
    known = [
        None if key is None else cache.find(key, claim)
        for key, claim in zip(keys, claims, strict=True)
    ]
    missed = [claim for claim, verdict in zip(claims, known, strict=True) if verdict is None]
    with closing(_decide_all(missed, settings, jobs)) as decided:
        for claim, key, verdict in zip(claims, keys, known, strict=True):
            if verdict is not None:
                yield claim, verdict
                continue
            _, result = next(decided)
            if key is not None and isinstance(result, Verdict):
                cache.keep(key, claim, result)
            yield claim, result
    cache.prune()


def _decide_all(
    claims: Sequence[Claim], settings: Settings, jobs: int
) -> Generator[tuple[Claim, Result], None, None]:
    jobs = min(jobs, len(claims))
    if jobs <= 1:
        for claim in claims:
            yield claim, decide_or_fail(claim, settings)
        return
    context = get_context("spawn")  # a fork would copy the locks of running threads
    executor = ProcessPoolExecutor(jobs, context, _prepare_worker)
    others = set(active_children())
    try:
        with _without_interrupts():
            futures = [
                executor.submit(decide_or_fail, claim, settings) if can_travel(claim) else None
                for claim in claims
            ]
        for claim, future in zip(claims, futures, strict=True):
            yield (
                claim,
                decide_or_fail(claim, settings) if future is None else _result(claim, future),
            )
    except BaseException:
        for worker in set(active_children()) - others:
            worker.terminate()  # what it works on may take minutes
        raise
    finally:
        executor.shutdown(cancel_futures=True)


def _prepare_worker() -> None:
    """Leave Ctrl-C to the parent, and end with it: one that is killed cannot end its workers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def decide_or_fail(claim: Claim, settings: Settings) -> Result:
    """Return the verdict on a claim, or why there is none."""
    try:
        return decide_claim(claim, settings)
    except GradproofError as error:
        return Failure(_line(f"{type(error).__name__}: {error}"))
    except Exception as error:
        where = _own_place(error)
        return Failure(_line(f"{type(error).__name__} in {where}: {error}; please report this"))


def _own_place(error: Exception) -> str:
    """Return the innermost line of gradproof's own code that an exception passed through."""
    place = "gradproof"
    for frame, line in walk_tb(error.__traceback__):
        module = str(frame.f_globals.get("__name__"))
        if module.startswith("gradproof."):
            place = f"{module}, line {line}"
    return place


def _line(text: str) -> str:
    return " ".join(text.split())


def _result(claim: Claim, future: Future[Result]) -> Result:
    try:
        return future.result()
    except BrokenProcessPool as error:
        raise WorkerError(
            "every process runs until its claims are decided",
            found=f"one that ended by itself, at claim {claim.id!r} or one after it",
            remedy="look whether memory ran out, or use --jobs 1",
        ) from error


@contextmanager
def _without_interrupts() -> Iterator[None]:
    """Hold Ctrl-C back; a process started meanwhile never gets it, and so prints no traceback."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
