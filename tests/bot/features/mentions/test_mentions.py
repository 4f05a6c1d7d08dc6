"""Listening: what is said comes once to who answers for it, with a time to look after it; and what came of it is told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest

from bot.core.cards import plain_text
from bot.features.escalation.domain.reminders import ALERTS
from content import listening as keeping
from content.sources import Heard
from storage.database import Database
from storage.mentions import listening
from storage.mentions.listening import Source
from storage.questions import topics
from storage.questions.topics import Topic
from storage.sharing import posts, social_channels
from tests.stage import Stage

SAID = "The crews were back in our village before the coffee was cold. Thank you!"


@pytest.fixture
def stage(sqlite: Database) -> Iterator[Stage]:
    with Stage(sqlite) as stage:
        stage.hires("laura", roles=("employee", "lead"))
        mikko, petra = (stage.hires(user, roles=("employee", "owner")) for user in ("mikko", "petra"))
        stage.hires("aino")
        with stage.database.transaction() as session:
            channel = social_channels.channel(session, "linkedin")
            channel.owner_id = mikko
            row = topics.topic(session, "linkedin") or Topic(id="linkedin", names={"en": "LinkedIn"}, channel=channel)
            row.deputy_id = petra
            session.add(row)
            session.add(
                Source(id="tag", name="#koivu", kind="mastodon", address="#koivu@mastodon.example", channel="linkedin")
            )
        yield stage


def hears(stage: Stage, *texts: str, url: str | None = None, source: str = "tag") -> int:
    with stage.database.transaction() as session:
        return keeping.store(session, [Heard(text, url, "@kaisa") for text in texts], source_id=source, now=stage.now)


def reads(stage: Stage, user: str) -> str:
    return plain_text(stage.cards(user)[-1])


def test_it_comes_to_the_owner_once(stage: Stage) -> None:
    assert hears(stage, SAID, url="https://mastodon.example/@kaisa/1") == 1
    assert hears(stage, SAID.upper(), url="https://forum.example/t/1") == 0
    stage.ticks(1)
    stage.ticks(1)
    said = reads(stage, "mikko")
    assert len(stage.cards("mikko")) == 1
    assert "Heard on #koivu" in said
    assert "positive tone (guessed from the words)" in said
    assert "Also seen in 1 other place." in said
    assert stage.cards("laura") == []


def test_one_takes_it_and_the_reply_is_noted(stage: Stage) -> None:
    hears(stage, SAID)
    stage.ticks(1)
    message = stage.newest("mikko")
    stage.presses("mikko", "Take")
    assert "Yours. Handle it by" in reads(stage, "mikko")
    stage.pressed("petra", "mention.take", 1)
    assert "Mikko has taken it." in reads(stage, "petra")
    form = stage.presses("mikko", "I’ve replied…").form
    stage.submits("mikko", form, message=message, text="Thanked them.")
    assert "Mikko has replied." in reads(stage, "mikko")
    form = stage.pressed("petra", "mention.reply", 1).form
    assert form is None  # settled: the card says so
    with stage.database.transaction() as session:
        found = listening.mention(session, 1)
        assert (found.state, found.outcome, found.was_in_time) == ("replied", "Thanked them.", True)


def test_not_relevant_can_be_undone_and_the_tone_corrected(stage: Stage) -> None:
    hears(stage, SAID)
    stage.ticks(1)
    stage.presses("mikko", "Not relevant")
    assert "Mikko says this isn’t relevant to us." in reads(stage, "mikko")
    stage.presses("mikko", "Undo")
    form = stage.presses("mikko", "Correct the tone…").form
    stage.submits("mikko", form, message=stage.newest("mikko"), tone="negative")
    said = reads(stage, "mikko")
    assert "negative tone" in said
    assert "guessed" not in said


def test_a_post_is_made_of_it(stage: Stage) -> None:
    hears(stage, SAID)
    stage.ticks(1)
    form = stage.presses("mikko", "Turn it into a post").form
    assert form is not None  # it was said without an address
    wrong = stage.submits("mikko", form, message=stage.newest("mikko"), address="nonsense").form
    assert "That isn’t a web address" in wrong.error_of("address")
    stage.submits("mikko", form, message=stage.newest("mikko"), address="https://koivu.example/village")
    with stage.database.transaction() as session:
        (draft,) = posts.listed(session, state="draft")
        assert (draft.suggestion_note, draft.suggested_by.name) == (SAID, "Mikko")
        assert listening.mention(session, 1).state == "posted"


def test_its_words_are_forgotten_in_time_whoever_said_them(stage: Stage) -> None:
    form = stage.types("aino", "heard The bill was hard to read").form
    stage.submits("aino", form, topic="linkedin")
    stage.ticks(1)
    stage.presses("mikko", "Not relevant")
    with stage.database.transaction() as session:
        listening.prune(session, before=stage.now - timedelta(days=1))
        assert listening.mention(session, 1).text == "The bill was hard to read"
        listening.prune(session, before=stage.now + timedelta(seconds=1))
        assert listening.mention(session, 1).text == ""


def test_anybody_hands_over_what_they_heard_and_hears_what_came_of_it(stage: Stage) -> None:
    form = stage.types("aino", "heard A customer says https://forum.example/t/9 is wrong about us").form
    assert next(field.value for field in form.fields if field.name == "address") == "https://forum.example/t/9"
    stage.submits("aino", form, topic="linkedin")
    assert "It goes to Mikko" in reads(stage, "aino")
    stage.ticks(1)
    assert "Aino heard something" in reads(stage, "mikko")
    form = stage.presses("mikko", "I’ve replied…").form
    stage.submits("mikko", form, message=stage.newest("mikko"), text="We asked them to correct it.")
    assert "Mikko has replied." in reads(stage, "aino")
    assert "We asked them to correct it." in reads(stage, "aino")
    form = stage.types("laura", "heard the same thing").form
    stage.submits("laura", form, text="Again", address="https://forum.example/t/9")
    assert "We’ve heard that too" in reads(stage, "laura")


def test_a_form_without_words_is_given_back(stage: Stage) -> None:
    form = stage.types("aino", "heard").form
    again = stage.submits("aino", form, text=" ", address="ftp://x").form
    assert "Write a few words first." in again.error_of("text")
    assert "That isn’t a web address" in again.error_of("address")


def test_reminded_then_the_deputy_and_a_lead_hear_of_it(stage: Stage) -> None:
    hears(stage, "The outage in our street lasted the whole day and nobody answered the phone.")
    stage.ticks(1)
    stage.ticks(60 * 35)  # three quarters of two working days
    assert "A mention is due soon" in reads(stage, "mikko")
    stage.ticks(60 * 24)
    assert "A mention is overdue" in reads(stage, "petra")
    assert "A mention is overdue" in reads(stage, "laura")
    before = len(stage.cards("petra"))
    stage.ticks(60 * 48)
    assert len(stage.cards("petra")) == before  # once


def test_an_owner_who_is_away_is_stood_in_for(stage: Stage) -> None:
    mikko = stage.person("mikko")
    with stage.database.transaction() as session:
        session.merge(mikko).away_until = stage.now + timedelta(days=9)
    hears(stage, SAID)
    stage.ticks(1)
    assert stage.cards("mikko") == []
    assert "Heard on #koivu" in reads(stage, "petra")


def test_a_flood_buries_nobody(stage: Stage) -> None:
    hears(stage, *(f"This is remark number {number} about the new line in our town" for number in range(60)))
    stage.ticks(1)
    stage.ticks(1)
    assert len(stage.cards("mikko")) == 11
    assert "From now on they go quietly to your list." in reads(stage, "mikko")
    with stage.database.transaction() as session:
        assert len(listening.waiting(session, limit=100)) == 60


def test_a_flood_buries_nobody_in_the_week_after(stage: Stage) -> None:
    """What went quietly to the list is not told of one by one as its time comes, either."""
    hears(stage, *(f"This is remark number {number} about the new line in our town" for number in range(60)))
    stage.ticks(1)
    told = {user: len(stage.cards(user)) for user in ("mikko", "petra", "laura")}
    for _ in range(5 * 8):
        stage.ticks(60 * 3)
    assert len(stage.cards("mikko")) - told["mikko"] <= ALERTS + 1
    assert len(stage.cards("petra")) - told["petra"] <= ALERTS + 1
    assert len(stage.cards("laura")) - told["laura"] <= ALERTS + 1
    assert "Mikko has 60 overdue mentions." in " ".join(stage.sees("petra"))
    stage.types("petra", "mentions")
    assert "This is remark number 0" in stage.sees("petra")[-1]
    assert "More are waiting." in stage.sees("petra")[-1]


def test_a_flood_buries_nobody_who_stands_in(stage: Stage) -> None:
    hears(stage, *(f"This is remark number {number} about the new line in our town" for number in range(60)))
    stage.ticks(1)
    mikko = stage.person("mikko")
    with stage.database.transaction() as session:
        session.merge(mikko).away_until = stage.now + timedelta(days=9)
    stage.ticks(60 * 35)
    assert len(stage.cards("petra")) == ALERTS + 1


def test_a_flood_that_is_handed_over_buries_nobody(stage: Stage) -> None:
    hears(stage, *(f"This is remark number {number} about the new line in our town" for number in range(60)))
    stage.ticks(1)
    before = len(stage.cards("petra"))
    people = {user: str(stage.person(user).id) for user in ("mikko", "petra")}
    stage.submits("mikko", stage.types("mikko", "handover").form, **{"from": people["mikko"], "to": people["petra"]})
    assert len(stage.cards("petra")) - before <= ALERTS + 1
    assert "60 open mentions moved." in " ".join(stage.sees("petra"))
    for _ in range(3 * 8):
        stage.ticks(60 * 3)
    assert len(stage.cards("petra")) - before <= 2 * ALERTS + 3


def test_the_overview_for_owner_and_lead(stage: Stage) -> None:
    hears(stage, SAID, "Terrible service, the line is broken again")
    stage.ticks(1)
    stage.presses("mikko", "Not relevant")
    stage.types("laura", "mentions")
    said = reads(stage, "laura")
    assert "week 48 (23–29 Nov) | 2 | 1 | 1 | –" in said
    stage.presses("laura", "Show")
    assert "Heard on #koivu" in reads(stage, "laura")
    stage.types("aino", "mentions")
    assert "No mentions are waiting." in reads(stage, "aino")


def test_the_model_judges_the_tone_and_people_have_the_last_word(stage: Stage) -> None:
    def judged(request):  # type: ignore[no-untyped-def]
        return json.dumps({"mentions": [{"id": item["id"], "tone": "negative"} for item in json.loads(request.data)]})

    stage.model.written = judged
    stage.use_model(stage.model, model_writes=True)
    hears(stage, SAID)
    stage.ticks(1)
    with stage.database.transaction() as session:
        assert listening.mention(session, 1).tone == "negative"
    assert "aino" not in stage.model.asked[0].data
    stage.model.written = '{"mentions": [{"id": 2, "tone": "furious"}]}'
    hears(stage, "They opened an office in Oulu, close to the station")
    stage.ticks(1)
    with stage.database.transaction() as session:
        assert listening.mention(session, 2).tone == "neutral"


def test_nobody_else_looks_after_it(stage: Stage) -> None:
    hears(stage, SAID)
    stage.ticks(1)
    stage.pressed("aino", "mention.take", 1)
    assert "That mention isn’t yours" in reads(stage, "aino")
    stage.pressed("mikko", "mention.take", 99)
    assert "That mention isn’t yours" in reads(stage, "mikko")


def test_both_databases_answer_alike(stage_on_both: Stage) -> None:
    stage = stage_on_both
    stage.hires("laura", roles=("employee", "lead"))
    with stage.database.transaction() as session:
        session.add(Source(id="tag", name="#koivu", kind="webhook"))
    hears(stage, SAID, "Terrible service")
    stage.ticks(1)
    stage.presses("laura", "Not relevant")
    stage.types("laura", "mentions")
    with stage.database.transaction() as session:
        start = stage.now - timedelta(days=1)
        found = listening.heard_between(session, start, stage.now + timedelta(days=1), as_of=stage.now)
        assert [(tone, state) for tone, state, _in_time in found] == [("positive", "open"), ("negative", "irrelevant")]
        assert listening.sources_due(session, stage.now) == []
