"""Outgoing webhooks: who receives shares, answers and mentions, and the calls still to make. No personal data."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, delete, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from storage.base import Base, OneOf, PlainText, Sealed, Utc

KINDS = ("share.confirmed", "question.answered", "mention.settled")


class CallState(StrEnum):
    """The state of one call of a webhook."""

    WAITING = "waiting"
    TOLD = "told"
    GIVEN_UP = "given_up"


LEASE = timedelta(minutes=2)  # for which a call is one process's to make


class Webhook(Base):
    __tablename__ = "webhooks"

    id: Mapped[int] = mapped_column(primary_key=True)
    url: Mapped[str] = mapped_column(PlainText, unique=True)
    kinds: Mapped[list[str]] = mapped_column(JSON)
    secret: Mapped[str] = mapped_column(Sealed)
    made_at: Mapped[datetime] = mapped_column(Utc)
    is_active: Mapped[bool] = mapped_column(default=True)


class Call(Base):
    """One event to send to one webhook."""

    __tablename__ = "webhook_calls"
    __table_args__ = (Index("ix_webhook_calls_due", "state", "due_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    webhook_id: Mapped[int] = mapped_column(ForeignKey("webhooks.id"))
    body: Mapped[str] = mapped_column(PlainText)
    state: Mapped[CallState] = mapped_column(OneOf(CallState), default=CallState.WAITING)
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime] = mapped_column(Utc)
    reason: Mapped[str | None] = mapped_column(PlainText)

    webhook: Mapped[Webhook] = relationship(lazy="joined", innerjoin=True)


def listed(session: Session) -> list[Webhook]:
    return list(session.scalars(select(Webhook).order_by(Webhook.id)))


def tell(session: Session, kind: str, data: Mapping[str, object], *, now: datetime) -> None:
    """Queue a call to every webhook of that kind, in the caller's transaction."""
    for hook in listed(session):
        if hook.is_active and kind in hook.kinds:
            body = json.dumps({"kind": kind, "at": now.isoformat(), **data}, ensure_ascii=False, sort_keys=True)
            session.add(Call(webhook_id=hook.id, body=body, due_at=now))


def take_due(session: Session, now: datetime, limit: int) -> Sequence[Call]:
    """Claim the calls that are due, for a while."""
    due = select(Call).where(Call.state == CallState.WAITING, Call.due_at <= now).order_by(Call.due_at, Call.id)
    rows = list(session.scalars(due.limit(limit).with_for_update(skip_locked=True, of=Call)))
    for row in rows:
        row.due_at = now + LEASE
    return rows


def note(session: Session, call_id: int, state: str, *, due: datetime | None = None, reason: str | None = None) -> None:
    """Record how a call went; with `due` it is retried then."""
    values: dict[str, Any] = {"state": state, "reason": reason, "attempts": Call.attempts + 1}
    if due is not None:
        values["due_at"] = due
    session.execute(update(Call).where(Call.id == call_id).values(values))


def prune(session: Session, *, before: datetime) -> None:
    session.execute(delete(Call).where(Call.state != CallState.WAITING, Call.due_at < before))


def distrust_waiting(session: Session, *, now: datetime) -> None:
    """After a restore: calls that were due by now may have been made, and are not made again."""
    late = (Call.state == CallState.WAITING) & (Call.due_at <= now)
    session.execute(update(Call).where(late).values(state=CallState.GIVEN_UP, reason="restored from a backup"))
