"""Turns effects into delivery rows, in the transaction of the turn; they are sent after the commit."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Protocol

import structlog

from bot.core.cards import Card, to_json
from bot.core.context import Broadcast, Effect, Place, Recipient, Reply, Send, Update
from bot.core.events import Event
from storage.database import Session
from storage.delivery import deliveries
from storage.delivery.deliveries import Delivery, DeliveryState
from storage.people import employees
from storage.people.responsibilities import split_off_joined_identities

log = structlog.get_logger()

GRACE = timedelta(seconds=20)  # for which the deciding process has the first go at sending
MASS = 20  # messages to one workspace from which on they are a wave and no single sends


class Engine(Protocol):
    """Carries out work after the commit."""

    def enqueue(self, session: Session, wave: str, workspace: str, *, delay: float, mass: bool, tag: str = "") -> None:
        """Have `wave` sent in `delay` seconds; committed or forgotten together with what else the session wrote.

        Waves of one workspace (`mass`) go one after the other; single sends never wait for them. The same wave
        with the same `tag` is enqueued once, however often it is asked for.
        """
        ...

    def look(self, session: Session, workspace: str, *, delay: float) -> None:
        """Look up the workspace's deliveries in doubt in `delay` seconds."""
        ...


def plan(
    session: Session,
    effects: Sequence[Effect],
    event: Event | None,
    now: datetime,
    *,
    engine: Engine,
    cause: str,
) -> list[int]:
    """Rows for what is to be said, in the transaction of its cause; the ids of those of a turn, to send at once.

    A message whose key is there already ends the turn in an IntegrityError. What comes again never gets here, for its
    event is known; so two messages have been given one name, and left out in silence one of them would be missed.
    """
    rows: list[Delivery] = []
    for effect in effects:
        match effect:
            case Reply(card=said) if event is not None:
                key = f"reply:{event.keys[0]}:{len(rows)}"
                rows.append(delivery_row(key=key, workspace=event.workspace, address=event.address, said=said, now=now))
            case Update():
                rows.append(_update_row(effect, now))
            case Send():
                place = effect.place or _place_of(session, effect.to.id, now)
                if place is None:
                    log.info("nowhere to reach", person=effect.to.id, kind=effect.kind)
                    continue
                rows.append(
                    delivery_row(
                        key=effect.key,
                        workspace=place.workspace,
                        address=place.address,
                        said=effect.card,
                        now=now,
                        due=effect.not_before,
                        kind=effect.kind,
                        subject=effect.subject,
                        person=effect.to.id,
                    )
                )
            case Broadcast():
                _plan_mass(session, effect, now, engine, cause)
    _enqueue(session, rows, now, engine, cause, first_go=event is not None)
    session.add_all(rows)
    session.flush()
    return [row.id for row in rows if event is not None and row.due_at <= now]


def _place_of(session: Session, employee_id: int, now: datetime) -> Place | None:
    found = employees.reachable(session, employee_id)
    if found is not None and found.joined_by_email and split_off_joined_identities(session, found.employee, now=now):
        found = employees.reachable(session, employee_id)
    return Place(found.workspace_id, found.address) if found is not None and found.address else None


def delivery_row(
    *,
    key: str,
    workspace: str,
    address: str,
    said: Card | None,
    now: datetime,
    replaces: str | None = None,
    due: datetime | None = None,
    kind: str = "reply",
    subject: int | None = None,
    person: int | None = None,
) -> Delivery:
    """A delivery row; the caller sets its `wave`."""
    return Delivery(
        key=key,
        workspace_id=workspace,
        employee_id=person,
        address=address,
        kind=kind,
        subject_id=subject,
        card=to_json(said) if said else None,
        replaces=replaces,
        state=DeliveryState.PLANNED,
        due_at=due or now,
        changed_at=now,
        attempts=0,
    )


def _update_row(effect: Update, now: datetime) -> Delivery:
    return delivery_row(
        key=f"update:{secrets.token_hex(8)}",
        workspace=effect.workspace,
        address="",
        said=effect.card,
        replaces=effect.message,
        now=now,
        kind=effect.kind,
        subject=effect.subject,
        person=effect.to.id if effect.to else None,
    )


def wave_of(workspace: str, key: str) -> str:
    """Named after a message, by a digest: its key may hold the platform's id of a person, and others share the wave."""
    return f"{workspace}:{sha256(key.encode()).hexdigest()[:24]}"


def _enqueue(
    session: Session, rows: Sequence[Delivery], now: datetime, engine: Engine, cause: str, *, first_go: bool
) -> None:
    """One wave a workspace and due moment, named after its first row, of which there can be only one."""
    groups: dict[tuple[str, datetime], list[Delivery]] = {}
    for row in rows:
        groups.setdefault((row.workspace_id, row.due_at), []).append(row)
    for (workspace, due), group in groups.items():
        wave, is_mass = wave_of(workspace, group[0].key), len(group) > MASS
        for row in group:
            row.wave, row.cause = wave, cause
        delay = (due - now).total_seconds() + (GRACE.total_seconds() if first_go and not is_mass else 0.0)
        engine.enqueue(session, wave, workspace, delay=delay, mass=is_mass)


def _plan_mass(session: Session, effect: Broadcast, now: datetime, engine: Engine, cause: str) -> None:
    """Insert rows in bulk, each in the wave of its workspace and slot."""
    groups: dict[str, list[Recipient]] = {}
    for to in effect.recipients:
        groups.setdefault(to.workspace, []).append(to)
    rows = []
    for workspace, group in groups.items():
        wave = f"wave:{workspace}:{effect.slot}"
        rows += [
            {
                "key": f"{effect.kind}:{to.subject}:{to.employee}",
                "workspace_id": workspace,
                "employee_id": to.employee,
                "address": to.address,
                "subject_id": to.subject,
                "wave": wave,
                "due_at": to.due,
            }
            for to in group
        ]
        delay = max(0.0, (min(to.due for to in group) - now).total_seconds())
        # The cause, too: SQLite gives a new nudge the id of one that was deleted, and work of one name is done once.
        engine.enqueue(
            session, wave, workspace, delay=delay, mass=True, tag=f"#{group[0].subject}:{group[0].employee}:{cause}"
        )
    deliveries.add(
        session,
        rows,
        kind=effect.kind,
        card=None,
        replaces=None,
        cause=cause,
        state=DeliveryState.PLANNED,
        attempts=0,
        changed_at=now,
    )
