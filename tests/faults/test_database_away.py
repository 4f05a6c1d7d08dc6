"""The database locked by somebody else, stopped for a while, or written to by many at once: nothing is lost, nobody reads
of a locked database, and all goes on by itself.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time

import pytest
import stamina

from bot.core.events import Command
from bot.core.outbox import GRACE
from storage.database import Database
from storage.database_faults import is_outage
from storage.delivery import deliveries, history, rate_limits
from storage.delivery.deliveries import DeliveryState
from storage.people import workspaces
from tests.faults.kills import Counts, plan_send, start_worker, stop
from tests.faults.own_postgres import Server
from tests.sizes import size
from tests.stage import MONDAY, WORKSPACE, Stage

LOCKS, LOCKED = size(2, 100), 4.0  # how often, and for how many seconds
WRITERS, WRITES = 8, size(150, 1000)
GAP = 0.25  # seconds between two sends: all of them within the hour that may be reserved ahead
RECIPIENTS = 2000
PLENTY = pytest.mark.timeout(size(180, 3600))


async def ask_until_acknowledged(stage: Stage, number: int) -> int:
    """One event, sent again until it is acknowledged, as platforms do; how often it was refused."""
    event = Command(workspace=WORKSPACE, user="aino", address=f"{WORKSPACE}:aino", keys=(f"k{number}",), name="help")
    for refused in range(1000):
        try:
            await stage.shell.handle(event)
        except Exception:
            await asyncio.sleep(0.2)
        else:
            return refused
    raise AssertionError("never acknowledged")


async def ask_while(stage: Stage, trouble: threading.Thread) -> tuple[int, int]:
    """(events, refusals) while the trouble lasts, one event after the other, and a last one."""
    number = refused = 0
    while trouble.is_alive() or number == 0:
        refused += await ask_until_acknowledged(stage, number)
        number += 1
        await asyncio.sleep(0.02)
    refused += await ask_until_acknowledged(stage, number)
    await stage.shell.close()
    return number + 1, refused


@PLENTY
def test_somebody_else_holds_the_lock(stage: Stage) -> None:
    """Events are late, and none is refused."""
    stage.hires("aino")
    path = str(stage.database.engine.url.database)

    def hold() -> None:
        for _round in range(LOCKS):
            outside = sqlite3.connect(path, timeout=30, isolation_level=None)
            outside.execute("BEGIN IMMEDIATE")
            time.sleep(LOCKED)
            outside.execute("COMMIT")
            outside.close()
            time.sleep(0.2)

    trouble = threading.Thread(target=hold)
    trouble.start()
    number, refused = stage.run(ask_while(stage, trouble))
    assert refused == 0
    assert number > LOCKS
    assert len(stage.sees("aino")) == number
    assert not any("locked" in said or "went wrong" in said for said in stage.sees("aino"))


@PLENTY
def test_many_writers_at_once(database: Database) -> None:
    """Each with connections of its own, as processes have; each transaction reads and writes. SQLite serves whoever asks
    first after a pause: who came too late for ten seconds is refused, and tries again, as a turn is by its platform."""
    with database.transaction() as session:
        workspaces.install(session, WORKSPACE, now=MONDAY)

    @stamina.retry(on=is_outage, attempts=None, timeout=None)
    def write_one(own: Database, key: str) -> None:
        with own.transaction() as session:
            rate_limits.reserve(session, "slack:T1", 1, gap=GAP, now=0.0)
            deliveries.add(
                session,
                [
                    {
                        "key": key,
                        "workspace_id": WORKSPACE,
                        "employee_id": None,
                        "address": "a",
                        "kind": "notice",
                        "subject_id": None,
                        "card": None,
                        "replaces": None,
                        "cause": "",
                        "wave": "w",
                        "state": DeliveryState.SENT,
                        "due_at": MONDAY,
                        "attempts": 0,
                        "changed_at": MONDAY,
                    }
                ],
            )

    def write(writer: int) -> None:
        own = Database(database.engine_url)
        for number in range(WRITES):
            write_one(own, f"{writer}:{number}")
        own.close()

    writers = [threading.Thread(target=write, args=(number,)) for number in range(WRITERS)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    with database.transaction() as session:
        (free_at,) = rate_limits.reserve(session, "slack:T1", 1, gap=GAP, now=0.0)
        assert free_at == pytest.approx(WRITERS * WRITES * GAP)
        assert history.counts(session) == {DeliveryState.SENT: WRITERS * WRITES}


@PLENTY
def test_postgresql_is_stopped_while_people_press(server: Server) -> None:
    """Nothing is acknowledged meanwhile; sent again by the platform, each event has one effect."""
    with Stage(server.database) as stage:
        stage.hires("aino")
        trouble = threading.Thread(target=server.stops_and_starts)
        trouble.start()
        number, refused = stage.run(ask_while(stage, trouble))
        assert refused > 0
        stage.now += GRACE  # what this process could not send is the engine's from then on
        stage.sends()
        assert len(stage.sees("aino")) == number
        assert not any("went wrong" in said for said in stage.sees("aino"))


@PLENTY
@pytest.mark.in_turn
def test_postgresql_is_stopped_while_a_worker_sends(server: Server) -> None:
    """The worker waits, writes down what had left, and goes on: nobody is sent to twice, and nobody is left out."""
    counts = Counts(waits=0.05)
    plan_send(server.database, RECIPIENTS)
    with counts.serving():
        worker = start_worker(server.database.engine_url, counts.url)
        try:
            while not counts.sent:
                time.sleep(0.05)
            server.stops_and_starts()
            until = time.monotonic() + 90
            while time.monotonic() < until:
                with server.database.transaction() as session:
                    states = history.counts(session)
                if states == {DeliveryState.SENT: RECIPIENTS}:
                    break
                time.sleep(0.5)
            assert worker.poll() is None
        finally:
            stop(worker)
    assert states == {DeliveryState.SENT: RECIPIENTS}
    assert len(counts.sent) == RECIPIENTS
    assert set(counts.sent.values()) == {1}
