"""The made-up organisation: what it says of itself is there in both languages."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from adapters.demo import framework, knowledge, organisation
from adapters.playground.directory import profile
from adapters.playground.parse import WORKSPACE
from bot.features.framework.domain import repository
from bot.features.people.domain import directory
from storage.database import Database
from storage.framework.framework import Goal
from storage.people import workspaces

NOW = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
SAME = {"#heatpumps"}  # in every language


@pytest.fixture
def made_up(database: Database) -> Database:
    with database.transaction() as session:
        workspaces.install(session, WORKSPACE, now=NOW)
    with database.transaction() as session:
        for member in organisation.MEMBERS:
            directory.upsert_identity(session, WORKSPACE, profile(member), now=NOW)
        knowledge.load(session, now=NOW)
        framework.load(session, now=NOW)
    return database


def told(database: Database) -> set[str]:
    """What people read of the model, but for the units, which are named as in a directory."""
    with database.transaction() as session:
        model = repository.current_framework(session)
    named = (*model.audiences, *model.goals, *model.activities, *model.sources)
    return {
        *(part.name for part in named),
        *(part.tone for part in model.channels if part.tone),
        *(place.evidence for audience in model.audiences for place in audience.channels),
    } - SAME


def test_the_model_is_told_in_finnish_and_in_english_again(made_up: Database) -> None:
    english = told(made_up)
    with made_up.transaction() as session:
        framework.speak(session, "fi")
    finnish = told(made_up)
    assert len(finnish) == len(english)
    assert not finnish & english
    with made_up.transaction() as session:
        framework.speak(session, "en")
    assert told(made_up) == english


def test_what_a_visitor_wrote_stays(made_up: Database) -> None:
    with made_up.transaction() as session:
        session.scalars(select(Goal).where(Goal.id == "talent")).one().name = "My own goal"
    with made_up.transaction() as session:
        framework.speak(session, "fi")
    assert "My own goal" in told(made_up)
