"""All that is kept of one person, as data: what they may ask for (GDPR, article 15 and 20)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, LargeBinary, func, select
from sqlalchemy.orm import Session

from storage.base import Sealed
from storage.names import names_of
from storage.privacy.data_map import PERSONAL_DATA, OnErasure, PersonalData

SECRET = (
    "digest",
    "state_digest",
    "verifier",
    "nonce",
)  # columns that are of a secret: of no use but to steal a session


def everything_of(session: Session, person: int) -> list[dict[str, Any]]:
    """For each kind of data of which there is some: `table`, `what`, `why`, `seen_by`, `kept`, and its `rows`, values
    as JSON has them (moments as ISO 8601). Sealed credentials and digests of secrets are left out."""
    found = [(kind, _rows(session, kind, person)) for kind in PERSONAL_DATA]
    return [
        {
            "table": kind.table,
            "what": kind.what,
            "why": kind.why,
            "seen_by": kind.seen_by,
            "kept": kind.kept,
            "rows": rows,
        }
        for kind, rows in found
        if rows
    ]


def counts_of(session: Session, person: int) -> list[tuple[PersonalData, int]]:
    """How many rows there are of each kind of which there are some."""
    counted = [
        (kind, session.scalar(select(func.count()).select_from(kind.model).where(kind.rows_of(person))) or 0)
        for kind in PERSONAL_DATA
    ]
    return [(kind, number) for kind, number in counted if number]


def _rows(session: Session, kind: PersonalData, person: int) -> list[dict[str, Any]]:
    table = kind.rows
    columns = [
        column
        for column in table.columns
        if column.name not in SECRET and not isinstance(column.type, (LargeBinary, Sealed)) and _is_theirs(kind, column)
    ]
    query = select(*columns).where(kind.rows_of(person)).order_by(*table.primary_key.columns)
    rows = [dict(row) for row in session.execute(query).mappings()]
    tables = {
        column.name: key.column.table.name
        for column in columns
        for key in column.foreign_keys
        if column.name.endswith("_id")
    }
    names = names_of(session, {(table, row[column]) for row in rows for column, table in tables.items()})
    return [{name: _plain(value) for name, value in {**_called(row, tables, names), **row}.items()} for row in rows]


def _called(row: Mapping[str, Any], tables: Mapping[str, str], names: Mapping[tuple[str, int], str]) -> dict[str, str]:
    """What the row tells of by number, such as a post, a unit or a channel, by its name."""
    told = {column.removesuffix("_id"): (table, row[column]) for column, table in tables.items()}
    return {name: names[one] for name, one in told.items() if one in names}


def _is_theirs(kind: PersonalData, column: Column[Any]) -> bool:
    """Rows in which they had a part tell of others, too: who asked, who owned. Of those only the number of the row and
    what the person themselves said is theirs to have."""
    if kind.on_erasure == OnErasure.UNLINKED and not kind.is_own:
        return column.primary_key or column.name in kind.words
    return column.name == kind.of or not any(key.target_fullname == "employees.id" for key in column.foreign_keys)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, (datetime, date)) else value
