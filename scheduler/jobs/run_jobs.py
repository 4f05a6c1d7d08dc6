"""Runs scheduled jobs and retries those that fail; defines those of the machine itself."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial

import structlog

from bot.core import measures, tracing
from bot.core.application import Application
from bot.core.dependencies import Dependencies
from bot.core.ports import DirectoryUnavailable
from content.intake import Intake
from content.listening import Listener
from scheduler.delivery.webhooks import WebhookCalls
from scheduler.jobs.clock import Runner, lane_of
from scheduler.jobs.housekeeping import Housekeeping
from scheduler.publishing import Publisher
from storage.audit import entries
from storage.database import Session
from storage.database_faults import is_outage, shortly
from storage.delivery import deliveries
from storage.jobs import runs
from storage.jobs.runs import Run, RunState
from storage.mentions import listening
from storage.people import workspaces
from storage.sharing import feeds, posts, thumbnails

log = structlog.get_logger()

READERS = 6  # feeds and sources read side by side: a slow one does not delay the others
SECOND_LANE = 2  # readers for those that failed last time, so that they cannot hold the others up again
SYNC_EVERY = timedelta(days=1)
STALE = timedelta(minutes=2)  # a routine run that waited longer is not made up for: the next one does its work
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=15), timedelta(hours=1)  # until a run that failed is tried again
KEEPS_TRYING = timedelta(days=1)  # after it was due: a digest of yesterday still helps, an older one does not
TOLD_FROM = timedelta(days=1)  # how far back a new process tells of what was done on command lines
STRANDED = timedelta(minutes=2)  # overdue for so long, a message has lost its wave


class Jobs:
    def __init__(
        self,
        dependencies: Dependencies,
        *,
        application: Application,
        intake: Intake,
        listener: Listener,
        webhooks: WebhookCalls,
        publisher: Publisher,
        runner: Runner,
        housekeeping: Housekeeping,
    ) -> None:
        self._with = dependencies
        self._db_executor = dependencies.db_executor
        self._now = dependencies.now
        self._application = application
        self._intake = intake
        self._listener = listener
        self._runner = runner
        self._told = 0  # the last row of the audit log that was looked at here
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="reader")
        self._second_lane = ThreadPoolExecutor(SECOND_LANE, thread_name_prefix="reader-again")
        self._own: dict[str, Callable[[], Awaitable[None]]] = {
            "routine": self.routine,
            "read": self.read,
            "sync": self.sync,
            "publish": publisher.publish_due,
            "hooks": webhooks.tell,
            "tidy": lambda: housekeeping.tidy(list(self._own)),
            "trim": housekeeping.trim,
        }

    async def run(self, key: str) -> None:
        """Execute the run with this key, unless it is done or its deadline has passed."""
        row = await self._db_executor(lambda session: runs.run(session, key))
        if row is None or row.state in (RunState.DONE, RunState.SKIPPED):
            return
        if row.job in self._own and self._now() - row.due_at > STALE:
            await self._note(key, RunState.SKIPPED, "too late: the next one does its work")
            return
        scheduled = self._with.router.scheduled_jobs
        try:
            with tracing.span("job", cause=key, job=row.job), measures.job(row.job):
                if row.job in self._own:
                    await self._own[row.job]()
                elif row.job in scheduled:
                    await self._application.run_job(scheduled[row.job], scope=row.scope, cause=key)
        except Exception as fault:
            if is_outage(fault):
                log.warning("job not done: the database was away", job=row.job, key=key)
            else:
                log.exception("job failed", job=row.job, key=key)
            await self._fail(row, shortly(fault))
        else:
            await self._db_executor(lambda session: self._succeed(session, row))

    def _succeed(self, session: Session, row: Run) -> None:
        runs.note(session, row.key, RunState.DONE, now=self._now())
        if row.job in self._own:
            runs.note_tick(session, [row.job], {}, now=self._now())

    async def _fail(self, row: Run, because: str) -> None:
        """Have it run again after a while, longer from time to time, unless its deadline is over: then it is given up,
        and shown (`chorus jobs`). What is due again soon anyway is not repeated: it is shown until it goes well."""
        now = self._now()

        def work(session: Session) -> None:
            if row.job in self._own:
                runs.note(session, row.key, RunState.SKIPPED, now=now, because=because)
                runs.note_tick(session, [row.job], {row.job: because}, now=now)
                return
            failures = runs.failed_again(session, row.key, now=now, because=because)
            wait = min(FIRST_WAIT * 2 ** min(failures - 1, 16), LONGEST_WAIT)
            if now + wait > row.due_at + KEEPS_TRYING:
                runs.note(session, row.key, RunState.FAILED, now=now, because=because)
                return
            self._runner.run(
                session, row.key, alone=lane_of(row.job, row.scope), delay=wait.total_seconds(), tag=f"#{failures}"
            )

        await self._db_executor(work)

    def close(self) -> None:
        self._readers.shutdown(wait=False, cancel_futures=True)
        self._second_lane.shutdown(wait=False, cancel_futures=True)

    async def routine(self) -> None:
        """Run every feature's tick jobs once; a fault in one does not stop the next."""
        failed: dict[str, str] = {}
        jobs = self._with.router.tick_jobs
        for name, work in jobs.items():
            try:
                with measures.job(f"tick.{name}"):
                    await self._application.run_job(work)
            except Exception as fault:
                if is_outage(fault):
                    raise  # nor would the next one find it
                log.exception("job failed", job=name)
                failed[name] = type(fault).__name__
        await self._db_executor(lambda session: runs.note_tick(session, jobs, failed, now=self._now()))
        await self._db_executor(self._requeue_stranded)
        await self._db_executor(self._tell_of_terminals)

    def _tell_of_terminals(self, session: Session) -> None:
        """What was done on command lines since the last look, or in the day before this process began."""
        for row in entries.of_terminals(session, after_id=self._told, since=self._now() - TOLD_FROM):
            entries.tell(row)
            self._told = row.id

    async def read(self) -> None:
        """Feeds and sources that are due, pages of drafts that lack details, and pictures; side by side, off the
        event loop. What failed last time is read in a thread of its own, and nobody waits for it."""
        due = await self._db_executor(self._due_to_be_read)
        loop = asyncio.get_running_loop()
        for work, failed in due:
            if failed:
                loop.run_in_executor(self._second_lane, work)
        await asyncio.gather(*(loop.run_in_executor(self._readers, work) for work, failed in due if not failed))

    def _due_to_be_read(self, session: Session) -> list[tuple[Callable[[], None], int]]:
        """(what is to be done, how often it failed before)."""
        now, due = self._now(), list[tuple[Callable[[], None], int]]()
        due += [(partial(self._poll, feed.id), feed.failures) for feed in feeds.feeds_due(session, now)]
        due += [(partial(self._listen, source.id), source.failures) for source in listening.sources_due(session, now)]
        due += [(partial(self._of_post, self._intake.complete, post.id), 0) for post in posts.to_complete(session)]
        due += [
            (partial(self._of_post, self._intake.make_thumbnail, *one), 0) for one in thumbnails.to_make(session, now)
        ]
        return due

    def _poll(self, feed_id: int) -> None:
        try:
            report = self._intake.poll(feed_id, now=self._now())
            log.info("feed read", feed=feed_id, created=len(report.created), failed=len(report.failed))
        except Exception:
            log.exception("feed failed", feed=feed_id)

    def _listen(self, source_id: str) -> None:
        try:
            heard = self._listener.poll(source_id, now=self._now())
            log.info("source read", source=source_id, heard=heard)
        except Exception:
            log.exception("source failed", source=source_id)

    def _of_post(self, work: Callable[..., None], post_id: int, *more: str) -> None:
        """Read its page, or the page's picture."""
        try:
            work(post_id, *more, now=self._now())
        except Exception:
            log.exception("page failed", post=post_id)

    async def sync(self) -> None:
        """Sync workspaces whose directory was last read more than a day ago."""
        due = await self._db_executor(
            lambda session: [
                row.id
                for row in workspaces.installed(session)
                if row.synced_at is None or self._now() - row.synced_at > SYNC_EVERY
            ]
        )
        for workspace_id in due:
            if not await self._application.serves(workspace_id):
                continue
            try:
                report = await self._application.sync_people(workspace_id)
                log.info("people synced", workspace=workspace_id, seen=report.seen, left=report.left)
            except (DirectoryUnavailable, LookupError) as cause:
                log.warning("people not synced", workspace=workspace_id, reason=str(cause))

    def _requeue_stranded(self, session: Session) -> None:
        """Give messages that are long overdue, because their wave was lost, a new one."""
        now = self._now()
        for wave, workspace in deliveries.stranded(session, before=now - STRANDED):
            tag = f"!{int(now.timestamp() // STRANDED.total_seconds())}"
            self._with.engine.enqueue(session, wave, workspace, delay=0.0, mass=True, tag=tag)

    async def _note(self, key: str, state: str, because: str | None) -> None:
        await self._db_executor(lambda session: runs.note(session, key, state, now=self._now(), because=because))
