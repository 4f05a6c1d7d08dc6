"""SQLite's file is moved, deleted or replaced under running processes: nothing is written where nobody will look for it, no
second one is made, and whoever runs it reads what happened."""

from __future__ import annotations

import shutil
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
