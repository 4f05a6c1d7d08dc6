"""Where answers live while their round is open, and only then: a store of each round, which is erased as a whole.

Who is asked, whether they answered and what stand in one sealed row a person, found by HMAC(key, person): without the
key of the round a row tells nothing. Erasing is made so that it erases (`erase`):

- SQLite: a file a round, beside the main one. It is unlinked with its log, whoever still reads it.
- PostgreSQL: two unlogged tables a round, which never enter `pg_wal`, archives or base backups, and are dropped.
  Autovacuum leaves them alone, for what it learns of a table's values it writes down elsewhere. A crash of the server
  empties unlogged tables: then the round's answers are lost, and `is_lost` says so.
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

SCHEMA = "chorus_rounds"
KEY_BYTES, NONCE_BYTES = 32, 12
SIZE = 512  # bytes a sealed row is filled up to, so that its length tells little
BATCH = 500
MAKING = 0x9A111  # the advisory lock under which the schema is made


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
        """`database`: the main one, beside which the stores stand."""
        self._main = database
        self._is_sqlite = database.engine.dialect.name == "sqlite"
        self._files: dict[int, Database] = {}

    def close(self) -> None:
        for opened in self._files.values():
            opened.close()
        self._files.clear()

    def open(self, round_id: int) -> None:
        """Make the round's store and its key; one that is there already stays as it is."""
        tables = self._tables(round_id)
        try:
            with self._transaction(round_id, makes=True) as connection:
                if not self._is_sqlite:
                    connection.execute(text(f"SELECT pg_advisory_xact_lock({MAKING})"))
                    connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
                if self._found(connection, tables) is None:
                    tables.keys.metadata.create_all(connection)
                    if not self._is_sqlite:
                        for table in (tables.keys, tables.ballots):
                            connection.execute(text(f"ALTER TABLE {table.fullname} SET (autovacuum_enabled = false)"))
                    fresh = {"key": secrets.token_bytes(KEY_BYTES), "is_shut": False}
                    connection.execute(insert(tables.keys).values(fresh))
        except DBAPIError as cause:
            raise DatabaseError(f"The answers’ store cannot be made: {type(cause.orig).__name__}.") from cause

    def is_lost(self, round_id: int) -> bool:
        """Whether the store of an open round is gone: erased, or emptied by a crash of PostgreSQL."""
        with suppress(RoundOver), self._transaction(round_id) as connection:
            return self._found(connection, self._tables(round_id)) is None
        return True

    def invite(self, round_id: int, people: Iterable[tuple[int, int]]) -> None:
        """(person, unit) of those who may answer; who is there already stays as they are. Raises RoundOver."""
        tables = self._tables(round_id)
        with self._transaction(round_id) as connection:
            key = self._open_key(connection, tables)
            into = (sqlite_insert if self._is_sqlite else pg_insert)(tables.ballots).on_conflict_do_nothing()
            for part in batched(list(people), BATCH):
                connection.execute(
                    into,
                    [{"person": _named(key, one), "sealed": _sealed(key, Ballot(one, unit))} for one, unit in part],
                )

    def ballot(self, round_id: int, person: int) -> Ballot | None:
        """None where they are not asked, and once the round is over."""
        tables = self._tables(round_id)
        with suppress(RoundOver), self._transaction(round_id) as connection:
            if (found := self._found(connection, tables)) is not None:
                return _read(connection, tables, found[0], person)
        return None

    def change(self, round_id: int, person: int, change: Callable[[Ballot], Ballot]) -> Ballot | None:
        """Replace a person's ballot by what `change` makes of it, whoever else does so at once; None where they are not
        asked. Raises RoundOver."""
        tables = self._tables(round_id)
        with self._transaction(round_id) as connection:
            key = self._open_key(connection, tables)
            found = _read(connection, tables, key, person, lock=True)
            if found is None:
                return None
            changed = change(found)
            connection.execute(
                update(tables.ballots)
                .where(tables.ballots.c.person == _named(key, person))
                .values(sealed=_sealed(key, changed))
            )
            return changed

    def rate(self, round_id: int, person: int, asked: int, value: int, *, counts: bool) -> Ballot | None:
        """The last one counts. `counts`: it is an answer, not a statement skipped."""
        return self.change(
            round_id,
            person,
            lambda ballot: replace(
                ballot, ratings={**ballot.ratings, asked: value}, has_answered=ballot.has_answered or counts
            ),
        )

    def take_back(self, round_id: int, person: int) -> None:
        """Erase what a person said; they may answer again."""
        self.change(round_id, person, lambda ballot: Ballot(ballot.person, ballot.unit))

    def everybody(self, round_id: int) -> Iterator[Ballot]:
        """In the order of keys, which tells nothing. Nothing where the store is gone."""
        tables = self._tables(round_id)
        with suppress(RoundOver), self._transaction(round_id) as connection:
            if (found := self._found(connection, tables)) is not None:
                for sealed in connection.scalars(select(tables.ballots.c.sealed).order_by(tables.ballots.c.person)):
                    yield _opened(found[0], bytes(sealed))

    def shut(self, round_id: int) -> None:
        """Take nothing more: what is counted after this is what is there for good. Raises RoundOver."""
        tables = self._tables(round_id)
        with self._transaction(round_id) as connection:
            if self._found(connection, tables) is None:
                raise RoundOver
            connection.execute(update(tables.keys).values(is_shut=True))

    def erase(self, round_id: int) -> None:
        """Leave no byte of the round. Done again, it does nothing."""
        if not self._is_sqlite:
            with self._main.engine.begin() as connection:
                self._tables(round_id).keys.metadata.drop_all(connection)
            return
        if (opened := self._files.pop(round_id, None)) is not None:
            opened.close()
        for ending in ("", "-wal", "-shm", "-journal"):
            Path(f"{self._file(round_id)}{ending}").unlink(missing_ok=True)

    def rounds(self) -> list[int]:
        """Those of which there is a store."""
        if self._is_sqlite:
            named = self._file(0).name.removesuffix("0.db")
            return sorted(int(file.stem.rpartition("-")[2]) for file in self._file(0).parent.glob(f"{named}[0-9]*.db"))
        return sorted({int(name.split("_")[1]) for name in inspect(self._main.engine).get_table_names(SCHEMA)})

    def _tables(self, round_id: int) -> _Tables:
        return _tables(None if self._is_sqlite else SCHEMA, round_id)

    def _file(self, round_id: int) -> Path:
        path = Path(self._main.engine.url.database or "chorus.db")
        return path.with_name(f"{path.name.removesuffix('.db')}-round-{round_id:d}.db")

    @contextmanager
    def _transaction(self, round_id: int, *, makes: bool = False) -> Iterator[Connection]:
        """Raises RoundOver where the store's file is gone."""
        if self._is_sqlite and not makes and not self._file(round_id).exists():
            raise RoundOver
        database = self._of_file(round_id) if self._is_sqlite else self._main
        with database.engine.begin() as connection:
            yield connection

    def _of_file(self, round_id: int) -> Database:
        if round_id not in self._files:
            self._files[round_id] = Database(f"sqlite:///{self._file(round_id)}")
        return self._files[round_id]

    def _open_key(self, connection: Connection, tables: _Tables) -> bytes:
        """Whoever shuts the round waits for this transaction. Raises RoundOver."""
        found = self._found(connection, tables, lock=True)
        if found is None or found[1]:
            raise RoundOver
        return found[0]

    def _found(self, connection: Connection, tables: _Tables, *, lock: bool = False) -> tuple[bytes, bool] | None:
        """The key, and whether the round is shut."""
        if not inspect(connection).has_table(tables.keys.name, tables.keys.schema):
            return None
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


def _read(connection: Connection, tables: _Tables, key: bytes, person: int, *, lock: bool = False) -> Ballot | None:
    asked = select(tables.ballots.c.sealed).where(tables.ballots.c.person == _named(key, person))
    sealed = connection.scalar(asked.with_for_update() if lock else asked)
    return _opened(key, bytes(sealed)) if sealed else None


def _named(key: bytes, person: int) -> bytes:
    return hmac.new(key, b"person:%d" % person, sha256).digest()


def _sealed(key: bytes, ballot: Ballot) -> bytes:
    plain = json.dumps(asdict(ballot), ensure_ascii=False).encode()
    plain += b" " * (-len(plain) % SIZE)
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, None)


def _opened(key: bytes, sealed: bytes) -> Ballot:
    kept: dict[str, Any] = json.loads(AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], None))
    return Ballot(**{**kept, "ratings": {int(asked): value for asked, value in kept["ratings"].items()}})
