"""What every turn, job and message needs: built once, by `adapters/app.py`, and never changed after that."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from random import Random, SystemRandom

from bot.core.context import Context, Job, words_of
from bot.core.db_executor import DbExecutor
from bot.core.events import Event
from bot.core.networks import Networks
from bot.core.outbox import Engine
from bot.core.ports import Pictures, Platform
from bot.core.router import Router
from bot.core.rules import Rules
from bot.core.working_time import utc_now
from storage.database import Session
from storage.people.employees import Employee
from storage.pulse.round_store import RoundStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependencies:
    """`platforms` by the first part of a workspace's id ("slack"). `apart` does work that takes long, off the loop."""

    db_executor: DbExecutor
    platforms: Mapping[str, Platform]
    engine: Engine
    router: Router
    rules: Rules
    pictures: Pictures
    ballots: RoundStore
    networks: Networks = field(default_factory=dict)
    now: Callable[[], datetime] = utc_now
    random: Random = field(default_factory=SystemRandom)
    apart: Callable[[Callable[[], object]], Awaitable[object]] = asyncio.to_thread

    def platform_of(self, workspace: str) -> Platform | None:
        """None where that platform is not set up here."""
        return self.platforms.get(workspace.partition(":")[0])

    def job(self, session: Session, *, scope: str = "", after: int = 0, memo: dict[str, object] | None = None) -> Job:
        return Job(
            session,
            self.now(),
            self.random,
            self.rules,
            self.pictures,
            self.ballots,
            self.router,
            self.networks,
            scope=scope,
            after=after,
            memo={} if memo is None else memo,
        )

    def context(self, session: Session, person: Employee, now: datetime, event: Event | None) -> Context:
        return Context(
            session,
            person,
            now,
            words_of(person, now),
            self.random,
            self.rules,
            self.pictures,
            self.ballots,
            self.router,
            self.networks,
            event,
        )
