"""The one crossing between the asynchronous edges and the synchronous core."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from storage.database import Database, Session, is_conflict

T = TypeVar("T")

POOL = 16  # threads on PostgreSQL


class Crossing:
    """Runs work on the database in a worker thread, each call in its own session and transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._threads = ThreadPoolExecutor(1 if database.one_writer else POOL, thread_name_prefix="turn")

    async def __call__(self, work: Callable[[Session], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._run, work)

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

    def close(self) -> None:
        self._threads.shutdown(wait=True)
