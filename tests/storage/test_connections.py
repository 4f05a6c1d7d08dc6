"""Connections to PostgreSQL that are kept: one that the server ended meanwhile is found out before it is used."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from storage import engines
from storage.database import Database

ENDS_ALL_OTHERS = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"  # fmt: skip


@pytest.fixture
def served(database: Database) -> Database:
    if database.one_writer:
        pytest.skip("SQLite has no server")
    return database


def test_one_that_ended_while_nobody_had_it_is_replaced(served: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "SURE_FOR", 0.0)
    with served.transaction() as one, served.transaction() as other:
        for session in (one, other):
            session.execute(text("SELECT 1"))
    with served.transaction() as session:
        session.execute(text(ENDS_ALL_OTHERS))
    for _each in range(3):
        with served.transaction() as session:
            assert session.scalar(text("SELECT 1")) == 1


def test_one_that_was_used_just_now_is_not_asked(served: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "SURE_FOR", 60.0)  # however slow the machine is
    with served.transaction() as session:
        session.execute(text("SELECT 1"))
    asked = list[object]()
    monkeypatch.setattr(served.engine.dialect, "do_ping", asked.append)
    with served.transaction() as session:
        session.execute(text("SELECT 1"))
    assert asked == []
    monkeypatch.setattr(engines, "SURE_FOR", 0.0)
    with served.transaction() as session:
        session.execute(text("SELECT 1"))
    assert len(asked) == 1
