"""Backups: one file with the whole database but the answers of open rounds, checked before anybody relies on it.

A zip of `manifest.json` and the data: a copy of SQLite's file, made while others write (sqlite.org/backup.html), or
what `pg_dump` makes of PostgreSQL, both of one moment. The stores of open rounds are other files, or another schema,
and so are never part of it. Secrets in it are sealed with CHORUS_SECRET_KEYS, which are not in it either; names and
addresses are not sealed.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import URL, func, inspect, make_url, select, table, text

from storage.database import Database, DatabaseError
from storage.delivery import history
from storage.pulse.round_store import SCHEMA

FORMAT = 1
MANIFEST = "manifest.json"
DATA = {"sqlite": "chorus.db", "postgresql": "chorus.pgdump"}
CHUNK = 1 << 20  # bytes that are copied at a time
PAGES, PAUSE = 256, 0.01  # of SQLite's file at a time, and seconds between, in which others may write
PROGRAMS = "it comes with PostgreSQL's client programs (postgresql-client)"
Progress = Callable[[float], None]  # told how much of 1 is done


class BackupError(DatabaseError):
    """A backup that cannot be made, is damaged, or cannot be restored here."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself. `rows`: how many each table has; `sha256`: of the data."""

    format: int
    version: str
    made_at: str
    engine: str
    schema: str
    sha256: str
    rows: Mapping[str, int]


def create(
    database: Database, into: Path, *, version: str, now: datetime, progress: Progress = lambda _done: None
) -> Manifest:
    """Write a backup to a new file, readable by its owner alone. Raises BackupError, and leaves no half of one."""
    if into.exists():
        raise BackupError(f"{into} is there already: name a new file.")
    engine = database.engine.dialect.name
    with tempfile.TemporaryDirectory(dir=into.absolute().parent, prefix=".chorus-backup-") as folder:
        data = Path(folder, DATA[engine])
        (_copy_sqlite if database.one_writer else _dump)(database, data, progress)
        with _opened(data, engine) as rows:
            manifest = Manifest(
                format=FORMAT,
                version=version,
                made_at=now.isoformat(timespec="seconds"),
                engine=engine,
                schema=database.revision() or "",
                sha256=_digest(data),
                rows=rows if rows is not None else _rows_of(database),
            )
        made = Path(folder, "backup.zip")
        made.touch(mode=0o600)
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as archive:
            archive.writestr(MANIFEST, json.dumps(asdict(manifest), indent=2, sort_keys=True))
            archive.write(data, data.name)
        made.rename(into)
    return manifest


def verify(backup: Path) -> Manifest:
    """Read it to its end, and open what is in it. Raises BackupError where a byte is not as it was written, or where
    the data cannot be opened."""
    with _unpacked(backup) as (manifest, data), _opened(data, manifest.engine) as rows:
        if rows is not None and rows != dict(manifest.rows):
            raise BackupError(f"{backup} is damaged: its tables do not have the rows that it names.")
    return manifest


def restore(backup: Path, database: Database, *, now: datetime) -> Manifest:
    """Put it into an empty database. Messages that were due by `now` and had not left when it was made may have left
    since: they are not sent again. Raises BackupError where the database is not empty, or of another kind."""
    with _unpacked(backup) as (manifest, data):
        if manifest.engine != database.engine.dialect.name:
            raise BackupError(f"{backup} is of {manifest.engine}, and this database is {database.engine.dialect.name}.")
        if inspect(database.engine).get_table_names():
            raise BackupError("This database is not empty: name a new one in CHORUS_DATABASE_URL.")
        (_put_sqlite if database.one_writer else _load)(database, data)
        with database.transaction() as session:
            history.distrust_waiting(session, now=now)
    return manifest


# -- SQLite


def _copy_sqlite(database: Database, into: Path, progress: Progress) -> None:
    into.touch(mode=0o600)
    source = sqlite3.connect(f"file:{database.engine.url.database}?mode=ro", uri=True)
    with closing(source), closing(sqlite3.connect(into)) as target:
        source.backup(
            target, pages=PAGES, progress=lambda _status, left, pages: progress(1 - left / max(pages, 1)), sleep=PAUSE
        )
        target.execute("PRAGMA journal_mode=DELETE")


def _put_sqlite(database: Database, data: Path) -> None:
    with database.engine.connect() as connection, closing(sqlite3.connect(data)) as source:
        connection.exec_driver_sql("ROLLBACK")
        target: Any = connection.connection.driver_connection
        source.backup(target)
        target.execute("PRAGMA journal_mode=WAL")
        connection.exec_driver_sql("BEGIN")


def _checked_rows(data: Path) -> dict[str, int]:
    with closing(sqlite3.connect(f"file:{data}?mode=ro", uri=True)) as connection:
        try:
            if (said := connection.execute("PRAGMA integrity_check").fetchone()[0]) != "ok":
                raise BackupError(f"The copy is damaged: {said}.")
            tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
            return {name: _count(connection, name) for (name,) in connection.execute(tables).fetchall()}
        except sqlite3.DatabaseError as cause:
            raise BackupError(f"The copy is damaged: {cause}.") from cause


def _count(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0])  # noqa: S608


# -- PostgreSQL


def _dump(database: Database, into: Path, _progress: Progress) -> None:
    into.touch(mode=0o600)
    what = ("--format=custom", "--no-owner", f"--exclude-schema={SCHEMA}")
    _run("pg_dump", database.engine.url, *what, f"--file={into}")


def _load(database: Database, data: Path) -> None:
    _run("pg_restore", database.engine.url, "--no-owner", "--exit-on-error", "--single-transaction", str(data))


def _run(program: str, url: URL, *arguments: str) -> None:
    """One of PostgreSQL's programs on that database; the password is in no argument, which others could read."""
    path = _program(program)
    address = make_url(url).set(drivername="postgresql", password=None).render_as_string()
    environment = {**os.environ, **({"PGPASSWORD": str(url.password)} if url.password else {})}
    done = subprocess.run(  # noqa: S603
        [path, f"--dbname={address}", *arguments], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        said = done.stderr.strip().splitlines()
        raise BackupError(f"{program} failed: {said[0] if said else done.returncode}")


def _rows_of(database: Database) -> dict[str, int]:
    """Counted after the dump, so only near to what is in it: told, and not compared."""
    with database.engine.connect() as connection:
        connection.execute(text("SET TRANSACTION READ ONLY"))
        names = inspect(connection).get_table_names()
        return {name: connection.scalar(select(func.count()).select_from(table(name))) or 0 for name in sorted(names)}


def _program(name: str) -> str:
    path = shutil.which(name)
    if path is None:
        raise BackupError(f"{name} is not installed: {PROGRAMS}.")
    return path


# -- The file


@contextmanager
def _opened(data: Path, engine: str) -> Iterator[dict[str, int] | None]:
    """The rows of each table of a SQLite file; None for a dump, of which pg_restore reads the whole list."""
    if engine == "sqlite":
        yield _checked_rows(data)
        return
    # To SQL and nowhere: every block of the dump is read and unpacked.
    reading = [_program("pg_restore"), "--file=/dev/null", str(data)]
    done = subprocess.run(reading, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise BackupError(f"The dump is damaged: {done.stderr.strip().splitlines()[0]}")
    yield None


@contextmanager
def _unpacked(backup: Path) -> Iterator[tuple[Manifest, Path]]:
    """The manifest, and the data in a file that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="chorus-restore-") as folder:
        try:
            manifest, data = _unpack(backup, Path(folder))
        except BackupError:
            raise
        except Exception as cause:  # whatever a damaged byte makes of it: zip, deflate, JSON, names, sizes
            raise BackupError(f"{backup} is no backup of Chorus, or is damaged ({type(cause).__name__}).") from cause
        yield manifest, data


def _unpack(backup: Path, folder: Path) -> tuple[Manifest, Path]:
    with zipfile.ZipFile(backup) as archive:
        manifest = Manifest(**json.loads(archive.read(MANIFEST)))
        if manifest.format != FORMAT or manifest.engine not in DATA:
            raise BackupError(f"{backup} was made by Chorus {manifest.version}: restore it with that version.")
        data = folder / DATA[manifest.engine]
        with archive.open(data.name) as packed, data.open("xb") as unpacked:
            shutil.copyfileobj(packed, unpacked, CHUNK)
    if _digest(data) != manifest.sha256:
        raise BackupError(f"{backup} is damaged: its data is not what was written.")
    return manifest, data


def _digest(data: Path) -> str:
    found = hashlib.sha256()
    with data.open("rb") as file:
        while part := file.read(CHUNK):
            found.update(part)
    return found.hexdigest()
