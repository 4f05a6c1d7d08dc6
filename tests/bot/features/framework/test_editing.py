"""The model edited by forms in chat: checked as a file is, with its history, and never over somebody else's change."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.core.cards import plain_text
from bot.core.i18n import Words
from bot.core.recurrence import occurrences
from bot.features.framework.domain import repository
from bot.features.framework.domain.model import ActivityPart, Framework, GoalPart
from bot.features.framework.forms import part_fields, part_values
from bot.features.framework.forms.editing import EDITED
from bot.features.framework.forms.part_fields import Around
from bot.features.framework.handlers import editing
from storage.database import Database
from storage.framework import framework
from storage.mentions import listening
from storage.mentions.listening import Source
from storage.people import employees
from storage.sharing import nudges, posts, social_channels
from tests.stage import Stage

GOAL = {
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
    assert next(field.value for field in form.fields if field.name == "due") == date(2026, 12, 31)
    stage.submits("laura", form, message=stage.newest("laura"), target="12,5", owner="mikko@koivu.example")
    with stage.database.transaction() as session:
        (goal,) = framework.goals(session)
        assert (goal.id, goal.target, goal.owner.name) == ("more-of-us-share", 12.5, "Mikko")
        assert goal.due == date(2026, 12, 31)
        newest, first = framework.changes_of(session, "goals", 5)
        assert (first.why, newest.before["target"], newest.after["target"]) == ("Autumn", 10.0, 12.5)


@pytest.mark.parametrize(
    ("wrong", "field", "said"),
    [
        ({"target": "many"}, "target", "Write a number"),
        ({"due": "soon"}, "due", "Choose a day."),
        ({"due": ""}, "due", "Fill this in."),
        ({"due": "2026-11-01"}, "due", "The due date must be after the start."),
        ({"starts": "2025-01-01", "due": "2025-02-01"}, "due", "That day is over. Choose a later one."),
        ({"target": "1", "baseline": "5"}, "target", "The target must be higher than where you start."),
        ({"target": "-5"}, "target", "Write a number above 0."),
        ({"metric": "questions_in_time", "target": "150"}, "target", "That’s a percentage: 100 at most."),
        ({"name": ""}, "name", "Fill this in."),
        ({"metric": "pulse"}, "factor", "Choose an area: positive answers are counted area by area."),
        ({"factor": "ownership"}, "factor", "Leave the area out: it goes with positive answers only."),
        ({"name": "x" * 200}, "name", "That’s too long: at most 80 characters."),
    ],
)
def test_what_is_wrong_stands_at_its_field(stage: Stage, wrong: dict[str, str], field: str, said: str) -> None:
    form = stage.pressed("laura", "part.goals", 0).form
    again = stage.submits("laura", form, **(GOAL | wrong)).form
    assert said in again.error_of(field)
    assert field in {item.name for item in again.fields}
    written = {item.name: item.value for item in again.fields if hasattr(item, "value")}
    assert written["name"] == (GOAL | wrong)["name"]


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
    seen = {"channels@linkedin": "half of our enquiries", "channels@x": "replies"}
    stage.submits("laura", form, name="Homes", **seen)
    form = stage.pressed("laura", "part.sources", 0).form
    again = stage.submits("laura", form, name="Tag", kind="mastodon", address="koivu").form
    assert "I can’t listen to that" in again.error_of("address")
    stage.submits(
        "laura",
        again,
        name="Tag",
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
    assert "Remove “Tag”?" in reads(stage, "laura")
    stage.presses("laura", "Yes, remove it")
    with stage.database.transaction() as session:
        assert listening.sources(session) == []


def test_what_is_edited_stays_where_it_stands(stage: Stage) -> None:
    with stage.database.transaction() as session:
        before = [part.id for part in repository.current_framework(session).channels]
        first = repository.current_framework(session).channels[0]
    form = stage.pressed("laura", "part.channels", editing.version_of(first)).form
    stage.submits("laura", form, tone="Plainly.", owner="mikko@koivu.example")
    with stage.database.transaction() as session:
        assert [part.id for part in repository.current_framework(session).channels] == before
        assert repository.current_framework(session).channels[0].tone == "Plainly."


def test_what_is_in_use_is_not_taken_out(stage: Stage) -> None:
    stage.publishes("Storm")
    stage.shares("aino")
    with stage.database.transaction() as session:
        part = next(part for part in repository.current_framework(session).channels if part.id == "linkedin")
    stage.pressed("laura", "part_gone.channels", editing.version_of(part))
    assert "“LinkedIn” has shares or questions, so it can’t be removed." in reads(stage, "laura")


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
    for action in ("section.goals", "part.goals", "part_out.goals", "part_gone.goals"):
        stage.pressed("aino", action, 0)
        assert "Only comms leads can do that" in reads(stage, "aino")


AROUND = Around(named={}, zone="Europe/Helsinki", zones=["Europe/Stockholm"], now=datetime(2026, 11, 27, tzinfo=UTC))


def test_what_a_form_writes_it_reads_again() -> None:
    part = GoalPart.model_validate({"id": "talent", **{name: v for name, v in GOAL.items() if name != "baseline"}})
    read = part_values.read("goals", part, part_values.written(part, AROUND.zone), AROUND)
    assert GoalPart.model_validate({"id": part.id, **read}) == part
    assert Framework(version=1, goals=(part,)).people == set()


@pytest.mark.parametrize("zone", ["Europe/Helsinki", "Europe/Stockholm"])
@pytest.mark.parametrize(
    "repeats",
    [
        None,
        "FREQ=WEEKLY;BYDAY=TU",
        "FREQ=WEEKLY",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU",
        "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
        "FREQ=MONTHLY;UNTIL=20270222T235959",
        "FREQ=YEARLY",
        "FREQ=MONTHLY;BYDAY=2TU",
        "FREQ=WEEKLY;BYDAY=TU,TH;COUNT=4",
    ],
)
def test_an_activity_stays_what_it_is(repeats: str | None, zone: str) -> None:
    """Whatever its rule is, and wherever whoever looks at it is."""
    starts = datetime(2026, 11, 24, 9, 0)  # noqa: DTZ001 - local, in its own zone
    part = ActivityPart(id="tip", name="Tip", starts=starts, time_zone="Europe/Helsinki", repeats=repeats)
    around = replace(AROUND, zone=zone, zones=["Europe/Helsinki", "Europe/Stockholm"])
    read = part_values.read("activities", part, part_values.written(part, zone), around)
    again = ActivityPart.model_validate({"id": part.id, **read})
    assert (again.starts, again.time_zone) == (part.starts, part.time_zone)
    window = {"since": datetime(2026, 11, 1, tzinfo=UTC), "until": datetime(2027, 11, 1, tzinfo=UTC)}
    shown = [list(occurrences(one.starts, one.time_zone, 30, one.repeats, **window)) for one in (part, again)]
    assert shown[0] == shown[1]


def test_no_field_asks_for_what_only_a_machine_reads() -> None:
    """Neither ids nor rules nor dates in a syntax: names make their own ids, and two of one name are two."""
    words = Words()
    for section in EDITED:
        fields = part_fields.fields_of(section, None, AROUND, words, {})
        said = " ".join(f"{field.label} {field.hint}" for field in fields)
        assert not re.search(r"FREQ|RFC|\d{4}-\d\d|\{\w+\}|Europe/", said), said
        assert section == "channels" or "id" not in {field.name for field in fields}
    around = replace(AROUND, taken={"goals": frozenset({"aanekoski-2"})})
    assert part_values.read("goals", None, {"name": "Äänekoski 2"}, around)["id"] == "aanekoski-2-2"
    assert part_values.read("goals", None, {"name": "漢字"}, around)["id"] == "goals"


def test_an_activity_is_made_from_choices(stage: Stage) -> None:
    form = stage.pressed("laura", "part.activities", 0).form
    stage.submits("laura", form, name="Tip", starts="2026-12-01T09:00", repeats="weekly", until="2027-02-22")
    with stage.database.transaction() as session:
        (row,) = framework.activities(session)
        assert (row.id, row.minutes) == ("tip", 30)
        assert row.repeats == "FREQ=WEEKLY;BYDAY=TU;UNTIL=20270222T235959"
    assert "every week, Tuesday, until 22 Feb 2027" in reads(stage, "laura")


def test_a_channel_of_their_own_and_one_that_is_known(stage: Stage) -> None:
    form = stage.pressed("laura", "part.channels", 0).form
    again = stage.submits("laura", form, id="own", name="", owner="mikko@koivu.example").form
    assert again.error_of("name") == "Give your channel a name."
    page = "https://intra.example/post?words=TEXT&at=LINK"
    stage.submits("laura", again, id="own", name="Intranet", owner="mikko@koivu.example", share_page=page)
    with stage.database.transaction() as session:
        made = social_channels.channel(session, "intranet")
        assert (made.name, made.share_page) == ("Intranet", "https://intra.example/post?words={text}&at={link}")


def test_who_answers_for_a_channel_hears_of_it_once(stage: Stage) -> None:
    """Whoever comes anew, as the owner or the deputy; saving it again says nothing, nor does setting oneself."""
    stage.types("laura", "framework")
    stage.presses("laura", "Channels")

    def saves(**values: str) -> None:
        stage.now += timedelta(minutes=1)
        stage.submits("laura", stage.presses("laura", "Edit…").form, message=stage.newest("laura"), **values)

    saves(owner="mikko@koivu.example", deputy="")
    assert "You answer for" in reads(stage, "mikko")
    assert "Laura has set this." in reads(stage, "mikko")
    heard = len(stage.cards("mikko"))
    saves(owner="mikko@koivu.example", deputy="laura@koivu.example")
    saves(owner="laura@koivu.example", deputy="mikko@koivu.example")
    assert len(stage.cards("mikko")) == heard
    saves(owner="laura@koivu.example", deputy="")
    saves(owner="laura@koivu.example", deputy="mikko@koivu.example")
    assert "You’re the deputy for" in reads(stage, "mikko")
