"""The clock: APScheduler ticks; each tick computes what is due and enqueues it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Protocol

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.core.db_executor import DbExecutor
from bot.core.schedule import Daily, Every, Weekly, When
from bot.timetable import TIMETABLE
from scheduler.jobs.due import CATCH_UP, DueRun, due
from storage.database import Session
from storage.database_faults import is_outage
from storage.delivery.worker_leases import database_now
from storage.jobs import runs
from storage.jobs.runs import RunState
from storage.people import time_zones

log = structlog.get_logger()

OVERLAP = timedelta(hours=1)  # looked at again, in case this machine's clock was set back


class Runner(Protocol):
    def run(self, session: Session, key: str, *, alone: str, delay: float = 0.0, tag: str = "") -> None:
        """Have the job run that `key` names, in `delay` seconds, and never beside another with the same `alone`;
        committed or forgotten with what else the session wrote. `tag` tells a later try of the run from the ones
        before."""
        ...


def of_the_machine(tick: float) -> dict[str, When]:
    """When the jobs that belong to no feature are due. `tick`: seconds, which most follow as far as is good."""
    return {
        "routine": Every(tick),
        "read": Every(max(tick, 5.0)),
        "sync": Every(max(tick, 60.0)),
        "publish": Every(max(tick, 2.0)),
        "hooks": Every(max(tick, 2.0)),
        "tidy": Every(600.0),
        "trim": Every(3600.0),
    }


def schedules(tick: float) -> dict[str, When]:
    """Every job with when it is due."""
    return {**of_the_machine(tick), **TIMETABLE}


class Clock:
    """Ticks every `seconds`. Any number of clocks may run: the first to insert a run's row enqueues it."""

    def __init__(
        self,
        *,
        db_executor: DbExecutor,
        runner: Runner,
        schedules: Mapping[str, When],
        seconds: float,
        now: Callable[[Session], datetime] = database_now,
    ) -> None:
        """`now`: one and the same for all clocks. A machine that is ahead would count runs as missed that nobody has
        come to yet, and no other clock makes a run that is in the table."""
        self._db_executor = db_executor
        self._runner = runner
        self._schedules = schedules
        self._now = now
        self._scheduler = AsyncIOScheduler(timezone=UTC)
        self._scheduler.add_job(
            self.tick,
            "interval",
            seconds=seconds,
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
            next_run_time=datetime.now(UTC),
        )

    def start(self) -> None:
        self._scheduler.start()

    def stop(self) -> None:
        self._scheduler.shutdown(wait=False)

    async def tick(self) -> None:
        """Enqueue all that is due, once, however many clocks there are."""
        try:
            await self._db_executor(self._tick)
        except asyncio.CancelledError:
            return  # it stops: what the database has begun it ends, or not at all
        except Exception as fault:
            if not is_outage(fault):  # of an outage the heartbeat tells, once
                log.exception("tick failed")

    def _tick(self, session: Session) -> None:
        now = self._now(session)
        zones = time_zones.of_all(session) if any(_is_local(when) for when in self._schedules.values()) else []
        for job, when in self._schedules.items():
            known = runs.latest(session, job)
            for zone in zones if _is_local(when) else [""]:
                since = min(known.get(zone, now - CATCH_UP), now - OVERLAP)
                found = due(when, zone or "UTC", since=since, now=now)
                for missed in found.skipped:
                    if self._first(session, job, zone, missed, RunState.SKIPPED, now):
                        log.warning("run skipped: too long ago", job=job, zone=zone, run=missed.label)
                if found.run is not None and self._first(session, job, zone, found.run, RunState.WAITING, now):
                    self._runner.run(session, key_of(job, zone, found.run), alone=lane_of(job, zone))

    def _first(self, session: Session, job: str, zone: str, run: DueRun, state: str, now: datetime) -> bool:
        return runs.first(session, key_of(job, zone, run), job=job, scope=zone, due_at=run.at, state=state, now=now)


def key_of(job: str, zone: str, run: DueRun) -> str:
    """The run's name: "plan_day:2026-11-24:Europe/Helsinki"."""
    return ":".join(part for part in (job, run.label, zone) if part)


def lane_of(job: str, zone: str) -> str:
    """What runs of a job share, of which one is under way at a time: "plan_day:Europe/Helsinki"."""
    return f"{job}:{zone}" if zone else job


def _is_local(when: When) -> bool:
    return isinstance(when, Daily | Weekly) and when.local
