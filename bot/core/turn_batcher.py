"""Turns that wait at the same moment are decided together, in one transaction: what is loaded, written and committed
for many costs little more than for one. Where one fails, nothing of it stays, and each is decided on its own."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from bot.core.background_tasks import BackgroundTasks
from bot.core.db_executor import DbExecutor
from storage.database import Session
from storage.database_faults import is_outage

Asked = TypeVar("Asked")
Said = TypeVar("Said")

PAUSE = 0.001  # seconds for which turns are gathered
MOST = 32  # turns in one transaction
FEW = 2  # transactions under way on PostgreSQL as long as they keep up: the more turns in each, the less a turn costs
FULL = 8  # turns that wait for each of the few, from which on they do not keep up
AT_ONCE = 4  # transactions under way then


class TurnBatcher(Generic[Asked, Said]):
    """`decide` gets a session and what waits, and says one thing to each, in their order. It may be run again, with
    fewer of them, after what it did was rolled back."""

    def __init__(self, db_executor: DbExecutor, decide: Callable[[Session, Sequence[Asked]], Sequence[Said]]) -> None:
        self._db_executor = db_executor
        self._decide = decide
        self._waiting: deque[tuple[Asked, asyncio.Future[Said]]] = deque()
        self._carrying = 0
        self._carriers = BackgroundTasks()

    async def __call__(self, asked: Asked) -> Said:
        """What was decided, once it is stored. Raises whatever deciding it raised."""
        future: asyncio.Future[Said] = asyncio.get_running_loop().create_future()
        self._waiting.append((asked, future))
        most = FEW if len(self._waiting) <= FEW * FULL else AT_ONCE
        if self._carrying < min(most, self._db_executor.concurrency):
            self._carrying += 1
            self._carriers.begin(self._carry())
        return await future

    async def _carry(self) -> None:
        try:
            while self._waiting:
                await asyncio.sleep(PAUSE)
                taken = [self._waiting.popleft() for _ in range(min(MOST, len(self._waiting)))]
                if taken:
                    await self._answer(taken)
        finally:
            self._carrying -= 1

    async def _answer(self, taken: Sequence[tuple[Asked, asyncio.Future[Said]]]) -> None:
        try:
            answers = await self._db_executor(
                lambda session: self._decide(session, [asked for asked, _future in taken])
            )
        except Exception as error:
            if len(taken) > 1 and not is_outage(error):  # whose it is shows when each is alone
                await asyncio.gather(*(self._answer([one]) for one in taken))
                return
            for _asked, future in taken:
                if not future.done():
                    future.set_exception(error)
            return
        for (_asked, future), answer in zip(taken, answers, strict=True):
            if not future.done():
                future.set_result(answer)
