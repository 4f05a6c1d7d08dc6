"""Deliveries: every message that leaves, its state in its own row, written in the transaction of its cause."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, UniqueConstraint, delete, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.base import Base, Utc

PLANNED, SENDING, SENT, FAILED, UNKNOWN, CANCELLED = (
    "planned", "sending", "sent", "failed", "unknown", "cancelled",
)  # fmt: skip


class Delivery(Base):
    """One message to one address: a new one, or (`replaces` set) the replacement of one that is out.

    `card` is what to say; where it is None the card is composed from `subject` at the last moment, so
    that a recall or an opt-out is still heeded then.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("key", name="uq_deliveries_key"),
        Index("ix_deliveries_due", "state", "due_at"),
        Index("ix_deliveries_subject", "kind", "subject_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str]  # says what it is; a second one of the same key is impossible
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id"))
    employee_id: Mapped[int | None] = mapped_column(ForeignKey("employees.id"))
    address: Mapped[str]
    kind: Mapped[str]  # reply | nudge | share | …
    subject_id: Mapped[int | None]
    card: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    replaces: Mapped[str | None]
    state: Mapped[str] = mapped_column(default=PLANNED)
    due_at: Mapped[datetime] = mapped_column(Utc)
    attempts: Mapped[int] = mapped_column(default=0)
    message: Mapped[str | None]
    reason: Mapped[str | None]
    changed_at: Mapped[datetime] = mapped_column(Utc)


def claim(session: Session, *, now: datetime, limit: int) -> list[Delivery]:
    """Take up to `limit` due deliveries for sending; no other process gets them."""
    rows = list(
        session.scalars(
            select(Delivery)
            .where(Delivery.state == PLANNED, Delivery.due_at <= now)
            .order_by(Delivery.due_at, Delivery.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
    )
    for row in rows:
        row.state, row.changed_at, row.attempts = SENDING, now, row.attempts + 1
    return rows


def delivery(session: Session, delivery_id: int) -> Delivery | None:
    return session.get(Delivery, delivery_id)


def out_for(session: Session, kind: str, subject_id: int | None = None) -> list[Delivery]:
    """The messages of a kind (about one subject) that are out: first sends, not their replacements."""
    query = select(Delivery).where(Delivery.kind == kind, Delivery.state == SENT, Delivery.replaces.is_(None))
    return list(session.scalars(query if subject_id is None else query.where(Delivery.subject_id == subject_id)))


def give_up_on(session: Session, *, stuck_since: datetime, now: datetime) -> int:
    """Deliveries whose sender died between asking and hearing: their outcome cannot be known."""
    result = session.execute(
        update(Delivery)
        .where(Delivery.state == SENDING, Delivery.changed_at < stuck_since)
        .values(state=UNKNOWN, reason="the sender stopped before it heard", changed_at=now)
    )
    return int(result.rowcount)  # type: ignore[attr-defined]


def cancel_workspace(session: Session, workspace_id: str, *, now: datetime) -> None:
    session.execute(
        update(Delivery)
        .where(Delivery.workspace_id == workspace_id, Delivery.state == PLANNED)
        .values(state=CANCELLED, reason="the workspace removed the bot", changed_at=now)
    )


def counts(session: Session) -> dict[str, int]:
    rows = session.execute(select(Delivery.state, func.count()).group_by(Delivery.state))
    return {state: int(number) for state, number in rows}


def prune(session: Session, *, before: datetime) -> None:
    """Forget replies that arrived: what was said stays in the chat, not here."""
    session.execute(
        delete(Delivery).where(
            Delivery.kind.in_(["reply", "notice"]),
            Delivery.state.in_([SENT, CANCELLED]),
            Delivery.changed_at < before,
        )
    )


def take(session: Session, delivery_ids: Sequence[int]) -> list[Delivery]:
    """These deliveries, in order, as far as nobody else has taken them."""
    return list(
        session.scalars(
            select(Delivery)
            .where(Delivery.id.in_(delivery_ids), Delivery.state == PLANNED)
            .order_by(Delivery.id)
            .with_for_update(skip_locked=True)
        )
    )
