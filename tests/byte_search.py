"""Searching every byte that a database leaves on the disk."""

from __future__ import annotations

import base64
import os
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import text

from storage.database import Database
from storage.pulse.round_store import SCHEMA


def folder_of(database: Database) -> Path:
    """Where its files are. The test is left out where they cannot be read."""
    if database.one_writer:
        return Path(database.engine.url.database or "").parent
    with database.engine.connect() as connection:
        folder = Path(connection.scalar(text("SHOW data_directory")) or "")
    if not os.access(folder, os.R_OK):
        pytest.skip("left out: the server's files cannot be read from here")
    return folder


def rows_of_store(database: Database, round_id: int, table: str) -> list[tuple[bytes, ...]]:
    """What stands in the `key` or the `ballots` of an open round, as it is stored."""
    if database.one_writer:
        path = next(folder_of(database).glob(f"*-round-{round_id}.db"))
        with sqlite3.connect(path) as connection:
            return [tuple(row) for row in connection.execute(f"SELECT * FROM round_{round_id}_{table}")]
    with database.engine.connect() as connection:
        rows = connection.execute(text(f"SELECT * FROM {SCHEMA}.round_{round_id}_{table}")).all()
        return [tuple(bytes(value) if isinstance(value, memoryview) else value for value in row) for row in rows]


def checkpoint(database: Database) -> None:
    """Have PostgreSQL write down what it keeps in memory."""
    if not database.one_writer:
        with database.engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("CHECKPOINT"))


def found(folder: Path, sought: Sequence[bytes]) -> list[tuple[str, int]]:
    """In which files which of these stand, also as hexadecimal digits and in base 64."""
    places = []
    for path in folder.rglob("*"):
        try:
            held = path.read_bytes() if path.is_file() else b""
        except (FileNotFoundError, PermissionError):
            continue
        for index, value in enumerate(sought):
            if any(form in held for form in (value, value.hex().encode(), base64.b64encode(value))):
                places.append((path.name, index))
    return places
