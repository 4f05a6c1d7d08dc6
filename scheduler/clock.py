"""The clock: APScheduler ticks; what is due is computed from our own tables. The worker sends."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot import routes
from bot.platform import DirectoryUnavailable
from bot.shell import Crossing, Shell
from content.intake import Intake
from scheduler.delivery import Deliverer
from storage import deliveries, events, links, posts, workspaces
from storage.database import Session

log = structlog.get_logger()

READERS = 8  # feeds read side by side: a slow one does not delay the others
SYNC_EVERY = timedelta(days=1)
KEEP_REPLIES = timedelta(days=7)
KEEP_EVENTS = timedelta(days=2)


class Clock:
    """Ticks every `seconds`. Any number of clocks may run: each job decides in its own transaction."""

    def __init__(
        self,
        *,
        shell: Shell,
        crossing: Crossing,
        intake: Intake,
        seconds: float,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._shell = shell
        self._crossing = crossing
        self._intake = intake
        self._now = now
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="reader")
        self._scheduler = AsyncIOScheduler(timezone=UTC)
        self._every(seconds, self.tick)
        self._every(max(seconds, 5.0), self.read)
        self._every(max(seconds, 60.0), self.sync)
        self._every(3600.0, self.tidy)

    def start(self) -> None:
        self._scheduler.start()

    def stop(self) -> None:
        self._scheduler.shutdown(wait=False)
        self._readers.shutdown(wait=False, cancel_futures=True)

    def _every(self, seconds: float, work: Callable[[], Awaitable[None]]) -> None:
        self._scheduler.add_job(
            work, "interval", seconds=seconds, coalesce=True, max_instances=1, misfire_grace_time=None,
            next_run_time=datetime.now(UTC),
        )  # fmt: skip

    async def tick(self) -> None:
        """Every job of the capabilities, once; a fault in one does not stop the next."""
        for name, work in routes.JOBS.items():
            try:
                await self._shell.run_job(work)
            except Exception:
                log.exception("job failed", job=name)

    async def read(self) -> None:
        """Feeds that are due, and pages of drafts that lack details; side by side, off the event loop."""
        due, lacking = await self._crossing(
            lambda session: (
                [feed.id for feed in posts.feeds_due(session, self._now())],
                [post.id for post in posts.to_complete(session)],
            )
        )
        loop = asyncio.get_running_loop()
        tasks = [loop.run_in_executor(self._readers, self._poll, feed_id) for feed_id in due]
        tasks += [loop.run_in_executor(self._readers, self._complete, post_id) for post_id in lacking]
        await asyncio.gather(*tasks)

    def _poll(self, feed_id: int) -> None:
        try:
            report = self._intake.poll(feed_id, now=self._now())
            log.info("feed read", feed=feed_id, created=len(report.created), failed=len(report.failed))
        except Exception:
            log.exception("feed failed", feed=feed_id)

    def _complete(self, post_id: int) -> None:
        try:
            self._intake.complete(post_id)
        except Exception:
            log.exception("page failed", post=post_id)

    async def sync(self) -> None:
        """Workspaces whose directory was not read for a day."""
        due = await self._crossing(
            lambda session: [
                row.id
                for row in workspaces.installed(session)
                if row.synced_at is None or self._now() - row.synced_at > SYNC_EVERY
            ]
        )
        for workspace_id in due:
            try:
                report = await self._shell.sync_people(workspace_id)
                log.info("people synced", workspace=workspace_id, seen=report.seen, left=report.left)
            except (DirectoryUnavailable, KeyError, LookupError) as cause:
                log.warning("people not synced", workspace=workspace_id, reason=str(cause))

    async def tidy(self) -> None:
        """Forget what need not be kept: old salts and visits, handled events, replies that arrived."""
        now = self._now()

        def work(session: Session) -> None:
            links.destroy_salts(session, now.date())
            events.forget(session, before=now - KEEP_EVENTS)
            deliveries.prune(session, before=now - KEEP_REPLIES)

        await self._crossing(work)


class Worker:
    """Sends what is due, again and again, until told to stop."""

    def __init__(self, deliverer: Deliverer, *, seconds: float = 0.5) -> None:
        self._deliverer = deliverer
        self._seconds = seconds
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        await self._deliverer.give_up_on_stuck()
        while not self._stopping.is_set():
            try:
                taken = await self._deliverer.deliver_due()
            except Exception:
                log.exception("worker failed")
                taken = 0
            if not taken:
                await self._rest()

    async def _rest(self) -> None:
        try:
            await asyncio.wait_for(self._stopping.wait(), self._seconds)
        except TimeoutError:
            return

    def stop(self) -> None:
        self._stopping.set()
