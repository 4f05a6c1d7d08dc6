"""Where answers live while their round is open, and only then: a store of each round, which is erased as a whole.

Who is asked, whether they answered and what stand in one sealed row a person, found by HMAC(key, person): without the
key of the round a row tells nothing. Erasing is made so that it erases (`erase`):

- SQLite: a file a round, beside the main one. It is overwritten and unlinked with its log, whoever still reads it.
- PostgreSQL: two unlogged tables a round, which never enter `pg_wal`, archives or base backups, and are dropped. The
  key is made by the server, so that it stands in no statement that could be logged; autovacuum leaves the tables
  alone and ANALYZE learns nothing, for what it learns of a table's values it writes down elsewhere. A crash of the
  server empties unlogged tables: then the round's answers are lost, and `is_lost` says so.
"""

from __future__ import annotations

import hmac
import json
import os
import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    LargeBinary,
    MetaData,
    Table,
    insert,
    inspect,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import DBAPIError

from storage.base import batched
from storage.database import Database, DatabaseError
from storage.engines import READING

CANT_SAY, SKIPPED = 0, -1  # beside 1 (strongly disagree) … 5 (strongly agree); they leave the count
SCHEMA = "chorus_rounds"  # on PostgreSQL
KEY_BYTES, NONCE_BYTES = 32, 12
SIZE = 512  # bytes a sealed row is filled up to, so that its length tells little
BATCH = 500
MAKING = 0x9A111  # the advisory lock under which the schema is made
PATIENCE = "5s"  # for which a drop waits for whoever still reads
NO_TABLE = {"42P01", "3F000"}  # SQLSTATE: undefined table, undefined schema
MAKE_KEY = "sha256(convert_to(gen_random_uuid()::text || gen_random_uuid()::text || gen_random_uuid()::text, 'UTF8'))"


class RoundOver(Exception):
    """The round is closing, closed or unknown: nothing is taken any more."""


@dataclass(frozen=True, slots=True)
class Ballot:
    """What is known of one person in an open round. `ratings`: the asked statement's id → 1 to 5, or less for none."""

    person: int
    unit: int  # as at the opening; 0: none
    ratings: dict[int, int] = field(default_factory=dict)
    comment: str = ""
    language: str = ""
    has_answered: bool = False


class RoundStore:
    """Each call is a transaction of its own. Raises DatabaseError where there is no room or no right to write."""

    def __init__(self, database: Database) -> None:
        """`database`: the main one, beside which the stores stand. Nobody waits here for a connection of its pool."""
        self._url = database.engine.url
        self._is_sqlite = database.engine.dialect.name == "sqlite"
        self._files: dict[int, Database] = {}
        self._server: Database | None = None

    def close(self) -> None:
        for opened in [*self._files.values(), *([self._server] if self._server else [])]:
            opened.close()
        self._files.clear()
        self._server = None

    def check(self) -> None:
        """Whether a store can be made and erased: that of a round 0, which never is. Raises DatabaseError."""
        try:
            self.open(0)
            self.erase(0)
        except (DBAPIError, OSError) as cause:
            raise DatabaseError(f"The answers’ store cannot be erased: {type(cause).__name__}.") from cause

    def open(self, round_id: int) -> None:
        """Make the round's store and its key; one that is there already stays as it is."""
        tables = self._tables(round_id)
        try:
            with self._transaction(round_id, makes=True) as connection:
                if not self._is_sqlite:
                    connection.execute(text(f"SELECT pg_advisory_xact_lock({MAKING})"))
                    connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
                tables.keys.metadata.create_all(connection)
                if self._found(connection, tables) is None:
                    self._make_key(connection, tables)
        except DBAPIError as cause:
            raise DatabaseError(f"The answers’ store cannot be made: {type(cause.orig).__name__}.") from cause

    def is_lost(self, round_id: int) -> bool:
        """Whether the store of an open round is gone: erased, or emptied by a crash of PostgreSQL."""
        with suppress(RoundOver), self._transaction(round_id, writes=False) as connection:
            return self._found(connection, self._tables(round_id)) is None
        return True

    def invite(self, round_id: int, people: Iterable[tuple[int, int]]) -> None:
        """(person, unit) of those who may answer; who is there already stays as they are. Raises RoundOver."""
        tables = self._tables(round_id)
        with self._transaction(round_id) as connection:
            key = self._open_key(connection, tables)
            into = self._insert(tables.ballots).on_conflict_do_nothing()
            for part in batched(list(people), BATCH):
                connection.execute(into, [_row(key, Ballot(person, unit)) for person, unit in part])

    def put(self, round_id: int, ballots: Iterable[Ballot]) -> None:
        """Store these, in place of what there was of their people. Raises RoundOver."""
        tables = self._tables(round_id)
        with self._transaction(round_id) as connection:
            key = self._open_key(connection, tables)
            into = self._insert(tables.ballots)
            into = into.on_conflict_do_update(index_elements=["person"], set_={"sealed": into.excluded.sealed})
            for part in batched(list(ballots), BATCH):
                connection.execute(into, [_row(key, ballot) for ballot in part])

    def ballot(self, round_id: int, person: int) -> Ballot | None:
        """None where they are not asked. Raises RoundOver."""
        return next(iter(self.ballots(round_id, [person])), None)

    def ballots(self, round_id: int, people: Iterable[int]) -> list[Ballot]:
        """Of those of these people who are asked, in no order. Raises RoundOver."""
        tables = self._tables(round_id)
        with self._transaction(round_id, writes=False) as connection:
            key = self._open_key(connection, tables, lock=False)
            return [
                _opened(key, bytes(sealed))
                for part in batched(list(people), BATCH)
                for sealed in connection.scalars(
                    select(tables.ballots.c.sealed).where(
                        tables.ballots.c.person.in_([_named(key, person) for person in part])
                    )
                )
            ]

    def change(self, round_id: int, person: int, change: Callable[[Ballot], Ballot]) -> Ballot | None:
        """Replace a person's ballot by what `change` makes of it, whoever else does so at once; None where they are not
        asked. Raises RoundOver."""
        tables = self._tables(round_id)
        with self._transaction(round_id) as connection:
            key = self._open_key(connection, tables)
            mine = tables.ballots.c.person == _named(key, person)
            sealed = connection.scalar(select(tables.ballots.c.sealed).where(mine).with_for_update())
            if sealed is None:
                return None
            changed = change(_opened(key, bytes(sealed)))
            connection.execute(update(tables.ballots).where(mine).values(sealed=_sealed(key, changed)))
            return changed

    def rate(self, round_id: int, person: int, asked: int, value: int) -> Ballot | None:
        """Take what a person says to one statement; the last one counts. As `change`."""
        return self.change(
            round_id,
            person,
            lambda ballot: replace(
                ballot,
                ratings={**ballot.ratings, asked: value},
                has_answered=ballot.has_answered or value != SKIPPED,
            ),
        )

    def comment(self, round_id: int, person: int, words: str, language: str) -> Ballot | None:
        """Take what a person writes; the last one counts. As `change`."""
        return self.change(
            round_id, person, lambda ballot: replace(ballot, comment=words, language=language, has_answered=True)
        )

    def take_back(self, round_id: int, person: int) -> None:
        """Erase what a person said; they may answer again. Raises RoundOver."""
        self.change(round_id, person, lambda ballot: Ballot(ballot.person, ballot.unit))

    def everybody(self, round_id: int) -> list[Ballot]:
        """In the order of keys, which tells nothing, also once it is shut. Raises RoundOver where the store is gone."""
        tables = self._tables(round_id)
        with self._transaction(round_id, writes=False) as connection:
            found = self._found(connection, tables)
            if found is None:
                raise RoundOver
            rows = connection.scalars(select(tables.ballots.c.sealed).order_by(tables.ballots.c.person))
            return [_opened(found[0], bytes(sealed)) for sealed in rows]

    def shut(self, round_id: int) -> None:
        """Take nothing more: what is counted after this is what is there for good. Raises RoundOver."""
        tables = self._tables(round_id)
        with self._transaction(round_id) as connection:
            if self._found(connection, tables) is None:
                raise RoundOver
            connection.execute(update(tables.keys).values(is_shut=True))

    def drawn_once(self, round_id: int, draw: Callable[[], str]) -> str:
        """What `draw` returns at its first call, ever after: a close that fails and is done again releases the same,
        for a second draw of the same sums would tell more. Raises RoundOver where the store is gone."""
        tables = self._tables(round_id)
        with self._transaction(round_id) as connection:
            row = connection.execute(select(tables.keys.c.key, tables.keys.c.drawn).with_for_update()).first()
            if row is None:
                raise RoundOver
            key, kept = bytes(row[0]), row[1]
            if kept is not None:
                return _unsealed(key, bytes(kept)).decode()
            drawn = draw()
            connection.execute(update(tables.keys).values(drawn=_with_seal(key, drawn.encode())))
        return drawn

    def erase(self, round_id: int) -> bool:
        """Leave no byte of the round. Done again, it does nothing. False where somebody still reads it, on PostgreSQL:
        then it is to be done again."""
        if self._is_sqlite:
            self._forget_file(round_id)
            for ending in ("-journal", "-wal", "-shm", ""):  # the file itself last: it says that there is a store
                _overwrite(Path(f"{self._file(round_id)}{ending}"))
            return True
        try:
            with self._database(round_id).engine.begin() as connection:
                connection.execute(text(f"SET LOCAL lock_timeout = '{PATIENCE}'"))
                self._tables(round_id).keys.metadata.drop_all(connection)
        except DBAPIError as cause:
            if getattr(cause.orig, "sqlstate", "") != "55P03":  # lock not available
                raise
            return False
        return True

    def rounds(self) -> list[int]:
        """Those of which there is a store."""
        if self._is_sqlite:
            named = self._file(0).name.removesuffix("0.db")
            return sorted(int(file.stem.rpartition("-")[2]) for file in self._file(0).parent.glob(f"{named}[0-9]*.db"))
        names = inspect(self._database(0).engine).get_table_names(SCHEMA)
        return sorted({int(name.split("_")[1]) for name in names})

    def _make_key(self, connection: Connection, tables: _Tables) -> None:
        if self._is_sqlite:
            connection.execute(insert(tables.keys).values(key=secrets.token_bytes(KEY_BYTES), is_shut=False))
            return
        connection.execute(text(f"INSERT INTO {tables.keys.fullname} (key, is_shut) SELECT {MAKE_KEY}, FALSE"))
        for table in (tables.keys, tables.ballots):
            connection.execute(text(f"ALTER TABLE {table.fullname} SET (autovacuum_enabled = false)"))
            for column in table.columns:
                connection.execute(text(f"ALTER TABLE {table.fullname} ALTER {column.name} SET STATISTICS 0"))

    def _insert(self, table: Table) -> Any:
        return (sqlite_insert if self._is_sqlite else pg_insert)(table)

    def _tables(self, round_id: int) -> _Tables:
        return _tables(None if self._is_sqlite else SCHEMA, round_id)

    def _file(self, round_id: int) -> Path:
        path = Path(self._url.database or "chorus.db")
        return path.with_name(f"{path.name.removesuffix('.db')}-round-{round_id:d}.db")

    @contextmanager
    def _transaction(self, round_id: int, *, makes: bool = False, writes: bool = True) -> Iterator[Connection]:
        """Raises RoundOver where the store is gone."""
        if self._is_sqlite and not makes and not self._file(round_id).exists():
            self._forget_file(round_id)
            raise RoundOver
        engine = self._database(round_id).engine
        try:
            with engine.execution_options(**{READING: not writes}).begin() as connection:
                yield connection
        except DBAPIError as cause:
            if makes or not _is_no_table(cause):
                raise
            raise RoundOver from None

    def _database(self, round_id: int) -> Database:
        if not self._is_sqlite:
            self._server = self._server or Database(self._url.render_as_string(hide_password=False))
            return self._server
        if round_id not in self._files:
            self._files[round_id] = Database(f"sqlite:///{self._file(round_id)}")
        return self._files[round_id]

    def _forget_file(self, round_id: int) -> None:
        if (opened := self._files.pop(round_id, None)) is not None:
            opened.close()

    def _open_key(self, connection: Connection, tables: _Tables, *, lock: bool = True) -> bytes:
        """Whoever shuts the round waits for a transaction that locks. Raises RoundOver."""
        found = self._found(connection, tables, lock=lock)
        if found is None or found[1]:
            raise RoundOver
        return found[0]

    def _found(self, connection: Connection, tables: _Tables, *, lock: bool = False) -> tuple[bytes, bool] | None:
        """The key, and whether the round is shut."""
        asked = select(tables.keys.c.key, tables.keys.c.is_shut)
        row = connection.execute(asked.with_for_update(read=True) if lock else asked).first()
        return (bytes(row[0]), bool(row[1])) if row else None


@dataclass(frozen=True, slots=True)
class _Tables:
    """Of one round."""

    keys: Table
    ballots: Table


def _tables(schema: str | None, round_id: int) -> _Tables:
    metadata, prefix = MetaData(schema), f"round_{round_id:d}"
    unlogged = ["UNLOGGED"] if schema else []
    keys = Table(
        f"{prefix}_key",
        metadata,
        Column("key", LargeBinary, nullable=False),
        Column("is_shut", Boolean, nullable=False),
        Column("drawn", LargeBinary),  # what is released, from the draw on until the close is committed
        prefixes=unlogged,
    )
    ballots = Table(
        f"{prefix}_ballots",
        metadata,
        Column("person", LargeBinary, primary_key=True),
        Column("sealed", LargeBinary, nullable=False),
        prefixes=unlogged,
    )
    return _Tables(keys, ballots)


def _is_no_table(cause: DBAPIError) -> bool:
    return getattr(cause.orig, "sqlstate", None) in NO_TABLE or str(cause.orig).startswith("no such table")


def _overwrite(path: Path) -> None:
    """Zeros first: whoever still has the file open keeps its bytes, and is to find none in them."""
    with suppress(FileNotFoundError):
        with path.open("r+b") as file:
            file.write(bytes(path.stat().st_size))
            file.flush()
            os.fsync(file.fileno())
        path.unlink()


def _named(key: bytes, person: int) -> bytes:
    return hmac.new(key, b"person:%d" % person, sha256).digest()


def _row(key: bytes, ballot: Ballot) -> dict[str, bytes]:
    return {"person": _named(key, ballot.person), "sealed": _sealed(key, ballot)}


def _sealed(key: bytes, ballot: Ballot) -> bytes:
    plain = json.dumps(asdict(ballot), ensure_ascii=False).encode()
    return _with_seal(key, plain + b" " * (-len(plain) % SIZE))


def _with_seal(key: bytes, plain: bytes) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, None)


def _unsealed(key: bytes, sealed: bytes) -> bytes:
    return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], None)


def _opened(key: bytes, sealed: bytes) -> Ballot:
    kept: dict[str, Any] = json.loads(_unsealed(key, sealed))
    return Ballot(**{**kept, "ratings": {int(asked): value for asked, value in kept["ratings"].items()}})
