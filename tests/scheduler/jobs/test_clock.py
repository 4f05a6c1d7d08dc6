"""The clock: any number of them name each run once, through restarts, downtime and clocks that jump."""

from __future__ import annotations

import asyncio
import time as time_of_day
from collections import Counter
from datetime import UTC, datetime, time, timedelta

import pytest

from bot.core.db_executor import DbExecutor
from bot.core.router import Router
from bot.core.schedule import Daily, Every, Weekly
from bot.routes import FEATURES
from scheduler.jobs.clock import Clock, of_the_machine, schedules
from storage.database import Database, Session
from storage.jobs import runs
from storage.jobs.runs import RunState
from tests.stage import Stage

MONDAY = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
SCHEDULES = {
    "digest": Weekly(0, time(9)),
    "plan": Daily(time(6)),
    "tidy": Daily(time(3), local=False),
    "read": Every(600),
}


class Runner:
    """The engine as the clock sees it."""

    def __init__(self) -> None:
        self.runs: Counter[str] = Counter()

    def run(self, session: Session, key: str, *, alone: str, delay: float = 0.0, tag: str = "") -> None:
        self.runs[key] += 1


def ticked(database: Database, hours: list[float], *, clocks: int = 1) -> tuple[Counter[str], Database]:
    """What was enqueued by clocks that tick at these hours after Monday midnight."""
    moment = [MONDAY]

    async def play() -> Counter[str]:
        db_executor, runner = DbExecutor(database), Runner()
        ours = [
            Clock(
                db_executor=db_executor, runner=runner, schedules=SCHEDULES, seconds=60, now=lambda _session: moment[0]
            )
            for _clock in range(clocks)
        ]
        for hour in hours:
            moment[0] = MONDAY + timedelta(hours=hour)
            await asyncio.gather(*(clock.tick() for clock in ours))
        db_executor.close()
        return runner.runs

    return asyncio.run(play()), database


def test_a_tick_that_is_cut_off_is_no_fault(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    """As at every stop: APScheduler cancels what is under way."""

    async def play() -> None:
        db_executor, started = DbExecutor(database), asyncio.Event()
        clock = Clock(db_executor=db_executor, runner=Runner(), schedules=SCHEDULES, seconds=60)
        loop = asyncio.get_running_loop()

        def held(_session: Session) -> None:
            loop.call_soon_threadsafe(started.set)
            time_of_day.sleep(0.2)

        clock._tick = held  # type: ignore[method-assign]
        clock.start()
        await started.wait()
        clock.stop()
        await asyncio.sleep(0.3)
        db_executor.close()

    asyncio.run(play())
    assert [record.getMessage() for record in caplog.records if record.levelname in ("ERROR", "CRITICAL")] == []


def of(found: Counter[str], job: str) -> list[str]:
    return sorted(key for key in found if key.startswith(f"{job}:"))


def test_each_run_once_however_many_clocks(stage_on_both: Stage) -> None:
    stage_on_both.hires("aino")
    stage_on_both.hires("kenji", time_zone="Asia/Tokyo")
    found, _ = ticked(stage_on_both.database, [hour / 2 for hour in range(96)], clocks=3)
    assert set(found.values()) == {1}
    assert "plan:2026-11-24:Europe/Helsinki" in found
    assert "plan:2026-11-24:Asia/Tokyo" in found
    assert of(found, "digest") == ["digest:2026-11-23:Asia/Tokyo", "digest:2026-11-23:Europe/Helsinki"]
    assert of(found, "tidy") == ["tidy:2026-11-22", "tidy:2026-11-23", "tidy:2026-11-24"]


def test_a_clock_set_back_or_ahead_repeats_nothing(stage: Stage) -> None:
    stage.hires("aino")
    hours = [8, 9, 8, 7, 9, 10, -14, 10, 11, 24 * 30 + 8, 12, 24 * 30 + 9]
    found, database = ticked(stage.database, [float(hour) for hour in hours])
    assert set(found.values()) == {1}
    with database.transaction() as session:
        skipped = session.query(runs.Run).where(runs.Run.job == "plan", runs.Run.state == RunState.SKIPPED).count()
    assert skipped > 20  # a month of mornings that are too long ago, and said so
    assert [key for key in of(found, "plan") if key > "plan:2026-12"] == ["plan:2026-12-23:Europe/Helsinki"]


def test_after_downtime_the_last_run_is_made_up_for(stage: Stage) -> None:
    stage.hires("aino")
    found, database = ticked(stage.database, [8.0, 24 * 3 + 12.0, 24 * 3 + 12.5])
    assert of(found, "plan") == ["plan:2026-11-23:Europe/Helsinki", "plan:2026-11-26:Europe/Helsinki"]
    with database.transaction() as session:
        row = runs.run(session, "plan:2026-11-25:Europe/Helsinki")
        assert row is not None
        assert row.state == RunState.SKIPPED


def test_a_fault_of_the_engine_loses_no_run(stage: Stage) -> None:
    stage.hires("aino")

    class Broken(Runner):
        def run(self, session: Session, key: str, *, alone: str, delay: float = 0.0, tag: str = "") -> None:
            if not self.runs:
                self.runs["fault"] += 1
                raise ZeroDivisionError
            super().run(session, key, alone=alone)

    async def play() -> Counter[str]:
        runner = Broken()
        clock = Clock(
            db_executor=stage.db_executor,
            runner=runner,
            schedules={"plan": Daily(time(6))},
            seconds=60,
            now=lambda _session: MONDAY + timedelta(hours=8),
        )
        await clock.tick()
        await clock.tick()
        return runner.runs

    assert stage.run(play())["plan:2026-11-23:Europe/Helsinki"] == 1


def test_the_clock_knows_every_job_of_the_features_and_no_other() -> None:
    """It loads none of them: what it knows stands apart, and would be forgotten."""
    assert set(schedules(30.0)) - set(of_the_machine(30.0)) == set(Router(FEATURES).scheduled_jobs)
