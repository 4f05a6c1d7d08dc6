"""The engine over both databases: what waits for a version before is not left behind."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from scheduler import engine as engines
from scheduler.engine import DurableEngine
from storage.database import Database
from storage.delivery.worker_leases import LeaseLost


async def carried(database: Database, number: int, seconds: float = 30.0) -> list[str]:
    """What a worker is given, until it was given `number` pieces of work."""
    engine, seen, is_done = DurableEngine(database, polling=0.05), list[str](), asyncio.Event()

    def sees(name: str) -> None:
        seen.append(name)
        if len(seen) == number:
            is_done.set()

    async def drain(wave: str, workspace: str, mass: bool) -> None:
        sees(f"{wave} of {workspace}")

    async def look(workspace: str) -> None:
        sees(f"look {workspace}")

    async def run(key: str) -> None:
        sees(f"run {key}")

    await engine.start(worker="worker-1", drain_batch=drain, look=look, run=run)
    try:
        await asyncio.wait_for(is_done.wait(), seconds)
        await asyncio.sleep(0.5)  # a second time would come by now
    finally:
        await asyncio.to_thread(engine.stop)
        engine.close()
    return sorted(seen)


def enqueues(engine: DurableEngine, database: Database) -> None:
    with database.transaction() as session:
        engine.enqueue(session, "wave", "slack:T1", delay=0, mass=True)
        engine.enqueue(session, "reply", "slack:T1", delay=1.0, mass=False)
        engine.run(session, "digest:2026-W48", alone="digest")
        engine.look(session, "slack:T1", delay=1.0)


ALL = ["look slack:T1", "reply of slack:T1", "run digest:2026-W48", "wave of slack:T1"]


@pytest.mark.timeout(90)
def test_what_waits_for_a_former_version_is_carried_out_once(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = DurableEngine(database)
    engine.prepare()
    enqueues(engine, database)
    monkeypatch.setattr(engines, "VERSION", "chorus-2")
    monkeypatch.setattr(engines, "FORMER", ("chorus-1",))
    engine.prepare()  # as `chorus db upgrade` does
    engine.prepare()
    engine.close()
    assert asyncio.run(carried(database, len(ALL))) == ALL


@pytest.mark.timeout(90)
def test_what_an_older_process_enqueues_meanwhile_is_too(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rolling upgrade: the sweep of the newer worker finds it."""
    if database.one_writer:
        pytest.skip("left out: several processes are for PostgreSQL")
    older = DurableEngine(database)
    older.prepare()
    monkeypatch.setattr(engines, "VERSION", "chorus-2")
    monkeypatch.setattr(engines, "FORMER", ("chorus-1",))
    monkeypatch.setattr(older, "_options", _of_version(older, "chorus-1"))
    enqueues(older, database)

    async def sweeps() -> list[str]:
        engine = DurableEngine(database)
        await engine.take_over(["nobody"])
        engine.close()
        return await carried(database, len(ALL))

    assert asyncio.run(sweeps()) == ALL
    older.close()


@pytest.mark.timeout(90)
def test_one_run_of_a_job_is_under_way_at_a_time(database: Database) -> None:
    """A slow one is not overtaken by the next; other jobs go on beside it."""
    engine = DurableEngine(database, polling=0.05)
    engine.prepare()
    with database.transaction() as session:
        for number in range(4):
            engine.run(session, f"routine:{number}", alone="routine")
        engine.run(session, "read:0", alone="read")
    under_way, most, met = set[str](), Counter[str](), set[frozenset[str]]()
    is_done = asyncio.Event()

    async def run(key: str) -> None:
        job = key.partition(":")[0]
        under_way.add(key)
        most[job] = max(most[job], sum(one.startswith(job) for one in under_way))
        met.add(frozenset(one.partition(":")[0] for one in under_way))
        await asyncio.sleep(2.0 if job == "read" else 0.3)
        under_way.discard(key)
        if key == "routine:3":
            is_done.set()

    async def nothing(*_given: object) -> None: ...

    async def play() -> None:
        await engine.start(worker="worker-1", drain_batch=nothing, look=nothing, run=run)
        await asyncio.wait_for(is_done.wait(), 60)
        await asyncio.to_thread(engine.stop)
        engine.close()

    asyncio.run(play())
    assert most == {"routine": 1, "read": 1}
    assert frozenset({"routine", "read"}) in met


def _of_version(engine: DurableEngine, version: str) -> Any:
    make = engine._options
    return lambda *given: {**make(*given), "app_version": version}


def test_work_that_another_process_took_is_no_fault(sqlite: Database) -> None:
    """Whoever was stopped and woken finds its lease taken: there is nothing for anybody to do."""
    engine, done = DurableEngine(sqlite, polling=0.05), asyncio.Event()
    engine.prepare()

    async def nothing(*_words: object) -> None:
        """Not asked for here."""

    async def lost(_key: str) -> None:
        done.set()
        raise LeaseLost

    async def play() -> None:
        with sqlite.transaction() as session:
            engine.run(session, "digest:2026-W48", alone="digest")
        await engine.start(worker="worker-1", drain_batch=nothing, look=nothing, run=lost)
        try:
            await asyncio.wait_for(done.wait(), 30)
            await asyncio.sleep(0.2)
        finally:
            await asyncio.to_thread(engine.stop)
            engine.close()

    with capture_logs() as said:
        asyncio.run(play())
    assert [(line["event"], line["log_level"]) for line in said] == [("work left to another process", "info")]


@contextmanager
def noting(asked: list[str]) -> Iterator[None]:
    """What any engine of this process asks its database."""

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        asked.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield
    finally:
        event.remove(Engine, "before_cursor_execute", note)


@pytest.mark.timeout(120)
def test_at_rest_it_asks_little_and_finds_delayed_work_all_the_same(database: Database) -> None:
    """Most of what a worker costs at rest is what the engine asks. Fails where a newer DBOS sets its threads otherwise."""
    engine, asked, done = DurableEngine(database), list[str](), asyncio.Event()
    engine.prepare()

    async def nothing(*_words: object) -> None:
        """Not asked for here."""

    async def run(_key: str) -> None:
        done.set()

    async def play() -> float:
        await engine.start(worker="worker-1", drain_batch=nothing, look=nothing, run=run)
        try:
            await asyncio.sleep(6)  # by then it rests
            with noting(asked):
                await asyncio.sleep(10)
            with database.transaction() as session:
                engine.run(session, "digest:2026-W48", alone="digest", delay=1.0)
            began = time.monotonic()
            await asyncio.wait_for(done.wait(), 30)
            return time.monotonic() - began
        finally:
            await asyncio.to_thread(engine.stop)
            engine.close()

    waited = asyncio.run(play())
    assert sum("workflow_status" in statement for statement in asked) <= 20, Counter(asked)
    assert 1.0 <= waited < 20


def test_what_the_engine_logs_goes_the_way_of_the_rest_but_for_outages(caplog: pytest.LogCaptureFixture) -> None:
    """Of an outage the heartbeat tells, once."""
    logger = logging.getLogger("like-dbos")
    logger.addHandler(logging.NullHandler())
    logger.propagate = False
    engines._log_like_the_rest(logger)
    away = OperationalError("SELECT 1", {}, Exception("the database is locked"))
    logger.error("a look failed", exc_info=away)
    logger.error("a workflow failed", exc_info=ValueError("ours"))
    logger.warning("nothing to speak of")
    assert logger.handlers == []
    assert [record.getMessage() for record in caplog.records] == ["a workflow failed"]
