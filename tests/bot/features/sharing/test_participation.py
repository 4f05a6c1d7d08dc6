"""Taking part: the tour, topics of interest, the team; captions in many voices and in one's own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest

from bot.core.cards import plain_text
from content import voices
from storage.database import Database
from storage.framework.framework import Activity
from storage.sharing import nudges
from storage.sharing.links import TrackedLink
from storage.sharing.shares import Share
from tests.stage import Stage

POST = "Twelve crews and three nights: how we kept 40,000 homes warm. The storm Aila cut the line in Kuopio."


@pytest.fixture
def stage(sqlite: Database) -> Iterator[Stage]:
    with Stage(sqlite, messages_a_day=9, messages_a_week=9, hours=(0, 24)) as stage:
        stage.hires("laura", roles=("employee", "lead"), unit="Field service")
        stage.hires("aino", unit="Field service")
        yield stage


def reads(stage: Stage, user: str) -> str:
    return plain_text(stage.cards(user)[-1])


def test_the_first_days_take_three_messages(stage: Stage) -> None:
    stage.publishes("Storm")
    aino = stage.person("aino")
    with stage.database.transaction() as session:
        person = session.merge(aino)
        person.tour_step, person.nudges_wanted = 0, None
    stage.types("aino", "settings")
    stage.presses("aino", "Yes, nudge me")
    for _time in range(8 * 5):
        stage.ticks(180)
    said = stage.sees("aino")
    assert sum("How to share in three taps" in card for card in said) == 1
    assert sum("Who can help you" in card for card in said) == 1
    for _time in range(8 * 5):
        stage.ticks(180)
    assert sum("Who can help you" in card for card in stage.sees("aino")) == 1


def test_who_says_no_gets_no_tour(stage: Stage) -> None:
    aino = stage.person("aino")
    with stage.database.transaction() as session:
        person = session.merge(aino)
        person.tour_step, person.nudges_wanted = 0, None
    stage.types("aino", "settings")
    stage.presses("aino", "Yes, nudge me")
    stage.presses("aino", "Stop nudges")
    for _time in range(8 * 4):
        stage.ticks(180)
    assert not any("How sharing goes" in card for card in stage.sees("aino"))


def test_what_one_cares_about_comes_first(stage: Stage) -> None:
    stage.publishes("Storm", topic="Operations")
    stage.publishes("Heat", topic="Heat pumps")
    stage.publishes("Sun", topic="Solar", decided_at=stage.now - timedelta(days=1))
    stage.types("aino", "topics")
    stage.presses("aino", "Solar")
    assert "✓ Solar" in reads(stage, "aino")
    stage.ticks(1)
    assert "you’re interested in Solar" in reads(stage, "aino")
    stage.types("aino", "topics")
    stage.presses("aino", "✓ Solar")
    assert "✓" not in reads(stage, "aino")


def test_away_by_own_word(stage: Stage) -> None:
    stage.publishes("Storm")
    stage.types("aino", "settings")
    stage.presses("aino", "I’m away for a week")
    assert "Away: until" in reads(stage, "aino")
    stage.joins("aino")  # a profile without a status does not take it back
    assert not stage.person("aino").is_present(stage.now)
    stage.ticks(60)
    assert not any("Share…" in card for card in stage.sees("aino"))
    stage.presses("aino", "I’m back")
    for _hour in range(48):
        stage.ticks(60)
    assert any("Share…" in card for card in stage.sees("aino"))


def test_thanks_name_the_effect(stage: Stage) -> None:
    stage.publishes("Storm")
    stage.shares("aino")
    with stage.database.transaction() as session:
        link = session.get(TrackedLink, session.query(Share).one().code)
        link.unique_clicks, link.has_news = 12, True
    stage.ticks(1)
    assert "Thank you! Your share brought 12 readers" in reads(stage, "aino")


def shares_as(stage: Stage, user: str, text: str) -> None:
    stage.types(user, "share")
    stage.presses(user, "Pick this")
    stage.submits(user, stage.presses(user, "Share…").form, channel="linkedin", text=text)
    stage.presses(user, "Yes, posted")


def test_a_team_is_sums_and_a_list_only_of_those_who_asked(stage: Stage) -> None:
    stage.publishes("Storm")
    for user in ("mikko", "petra"):
        stage.hires(user, unit="Field service")
    shares_as(stage, "aino", "I saw the crews leave at dawn. Would you have gone?")
    stage.types("laura", "team")
    assert "Fewer than three people in Field service have shared" in reads(stage, "laura")
    shares_as(stage, "mikko", "What would your town do without a line for three days?")
    shares_as(stage, "petra", "My customers called to say thank you. That was new to me.")
    stage.ticks(1)
    stage.types("laura", "team")
    assert "People who shared: 3" in reads(stage, "laura")
    assert "Aino" not in reads(stage, "laura")
    for user in ("aino", "mikko"):
        stage.types(user, "team")
        stage.presses(user, "Put me on the list")
    assert "The list appears once three people want to be on it." in reads(stage, "mikko")
    stage.types("petra", "team")
    stage.presses("petra", "Put me on the list")
    assert "Aino | 1 | 0" in reads(stage, "petra")
    stage.types("laura", "team")
    assert "Aino" not in reads(stage, "laura")
    form = stage.presses("laura", "Cheer on your colleagues…").form
    stage.submits("laura", form, text="Your own words make the difference.")
    assert "3 people will hear it" in reads(stage, "laura")
    stage.ticks(60 * 24)
    assert any("Laura says thank you" in card for card in stage.sees("aino"))


# -- Captions ---------------------------------------------------------------------------------------------

GOOD = [
    ("question", "curious", "Who keeps you warm when the storm cuts the line?"),
    ("question", "warm", "Would you have gone out for three nights?"),
    ("experience", "proud", "I have colleagues who gave up three nights so that homes stayed warm."),
    ("experience", "warm", "Coffee never tasted better than after the last crew came home from Kuopio."),
    ("plain", "factual", "Twelve crews, three nights, 40,000 homes: that is what it took after Aila."),
    ("plain", "brief", "Warm homes are no accident."),
]


def written(captions: list[tuple[str, str, str]]) -> str:
    return json.dumps({"captions": [{"kind": kind, "tone": tone, "text": text} for kind, tone, text in captions]})


def test_a_lead_approves_what_the_model_drafts(stage: Stage) -> None:
    post = stage.publishes("Storm", summary=POST)
    stage.model.written = written(GOOD)
    stage.use_model(stage.model, model_writes=True)
    stage.pressed("laura", "voice.draft", post)
    stage.ticks(1)
    drafted = next(said for said in stage.sees("laura") if "[Approve]" in said)
    assert drafted.count("[Approve]") == len(GOOD)
    form = stage.presses("aino", "Share…").form
    assert not any(text in str(form) for _kind, _tone, text in GOOD)  # nobody is offered one before
    stage.presses("laura", "Approve all")
    form = stage.presses("aino", "Share…").form
    assert form is not None
    assert form.suggestions is not None
    assert {item.text for item in form.suggestions.items} <= {text for _kind, _tone, text in GOOD}
    assert all("drafted by AI, checked by Laura" in item.label for item in form.suggestions.items)


def test_without_a_key_nothing_is_asked(stage: Stage) -> None:
    post = stage.publishes("Storm")
    stage.pressed("laura", "voice.draft", post)
    assert stage.model.asked == []
    assert "Draft captions with AI" not in str(stage.cards("laura"))


@pytest.mark.parametrize(
    "lie",
    [
        "We kept 50,000 homes warm in the storm.",
        "Elina Koskinen led twelve crews through the storm.",
        "Read more at koivu.example about the storm",
        "Thank you @channel for the storm nights",
        "The storm nights <b>were</b> long and cold",
        "See [this](https://evil.example) about the storm",
        "The storm cut the line\u202e in the dark of it",
        "Our #storm nights were long",
    ],
)
def test_what_is_not_in_the_post_is_not_said(lie: str) -> None:
    assert not voices.holds(lie, POST)


def test_fewer_than_five_that_differ_are_none() -> None:
    same = [("plain", "warm", f"Warm homes are no accident{'!' * number}") for number in range(9)]
    assert voices.checked(written(same), POST, lambda _text: True) == []
    assert voices.checked(written(GOOD), POST, lambda text: "coffee" not in text.lower()) != []
    assert voices.checked(written(GOOD[:4]), POST, lambda _text: True) == []
    assert voices.checked("{", POST, lambda _text: True) == []


def test_my_way_goes_on_in_the_language_of_the_words(stage: Stage) -> None:
    stage.publishes("Storm")
    stage.ticks(1)
    own = "olen ylpeä siitä, miten hyvin tämä meidän porukalta onnistui"
    form = stage.changes("aino", stage.presses("aino", "Share…").form, "starter", "my_way", text=own)
    text = next(field.value for field in form.fields if field.name == "text")
    assert "Lue lisää: Storm" in text
    assert "More here" not in text


def test_my_way_without_a_model(stage: Stage) -> None:
    stage.publishes("Storm")
    stage.ticks(1)
    form = stage.changes("aino", stage.presses("aino", "Share…").form, "starter", "my_way", text="cold feet are no fun")
    text = next(field.value for field in form.fields if field.name == "text")
    assert text == "Cold feet are no fun. More here: Storm"
    stage.submits("aino", form, message=stage.newest("aino"), text=text)
    assert "Ready for LinkedIn" in reads(stage, "aino")


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("Cold feet are no fun, and three nights are long.", "Cold feet are no fun, and three nights are long."),
        ("Buy 100 shares of Koivu at evil.example now", "Cold feet are no fun. More here: Storm"),
    ],
)
def test_my_way_with_a_model_is_checked(stage: Stage, said: str, expected: str) -> None:
    stage.publishes("Storm", summary=POST)
    stage.model.written, aino = json.dumps({"text": said}), stage.person("aino")
    stage.use_model(stage.model, model_writes=True)
    stage.ticks(1)
    form = stage.presses("aino", "Share…").form
    waiting = stage.changed(
        "aino", form, "starter", "my_way", text="cold feet are no fun", message=stage.newest("aino")
    ).form
    assert waiting is not None
    assert (waiting.submit, waiting.fields) == ("", ())  # nothing to send: it comes to the chat
    stage.ticks(1)
    assert expected in reads(stage, "aino")
    with stage.database.transaction() as session:
        assert nudges.open_of(session, aino.id)[0].draft == expected


def test_a_posts_activity_puts_it_first(stage: Stage) -> None:
    stage.publishes("Old", activity="heat", decided_at=stage.now - timedelta(days=9))
    stage.publishes("New")
    with stage.database.transaction() as session:
        session.add(
            Activity(
                id="heat",
                name="Heat week",
                starts="2026-11-23T09:00",
                time_zone="UTC",
                minutes=60,
                repeats="FREQ=DAILY",
            )
        )
    stage.ticks(1)
    assert "Old" in reads(stage, "aino")
