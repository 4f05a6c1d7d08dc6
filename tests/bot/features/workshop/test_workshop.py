"""The workshop: answered alone, grouped, voted on; its outcome becomes goals, steps and commitments."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from string import ascii_lowercase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.cards import plain_text
from bot.core.factors import FACTORS
from bot.core.i18n import languages
from bot.features.workshop.domain import grouping
from bot.features.workshop.domain.outcome import descriptions, maturity
from bot.features.workshop.handlers.workshop import MOST_NEEDS
from storage.database import Database
from storage.framework import framework
from storage.workshop import workshops
from tests.stage import Stage

PEOPLE = [f"p{number}" for number in range(6)]


@pytest.fixture
def stage(sqlite: Database) -> Iterator[Stage]:
    with Stage(sqlite, messages_a_day=9, messages_a_week=9, hours=(0, 24)) as stage:
        stage.hires("laura", roles=("employee", "lead"), unit="Communications")
        for user in PEOPLE:
            stage.hires(user, unit="Field service", wants=None)
        stage.types("laura", "workshop Field service")
        stage.ticks(1)
        stage.ticks(60 * 6)
        yield stage


def reads(stage: Stage, user: str) -> str:
    return plain_text(stage.cards(user)[-1])


def rates(stage: Stage, user: str, levels: dict[str, int] | None = None) -> None:
    for factor in FACTORS:
        stage.presses(user, str((levels or {}).get(factor, 2)))


def needs(stage: Stage, user: str, words: str) -> None:
    stage.submits(user, stage.presses(user, "Add a need…").form, message=stage.newest(user), text=words)


def test_people_are_invited_and_answer_without_seeing_others(stage: Stage) -> None:
    assert "Laura asks what you need and expect" in reads(stage, "p0")
    needs(stage, "p0", "Somebody who answers my questions")
    rates(stage, "p0")
    assert "you’ve rated all eight areas" in reads(stage, "p0")
    stage.types("p1", "workshop")
    assert "Somebody who answers" not in reads(stage, "p1")
    assert "How far are we? 1 of 8: Goals" in reads(stage, "p1")
    with stage.database.transaction() as session:
        assert workshops.levels(session, 1) == {factor: Counter({2: 1}) for factor in FACTORS}


def test_from_needs_to_commitments(stage: Stage) -> None:
    for user in PEOPLE:
        rates(stage, user, {"ownership": 0, "listening": 1})
    needs(stage, "p0", "Somebody who answers my questions about channels")
    needs(stage, "p1", "somebody who answers questions about my channels")
    needs(stage, "p2", "Time for it")
    stage.types("laura", "workshop")
    stage.presses("laura", "Group and start voting")
    assert "said 2 times" in reads(stage, "p0")
    stage.presses("p3", "Vote")
    assert "You have 2 votes left." in reads(stage, "p3")
    stage.presses("p3", "Take back my vote")
    assert "You have 3 votes left." in reads(stage, "p3")
    for user in ("p3", "p4"):
        stage.presses(user, "Vote", on=stage.newest(user))
    stage.types("laura", "workshop")
    stage.presses("laura", "Close the workshop")
    stage.presses("laura", "Yes, close it")
    said = reads(stage, "laura")
    assert "6 people took part." in said
    assert "Ownership: 0 (answers from 0 to 0)" in said
    assert "Overall: 0." in said
    stage.presses("laura", "Make it a goal")
    stage.presses("laura", "I’ll do it")
    with stage.database.transaction() as session:
        (goal,) = framework.goals(session)
        assert (goal.metric, goal.target, goal.unit) == ("questions_in_time", 90.0, "Field service")
        assert framework.changes(session, 1)[0].why == "outcome of the workshop in Field service"
        (step,) = workshops.commitments(session, 1)
        assert step.text.startswith("Every channel gets a named owner")
    stage.ticks(60 * 24)
    assert any("Outcome of the workshop: Field service" in said for said in stage.sees("p5"))


def test_a_need_too_many_is_given_back(stage: Stage) -> None:
    for number in range(MOST_NEEDS):
        needs(stage, "p0", f"Need {number}")
    needs(stage, "p0", "The one that matters most")
    said = stage.sees("p0")[-1]
    assert "20 needs and expectations" in said
    assert "The one that matters most" in said
    stage.types("p0", "workshop")
    assert "The one that matters most" not in reads(stage, "p0")


def test_groups_that_find_no_room_are_counted(stage: Stage) -> None:
    for number, letter in enumerate(ascii_lowercase):
        needs(stage, PEOPLE[number % 2], 6 * letter)
    stage.types("laura", "workshop")
    stage.presses("laura", "Group and start voting")
    assert "2 more groups don’t fit here." in reads(stage, "p0")
    stage.presses("laura", "See the groups")
    assert "2 more groups don’t fit here. Merge similar ones to make room." in reads(stage, "laura")


def test_a_vote_from_an_older_card_takes_none_back(stage: Stage) -> None:
    needs(stage, "p0", "Pictures of real people")
    stage.types("laura", "workshop")
    stage.presses("laura", "Group and start voting")
    stage.types("p1", "workshop")
    older = stage.newest("p1")
    stage.types("p1", "workshop")
    stage.presses("p1", "Vote")
    stage.pressed("p1", "workshop.vote", 1, message=older)
    assert "You have 2 votes left." in reads(stage, "p1")
    stage.presses("p1", "Take back my vote")
    assert "You have 3 votes left." in reads(stage, "p1")


def test_few_raters_stay_unseen(stage: Stage) -> None:
    for user in PEOPLE[:4]:
        rates(stage, user)
    stage.types("laura", "workshop")
    stage.presses("laura", "Group and start voting")
    stage.presses("laura", "Close the workshop")
    stage.presses("laura", "Yes, close it")
    assert reads(stage, "laura").count("too few answers yet") == len(FACTORS)
    with stage.database.transaction() as session:
        assert workshops.proposals(session, 1) == []


def test_a_commitment_is_reminded_and_shown_as_kept(stage: Stage) -> None:
    form = stage.pressed("p0", "workshop.commit", 1).form
    stage.submits("p0", form, text="Show two colleagues how I share", weeks="1", sponsor="yes")
    stage.now += timedelta(days=8)
    stage.ticks(1)
    stage.ticks(60 * 24)
    assert "You made a promise" in reads(stage, "p0")
    stage.presses("p0", "I kept it")
    stage.pressed("laura", "workshop.outcome", 1)
    assert "✓ P0 (sponsor): Show two colleagues how I share" in reads(stage, "laura")
    for action in ("commitment.later", "commitment.not_kept"):  # on a card from before: what was kept stays kept
        stage.pressed("p0", action, 1)
    stage.pressed("laura", "workshop.outcome", 1)
    assert "✓ P0 (sponsor): Show two colleagues how I share" in reads(stage, "laura")
    form = stage.pressed("p1", "workshop.commit", 1).form
    wrong = stage.submits("p1", form, text="For somebody else", who=str(stage.person("p0").id)).form
    assert "Ask a comms lead to note other people’s promises" in wrong.error_of("who")
    stage.pressed("p2", "commitment.kept", 1)
    assert "That promise isn’t yours" in reads(stage, "p2")


def test_a_workshop_belongs_to_its_unit(stage: Stage) -> None:
    stage.hires("mikko", unit="Sales")
    stage.pressed("mikko", "workshop.join", 1)
    assert "That workshop is for another unit." in reads(stage, "mikko")
    form = stage.pressed("p0", "workshop.commit", 1).form
    stage.submits("mikko", form, text="I join in", who=str(stage.person("mikko").id))
    assert "That workshop is for another unit." in reads(stage, "mikko")
    with stage.database.transaction() as session:
        assert workshops.commitments(session, 1) == []
    stage.pressed("p0", "workshop.close_now", 1)
    assert "Only comms leads can do that" in reads(stage, "p0")


def test_the_second_workshop_shows_the_change(stage: Stage) -> None:
    def held(level: int) -> None:
        for user in PEOPLE:
            stage.types(user, "workshop")
            rates(stage, user, dict.fromkeys(FACTORS, level))
        stage.types("laura", "workshop")
        stage.presses("laura", "Group and start voting")
        stage.presses("laura", "Close the workshop")
        stage.presses("laura", "Yes, close it")

    held(1)
    stage.types("laura", "workshop Field service")
    held(3)
    assert "Goals: 3 (answers from 3 to 3) · last time 1" in reads(stage, "laura")


def test_groups_are_renamed_and_merged(stage: Stage) -> None:
    needs(stage, "p0", "Pictures of real people")
    needs(stage, "p1", "An hour a week")
    stage.types("laura", "workshop")
    stage.presses("laura", "Group and start voting")
    stage.presses("p2", "Vote")
    stage.presses("laura", "See the groups")
    form = stage.presses("laura", "Rename or merge…").form
    into = next(field for field in form.fields if field.name == "into")
    stage.submits("laura", form, message=stage.newest("laura"), into=into.options[1].value)
    with stage.database.transaction() as session:
        (group,) = workshops.workshop(session, 1).groups
        assert len(group.needs) == 2
        assert workshops.votes(session, 1) == {group.id: 1}


def test_the_model_groups_and_is_checked(stage: Stage) -> None:
    needs(stage, "p0", "Pictures of real people")
    needs(stage, "p1", "Real people in pictures, please")

    def grouped(request):  # type: ignore[no-untyped-def]
        ids = [item["id"] for item in json.loads(request.data)]
        return json.dumps({"groups": [{"name": "Pictures of real people", "factor": "activities", "needs": ids}]})

    stage.model.written = grouped
    stage.use_model(stage.model, model_writes=True)
    stage.types("laura", "workshop")
    stage.presses("laura", "Group and start voting")
    with stage.database.transaction() as session:
        (group,) = workshops.workshop(session, 1).groups
        assert (group.name, group.factor) == ("Pictures of real people", "activities")


@pytest.mark.parametrize(
    "written",
    [
        "",
        "[]",
        '{"groups": []}',
        '{"groups": [{"name": "x", "factor": "goals", "needs": [1]}]}',
        '{"groups": [{"name": "x", "factor": "luck", "needs": [1, 2]}]}',
        '{"groups": [{"name": "Buy our shares now", "factor": "goals", "needs": [1, 2]}]}',
        '{"groups": [{"name": "<b>Time</b>", "factor": "goals", "needs": [1, 2]}]}',
        '{"groups": [{"name": "Time", "factor": "goals", "needs": [1, 2, 3]}]}',
    ],
)
def test_what_the_model_must_not_say_of_groups(written: str) -> None:
    assert grouping.checked_grouping(written, [(1, "Time for it"), (2, "Pictures")]) is None


@given(st.lists(st.text(max_size=60), max_size=20))
def test_every_need_is_in_exactly_one_group(texts: list[str]) -> None:
    found = grouping.by_words(list(enumerate(texts)))
    assert sorted(number for group in found for number in group.needs) == list(range(len(texts)))


def test_levels_are_described_in_each_language() -> None:
    assert set(descriptions()) == set(FACTORS)
    for texts in descriptions().values():
        assert {language: len(lines) for language, lines in texts.items()} == dict.fromkeys(languages(), 5)


def test_the_lowest_factor_is_never_averaged_away() -> None:
    found = maturity({factor: Counter({4: 9}) for factor in FACTORS} | {"goals": Counter({0: 3, 1: 3})}, {}, 5)
    assert min(item.level for item in found if item.level is not None) == 0.5
    assert found[0].raters == 6
