"""Which events were handled already, and what the open forms were opened from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.base import Base, Utc


class HandledEvent(Base):
    __tablename__ = "handled_events"

    key: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(Utc, index=True)


def first_time(session: Session, keys: Sequence[str], *, now: datetime) -> bool:
    """Whether none of `keys` was handled before; they all count as handled from now on."""
    insert = pg_insert if session.get_bind().dialect.name == "postgresql" else sqlite_insert
    added = session.execute(
        insert(HandledEvent)
        .values([{"key": key, "at": now} for key in keys])
        .on_conflict_do_nothing()
        .returning(HandledEvent.key)
    ).all()
    return len(added) == len(keys)


def forget(session: Session, *, before: datetime) -> None:
    session.execute(delete(HandledEvent).where(HandledEvent.at < before))
