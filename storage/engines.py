"""The engines of SQLAlchemy that Chorus works with: SQLite's file, and PostgreSQL's server."""

from __future__ import annotations

import os
import threading
import warnings
from contextlib import suppress
from functools import partial
from math import inf
from pathlib import Path
from time import monotonic
from typing import Any

from pydantic_core import from_json
from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, InvalidatePoolError, SAWarning
from sqlalchemy.pool import ConnectionPoolEntry

from storage.database_faults import DatabaseError, FileGone, WrongEncoding

READING = "is_reading"  # the execution option of a connection that only reads
BUSY_WAIT = 10.0  # seconds that SQLite waits for another writer before it gives up
# Seconds in which a transaction on PostgreSQL asks nothing before it is ended: its process stands still, or its machine
# is gone, and others wait for the rows that it holds locked.
IDLE_LIMIT = 30.0
SURE_FOR = 1.0  # seconds after its last use in which a connection is not asked whether its server still answers
# How a connection to PostgreSQL learns that its network is gone: asked after 10 silent seconds, and given up after 25
# (without, after two hours). Units: seconds, and milliseconds for the last.
# https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS
NETWORK = {
    "connect_timeout": "10",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "25000",
}

OUR_DRIVERS = {"postgresql": "postgresql+psycopg", "sqlite": "sqlite"}


def parsed_url(url: str) -> URL:
    """With the driver that we use, whichever it names. Raises DatabaseError."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as cause:  # the latter for a port that is no number
        raise DatabaseError(
            "CHORUS_DATABASE_URL is not an address: write sqlite:///chorus.db or postgresql://user@host/name."
        ) from cause
    if parsed.get_backend_name() == "sqlite" and parsed.database in (None, "", ":memory:"):
        raise DatabaseError("CHORUS_DATABASE_URL names no file: write sqlite:///chorus.db.")
    ours = OUR_DRIVERS.get(parsed.get_backend_name())
    return parsed.set(drivername=ours) if ours is not None else parsed


def file_of(parsed: URL) -> Path | None:
    """SQLite's; None for a server."""
    return Path(parsed.database or "") if parsed.get_backend_name() == "sqlite" else None


def engine_of(url: str, idle_limit: float, lock_limit: float) -> Engine:
    parsed = parsed_url(url)
    if parsed.get_backend_name() == "postgresql":
        engine = create_engine(
            parsed.set(query={**NETWORK, **parsed.query, "client_encoding": "utf8"}),  # else SQL_ASCII gives bytes
            pool_size=8,
            max_overflow=8,
            hide_parameters=True,
            json_deserializer=from_json,
        )
        event.listen(engine, "connect", _check_encoding)
        event.listen(engine, "connect", partial(_limit_waiting, idle_limit, lock_limit))
        event.listen(engine, "checkin", _note_when)
        event.listen(engine, "checkout", partial(_ask_whether_it_lives, engine))
        return engine
    if parsed.get_backend_name() == "sqlite":
        engine = _sqlite_engine(parsed)
        file = _File(Path(parsed.database or ""))
        event.listen(engine, "do_connect", file.before_connecting)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "connect", file.connected)
        event.listen(engine, "begin", file.check)
        event.listen(engine, "begin", _begin_immediate)
        return engine
    raise DatabaseError(f"CHORUS_DATABASE_URL names {parsed.get_backend_name()}; use sqlite or postgresql.")


def _sqlite_engine(parsed: URL) -> Engine:
    with warnings.catch_warnings():
        warnings.simplefilter("error", SAWarning)
        try:
            return create_engine(
                parsed,
                connect_args={"timeout": BUSY_WAIT, "check_same_thread": False},
                hide_parameters=True,
                json_deserializer=from_json,
            )
        except SAWarning as cause:
            raise DatabaseError(
                "CHORUS_DATABASE_URL asks for what SQLite does not know: write sqlite:///chorus.db."
            ) from cause


_CREATING = threading.Lock()  # so that nobody has connected before the one who made the file has closed it


class _File:
    """SQLite's, which is to stay the one that was opened first: nobody will find what is written to one that was moved
    or deleted, and a new one in its place would be empty."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._is_named = not str(path).startswith("file:")
        self._first: tuple[int, int] | None = None

    def before_connecting(self, *_of_event: Any) -> None:
        """A new file is its owner's alone to read, from before anything is in it. One that is there is never opened
        here: whoever closes a file loses all locks that its process has on it, those of SQLite's connections, too
        (https://sqlite.org/howtocorrupt.html, 2.2). Raises FileGone."""
        self.check()
        if self._is_named:
            with _CREATING, suppress(OSError):  # what cannot be made is for the first query to say
                os.close(os.open(self._path, os.O_CREAT | os.O_EXCL, 0o600))

    def connected(self, *_of_event: Any) -> None:
        """It is a file of SQLite's: from here on its owner's alone, with the two beside it, if it was there before."""
        if self._first is None and self._is_named:
            for beside in ("", "-wal", "-shm"):
                with suppress(OSError):
                    os.chmod(f"{self._path}{beside}", 0o600)
        self._first = self._first or self._now()

    def check(self, *_of_event: Any) -> None:
        """Raises FileGone."""
        if self._first is not None and self._first != self._now():
            raise FileGone(self._path.absolute())

    def _now(self) -> tuple[int, int] | None:
        try:
            found = os.stat(self._path) if self._is_named else None
        except OSError:
            return None
        return (found.st_dev, found.st_ino) if found is not None else None


def _check_encoding(connection: Any, _record: Any) -> None:
    """Raises WrongEncoding."""
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        raise WrongEncoding(encoding)


def _limit_waiting(idle: float, lock: float, connection: Any, _record: Any) -> None:
    connection.execute(f"SET idle_in_transaction_session_timeout = {round(idle * 1000)}")
    if lock:
        connection.execute(f"SET lock_timeout = {round(lock * 1000)}")
    connection.commit()  # else the pool would undo it


def _note_when(_connection: Any, record: ConnectionPoolEntry) -> None:
    record.info["left_at"] = monotonic()


def _ask_whether_it_lives(engine: Engine, connection: Any, record: ConnectionPoolEntry, _proxy: Any) -> None:
    """Before a connection that nobody had for a while is used again, so that nothing fails for a server that was
    restarted at night; `pool_pre_ping` would ask before each transaction. Raises InvalidatePoolError, upon which the
    pool opens another."""
    if monotonic() - record.info.get("left_at", inf) < SURE_FOR:
        return
    try:
        engine.dialect.do_ping(connection)
    except engine.dialect.loaded_dbapi.Error as cause:
        raise InvalidatePoolError from cause


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # ours to begin: see _begin_immediate
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _begin_immediate(connection: Any) -> None:
    # A plain BEGIN takes the write lock at its first write, where waiting is no longer possible.
    is_reading = connection.get_execution_options().get(READING, False)
    connection.exec_driver_sql("BEGIN" if is_reading else "BEGIN IMMEDIATE")
