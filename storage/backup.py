"""Backups: one file with the whole database but the answers of open rounds, checked before anybody relies on it.

A zip of `manifest.json` and the data: a copy of SQLite's file, made while others write (sqlite.org/backup.html), or
what `pg_dump` makes of PostgreSQL, both of one moment. The stores of open rounds are other files, or another schema,
and so are never part of it. Secrets in it are sealed with CHORUS_SECRET_KEYS, which are not in it either; names and
addresses are not sealed.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import URL, func, inspect, select, table, text
from sqlalchemy.exc import OperationalError

from storage.database import ALEMBIC, Database, DatabaseError
from storage.delivery import history, worker_leases
from storage.publishing import publications
from storage.pulse.round_store import SCHEMA
from storage.web import webhooks

FORMAT = 1
MANIFEST = "manifest.json"
DATA = {"sqlite": "chorus.db", "postgresql": "chorus.pgdump"}
CHUNK = 1 << 20  # bytes that are copied at a time
PAGES = 4096  # of SQLite's file, between two looks at how far it is
HALF_MADE = ".chorus-backup-"  # folders in which one is made
LEFT_BEHIND = 24 * 3600.0  # seconds after which nobody is at one any more
LONGEST_MANIFEST = 1 << 20  # bytes
END_RECORD = 22  # bytes; section 4.3.16 of PKWARE's APPNOTE.TXT
RESTORING = ("--no-owner", "--no-acl", "--exit-on-error", "--single-transaction")
NEEDED = (ALEMBIC, "deliveries", "employees")  # tables without which it is no database of Chorus
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


_MANIFEST = TypeAdapter(Manifest)


def create(
    database: Database, into: Path, *, version: str, now: datetime, progress: Progress = lambda _done: None
) -> Manifest:
    """Write a backup to a new file, readable by its owner alone. Raises BackupError, and leaves no half of one."""
    if into.exists() or into.is_symlink():
        raise BackupError(f"{into} is there already: name a new file.")
    engine, around = database.engine.dialect.name, into.absolute().parent
    schema = database.revision()
    if schema is None:
        raise BackupError("This database has no tables of Chorus: does CHORUS_DATABASE_URL name the right one?")
    if not around.is_dir():
        raise BackupError(f"There is no folder {around}.")
    _sweep(around)
    with tempfile.TemporaryDirectory(dir=around, prefix=HALF_MADE) as folder:
        data = Path(folder, DATA[engine])
        try:
            (_copy_sqlite if database.one_writer else _dump)(database, data, progress)
        except sqlite3.Error as cause:
            raise BackupError(f"The database cannot be copied: {cause}.") from cause
        rows = _rows_in(data, engine)
        manifest = Manifest(
            format=FORMAT,
            version=version,
            made_at=now.isoformat(timespec="seconds"),
            engine=engine,
            schema=schema,
            sha256=_digest(data),
            rows=rows if rows is not None else _rows_of(database),
        )
        made = Path(folder, "backup.zip")
        made.touch(mode=0o600)
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as archive:
            archive.writestr(MANIFEST, json.dumps(asdict(manifest), indent=2, sort_keys=True))
            archive.write(data, data.name)
        _put(made, into)
    return manifest


def _put(made: Path, into: Path) -> None:
    """In its place, unless another has got there meanwhile."""
    try:
        os.link(made, into)
    except FileExistsError as cause:
        raise BackupError(f"{into} is there already: name a new file.") from cause
    except OSError:  # a file system without links
        made.rename(into)


def _sweep(folder: Path) -> None:
    """What one that was killed has left: a copy that nobody finishes."""
    for half in folder.glob(f"{HALF_MADE}*"):
        if time.time() - half.stat().st_mtime > LEFT_BEHIND:
            shutil.rmtree(half, ignore_errors=True)


def verify(backup: Path) -> Manifest:
    """Read it to its end, and open what is in it. Raises BackupError where a byte of the data is not as it was written,
    or where it cannot be opened."""
    with _unpacked(backup) as (manifest, data):
        rows = _rows_in(data, manifest.engine)
        if rows is not None and rows != dict(manifest.rows):
            raise BackupError(f"{backup} is damaged: its tables do not have the rows that it names.")
    return manifest


def restore(backup: Path, database: Database, *, now: datetime) -> Manifest:
    """Put it into an empty database. Messages that were due by `now` and had not left when it was made may have left
    since: they are not sent again. Raises BackupError where the database is not empty, or of another kind."""
    with _unpacked(backup) as (manifest, data):
        if manifest.engine != database.engine.dialect.name:
            raise BackupError(f"{backup} is of {manifest.engine}, and this database is {database.engine.dialect.name}.")
        _rows_in(data, manifest.engine)  # nothing is put anywhere that cannot be opened
        if database.has_tables():
            raise BackupError("This database is not empty: name a new one in CHORUS_DATABASE_URL.")
        if database.one_writer:
            try:
                copy = Database(f"sqlite:///{data}")
                settle(copy, now=now)
                copy.close()
                _put_sqlite(database, data)
                database.scrub()  # into the one file, whatever is made of it next
            except (sqlite3.Error, OperationalError) as cause:  # no room left, most often
                raise BackupError(f"{backup} cannot be restored here: {getattr(cause, 'orig', cause)}.") from cause
        else:
            _load(database, data)
            settle(database, now=now)
            _load_revision(database, data)  # until then nothing of Chorus uses it
    return manifest


def settle(database: Database, *, now: datetime) -> None:
    """Messages that were due by `now` may have left before the database was put back: they are not sent. The processes
    of that time are not at this one."""
    with database.transaction() as session:
        worker_leases.vacate_all(session)
        for kept in (history, publications, webhooks):
            kept.distrust_waiting(session, now=now)


# -- SQLite


def _copy_sqlite(database: Database, into: Path, progress: Progress) -> None:
    into.touch(mode=0o600)
    with (
        closing(_read_only(Path(str(database.engine.url.database)))) as source,
        closing(sqlite3.connect(into)) as target,
    ):
        source.isolation_level = None
        source.execute("BEGIN")
        source.execute("SELECT count(*) FROM sqlite_master").fetchone()  # from here on it sees one moment
        source.backup(target, pages=PAGES, progress=lambda _status, left, pages: progress(1 - left / max(pages, 1)))
        target.execute("PRAGMA journal_mode=DELETE")


def _read_only(path: Path) -> sqlite3.Connection:
    """Also where the name has signs that mean something in an address."""
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)


def _put_sqlite(database: Database, data: Path) -> None:
    with database.engine.connect() as connection, closing(sqlite3.connect(data)) as source:
        connection.exec_driver_sql("ROLLBACK")
        target: Any = connection.connection.driver_connection
        source.backup(target)
        target.execute("PRAGMA journal_mode=WAL")
        connection.exec_driver_sql("BEGIN")


def _checked_rows(data: Path) -> dict[str, int]:
    with closing(_read_only(data)) as connection:
        try:
            if (said := connection.execute("PRAGMA integrity_check").fetchone()[0]) != "ok":
                raise BackupError(f"The copy is damaged: {said}.")
            tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
            rows = {name: _count(connection, name) for (name,) in connection.execute(tables).fetchall()}
        except sqlite3.DatabaseError as cause:
            raise BackupError(f"The copy is damaged: {cause}.") from cause
    if missing := [name for name in NEEDED if name not in rows]:
        raise BackupError(f"The copy is no database of Chorus: it has no table {missing[0]}.")
    return rows


def _count(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0])  # noqa: S608


# -- PostgreSQL


def _dump(database: Database, into: Path, _progress: Progress) -> None:
    into.touch(mode=0o600)
    what = ("--format=custom", "--no-owner", "--no-acl", f"--exclude-schema={SCHEMA}")
    _run("pg_dump", database.engine.url, *what, f"--file={into}")


def _load(database: Database, data: Path) -> None:
    """All but the revision of its schema: without, no process takes it for a database that is whole."""
    listed = subprocess.run(  # noqa: S603
        [_program("pg_restore"), "--list", str(data)], capture_output=True, text=True, check=True
    )
    order = data.with_suffix(".list")
    rows = listed.stdout.splitlines()
    order.write_text("\n".join(row for row in rows if not (" TABLE DATA " in row and f" {ALEMBIC} " in row)))
    _run("pg_restore", database.engine.url, *RESTORING, f"--use-list={order}", str(data))


def _load_revision(database: Database, data: Path) -> None:
    _run("pg_restore", database.engine.url, *RESTORING, "--data-only", f"--table={ALEMBIC}", str(data))


def _run(program: str, url: URL, *arguments: str) -> None:
    """One of PostgreSQL's programs on that database; the password is in no argument, which others could read."""
    path = _program(program)
    password = url.password or url.query.get("password")
    shown = {name: value for name, value in url.query.items() if "password" not in name}
    address = url.set(drivername="postgresql", password=None, query=shown).render_as_string()
    environment = {**os.environ, **({"PGPASSWORD": str(password)} if password else {})}
    done = subprocess.run(  # noqa: S603
        [path, f"--dbname={address}", *arguments], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        said = done.stderr.strip().splitlines()
        if said and "version mismatch" in said[0]:  # the line below names both
            needs = f"Install PostgreSQL's client programs of the server's version. ({' '.join(said[1:2])})"
            raise BackupError(f"{program} is older than the server. {needs}")
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


def _rows_in(data: Path, engine: str) -> dict[str, int] | None:
    """How many each table of a SQLite file has; None for a dump, which pg_restore reads to its end. Raises BackupError
    where the data is damaged."""
    if engine == "sqlite":
        return _checked_rows(data)
    # To SQL and nowhere: every block of the dump is read and unpacked.
    reading = [_program("pg_restore"), "--file=/dev/null", str(data)]
    done = subprocess.run(reading, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise BackupError(f"The dump is damaged: {done.stderr.strip().splitlines()[0]}")
    return None


@contextmanager
def _unpacked(backup: Path) -> Iterator[tuple[Manifest, Path]]:
    """The manifest, and the data in a file that is gone afterwards."""
    if backup.is_dir():
        raise BackupError(f"'{backup}' is a folder: name a backup.")
    if not backup.is_file():
        raise BackupError(f"There is no file {backup}.")
    with tempfile.TemporaryDirectory(prefix="chorus-restore-") as folder:
        try:
            manifest, data = _unpack(backup, Path(folder))
        except BackupError:
            raise
        except OSError as cause:
            if cause.errno == errno.EINVAL:  # of an offset in the archive that is none
                raise BackupError(f"{backup} is no backup of Chorus, or is damaged.") from cause
            raise BackupError(f"{backup} cannot be unpacked into {folder}: {cause.strerror}.") from cause
        except Exception as cause:  # whatever a damaged byte makes of it: zip, deflate, JSON, names, sizes
            raise BackupError(f"{backup} is no backup of Chorus, or is damaged ({type(cause).__name__}).") from cause
        yield manifest, data


def _unpack(backup: Path, folder: Path) -> tuple[Manifest, Path]:
    with zipfile.ZipFile(backup) as archive:
        if archive.getinfo(MANIFEST).file_size > LONGEST_MANIFEST:
            raise BackupError(f"{backup} is no backup of Chorus: its manifest is too long.")
        manifest = _MANIFEST.validate_json(archive.read(MANIFEST))
        if manifest.format != FORMAT or manifest.engine not in DATA:
            raise BackupError(f"{backup} was made by Chorus {manifest.version}: restore it with that version.")
        data = folder / DATA[manifest.engine]
        if archive.getinfo(MANIFEST).header_offset or not _ends_as_written(backup):
            raise BackupError(f"{backup} is damaged: it is longer than it was written.")
        with archive.open(data.name) as packed, data.open("xb") as unpacked:
            shutil.copyfileobj(packed, unpacked, CHUNK)
    if _digest(data) != manifest.sha256:
        raise BackupError(f"{backup} is damaged: its data is not what was written.")
    return manifest, data


def _ends_as_written(backup: Path) -> bool:
    """A zip ends in a record of its own, of known length where it has no comment; whoever reads one looks for it
    further up, too."""
    with backup.open("rb") as file:
        file.seek(-END_RECORD, os.SEEK_END)
        return file.read(4) == b"PK\x05\x06"


def _digest(data: Path) -> str:
    with data.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
