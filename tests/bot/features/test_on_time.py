"""What nobody answers is late wherever "on time" is told: else the best figure is had by not answering at all."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.features.digest.domain import compute_facts
from bot.features.framework.domain import metrics
from bot.features.mentions.handlers import overview
from bot.features.questions.domain.figures import figures
from bot.features.rollout.domain import gates
from storage.framework.framework import Goal
from storage.mentions.listening import Mention
from storage.people import organisation
from storage.questions.questions import Question
from tests.stage import Stage

DAY = timedelta(days=1)


@pytest.fixture
def unanswered(stage_on_both: Stage) -> Stage:
    """Of questions and of mentions three each: one answered on time, one whose time is over, one that has time left."""
    stage = stage_on_both
    stage.hires("aino", unit="Field service")
    now, aino = stage.now, stage.person("aino").id
    with stage.database.transaction() as session:
        for state, due, was_in_time in (("answered", -1, True), ("open", -1, None), ("open", 1, None)):
            answered_at = now - 2 * DAY if was_in_time else None
            session.add(
                Question(
                    text="May I?",
                    asker_id=aino,
                    asked_at=now - 3 * DAY,
                    opened_at=now - 3 * DAY,
                    answer_by=now + due * DAY,
                    answered_at=answered_at,
                    first_answered_at=answered_at,
                    was_in_time=was_in_time,
                    state=state,
                )
            )
            session.add(
                Mention(
                    fingerprint=f"{state}{due}",
                    text="Slow service",
                    heard_at=now - 3 * DAY,
                    opened_at=now - 3 * DAY,
                    answer_by=now + due * DAY,
                    settled_at=answered_at,
                    was_in_time=was_in_time,
                    state="replied" if was_in_time else "open",
                )
            )
    return stage


def test_questions(unanswered: Stage) -> None:
    with unanswered.database.transaction() as session:
        unit = organisation.named(session, "Field service")
        assert unit is not None
        found = figures(session, unanswered.now).in_time
        assert found is not None
        assert found[:2] == (1, 2)
        gate = next(gate for gate in gates.gates(session, unit, unanswered.now) if gate.kind == gates.IN_TIME)
        assert (gate.holds, gate.found, gate.of) == (None, 1, 2)  # two questions tell nothing
    assert standing(unanswered, "questions_in_time") == 50.0


def test_mentions(unanswered: Stage) -> None:
    now = unanswered.now
    with unanswered.database.transaction() as session:
        assert overview.volume(session, now - 5 * DAY, now).in_time == (1, 2)
        told = compute_facts.gather(session, compute_facts.last_week(now), k=5).mentions
        assert told is not None
        assert told.in_time == (1, 2)
    assert standing(unanswered, "mentions_answered") == 50.0


def standing(stage: Stage, metric: str) -> float | None:
    today = stage.now.date()
    goal = Goal(
        id="g",
        name="On time",
        kind="goal",
        metric=metric,
        baseline=0.0,
        target=90.0,
        starts=today - 30 * DAY,
        due=today + 30 * DAY,
    )
    with stage.database.transaction() as session:
        return metrics.standing_of_goal(session, goal, stage.now).now
