"""The engine and the unit of work: one transaction an event, on SQLite and PostgreSQL alike."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

import structlog
from sqlalchemy import Connection, Engine, event, inspect, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session as Session

from storage.database_faults import DAMAGE, FAULTS, PG_LOCKED, TAKES_NOTHING, Unavailable, what_to_do
from storage.database_faults import DatabaseError as DatabaseError
from storage.engines import BUSY_WAIT, IDLE_LIMIT, READING, engine_of, file_of, parsed_url

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"
ALEMBIC = "alembic_version"
MIGRATIONS_LOCK = 5_843_017_201  # the number of an advisory lock, ours alone
ROOM = 2048  # characters: for less, a full disk may still have room in a page
REFUSAL_STANDS = 10.0  # seconds for which a database counts as full, or read-only, after it has said so
TOLD_FOR = 600.0  # seconds without such a refusal after which the next is told again
T = TypeVar("T")

log = structlog.get_logger()


def reading(engine: Engine) -> Connection:
    """A connection that only reads: it keeps nobody from writing, on SQLite neither."""
    return engine.connect().execution_options(**{READING: True})


def _named_file(url: str) -> Path | None:
    """SQLite's; None for a server. Raises DatabaseError."""
    file = file_of(parsed_url(url))
    if file is not None and file.is_dir():
        raise DatabaseError(f"{file.absolute()} is a folder: name a file in CHORUS_DATABASE_URL.")
    return file


def overwrite_deleted(session: Session) -> None:
    """Have what this connection deletes from now on overwritten in SQLite's file, not only given free."""
    if session.get_bind().dialect.name == "sqlite":
        session.connection().exec_driver_sql("PRAGMA secure_delete=ON")


def keep_loaded(session: Session, rows: object) -> None:
    """Keep these rows in the session until its transaction ends; it drops rows that nothing references."""
    session.info.setdefault("kept", []).append(rows)


# Without which nothing is heard or sent.
BUSY_TABLES = ("worker_leases", "rate_limits", "deliveries", "handled_events", "workspaces", "employees", "runs")


class Database:
    """The app's one database.

    `one_writer` tells the executor to run its turns on a single thread: SQLite has one writer anyway, and its
    busy wait is unfair among threads. PostgreSQL has a pool.
    """

    def __init__(self, url: str, *, idle_limit: float = IDLE_LIMIT, lock_limit: float = 0.0) -> None:
        """Seconds after which PostgreSQL ends a transaction in which nothing is asked, and a statement that waits for
        somebody else's lock (0: never)."""
        self.engine = engine_of(url, idle_limit, lock_limit)
        self._damage = ""  # what to do about it, once a statement told of it
        self._refused: tuple[float, str] | None = None  # when PostgreSQL last took nothing (monotonic clock), and why
        event.listen(self.engine, "handle_error", self._note_fault)
        self.one_writer = self.engine.dialect.name == "sqlite"

    @staticmethod
    def is_there(url: str) -> bool:
        """Whether a SQLite file is there, which would be made otherwise; of a server nothing is known yet. Raises
        DatabaseError for what is no address, and for a folder."""
        file = _named_file(url)
        return file is None or file.is_file()

    @staticmethod
    def check_folder(url: str) -> None:
        """Raises DatabaseError where the folder of a SQLite file is not there, or for what is no address."""
        file = _named_file(url)
        if file is not None and not file.parent.is_dir():
            raise DatabaseError(
                f"There is no folder {file.absolute().parent}: make it, or name another in CHORUS_DATABASE_URL."
            )

    @property
    def engine_url(self) -> str:
        """The address with its password."""
        return self.engine.url.render_as_string(hide_password=False)

    @property
    def shared_url(self) -> str:
        """The same for the engine that shares the database: where SQLite's file is gone, it makes no other.
        https://www.sqlite.org/uri.html"""
        if not self.one_writer:
            return self.engine_url
        return f"sqlite:///file:{quote(str(self.engine.url.database))}?mode=rw&uri=true"

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """One unit of work: committed whole at the end, rolled back whole on any error."""
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    def run(self, work: Callable[[Session], T]) -> T:
        """The result of `work`, run in a transaction of its own."""
        with self.transaction() as session:
            return work(session)

    def ping(self) -> None:
        """Raises DatabaseError when the database does not answer, or is known to be damaged."""
        self._raise_known_fault()
        with self._answering() as connection:
            connection.execute(text("SELECT 1"))

    def check_whole(self) -> None:
        """Reads SQLite's whole file, some seconds a gigabyte: `ping` sees damage only where it looks. Raises
        DatabaseError. PostgreSQL sees to its own pages."""
        if self.one_writer:
            with self._answering() as connection:
                if connection.execute(text("PRAGMA quick_check(1)")).scalar() != "ok":
                    raise DatabaseError(FAULTS["malformed"])

    def _note_fault(self, context: Any) -> None:
        if self.one_writer and (sign := next((sign for sign in DAMAGE if sign in str(context.original_exception)), "")):
            self._damage = FAULTS[sign]
        if why := TAKES_NOTHING.get(getattr(context.original_exception, "sqlstate", None) or ""):
            now = time.monotonic()
            if self._refused is None or now - self._refused[0] > TOLD_FOR:
                log.warning("nothing can be stored", fault=why)
            self._refused = (now, why)

    def _raise_known_fault(self) -> None:
        """A damaged file has whole pages, and a full disk room in some: that these can be read, or written to, says
        nothing."""
        if self._damage:
            raise DatabaseError(self._damage)
        if self._refused is not None and time.monotonic() - self._refused[0] < REFUSAL_STANDS:
            raise DatabaseError(self._refused[1])

    @contextmanager
    def _answering(self) -> Iterator[Connection]:
        """A connection for what is only read. Raises DatabaseError where the database does not answer."""
        try:
            with reading(self.engine) as connection:
                yield connection
        except (DBAPIError, PoolTimeout, Unavailable) as cause:
            raise DatabaseError(what_to_do(cause, "does not answer")) from cause

    def check_writable(self, *, wait: float = BUSY_WAIT) -> None:
        """Raises DatabaseError when nothing can be stored: the disk is full, the file read-only, damaged, or it, or a
        busy table, locked by somebody else for `wait` seconds."""
        self._raise_known_fault()
        try:
            with self._waiting(wait) as connection:
                if not self.one_writer:
                    _check_locks(connection)
                trial = {"bucket": " " * ROOM}
                connection.execute(
                    text("INSERT INTO rate_limits (bucket, free_at, paused_until) VALUES (:bucket, 0, 0)"), trial
                )
                connection.execute(text("DELETE FROM rate_limits WHERE bucket = :bucket"), trial)
        except (DBAPIError, PoolTimeout, Unavailable) as cause:
            raise DatabaseError(what_to_do(cause, "cannot be written to")) from cause

    @contextmanager
    def _waiting(self, seconds: float) -> Iterator[Connection]:
        """A transaction that waits for so long for another writer."""
        with self.engine.connect() as connection:
            sqlite = connection.connection.driver_connection if self.one_writer else None
            if sqlite is not None:
                sqlite.execute(f"PRAGMA busy_timeout={round(seconds * 1000)}")
            try:
                with connection.begin():
                    if sqlite is None:
                        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {round(seconds * 1000)}")
                    yield connection
            finally:
                if sqlite is not None and not connection.invalidated:
                    sqlite.execute(f"PRAGMA busy_timeout={round(BUSY_WAIT * 1000)}")

    def upgrade(self, revision: str = "head") -> list[str]:
        """Bring the tables up to date, and tell which migrations that took. A newer schema that works with this version
        stays as it is. Raises DatabaseError where it does not."""
        from alembic import command

        if not self.pending_migrations():
            return []
        with self._migrating() as connection:
            waiting = self.pending_migrations()  # still: another process may have run them meanwhile
            if waiting:
                command.upgrade(self._alembic(connection), revision)
            return waiting

    def downgrade(self, revision: str) -> None:
        """Take the schema back to that revision, or to "base". Raises DatabaseError for one that there is not."""
        from alembic import command

        self.check_way_back(revision)
        with self._migrating() as connection:
            command.downgrade(self._alembic(connection), revision)

    def check_way_back(self, revision: str) -> None:
        """Raises DatabaseError where the schema cannot be taken back to that revision."""
        if revision not in ("base", *_revisions()):
            raise DatabaseError(f"There is no revision {revision}: the newest is {_revisions()[-1]}.")
        current = self.revision()
        if current is None or (revision != "base" and revision > current):
            raise DatabaseError(f"The database is at {current or 'no revision'}: there is no way back to {revision}.")

    @contextmanager
    def _migrating(self) -> Iterator[Connection]:
        """SQLite changes a table by making it anew, which rows that refer to it would forbid: it looks at them when all
        is done. Raises DatabaseError where one then refers to nothing."""
        with self._alone(), self.engine.connect() as connection:
            sqlite = connection.connection.driver_connection if self.one_writer else None
            if sqlite is not None:
                sqlite.execute("PRAGMA foreign_keys=OFF")  # outside of any transaction, else it does nothing
            try:
                yield connection
                if sqlite is not None and (lost := sqlite.execute("PRAGMA foreign_key_check").fetchone()):
                    raise DatabaseError(f"The migration lost what {lost[0]} refers to in {lost[2]}.")
                connection.commit()
            finally:
                connection.rollback()
                if sqlite is not None:
                    sqlite.execute("PRAGMA foreign_keys=ON")

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keeps other migrations of this database waiting. Asked for again and again: an index that is made beside
        writers waits for every statement that is under way, also for one that waits."""
        if self.one_writer:
            yield
            return
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            while not connection.scalar(text(f"SELECT pg_try_advisory_lock({MIGRATIONS_LOCK})")):
                time.sleep(0.3)
            try:
                yield
            finally:
                connection.execute(text(f"SELECT pg_advisory_unlock({MIGRATIONS_LOCK})"))

    def pending_migrations(self) -> list[str]:
        """Revisions that the database lacks, oldest first; none where a newer version has upgraded it and says that it
        works with this one. Raises DatabaseError."""
        with self._answering() as connection:
            return _pending(connection, _revision_of(connection))

    def check_schema(self, session: Session) -> None:
        """Raises DatabaseError where the tables are no longer such that this version works with them."""
        connection = session.connection()
        current = _revision_of(connection)
        if waiting := _pending(connection, current):
            raise DatabaseError(
                f"The database was taken back to schema {current or 'nothing'}, and this version needs {waiting[-1]}: "
                "run `chorus db upgrade`, or start the version that it was taken back for."
            )

    def newer_schema(self) -> str | None:
        """The revision, where a newer version has upgraded the tables; else None. Raises DatabaseError."""
        current = self.revision()
        return current if current is not None and current > _revisions()[-1] else None

    def revision(self) -> str | None:
        """Of the schema as it stands; None where no migration was ever run. Raises DatabaseError."""
        with self._answering() as connection:
            return _revision_of(connection)

    def has_tables(self) -> bool:
        """Whether anything is in it, of Chorus or not. Raises DatabaseError."""
        with self._answering() as connection:
            return bool(inspect(connection).get_table_names())

    def optimize(self) -> None:
        """Let SQLite look at tables that changed much, so that it plans well (sqlite.org/lang_analyze.html);
        PostgreSQL does so by itself."""
        if self.one_writer:
            with self.engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA analysis_limit=400")
                connection.exec_driver_sql("PRAGMA optimize")
                connection.commit()

    def scrub(self) -> None:
        """Have what was erased leave SQLite's files, also the log of what is written ahead, unless somebody reads it at
        that moment. PostgreSQL writes over it in its own time."""
        if self.one_writer:
            with self.engine.connect().execution_options(**{READING: True}) as connection:
                connection.exec_driver_sql("COMMIT")
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
                connection.exec_driver_sql("BEGIN")

    def close(self) -> None:
        self.engine.dispose()

    def _alembic(self, connection: Any) -> Config:
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        return config


@cache
def _revisions() -> list[str]:
    """Of the schema, as this version knows it, oldest first: what the names of the migrations begin with. Each is
    later in the alphabet than the ones before."""
    return sorted(file.name.partition("_")[0] for file in (MIGRATIONS / "versions").glob("[0-9]*_*.py"))


def _pending(connection: Connection, current: str | None) -> list[str]:
    """What a database at the revision `current` lacks. Raises DatabaseError where a newer version upgraded it so that
    this one works with it no longer."""
    known = _revisions()
    if current is not None and current not in known:
        works_from = str(connection.scalar(text("SELECT works_from FROM schema_compatibility")))
        if works_from > known[-1]:
            raise DatabaseError(
                f"The database was upgraded by a newer version of Chorus (schema {current}); this one "
                f"(schema {known[-1]}) does not work with it any more: see docs/upgrading.md."
            )
        return []
    return [revision for revision in known if current is None or revision > current]


def _revision_of(connection: Connection) -> str | None:
    """Of the tables as they stand; None where no migration was ever run. Read without alembic, which takes a quarter
    of a second to import: every command asks. Raises DatabaseError where a restore did not end."""
    if not inspect(connection).has_table(ALEMBIC):
        return None
    found = connection.scalar(text(f"SELECT version_num FROM {ALEMBIC}"))  # noqa: S608
    if found is None and inspect(connection).has_table("deliveries"):
        raise DatabaseError("A restore into this database did not end: restore into a new one.")
    return None if found is None else str(found)


def _check_locks(connection: Connection) -> None:
    """Raises DatabaseError where somebody else's lock on a busy table keeps out whoever writes there."""
    for table in BUSY_TABLES:
        try:
            connection.exec_driver_sql(f"LOCK TABLE {table} IN ROW EXCLUSIVE MODE")
        except OperationalError as cause:
            if getattr(cause.orig, "sqlstate", "") != PG_LOCKED:
                raise
            raise DatabaseError(
                f"Something else holds a lock on the table {table}. Chorus goes on once that lets go."
            ) from cause
