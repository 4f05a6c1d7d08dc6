"""The clock's process: it ticks, and enqueues what is due. It loads nothing of what jobs do, nor a chat platform."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from threading import Event

from adapters.lease import beating
from adapters.settings import Settings
from bot.core.db_executor import DbExecutor
from bot.core.working_time import utc_now
from scheduler.delivery.heartbeat import Heartbeat
from scheduler.engine import DurableEngine
from scheduler.jobs.clock import Clock, schedules
from storage.database import Database
from storage.delivery.worker_leases import HeldLease

THREADS = 4  # of work on the database: beats, ticks, what is asked for /readyz


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockProcess:
    """Its parts, connected."""

    database: Database
    db_executor: DbExecutor
    engine: DurableEngine
    heartbeat: Heartbeat
    clock: Clock
    failed: Event = field(default_factory=Event)  # it ends for a fault: the exit code says so


def build(settings: Settings) -> ClockProcess:
    """From settings that `checked_settings` let pass. Opens no connection yet."""
    settings.hold_keys()
    database = Database(settings.database_url)
    db_executor, engine = DbExecutor(database, threads=THREADS), DurableEngine(database)
    tick = settings.tick_seconds
    return ClockProcess(
        database=database,
        db_executor=db_executor,
        engine=engine,
        heartbeat=Heartbeat(
            db_executor=db_executor, engine=engine, now=utc_now, held=HeldLease(), check=database.check_schema
        ),
        clock=Clock(db_executor=db_executor, runner=engine, schedules=schedules(tick), seconds=tick),
    )


@asynccontextmanager
async def ticking(process: ClockProcess) -> AsyncIterator[None]:
    """It ticks for as long as the block lasts; then everything is closed in order."""
    await process.heartbeat.take("clock")
    try:
        async with beating(process.heartbeat, process.failed):
            process.clock.start()
            try:
                yield
            finally:
                process.clock.stop()
    finally:
        await process.heartbeat.leave()
        process.engine.close()
        process.db_executor.close()
        process.database.close()
