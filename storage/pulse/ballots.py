"""The ballot box: answers while a round is open, and the secret that ties them to people.

A database of its own, beside the main one, for one reason: it is in no backup. What is destroyed here is gone,
and two backups of the main database never show who answered what between them (docs/privacy.md).
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    delete,
    event,
    make_url,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import DBAPIError, OperationalError

from storage.base import PlainText
from storage.database import Database, DatabaseError
from storage.secrets import open_secret, seal_secret

CANT_SAY, SKIPPED = 0, -1  # beside 1 (strongly disagree) … 5 (strongly agree); they leave the count
SCHEMA = "chorus_ballots"  # on PostgreSQL, where no database of its own was given
BATCH = 500
MAKING = 0x9A110  # the advisory lock under which tables are made

_TABLES = MetaData()
_secrets = Table(
    "cycle_secrets", _TABLES, Column("cycle", Integer, primary_key=True), Column("secret", LargeBinary, nullable=False)
)
_ballots = Table(
    "ballots",
    _TABLES,
    Column("round", Integer, primary_key=True),
    Column("token", String, primary_key=True),
    Column("asked", Integer, primary_key=True),
    Column("unit", Integer),
    Column("value", Integer, nullable=False),
    sqlite_with_rowid=False,
)
_comments = Table(
    "comments",
    _TABLES,
    Column("round", Integer, primary_key=True),
    Column("token", String, primary_key=True),
    Column("language", String, nullable=False),
    Column("text", PlainText, nullable=False),
    sqlite_with_rowid=False,
)


@dataclass(frozen=True, slots=True)
class Ballot:
    token: str
    asked: int
    unit: int | None
    value: int


@dataclass(frozen=True, slots=True)
class Voter:
    cycle: int
    employee: int
    unit: int | None  # as at the opening


def address_beside(database_url: str) -> str:
    """Where the ballot box stands unless said otherwise: a file beside SQLite's, a schema of PostgreSQL's."""
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite":
        path = url.database or "chorus.db"
        return url.set(database=f"{path.removesuffix('.db')}-ballots.db").render_as_string(hide_password=False)
    return url.update_query_dict({"options": f"-csearch_path={SCHEMA}"}).render_as_string(hide_password=False)


class BallotBox:
    """Each call is a transaction of its own, made before the turn's: the same ballot twice does no harm."""

    def __init__(self, url: str) -> None:
        self._database = Database(url)
        self._is_sqlite = self._database.engine.dialect.name == "sqlite"
        self._insert: Any = sqlite_insert if self._is_sqlite else pg_insert
        cast = self._insert(_ballots)
        self._cast = cast.on_conflict_do_update(
            index_elements=["round", "token", "asked"], set_={"value": cast.excluded.value}
        )
        self._is_ready = False
        if self._is_sqlite:
            event.listen(self._database.engine, "connect", _erase_what_is_deleted)

    def prepare(self) -> None:
        """Make its tables where there are none; any number of processes may do so at once. Raises DatabaseError."""
        try:
            with self._database.engine.begin() as connection:
                if not self._is_sqlite:
                    connection.execute(text(f"SELECT pg_advisory_xact_lock({MAKING})"))
                    if SCHEMA in self._database.engine_url:
                        connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
                _TABLES.create_all(connection)
        except DBAPIError as cause:
            raise DatabaseError(f"The ballot box cannot be written to: {type(cause.orig).__name__}.") from cause
        self._is_ready = True

    def close(self) -> None:
        self._database.close()

    # -- The secret of a cycle

    def begin(self, cycle: int) -> None:
        """Make the secret of a cycle, unless it has one."""
        fresh = {"cycle": cycle, "secret": seal_secret(secrets.token_hex(32))}
        with self._transaction() as connection:
            connection.execute(self._insert(_secrets).on_conflict_do_nothing(), fresh)

    def token(self, cycle: int, employee: int) -> str | None:
        """The person's pseudonym for the cycle; None once the secret is destroyed."""
        with self._transaction() as connection:
            return _hmac(connection, cycle, f"answers:{employee}")

    def comment_token(self, cycle: int, round_id: int, employee: int) -> str | None:
        """For one comment in one round, tied to nothing else."""
        with self._transaction() as connection:
            return _hmac(connection, cycle, f"comment:{round_id}:{employee}")

    def destroy(self, cycle: int) -> bool:
        """The secret is gone from the file, not only from its table; False where somebody still reads what was there:
        then it is to be done again."""
        with self._transaction() as connection:
            connection.execute(delete(_secrets).where(_secrets.c.cycle == cycle))
        return self._shred()

    # -- Ballots of open rounds

    def cast(self, round_id: int, voter: Voter, asked: int, value: int) -> bool:
        """Take what a person says to one statement; the last one counts. False once the secret is destroyed."""
        return self.cast_all(round_id, [(voter, asked, value)]) == 1

    def cast_all(self, round_id: int, said: Iterable[tuple[Voter, int, int]]) -> int:
        """As `cast`, of many people at once: (who, the statement, what they say). Returns how many were taken."""
        tokens, taken = dict[Voter, str | None](), 0
        with self._transaction() as connection:
            for voter, asked, value in said:
                if voter not in tokens:
                    tokens[voter] = _hmac(connection, voter.cycle, f"answers:{voter.employee}")
                if (token := tokens[voter]) is not None:
                    row = {"round": round_id, "token": token, "asked": asked, "unit": voter.unit, "value": value}
                    connection.execute(self._cast, row)
                    taken += 1
        return taken

    def cast_comment(self, round_id: int, token: str, language: str, words: str) -> None:
        row = {"round": round_id, "token": token, "language": language, "text": words}
        insert = self._insert(_comments).values(row)
        with self._transaction() as connection:
            connection.execute(
                insert.on_conflict_do_update(
                    index_elements=["round", "token"], set_={"language": language, "text": words}
                )
            )

    def take_back(self, round_id: int, token: str, comment_token: str) -> None:
        """Erase what a person said in an open round."""
        with self._transaction() as connection:
            connection.execute(delete(_ballots).where(_ballots.c.round == round_id, _ballots.c.token == token))
            connection.execute(
                delete(_comments).where(_comments.c.round == round_id, _comments.c.token == comment_token)
            )

    def given(self, round_id: int, token: str) -> dict[int, int]:
        """What a person said in an open round: asked statement → value."""
        with self._transaction() as connection:
            rows = connection.execute(
                select(_ballots.c.asked, _ballots.c.value).where(
                    _ballots.c.round == round_id, _ballots.c.token == token
                )
            )
            return dict(rows.all())

    # -- The close

    def take(self, round_id: int) -> list[Ballot]:
        """All ballots of the round, in the order of tokens, which tells nothing."""
        columns = (_ballots.c.token, _ballots.c.asked, _ballots.c.unit, _ballots.c.value)
        with self._transaction() as connection:
            rows = connection.execute(
                select(*columns).where(_ballots.c.round == round_id).order_by(_ballots.c.token, _ballots.c.asked)
            )
            return [Ballot(*row) for row in rows]

    def comments(self, round_id: int) -> list[tuple[str, str]]:
        """(language, text) of each comment, in the order of tokens."""
        with self._transaction() as connection:
            rows = connection.execute(
                select(_comments.c.language, _comments.c.text)
                .where(_comments.c.round == round_id)
                .order_by(_comments.c.token)
            )
            return [(language, words) for language, words in rows]

    def empty(self, round_id: int) -> bool:
        """The ballots of the round are gone, as a secret is; False: to be done again."""
        with self._transaction() as connection:
            for table in (_ballots, _comments):
                connection.execute(delete(table).where(table.c.round == round_id))
        return self._shred()

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        if not self._is_ready:
            self.prepare()
        with self._database.engine.begin() as connection:
            yield connection

    def _shred(self) -> bool:
        """Leave nothing of it in the log beside the file, nor in dead rows. A reader that began before keeps the log
        from being emptied; whether it did is the first figure of a checkpoint's answer (sqlite.org/pragma.html)."""
        with self._database.engine.connect() as connection:
            if self._is_sqlite:
                connection.exec_driver_sql("COMMIT")
                try:
                    connection.exec_driver_sql("VACUUM")
                    is_emptied = _is_log_emptied(connection)
                except OperationalError:
                    is_emptied = False  # somebody writes or reads just now
                connection.exec_driver_sql("BEGIN")
                return is_emptied
            connection.execution_options(isolation_level="AUTOCOMMIT")
            for table in _TABLES.sorted_tables:
                connection.execute(text(f"VACUUM FULL {table.name}"))
        return True


def _is_log_emptied(connection: Connection) -> bool:
    """SQLite itself waits for readers, up to the connection's timeout."""
    busy, *_pages = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
    return not busy


def _erase_what_is_deleted(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA secure_delete=ON")


def _hmac(connection: Connection, cycle: int, message: str) -> str | None:
    sealed = connection.scalar(select(_secrets.c.secret).where(_secrets.c.cycle == cycle))
    if sealed is None:
        return None
    return hmac.new(bytes.fromhex(open_secret(bytes(sealed))), message.encode(), sha256).hexdigest()
