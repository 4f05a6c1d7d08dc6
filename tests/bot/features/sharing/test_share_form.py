"""The form behind "Share…": words first, what depends on the channel at once, nothing chosen for anybody."""

from __future__ import annotations

import pytest

from bot.core.cards import Form
from content.channels import KINDS, with_link
from storage.core.events import HandledEvent
from storage.database import Database
from storage.sharing import social_channels
from storage.sharing.nudges import Nudge
from storage.sharing.posts import Post as Content
from storage.sharing.posts import PostState
from storage.sharing.shares import Share
from storage.sharing.social_channels import BlockedPhrase, SocialChannel
from tests.stage import Stage

STORM = "We kept 40,000 homes warm. Twelve crews worked three nights. One lesson stayed."


@pytest.fixture
def nudged(stage: Stage) -> Stage:
    """Aino has one nudge about the storm."""
    stage.hires("aino")
    stage.publishes("Storm", summary=STORM, image_url="https://koivu.example/storm.png")
    stage.ticks()
    return stage


def opened(stage: Stage) -> Form:
    form = stage.presses("aino", "Share…").form
    assert form is not None
    return form


def text_of(form: Form) -> str:
    return next(field.value for field in form.fields if field.name == "text")


def hint_of(form: Form) -> str:
    return next(field.hint for field in form.fields if field.name == "text")


def starters(form: Form) -> dict[str, str]:
    assert form.suggestions is not None
    return {item.value: item.text for item in form.suggestions.items if item.text}


def test_the_words_come_first_and_nothing_is_chosen_for_anybody(nudged: Stage) -> None:
    form = opened(nudged)
    assert [field.name for field in form.fields] == ["text", "channel"]
    assert text_of(form) == ""
    again = nudged.submits("aino", form, channel="linkedin", text="").form
    assert again is not None
    assert again.error_of("text") == "There’s no text yet. Pick a starter or write a few words of your own."


def test_the_preview_shows_what_the_network_will(nudged: Stage) -> None:
    form = nudged.changes("aino", opened(nudged), "text", text="I was there.")
    assert form is not None
    seen = form.preview
    assert seen is not None
    assert seen.label == "How it will look on LinkedIn"
    assert (seen.author, seen.title, seen.domain) == ("Aino", "Storm", "koivu.example")
    assert seen.picture == "https://koivu.example/storm.png"
    assert seen.text.startswith("I was there.")
    assert "/r/" in seen.text


@pytest.mark.parametrize("channel", ["linkedin", "x", "bluesky", "mastodon", "threads"])
def test_another_channel_changes_the_limit_the_starters_and_the_preview_at_once(nudged: Stage, channel: str) -> None:
    nudged.publishes("Long", summary="An unusually long sentence about the grid and its people. " * 12)
    form = nudged.changes("aino", opened(nudged), "channel", channel, text="Own words stay 👍🏽.", channel=channel)
    assert form is not None
    kind = KINDS[channel]
    assert text_of(form) == "Own words stay 👍🏽."
    link = "https://chorus.example/r/xxxxxxxx"
    count = kind.length(with_link("Own words stay 👍🏽.", link))
    assert hint_of(form) == f"{count} of {kind.max_length:,} characters, link included."
    assert form.preview is not None
    assert kind.name in form.preview.label
    for text in starters(form).values():
        assert kind.length(with_link(text, link)) <= kind.max_length


def test_too_long_is_said_while_it_is_written(nudged: Stage) -> None:
    form = nudged.changes("aino", opened(nudged), "text", text="é" * 300, channel="x")
    assert form is not None
    assert hint_of(form).startswith("X allows 280 characters. Your text is")


def test_a_starter_is_one_tap_away_and_can_be_changed_for_another(nudged: Stage) -> None:
    form = opened(nudged)
    first, second, *_ = starters(form)
    form = nudged.changes("aino", form, "starter", first)
    assert text_of(form) == starters(form)[first]
    form = nudged.changes("aino", form, "starter", second)
    assert text_of(form) == starters(form)[second]


def test_a_starter_takes_no_words_of_ones_own_away(nudged: Stage) -> None:
    form = nudged.changes("aino", opened(nudged), "text", text="I carried the ladder.")
    chosen = next(iter(starters(form)))
    form = nudged.changes("aino", form, "starter", chosen, text="I carried the ladder.")
    assert text_of(form) == f"I carried the ladder.\n\n{starters(form)[chosen]}"


def test_a_starter_of_another_channel_makes_room_when_the_channel_changes(nudged: Stage) -> None:
    """A starter that was taken and not touched is replaced by the one that fits the new channel."""
    nudged.publishes("Wide", summary="A long sentence about the grid and all the people who run it. " * 9)
    nudged.types("aino", "share")
    nudged.presses("aino", "Pick this")
    form = opened(nudged)
    chosen = next(iter(starters(form)))
    form = nudged.changes("aino", form, "starter", chosen)
    form = nudged.changes("aino", form, "channel", "x", channel="x")
    assert text_of(form) == starters(form)[chosen]


def test_what_the_rules_ask_for_is_said_at_once_with_the_fix_beside_it(nudged: Stage) -> None:
    with nudged.database.transaction() as session:
        session.get(SocialChannel, "linkedin").disclosure = True  # type: ignore[union-attr]
        session.add(BlockedPhrase(phrase="100% green", instead="low in emissions"))
    form = nudged.changes("aino", opened(nudged), "text", text="We are 100 % GREEN now, ask me anything?")
    assert form is not None
    assert form.tip is not None
    assert form.tip.text == "Our rules don’t allow “100% green”. Try this instead: low in emissions"  # one at a time
    form = nudged.changes("aino", form, "fix", "blocked")
    assert text_of(form) == "We are low in emissions now, ask me anything?"
    assert form.tip is not None
    assert form.tip.text == "Say near the start where you work, for example: I work at Koivu Energy."
    form = nudged.changes("aino", form, "fix", "disclosure")
    assert text_of(form) == "I work at Koivu Energy. We are low in emissions now, ask me anything?"
    assert form.tip is None


def test_an_empty_form_gives_no_advice(nudged: Stage) -> None:
    with nudged.database.transaction() as session:
        session.get(SocialChannel, "linkedin").disclosure = True  # type: ignore[union-attr]
    assert opened(nudged).tip is None


def test_how_we_speak_there_stands_at_the_channel(nudged: Stage) -> None:
    with nudged.database.transaction() as session:
        session.get(SocialChannel, "x").tone = "Short and dry."  # type: ignore[union-attr]
    form = nudged.changes("aino", opened(nudged), "channel", "x", channel="x")
    assert next(field.hint for field in form.fields if field.name == "channel") == "How we speak on X: Short and dry."


def test_a_starter_with_its_disclosure_is_replaced_whole(nudged: Stage) -> None:
    with nudged.database.transaction() as session:
        for row in social_channels.all_channels(session):
            row.disclosure = row.id in ("x", "bluesky")
    form = opened(nudged)
    first, second, *_ = starters(form)
    form = nudged.changes("aino", form, "starter", first)
    form = nudged.changes("aino", form, "starter", second)
    for channel in ("x", "bluesky", "linkedin", "x", "linkedin"):
        form = nudged.changes("aino", form, "channel", channel, channel=channel)
        assert text_of(form) == starters(form)[second]
        assert text_of(form).count("I work at Koivu Energy.") == (channel != "linkedin")
    form = nudged.changes("aino", form, "channel", "x", channel="x")
    form = nudged.changes("aino", form, "starter", second)
    form = nudged.changes("aino", form, "starter", second)
    assert text_of(form) == starters(form)[second]


def test_after_a_refusal_the_fix_stays_in_reach(nudged: Stage) -> None:
    with nudged.database.transaction() as session:
        session.get_one(SocialChannel, "linkedin").disclosure = True
    again = nudged.submits("aino", opened(nudged), channel="linkedin", text="Kävin siellä itse ja opin paljon.").form
    assert again is not None
    assert again.tip is not None
    fixed = nudged.changes("aino", again, "fix", "disclosure")
    assert text_of(fixed).startswith("Työnantajani on Koivu Energy.")  # in the language of the words
    assert fixed.tip is None
    assert nudged.submits("aino", fixed, nudged.newest("aino")).form is None


def test_my_words_as_a_caption_twice_is_once(nudged: Stage) -> None:
    form = nudged.changes("aino", opened(nudged), "starter", "my_way", text="cold feet are no fun")
    once = text_of(form)
    assert text_of(nudged.changes("aino", form, "starter", "my_way")) == once


def test_where_the_card_is_is_not_for_a_change_to_say(nudged: Stage) -> None:
    form = opened(nudged)
    with nudged.database.transaction() as session:
        before = session.query(Nudge).one().message
    nudged.changed("aino", form, "text", message="fake:T1:mikko:8", text="Mine.")
    with nudged.database.transaction() as session:
        assert session.query(Nudge).one().message == before


def test_writing_leaves_nothing_behind(nudged: Stage) -> None:
    form = opened(nudged)

    def traces() -> tuple[int, int, int]:
        with nudged.database.transaction() as session:
            return session.query(HandledEvent).count(), session.query(Share).count(), len(nudged.chat.messages)

    before = traces()
    for length in range(40):  # more than a flood
        form = nudged.changes("aino", form, "text", text="a" * length)
    assert traces() == before


def test_recalled_meanwhile_is_said_and_the_words_are_kept(nudged: Stage) -> None:
    form = opened(nudged)
    with nudged.database.transaction() as session:
        session.query(Content).one().state = PostState.RECALLED
    assert nudged.changed("aino", form, "text", text="My own words.").form is None
    assert "withdrawn" in nudged.sees("aino")[-1]
    assert "My own words." in nudged.sees("aino")[-1]


@pytest.mark.parametrize(("name", "value"), [("starter", "nonsense"), ("fix", "nonsense"), ("", ""), ("channel", "?")])
def test_what_no_form_sends_changes_nothing(nudged: Stage, name: str, value: str) -> None:
    form = nudged.changes("aino", opened(nudged), name, value, text="Mine.", channel="nowhere")
    assert form is not None
    assert text_of(form) == "Mine."


def test_my_words_as_a_caption_at_once_without_a_model(nudged: Stage) -> None:
    form = nudged.changes("aino", opened(nudged), "starter", "my_way", text="cold feet are no fun")
    assert text_of(form).startswith("Cold feet are no fun.")
    assert "Storm" in text_of(form)


def test_three_taps_and_a_starter(nudged: Stage) -> None:
    """Share… → a starter → Get my text."""
    form = opened(nudged)
    form = nudged.changes("aino", form, "starter", next(iter(starters(form))))
    assert nudged.submits("aino", form, nudged.newest("aino")).form is None
    assert "Ready for LinkedIn" in nudged.sees("aino")[-1]


def test_a_channel_asks_who_employs_the_writer_unless_it_is_told_not_to(database: Database) -> None:
    with database.transaction() as session:
        assert {row.disclosure for row in social_channels.all_channels(session)} == {True}
