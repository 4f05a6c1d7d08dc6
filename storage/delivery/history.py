"""What is known of messages that are settled, and how it is forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from storage.bulk import IDS, among
from storage.delivery.deliveries import LIVE, OPEN, WAITS, Delivery, DeliveryState

RESTORED = "restored from a backup: it may have left before"


def distrust_waiting(session: Session, *, now: datetime) -> None:
    """After a restore: what waited and is due by now may have left since the backup was made. It is not sent again;
    replacing a card twice does no harm."""
    late = Delivery.replaces.is_(None) & (
        (WAITS & (Delivery.due_at <= now)) | (OPEN & (Delivery.state == DeliveryState.SENDING))
    )
    values = {"state": DeliveryState.CANCELLED, "holder": None, "reason": RESTORED, "changed_at": now}
    session.execute(update(Delivery).where(late).values(values))
    # What was in doubt stays so: "not there" among the newest messages says less, the older the backup is.
    in_doubt = OPEN & (Delivery.state == DeliveryState.UNKNOWN)
    session.execute(update(Delivery).where(in_doubt).values(looked_at=now, holder=None))


def counts(session: Session) -> dict[str, int]:
    rows = session.execute(select(Delivery.state, func.count()).group_by(Delivery.state))
    return {state: int(number) for state, number in rows}


def troubled(session: Session, limit: int = 50) -> list[Delivery]:
    """Deliveries that failed or whose outcome is unknown, the newest first."""
    return list(
        session.scalars(
            select(Delivery)
            .where(OPEN, Delivery.state.in_([DeliveryState.FAILED, DeliveryState.UNKNOWN]))
            .order_by(Delivery.changed_at.desc())
            .limit(limit)
        )
    )


def number_unresolved(session: Session, *, since: datetime) -> int:
    """How many are in doubt for good: what became of them cannot be looked up."""
    in_doubt = OPEN & (Delivery.state == DeliveryState.UNKNOWN) & (Delivery.looked_at >= since)
    return session.scalar(select(func.count()).select_from(Delivery).where(in_doubt)) or 0


def forget(session: Session, kinds: Sequence[str], subject_id: int) -> None:
    """Delete messages of these kinds about that subject, and so the record of who got them."""
    session.execute(delete(Delivery).where(Delivery.kind.in_(kinds), Delivery.subject_id == subject_id))


def prune_replies(session: Session, *, before: datetime) -> None:
    """Delete replies that arrived; their text remains only in the chat."""
    session.execute(
        delete(Delivery).where(
            Delivery.kind.in_(["reply", "notice"]),
            Delivery.state.in_([DeliveryState.SENT, DeliveryState.CANCELLED]),
            Delivery.changed_at < before,
        )
    )


class Trimmed(NamedTuple):
    """How many were deleted, and after which number to go on; None where nothing older is left."""

    deleted: int
    after: int | None


def prune_settled(session: Session, *, before: datetime, after: int, limit: int) -> Trimmed:
    """Delete settled messages that had been due before then, among the next `limit` rows with a number above `after`.
    Numbers grow as time does: no index is needed, and nothing is read beyond the first rows that are all newer."""
    following = select(Delivery.id, Delivery.state, Delivery.due_at).where(Delivery.id > after).order_by(Delivery.id)
    rows = session.execute(following.limit(limit)).all()
    old = [row for row in rows if row.due_at < before]
    settled = [row.id for row in old if row.state not in LIVE]
    if settled:
        session.execute(delete(Delivery).where(among(Delivery.id, IDS)), {"ids": settled})
    return Trimmed(len(settled), rows[-1].id if old else None)
