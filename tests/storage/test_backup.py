"""A backup holds everything but the answers of open rounds, is noticed when it is damaged, and can be restored."""

from __future__ import annotations

import os
import threading
import time
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import func, inspect, select, table

from scheduler.engine import DurableEngine
from storage import backup
from storage.backup import BackupError
from storage.database import Database
from storage.delivery import deliveries, history
from storage.delivery.deliveries import DeliveryState
from storage.people import workspaces
from storage.pulse.round_store import RoundStore
from tests.sizes import size
from tests.storage.pulse.test_round_store import WORDS, holds, tools_of

NOW = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
MESSAGES, FLIPS = size((5_000, 60), (200_000, 1_000))


@pytest.fixture(autouse=True)
def tools(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    if not database.one_writer:
        monkeypatch.setenv("PATH", f"{tools_of(database)}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture
def empty(database: Database, tmp_path: Path, request: pytest.FixtureRequest) -> Database:
    """Another database of the same kind, with nothing in it."""
    if database.one_writer:
        return Database(f"sqlite:///{tmp_path}/other.db")
    from tests.conftest import _named, _run

    name = f"other_{os.getpid()}"
    _run(database.engine_url, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", f"CREATE DATABASE {name}")
    request.addfinalizer(lambda: _run(database.engine_url, f"DROP DATABASE {name} WITH (FORCE)"))
    other = Database(_named(database.engine_url, name))
    request.addfinalizer(other.close)  # noqa: PT021
    return other


def rows(database: Database) -> dict[str, int]:
    with database.engine.connect() as connection:
        names = inspect(connection).get_table_names()
        return {name: int(connection.scalar(select(func.count()).select_from(table(name))) or 0) for name in names}


def fill(database: Database) -> None:
    with database.transaction() as session:
        workspaces.install(session, "fake:T1", now=NOW)
        session.flush()
        numbers = range(MESSAGES)
        deliveries.add(
            session,
            [
                {
                    "key": f"k{number}",
                    "address": f"fake:T1:U{number}",
                    "state": ("planned", "sending", "sent")[number % 3],
                    "due_at": NOW + timedelta(hours=number % 7 - 3),
                }
                for number in numbers
            ],
            workspace_id="fake:T1",
            kind="nudge",
            wave="w",
            cause="c",
            attempts=0,
            changed_at=NOW,
        )


def make(database: Database, path: Path) -> backup.Manifest:
    return backup.create(database, path, version="0.1", now=NOW)


def test_what_is_restored_is_what_there_was(
    database: Database, empty: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    DurableEngine(database).prepare()
    fill(database)
    began = time.perf_counter()
    made = make(database, tmp_path / "b")
    assert (tmp_path / "b").stat().st_mode & 0o777 == 0o600
    assert backup.verify(tmp_path / "b") == made
    assert backup.restore(tmp_path / "b", empty, now=NOW + timedelta(days=1)) == made
    with capsys.disabled():
        seconds = time.perf_counter() - began
        print(f"\nrestore drill, {database.engine.dialect.name}: {sum(made.rows.values()):,} rows in {seconds:.1f} s")
    assert rows(empty) == rows(database)
    assert not empty.pending_migrations()
    empty.upgrade()
    DurableEngine(empty).prepare()


def test_what_may_have_left_since_is_not_sent_again(database: Database, empty: Database, tmp_path: Path) -> None:
    fill(database)
    make(database, tmp_path / "b")
    backup.restore(tmp_path / "b", empty, now=NOW)
    with empty.transaction() as session:
        assert deliveries.due_in_wave(session, "w", now=NOW, limit=MESSAGES) == []
        later = deliveries.due_in_wave(session, "w", now=NOW + timedelta(days=1), limit=MESSAGES)
        assert later
        assert history.counts(session)[DeliveryState.CANCELLED] == sum(
            number % 3 == 1 or (number % 3 == 0 and number % 7 <= 3) for number in range(MESSAGES)
        )


def test_an_open_round_is_not_in_it(database: Database, tmp_path: Path) -> None:
    store = RoundStore(database)
    holds(store)
    store.change(1, 17, lambda ballot: replace(ballot, comment=WORDS))
    made = make(database, tmp_path / "b")
    assert not any("ballot" in name or name.startswith("round_") for name in made.rows)
    with zipfile.ZipFile(tmp_path / "b") as archive:
        data = archive.read(next(name for name in archive.namelist() if name != backup.MANIFEST))
    assert b"round_1_key" not in data
    assert WORDS.encode() not in data
    store.close()


def test_every_damage_is_noticed(database: Database, tmp_path: Path) -> None:
    fill(database)
    make(database, tmp_path / "b")
    whole, random = (tmp_path / "b").read_bytes(), Random(7)
    damaged = tmp_path / "damaged"
    for _each in range(FLIPS):
        place = random.randrange(len(whole))
        damaged.write_bytes(whole[:place] + bytes([whole[place] ^ (1 << random.randrange(8))]) + whole[place + 1 :])
        try:
            backup.verify(damaged)
        except BackupError:
            continue
        # Not in what is restored: a date in the zip's directory, a version of its making.
        with zipfile.ZipFile(damaged) as one, zipfile.ZipFile(tmp_path / "b") as other:
            assert [one.read(name) for name in other.namelist()] == [other.read(name) for name in other.namelist()]
    for cut in (0, 1, 100, len(whole) // 2, len(whole) - 1):
        damaged.write_bytes(whole[:cut])
        with pytest.raises(BackupError):
            backup.verify(damaged)
    damaged.write_text("no zip")
    with pytest.raises(BackupError, match="is no backup"):
        backup.verify(damaged)


def test_it_is_of_one_moment_while_others_write(database: Database, tmp_path: Path, empty: Database) -> None:
    """A pair of rows is written together, all the time: never one without the other."""
    fill(database)
    ends = threading.Event()

    def writes() -> None:
        number = 0
        while not ends.is_set():
            number += 1
            with database.transaction() as session:
                for half in "ab":
                    workspaces.install(session, f"fake:{half}{number}", now=NOW)

    writer = threading.Thread(target=writes)
    writer.start()
    try:
        make(database, tmp_path / "b")
    finally:
        ends.set()
        writer.join()
    backup.verify(tmp_path / "b")
    backup.restore(tmp_path / "b", empty, now=NOW)
    with empty.transaction() as session:
        names = {row.id.removeprefix("fake:") for row in workspaces.installed(session)} - {"T1"}
    assert {name[1:] for name in names if name[0] == "a"} == {name[1:] for name in names if name[0] == "b"}


def test_it_is_refused_where_it_would_do_harm(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(database, tmp_path / "b")
    with pytest.raises(BackupError, match="is there already"):
        make(database, tmp_path / "b")
    with pytest.raises(BackupError, match="not empty"):
        backup.restore(tmp_path / "b", database, now=NOW)
    if not database.one_writer:
        lite = Database(f"sqlite:///{tmp_path}/lite.db")
        with pytest.raises(BackupError, match="is of postgresql, and this database is sqlite"):
            backup.restore(tmp_path / "b", lite, now=NOW)
        monkeypatch.setenv("PATH", "")
        with pytest.raises(BackupError, match="pg_dump is not installed"):
            make(database, tmp_path / "c")
    assert sorted(path.name for path in tmp_path.iterdir() if "backup" in path.name or path.name == "c") == []
