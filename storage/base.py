"""What every table shares: the declarative base and the column types of our own."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar, cast

from sqlalchemy import JSON, ColumnElement, DateTime, Dialect, LargeBinary, MetaData, String, type_coerce
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

from storage.secrets import MARK, forms_of, open_secret, read_personal, seal_secret, store_personal

T = TypeVar("T")


FOREVER = datetime(9999, 1, 1, tzinfo=UTC)  # sorts what has no due date behind what has one


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


class IllegalStep(Exception):
    """A row was asked for a step that its state does not allow. Handlers check first, so nobody sees this."""


def advance(row: Any, to: StrEnum, *, after: Collection[StrEnum]) -> None:
    """Bring `row` into the state `to`. Raises IllegalStep unless its state is one of `after`."""
    if row.state not in after:
        raise IllegalStep(f"{type(row).__name__} {row.id}: {row.state} → {to}")
    row.state = to


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
    """Text from outside. NUL, which PostgreSQL cannot store, is dropped; lone surrogates are replaced."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else storable(value)


class PersonalText(PlainText):
    """A name or an address of a person: sealed where CHORUS_SEAL_PEOPLE is set, and read whether it is or not. No
    database can search or order what is sealed: `is_value` looks for one that `is_found`, everything else is for us.

    `place`: table and column, to which what is sealed is bound."""

    cache_ok = True

    def __init__(self, place: str, *, is_found: bool = False) -> None:
        super().__init__()
        self.place, self.is_found = place, is_found

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else store_personal(storable(value), self.place, is_found=self.is_found)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], str | None]:
        """One step where `process_result_value` would take two."""
        opened = self.opened

        def process(value: Any) -> str | None:
            return None if value is None else opened(value)

        return process

    def opened(self, stored: str) -> str:
        """Raises KeyRingError."""
        return read_personal(stored, self.place)


class PersonalJson(TypeDecorator[Any]):
    """What another system says of a person, a JSON object; sealed like `PersonalText`, and then a string."""

    impl = JSON
    cache_ok = True

    def __init__(self, place: str) -> None:
        super().__init__()
        self.place = place

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        if value is None:
            return None
        words = json.dumps(value)
        stored = store_personal(words, self.place, is_found=False)
        return value if stored == words else stored

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        return self.opened(value)

    def opened(self, stored: Any) -> Any:
        """Raises KeyRingError."""
        is_sealed = isinstance(stored, str) and stored.startswith(MARK)
        return json.loads(read_personal(stored, self.place)) if is_sealed else stored


def is_value(column: Any, value: str) -> ColumnElement[bool]:
    """Whether `column` holds `value`: also where it is sealed, by whichever of the keys, or not yet."""
    if isinstance(column.type, PersonalText):
        return type_coerce(column, String).in_(forms_of(storable(value), column.type.place))
    found: ColumnElement[bool] = column == value
    return found


class OneOf(TypeDecorator[StrEnum]):
    """A member of a StrEnum, stored as its value. Raises ValueError for any other value, read or written."""

    impl = String
    cache_ok = True

    def __init__(self, members: type[StrEnum]) -> None:
        super().__init__()
        self.members = members

    def bind_processor(self, dialect: Dialect) -> Callable[[str | None], str | None]:
        """One step where `process_bind_param` would take two."""
        values = {member: member.value for member in self.members}

        def process(value: str | None) -> str | None:
            return None if value is None else values.get(cast(StrEnum, value)) or self.members(value).value

        return process

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], StrEnum | None]:
        """One step where `process_result_value` would take two."""
        members: dict[str | None, StrEnum | None] = {None: None, **{member.value: member for member in self.members}}

        def process(value: Any) -> StrEnum | None:
            try:
                return members[value]
            except KeyError:
                return self.members(value)

        return process


def batched(rows: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """`rows` in parts of at most `size`: a database takes only so many values at once."""
    return (rows[start : start + size] for start in range(0, len(rows), size))


def new_rows(table: type[Base], returning: Any) -> dict[str, Any]:
    """By dialect, an insert that skips existing rows and returns a column of the new ones."""
    return {
        name: insert(table).on_conflict_do_nothing().returning(returning)
        for name, insert in (("postgresql", pg_insert), ("sqlite", sqlite_insert))
    }


def insert_into(session: Session, table: type[Base]) -> Any:
    """An insert with ON CONFLICT, in the dialect of the session's database."""
    return (pg_insert if session.get_bind().dialect.name == "postgresql" else sqlite_insert)(table)


def storable(text: str) -> str:
    """`text` without what a supported database cannot store."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
