"""Runs database work of the asynchronous side in worker threads, each call in its own transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count
from math import inf
from threading import Condition, Thread
from time import monotonic
from typing import Any, TypeVar

from storage.database import Database, Session
from storage.database_faults import NoAnswer, is_conflict

T = TypeVar("T")

POOL = 16  # threads
PATIENT = 0.5  # seconds that work for which nobody waits lets newer calls go before it
READS_WITHIN = 2.0  # seconds: the platforms that want an answer in three have to be told something
FOLLOWS = 0.01  # seconds within which the next turn follows upon one, where several are under way


@dataclass(order=True, slots=True)
class _Call:
    """Work with its due time (monotonic clock), or the signal for a thread to end."""

    due: float
    number: int
    work: Callable[[Session], Any] | None = field(compare=False)
    is_patient: bool = field(compare=False, default=False)
    future: Future[Any] = field(compare=False, default_factory=Future)


class DbExecutor:
    """Runs work on the database in a worker thread, each call in its own session and transaction.

    Calls go in the order in which they are due, which is that of their coming but for the `patience` (seconds) of some:
    a mass of messages does not keep a person waiting, nor many people the mass for ever. On a single thread the patient
    also wait a moment for what follows upon a turn, or each of several turns would find a slice of the mass before it.
    """

    def __init__(self, database: Database, *, threads: int = POOL) -> None:
        """`threads`: at most; one on SQLite, which takes one writer."""
        self._database = database
        self._calls: list[_Call] = []  # a heap
        self._arrived = Condition()  # guards it
        self._numbers = count()
        self._is_closed = False
        self.concurrency = 1 if database.one_writer else threads
        self._quiet_from = 0.0  # of the monotonic clock: when no turn follows any more
        self._threads = [Thread(target=self._serve, name=f"turn-{n}", daemon=True) for n in range(self.concurrency)]
        for thread in self._threads:
            thread.start()

    async def __call__(self, work: Callable[[Session], T], *, patience: float = 0.0) -> T:
        result: T = await asyncio.wrap_future(self._begin(work, patience))
        return result

    async def ask(self, work: Callable[[Session], T], *, within: float = READS_WITHIN) -> T:
        """For what only reads, or may be done though nobody waits for it any more. Raises NoAnswer where that takes
        longer than `within` seconds."""
        try:
            return await asyncio.wait_for(self(work), within)
        except TimeoutError:
            raise NoAnswer from None

    def from_thread(self, work: Callable[[Session], T]) -> T:
        """For work in a thread of its own, for which nobody waits: feeds, sources. Blocks until it is done."""
        result: T = self._begin(work, PATIENT).result()
        return result

    def _begin(self, work: Callable[[Session], T], patience: float) -> Future[Any]:
        if self._is_closed:
            raise RuntimeError("the database executor is closed")
        call = _Call(monotonic() + patience, next(self._numbers), work, is_patient=patience > 0)
        self._put(call)
        return call.future

    def close(self) -> None:
        """Wait until all calls are done."""
        self._is_closed = True
        for _thread in self._threads:
            self._put(_Call(inf, next(self._numbers), None))
        for thread in self._threads:
            thread.join()

    def _put(self, call: _Call) -> None:
        with self._arrived:
            heappush(self._calls, call)
            self._arrived.notify()

    def _next(self) -> _Call:
        with self._arrived:
            while (rest := self._rest()) is None or rest > 0:
                self._arrived.wait(rest)
            return heappop(self._calls)

    def _rest(self) -> float | None:
        """Seconds until the first call may start; None if there is none."""
        if not self._calls:
            return None
        first = self._calls[0]
        return min(first.due, self._quiet_from) - monotonic() if first.is_patient else 0.0

    def _serve(self) -> None:
        while (call := self._next()).work is not None:
            if not call.future.set_running_or_notify_cancel():
                continue
            try:
                result = self._run(call.work)
            except BaseException as error:  # it is the caller's, whatever it is
                call.future.set_exception(error)
            else:
                call.future.set_result(result)
            if self.concurrency == 1 and not call.is_patient:
                self._quiet_from = monotonic() + FOLLOWS

    def _run(self, work: Callable[[Session], T]) -> T:
        try:
            return self._once(work)
        except Exception as error:
            if not is_conflict(error):
                raise
            return self._once(work)

    def _once(self, work: Callable[[Session], T]) -> T:
        with self._database.transaction() as session:
            return work(session)
