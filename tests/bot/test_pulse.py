"""A round of the pulse, as people meet it: asked, tapped, closed, published, read."""

from __future__ import annotations

import pytest

from storage import rounds
from storage.answers import Answer
from storage.rounds import CLOSED, PUBLISHED, Round
from tests.stage import Stage

PEOPLE = [f"p{number}" for number in range(8)]


@pytest.fixture
def asked(stage: Stage) -> Stage:
    """Eight people and a lead, in a round that is open, each with an invitation."""
    for user in PEOPLE:
        stage.hires(user, unit="Sales")
    stage.hires("laura", roles=["employee", "lead"], unit="Communications")
    stage.now = stage.now.replace(hour=8)
    stage.types("laura", "pulse")
    stage.presses("laura", "Open a round")
    stage.ticks()
    stage.ticks(minutes=8 * 60)
    return stage


def answers(stage: Stage, user: str, label: str) -> None:
    stage.presses(user, "Answer")
    for _ in range(6):
        if "Thank you!" in stage.sees(user)[-1]:
            return
        stage.presses(user, label)
    raise AssertionError(stage.sees(user)[-1])


def closes(stage: Stage) -> None:
    stage.types("laura", "pulse")
    stage.presses("laura", "Close now")
    stage.ticks()


def the_round(stage: Stage) -> Round:
    with stage.database.transaction() as session:
        row = rounds.newest(session)
        assert row is not None
        return row


def rows(stage: Stage, table: type) -> list:
    from sqlalchemy import select

    with stage.database.transaction() as session:
        return list(session.scalars(select(table)))


def test_asked_tapped_thanked_closed_published_read(asked: Stage) -> None:
    stage = asked
    assert "How is social media going here?" in stage.sees("p0")[-1]
    for user in PEOPLE[:7]:
        answers(stage, user, "Agree")
    assert rows(stage, Answer) == []  # nothing in the main database while the round is open
    closes(stage)
    assert the_round(stage).state == CLOSED
    told = stage.sees("laura")[-1]
    assert "The round is over" in told
    assert "7 of 9 people answered." in told
    stage.presses("laura", "Publish this")
    assert the_round(stage).state == PUBLISHED
    stage.types("p7", "pulse")
    assert "You said: " in stage.sees("p7")[-1]
    assert "We do: " in stage.sees("p7")[-1]
