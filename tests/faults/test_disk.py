"""The disk full, the file read-only, the file damaged: nothing is acknowledged that is not stored, whoever runs it is told
what to do, and it goes on without a hand where it can.

The faults are SQLite's own: a limit of its pages for the disk, `query_only` for the file's mode (a superuser may write
to any file), and bytes turned in the file itself.
"""

from __future__ import annotations

import shutil
import sqlite3
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError
from starlette.applications import Starlette
from structlog.testing import capture_logs

from adapters.app import Chorus, build
from adapters.server import WebServer
from adapters.settings import load_settings
from adapters.web import health
from bot.core.ports import Profile
from bot.features.people.domain import directory
from storage.database import Database, DatabaseError
from storage.database_faults import is_outage, what_to_do
from storage.delivery import worker_leases
from storage.delivery.deliveries import Delivery
from storage.people import workspaces
from storage.people.workspaces import Workspace
from storage.secrets import new_key
from tests.adapters.asking import Asker
from tests.e2e.slack_client import SECRET, signed
from tests.stage import MONDAY

_seconds = count(1)


class Pragmas:
    """What is asked of SQLite at every new connection, as the fault has it at the moment."""

    def __init__(self, database: Database) -> None:
        self._database, self._fault = database, ""
        event.listen(database.engine, "connect", self._on_connect)

    def begins(self, fault: str) -> None:
        self._fault = fault
        self._database.engine.dispose()

    def ends(self) -> None:
        self.begins("")

    def _on_connect(self, connection: sqlite3.Connection, _record: object) -> None:
        if self._fault:
            connection.execute(self._fault)


@pytest.fixture
def chorus(tmp_path: Path) -> Iterator[Chorus]:
    settings = load_settings(
        database_url=f"sqlite:///{tmp_path}/chorus.db",
        secret_keys=new_key(),
        slack_signing_secret=SECRET,
        slack_bot_token="xoxb-1",
        slack_api_url="http://127.0.0.1:9/api/",
    )
    parts = build(settings, base_url="http://127.0.0.1:8000")
    parts.allowed.allow("slack:T1")  # as Slack would have told
    parts.database.upgrade()
    parts.engine.prepare()
    with parts.database.transaction() as session:
        workspaces.install(session, "slack:T1", now=MONDAY)
        directory.upsert_identity(session, "slack:T1", Profile("U1", "Aino", address="slack:T1:U1"), now=MONDAY)
    yield parts
    parts.database.close()


def says_help(asker: Asker, number: int) -> bool:
    """Whether a signed slash command was stored; else whoever typed it is told that it was not."""
    body = f"command=%2Fchorus&text=help&team_id=T1&user_id=U1&channel_id=D1&trigger_id={number}".encode()
    at = time.time() + next(_seconds)
    headers = {"Content-Type": "application/x-www-form-urlencoded", **signed(SECRET, body, at)}
    answer = asker.post("/slack/events", content=body, headers=headers)
    assert answer.status_code == 200
    assert answer.text == "" or "Try again in a minute." in answer.text
    return answer.text == ""


def others_live(database: Database) -> None:
    """A worker and a clock: without them it is not ready either."""
    with database.transaction() as session:
        worker_leases.take(session, "worker+clock-1", token="t", host="there", pid=1)


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (psycopg.errors.DiskFull('could not extend file "base/5/1": No space left on device'), "The disk of"),
        (psycopg.errors.ReadOnlySqlTransaction("cannot execute INSERT in a read-only transaction"), "The database is"),
    ],
    ids=["full", "read-only"],
)
def test_postgresql_that_takes_nothing_is_an_outage_and_says_which(fault: psycopg.Error, sentence: str) -> None:
    cause = DBAPIError("INSERT", {}, fault)
    assert is_outage(cause)
    assert what_to_do(cause, "cannot be written to").startswith(sentence)


def test_postgresql_that_took_nothing_lately_is_not_ready_and_that_is_told_once(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may find room for one row and not for another: a trial that succeeds says little."""
    if database.one_writer:
        pytest.skip("left out: SQLite's trial tells")
    own = Database(database.engine_url)  # with a dialect of its own, where it listens to faults
    monkeypatch.setattr("storage.database.REFUSAL_STANDS", float("inf"))  # however slow the machine is
    with capture_logs() as told:
        for _time in range(3):
            with pytest.raises(DBAPIError), own.transaction() as session:
                session.execute(text("SET TRANSACTION READ ONLY"))
                session.add(Workspace(id="slack:T9", installed_at=MONDAY))
                session.flush()
    assert [line["fault"].partition(".")[0] for line in told] == ["The database is read-only"]
    with pytest.raises(DatabaseError, match="read-only"):
        own.check_writable()
    assert "chorus_database_up 0.0" in health.exposition(own).decode()
    own.close()


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        ("PRAGMA max_page_count=1", "The disk of the database is full"),
        ("PRAGMA query_only=ON", "The database is read-only"),
    ],
    ids=["full", "read-only"],
)
def test_nothing_can_be_written(chorus: Chorus, fault: str, sentence: str) -> None:
    pragmas = Pragmas(chorus.database)
    with Asker(WebServer(chorus).app) as asker:
        others_live(chorus.database)
        assert asker.get("/readyz").status_code == 200
        pragmas.begins(fault)
        _fill(chorus.database, fault)
        assert asker.get("/readyz").json() == {"status": "not ready"}  # at the public port no more is told
        inside = Starlette(routes=health.routes(chorus.database))
        with Asker(inside) as operator:
            ready = operator.get("/readyz")
        assert (ready.status_code, ready.json()["reason"].startswith(sentence)) == (503, True)
        assert asker.get("/healthz").status_code == 200
        answers = {number: says_help(asker, number) for number in range(12)}  # some may still find room in a page
        refused = [number for number, was_stored in answers.items() if not was_stored]
        assert len(refused) > 6
        pragmas.ends()
        others_live(chorus.database)
        assert asker.get("/readyz").status_code == 200
        assert all(says_help(asker, number) for number in refused)
        asker.run(chorus.close())
    database = Database(chorus.settings.database_url)
    with database.transaction() as session:
        assert session.query(Delivery).count() == len(answers)
    database.close()


def _fill(database: Database, fault: str) -> None:
    """A full disk takes what still has room in pages that are there already: use it up."""
    if "max_page_count" not in fault:
        return
    for size in (1000, 10):
        with pytest.raises(Exception, match="full"):
            for number in range(100_000):
                with database.engine.begin() as connection:
                    connection.exec_driver_sql(
                        "INSERT INTO rate_limits (bucket, free_at, paused_until) VALUES (?, 0, 0)",
                        (f"{number:0{size}}",),
                    )


def damaged(path: Path, *, at: int, size: int = 4096) -> None:
    """Turn the bytes of a file's part."""
    with path.open("r+b") as file:
        file.seek(at)
        held = file.read(size)
        file.seek(at)
        file.write(bytes(byte ^ 0xFF for byte in held))


@pytest.mark.parametrize("at", [0, 4096], ids=["header", "page"])
def test_a_damaged_file_is_named_and_a_backup_serves(sqlite: Database, tmp_path: Path, at: int) -> None:
    path, backup = Path(str(sqlite.engine.url.database)), tmp_path / "backup.db"
    with sqlite.transaction() as session:
        workspaces.install(session, "fake:T1", name="Koivu", now=MONDAY)
    with sqlite3.connect(backup) as copy, sqlite3.connect(path) as live:
        live.backup(copy)
    sqlite.close()
    damaged(path, at=at, size=path.stat().st_size - at if at else 100)
    broken = Database(sqlite.engine_url)
    for look in (broken.pending_migrations, broken.check_writable):
        with pytest.raises(DatabaseError, match=r"[Ss]top Chorus and restore a backup"):
            look()
    broken.close()
    for left in path.parent.glob(f"{path.name}*"):
        left.unlink()
    shutil.copy(backup, path)
    restored = Database(sqlite.engine_url)
    assert restored.pending_migrations() == []
    restored.check_writable()
    with restored.transaction() as session:
        assert workspaces.installed(session)[0].name == "Koivu"
    restored.close()


def test_a_damaged_end_of_the_log_costs_no_more_than_that(sqlite: Database, tmp_path: Path) -> None:
    """The write-ahead log is checked frame by frame: what is whole is kept, and the file opens."""
    path, copy = Path(str(sqlite.engine.url.database)), tmp_path / "copy.db"
    for number in range(5):
        with sqlite.transaction() as session:
            workspaces.install(session, f"fake:T{number}", now=MONDAY)
    shutil.copy(path, copy)  # as a crash leaves them: the file, and its log beside it
    shutil.copy(f"{path}-wal", f"{copy}-wal")
    log = Path(f"{copy}-wal")
    damaged(log, at=log.stat().st_size - 100, size=100)
    opened = Database(f"sqlite:///{copy}")
    opened.check_writable()
    with opened.transaction() as session:
        kept: list[Any] = [row.id for row in workspaces.installed(session)]
        assert session.connection().exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
    assert kept == [f"fake:T{number}" for number in range(4)]
    opened.close()
