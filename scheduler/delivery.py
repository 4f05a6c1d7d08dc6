"""Delivery, plain: the process that decided sends at once; a worker sends what is due and what was left lying.

Each message has its row. It is marked `sending` before the request leaves; an outcome that cannot be known
is kept as `unknown` and not repeated. Replacing a card twice does no harm, so replacements need no mark.
"""

from __future__ import annotations

import asyncio
import random
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog

from bot import routes
from bot.cards import Card, from_json
from bot.outgoing import delivery_row
from bot.platform import Later, Outcome, Pictures, Platform, Refused, Sent, Unknown
from bot.shell import Crossing
from bot.turn import Asked, Job, Rules
from storage import deliveries, employees, workspaces
from storage.database import Session
from storage.deliveries import CANCELLED, FAILED, PLANNED, SENDING, SENT, UNKNOWN, Delivery

log = structlog.get_logger()

MAX_ATTEMPTS = 6
BATCH = 50
STUCK_AFTER = timedelta(minutes=2)  # no request of ours takes that long
FIRST_WAIT = 2.0  # seconds; doubles with each attempt, plus jitter


@dataclass(frozen=True, slots=True)
class _Ready:
    """A delivery taken for sending, out of its session."""

    id: int
    workspace: str
    address: str
    replaces: str | None
    card: Card
    attempts: int
    employee_id: int | None
    kind: str
    subject: int | None


class Deliverer:
    """The outbox of the shell and the work of the worker."""

    def __init__(
        self,
        *,
        crossing: Crossing,
        platforms: Mapping[str, Platform],
        pictures: Pictures,
        rules: Rules,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._crossing = crossing
        self._platforms = platforms
        self._pictures = pictures
        self._rules = rules
        self._now = now

    async def deliver(self, delivery_ids: Sequence[int]) -> None:
        """Send these now, in their order."""
        for ready in await self._crossing(lambda session: self._take(session, deliveries.take(session, delivery_ids))):
            await self._send(ready)

    async def replace(self, workspace: str, message: str, card: Card) -> None:
        """Replace a pressed card; stored for a worker only when the platform asks to come back later."""
        platform = self._platforms[workspace.partition(":")[0]]
        outcome = await platform.update(message, card)
        log.info("replacement", outcome=type(outcome).__name__.lower(), reason=getattr(outcome, "reason", None))
        if isinstance(outcome, Later):
            now = self._now()
            row = delivery_row(
                key=f"update:{secrets.token_hex(8)}", workspace=workspace, address="", said=card, replaces=message,
                due=now + timedelta(seconds=outcome.seconds), now=now,
            )  # fmt: skip
            await self._crossing(lambda session: session.add(row))

    async def deliver_due(self) -> int:
        """Send a batch of what is due, conversations side by side; how many were taken."""
        ready = await self._crossing(
            lambda session: self._take(session, deliveries.claim(session, now=self._now(), limit=BATCH))
        )
        await asyncio.gather(*(self._send(item) for item in ready))
        return len(ready)

    async def give_up_on_stuck(self) -> int:
        now = self._now()
        return await self._crossing(
            lambda session: deliveries.give_up_on(session, stuck_since=now - STUCK_AFTER, now=now)
        )

    def _take(self, session: Session, rows: Sequence[Delivery]) -> list[_Ready]:
        """Compose what is composed late, drop what is no longer to be said, mark the rest as leaving."""
        now, ready = self._now(), list[_Ready]()
        for row in rows:
            row.state, row.changed_at = SENDING, now
            workspace = workspaces.workspace(session, row.workspace_id)
            if workspace is None or workspace.state != "installed":
                row.state, row.reason = CANCELLED, "the workspace removed the bot"
                continue
            said = self._card(session, row)
            if said is None:
                row.state, row.reason = CANCELLED, "no longer to be said"
                continue
            ready.append(
                _Ready(row.id, row.workspace_id, row.address, row.replaces, said, row.attempts,
                       row.employee_id, row.kind, row.subject_id)
            )  # fmt: skip
        return ready

    def _card(self, session: Session, row: Delivery) -> Card | None:
        if row.card is not None:
            return from_json(row.card)
        person = employees.employee(session, row.employee_id) if row.employee_id else None
        if person is None or row.subject_id is None:
            return None
        job = Job(session, self._now(), random.SystemRandom(), self._rules, self._pictures)
        return routes.COMPOSED[row.kind](job, Asked(row.subject_id, person, row.replaces is not None))

    async def _send(self, ready: _Ready) -> None:
        platform = self._platforms.get(ready.workspace.partition(":")[0])
        if platform is None:
            outcome: Outcome = Refused("the platform is not set up here")
        elif ready.replaces is not None:
            outcome = await platform.update(ready.replaces, ready.card)
        else:
            outcome = await platform.send(ready.address, ready.card, mark=str(ready.id))
        log.info("delivery", id=ready.id, kind=ready.kind, outcome=type(outcome).__name__.lower(),
                 reason=getattr(outcome, "reason", None))  # fmt: skip
        await self._crossing(lambda session: self._note(session, ready, outcome))

    def _note(self, session: Session, ready: _Ready, outcome: Outcome) -> None:
        row = deliveries.delivery(session, ready.id)
        if row is None:
            return
        row.changed_at = self._now()
        match outcome:
            case Sent(message=message):
                row.state, row.message, row.reason = SENT, message, None
                if ready.replaces is None and ready.subject is not None and ready.kind in routes.ARRIVED:
                    job = Job(session, self._now(), random.SystemRandom(), self._rules, self._pictures)
                    routes.ARRIVED[ready.kind](job, ready.subject, ready.workspace, message)
            case Later() if row.attempts >= MAX_ATTEMPTS:
                row.state, row.reason = FAILED, f"gave up after {row.attempts} attempts: {outcome.reason}"
            case Later():
                row.state, row.reason = PLANNED, outcome.reason
                row.attempts += 1
                wait = max(outcome.seconds, FIRST_WAIT * 2**row.attempts)
                row.due_at = self._now() + timedelta(seconds=wait * random.uniform(1.0, 1.3))
            case Unknown():
                row.state, row.reason = UNKNOWN, outcome.reason
            case Refused():
                row.state, row.reason = FAILED, outcome.reason
                self._park(session, ready, outcome)

    def _park(self, session: Session, ready: _Ready, outcome: Refused) -> None:
        if outcome.parks == "workspace":
            workspaces.remove(session, ready.workspace, now=self._now())
            deliveries.cancel_workspace(session, ready.workspace, now=self._now())
        elif outcome.parks == "person":
            employees.park(session, ready.workspace, ready.address, outcome.reason)
