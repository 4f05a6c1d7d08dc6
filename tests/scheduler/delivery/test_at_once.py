"""A stop while replies wait for their turn: what has not left is in no doubt, and leaves from another process."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from bot.core.dependencies import Dependencies
from bot.core.ports import Limits, Rate
from bot.core.router import Router
from bot.core.rules import Rules
from bot.routes import FEATURES
from bot.samples import FixedPictures
from scheduler.delivery.at_once import Deliverer
from scheduler.delivery.batches import BatchDrainer
from scheduler.delivery.sender import Sender
from storage.database import Database
from storage.delivery import deliveries, history, queues, worker_leases
from storage.delivery.deliveries import Delivery
from storage.delivery.worker_leases import HeldLease
from storage.people import workspaces
from storage.pulse.round_store import RoundStore
from tests.scheduler.delivery.test_rate_limits import Strict, row
from tests.scheduler.delivery.virtual import START, Inline, VirtualLoop, play
from tests.stage import FakeEngine

REPLIES = 40
MINUTE = timedelta(minutes=1)
FIVE_A_SECOND = Limits(sends=Rate(0.2))


class Process:
    """What of a process sends."""

    def __init__(self, database: Database, name: str, loop: VirtualLoop, platform: Strict) -> None:
        db_executor: Any = Inline(database)
        self.engine = FakeEngine(loop.now)
        dependencies = Dependencies(
            db_executor=db_executor,
            platforms={"fake": platform},
            engine=self.engine,
            router=Router(FEATURES),
            rules=Rules(),
            pictures=FixedPictures(),
            ballots=RoundStore(database),
            now=loop.now,
        )
        held, sending = HeldLease(), Sender(dependencies)
        self.at_once = Deliverer(dependencies, sending, held)
        self.waves = BatchDrainer(dependencies, sending, held)
        with database.transaction() as session:
            held.current = worker_leases.take(session, name, token=name, host="h", pid=1)


@pytest.fixture
def numbers(database: Database) -> list[int]:
    """Of replies that are to be said at once, to as many people, each in a wave of its own as replies are."""
    with database.transaction() as session:
        workspaces.install(session, "fake:T1", now=START)
        session.flush()
        deliveries.add(session, [{**row(n, f"fake:T1:U{n}"), "wave": f"reply-{n}"} for n in range(REPLIES)])
        return [one.id for one in session.query(Delivery).order_by(Delivery.id)]


def test_what_has_not_left_leaves_from_the_next_process_in_one_go(database: Database, numbers: list[int]) -> None:
    loop = VirtualLoop()
    platform = Strict(FIVE_A_SECOND, loop)
    first, second = (Process(database, name, loop, platform) for name in ("first", "second"))

    async def story() -> None:
        replies = [asyncio.create_task(first.at_once.deliver([number])) for number in numbers]
        await asyncio.sleep(2.05)
        await first.at_once.close()
        left = len(platform.calls["fake:T1"])
        assert 5 < left < 15
        with database.transaction() as session:
            found = history.counts(session)
        assert found["planned"] == REPLIES - left
        assert "unknown" not in found
        await asyncio.gather(*replies)  # as those that a process ends with
        assert len(platform.calls["fake:T1"]) == left
        ((_due, wave, workspace, mass),) = first.engine.waves
        assert not mass  # behind no nudges
        began = loop.time()
        await second.waves.drain_batch(wave, workspace, mass)
        assert loop.time() - began < (REPLIES - left) * 0.2 + 2
        assert sorted(platform.arrived) == sorted(f"c:{number}" for number in numbers)  # each once

    play(loop, story())
    with database.transaction() as session:
        assert history.counts(session) == {"sent": REPLIES}


def test_what_was_in_doubt_and_is_not_there_leaves_in_one_go(database: Database, numbers: list[int]) -> None:
    """As the replies of a process that was killed."""
    loop = VirtualLoop()
    platform = Strict(FIVE_A_SECOND, loop)
    process = Process(database, "second", loop, platform)
    platform.knows_none = True
    with database.transaction() as session:
        deliveries.hold(session, numbers, "killed", now=START)
        deliveries.give_up_on(session, ["killed"], now=START)

    async def story() -> None:
        await asyncio.sleep(60)
        while len(process.engine.waves) < 2:  # as many as it looks up at once
            await process.waves.look("fake:T1")
        assert len(process.engine.waves) == 2
        assert not any(mass for _due, _wave, _workspace, mass in process.engine.waves)
        for _due, *what in process.engine.waves:
            await process.waves.drain_batch(*what)
        assert sorted(platform.arrived) == sorted(f"c:{number}" for number in numbers)

    play(loop, story())


def test_what_is_in_doubt_and_looked_for_counts_as_late(database: Database, numbers: list[int]) -> None:
    with database.transaction() as session:
        deliveries.hold(session, numbers, "killed", now=START)
        deliveries.give_up_on(session, ["killed"], now=START)
        assert queues.overdue(session, now=START + 9 * MINUTE)["fake:T1"] >= 9 * 60
        deliveries.mark_unresolved(session, numbers, now=START)
        assert queues.overdue(session, now=START + 9 * MINUTE) == {}
