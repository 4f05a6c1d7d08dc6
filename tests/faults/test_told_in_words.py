"""Whatever the database does, whoever runs Chorus reads a sentence, and reads it soon."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text
from starlette.applications import Starlette

from adapters.web import health
from storage.database import Database, DatabaseError
from storage.people.employees import Employee
from tests.conftest import Run, named
from tests.faults.roles import ROOT, started
from tests.keys import KEY
from tests.stage import MONDAY

PAGE = 4096


def chorus(url: str, *words: str, **more: str) -> tuple[int, str]:
    """(exit code, what it said)."""
    ended = subprocess.run(
        [sys.executable, "-m", "adapters.cli.main", *words],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "CHORUS_DATABASE_URL": url, "CHORUS_SECRET_KEYS": KEY, **more},
        capture_output=True,
        text=True,
        timeout=60,
    )
    return ended.returncode, f"{ended.stdout}{ended.stderr}"


def damage(database: Database) -> None:
    """All pages but the first are written over."""
    path = Path(str(database.engine.url.database))
    database.scrub()
    with path.open("r+b") as file:
        file.seek(PAGE)
        file.write(b"\xa5" * (path.stat().st_size - PAGE))


def test_who_met_the_damage_is_not_ready(sqlite: Database) -> None:
    app = Starlette(routes=health.routes(sqlite))
    database = Database(sqlite.engine_url)
    damage(database)
    with pytest.raises(Exception, match="malformed"), sqlite.transaction() as session:
        session.connection().exec_driver_sql("SELECT * FROM employees").all()
    answer = TestClient(app).get("/readyz")
    assert answer.status_code == 503
    assert "damaged" in answer.json()["reason"]


@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1"])
def test_a_database_that_cannot_hold_every_word_is_refused(postgres: str, run_on_postgres: Run, encoding: str) -> None:
    """One that was made without a locale, or with an old one: the first reads words as bytes, the other knows no 👍."""
    name = f"chorus_of_{encoding.lower()}"
    run_on_postgres(
        f"DROP DATABASE IF EXISTS {name}",
        f"CREATE DATABASE {name} ENCODING '{encoding}' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0",
    )
    for command in (["db", "upgrade"], ["doctor"], ["people", "list"]):
        code, said = chorus(named(postgres, name), *command)
        assert code == 1
        assert f"holds text as {encoding}" in " ".join(said.split())
        assert "ENCODING 'UTF8'" in " ".join(said.split())
        assert "Traceback" not in said
    run_on_postgres(f"DROP DATABASE {name} WITH (FORCE)")


def test_who_asks_how_a_locked_database_is_waits_two_seconds(sqlite: Database) -> None:
    app = Starlette(routes=health.routes(sqlite))
    client = TestClient(app)
    other = sqlite3.connect(str(sqlite.engine.url.database), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    began = time.monotonic()
    assert "lock" in client.get("/readyz").json()["reason"]
    assert "chorus_database_up 1.0" in client.get("/metrics").text  # it reads beside whoever writes
    assert time.monotonic() - began < 8  # ten seconds each, before
    other.close()


def test_who_starts_waits_for_whoever_writes_longer_than_who_asks(sqlite: Database) -> None:
    other = sqlite3.connect(str(sqlite.engine.url.database), isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(DatabaseError, match="lock"):
        sqlite.check_writable(wait=health.WAIT)
    threading.Timer(health.WAIT + 1, other.execute, args=("COMMIT",)).start()
    sqlite.check_writable()
    other.close()


@pytest.mark.parametrize(
    ("words", "more"),
    [
        (["secrets", "rotate"], {}),
        (["worker"], {"CHORUS_PLAYGROUND": "1"}),
        (["serve", "--port", "8199"], {"CHORUS_PLAYGROUND": "1"}),
        (["people", "list"], {}),
    ],
)
def test_a_damaged_file_is_a_sentence(sqlite: Database, words: list[str], more: dict[str, str]) -> None:
    damage(sqlite)
    code, said = chorus(sqlite.engine_url, *words, **more)
    assert code == 1
    assert "damaged" in said
    assert "Traceback" not in said


@pytest.mark.parametrize("role", ["worker", "clock"])
def test_who_has_started_says_so(sqlite: Database, role: str) -> None:
    with started(sqlite, role) as (_process, said, _again):
        events = [json.loads(line) for line in said]
    assert [one for one in events if one["level"] != "info"] == []


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("postgresql://u@127.0.0.1:abc/x", "is not an address"),
        ("postgresql://u@127.0.0.1:1/x", "Nothing answers at that address"),
        ("postgresql://u@127.0.0.1:1/x?colour=red", "has an option that PostgreSQL does not know"),
        ("postgresql://u@127.0.0.1:1/x?sslmode=banana", "a value that it does not take"),
        ("postgresql://u@127.0.0.1:99999999/x", "a value that it does not take"),
        ("postgresql://u@127.0.0.1:1/x?connect_timeout=ten", "a value that it does not take"),
        ("sqlite:////usr", "is a folder"),
    ],
)
def test_where_there_is_no_database(url: str, sentence: str) -> None:
    code, said = chorus(url, "jobs")
    assert code == 1
    assert sentence in " ".join(said.split())
    assert "Traceback" not in said


def test_a_database_that_the_server_does_not_have(database: Database) -> None:
    if database.one_writer:
        pytest.skip("left out: SQLite makes what is not there")
    with pytest.raises(DatabaseError, match="has no such database"):
        Database(database.engine.url.set(database="none_of_that_name").render_as_string(hide_password=False)).ping()


def test_who_reads_at_the_terminal_does_not_wait_for_ever(database: Database) -> None:
    if database.one_writer:
        pytest.skip("left out: SQLite locks no tables")
    with database.engine.connect() as other:
        other.execute(text("LOCK TABLE deliveries IN ACCESS EXCLUSIVE MODE"))
        code, said = chorus(database.engine_url, "deliveries")
        other.rollback()
    assert (code, "locks" in said, "Traceback" in said) == (1, True, False), said


@pytest.mark.parametrize(
    ("words", "more"),
    [(["worker", "--health", "127.0.0.1:99999"], {}), (["worker"], {"CHORUS_TICK_SECONDS": "0"})],
)
def test_what_cannot_be_is_refused_at_once(sqlite: Database, words: list[str], more: dict[str, str]) -> None:
    code, said = chorus(sqlite.engine_url, *words, **{"CHORUS_PLAYGROUND": "1", **more})
    assert code == 1
    assert "Traceback" not in said


def test_the_doctor_finds_damage_that_nobody_has_met(sqlite: Database) -> None:
    """In the middle of the file, where neither its beginning nor a trial of writing looks."""
    with sqlite.transaction() as session:
        session.add_all(Employee(name="Aino " * 200, joined_at=MONDAY) for _number in range(500))
    sqlite.close()
    path = Path(sqlite.engine_url.removeprefix("sqlite:///"))
    assert not Path(f"{path}-wal").exists()
    with path.open("r+b") as file:
        file.seek(path.stat().st_size * 2 // 3 // 4096 * 4096)
        file.write(b"\xff" * 40_000)
    code, said = chorus(sqlite.engine_url, "doctor")
    assert code == 1
    assert "The database file is damaged" in " ".join(said.split())
