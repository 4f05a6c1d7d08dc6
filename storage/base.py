"""What every table shares: the declarative base and the column types of our own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar, cast

from sqlalchemy import DateTime, Dialect, LargeBinary, MetaData, String
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

from storage.secrets import open_secret, seal_secret

T = TypeVar("T")


class Base(DeclarativeBase):
    """The one declarative base; constraint names are fixed so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class Utc(TypeDecorator[datetime]):
    """An aware moment, stored in UTC; SQLite keeps no zone, so it is taken off and put back here."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], Any]:
        """One step where `process_bind_param` would take three. Raises ValueError for a moment without a zone."""
        keeps_zones = dialect.name == "postgresql"

        def process(value: datetime | None) -> datetime | str | None:
            if value is None:
                return None
            if value.tzinfo is None:
                raise ValueError("a moment without a zone cannot be stored")
            moment = value if value.tzinfo is UTC else value.astimezone(UTC)
            return moment if keeps_zones else moment.replace(tzinfo=None).isoformat(" ", "microseconds")

        return process

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None]:
        """One step where `process_result_value` would take three: most of what is read from a row are moments."""
        parse = self.impl_instance.dialect_impl(dialect).result_processor(dialect, coltype)

        def process(value: Any) -> datetime | None:
            if value is None:
                return None
            moment = cast(datetime, parse(value) if parse else value)
            return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)

        return process


class Sealed(TypeDecorator[str]):
    """Text encrypted at rest with the keys of `storage.secrets` (MultiFernet: AES-128-CBC and HMAC)."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        return None if value is None else seal_secret(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else open_secret(bytes(value))


class PlainText(TypeDecorator[str]):
    """Text from outside, without what PostgreSQL cannot hold: NUL is dropped, lone surrogates replaced."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else storable(value)


def batched(rows: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """`rows` in parts of at most `size`: a database takes only so many values at once."""
    return (rows[start : start + size] for start in range(0, len(rows), size))


def new_rows(table: type[Base], returning: Any) -> dict[str, Any]:
    """By dialect, an insert that leaves out what is there already and returns a column of what it made."""
    return {
        name: insert(table).on_conflict_do_nothing().returning(returning)
        for name, insert in (("postgresql", pg_insert), ("sqlite", sqlite_insert))
    }


def insert_into(session: Session, table: type[Base]) -> Any:
    """An insert that knows ON CONFLICT, in the dialect of the session's database."""
    return (pg_insert if session.get_bind().dialect.name == "postgresql" else sqlite_insert)(table)


def storable(text: str) -> str:
    """`text` as every database of ours can hold it, otherwise unchanged."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
