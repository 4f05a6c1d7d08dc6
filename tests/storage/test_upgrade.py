"""A database of the version before is upgraded with its data: a row in every table, each state in a row of its own."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import JSON, Boolean, Date, DateTime, Float, Integer, LargeBinary, MetaData, Table, select

from storage import tables
from storage.base import Base, OneOf
from storage.database import Database
from storage.pulse.comments import Comment
from storage.secrets import seal_secret
from storage.sharing.posts import Post

BEFORE = "0010"  # the newest revision of the version before
RENAMED = {"seats": "worker_leases", "lanes": "rate_limits"}  # since then
RENAMED_COLUMNS = {("identities", "joined_by_address"): "joined_by_email"}
NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
SIGNED_OUT = {"console_links", "console_sessions"}  # a session of before doesn't know what its person answered for
TOLD_TOO_MUCH = {  # ratings, who was asked what and when, comments that were not released
    "answers",
    "asked_statements",
    "invitations",
    "pulse_comments",
}
SEALED = {("workspaces", "credentials"), ("webhooks", "secret")}


def states(table: str, column: str) -> list[str]:
    """What the code of today knows of that column, if it is a state."""
    name = RENAMED_COLUMNS.get((table, column), column)
    today = Base.metadata.tables.get(RENAMED.get(table, table))
    known: Any = getattr(today.c.get(name), "type", None) if today is not None else None
    return [member.value for member in known.members] if isinstance(known, OneOf) else []


def value(table: Table, column: Any, number: int) -> Any:
    """Something that fits: row `number` of its table, which is 1 and counts."""
    if column.foreign_keys:
        return None if column.nullable else ids(next(iter(column.foreign_keys)).column, 1)
    if (table.name, column.name) in SEALED:
        return seal_secret("canary")
    if members := states(table.name, column.name):
        return members[(number - 1) % len(members)]
    match column.type:
        case Boolean():
            return False
        case Integer():
            return number
        case Float():
            return 0.5
        case Date():
            return date(2026, 11, 23)
        case DateTime():
            return NOW
        case JSON():
            return {}
        case LargeBinary():
            return b"canary"
        case _:
            return ids(column, number)


def ids(column: Any, number: int) -> Any:
    """A number, or a word that is unlike those of other rows."""
    return number if isinstance(column.type, Integer) else f"{column.name[:6]}-{number}"


def rows_of(table: Table) -> list[dict[str, Any]]:
    """As many as the state with the most members has; one where rows hang on others and must be alone."""
    most = max([1, *(len(states(table.name, column.name)) for column in table.c)])
    alone = any(column.foreign_keys and (column.primary_key or column.unique) for column in table.c) or any(
        getattr(constraint, "columns", None) and all(c.foreign_keys for c in constraint.columns)
        for constraint in table.constraints
        if type(constraint).__name__ == "UniqueConstraint"
    )
    return [
        {column.name: value(table, column, number) for column in table.c}
        for number in range(1, (1 if alone else most) + 1)
    ]


@pytest.fixture
def before(database: Database) -> Database:
    """The database as the version before left it."""
    database.downgrade(BEFORE)
    return database


def test_nothing_is_lost_and_all_of_it_is_read(before: Database) -> None:
    old = MetaData()
    old.reflect(before.engine)
    written: dict[str, list[dict[str, Any]]] = {}
    with before.engine.begin() as connection:
        for table in old.sorted_tables:
            if table.name == "alembic_version" or connection.execute(select(table)).first() is not None:
                continue
            written[table.name] = rows_of(table)
            connection.execute(table.insert(), written[table.name])
    before.upgrade()
    assert before.pending_migrations() == []
    assert tables.FAMILIES
    with before.transaction() as session:
        for mapper in Base.registry.mappers:
            name = str(mapper.local_table.name)
            first = next((old_name for old_name, new in RENAMED.items() if new == name), name)
            rows = session.query(mapper.class_).all()
            if first in SIGNED_OUT | TOLD_TOO_MUCH:
                assert rows == []
            elif first in written:
                assert len(rows) == len(written[first]), name
                for column in mapper.column_attrs:
                    kept = {str(getattr(row, column.key)) for row in rows}
                    if known := states(first, column.columns[0].name):
                        assert kept <= set(known) | {"None"}
    assert len(written) > 40


def test_a_post_for_one_unit_stays_that_units(before: Database) -> None:
    old = MetaData()
    old.reflect(before.engine)
    with before.engine.begin() as connection:
        for name, more in (("units", {}), ("posts", {"unit_id": 1})):
            connection.execute(old.tables[name].insert(), [{**rows_of(old.tables[name])[0], **more}])
    before.upgrade()
    with before.transaction() as session:
        assert session.query(Post).one().units == [1]
    before.downgrade(BEFORE)
    with before.engine.begin() as connection:
        assert connection.execute(select(old.tables["posts"].c.unit_id)).scalar_one() == 1


def test_released_comments_are_kept(database: Database) -> None:
    database.downgrade("0019")
    old = MetaData()
    old.reflect(database.engine)
    released = [{"theme": "goals", "text": "More pictures."}, {"theme": "other", "text": "▒▒▒ knows."}]
    with database.engine.begin() as connection:
        for name, more in (("pulse_cycles", {}), ("rounds", {"published_by": None, "comments": released})):
            connection.execute(old.tables[name].insert(), [{**rows_of(old.tables[name])[0], **more}])
    database.upgrade()
    with database.transaction() as session:
        assert [(row.theme, row.text) for row in session.query(Comment)] == [tuple(row.values()) for row in released]


def test_what_was_renamed_goes_back(before: Database) -> None:
    before.upgrade()
    before.downgrade(BEFORE)
    old = MetaData()
    old.reflect(before.engine)
    assert set(RENAMED) <= set(old.tables)
    assert all(column in old.tables[table].c for table, column in RENAMED_COLUMNS)
