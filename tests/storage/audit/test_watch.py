"""Whatever an administrator, a lead or an owner changes is in the log, by whom and what it was before, whichever way."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from storage.audit import entries, watch
from storage.audit.entries import AuditEntry
from storage.base import Base
from storage.database import Database
from storage.people import employees, workspaces
from storage.people.employees import Employee
from storage.questions.questions import Question
from storage.sharing import social_channels
from storage.sharing.posts import PostState
from storage.web.api_tokens import ApiToken
from tests.stage import Stage

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def told(database: Database, act: str = "") -> list[tuple[Any, ...]]:
    with database.transaction() as session:
        rows = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
        assert entries.verify(session).fault is None
        return [
            (row.act, row.by_id, row.source, row.about, json.loads(row.details or "{}"))
            for row in rows
            if row.act.startswith(act)
        ]


def test_a_role_that_is_given_with_what_was_before(database: Database) -> None:
    with database.transaction() as session:
        session.add(Employee(id=5, name="Aino", roles=["employee"], joined_at=NOW))
    assert told(database) == []  # who comes is the directory's affair
    with database.transaction() as session, watch.acting(session, 7, "console"):
        session.get_one(Employee, 5).roles = ["employee", "lead"]
    change = {"roles": [["employee"], ["employee", "lead"]]}
    assert told(database) == [("employees changed", 7, "console", "5", change)]


def test_a_role_that_nobody_seems_to_have_given_is_there_all_the_same(database: Database) -> None:
    with database.transaction() as session:
        session.add(Employee(id=5, name="Aino", joined_at=NOW))
    with database.transaction() as session:
        session.get_one(Employee, 5).roles = ["admin"]
    assert [row[:3] for row in told(database)] == [("employees changed", None, "job")]


def test_what_is_taken_back_is_not_told(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), database.transaction() as session:
        social_channels.block_phrase(session, "market leader", "")
        session.flush()
        raise ZeroDivisionError
    assert told(database) == []


def test_two_people_in_one_transaction_are_told_apart(database: Database) -> None:
    """Turns that wait together are decided in one."""
    with database.transaction() as session:
        for number in (5, 6):
            session.add(Employee(id=number, name=f"p{number}", joined_at=NOW))
    with database.transaction() as session:
        for by, number in ((7, 5), (8, 6)):
            with watch.acting(session, by, "chat"):
                session.get_one(Employee, number).roles = ["employee", "owner"]
    assert [(row[1], row[3]) for row in told(database)] == [(7, "5"), (8, "6")]


def test_tokens_and_installations(database: Database) -> None:
    with database.transaction() as session, watch.acting(session, None, "terminal"):
        session.add(ApiToken(name="wiki", digest="d", scopes=["people:read"], made_at=NOW))
        workspaces.install(session, "slack:T1", now=NOW)
    with database.transaction() as session:
        workspaces.remove(session, "slack:T1", now=NOW)
    assert {row[0] for row in told(database)} == {"api_tokens made", "workspaces made", "workspaces changed"}
    assert told(database, "workspaces changed")[0][4] == {"state": ["installed", "removed"]}
    assert "wiki" not in str(told(database))  # words are nobody's business here


def test_a_post_from_its_approval_to_its_recall(stage: Stage) -> None:
    """Both are told: the recall does not hide who had approved."""
    laura = stage.hires("laura", roles=["employee", "lead"], wants=False)
    stage.publishes("Storm", state=PostState.DRAFT)
    stage.ticks()
    stage.presses("laura", "Approve")
    approved = next(row for row in told(stage.database, "posts changed") if row[1] == laura)
    assert approved[2] == "chat"
    assert approved[4]["decided_by_id"] == [None, laura]
    assert approved[4]["state"] == ["in_review", "live"]
    anna = stage.hires("anna", roles=["employee", "lead"], wants=False)
    stage.types("anna", "posts")
    stage.presses("anna", "Withdraw")
    stage.presses("anna", "Yes, withdraw it")
    recalled = told(stage.database, "posts changed")[-1]
    assert recalled[1] == anna
    assert recalled[4]["state"] == ["live", "recalled"]


def test_nothing_of_what_employees_do_for_themselves_is_told(stage: Stage) -> None:
    stage.hires("aino")
    stage.publishes("Storm")
    stage.ticks()
    before = told(stage.database)
    stage.shares("aino")
    stage.says("aino", "May I share this?")
    stage.types("aino", "settings")
    stage.presses("aino", "Pause for a week")
    assert told(stage.database) == before
    with stage.database.transaction() as session:
        assert session.query(Question).count() == 1


def test_what_is_watched_are_columns_that_there_are() -> None:
    for model, watched in watch.WATCHED.items():
        known = {attribute.key for attribute in Base.registry._class_registry[model.__name__].__mapper__.column_attrs}
        assert {*watched.values, *watched.words} <= known, model


def test_a_thousand_newcomers_of_a_directory_are_no_acts(database: Database) -> None:
    with database.transaction() as session:
        for number in range(1000):
            employees.newcomer(session, NOW, name=f"p{number}")
    assert told(database) == []
