"""SQLite's file is moved, deleted or replaced under running processes: nothing is written where nobody will look for it, no
second one is made, and whoever runs it reads what happened."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text
from starlette.applications import Starlette

from adapters.web import health
from bot.core.events import Command
from storage.database import Database, DatabaseError
from storage.database_faults import is_outage
from tests.adapters.asking import Asker
from tests.faults.test_told_in_words import chorus
from tests.stage import WORKSPACE, Stage


def file_of(database: Database) -> Path:
    return Path(str(database.engine.url.database))


def test_nothing_is_stored_in_a_file_that_is_gone(stage: Stage) -> None:
    stage.hires("aino")
    file = file_of(stage.database)
    aside = file.with_suffix(".aside")

    def asks(key: str) -> None:
        stage.run(
            stage.shell.handle(
                Command(workspace=WORKSPACE, user="aino", address=f"{WORKSPACE}:aino", keys=(key,), name="help")
            )
        )

    file.rename(aside)
    with Asker(Starlette(routes=health.routes(stage.database))) as asker:
        for _ in range(3):  # the pool opens new connections, too
            with pytest.raises(Exception, match="moved, deleted or replaced") as refused:
                asks("gone")
            assert is_outage(refused.value)
            stage.database.engine.dispose()
        answer = asker.get("/readyz?of=process")
        assert (answer.status_code, str(file) in answer.json()["reason"]) == (503, True)
        assert "chorus_database_up 0.0" in asker.get("/metrics").text
        with pytest.raises(DatabaseError):
            stage.database.ping()
        assert not file.exists()
        aside.rename(file)
        asks("back")
        assert asker.get("/readyz?of=process").status_code == 200
    stage.run(stage.shell.close())
    assert len(stage.sees("aino")) == 1


def test_nor_in_another_in_its_place(sqlite: Database) -> None:
    file = file_of(sqlite)
    sqlite.ping()
    shutil.copy(file, file.with_suffix(".copy"))
    file.with_suffix(".copy").rename(file)
    with pytest.raises(Exception, match="replaced"), sqlite.transaction() as session:
        session.execute(text("DELETE FROM rate_limits"))
    Database(sqlite.engine_url).ping()  # whoever starts takes what is there


def test_the_doctor_does_not_send_anybody_to_make_an_empty_one(tmp_path: Path) -> None:
    _code, said = chorus(f"sqlite:///{tmp_path}/gone.db", "doctor")
    said = " ".join(said.split())
    assert "there is no such file" in said
    assert "CHORUS_DATABASE_URL" in said
    assert "new and empty" in said


def test_another_program_ends_no_log_that_is_in_use(sqlite: Database) -> None:
    """Whoever closes a file of SQLite's last removes its log. A process that opens and closes the file beside SQLite loses
    its locks (sqlite.org/howtocorrupt.html, 2.2), counts as gone, and goes on writing to a log that nobody will read."""
    file, log = str(sqlite.engine.url.database), Path(f"{sqlite.engine.url.database}-wal")
    insert = "INSERT INTO rate_limits (bucket, free_at, paused_until) VALUES ('{}', 0, 0)"
    with sqlite.engine.connect() as one, sqlite.engine.connect() as other:
        for connection in (one, other):
            connection.exec_driver_sql("SELECT count(*) FROM employees")
            connection.rollback()
        before = log.stat().st_ino
        write = insert.format("by another")
        program = f"import sqlite3; c = sqlite3.connect({file!r}); c.execute({write!r}); c.commit(); c.close()"
        subprocess.run([sys.executable, "-c", program], check=True)
        assert log.stat().st_ino == before
        with sqlite.transaction() as session:
            session.connection().exec_driver_sql(insert.format("by us"))
        read = f"import sqlite3; print(sqlite3.connect({file!r}).execute('SELECT bucket FROM rate_limits').fetchall())"
        said = subprocess.run([sys.executable, "-c", read], check=True, capture_output=True, text=True).stdout
    assert said.strip() == "[('by another',), ('by us',)]"
