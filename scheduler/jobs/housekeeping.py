"""Keeps the database small: what need not be kept is deleted, a little at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from bot.core.dependencies import Dependencies
from scheduler.jobs.kept import Kept
from storage.core import events
from storage.database import Database, Session
from storage.delivery import history, rate_limits, worker_leases
from storage.framework import framework
from storage.jobs import runs
from storage.mentions import listening
from storage.people import places
from storage.publishing import accounts
from storage.sharing import links, nudge_words, plans, shares
from storage.web import console_sessions, sign_in, webhooks

log = structlog.get_logger()

KEEP_REPLIES = timedelta(days=7)
KEEP_EVENTS = timedelta(days=2)
KEEP_WORK = timedelta(minutes=30)  # finished work of the engine
KEEP_ROUTINE, KEEP_RUNS = timedelta(hours=1), timedelta(days=400)
KEEP_PLANS = timedelta(days=800)  # weeks with and without nudges, which are compared once a year
KEEP_SESSIONS = timedelta(hours=12)
BATCH = 2000  # rows that are deleted in one transaction
BREATH = 0.1  # seconds between two of them, in which others write


class Prune(Protocol):
    """Forgets finished work of the engine."""

    def __call__(self, *, before: datetime) -> Awaitable[int]: ...


class Housekeeping:
    def __init__(
        self,
        dependencies: Dependencies,
        database: Database,
        *,
        prune: Prune | None = None,
        kept: Kept | None = None,
    ) -> None:
        self._db_executor = dependencies.db_executor
        self._now = dependencies.now
        self._database = database
        self._prune = prune
        self._kept = kept or Kept()

    async def tidy(self, routine: Sequence[str]) -> None:
        """Delete what is needed for hours or days: salts and visits, handled events, replies, finished work, runs of
        the `routine` jobs."""
        now = self._now()

        def work(session: Session) -> None:
            links.destroy_salts(session, now.date())
            events.forget(session, before=now - KEEP_EVENTS)
            history.prune_replies(session, before=now - KEEP_REPLIES)
            rate_limits.prune(session, before=(now - KEEP_WORK).timestamp())
            worker_leases.prune(session, before=now - KEEP_EVENTS)
            webhooks.prune(session, before=now - KEEP_REPLIES)
            console_sessions.prune(session, before=now - KEEP_SESSIONS, now=now)
            sign_in.prune(session, now=now)
            places.prune(session, now=now)
            accounts.prune(session, now=now)
            runs.prune(session, list(routine), before=now - KEEP_ROUTINE)

        await self._db_executor(work)
        if self._prune is not None:
            await self._prune(before=now - KEEP_WORK)
        await asyncio.to_thread(self._database.scrub)

    async def trim(self) -> None:
        """Delete what is kept for months and settled messages that are older than they are kept, and have the database
        look at what it knows of its tables. In small transactions: on SQLite everybody else waits for each."""
        now, number = self._now(), 0
        before = now - self._kept.deliveries

        def work(session: Session) -> None:
            plans.prune(session, before=now - KEEP_PLANS)
            framework.prune(session, before=now - self._kept.history)
            listening.prune(session, before=now - self._kept.mentions)
            runs.prune(session, None, before=now - KEEP_RUNS)
            shares.recall_news(session)  # clicks that a process of an older version counted

        await self._db_executor(work)
        after: int | None = 0
        while after is not None:
            deleted, after = await self._db_executor(
                lambda session, after=after: history.prune_settled(session, before=before, after=after, limit=BATCH)  # type: ignore[misc]
            )
            number += deleted
            await asyncio.sleep(BREATH)
        emptied = BATCH
        while emptied == BATCH:
            emptied = await self._db_executor(
                lambda session: nudge_words.forget_words(session, before=now - self._kept.nudges, limit=BATCH)
            )
            await asyncio.sleep(BREATH)
        if number:
            log.info("old messages deleted", number=number, before=before.date().isoformat())
        await asyncio.to_thread(self._database.optimize)
