"""The model edited by forms in chat: checked as a file is, with its history, and never over somebody else's change."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from bot.core.cards import plain_text
from bot.features.framework import forms as edit_forms
from bot.features.framework.domain import repository
from bot.features.framework.domain.model import Framework, GoalPart
from bot.features.framework.handlers import editing
from storage.database import Database
from storage.framework import framework
from storage.mentions import listening
from storage.mentions.listening import Source
from storage.people import employees
from storage.sharing import nudges, posts, social_channels
from tests.stage import Stage

GOAL = {
    "id": "talent",
    "name": "More of us share",
    "metric": "shares",
    "target": "10",
    "baseline": "0",
    "starts": "2026-11-23",
    "due": "2026-12-31",
    "kind": "public_image",
}


@pytest.fixture
def stage(sqlite: Database) -> Iterator[Stage]:
    with Stage(sqlite) as stage:
        stage.hires("laura", roles=("employee", "lead"))
        stage.hires("mikko", roles=("employee", "owner"))
        stage.hires("aino")
        yield stage


def reads(stage: Stage, user: str) -> str:
    return plain_text(stage.cards(user)[-1])


def test_a_goal_from_nothing_to_changed(stage: Stage) -> None:
    stage.types("laura", "goals")
    stage.presses("laura", "Add or change…")
    stage.submits("laura", stage.presses("laura", "Add…").form, message=stage.newest("laura"), **GOAL, why="Autumn")
    assert "More of us share · shares · public image" in reads(stage, "laura")
    form = stage.presses("laura", "Edit…").form
    assert next(field.value for field in form.fields if field.name == "due") == "2026-12-31"
    stage.submits("laura", form, message=stage.newest("laura"), target="12.5", owner="mikko@koivu.example")
    with stage.database.transaction() as session:
        (goal,) = framework.goals(session)
        assert (goal.target, goal.owner.name, goal.due) == (12.5, "Mikko", date(2026, 12, 31))
        newest, first = framework.changes_of(session, "goals", 5)
        assert (first.why, newest.before["target"], newest.after["target"]) == ("Autumn", 10.0, 12.5)


@pytest.mark.parametrize(
    ("wrong", "field", "said"),
    [
        ({"target": "many"}, "target", "Write a number"),
        ({"due": "soon"}, "due", "Write dates like"),
        ({"due": "2026-11-01"}, "due", "is not after"),
        ({"id": "A b"}, "id", "only small letters"),
        ({"name": ""}, "name", "Fill this in."),
        ({"metric": "pulse"}, "metric", "a factor goes with"),
        ({"name": "x" * 200}, "name", "That’s too long. Shorten it."),
    ],
)
def test_what_is_wrong_stands_at_its_field(stage: Stage, wrong: dict[str, str], field: str, said: str) -> None:
    form = stage.pressed("laura", "part.goals", 0).form
    again = stage.submits("laura", form, **(GOAL | wrong)).form
    assert said in again.error_of(field)
    assert next(item.value for item in again.fields if item.name == "starts") == "2026-11-23"


def test_two_leads_at_once(stage: Stage) -> None:
    stage.hires("petra", roles=("employee", "lead"))
    stage.submits("laura", stage.pressed("laura", "part.goals", 0).form, **GOAL)
    with stage.database.transaction() as session:
        version = editing.version_of(repository.current_framework(session).goals[0])
    one = stage.pressed("laura", "part.goals", version).form
    other = stage.pressed("petra", "part.goals", version).form
    stage.submits("laura", one, target="20")
    stage.submits("petra", other, target="30", why="My words")
    assert "Somebody has just changed this" in reads(stage, "petra")
    assert "My words" in reads(stage, "petra")
    with stage.database.transaction() as session:
        assert framework.goals(session)[0].target == 20.0


def test_a_source_and_an_audience(stage: Stage) -> None:
    form = stage.pressed("laura", "part.audiences", 0).form
    stage.submits("laura", form, id="homes", name="Homes", channels="linkedin: half of our enquiries\nx: replies")
    form = stage.pressed("laura", "part.sources", 0).form
    again = stage.submits("laura", form, id="tag", name="#koivu", kind="mastodon", address="koivu").form
    assert "cannot be listened to" in again.error_of("address")
    stage.submits(
        "laura",
        again,
        id="tag",
        name="#koivu",
        kind="mastodon",
        address="#koivu@m.example",
        audience="homes",
        channel="linkedin",
    )
    with stage.database.transaction() as session:
        assert framework.audience(session, "homes").channels[0] == {
            "channel": "linkedin",
            "evidence": "half of our enquiries",
        }
        assert listening.source(session, "tag").audience == "homes"
    stage.presses("laura", "Remove")
    with stage.database.transaction() as session:
        assert listening.sources(session) == []


def test_what_is_in_use_is_not_taken_out(stage: Stage) -> None:
    stage.publishes("Storm")
    stage.shares("aino")
    with stage.database.transaction() as session:
        part = next(part for part in repository.current_framework(session).channels if part.id == "linkedin")
    stage.pressed("laura", "part_out.channels", editing.version_of(part))
    assert "You can’t remove it, because it’s still needed: linkedin has shares" in reads(stage, "laura")


def test_a_retired_channel_lets_go_of_what_is_open(stage: Stage) -> None:
    mikko = stage.person("mikko")
    only = stage.publishes("Only there", channels=["linkedin"])
    both = stage.publishes("Both", channels=["linkedin", "x"])
    with stage.database.transaction() as session:
        social_channels.channel(session, "linkedin").owner = employees.employee(session, mikko.id)
        session.add(Source(id="tag", name="#koivu", kind="webhook", channel="linkedin"))
        session.flush()
        model = repository.current_framework(session)
        retired = tuple(
            part.model_copy(update={"state": "retired"}) if part.id == "linkedin" else part for part in model.channels
        )
        repository.apply(
            session, model.model_copy(update={"channels": retired}), seen=None, by=None, why="", now=stage.now
        )
        assert (posts.post(session, only).state, posts.post(session, both).channels) == ("in_review", ["x"])
        assert listening.source(session, "tag").state == "paused"
        assert nudges.about(session, only) == []


def test_only_leads(stage: Stage) -> None:
    for action in ("section.goals", "part.goals", "part_out.goals"):
        stage.pressed("aino", action, 0)
        assert "Only comms leads can do that" in reads(stage, "aino")


def test_what_a_form_writes_it_reads_again() -> None:
    part = GoalPart.model_validate({name: value for name, value in GOAL.items() if name != "baseline"})
    read = edit_forms.read("goals", edit_forms.written(part))
    assert GoalPart.model_validate(read) == part
    assert Framework(version=1, goals=(part,)).people == set()
