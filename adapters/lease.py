"""The lease of a process, kept while it works."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from threading import Event

import structlog

from scheduler.delivery.heartbeat import Heartbeat, TakeOver
from storage.database import DatabaseError

log = structlog.get_logger()


@asynccontextmanager
async def beating(heartbeat: Heartbeat, failed: Event, take_over: TakeOver | None = None) -> AsyncIterator[None]:
    """Renew the lease for as long as the block lasts. Without heartbeats other processes would treat this one as dead:
    where they end for a fault, `failed` is set and the process is told to stop."""

    def note(task: asyncio.Task[None]) -> None:
        if not task.cancelled():
            failed.set()
            if isinstance(fault := task.exception(), DatabaseError):
                log.critical(str(fault))
            else:
                log.critical("the heartbeat ended", exc_info=fault)
            signal.raise_signal(signal.SIGTERM)

    task = asyncio.create_task(heartbeat.hold(take_over))
    task.add_done_callback(note)
    try:
        yield
    finally:
        task.cancel()
