"""Sends messages right after the turn, in the same process; what cannot be sent now is left to the engine."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import structlog

from bot.core.cards import Card
from bot.core.dependencies import Dependencies
from bot.core.outbox import delivery_row, wave_of
from bot.core.ports import Calls, RetryAfter, Sent
from scheduler.delivery.heartbeat import LOOK_AFTER
from scheduler.delivery.retry_on_outage import retry_on_outage
from scheduler.delivery.sender import ReadyMessage, Sender, SendResult, to_be_repeated
from storage.database import Session
from storage.database_faults import is_outage
from storage.delivery import deliveries, rate_limits, replacements, worker_leases
from storage.delivery.worker_leases import HeldLease
from storage.people import workspaces

log = structlog.get_logger()

PATIENCE = 5.0  # seconds that a reply waits in this process for its turn; beyond, it is left to the engine
LOOK = 2.0  # seconds between two looks at whether a card is still to be replaced, while none is


class _Repaint(NamedTuple):
    """What a card that was pressed is to say."""

    workspace: str
    card: Card
    decided_at: datetime
    is_confidential: bool


class Deliverer:
    """Sends for the application, in its own process."""

    def __init__(self, dependencies: Dependencies, sending: Sender, held: HeldLease) -> None:
        """`held`: without a lease nothing is sent here."""
        self._db_executor = dependencies.db_executor
        self._engine = dependencies.engine
        self._now = dependencies.now
        self._sending = sending
        self._held = held
        self._repaints: dict[str, _Repaint] = {}  # by message: the newest wins
        self._some_wait, self._looked_at = False, 0.0  # whether any card is still to be replaced, as of when

    async def deliver(self, delivery_ids: Sequence[int]) -> None:
        """Send these now, in order."""
        ready, unstored = await self._db_executor(lambda session: self._take(session, delivery_ids))
        for message in ready:
            await self._settle(await self._sending.send(message))
        for message in unstored:
            await self._sending.send_at_its_moment(message)

    async def _settle(self, result: SendResult) -> None:
        def settle(session: Session) -> None:
            for row in self._sending.settle(session, [result]):  # in doubt
                self._engine.look(session, row.workspace_id, delay=LOOK_AFTER.total_seconds())

        await retry_on_outage(lambda: self._db_executor(settle), what="what was sent")

    async def say(self, workspace: str, address: str, card: Card) -> None:
        """Send what is confidential: nothing of it is stored, so what the platform refuses for long is not sent."""
        limits = self._sending.limits(workspace)
        if limits.sends.gap > 0:
            moment = await self._db_executor(
                lambda session: self._sending.pacer.calls(session, workspace, Calls.SENDS, 1, limits)
            )
            await self._sending.pacer.until(moment[0])
        await self._sending.send_unstored(workspace, address, card)

    async def replace(
        self, workspace: str, message: str, card: Card, *, decided_at: datetime, is_confidential: bool = False
    ) -> None:
        """Replace a pressed card; of several replacements that wait for their turn only the newest is sent."""
        is_waiting = message in self._repaints
        self._repaints[message] = _Repaint(workspace, card, decided_at, is_confidential)
        if is_waiting:
            return
        limits = self._sending.limits(workspace)
        calls = limits.calls(message, replaces=True)
        if limits.rate(calls).gap > 0:
            moment = await self._db_executor(
                lambda session: self._sending.pacer.calls(session, workspace, calls, 1, limits)
            )
            await self._sending.pacer.until(moment[0])
        _, card, decided_at, is_confidential = self._repaints.pop(message)
        if is_confidential:
            await self._sending.send_unstored(workspace, "", card, replaces=message)
            return
        if (seconds := self._sending.pacer.is_paused_local(workspace, calls)) > 0:
            await self._leave(workspace, message, card, seconds)
            return
        platform = self._sending.platform(workspace)
        if platform is None:
            return
        outcome = await platform.update(message, card)
        log.info("replacement", outcome=type(outcome).__name__.lower(), reason=getattr(outcome, "reason", None))
        match to_be_repeated(outcome):
            case RetryAfter(seconds=seconds, refused=refused):
                if refused is not None:
                    self._sending.pacer.pause_local(workspace, refused, seconds)
                await self._leave(workspace, message, card, seconds)
            case Sent():
                await self.replaced(message, decided_at=decided_at)

    async def replaced(self, message: str, *, decided_at: datetime) -> None:
        """What was to take the card's place before is no longer to be. Seldom does any wait: then it costs a press
        nothing, and what another process has left in the last `LOOK` seconds is overlooked."""
        if not self._some_wait and time.monotonic() - self._looked_at < LOOK:
            return
        self._looked_at = time.monotonic()

        def drop(session: Session) -> None:
            self._some_wait = replacements.wait(session)
            if self._some_wait:
                replacements.drop(session, message, planned_before=decided_at, now=self._now())

        await self._db_executor(drop)

    async def close(self) -> None:
        """Replies whose turn has not come, and card replacements that still wait, are left to the engine, but for what
        is stored nowhere."""
        await self._give_back(self._sending.end())
        waiting, self._repaints = self._repaints, {}
        await asyncio.gather(
            *(
                self._leave(what.workspace, message, what.card, 0.0)
                for message, what in waiting.items()
                if not what.is_confidential
            )
        )

    async def _give_back(self, delivery_ids: Sequence[int]) -> None:
        """They leave from the next process that looks, all of a workspace in one go."""
        lease = self._held.current
        if lease is None or not delivery_ids:
            return

        def give_back(session: Session) -> None:
            for workspace, ids in deliveries.by_workspace(session, delivery_ids).items():
                wave = wave_of(workspace, secrets.token_hex(8))
                if deliveries.give_back(session, ids, wave, holder=lease.token, now=self._now()):
                    self._engine.enqueue(session, wave, workspace, delay=0.0, mass=False)

        try:
            await self._db_executor(give_back)
        except Exception as fault:
            if not is_outage(fault):
                raise
            log.warning("ends while the database is away: what it did not send is in doubt")

    async def _leave(self, workspace: str, message: str, card: Card, seconds: float) -> None:
        def work(session: Session) -> None:
            key = f"update:{secrets.token_hex(8)}"
            row = delivery_row(key=key, workspace=workspace, address="", said=card, replaces=message, now=self._now())
            row.wave = wave_of(workspace, key)
            session.add(row)
            self._sending.pacer.pause(session, workspace, self._sending.limits(workspace).calls(message, replaces=True))
            self._engine.enqueue(session, row.wave, workspace, delay=seconds, mass=False)

        await self._db_executor(work)
        self._some_wait = True

    def _take(self, session: Session, delivery_ids: Sequence[int]) -> tuple[list[ReadyMessage], list[ReadyMessage]]:
        lease = self._held.current
        if lease is None or not worker_leases.is_held(session, lease):
            return [], []  # the engine sends them from another process
        rows = deliveries.still_planned(session, delivery_ids)
        places = list({row.workspace_id for row in rows})
        if any(not self._sending.served(place) or self._silence(session, place) > PATIENCE for place in places):
            return [], []
        installed = workspaces.are_installed(session, places)
        return self._sending.prepare(session, rows, holder=lease.token, installed=installed)

    def _silence(self, session: Session, workspace: str) -> float:
        return self._sending.pacer.silent_for(workspace, stored=rate_limits.paused_until(session, workspace))
