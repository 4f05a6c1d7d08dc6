"""Turns that wait at the same moment are decided together, in one transaction: what is loaded, written and committed
for many costs little more than for one. Where one fails, nothing of it stays, and each is decided on its own."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Generic, TypeVar

from bot.core.background_tasks import BackgroundTasks
from bot.core.db_executor import DbExecutor
from storage.database import Session
from storage.database_faults import NoAnswer, is_outage

Asked = TypeVar("Asked")
Said = TypeVar("Said")

PAUSE = 0.001  # seconds for which turns are gathered
MOST = 32  # turns in one transaction
FEW = 2  # transactions under way on PostgreSQL as long as they keep up: the more turns in each, the less a turn costs
FULL = 8  # turns that wait for each of the few, from which on they do not keep up
AT_ONCE = 4  # transactions under way then


@dataclass(slots=True)
class _Turn(Generic[Asked, Said]):
    """What waits for a decision: the thread that decides stores it, or whoever asked gives it up, never both."""

    asked: Asked
    said: asyncio.Future[Said]
    is_given_up: bool = False
    is_being_stored: bool = False
    limit: asyncio.TimerHandle | None = None
    lock: Lock = field(default_factory=Lock)

    def give_up(self) -> None:
        """Nobody waits for it any more. What is being stored by now is waited for all the same."""
        with self.lock:
            if self.is_being_stored or self.said.done():
                return
            self.is_given_up = True
        self.said.set_exception(NoAnswer())

    def goes_on(self, *, is_being_stored: bool) -> None:
        """Raises NoAnswer where nobody waits for it any more."""
        with self.lock:
            if self.is_given_up:
                raise NoAnswer
            self.is_being_stored = is_being_stored


class TurnBatcher(Generic[Asked, Said]):
    """`decide` gets a session and what waits, and says one thing to each, in their order. It may be run again, with
    fewer of them, after what it did was rolled back."""

    def __init__(self, db_executor: DbExecutor, decide: Callable[[Session, Sequence[Asked]], Sequence[Said]]) -> None:
        self._db_executor = db_executor
        self._decide = decide
        self._waiting: deque[_Turn[Asked, Said]] = deque()
        self._carrying = 0
        self._answered_at = 0.0  # by the loop's clock: when the database last answered
        self._carriers = BackgroundTasks()

    async def __call__(self, asked: Asked, *, within: float | None = None) -> Said:
        """What was decided, once it is stored. Raises whatever deciding it raised, and NoAnswer where the database has
        answered nobody for `within` seconds: then nothing was stored, and will not be. Where there is only much to do,
        it is waited for."""
        loop = asyncio.get_running_loop()
        turn: _Turn[Asked, Said] = _Turn(asked, loop.create_future())
        self._waiting.append(turn)
        most = FEW if len(self._waiting) <= FEW * FULL else AT_ONCE
        if self._carrying < min(most, self._db_executor.concurrency):
            self._carrying += 1
            self._carriers.begin(self._carry())
        if within is not None:
            turn.limit = loop.call_later(within, self._may_give_up, turn, within)
        try:
            return await turn.said
        finally:
            if turn.limit is not None:
                turn.limit.cancel()

    def _may_give_up(self, turn: _Turn[Asked, Said], within: float) -> None:
        loop = asyncio.get_running_loop()
        rest = self._answered_at + within - loop.time()
        if rest > 0:
            turn.limit = loop.call_later(rest, self._may_give_up, turn, within)
        else:
            turn.give_up()

    async def _carry(self) -> None:
        try:
            while self._waiting:
                await asyncio.sleep(PAUSE)
                taken = [self._waiting.popleft() for _ in range(min(MOST, len(self._waiting)))]
                await self._answer([turn for turn in taken if not turn.is_given_up])
        finally:
            self._carrying -= 1

    async def _answer(self, taken: Sequence[_Turn[Asked, Said]]) -> None:
        if not taken:
            return
        try:
            answers = await self._db_executor(lambda session: self._decided(session, taken))
            self._answered_at = asyncio.get_running_loop().time()
        except NoAnswer:  # for some nobody waits any more: nothing of it was stored
            await self._answer([turn for turn in taken if not turn.is_given_up])
        except Exception as error:
            if not is_outage(error):
                self._answered_at = asyncio.get_running_loop().time()
                if len(taken) > 1:  # whose it is shows when each is alone
                    await asyncio.gather(*(self._answer([one]) for one in taken))
                    return
            for turn in taken:
                if not turn.said.done():
                    turn.said.set_exception(error)
        else:
            for turn, answer in zip(taken, answers, strict=True):
                if not turn.said.done():
                    turn.said.set_result(answer)

    def _decided(self, session: Session, taken: Sequence[_Turn[Asked, Said]]) -> Sequence[Said]:
        for turn in taken:
            turn.goes_on(is_being_stored=False)
        answers = self._decide(session, [turn.asked for turn in taken])
        session.flush()
        try:
            for turn in taken:
                turn.goes_on(is_being_stored=True)
        except NoAnswer:
            for turn in taken:
                turn.is_being_stored = False
            raise
        return answers
