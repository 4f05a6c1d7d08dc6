"""Rows made up by the types of their columns, for tests that need many, or any."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

from sqlalchemy import JSON, Boolean, Connection, Date, DateTime, Float, Integer, LargeBinary, Table, text

from storage.base import OneOf, Utc
from storage.database import Database
from tests.stage import MONDAY

FAR = 10_000_000  # numbers from here on are the filler's
OLD = MONDAY - timedelta(days=60)
Values = dict[str, Callable[[int], Any]]  # by column: what is not made up, of the row's number


def made_rows(table: Table, number: int, given: Values) -> Iterator[dict[str, Any]]:
    """Rows that fit the table's types; numbers and words tell them apart."""
    for n in range(FAR, FAR + number):
        yield {
            column.name: given[column.name](n) if column.name in given else made_up(column, n)
            for column in table.columns
        }


def made_up(column: Any, n: int) -> Any:
    if column.nullable and not column.primary_key:
        return None
    match column.type:
        case OneOf() as kind:
            return next(iter(kind.members)).value
        case Boolean():
            return False
        case Integer():
            return n
        case Float():
            return 0.5
        case Date():
            return date(2026, 10, 1)
        case DateTime() | Utc():
            return OLD + timedelta(seconds=(n - FAR) % 5_000_000)
        case JSON():
            return {}
        case LargeBinary():
            return b"x"
        case _:
            return f"{column.name}-{n}"


@contextmanager
def unchecked(database: Database) -> Iterator[Connection]:
    """A transaction in which what a row refers to need not be there."""
    with database.engine.connect() as connection:
        if database.one_writer:
            connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")  # type: ignore[union-attr]
        with connection.begin():
            if not database.one_writer:
                connection.execute(text("SET session_replication_role = replica"))
            yield connection
            if not database.one_writer:
                connection.execute(text("SET session_replication_role = DEFAULT"))
        connection.invalidate()
