"""What a database says where it cannot do its work: whether the same work may succeed later, and what is to be done."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

DAMAGE = ("malformed", "not a database")
DISK_FULL = "The disk of the database is full. Make room; nothing else need be done."
READ_ONLY = "The database is read-only. Let Chorus write to it; nothing else need be done."
# What SQLite says, and what is to be done about it.
FAULTS = {
    "is full": DISK_FULL,
    "readonly": "The database is read-only. Let Chorus write to the file and its folder; nothing else need be done.",
    "malformed": "The database file is damaged. Stop Chorus and restore a backup: see docs/operations.md.",
    "not a database": "The file is no SQLite database: does CHORUS_DATABASE_URL name the right one? If it does, the "
    "file is damaged: stop Chorus and restore a backup, see docs/operations.md.",
    "is locked": "Something else holds the database's lock. It goes on by itself once that lets go.",
    "disk I/O error": "The disk of the database does not do its work. See to the disk; nothing else need be done.",
    "unable to open": "The database file cannot be opened. See to its folder; nothing else need be done.",
}
PG_OUTAGES = {"08", "53", "57", "58"}  # classes of SQLSTATE: connection, resources, operator, system
# What PostgreSQL, or its client, says where no connection comes about, and what is to be done about it.
REFUSALS = {
    **dict.fromkeys(
        ("invalid connection option", "invalid port number", " value: ", " for connection option", "bad value for"),
        "CHORUS_DATABASE_URL has an option that PostgreSQL does not know, or a value that it does not take.",
    ),
    "certificate file": "A certificate that CHORUS_DATABASE_URL asks for is not there, or may not be read.",
    "does not support SSL": "CHORUS_DATABASE_URL asks for encryption, which the server does not have: see to sslmode, "
    "or to the server.",
    **dict.fromkeys(
        ("too many clients", "remaining connection slots", "too many connections"),
        "The server takes no more connections: run fewer processes, or raise its max_connections.",
    ),
    "does not exist": "The server answers, and has no such database or user: make it, or name another in "
    "CHORUS_DATABASE_URL.",
    **dict.fromkeys(
        ("authentication failed", "no pg_hba.conf entry", "permission denied", "no password supplied"),
        "The server answers, and does not let Chorus in: see to the user and the password in CHORUS_DATABASE_URL.",
    ),
    **dict.fromkeys(
        ("refused", "No such file", "timeout expired", "could not translate host name", "failed to resolve host"),
        "Nothing answers at that address: see whether the server runs, and to CHORUS_DATABASE_URL.",
    ),
    "No space left": DISK_FULL,
    "read-only transaction": READ_ONLY,
    "lock timeout": "Something else holds locks in the database. It goes on by itself once that lets go.",
}
SILENT = "The database does not answer: it stands still, or has too much to do. Chorus goes on once it answers."
PG_NAMES_OR_RIGHTS = "42"  # class of SQLSTATE
PG_LOCKED = "55P03"  # a lock was waited for longer than the connection or the transaction may
PG_READ_ONLY = "25006"  # as of a server that has become a standby
TAKES_NOTHING = {"53100": DISK_FULL, PG_READ_ONLY: READ_ONLY}  # SQLSTATE
PG_IDLE = "25P03"  # PostgreSQL ended a transaction in which nothing was asked for longer than IDLE_LIMIT


class DatabaseError(Exception):
    """The database cannot be used as it stands; the message says what to do."""


class Unavailable(Exception):
    """The database cannot be used now; the message says what to do. Nothing of what was asked of it was stored."""


class NoAnswer(Unavailable):
    """It did not answer in time. What was asked of it was not stored, and will not be."""

    def __init__(self) -> None:
        super().__init__(SILENT)


class FileGone(Unavailable):
    """SQLite's file is no longer where it was opened."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"The database file {path} was moved, deleted or replaced while Chorus runs: put it back, or restart "
            "Chorus if the one that is there now is the right one."
        )


class WrongEncoding(Unavailable):
    """PostgreSQL's database was made for fewer letters than people write."""

    def __init__(self, encoding: str) -> None:
        super().__init__(
            f"The database holds text as {encoding}, which lacks letters that people write. Make one with all of them, "
            "and name it in CHORUS_DATABASE_URL: CREATE DATABASE chorus ENCODING 'UTF8' TEMPLATE template0."
        )


def is_conflict(error: BaseException) -> bool:
    """Whether two transactions conflicted, so that the same work will succeed when retried."""
    if isinstance(error, IntegrityError):
        return True
    state = getattr(getattr(error, "orig", None), "sqlstate", None)
    return isinstance(error, DBAPIError) and state in {"40001", "40P01"}  # serialisation, deadlock


def is_outage(error: BaseException) -> bool:
    """Whether the database itself was unavailable, whatever the statement."""
    if isinstance(error, Unavailable | PoolTimeout):
        return True
    if not isinstance(error, DBAPIError) or is_conflict(error):
        return False
    state = getattr(error.orig, "sqlstate", None)
    if state:
        return state[:2] in PG_OUTAGES or state in (PG_IDLE, PG_LOCKED, PG_READ_ONLY)
    is_unreachable = isinstance(error, OperationalError | InterfaceError) and _is_of_postgresql(error)
    return is_unreachable or any(sign in str(error.orig) for sign in FAULTS)


def shortly(fault: BaseException) -> str:
    """The kind of fault; where the database lacks something, or does not let us have it, also what: such a sentence
    names tables and columns, and holds nothing of what was asked."""
    name = type(fault).__name__
    if not isinstance(fault, DBAPIError):
        return name
    said = (str(fault.orig).splitlines() or [""])[0]
    is_about_tables = (getattr(fault.orig, "sqlstate", None) or "").startswith(PG_NAMES_OR_RIGHTS)
    return f"{name}: {said}" if is_about_tables or said.startswith("no such ") else name


def what_to_do(cause: DBAPIError | PoolTimeout | Unavailable, fault: str) -> str:
    """A sentence for whoever runs it; nothing of what was asked of the database is in it."""
    if isinstance(cause, Unavailable):
        return str(cause)
    if isinstance(cause, PoolTimeout):  # every connection waits for an answer
        return SILENT
    said = str(cause.orig)
    for sign, sentence in (REFUSALS if _is_of_postgresql(cause) else FAULTS).items():
        if sign in said:
            return sentence
    return f"The database {fault}: {type(cause.orig).__name__}."


def in_words(fault: BaseException) -> str | None:
    """What to do where the database itself was unavailable; None for anything else."""
    if is_outage(fault) and isinstance(fault, DBAPIError | PoolTimeout | Unavailable):
        return what_to_do(fault, "does not answer")
    return None


def _is_of_postgresql(fault: DBAPIError) -> bool:
    return "psycopg" in type(fault.orig).__module__
