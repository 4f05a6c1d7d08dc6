"""Which events were handled already, and what the open forms were opened from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete
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
    statement = _TAKE[session.get_bind().dialect.name]
    connection = session.connection()
    added = [connection.execute(statement, {"key": key, "at": now}).rowcount for key in keys]
    return all(number == 1 for number in added)


def _take(insert: Callable[[type[HandledEvent]], Any]) -> Any:
    statement = insert(HandledEvent).values(key=bindparam("key"), at=bindparam("at"))
    return statement.on_conflict_do_nothing().execution_options(preserve_rowcount=True)


# Built once: at every turn, making the statement would cost more than running it.
_TAKE = {"postgresql": _take(pg_insert), "sqlite": _take(sqlite_insert)}


def forget(session: Session, *, before: datetime) -> None:
    session.execute(delete(HandledEvent).where(HandledEvent.at < before))
