"""What a turn asks for, as rows: written in the transaction of its cause, sent after it."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog

from bot.cards import Card, to_json
from bot.events import Event
from bot.turn import Post, Reply, Update, Wish
from storage import deliveries, employees
from storage.database import Session
from storage.deliveries import Delivery

log = structlog.get_logger()


def plan(
    session: Session,
    wishes: Sequence[Wish],
    event: Event | None,
    now: datetime,
    *,
    due_in: timedelta,
) -> list[int]:
    """Rows for what is to be said, in the transaction of its cause; the ids of those to send now."""
    rows: list[Delivery] = []
    for wish in wishes:
        match wish:
            case Reply(card=said) if event is not None:
                rows.append(
                    delivery_row(
                        key=f"reply:{event.keys[0]}:{len(rows)}",
                        workspace=event.workspace,
                        address=event.address,
                        said=said,
                        replaces=None,
                        due=now + due_in,
                        now=now,
                    )
                )
            case Update():
                rows.append(
                    delivery_row(
                        key=f"update:{secrets.token_hex(8)}",
                        workspace=wish.workspace,
                        address="",
                        said=wish.card,
                        replaces=wish.message,
                        due=now + due_in,
                        now=now,
                        kind=wish.kind,
                        subject=wish.subject,
                        person=wish.to.id if wish.to else None,
                    )
                )
            case Post():
                place = employees.reachable(session, wish.to.id)
                if place is None or place.address is None:
                    log.info("nowhere to reach", person=wish.to.id, kind=wish.kind)
                    continue
                rows.append(
                    delivery_row(
                        key=wish.key,
                        workspace=place.workspace_id,
                        address=place.address,
                        said=wish.card,
                        replaces=None,
                        due=(wish.not_before or now) + due_in,
                        now=now,
                        kind=wish.kind,
                        subject=wish.subject,
                        person=wish.to.id,
                    )
                )
    session.add_all(rows)
    session.flush()
    return [row.id for row in rows]


def delivery_row(
    *,
    key: str,
    workspace: str,
    address: str,
    said: Card | None,
    replaces: str | None,
    due: datetime,
    now: datetime,
    kind: str = "reply",
    subject: int | None = None,
    person: int | None = None,
) -> Delivery:
    return Delivery(
        key=key,
        workspace_id=workspace,
        employee_id=person,
        address=address,
        kind=kind,
        subject_id=subject,
        card=to_json(said) if said else None,
        replaces=replaces,
        state=deliveries.PLANNED,
        due_at=due,
        changed_at=now,
        attempts=0,
    )
