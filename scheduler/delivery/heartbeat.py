"""The heartbeat of a process: renews its lease, and takes over the work of processes that died.

A process that was itself cut off declares nobody dead: only one whose own beats came in time for a whole lease judges
others. A process that lost its lease and lives takes a new one.
"""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from secrets import token_hex
from typing import TYPE_CHECKING

import structlog

from bot.core import measures
from bot.core.db_executor import DbExecutor
from bot.core.working_time import WRONG_CLOCK, compare_clocks
from storage.database import DatabaseError, Session
from storage.database_faults import NoAnswer, in_words, is_outage
from storage.delivery import deliveries, worker_leases
from storage.delivery.worker_leases import HeldLease, Lease, WorkerLease

if TYPE_CHECKING:
    from bot.core.outbox import Engine

log = structlog.get_logger()

BEAT = 2.0  # seconds
LEASE = timedelta(seconds=12)  # without a beat for so long, a process counts as dead
LATE = 2 * BEAT  # seconds: a beat after which something was wrong here
LOOK_AFTER = timedelta(seconds=20)  # a request that was cut off has arrived by then, or never will
SWEEP = 10.0  # seconds between two looks for work of processes without a lease, and whether the tables are ours
TakeOver = Callable[[Sequence[str]], Awaitable[int]]


class Health:
    """Since when this process's beats have come in time, and the database's clock has gone as its own has."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, *, jump: float = BEAT) -> None:
        """`jump`: seconds by which the two clocks may differ from one beat to the next."""
        self._clock = clock
        self._jump = jump
        self._last: tuple[float, datetime] | None = None
        self._since: float | None = None

    def beats(self, database_now: datetime) -> None:
        now = self._clock()
        if self._since is None or self._was_wrong(now, database_now):
            self._since = now
        self._last = (now, database_now)

    def fails(self) -> None:
        self._since = None

    @property
    def may_judge(self) -> bool:
        return self._since is not None and self._clock() - self._since >= LEASE.total_seconds()

    @property
    def is_well(self) -> bool:
        """Whether the last beat came in time."""
        return self._last is not None and self._clock() - self._last[0] < LEASE.total_seconds()

    def _was_wrong(self, now: float, database_now: datetime) -> bool:
        if self._last is None:
            return False
        passed = now - self._last[0]
        jumped = abs((database_now - self._last[1]).total_seconds() - passed)
        return passed > LATE or jumped > self._jump


class Heartbeat:
    """Acquires the lease of one process, renews it, and acquires a new one if it is lost."""

    def __init__(
        self,
        *,
        db_executor: DbExecutor,
        engine: Engine,
        now: Callable[[], datetime],
        held: HeldLease,
        check: Callable[[Session], None] | None = None,
        look_after: timedelta = LOOK_AFTER,
        health: Health | None = None,
        compare: Callable[[datetime], timedelta] = compare_clocks,
    ) -> None:
        """`check` raises DatabaseError where the tables are no longer those that this version works with: then the
        process has to end. `compare`: how far this machine's clock is ahead of the database's."""
        self._db_executor = db_executor
        self._engine = engine
        self._check = check
        self._checked = time.monotonic()
        self._now = now
        self._held = held
        self._look_after = look_after
        self._host = _host()
        self._health = health or Health()
        self._compare = compare
        self._swept: float | None = None
        self._unanswered = set[str]()  # what the database does not answer: "beat", "care"; while any is, it is away
        self._is_clock_wrong = False  # likewise

    async def take(self, role: str) -> WorkerLease:
        """A lease for this process. What dead processes of this machine left in doubt is marked so first, and whether
        its clock is right looked at before it does anything by it."""
        self._compare_clocks(await self._db_executor(worker_leases.database_now))
        await self._take_over_expired(None)
        return await self._take_lease(f"{role}-{token_hex(4)}")

    async def hold(self, take_over: TakeOver | None) -> None:
        """Renew the lease until cancelled. Workers (with `take_over`) also take over the work of dead processes. Raises
        DatabaseError where the process is to end."""
        caring: asyncio.Task[None] | None = None
        try:
            while True:
                await self._beat_in_time()
                if take_over is not None and (caring is None or caring.done()):
                    caring = asyncio.create_task(self._care(take_over))
                await asyncio.sleep(BEAT)
        finally:
            if caring is not None:
                caring.cancel()

    async def _beat_in_time(self) -> None:
        beat = asyncio.create_task(self.beat())
        try:
            if not await _in_time(beat):
                self._health.fails()
                self._tell_of(NoAnswer(), "beat")
            await beat
        except DatabaseError:
            raise
        except Exception as fault:
            self._health.fails()
            self._tell_of(fault, "beat")
        finally:
            beat.cancel()

    async def _care(self, take_over: TakeOver) -> None:
        """Beside the beats: where a table that it needs is locked, the lease is renewed all the same."""
        try:
            await self.care(take_over)
        except Exception as fault:
            self._tell_of(fault, "care")
        else:
            self._is_answered("care")

    def _tell_of(self, fault: Exception, asked: str) -> None:
        """Of an outage once, until it is over: there is a beat every two seconds."""
        if not is_outage(fault):
            log.error("no beat", exc_info=fault)
            return
        if not self._unanswered:
            log.warning("the database is away: no beat until it is back", fault=in_words(fault))
        self._unanswered.add(asked)

    def _is_answered(self, asked: str) -> None:
        if self._unanswered == {asked}:
            log.info("the database is back")
        self._unanswered.discard(asked)

    async def beat(self) -> None:
        """Renew the lease, or take a new one. Raises DatabaseError where the process is to end."""
        await self._renew()
        self._is_answered("beat")
        if self._check is not None and time.monotonic() - self._checked >= SWEEP:
            self._checked = time.monotonic()
            await self._db_executor(self._check)

    async def care(self, take_over: TakeOver) -> None:
        """Take over the work of dead processes."""
        await self._take_over_expired(take_over)
        await self._sweep(take_over)

    @property
    def is_well(self) -> bool:
        """Whether this process holds a lease and has renewed it lately."""
        return self._held.current is not None and self._health.is_well

    async def leave(self) -> None:
        """Give the lease back, and mark as in doubt what is still under way: a stop does not wait for a platform that
        does not answer. Where the database is away, the lease ends by itself, and others do so."""
        lease = self._held.current
        if lease is None:
            return

        def vacate(session: Session) -> None:
            worker_leases.vacate(session, lease)
            self._mark_in_doubt(session, [lease.token])

        try:
            await self._db_executor(vacate)
        except Exception as fault:
            if not is_outage(fault):
                raise
            log.warning("ends while the database is away: its lease ends by itself")

    async def _take_lease(self, name: str) -> WorkerLease:
        pid, token = os.getpid(), token_hex(8)
        lease = await self._db_executor(
            lambda session: worker_leases.take(session, name, token=token, host=self._host, pid=pid)
        )
        self._held.current = lease
        return lease

    async def _renew(self) -> None:
        lease = self._held.current
        if lease is None:
            return
        asked = time.monotonic()
        moment = await self._db_executor(lambda session: worker_leases.renew(session, lease))
        if moment is not None:
            self._health.beats(moment)
            if time.monotonic() - asked <= LATE:  # else it is long ago that the database said so
                self._compare_clocks(moment)
            return
        self._health.fails()
        log.warning("lease lost: another process took over; taking a new one", worker=lease.worker)
        await self._take_lease(lease.worker)

    def _compare_clocks(self, database_now: datetime) -> None:
        """A wrong clock refuses what Slack signs: told once, until it is right."""
        ahead = self._compare(database_now)
        measures.CLOCK.set(ahead.total_seconds())
        is_wrong = abs(ahead) > WRONG_CLOCK
        if is_wrong and not self._is_clock_wrong:
            log.warning(
                "this machine's clock and the database's differ: it goes by the database's until they agree",
                seconds_ahead=round(ahead.total_seconds()),
            )
        self._is_clock_wrong = is_wrong

    async def _take_over_expired(self, take_over: TakeOver | None) -> None:
        dead = await self._db_executor(lambda session: [worker.id for worker in self._dead(session)])
        if not dead:
            return
        if take_over is not None:
            log.warning("taking over", workers=dead, work=await take_over(dead))
        await self._db_executor(lambda session: self._give_up(session, dead))

    async def _sweep(self, take_over: TakeOver) -> None:
        """Take over work claimed by processes that hold no lease, whichever way they came to lose it."""
        now = time.monotonic()
        if self._swept is not None and now - self._swept < SWEEP:
            return
        self._swept = now
        if orphaned := await self._db_executor(self._let_go_of_orphaned):
            log.warning("messages left behind: in doubt, and looked for", holders=orphaned)
        empty = await self._db_executor(worker_leases.vacant)
        if empty and (work := await take_over(empty)):
            log.info("took over what was left behind", work=work)

    def _give_up(self, session: Session, dead: Sequence[str]) -> None:
        gone = [worker for worker in self._dead(session) if worker.id in dead]
        tokens = [worker.token for worker in gone if worker.token]
        self._mark_in_doubt(session, tokens)
        for worker in gone:
            worker.token = None

    def _let_go_of_orphaned(self, session: Session) -> int:
        holders = deliveries.orphaned_holders(session)
        if holders:
            self._mark_in_doubt(session, holders)
        return len(holders)

    def _mark_in_doubt(self, session: Session, tokens: Sequence[str]) -> None:
        """What was under way by these leases, whose processes hear no answer any more; it is looked for soon."""
        for workspace in deliveries.give_up_on(session, tokens, now=self._now()):
            self._engine.look(session, workspace, delay=self._look_after.total_seconds())

    def _dead(self, session: Session) -> list[Lease]:
        now = worker_leases.database_now(session)
        own = self._held.current.worker if self._held.current is not None else ""
        return [
            worker
            for worker in worker_leases.occupied(session)
            if worker.id != own
            and (self._is_gone(worker) or (self._health.may_judge and now - worker.renewed_at > LEASE))
        ]

    def _is_gone(self, worker: Lease) -> bool:
        """Whether the process is known to be dead before its lease ends: it ran on this machine."""
        if worker.host != self._host:
            return False
        try:
            os.kill(worker.pid, 0)
        except ProcessLookupError:
            return True
        except PermissionError:
            """It lives, as somebody else's."""
        return False


def _host() -> str:
    """The namespace in which process ids are unique: the machine, or its container."""
    try:
        return f"{socket.gethostname()} {os.readlink('/proc/self/ns/pid')}"
    except OSError:
        return socket.gethostname()


async def _in_time(beat: asyncio.Task[None]) -> bool:
    """Whether it ends before it is late. A wait that took much longer was this process's, which stood still: it is not
    the database that does not answer."""
    while True:
        began = time.monotonic()
        done, _waiting = await asyncio.wait({beat}, timeout=LATE)
        if done or time.monotonic() - began < 2 * LATE:
            return bool(done)
