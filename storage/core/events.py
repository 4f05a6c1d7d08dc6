"""Keys of events that were handled already, and the messages that open forms came from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.base import Base, Utc, new_rows


class HandledEvent(Base):
    __tablename__ = "handled_events"

    key: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(Utc, index=True)


def taken(session: Session, keys: Sequence[str], *, now: datetime) -> set[str]:
    """Those of `keys` that were not handled before; marks all as handled."""
    if not keys:
        return set()
    statement = _TAKE[session.get_bind().dialect.name]
    rows = session.connection().execute(statement, [{"key": key, "at": now} for key in dict.fromkeys(keys)])
    return set(rows.scalars())


# Built once: at every turn, making the statement would cost more than running it.
_TAKE = new_rows(HandledEvent, HandledEvent.key)


def forget(session: Session, *, before: datetime) -> None:
    session.execute(delete(HandledEvent).where(HandledEvent.at < before))
