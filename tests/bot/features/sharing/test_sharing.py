"""Nudges and shares as people meet them: at most three taps, and nothing they wrote is lost."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.core.cards import Quote, TextField
from storage.people.employees import Identity
from storage.sharing import shares
from storage.sharing.nudges import Nudge
from storage.sharing.posts import Post as Content
from storage.sharing.posts import PostState
from storage.sharing.shares import Share
from storage.sharing.social_channels import BlockedPhrase, SocialChannel
from tests.stage import WORKSPACE, Stage


@pytest.fixture
def nudged(stage: Stage) -> Stage:
    """Aino has one nudge about the storm."""
    stage.hires("aino")
    stage.publishes("Storm")
    stage.ticks()
    return stage


def the_share(stage: Stage) -> Share:
    with stage.database.transaction() as session:
        return session.query(Share).one()


def shared(stage: Stage, **values: str) -> None:
    form = stage.presses("aino", "Share…").form
    stage.submits("aino", form, stage.newest("aino"), **values)


class TestNudge:
    def test_says_what_why_and_until_when(self, nudged: Stage) -> None:
        (card,) = nudged.sees("aino")
        assert card.splitlines() == [
            "Storm",
            "About Storm.",
            "Koivu · until Mon 7 Dec · Read it (https://koivu.example/storm)",
            "You’re getting this because you said yes to nudges, and it’s the newest one you haven’t seen.",
            "[Share…]  [Later]  [Not for me]  [No more about Operations]  [Ask the owner]",
        ]

    def test_comes_once_only(self, nudged: Stage) -> None:
        for _day in range(10):
            nudged.ticks(minutes=24 * 60)
        assert len(nudged.sees("aino")) == 1

    def test_later_is_never_a_day_off(self, nudged: Stage) -> None:
        nudged.now += timedelta(days=3)  # Thursday: two days on it is Saturday
        nudged.presses("aino", "Later")
        assert "I’ll remind you once, on Mon 30 Nov." in nudged.sees("aino")[0]

    def test_what_was_shared_is_not_offered_again(self, nudged: Stage) -> None:
        nudged.publishes("Sun")
        shared(nudged, channel="linkedin", text="Mine")
        nudged.types("aino", "share")
        assert "Storm" in nudged.sees("aino")[-1]  # whether it was posted is not known yet
        nudged.presses("aino", "Yes, posted")
        nudged.types("aino", "share")
        assert "Storm" not in nudged.sees("aino")[-1]
        assert "Sun" in nudged.sees("aino")[-1]

    def test_one_card_is_enough_for_a_post_that_is_picked_again(self, nudged: Stage) -> None:
        nudged.types("aino", "share")
        nudged.presses("aino", "Pick this")
        older, newer = nudged.sees("aino")
        assert "Its card is further down." in older
        assert "[Share…]" in newer
        assert "You’re getting this because you picked it." in newer

    def test_a_share_from_another_card_leaves_none_that_says_otherwise(self, nudged: Stage) -> None:
        nudged.types("aino", "home")
        home = nudged.newest("aino")
        form = nudged.presses("aino", "Share…", on=home).form
        nudged.submits("aino", form, home, channel="linkedin", text="Mine?")
        assert [card.splitlines()[0] for card in nudged.sees("aino")] == [
            "“Storm” goes on in another message.",
            "Ready for LinkedIn",
        ]
        nudged.presses("aino", "Yes, posted", on=home)
        assert "Thank you!" in nudged.sees("aino")[1]

    def test_a_share_from_the_app_home_leaves_no_card_that_says_otherwise(self, nudged: Stage) -> None:
        form = nudged.presses("aino", "Share…").form
        nudged.submits("aino", form, channel="linkedin", text="Mine?")
        nudged.sends()
        assert [card.splitlines()[0] for card in nudged.sees("aino")] == [
            "“Storm” goes on further down.",
            "Ready for LinkedIn",
        ]
        nudged.presses("aino", "Undo")
        assert "[Share…]" in nudged.sees("aino")[1]

    def test_both_versions_of_a_story_may_be_picked_and_the_language_changed(self, nudged: Stage) -> None:
        nudged.publishes("Myrsky", language="fi", story_id=1)
        nudged.shares("aino")
        nudged.types("aino", "language fi")
        nudged.types("aino", "share")
        nudged.presses("aino", "Valitse tämä")
        nudged.types("aino", "language en")
        assert nudged.person("aino").language == "en"
        assert "Something went wrong" not in "".join(nudged.sees("aino"))

    @pytest.mark.parametrize("is_on_a_card", [True, False])
    def test_an_answer_from_a_list_is_seen_on_the_prompt_too(self, nudged: Stage, *, is_on_a_card: bool) -> None:
        nudged.types("aino", "home")
        home = nudged.newest("aino") if is_on_a_card else None
        nudged.pressed("aino", "nudge.decline", 1, home)
        nudged.sends()
        prompt, _home = nudged.sees("aino")
        assert "[Share…]" not in prompt
        assert ("goes on in another message" in prompt) is is_on_a_card

    def test_posted_is_heard_even_after_undo(self, nudged: Stage) -> None:
        shared(nudged, channel="linkedin", text="Mine?")
        share, card = the_share(nudged), nudged.newest("aino")
        nudged.presses("aino", "Undo")
        nudged.pressed("aino", "share.posted", share.id, card)
        assert the_share(nudged).state == "confirmed"
        assert "Thank you! Shared on LinkedIn" in nudged.sees("aino")[0]

    def test_later_comes_back_once_on_the_same_card(self, nudged: Stage) -> None:
        nudged.presses("aino", "Later")
        assert "I’ll remind you once, on Wed 25 Nov." in nudged.sees("aino")[0]
        nudged.ticks(minutes=2 * 24 * 60)
        assert len(nudged.sees("aino")) == 1
        assert "[Later]" in nudged.sees("aino")[0]

    def test_not_for_me_asks_why_once_and_asks_less(self, nudged: Stage) -> None:
        nudged.presses("aino", "Not for me")
        nudged.presses("aino", "Not my topic")
        assert "Thanks – I’ve noted the reason: not my topic." in nudged.sees("aino")[0]
        nudged.publishes("Grid")  # the same topic
        nudged.publishes("Careers", topic="Careers")
        nudged.ticks(minutes=2 * 24 * 60)
        assert [card.splitlines()[0] for card in nudged.sees("aino")[1:]] == ["Careers"]

    def test_no_more_about_a_topic_leaves_the_post_on_offer(self, nudged: Stage) -> None:
        nudged.presses("aino", "No more about Operations")
        (card,) = nudged.sees("aino")
        assert "No more nudges about Operations. You can still share this one." in card
        assert "[Share…]" in card
        nudged.publishes("Grid")  # the same topic
        nudged.ticks(minutes=3 * 24 * 60)
        assert len(nudged.sees("aino")) == 1
        nudged.presses("aino", "Undo")
        assert "No more nudges about" not in nudged.sees("aino")[0]
        for _day in range(7):
            nudged.ticks(minutes=24 * 60)
        assert nudged.sees("aino")[-1].startswith("Grid")

    def test_an_undone_decline_takes_back_what_it_said_of_the_topic(self, nudged: Stage) -> None:
        nudged.presses("aino", "Not for me")
        nudged.presses("aino", "Not my topic")
        nudged.presses("aino", "Undo")
        assert nudged.person("aino").topics_declined == []

    def test_a_decline_can_be_undone(self, nudged: Stage) -> None:
        nudged.presses("aino", "Not for me")
        nudged.presses("aino", "Undo")
        assert "[Share…]" in nudged.sees("aino")[0]

    def test_only_for_the_unit_language_and_wish(self, stage: Stage) -> None:
        stage.hires("aino", unit="Sales")
        stage.hires("mikko", unit="Grid")
        stage.hires("petra", locale="fi-FI", unit="Sales")
        stage.hires("juhani", wants=None)
        with stage.database.transaction() as session:
            unit_id = session.get_one(type(stage.person("aino")), stage.person("aino").id).unit_id
        stage.publishes("Storm", units=[unit_id])
        stage.ticks()
        assert [len(stage.sees(user)) for user in ("aino", "mikko", "petra", "juhani")] == [1, 0, 0, 0]
        assert "You’re getting this because it’s meant for Sales." in stage.sees("aino")[0]

    def test_nobody_out_of_reach_uses_up_a_post(self, stage: Stage) -> None:
        stage.hires("aino")
        with stage.database.transaction() as session:
            session.query(Identity).one().address = None
        stage.publishes("Storm")
        stage.ticks()
        with stage.database.transaction() as session:
            assert session.query(Nudge).count() == 0
            session.query(Identity).one().address = f"{WORKSPACE}:aino"
        stage.ticks(minutes=1)
        assert len(stage.sees("aino")) == 1

    def test_one_of_somebody_else_is_as_if_it_were_not_there(self, nudged: Stage) -> None:
        nudged.hires("mikko")
        nudged.pressed("mikko", "share.open", 1)
        nudged.pressed("mikko", "nudge.decline", 1)
        assert [card.splitlines()[0] for card in nudged.sees("mikko")] == [
            "That nudge is gone. Type /chorus share to see what you can share."
        ] * 2


class TestShare:
    def test_in_three_taps(self, nudged: Stage) -> None:
        shared(nudged, channel="linkedin", text="I was there. Ask me about the second night?")
        ready = nudged.cards("aino")[0]
        share = the_share(nudged)
        assert (
            Quote(f"I was there. Ask me about the second night?\n\nhttps://chorus.example/r/{share.code}", True)
            in ready.body
        )
        assert share.link.target == (
            "https://koivu.example/storm?utm_source=linkedin&utm_medium=employee&utm_campaign=post-1"
        )
        assert (share.state, share.own_words) == ("prepared", True)
        nudged.presses("aino", "Yes, posted")
        assert the_share(nudged).state == "confirmed"
        assert "Thank you! Shared on LinkedIn" in nudged.sees("aino")[0]
        assert len(nudged.sees("aino")) == 1

    def test_a_starter_as_it_is_counts_as_no_words_of_ones_own(self, nudged: Stage) -> None:
        form = nudged.changes("aino", nudged.presses("aino", "Share…").form, "starter", "plain")
        nudged.submits("aino", form, nudged.newest("aino"))
        share = the_share(nudged)
        assert (share.own_words, "Storm" in share.text) == (False, True)

    def test_three_starters_differ_in_kind(self, nudged: Stage) -> None:
        with nudged.database.transaction() as session:
            session.query(Content).one().summary = "Twelve crews went out. The plan had 31 pages."
        form = nudged.presses("aino", "Share…").form
        assert form is not None
        assert form.suggestions is not None
        texts = [item.text for item in form.suggestions.items]
        assert len(set(texts)) == 3

    def test_not_yet_keeps_the_text(self, nudged: Stage) -> None:
        shared(nudged, channel="linkedin", text="Mine?")
        nudged.presses("aino", "Not yet")
        assert "No hurry. Your text is saved here." in nudged.sees("aino")[0]
        assert "Mine?" in nudged.sees("aino")[0]

    def test_edit_keeps_the_link_and_undo_brings_the_nudge_back(self, nudged: Stage) -> None:
        shared(nudged, channel="linkedin", text="First?")
        code = the_share(nudged).code
        form = nudged.presses("aino", "Edit…").form
        assert form is not None
        assert next(field.value for field in form.fields if field.name == "text") == "First?"
        nudged.submits("aino", form, nudged.newest("aino"), text="Second?", channel="x")
        assert (the_share(nudged).text, the_share(nudged).code, the_share(nudged).channel) == ("Second?", code, "x")
        nudged.presses("aino", "Undo")
        assert "[Share…]" in nudged.sees("aino")[0]
        assert the_share(nudged).state == "undone"

    def test_address_of_the_post(self, nudged: Stage) -> None:
        shared(nudged, channel="linkedin", text="Mine?")
        nudged.presses("aino", "Yes, posted")
        form = nudged.presses("aino", "Add your post’s address…").form
        wrong = nudged.submits("aino", form, nudged.newest("aino"), address="javascript:alert(1)")
        assert wrong.form is not None
        assert wrong.form.error_of("address").startswith("That isn’t a web address.")
        nudged.submits("aino", form, nudged.newest("aino"), address="https://www.linkedin.com/posts/1")
        assert the_share(nudged).public_url == "https://www.linkedin.com/posts/1"

    @pytest.mark.parametrize(
        ("channel", "text", "sentence"),
        [
            ("linkedin", "We are the Market \n leader!", "Leave out “market leader”: our rules don’t allow it."),
            (
                "linkedin",
                "All 100 % green",
                "Our rules don’t allow “100 % green”. Try this instead: over 90 % renewable",
            ),
            ("x", "Look at this?", "Say near the start where you work, for example: I work at Koivu Energy."),
            ("bluesky", "a" * 300, "Bluesky allows 300 characters. Your text is 35 too long."),
        ],
    )
    def test_checks_say_the_fix_before_anything_is_stored(
        self, nudged: Stage, channel: str, text: str, sentence: str
    ) -> None:
        with nudged.database.transaction() as session:
            session.add_all(
                [
                    BlockedPhrase(phrase="market leader"),
                    BlockedPhrase(phrase="100 % green", instead="over 90 % renewable"),
                ]
            )
            session.get_one(SocialChannel, "x").disclosure = True
        form = nudged.presses("aino", "Share…").form
        again = nudged.submits("aino", form, nudged.newest("aino"), channel=channel, text=text).form
        assert again is not None
        assert again.error_of("text") == sentence
        field = next(field for field in again.fields if field.name == "text")
        assert isinstance(field, TextField)
        assert field.value == text.strip()
        assert sentence not in field.hint  # once is enough
        with nudged.database.transaction() as session:
            assert session.query(Share).count() == 0

    def test_too_close_to_a_colleague(self, nudged: Stage) -> None:
        shared(nudged, channel="linkedin", text="The storm taught us to ask the people on the poles.")
        nudged.hires("mikko")
        nudged.ticks()
        form = nudged.presses("mikko", "Share…").form
        again = nudged.submits(
            "mikko", form, channel="linkedin", text="the storm  taught us to ask the people on the poles"
        )
        assert again.form is not None
        assert again.form.error_of("text").startswith("A colleague has posted almost the same text.")

    def test_words_come_back_when_the_post_was_recalled_meanwhile(self, nudged: Stage) -> None:
        form = nudged.presses("aino", "Share…").form
        with nudged.database.transaction() as session:
            session.get_one(Content, 1).state = PostState.RECALLED
        nudged.submits("aino", form, nudged.newest("aino"), channel="linkedin", text="My own long text")
        assert nudged.sees("aino")[-1].splitlines() == [
            "You can no longer share “Storm”: it was withdrawn or has expired.",
            "Here’s what you wrote:",
            "My own long text",
        ]

    def test_clicks_come_back_quietly(self, nudged: Stage) -> None:
        shared(nudged, channel="linkedin", text="Mine?")
        nudged.presses("aino", "Yes, posted")
        with nudged.database.transaction() as session:
            link = session.query(Share).one().link
            link.unique_clicks, link.has_news = 12, True
        nudged.ticks(minutes=1)
        assert "Readers from your link: 12" in nudged.sees("aino")[0]
        updates = nudged.chat.updates
        nudged.ticks(minutes=1)
        assert nudged.chat.updates == updates  # said once
        assert len(nudged.sees("aino")) == 1

    def test_clicks_that_an_older_version_counted_come_back_too(self, nudged: Stage) -> None:
        shared(nudged, channel="linkedin", text="Mine?")
        nudged.presses("aino", "Yes, posted")
        with nudged.database.transaction() as session:
            session.query(Share).one().link.unique_clicks = 12  # and nothing noted
        nudged.ticks(minutes=1)
        assert "Readers from your link: 0" in nudged.sees("aino")[0]
        with nudged.database.transaction() as session:
            shares.recall_news(session)  # hourly
        nudged.ticks(minutes=1)
        assert "Readers from your link: 12" in nudged.sees("aino")[0]

    def test_picked_by_oneself(self, stage: Stage) -> None:
        stage.hires("aino", wants=False, locale="fi")
        stage.publishes("Storm")
        stage.types("aino", "share")
        stage.presses("aino", "Valitse tämä")
        assert "Saat tämän, koska valitsit sen." in stage.sees("aino")[-1]


class TestResults:
    def test_of_a_lead_are_sums_by_post_and_channel(self, nudged: Stage) -> None:
        nudged.hires("laura", roles=["employee", "lead"], wants=False)
        shared(nudged, channel="linkedin", text="Mine?")
        nudged.presses("aino", "Yes, posted")
        with nudged.database.transaction() as session:
            link = session.query(Share).one().link
            link.unique_clicks, link.has_news = 3, True
        nudged.types("laura", "results")
        lines = nudged.sees("laura")[-1].splitlines()
        assert lines[1:5] == ["Nudges sent: 1", "Share pages opened: 1", "Shares: 1", "Readers: 3"]
        assert "Storm | 1 | 1 | 1 | 3" in lines
        assert "LinkedIn | 1 | 1 | 3" in lines
        assert "Fewer than five shares – too few to compare." in lines
        assert "Aino" not in nudged.sees("laura")[-1]

    def test_of_an_employee_are_their_own(self, nudged: Stage) -> None:
        nudged.types("aino", "results")
        assert "You haven’t shared anything yet." in nudged.sees("aino")[-1]
        shared(nudged, channel="linkedin", text="Mine?")
        nudged.presses("aino", "Yes, posted")
        nudged.types("aino", "results")
        assert "Storm | LinkedIn | Mon 23 Nov | 0" in nudged.sees("aino")[-1]
