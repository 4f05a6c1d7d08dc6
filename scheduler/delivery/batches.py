"""Drains waves of messages in small batches, so that a killed process leaves at most one batch in doubt.

Each message has its row, marked `sending` before the request leaves. Running a wave twice does no harm: the rows say
what is left of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from secrets import token_hex

import structlog

from bot.core.background_tasks import BackgroundTasks
from bot.core.db_executor import PATIENT
from bot.core.dependencies import Dependencies
from bot.core.outbox import wave_of
from bot.core.ports import Calls, OutcomeUnknown, PermanentFailure, RetryAfter, Sent
from scheduler.delivery.heartbeat import LOOK_AFTER
from scheduler.delivery.retry_on_outage import retry_on_outage
from scheduler.delivery.sender import FOR_OTHERS, ReadyMessage, Sender, SendResult
from storage.database import Session
from storage.delivery import deliveries, send_permission, worker_leases
from storage.delivery.deliveries import DeliveryState, OutboundMessage, StatusUpdate
from storage.delivery.send_permission import SendPermission
from storage.delivery.worker_leases import HeldLease, LeaseLost

log = structlog.get_logger()

CHUNK = 32  # messages under way at once: what a kill can leave in doubt
AHEAD = 2.0  # seconds: how far ahead of its turn a message is taken
RECORDED_WITHIN = 5.0  # seconds from an answer until it is written down, however long others of the batch take
AT_A_STOP = 0.2  # the same, once the process is to end
TURN = 20.0  # seconds after which a wave lets the next one of its workspace go first
SHORTEST_REST = 1.0  # seconds between two looks at a wave whose next message is due later

_Flight = asyncio.Task[SendResult]


@dataclass(slots=True)
class _Step:
    ready: list[ReadyMessage] = field(default_factory=list)
    unstored: list[ReadyMessage] = field(default_factory=list)
    is_over: bool = False


@dataclass(slots=True)
class _Seen:
    """What a lookup has shown: the message is there, it is not, or it cannot be known."""

    found: list[SendResult] = field(default_factory=list)
    gone: list[OutboundMessage] = field(default_factory=list)
    unclear: list[int] = field(default_factory=list)
    open: list[int] = field(default_factory=list)
    again_in: float = 0.0  # seconds, where the platform asked us to wait


class BatchDrainer:
    def __init__(
        self, dependencies: Dependencies, sending: Sender, held: HeldLease, *, look_after: timedelta = LOOK_AFTER
    ) -> None:
        """`held`: without a lease nothing is sent."""
        self._db_executor = dependencies.db_executor
        self._engine = dependencies.engine
        self._now = dependencies.now
        self._sending = sending
        self._held = held
        self._look_after = look_after
        self._stopping = asyncio.Event()
        self._aside = BackgroundTasks()

    def stop(self) -> None:
        """Start nothing new; what is under way ends, and what has been answered is written down."""
        self._stopping.set()

    async def close(self) -> None:
        """Wait until what leaves apart from its wave is out."""
        await self._aside.close()

    async def drain_batch(self, wave: str, workspace: str, mass: bool) -> None:
        """Send all of the wave that is due; the rest is enqueued for later. Raises LeaseLost."""
        if not await self._sending.serves(workspace):
            log.warning("not sent from here: the workspace does not belong by these settings", workspace=workspace)
            once = int(self._now().timestamp() // FOR_OTHERS)  # however often it was taken for lost meanwhile
            await self._leave(wave, workspace, mass, delay=FOR_OTHERS, tag=f"@{once}")
            return
        flying: set[_Flight] = set()
        sent_results: list[SendResult] = []
        settling: list[SendResult] = []
        until = asyncio.get_running_loop().time() + TURN
        try:
            while True:
                is_over_time = self._stopping.is_set() or asyncio.get_running_loop().time() > until
                room = 0 if is_over_time else self._room(workspace) - len(flying)
                is_idle = not flying
                settling, sent_results = sent_results, []
                step = await self._db_executor(
                    lambda session, done=settling, room=room, idle=is_idle: self._step(  # type: ignore[misc]
                        session, wave, workspace, mass, done, room, idle
                    ),
                    patience=PATIENT if mass else 0.0,
                )
                if step.is_over:
                    return
                # Nothing waits for what is confidential: how long the wave takes would tell that it left.
                for ready in step.unstored:
                    self._aside.begin(self._sending.send_at_its_moment(ready))
                flying |= {asyncio.create_task(self._sending.send(ready)) for ready in step.ready}
                arrived, flying = await self._arrivals(flying, enough=len(flying) // 4 if step.ready else 0)
                sent_results += [task.result() for task in arrived]
        except Exception as fault:
            # What is under way lands all the same: write it down rather than leave it in doubt.
            if flying:
                arrived, _none = await asyncio.wait(flying)
                sent_results += [task.result() for task in arrived]
            await retry_on_outage(
                lambda: self._db_executor(lambda session: self._settle(session, settling + sent_results)),
                what="what was sent",
            )
            if isinstance(fault, LeaseLost):  # the engine takes this for done, also if nobody has begun with it
                await self._leave(wave, workspace, mass, delay=SHORTEST_REST, tag=f"@{token_hex(6)}")
            raise

    async def _arrivals(self, flying: set[_Flight], *, enough: int) -> tuple[set[_Flight], set[_Flight]]:
        """What has arrived once no more than `enough` are under way, or a while after the first; and what has not."""
        arrived, began = set[_Flight](), 0.0
        stopping = asyncio.create_task(self._stopping.wait())
        try:
            while len(flying) > enough:
                left = None
                if arrived:
                    patience = AT_A_STOP if stopping.done() else RECORDED_WITHIN
                    left = began + patience - asyncio.get_running_loop().time()
                    if left <= 0:
                        break
                awaited = flying if stopping.done() else {*flying, stopping}
                done, _pending = await asyncio.wait(awaited, timeout=left, return_when=asyncio.FIRST_COMPLETED)
                if not arrived:
                    began = asyncio.get_running_loop().time()
                arrived |= flying & done
                flying = flying - done
        finally:
            stopping.cancel()
        return arrived, flying

    def _settle(self, session: Session, sent_results: Sequence[SendResult]) -> None:
        """Record the outcomes and enqueue a lookup of those in doubt."""
        for workspace in {row.workspace_id for row in self._sending.settle(session, sent_results)}:
            self._look_later(session, workspace, after=self._look_after)

    async def look(self, workspace: str) -> None:
        """Look up the workspace's deliveries in doubt, where the platform allows it. Raises LeaseLost."""
        try:
            await self._look(workspace)
        except LeaseLost:  # as above
            after = timedelta(seconds=SHORTEST_REST)
            await self._db_executor(lambda session: self._look_later(session, workspace, after=after))
            raise

    async def _look(self, workspace: str) -> None:
        platform = self._sending.platform(workspace)
        if platform is None or not await self._sending.serves(workspace):
            later = timedelta(seconds=FOR_OTHERS)
            await self._db_executor(lambda session: self._look_later(session, workspace, after=later))
            return
        rows, moments = await self._db_executor(lambda session: self._doubtful(session, workspace))
        seen = _Seen()
        for row, moment in zip(rows, moments, strict=True):
            if seen.again_in:
                seen.open.append(row.id)
                continue
            await self._sending.pacer.until(moment)
            outcome = await platform.find(row.address, row.mark)
            match outcome:
                case Sent():
                    seen.found.append(SendResult(row, outcome, was_tried=False))
                case PermanentFailure():
                    seen.gone.append(row)
                case OutcomeUnknown():
                    seen.unclear.append(row.id)
                case RetryAfter(seconds=seconds, refused=refused):
                    seen.again_in = max(seen.again_in, seconds)
                    if refused is not None:
                        self._sending.pacer.pause_local(workspace, refused, seconds)
                    seen.open.append(row.id)
        await self._db_executor(lambda session: self._clear_up(session, workspace, seen))

    async def _leave(self, wave: str, workspace: str, mass: bool, *, delay: float, tag: str) -> None:
        """To whichever process takes it first, in `delay` seconds."""

        def enqueue(session: Session) -> None:
            if deliveries.next_due(session, wave) is not None:
                self._engine.enqueue(session, wave, workspace, delay=delay, mass=mass, tag=tag)

        await self._db_executor(enqueue)

    def _doubtful(self, session: Session, workspace: str) -> tuple[list[OutboundMessage], list[float]]:
        before = self._now() - self._look_after
        holder = self._holder(session)
        rows = deliveries.take_doubtful(session, workspace, holder, changed_before=before, limit=CHUNK)
        limits = self._sending.limits(workspace)
        return rows, self._sending.pacer.calls(session, workspace, Calls.LOOKS, len(rows), limits)

    def _step(
        self,
        session: Session,
        wave: str,
        workspace: str,
        mass: bool,
        sent_results: list[SendResult],
        room: int,
        is_idle: bool,
    ) -> _Step:
        """Record outcomes and claim the next few, in one transaction."""
        now = self._now()
        permit = self._permit(session, workspace)
        self._settle(session, sent_results)
        silence = self._sending.pacer.silent_for(workspace, stored=permit.silent_until)
        # While no new messages are taken, replacements may be: a recall does not wait for them.
        only_replacements = silence >= AHEAD and self._sending.limits(workspace).updates is not None
        if room > 0 and (silence < AHEAD or only_replacements):
            rows = deliveries.due_in_wave(session, wave, now=now, limit=room, only_replacements=only_replacements)
            ready, unstored = self._sending.prepare(
                session, rows, holder=permit.holder, installed={workspace} if permit.is_installed else ()
            )
            if rows:
                return _Step(ready, unstored)
        if not is_idle:
            return _Step()
        following = deliveries.next_due(session, wave, only_replacements=only_replacements)
        if following is not None and only_replacements:
            silence = 0.0
        elif following is None and only_replacements:
            following = deliveries.next_due(session, wave)
        if following is not None:
            rest = max(silence, (following - now).total_seconds(), SHORTEST_REST if following > now else 0.0)
            self._engine.enqueue(session, wave, workspace, delay=rest, mass=mass, tag=f"@{token_hex(6)}")
        return _Step(is_over=True)

    def _clear_up(self, session: Session, workspace: str, seen: _Seen) -> None:
        now = self._now()
        holder = self._holder(session)
        self._sending.settle(session, seen.found)
        settled = [
            StatusUpdate(
                row.id,
                DeliveryState.PLANNED,
                reason="it had not arrived",
                was_tried=False,
                was=DeliveryState.UNKNOWN,
                holder=holder,
            )
            for row in seen.gone
        ]
        deliveries.settle(session, settled, now=now)
        deliveries.mark_unresolved(session, seen.unclear, now=now)
        deliveries.release_claim(session, holder, seen.open)
        self._sending.pacer.pause(session, workspace, Calls.LOOKS)
        if seen.gone:  # in one go: each by itself, as replies leave, they would take a second each
            wave = wave_of(workspace, token_hex(8))
            deliveries.regroup(session, [row.id for row in seen.gone], wave)
            self._engine.enqueue(session, wave, workspace, delay=0.0, mass=False)
        done = len(seen.found) + len(seen.gone) + len(seen.unclear)
        rest = seen.again_in or (0.0 if done else self._look_after.total_seconds())
        self._look_later(session, workspace, after=timedelta(seconds=max(rest, SHORTEST_REST)))
        log.info(
            "looked", workspace=workspace, found=len(seen.found), not_there=len(seen.gone), unclear=len(seen.unclear)
        )

    def _look_later(self, session: Session, workspace: str, *, after: timedelta) -> None:
        if deliveries.is_in_doubt(session, workspace):
            self._engine.look(session, workspace, delay=after.total_seconds())

    def _permit(self, session: Session, workspace: str) -> SendPermission:
        lease = self._held.current
        permit = send_permission.permit(session, lease, workspace) if lease is not None else None
        if permit is None:
            raise LeaseLost
        return permit

    def _holder(self, session: Session) -> str:
        lease = self._held.current
        if lease is None or not worker_leases.is_held(session, lease):
            raise LeaseLost
        return lease.token

    def _room(self, workspace: str) -> int:
        gap = self._sending.limits(workspace).sends.gap
        return CHUNK if gap <= 0 else max(1, min(CHUNK, int(AHEAD / gap)))
