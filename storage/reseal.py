"""Seal everything that is sealed with the newest key, whichever table it is in, and names and addresses as
CHORUS_SEAL_PEOPLE says, while the processes run."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NamedTuple

from sqlalchemy import (
    Column,
    ColumnElement,
    LargeBinary,
    String,
    Text,
    and_,
    cast,
    func,
    select,
    tuple_,
    type_coerce,
    update,
)

import storage.tables  # noqa: F401 -- so that all tables are known
from storage.base import Base, PersonalJson, PersonalText, Sealed
from storage.database import Database, Session, overwrite_deleted
from storage.secrets import MARK, KeyRingError, is_as_set, reseal_secret, seals_people

AT_ONCE = 500  # rows in one transaction: nobody waits for longer


class Resealed(NamedTuple):
    secrets: int  # with the newest key now
    names: int  # names and addresses that were not as it is set


def reseal_all(database: Database, done: Callable[[], None] = lambda: None) -> Resealed:
    """`done` is told of each of the `columns`. A row that somebody changes meanwhile was sealed anew by them. Raises
    KeyRingError."""
    secrets = names = 0
    for column in columns():
        if isinstance(column.type, Sealed):
            secrets += _walk(database, column, _reseal_secret)
        else:
            names += _walk(database, column, _reseal_personal)
        done()
    database.scrub()
    return Resealed(secrets, names)


def columns() -> list[Column[Any]]:
    """All that hold something sealed, or something that can be."""
    kinds = (Sealed, PersonalText, PersonalJson)
    return [column for table in Base.metadata.sorted_tables for column in table.c if isinstance(column.type, kinds)]


def not_as_set(session: Session) -> int:
    """How many names and addresses are sealed though they are not to be, or not though they are to be."""
    wrong = 0
    for column in columns():
        if isinstance(column.type, PersonalText):
            stored = type_coerce(column, String)
            if seals_people():
                is_open = ~stored.startswith(MARK) & (stored != "")
                wrong += session.scalar(select(func.count()).select_from(column.table).where(is_open)) or 0
            else:  # a name may begin as a sealed one does, and is sealed for that
                found = session.scalars(select(stored).where(stored.startswith(MARK)))
                wrong += sum(not is_as_set(words, column.type.place) for words in found)
    return wrong


def unopened(session: Session) -> list[str]:
    """The columns, as table.column, of which the first or the last row does not open with the keys of this process."""
    found = []
    for column in columns():
        keys = column.table.primary_key.columns
        for order in (keys, [key.desc() for key in keys]):
            try:
                session.execute(select(column).where(column.is_not(None)).order_by(*order).limit(1)).all()
            except KeyRingError:
                found.append(f"{column.table.name}.{column.name}")
                break
    return found


Reseal = Callable[[Session, Column[Any], ColumnElement[bool], Any], int]


def _walk(database: Database, column: Column[Any], reseal: Reseal) -> int:
    """Each row in turn, a part in each transaction."""
    keys, last, number = list(column.table.primary_key.columns), None, 0
    while True:
        # Past the column's type on purpose: it would open what is to stay closed.
        stored = type_coerce(column, LargeBinary) if isinstance(column.type, Sealed) else cast(column, Text)
        query = select(*keys, stored).where(column.is_not(None)).order_by(*keys).limit(AT_ONCE)
        if last is not None:
            query = query.where(tuple_(*keys) > tuple_(*last))
        with database.transaction() as session:
            overwrite_deleted(session)
            rows = session.execute(query).all()
            for *key, closed in rows:
                is_it = and_(*(one == value for one, value in zip(keys, key, strict=True)), stored == closed)
                number += reseal(session, column, is_it, closed)
        if len(rows) < AT_ONCE:
            return number
        last = rows[-1][:-1]


def _reseal_secret(session: Session, column: Column[Any], is_it: ColumnElement[bool], closed: Any) -> int:
    anew = type_coerce(reseal_secret(bytes(closed)), LargeBinary)
    session.execute(update(column.table).where(is_it).values({column: anew}))
    return 1


def _reseal_personal(session: Session, column: Any, is_it: ColumnElement[bool], closed: Any) -> int:
    kind = column.type
    words = json.loads(closed) if isinstance(kind, PersonalJson) else closed
    if is_as_set(words, kind.place) if isinstance(words, str) else not seals_people():
        return 0
    session.execute(update(column.table).where(is_it).values({column: kind.opened(words)}))
    return 1
