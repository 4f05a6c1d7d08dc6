"""What the benchmarks of nudges to many are made of: people in twenty workspaces, and a worker's parts over them."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import Connection, create_engine, make_url, text

from bot.core.application import Application
from bot.core.cards import Card
from bot.core.db_executor import DbExecutor
from bot.core.dependencies import Dependencies
from bot.core.ports import Limits, Outcome, Sent
from bot.core.router import Router
from bot.core.rules import Rules
from bot.features.sharing.jobs import plan
from bot.routes import FEATURES
from bot.samples import FixedPictures
from scheduler.delivery.at_once import Deliverer
from scheduler.delivery.batches import BatchDrainer
from scheduler.delivery.heartbeat import Heartbeat
from scheduler.delivery.sender import Sender
from scheduler.engine import DurableEngine
from storage.database import Database
from storage.delivery.worker_leases import HeldLease
from storage.people import workspaces
from storage.people.employees import Employee, Identity
from storage.pulse.round_store import RoundStore
from storage.sharing.posts import Post, PostState
from tests.benchmarks.databases import fill

UNLIMITED = Limits()
WORKSPACES, POSTS = 20, 20
A_SECOND = 50  # that Teams allows a tenant
# Everybody lives where it is afternoon now: their slot is open for hours, and no other is left this week.
EAST = (15 - datetime.now(UTC).hour + 11) % 24 - 11  # hours of UTC
TIME_ZONE = f"Etc/GMT{-EAST:+d}"  # its sign is the other way round
TODAY = (datetime.now(UTC) + timedelta(hours=EAST)).weekday()
OPEN_NOW = Rules(
    hours=(0, 24),
    nudge_days=(TODAY,),
    on_holidays=True,
    nudge_gap_hours=0.0,
    nudge_spread_minutes=0.0,
    no_nudge_share=0.0,
)
WAITING = text("SELECT 1 FROM deliveries WHERE state IN ('planned', 'sending') AND kind = 'nudge' LIMIT 1")


class Counting:
    """The Platform port: counts, and holds every call against the limits it is given."""

    name = "fake"

    def __init__(self, limits: Limits) -> None:
        self.limits, self.sent, self.violations, self.began = limits, 0, 0, 0.0
        self._calls: dict[str, list[float]] = defaultdict(list)

    async def send(self, address: str, card: Card, *, mark: str) -> Outcome:
        self.sent += 1
        self.began = self.began or time.perf_counter()
        if self.limits.sends.gap:
            now, calls = time.monotonic(), self._calls[address[: address.rindex(":")]]
            calls.append(now)
            self.violations += len(calls) > A_SECOND and now - calls[-A_SECOND - 1] < 1.0
        return Sent(f"{address}:1")

    async def update(self, message: str, card: Card) -> Outcome:
        return Sent(message)

    async def find(self, address: str, mark: str) -> Outcome: ...

    async def profile(self, workspace: str, user: str) -> Any: ...

    async def directory(self, workspace: str, cursor: str | None) -> Any: ...

    async def close(self) -> None: ...


class FanOut:
    """The parts of a worker over one database."""

    def __init__(self, url: str, limits: Limits = UNLIMITED) -> None:
        self.database = Database(url)
        self.db_executor, self.platform = DbExecutor(self.database), Counting(limits)
        self.engine = DurableEngine(self.database, polling=0.1)
        dependencies = Dependencies(
            db_executor=self.db_executor,
            platforms={"fake": self.platform},
            engine=self.engine,
            router=Router(FEATURES),
            rules=OPEN_NOW,
            pictures=FixedPictures(),
            ballots=RoundStore(self.database),
            now=now,
            random=Random(1),
        )
        sending, held = Sender(dependencies), HeldLease()
        self.waves = BatchDrainer(dependencies, sending, held)
        self.deliverer = Deliverer(dependencies, sending, held)
        self.shell = Application(dependencies, outbox=self.deliverer)
        self.heartbeat = Heartbeat(db_executor=self.db_executor, engine=self.engine, now=now, held=held)

    def hire(self, people: int) -> None:
        """Make the tables, and that many people who all want nudges, evenly in the workspaces."""
        self.database.upgrade()
        self.engine.prepare()
        since = now() - timedelta(days=1)
        with self.database.transaction() as session:
            for number in range(WORKSPACES):
                workspaces.install(session, f"fake:T{number}", now=since)
            session.add_all(
                Post(
                    url=f"https://k.example/{number}",
                    canonical_url=f"https://k.example/{number}",
                    title=f"Storm {number}",
                    summary="About the storm.",
                    state=PostState.LIVE,
                    created_at=since,
                    decided_at=since,
                )
                for number in range(POSTS)
            )
            session.flush()
            fill(
                session,
                Employee,
                (
                    {
                        "id": number + 1,
                        "name": f"Person {number}",
                        "language": "en",
                        "language_chosen": False,
                        "time_zone": TIME_ZONE,
                        "roles": ["employee"],
                        "state": "active",
                        "nudges_wanted": True,
                        "welcomed_at": since,
                        "fewer_nudges": False,
                        "topics_declined": [],
                        "joined_at": since,
                    }
                    for number in range(people)
                ),
            )
            fill(
                session,
                Identity,
                (
                    {
                        "workspace_id": f"fake:T{number % WORKSPACES}",
                        "user": f"U{number}",
                        "employee_id": number + 1,
                        "state": "active",
                        "address": f"fake:T{number % WORKSPACES}:U{number}",
                        "last_used_at": since,
                    }
                    for number in range(people)
                ),
            )

    @cached_property
    def aside(self) -> Connection:
        """Looks on: reads only, keeps no transaction open, and waits for nobody."""
        url = self.database.engine.url
        if self.database.one_writer:
            url = make_url(f"sqlite:///file:{url.database}?mode=ro&uri=true")
        return create_engine(url, isolation_level="AUTOCOMMIT").connect()

    async def plans(self) -> float:
        """Seconds to plan and enqueue a nudge for everybody."""
        started = time.perf_counter()
        await self.shell.run_job(plan.plan_day)
        return time.perf_counter() - started

    @asynccontextmanager
    async def working(self, drain_batch: Any = None) -> AsyncIterator[None]:
        lease = await self.heartbeat.take("worker")
        beating = asyncio.create_task(self.heartbeat.hold(self.engine.take_over))

        async def run(_key: str) -> None: ...

        await self.engine.start(
            worker=lease.worker, drain_batch=drain_batch or self.waves.drain_batch, look=self.waves.look, run=run
        )
        yield
        await asyncio.to_thread(self.engine.stop)
        beating.cancel()

    def disk_mb(self) -> int:
        """Of the database, with its log where that is a file."""
        if self.database.one_writer:
            file = Path(str(self.database.engine.url.database))
            return round(sum(part.stat().st_size for part in file.parent.glob(f"{file.name}*")) / 1e6)
        size = self.aside.execute(text("SELECT pg_database_size(current_database())")).scalar_one()
        return round(int(size) / 1e6)

    def is_waiting(self) -> bool:
        """Whether any nudge has still to leave; looked at from aside: it costs next to nothing."""
        return self.aside.execute(WAITING).fetchone() is not None


def now() -> datetime:
    return datetime.now(UTC)
