"""SIGTERM ends a process within 20 seconds, whatever it waits for; nothing is lost, and the code is that of no fault."""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from bot.core.db_executor import DbExecutor
from scheduler.delivery.batches import CHUNK
from scheduler.delivery.heartbeat import Heartbeat
from scheduler.engine import DurableEngine
from storage.database import Database
from storage.delivery import history
from storage.delivery.deliveries import Delivery, DeliveryState
from storage.delivery.worker_leases import HeldLease
from tests.adapters.asking import Answer, Server, conversation_of, ok
from tests.faults.kills import plan_send
from tests.keys import KEY
from tests.ports import free_port
from tests.sizes import IS_FULL, size

ROOT = Path(__file__).parents[2]
MESSAGES, ENDS_WITHIN = 400, 20.0
WORKSPACE = "slack:T1"


class MuteSlack:
    """Says who the bot is, takes messages, and never says that they arrived. `mute`: it does not even say the former.
    `answers`: of so many messages one is answered (0: none)."""

    def __init__(self, *, mute: bool = False, answers: int = 0) -> None:
        self.waiting, self.answered = 0, set[str]()
        self._mute, self._answers, self._goes_on = mute, answers, threading.Event()
        self._number = itertools.count()
        self._server = Server(self._answer)
        self.url = f"{self._server.url}/api/"

    def _answer(self, _method: str, path: str, fields: dict[str, Any]) -> Answer:
        if not self._mute and not path.endswith("chat.postMessage"):
            return ok(team_id="T1", team="Koivu", user_id="B1")
        if self._answers and next(self._number) % self._answers == 0:
            self.answered.add(fields["channel"])
            return ok(channel=conversation_of(fields["channel"]), ts="1700.1")
        self.waiting += 1
        self._goes_on.wait(60)
        return None

    @contextmanager
    def serving(self) -> Iterator[None]:
        with self._server:
            try:
                yield
            finally:
                self._goes_on.set()


def settings(database: Database, slack: MuteSlack) -> dict[str, str]:
    return {
        **os.environ,
        "CHORUS_DATABASE_URL": database.engine_url,
        "CHORUS_SECRET_KEYS": KEY,
        "CHORUS_SLACK_BOT_TOKEN": "xoxb-1",
        "CHORUS_SLACK_SIGNING_SECRET": "s",
        "CHORUS_SLACK_API_URL": slack.url,
    }


@contextmanager
def held(database: Database) -> Iterator[None]:
    """Somebody else holds the tables that a process writes to as it ends: a long ALTER TABLE, a forgotten session."""
    with database.engine.connect() as connection:
        if not database.one_writer:
            connection.execute(text("LOCK TABLE deliveries, worker_leases, rate_limits IN ACCESS EXCLUSIVE MODE"))
        yield  # SQLite's transactions begin with its one lock
        connection.rollback()


@contextmanager
def working(database: Database, slack: MuteSlack, *role: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "adapters.cli.main", *(role or ["worker"])]
    process = subprocess.Popen(command, cwd=ROOT, env=settings(database, slack))
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def wait_until(is_so: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    ends = time.monotonic() + 60
    while not is_so() and time.monotonic() < ends:
        assert process.poll() is None
        time.sleep(0.1)
    assert is_so()


def nobody(_database: Database) -> Any:
    return nullcontext()


async def comes_next(database: Database) -> None:
    """What a worker does first that starts afterwards."""
    executor, engine = DbExecutor(database), DurableEngine(database)
    beats = Heartbeat(db_executor=executor, engine=engine, now=lambda: datetime.now(UTC), held=HeldLease())
    await beats.take("worker")
    await beats.care(engine.take_over)
    await asyncio.to_thread(executor.close)
    engine.close()


@pytest.mark.in_turn
@pytest.mark.timeout(180)
@pytest.mark.parametrize("meanwhile", [held, nobody])
def test_sigterm_ends_a_worker(database: Database, meanwhile: Callable[[Database], Any]) -> None:
    """What it had under way belongs to nobody then: it is in doubt, so that it is looked for."""
    if database.one_writer and not IS_FULL:
        pytest.skip("left out: by `make faults`")
    plan_send(database, MESSAGES, [WORKSPACE])
    slack = MuteSlack()
    with slack.serving(), working(database, slack) as worker:
        wait_until(lambda: slack.waiting >= 5, worker)
        with meanwhile(database):
            worker.send_signal(signal.SIGTERM)
            assert worker.wait(ENDS_WITHIN) == 0
    if meanwhile is held:
        asyncio.run(comes_next(database))
    with database.transaction() as session:
        found = history.counts(session)
        assert session.scalars(select(Delivery.holder).where(Delivery.holder.is_not(None))).all() == []
    assert found.get(DeliveryState.SENDING, 0) == 0
    assert found[DeliveryState.UNKNOWN] >= 5
    assert sum(found.values()) == MESSAGES
    assert found[DeliveryState.PLANNED] >= MESSAGES - CHUNK
    assert found.get(DeliveryState.SENT, 0) == 0


@pytest.mark.in_turn
@pytest.mark.timeout(180)
def test_what_was_answered_is_written_down(database: Database) -> None:
    """Half of the answers do not come: what came of the others is known all the same."""
    if database.one_writer and not IS_FULL:
        pytest.skip("left out: by `make faults`")
    plan_send(database, MESSAGES, [WORKSPACE])
    slack = MuteSlack(answers=2)
    with slack.serving(), working(database, slack) as worker:
        wait_until(lambda: min(len(slack.answered), slack.waiting) >= 5, worker)
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(ENDS_WITHIN) == 0
    with database.transaction() as session:
        sent = session.scalars(select(Delivery.address).where(Delivery.state == DeliveryState.SENT)).all()
        found = history.counts(session)
    assert {address.rpartition(":")[2] for address in sent} == slack.answered
    assert found[DeliveryState.UNKNOWN] == slack.waiting
    assert sum(found.values()) == MESSAGES


@pytest.mark.timeout(120)
@pytest.mark.parametrize("role", size([["worker"]], [["worker"], ["serve", "--port", "0"]]))
def test_sigterm_ends_a_process_that_still_starts(sqlite: Database, role: list[str]) -> None:
    """The platform does not answer whose token it is, and the process waits for it."""
    plan_send(sqlite, MESSAGES, [WORKSPACE])
    slack = MuteSlack(mute=True)
    role = [word if word != "0" else str(free_port()) for word in role]
    with slack.serving(), working(sqlite, slack, *role) as process:
        wait_until(lambda: slack.waiting > 0, process)
        process.send_signal(signal.SIGTERM)
        process.wait(ENDS_WITHIN)
