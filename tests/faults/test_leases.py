"""Wrong clocks, an outage longer than a lease, a process that stands still: nobody else ends, and nothing is lost."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, OperationalError
from structlog.testing import capture_logs

from bot.core.db_executor import DbExecutor
from scheduler.delivery import heartbeat
from scheduler.delivery.heartbeat import BEAT, LEASE, Health, Heartbeat
from scheduler.engine import DurableEngine
from storage.database import Database
from storage.database_faults import is_outage
from storage.delivery import history, rate_limits, worker_leases
from storage.delivery.deliveries import DeliveryState
from storage.delivery.worker_leases import HeldLease, Lease, WorkerLease
from storage.engines import IDLE_LIMIT
from storage.jobs.runs import Run
from tests.faults.kills import PLACES, Counts, Process, plan_send, start_worker, stop
from tests.faults.own_postgres import Server
from tests.sizes import size
from tests.waiting import until

PROCESSES, AWAY = size(4, 6), size(14.0, 60.0)  # seconds; a lease lasts 12
RECIPIENTS = 400
NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
Workers = list[Process]


@contextmanager
def workers(database: Database, counts: Counts, *skews: float, with_clock: bool = False) -> Iterator[Workers]:
    running: Workers = []
    with counts.serving():
        try:
            running += [
                start_worker(database.engine_url, counts.url, with_clock=with_clock, skew=skew) for skew in skews
            ]
            yield running
        finally:
            for worker in running:
                stop(worker)


def leases(database: Database) -> dict[str, str]:
    with database.transaction() as session:
        held = session.query(Lease).where(Lease.token.is_not(None))
        return {lease.id: str(lease.token) for lease in held}


def is_sent(database: Database) -> bool:
    with database.transaction() as session:
        return history.counts(session) == {DeliveryState.SENT: RECIPIENTS}


@pytest.mark.timeout(120)
@pytest.mark.parametrize("skew", size([20.0], [20.0, -20.0, 86400.0, -86400.0]))
def test_a_wrong_clock_ends_nobody(database: Database, skew: float) -> None:
    counts = Counts(waits=0.05)
    plan_send(database, RECIPIENTS)
    with workers(database, counts, 0.0, skew) as running:
        before = leases(database)
        time.sleep(5)
        assert leases(database) == before
        assert [worker.poll() for worker in running] == [None, None]
        assert until(lambda: is_sent(database), 60)
    assert set(counts.sent.values()) == {1}


@pytest.mark.timeout(120)
def test_a_wrong_clock_takes_no_run_away(database: Database) -> None:
    """Runs that it counted as missed, of days that are still to come, nobody would make again."""
    week = timedelta(days=7)
    with workers(database, Counts(), week.total_seconds(), with_clock=True):
        assert until(lambda: bool(due_dates(database)), 30)
        time.sleep(2)
    assert max(due_dates(database)) < datetime.now(UTC) + timedelta(minutes=5)


def due_dates(database: Database) -> list[datetime]:
    with database.transaction() as session:
        return list(session.scalars(select(Run.due_at)))


@pytest.mark.in_turn
@pytest.mark.timeout(300)
def test_all_outlive_an_outage_that_is_longer_than_a_lease(server: Server) -> None:
    counts = Counts(waits=0.2)
    plan_send(server.database, RECIPIENTS)
    with workers(server.database, counts, *[0.0] * PROCESSES) as running:
        before = leases(server.database)
        outage = threading.Thread(target=server.is_away, args=(AWAY,))
        outage.start()
        outage.join()
        assert until(lambda: is_sent(server.database), 90)
        assert [worker.poll() for worker in running] == [None] * PROCESSES
        assert leases(server.database) == before
    assert set(counts.sent.values()) == {1}


@pytest.mark.in_turn
@pytest.mark.timeout(300)
def test_who_stood_still_takes_a_new_lease(database: Database) -> None:
    """Its work is taken over meanwhile; awake again it finds its lease gone, takes another, and goes on living."""
    if database.one_writer:
        pytest.skip("left out: several workers are for PostgreSQL")
    counts = Counts(waits=0.05)
    plan_send(database, RECIPIENTS)
    with workers(database, counts, 0.0, 0.0) as running:
        before = leases(database)
        time.sleep(LEASE.total_seconds() + 2)  # whoever judges was well for a whole lease
        os.kill(running[0].pid, signal.SIGSTOP)
        assert until(lambda: len(leases(database)) == 1, 40 + IDLE_LIMIT)  # it may hold its row locked
        os.kill(running[0].pid, signal.SIGCONT)
        assert until(lambda: len(leases(database)) == 2, 20)
        after = leases(database)
        assert set(after) == set(before)
        assert len(set(after.items()) - set(before.items())) == 1
        assert [worker.poll() for worker in running] == [None, None]
        assert until(lambda: is_sent(database), 60)
    assert set(counts.sent.values()) == {1}


@pytest.mark.timeout(180)
def test_who_stands_still_in_a_transaction_holds_up_nobody(database: Database) -> None:
    """Its machine sleeps, or is gone, while it holds rows locked that all others need: the database ends it."""
    if database.one_writer:
        pytest.skip("left out: SQLite has one writer, which holds up whoever else writes")
    counts = Counts()
    sleeper = Database(database.engine_url, idle_limit=5.0)
    with database.transaction() as session:
        asleep = worker_leases.take(session, "worker-asleep", token="t", host="elsewhere", pid=1)
    with (
        workers(database, counts, 0.0) as running,
        pytest.raises(DBAPIError) as ended,
        sleeper.transaction() as session,
    ):
        worker_leases.renew(session, asleep)
        for place in PLACES:
            rate_limits.pause(session, place, 0.0)
        plan_send(database, RECIPIENTS)
        assert until(lambda: is_sent(database), 60)
        assert until(lambda: "worker-asleep" not in leases(database), 60)
        assert [worker.poll() for worker in running] == [None]
        worker_leases.renew(session, asleep)
    assert is_outage(ended.value)
    assert set(counts.sent.values()) == {1}
    sleeper.close()


def test_whose_row_is_locked_is_judged_later(database: Database) -> None:
    """By whoever renews it, or stands still there: nobody's beat waits for it."""
    if database.one_writer:
        pytest.skip("left out: SQLite locks no rows")
    with database.transaction() as session:
        asleep, _other = (
            worker_leases.take(session, name, token="t", host="elsewhere", pid=1) for name in ("worker-1", "worker-2")
        )
    with database.transaction() as holding, database.transaction() as looking:
        worker_leases.renew(holding, asleep)
        looking.execute(text("SET LOCAL lock_timeout = '2s'"))
        assert [lease.id for lease in worker_leases.occupied(looking)] == ["worker-2"]


def test_who_waits_for_a_locked_table_keeps_its_lease(database: Database) -> None:
    """Else all workers would be taken for dead, and others told to start more, where somebody else's lock is the fault."""
    if database.one_writer:
        pytest.skip("left out: SQLite locks no tables")
    executor, engine = DbExecutor(database), DurableEngine(database)
    beats = Heartbeat(db_executor=executor, engine=engine, now=lambda: datetime.now(UTC), held=HeldLease())

    async def story() -> timedelta:
        lease = await beats.take("worker")
        with database.engine.connect() as other:
            other.execute(text("LOCK TABLE deliveries IN ACCESS EXCLUSIVE MODE"))
            holding = asyncio.create_task(beats.hold(engine.take_over))
            await asyncio.sleep(4 * BEAT)
            with database.transaction() as session:
                renewed = session.get_one(Lease, lease.worker).renewed_at
                late = worker_leases.database_now(session) - renewed
            other.rollback()
        holding.cancel()
        return late

    assert asyncio.run(story()) < timedelta(seconds=2 * BEAT)
    executor.close()
    engine.close()


def test_an_outage_is_told_once() -> None:
    """There is a beat every two seconds, and an outage can last for hours."""

    async def beats() -> list[str]:
        answers: list[object] = [*[outage] * 5, NOON, *[outage] * 5]

        async def execute(_work: object) -> object:
            answer = answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer

        held = HeldLease(WorkerLease("worker-1", "t"))
        heart: Any = Heartbeat(
            db_executor=execute,  # type: ignore[arg-type]
            engine=None,  # type: ignore[arg-type]
            now=lambda: NOON,
            held=held,
            compare=lambda _database_now: timedelta(),
        )
        with capture_logs() as told:
            while answers:
                try:
                    await heart.beat()
                except OperationalError as fault:
                    heart._tell_of(fault, "beat")
        return [line["event"] for line in told]

    outage = OperationalError("SELECT 1", {}, psycopg.OperationalError("connection refused"))
    away, back = "the database is away: no beat until it is back", "the database is back"
    assert asyncio.run(beats()) == [away, back, away]


def test_a_wrong_clock_is_told_once() -> None:
    """Chorus cannot mend it, and somebody has to: Slack's requests are refused as stale."""

    async def beats() -> list[tuple[str, int]]:
        aheads = [0.0, 600.0, 601.0, 1.0, -90.0]

        async def execute(_work: object) -> object:
            return NOON

        held, clock = HeldLease(WorkerLease("worker-1", "t")), iter(aheads)
        heart = Heartbeat(
            db_executor=execute,  # type: ignore[arg-type]
            engine=None,  # type: ignore[arg-type]
            now=lambda: NOON,
            held=held,
            compare=lambda _database_now: timedelta(seconds=next(clock)),
        )
        with capture_logs() as told:
            for _ in aheads:
                await heart.beat()
        return [(line["log_level"], line["seconds_ahead"]) for line in told]

    assert asyncio.run(beats()) == [("warning", 600), ("warning", -90)]


def test_who_stood_still_itself_finds_no_fault_with_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the database said before is no measure of the clock after; and it has not failed to answer."""
    passed = [0.0]

    async def beats() -> list[str]:
        async def execute(_work: object) -> object:
            passed[0] += 62.0  # the process is stopped meanwhile
            return NOON

        heart = Heartbeat(
            db_executor=execute,  # type: ignore[arg-type]
            engine=None,  # type: ignore[arg-type]
            now=lambda: NOON,
            held=HeldLease(WorkerLease("worker-1", "t")),
            compare=lambda _database_now: timedelta(seconds=62),
        )
        with capture_logs() as told:
            await heart._beat_in_time()
        return [line["event"] for line in told]

    monkeypatch.setattr(heartbeat.time, "monotonic", lambda: passed[0])
    assert asyncio.run(beats()) == []


def test_who_was_away_itself_calls_nobody_dead() -> None:
    clock, database_now = [0.0], datetime(2026, 11, 26, tzinfo=UTC)
    health = Health(lambda: clock[0])
    assert not health.may_judge

    def passes(seconds: float, *, database: float | None = None) -> None:
        nonlocal database_now
        clock[0] += seconds
        database_now += timedelta(seconds=seconds if database is None else database)
        health.beats(database_now)

    for _beat in range(7):
        passes(2)
    assert health.may_judge
    passes(2, database=62)  # the database's clock was put forward
    assert not health.may_judge
    for _beat in range(6):
        passes(2)
    assert health.may_judge
    passes(30)  # this process stood still
    assert not health.may_judge
    for _beat in range(6):
        passes(2)
    assert health.may_judge
    health.fails()  # the database did not answer
    passes(2)
    assert not health.may_judge
