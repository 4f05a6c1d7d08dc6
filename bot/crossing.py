"""The one crossing between the asynchronous edges and the synchronous core."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from itertools import count
from math import inf
from queue import PriorityQueue
from threading import Thread
from time import monotonic
from typing import Any, TypeVar

from storage.database import Database, Session, is_conflict

T = TypeVar("T")

POOL = 16  # threads on PostgreSQL
PATIENT = 0.5  # seconds that work for which nobody waits lets newer calls go before it


@dataclass(order=True, slots=True)
class _Call:
    """Work to be done by `due` (of the monotonic clock), or a thread's end."""

    due: float
    number: int
    work: Callable[[Session], Any] | None = field(compare=False)
    future: Future[Any] = field(compare=False, default_factory=Future)


class Crossing:
    """Runs work on the database in a worker thread, each call in its own session and transaction.

    Calls go in the order in which they are due, which is that of their coming but for the `patience` (seconds) of some:
    a mass of messages does not keep a person waiting, nor many people the mass for ever.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._calls: PriorityQueue[_Call] = PriorityQueue()
        self._numbers = count()
        self._is_closed = False
        self.lanes = 1 if database.one_writer else POOL
        self._threads = [Thread(target=self._serve, name=f"turn-{lane}", daemon=True) for lane in range(self.lanes)]
        for thread in self._threads:
            thread.start()

    async def __call__(self, work: Callable[[Session], T], *, patience: float = 0.0) -> T:
        if self._is_closed:
            raise RuntimeError("the crossing is closed")
        call = _Call(monotonic() + patience, next(self._numbers), work)
        self._calls.put(call)
        result: T = await asyncio.wrap_future(call.future)
        return result

    def close(self) -> None:
        """Once all that was asked for is done."""
        self._is_closed = True
        for _thread in self._threads:
            self._calls.put(_Call(inf, next(self._numbers), None))
        for thread in self._threads:
            thread.join()

    def _serve(self) -> None:
        while (call := self._calls.get()).work is not None:
            if not call.future.set_running_or_notify_cancel():
                continue
            try:
                result = self._run(call.work)
            except BaseException as error:  # it is the caller's, whatever it is
                call.future.set_exception(error)
            else:
                call.future.set_result(result)

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
