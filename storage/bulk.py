"""Many rows at once, past what SQLAlchemy does for each one: in a plan for everybody that costs more than the database.

Types are still the columns' own; only the way to the driver is shorter (COPY on PostgreSQL)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import repeat
from operator import itemgetter
from typing import Any

from sqlalchemy import ARRAY, JSON, BindParameter, Column, Dialect, Table, Text, bindparam, func, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import Integer, TypeDecorator, TypeEngine


def insert_rows(
    session: Session, table: Table, rows: Sequence[Mapping[str, Any]], *, ids: Sequence[int] = (), **common: Any
) -> None:
    """Rows that all name the same columns, more than one; beside them their `ids`, if they are known, and what is the
    same in all of them. What is not named must need no value."""
    if not rows:
        return
    names = list(rows[0])
    columns = dict(zip(names, zip(*map(itemgetter(*names), rows), strict=True), strict=True))
    if ids:
        columns["id"] = tuple(ids)
    connection: Any = session.connection()
    dialect, names = connection.dialect, [*columns, *common]
    bound = [_bound(dialect, table.c[name], values) for name, values in columns.items()]
    bound += [repeat(_binding(dialect, table.c[name])(value), len(rows)) for name, value in common.items()]
    if dialect.name == "postgresql":
        into = f"COPY {table.name} ({', '.join(names)}) FROM STDIN"
        with connection.connection.cursor() as cursor, cursor.copy(into) as copy:
            for row in zip(*bound, strict=True):
                copy.write_row(row)
    else:
        into = f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"  # noqa: S608
        connection.exec_driver_sql(into, list(zip(*bound, strict=True)))


def new_ids(session: Session, table: Table, count: int) -> Sequence[int]:
    """Ids for so many new rows, nobody else's. (On SQLite a writing transaction is alone.)"""
    if session.get_bind().dialect.name == "postgresql":
        sequence = select(func.nextval(func.pg_get_serial_sequence(table.name, "id")))
        return list(session.scalars(sequence.select_from(func.generate_series(1, count))))
    last = session.scalar(select(func.max(table.c.id))) or 0
    return range(last + 1, last + 1 + count)


class Ids(TypeDecorator[Sequence[int]]):
    """Many whole numbers as one value: an array on PostgreSQL, JSON on SQLite."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(ARRAY(Integer) if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: Sequence[int] | None, dialect: Dialect) -> Any:
        return list(value or ()) if dialect.name == "postgresql" else _listed(tuple(value or ()))


class Names(TypeDecorator[Sequence[str]]):
    """Many texts as one value, as `Ids` are."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(ARRAY(Text()) if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: Sequence[str] | None, dialect: Dialect) -> Any:
        return list(value or ()) if dialect.name == "postgresql" else json.dumps(list(value or ()))


class among(FunctionElement[bool]):
    """Whether `column` is one of `ids`, which travel as one value: named one by one they cost more than the look, and
    each number of them is another statement, for which PostgreSQL makes another plan."""

    inherit_cache = True

    def __init__(self, column: Any, ids: Sequence[int] | BindParameter[Any]) -> None:
        super().__init__(column, ids if isinstance(ids, BindParameter) else bindparam(None, ids, Ids()))


@compiles(among, "sqlite")
def _among_sqlite(element: among, compiler: SQLCompiler, **more: Any) -> str:
    column, ids = element.clauses
    listed = f"SELECT value FROM json_each({compiler.process(ids, **more)})"  # noqa: S608
    return f"{compiler.process(column, **more)} IN ({listed})"


@compiles(among, "postgresql")
def _among_postgresql(element: among, compiler: SQLCompiler, **more: Any) -> str:
    column, ids = element.clauses
    return f"{compiler.process(column, **more)} = ANY ({compiler.process(ids, **more)})"


@lru_cache(maxsize=4)
def _listed(ids: tuple[int, ...]) -> str:
    """As JSON; the same people are asked about many times in a row."""
    return f"[{','.join(map(str, ids))}]"


IDS: BindParameter[Any] = bindparam("ids", type_=Ids())  # for statements that are built once


def _bound(dialect: Dialect, column: Column[Any], values: Sequence[Any]) -> Iterable[Any]:
    """The values as the driver takes them."""
    bind = _binding(dialect, column)
    if bind is _as_it_is:
        return values
    if all(value is values[0] for value in values):
        return repeat(bind(values[0]), len(values))
    if not isinstance(values[0], tuple):
        return map(bind, values)
    known = {value: bind(value) for value in set(values)}  # lists of words: of many rows the same few
    return [known[value] for value in values]


def _binding(dialect: Dialect, column: Column[Any]) -> Callable[[Any], Any]:
    """What makes of a value of the column what the driver takes."""
    if isinstance(column.type, JSON):
        return json.dumps  # what the dialect gives on PostgreSQL would be written anew for each row
    return column.type.dialect_impl(dialect).bind_processor(dialect) or _as_it_is


def _as_it_is(value: Any) -> Any:
    return value
