"""A backup holds everything but the answers of open rounds, is noticed when it is damaged, and can be restored."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
import zipfile
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import URL, func, insert, inspect, make_url, select, table, text
from typer.testing import CliRunner

from adapters.cli.backup import backup as cli
from scheduler.engine import DurableEngine
from storage import backup
from storage.backup import BackupError
from storage.base import Base
from storage.database import Database, DatabaseError
from storage.delivery import deliveries, history, worker_leases
from storage.delivery.deliveries import DeliveryState
from storage.people import workspaces
from storage.pulse.round_store import RoundStore
from tests.conftest import named
from tests.sizes import size
from tests.storage.filler import Values, made_rows, unchecked
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
    run, name = request.getfixturevalue("run_on_postgres"), f"other_{os.getpid()}"
    run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", f"CREATE DATABASE {name}")
    request.addfinalizer(lambda: run(f"DROP DATABASE {name} WITH (FORCE)"))
    other = Database(named(database.engine_url, name))
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


def test_nor_where_it_was_put_back_by_other_means(database: Database) -> None:
    fill(database)
    backup.settle(database, now=NOW)
    with database.transaction() as session:
        assert deliveries.due_in_wave(session, "w", now=NOW, limit=MESSAGES) == []
        assert deliveries.due_in_wave(session, "w", now=NOW + timedelta(days=1), limit=MESSAGES)


def test_no_process_of_before_lives_at_what_was_restored(database: Database, empty: Database, tmp_path: Path) -> None:
    """A doctor who is asked at once counts none."""
    with database.transaction() as session:
        worker_leases.take(session, "worker-1", token="t", host="h", pid=1)
    make(database, tmp_path / "b")
    backup.restore(tmp_path / "b", empty, now=NOW)
    with empty.transaction() as session:
        assert worker_leases.living(session) == {}
    with database.transaction() as session:
        assert worker_leases.living(session) == {"worker": 1}


def test_a_restored_file_is_whole_in_itself(database: Database, empty: Database, tmp_path: Path) -> None:
    """Whoever puts it in its place takes the one file, and nothing beside it."""
    if not database.one_writer:
        pytest.skip("left out: PostgreSQL's files are its own")
    fill(database)
    make(database, tmp_path / "b")
    backup.restore(tmp_path / "b", empty, now=NOW)
    shutil.copy(str(empty.engine.url.database), tmp_path / "alone.db")
    alone = Database(f"sqlite:///{tmp_path}/alone.db")
    assert rows(alone) == rows(database)
    alone.close()


def test_nothing_uses_what_a_restore_left_half_done(
    database: Database, empty: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed before it knew what may have left: whoever started then would send that again."""
    fill(database)
    make(database, tmp_path / "b")

    def killed(*_arguments: object, **_more: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(history, "distrust_waiting", killed)
    with pytest.raises(KeyboardInterrupt):
        backup.restore(tmp_path / "b", empty, now=NOW)
    if empty.has_tables():
        for use in (empty.pending_migrations, empty.upgrade, lambda: backup.restore(tmp_path / "b", empty, now=NOW)):
            with pytest.raises(DatabaseError, match=r"not end|not empty"):
                use()


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
    for more in (whole + b"\n", whole + whole, b"\n" + whole):
        damaged.write_bytes(more)
        with pytest.raises(BackupError, match="damaged"):
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


def test_posts_and_calls_that_may_have_left_are_not_made_again(
    database: Database, empty: Database, tmp_path: Path
) -> None:
    """A post on somebody's own account is looked for first; a program is not told a second time."""
    if not database.one_writer:
        pytest.skip("left out: the rows refer to nothing, which a restore on PostgreSQL notices")
    given: dict[str, Values] = {
        "publications": {"state": lambda n: "waiting", "due_at": lambda n: NOW - timedelta(minutes=n % 2 - 1)},
        "webhook_calls": {"state": lambda n: "waiting", "due_at": lambda n: NOW - timedelta(minutes=n % 2 - 1)},
    }
    with unchecked(database) as connection:
        for name, columns in given.items():
            connection.execute(
                insert(Base.metadata.tables[name]), list(made_rows(Base.metadata.tables[name], 2, columns))
            )
    make(database, tmp_path / "b")
    backup.restore(tmp_path / "b", empty, now=NOW)
    with empty.engine.connect() as connection:
        doubted = connection.execute(
            text("SELECT uncertain_since IS NOT NULL FROM publications ORDER BY due_at")
        ).scalars()
        assert [bool(is_doubted) for is_doubted in doubted] == [True, False]
        states = connection.execute(text("SELECT state FROM webhook_calls ORDER BY due_at")).scalars()
        assert list(states) == ["given_up", "waiting"]


WRITES = """
import sqlite3, sys, time
connection = sqlite3.connect(sys.argv[1], timeout=10, isolation_level=None)
print("ready", flush=True)
while True:
    connection.execute("UPDATE workspaces SET name = name")
    time.sleep(0.01)
"""


def test_it_ends_however_often_others_write(database: Database, tmp_path: Path) -> None:
    """SQLite's copy begins anew after each write by another process, unless it holds on to one moment."""
    if not database.one_writer:
        pytest.skip("left out: pg_dump sees one moment anyway")
    fill(database)
    path = str(database.engine.url.database)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE padding AS SELECT zeroblob(100000000) AS filling")
        connection.commit()
    writer = subprocess.Popen([sys.executable, "-c", WRITES, path], stdout=subprocess.PIPE, text=True)
    try:
        assert writer.stdout is not None
        assert writer.stdout.readline().strip() == "ready"
        made = threading.Thread(target=make, args=(database, tmp_path / "b"), daemon=True)
        made.start()
        made.join(60)
        assert not made.is_alive()
    finally:
        writer.kill()
        writer.communicate()
    backup.verify(tmp_path / "b")


@pytest.mark.parametrize("name", ["team#1", "what?", "per%20cent", "two words", "ä"])
def test_a_folder_may_be_called_what_it_is(sqlite: Database, tmp_path: Path, name: str) -> None:
    folder = tmp_path / "in" / name
    folder.mkdir(parents=True)
    sqlite.close()
    shutil.copy(str(sqlite.engine.url.database), folder / "chorus.db")
    database, other = (
        Database(URL.create("sqlite", database=str(folder / file)).render_as_string()) for file in ("chorus.db", "o.db")
    )
    fill(database)
    assert make(database, folder / "b").rows["deliveries"] == MESSAGES
    backup.restore(folder / "b", other, now=NOW)
    assert rows(other) == rows(database)
    database.close()
    other.close()
    assert [path.name for path in (tmp_path / "in").iterdir()] == [name]


def test_no_password_is_in_an_argument(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody on the machine reads the arguments of a process."""
    said = tmp_path / "said"
    (tmp_path / "pg_dump").write_text(f'#!/bin/sh\necho "$@" > {said}\nprintenv PGPASSWORD >> {said}\nexit 1\n')
    (tmp_path / "pg_dump").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    for url in ("postgresql://u:s3cret@127.0.0.1:1/d", "postgresql://u@/d?host=127.0.0.1&password=s3cret"):
        with pytest.raises(BackupError, match="pg_dump failed"):
            backup._run("pg_dump", make_url(url), "--file=x")
        arguments, given = said.read_text().splitlines()
        assert "s3cret" not in arguments
        assert given == "s3cret"


def test_a_pg_dump_that_is_too_old_is_said_with_both_versions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = "pg_dump: error: aborting because of server version mismatch\n"
    said += "pg_dump: detail: server version: 18.0; pg_dump version: 15.4"
    (tmp_path / "pg_dump").write_text(f"#!/bin/sh\necho '{said}' >&2\nexit 1\n")
    (tmp_path / "pg_dump").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(BackupError, match=r"older than the server\. Install .* version: 18\.0; pg_dump version: 15\.4"):
        backup._run("pg_dump", make_url("postgresql://u@127.0.0.1:1/d"))


def test_it_needs_none_of_the_servers_roles(database: Database, tmp_path: Path, empty: Database) -> None:
    if database.one_writer:
        pytest.skip("left out: SQLite knows no roles")
    with database.engine.begin() as connection:
        connection.execute(text("CREATE ROLE reporting"))
        connection.execute(text("GRANT SELECT ON ALL TABLES IN SCHEMA public TO reporting"))
    try:
        make(database, tmp_path / "b")
    finally:
        with database.engine.begin() as connection:
            connection.execute(text("DROP OWNED BY reporting"))
            connection.execute(text("DROP ROLE reporting"))
    backup.restore(tmp_path / "b", empty, now=NOW)


def test_a_backup_of_nothing_is_refused(empty: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong address, or a folder without .env: whoever looks at the exit code alone would never know."""
    with pytest.raises(BackupError, match="no tables of Chorus"):
        make(empty, tmp_path / "b")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CHORUS_DATABASE_URL", f"sqlite:///{tmp_path}/typo.db")
    done = CliRunner().invoke(cli, ["create", str(tmp_path / "b")])
    assert done.exit_code == 1
    assert not (tmp_path / "typo.db").exists()


def test_what_is_no_backup_of_chorus_is_one_sentence(empty: Database, tmp_path: Path) -> None:
    wrong = ['{"rows": null}', "[]", "5", " " * (2 << 20), json.dumps({"format": 1, "engine": "sqlite", "rows": "x"})]
    for number, manifest in enumerate(wrong):
        path = tmp_path / f"{number}.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(backup.MANIFEST, manifest)
        with pytest.raises(BackupError):
            backup.verify(path)
        with pytest.raises(BackupError):
            backup.restore(path, empty, now=NOW)
    with pytest.raises(BackupError, match="There is no file"):
        backup.verify(tmp_path / "none")


def test_half_of_one_is_swept_away(database: Database, tmp_path: Path) -> None:
    left, fresh = tmp_path / ".chorus-backup-a", tmp_path / ".chorus-backup-b"
    for folder in (left, fresh):
        folder.mkdir()
    os.utime(left, (0, 0))
    make(database, tmp_path / "b")
    assert not left.exists()
    assert fresh.exists()  # somebody may be at it
    with pytest.raises(BackupError, match="There is no folder"):
        make(database, tmp_path / "nowhere" / "b")


def test_of_two_into_one_file_at_once_one_is_refused(database: Database, tmp_path: Path) -> None:
    """Both had seen that there is no such file. Whoever is told that theirs is made finds theirs."""
    if not database.one_writer:
        pytest.skip("left out: pg_dump does not say how far it is; where the file comes to stand is the same code")
    into, made = tmp_path / "one.backup", list[backup.Manifest]()

    def another_is_quicker(_done: float) -> None:
        if not made:
            made.append(backup.create(database, into, version="the other", now=NOW))

    with pytest.raises(BackupError, match="is there already"):
        backup.create(database, into, version="mine", now=NOW, progress=another_is_quicker)
    assert backup.verify(into).version == made[0].version == "the other"
