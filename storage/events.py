"""Which events were handled already, and what the open forms were opened from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.base import Base, Utc


class HandledEvent(Base):
    __tablename__ = "handled_events"

    key: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(Utc, index=True)


def taken(session: Session, keys: Sequence[str], *, now: datetime) -> set[str]:
    """Those of `keys` that were not handled before; all count as handled from now on."""
    if not keys:
        return set()
    statement = _TAKE[session.get_bind().dialect.name]
    rows = session.connection().execute(statement, [{"key": key, "at": now} for key in dict.fromkeys(keys)])
    return set(rows.scalars())


def _take(insert: Callable[[type[HandledEvent]], Any]) -> Any:
    return insert(HandledEvent).on_conflict_do_nothing().returning(HandledEvent.key)


# Built once: at every turn, making the statement would cost more than running it.
_TAKE = {"postgresql": _take(pg_insert), "sqlite": _take(sqlite_insert)}


def forget(session: Session, *, before: datetime) -> None:
    session.execute(delete(HandledEvent).where(HandledEvent.at < before))
