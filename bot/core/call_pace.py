"""Paces what is asked of a platform besides messages: its directory, a member's profile."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import TypeVar

from bot.core.db_executor import DbExecutor
from bot.core.ports import Calls, DirectoryUnavailable, Platform, bucket_of
from storage.database import Session
from storage.delivery import rate_limits

T = TypeVar("T")

TRIES = 5
PATIENCE = 120.0  # seconds that a call waits for its turn; beyond, whoever asked has to come again


class CallPace:
    """Keeps to the platform's limits together with all other processes, and waits out its refusals."""

    def __init__(self, db_executor: DbExecutor, platforms: Mapping[str, Platform], now: Callable[[], datetime]) -> None:
        self._db_executor = db_executor
        self._platforms = platforms
        self._now = now

    async def ask(
        self,
        workspace: str,
        calls: Calls,
        call: Callable[[], Awaitable[T]],
        *,
        tries: int = TRIES,
        patience: float = PATIENCE,
    ) -> T:
        """What `call` answers, made at its turn, and again where it was refused for too many. Raises
        DirectoryUnavailable, also where its turn is more than `patience` seconds away."""
        while True:
            tries -= 1
            await self._turn(workspace, calls, patience)
            try:
                return await call()
            except DirectoryUnavailable as refusal:
                if refusal.is_refusal:
                    await self._pause(workspace, calls, refusal.retry_after)
                if tries <= 0 or not refusal.is_refusal:
                    raise

    async def _turn(self, workspace: str, calls: Calls, patience: float) -> None:
        """Wait until the call may be made."""
        rate = self._platforms[workspace.partition(":")[0]].limits.rate(calls)
        if rate.gap <= 0:
            return
        bucket, now = bucket_of(workspace, calls), self._now().timestamp()

        def reserve(session: Session) -> float:
            [moment] = rate_limits.reserve(session, bucket, 1, gap=rate.gap, burst=rate.burst, now=now)
            if moment - now > patience:
                session.rollback()  # the turn is somebody else's
            return moment - now

        wait = await self._db_executor(reserve)
        if wait > patience:
            raise DirectoryUnavailable("the platform's limit is reached", retry_after=wait)
        await asyncio.sleep(max(0.0, wait))

    async def _pause(self, workspace: str, calls: Calls, seconds: float) -> None:
        bucket, until = bucket_of(workspace, calls), self._now().timestamp() + seconds
        await self._db_executor(lambda session: rate_limits.pause(session, bucket, until))
