"""How often a worker looks for work: often while there is some, seldom at rest, when looking is most of its cost."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from time import monotonic
from typing import Protocol

import structlog

from storage.database_faults import is_outage

log = structlog.get_logger()

CALM = 3.0  # seconds without work after which a worker rests; the clock brings some every half minute
NOTICE = 1.0  # seconds in which it notices that it has work, or none


class Queue(Protocol):
    """A queue of the engine's, which all workers share with its settings."""

    async def get_polling_interval_sec_async(self) -> float: ...

    async def set_polling_interval_sec_async(self, value: float) -> None: ...


class Polling:
    """One worker's part in how often all of them look: whoever has work has it often, and seldom again after that.
    Where somebody else still has work they say so within `resting` seconds."""

    def __init__(self, queues: Sequence[Queue], *, busy: float, resting: float, calm: float = CALM) -> None:
        """`busy`, `resting`: seconds between two looks; the queues begin with the former."""
        self._queues, self._busy, self._resting, self._calm = queues, busy, resting, calm
        self._under_way, self._worked_at = 0, monotonic()
        self._is_often, self._said_at = True, monotonic()

    @property
    def rests(self) -> bool:
        """Whether there is no work here."""
        return not self._is_often

    @contextmanager
    def working(self) -> Iterator[None]:
        self._under_way += 1
        try:
            yield
        finally:
            self._under_way -= 1
            self._worked_at = monotonic()

    async def follow(self) -> None:
        """For as long as the worker runs."""
        while True:
            await asyncio.sleep(min(NOTICE, self._calm))
            now = monotonic()
            has_work = self._under_way > 0 or now - self._worked_at < self._calm
            if has_work != self._is_often or (has_work and now - self._said_at >= self._resting):
                await self._look_every(self._busy if has_work else self._resting)
                self._is_often, self._said_at = has_work, now

    def lengthen(self, event: threading.Event, at_most: float, threads: Collection[threading.Thread]) -> None:
        """Where one of `threads` waits on `event`, it is one of the engine's that looks for something by itself, at
        times that cannot be set: at rest it waits for `at_most` seconds, unless work comes meanwhile."""
        once = event.wait

        def wait(timeout: float | None = None) -> bool:
            until = monotonic() + at_most
            is_set = once(timeout)
            if threading.current_thread() in threads:
                while timeout and not is_set and self.rests and monotonic() + timeout <= until:
                    is_set = once(timeout)
            return is_set

        event.wait = wait  # type: ignore[method-assign]

    async def _look_every(self, seconds: float) -> None:
        try:
            for queue in self._queues:
                if await queue.get_polling_interval_sec_async() != seconds:
                    await queue.set_polling_interval_sec_async(seconds)
        except Exception as fault:  # the database is away: whatever it is now, work is found
            if not is_outage(fault):  # of that the heartbeat tells
                log.warning("how often to look for work was not set", fault=type(fault).__name__)
