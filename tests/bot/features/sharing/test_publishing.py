"""Publishing on a person's own account: only by their tap, whole, once, or said to be in doubt."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from bot.core.networks import Published, Reactions, Refusal, Refused
from bot.core.ports import OutcomeUnknown, RetryAfter
from storage.database import Database
from storage.publishing import accounts, publications
from storage.publishing.publications import PublicationState
from storage.sharing import posts, shares
from tests.stage import FakeNetwork, Stage

TEXT = "I saw how Storm went. What would you do?"


@pytest.fixture
def network() -> FakeNetwork:
    return FakeNetwork("bluesky")


@pytest.fixture
def stage(sqlite: Database, network: FakeNetwork) -> Iterator[Stage]:
    with Stage(sqlite, networks={"bluesky": network}) as stage:
        stage.hires("aino")
        stage.hires("laura", roles=("employee", "lead"))
        stage.publishes()
        stage.connects("aino", "bluesky")
        yield stage


def _form(stage: Stage, user: str = "aino"):
    stage.types(user, "share")
    stage.presses(user, "Pick this")
    return stage.presses(user, "Share…").form


def _posts(stage: Stage, user: str = "aino", **values: str):
    form = _form(stage, user)
    answer = stage.submits(user, form, **{"channel": "bluesky", "text": TEXT, **values})
    stage.sends()
    return answer


def _press(stage: Stage, label: str, user: str = "aino") -> None:
    """Press the button, and let the engine carry out what follows."""
    stage.presses(user, label)
    stage.sends()


def _row(stage: Stage):
    with stage.database.transaction() as session:
        return publications.publication(session, 1)


class TestByOnesOwnTap:
    def test_the_form_begins_with_the_connected_account_and_says_what_its_button_does(self, stage: Stage) -> None:
        form = _form(stage)
        values = {field.name: field.value for field in form.fields}
        assert (values["channel"], values["when"]) == ("bluesky", "now")
        assert form.submit == "Post on Bluesky"
        assert form.preview is not None
        assert form.preview.author == "@aino.example"

    def test_three_taps_from_the_nudge_to_the_post(self, stage: Stage, network: FakeNetwork) -> None:
        form = _form(stage)  # the first tap: Share…
        form = stage.changes("aino", form, "starter", form.suggestions.items[0].value)
        stage.submits("aino", form)
        stage.sends()
        assert len(network.there) == 1
        assert "on Bluesky" in stage.sees("aino")[-1]

    def test_what_goes_out_is_what_was_read(self, stage: Stage, network: FakeNetwork) -> None:
        _posts(stage)
        (post,) = network.there.values()
        with stage.database.transaction() as session:
            share = shares.share(session, 1)
            assert post.text == f"{TEXT}\n\nhttps://chorus.example/r/{share.code}"
            assert post.link in post.text
            assert share.is_confirmed
            assert share.public_url == f"https://bluesky.example/{post.key}"
        assert TEXT in stage.sees("aino")[-1]
        assert "Did you post it?" not in stage.sees("aino")[-1]

    def test_nothing_goes_out_without_a_tap_however_long_one_waits(self, stage: Stage, network: FakeNetwork) -> None:
        form = _form(stage)
        form = stage.changes("aino", form, "starter", form.suggestions.items[0].value)
        for _day in range(3):
            stage.ticks(minutes=24 * 60)
        assert network.calls == []

    def test_by_hand_stays_possible(self, stage: Stage, network: FakeNetwork) -> None:
        form = stage.changes("aino", _form(stage), "when", "by_hand", when="by_hand", text=TEXT)
        assert form.submit == "Get my text"
        stage.submits("aino", form)
        assert network.calls == []
        assert "Did you post it?" in stage.sees("aino")[-1]

    def test_two_taps_at_once_post_once(self, stage: Stage, network: FakeNetwork) -> None:
        form = _form(stage)
        stage.submits("aino", form, channel="bluesky", text=TEXT)
        stage.submits("aino", form, channel="bluesky", text=f"{TEXT} Again.")
        assert len(network.there) == 1
        assert "posted this on Bluesky already" in stage.sees("aino")[-1]

    def test_a_strangers_press_does_nothing(self, stage: Stage, network: FakeNetwork) -> None:
        _posts(stage, when="good_hour")
        stage.hires("mikko")
        for action in ("now", "cancel", "by_hand", "there", "delete", "delete_now", "show"):
            stage.pressed("mikko", f"publication.{action}", 1)
        assert network.calls == []
        assert _row(stage).state == PublicationState.WAITING

    def test_one_who_has_connected_nothing_is_offered_it_once_the_text_is_ready(self, stage: Stage) -> None:
        stage.hires("mikko")
        form = _form(stage, "mikko")
        assert form.submit == "Get my text"
        stage.submits("mikko", form, channel="bluesky", text=TEXT)
        assert "Connect Bluesky…" in stage.sees("mikko")[-1]


class TestLater:
    def test_at_a_good_hour(self, stage: Stage, network: FakeNetwork) -> None:
        _posts(stage, when="good_hour")  # Monday, ten in Helsinki
        assert network.calls == []
        assert "12:00" in stage.sees("aino")[-1]
        stage.ticks(minutes=100)
        assert network.calls == []
        stage.ticks(minutes=21)
        assert len(network.there) == 1

    def test_at_a_chosen_time_in_the_persons_own_zone(self, stage: Stage, network: FakeNetwork) -> None:
        form = stage.changes("aino", _form(stage), "when", "chosen", when="chosen", text=TEXT)
        assert "moment" in {field.name for field in form.fields}
        stage.submits("aino", form, moment="2026-11-24T15:45")
        assert _row(stage).due_at.isoformat() == "2026-11-24T13:45:00+00:00"
        stage.ticks(minutes=24 * 60)
        assert network.calls == []
        stage.ticks(minutes=6 * 60)
        assert len(network.there) == 1
        assert "It’s on Bluesky" in "\n".join(stage.sees("aino"))

    @pytest.mark.parametrize(
        ("moment", "said"),
        [
            ("2026-11-23T09:00", "still to come"),
            ("2027-11-23T09:00", "60 days"),
            ("2026-12-24T09:00", "until"),
            ("soon", "Choose a day"),
            ("", "Choose a day"),
            ("9999-12-31T23:59", "60 days"),
        ],
    )
    def test_a_time_that_cannot_be(self, stage: Stage, network: FakeNetwork, moment: str, said: str) -> None:
        form = stage.changes("aino", _form(stage), "when", "chosen", when="chosen", text=TEXT)
        answer = stage.submits("aino", form, moment=moment)
        assert said in answer.form.error_of("moment")
        assert next(field.value for field in answer.form.fields if field.name == "text") == TEXT
        assert network.calls == []

    def test_not_after_the_sign_in_has_ended(self, stage: Stage, network: FakeNetwork) -> None:
        stage.connects("aino", "bluesky", expires_at=stage.now + timedelta(days=2))
        form = stage.changes("aino", _form(stage), "when", "chosen", when="chosen", text=TEXT)
        answer = stage.submits("aino", form, moment="2026-11-27T09:00")
        assert "sign-in ends" in answer.form.error_of("moment")

    def test_asked_again_if_the_post_changed_meanwhile(self, stage: Stage, network: FakeNetwork) -> None:
        _posts(stage, when="good_hour")
        with stage.database.transaction() as session:
            posts.post(session, 1).title = "Storm, corrected"
        stage.ticks(minutes=180)
        assert network.calls == []
        assert "has changed" in stage.sees("aino")[-1]
        _press(stage, "Post it now")
        assert len(network.there) == 1

    def test_a_recall_holds_it_back_and_says_so(self, stage: Stage, network: FakeNetwork) -> None:
        _posts(stage, when="good_hour")
        stage.types("laura", "posts")
        stage.presses("laura", "Withdraw")
        stage.presses("laura", "Yes, withdraw it")
        stage.ticks(minutes=180)
        assert network.calls == []
        assert any("wasn’t put on Bluesky" in said and "withdrawn" in said for said in stage.sees("aino"))
        stage.pressed("aino", "publication.now", 1)
        assert network.calls == []

    def test_what_was_put_back_is_asked_again_and_never_goes_by_itself(
        self, stage: Stage, network: FakeNetwork
    ) -> None:
        _posts(stage, when="good_hour")
        stage.types("laura", "posts")
        stage.presses("laura", "Withdraw")
        stage.presses("laura", "Yes, withdraw it")
        stage.presses("laura", "Put it back…")
        stage.presses("laura", "Yes, put it back")
        stage.ticks(minutes=180)
        assert network.calls == []
        _press(stage, "Post it now")
        assert len(network.there) == 1

    def test_changed_and_put_off(self, stage: Stage, network: FakeNetwork) -> None:
        _posts(stage, when="good_hour")
        form = stage.presses("aino", "Change…").form
        stage.submits("aino", form, text="Other words altogether, my own.", when="now")
        (post,) = network.there.values()
        assert post.text.startswith("Other words")

    def test_not_at_all(self, stage: Stage, network: FakeNetwork) -> None:
        _posts(stage, when="good_hour")
        _press(stage, "Don’t post it")
        stage.ticks(minutes=180)
        assert network.calls == []
        assert "Share…" in stage.sees("aino")[-1]

    def test_two_workers_at_the_same_moment(self, stage: Stage, network: FakeNetwork) -> None:
        _posts(stage, when="good_hour")
        stage.now += timedelta(minutes=180)

        async def both() -> None:
            import asyncio

            await asyncio.gather(*(stage.publisher.publish(1) for _ in range(8)))

        stage.run(both())
        assert network.calls == ["publish"]


class TestNeverTwice:
    def test_no_answer_but_there(self, stage: Stage, network: FakeNetwork) -> None:
        network.outcomes.append((OutcomeUnknown("broke off"), True))
        _posts(stage)
        stage.ticks(minutes=2)
        assert network.calls == ["publish", "find"]
        assert _row(stage).state == PublicationState.POSTED

    def test_no_answer_and_not_there(self, stage: Stage, network: FakeNetwork) -> None:
        network.outcomes.append((OutcomeUnknown("broke off"), False))
        _posts(stage)
        stage.ticks(minutes=2)
        assert network.calls == ["publish", "find", "publish"]
        assert len(network.there) == 1

    def test_whoever_sent_it_is_gone(self, stage: Stage, network: FakeNetwork) -> None:
        """A kill between the network's answer and our commit."""
        with stage.database.transaction():
            _posts(stage, when="good_hour")
        stage.now += timedelta(minutes=180)
        with stage.database.transaction() as session:
            row = publications.publication(session, 1)
            row.begin(now=stage.now, until=stage.now + timedelta(minutes=5))
            row.account.busy_until = stage.now + timedelta(minutes=5)
            network.there[row.key] = None  # it got through
        stage.ticks(minutes=1)
        assert network.calls == []
        stage.ticks(minutes=5)
        assert network.calls == ["find"]
        assert _row(stage).state == PublicationState.POSTED

    def test_a_network_that_does_not_tell_but_refuses_repeats(self, stage: Stage, network: FakeNetwork) -> None:
        network.tells = False
        network.outcomes += [(OutcomeUnknown("broke off"), True)]
        _posts(stage)
        for _ in range(6):
            stage.ticks(minutes=2)
        assert len(network.there) == 1
        assert _row(stage).state == PublicationState.POSTED

    def test_one_that_neither_tells_nor_refuses_is_never_repeated_but_asked_about(
        self, stage: Stage, network: FakeNetwork
    ) -> None:
        network.tells = network.refuses_repeats = False
        network.outcomes.append((OutcomeUnknown("broke off"), False))
        _posts(stage)
        for _ in range(8):
            stage.ticks(minutes=15)
        assert network.calls.count("publish") == 1
        assert _row(stage).state == PublicationState.IN_DOUBT
        assert "Is your post on Bluesky?" in stage.sees("aino")[-1]
        assert TEXT in stage.sees("aino")[-1]

    @pytest.mark.parametrize("answer", ["It’s there", "It isn’t: post it again", "I’ll post it myself"])
    def test_what_is_in_doubt_is_its_writers_to_decide(self, stage: Stage, network: FakeNetwork, answer: str) -> None:
        network.tells = network.refuses_repeats = False
        network.outcomes.append((OutcomeUnknown("broke off"), False))
        _posts(stage)
        for _ in range(8):
            stage.ticks(minutes=15)
        _press(stage, answer)
        with stage.database.transaction() as session:
            share = shares.share(session, 1)
            assert share.is_confirmed == (answer != "I’ll post it myself")
        assert len(network.there) == (answer == "It isn’t: post it again")

    def test_asked_to_wait(self, stage: Stage, network: FakeNetwork) -> None:
        network.outcomes += [(RetryAfter(600, "too many"), False)] * 7
        _posts(stage)
        assert "asks me to wait" in stage.sees("aino")[-1]
        for _ in range(8):
            stage.ticks(minutes=11)
        assert len(network.there) == 1

    def test_asked_to_wait_for_more_than_a_day(self, stage: Stage, network: FakeNetwork) -> None:
        network.outcomes += [(RetryAfter(20 * 3600, "too many"), False)] * 3
        _posts(stage)
        stage.ticks(minutes=21 * 60)
        assert _row(stage).state == PublicationState.FAILED
        assert "Not posted on Bluesky" in stage.sees("aino")[-1]

    def test_a_fault_of_our_own_at_the_network_leaves_it_open_and_is_looked_at(
        self, stage: Stage, network: FakeNetwork, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        real = network.publish

        def breaks(credentials, post):
            real(credentials, post)
            raise ZeroDivisionError

        monkeypatch.setattr(network, "publish", breaks)
        _posts(stage)
        stage.ticks(minutes=2)
        assert len(network.there) == 1
        assert _row(stage).state == PublicationState.POSTED


class TestRefused:
    @pytest.mark.parametrize(
        ("why", "said"),
        [
            (Refusal.SIGN_IN, "has ended your sign-in"),
            (Refusal.RIGHTS, "doesn’t let me post"),
            (Refusal.TEXT, "doesn’t take this text"),
            (Refusal.DUPLICATE, "posted the same text already"),
            (Refusal.OTHER, "didn’t take it"),
        ],
    )
    def test_the_words_are_kept_and_the_way_by_hand_is_offered(
        self, stage: Stage, network: FakeNetwork, why: Refusal, said: str
    ) -> None:
        network.outcomes.append((Refused(why), False))
        _posts(stage)
        stage.ticks(minutes=1)
        seen = stage.sees("aino")[-1]
        assert said in seen
        assert TEXT in seen
        _press(stage, "I’ll post it myself")
        assert TEXT in stage.sees("aino")[-1]
        assert "Did you post it?" in stage.sees("aino")[-1]

    def test_a_revoked_token_ends_the_sign_in_and_signing_in_again_lets_one_try_again(
        self, stage: Stage, network: FakeNetwork
    ) -> None:
        network.outcomes.append((Refused(Refusal.SIGN_IN), False))
        _posts(stage)
        with stage.database.transaction() as session:
            account = accounts.account_for(session, stage.person("aino").id, "bluesky")
            assert account.credentials == {}
        stage.connects("aino", "bluesky")
        _press(stage, "Try again")
        assert len(network.there) == 1

    def test_new_keys_are_stored_before_they_are_used(self, stage: Stage, network: FakeNetwork) -> None:
        seen: list[object] = []
        real = network.publish

        def publish(credentials, post):
            with stage.database.transaction() as session:
                seen.append(accounts.account(session, 1).credentials == credentials)
            return real(credentials, post)

        network.publish = publish
        network.renews = lambda credentials: {**credentials, "token": "fresh"}
        _posts(stage)
        assert seen == [True]

    def test_a_server_that_does_not_renew_just_now(self, stage: Stage, network: FakeNetwork) -> None:
        def away(_credentials):
            raise ConnectionError("away")

        network.renews = away
        _posts(stage)
        assert network.calls == []
        network.renews = lambda _credentials: None
        stage.ticks(minutes=2)
        assert len(network.there) == 1


class TestAfterwards:
    def test_deleted_from_the_chat_after_one_question(self, stage: Stage, network: FakeNetwork) -> None:
        _posts(stage)
        _press(stage, "Delete it from Bluesky…")
        assert len(network.there) == 1
        _press(stage, "Yes, delete it")
        assert network.there == {}
        assert "Share…" in stage.sees("aino")[-1]
        _posts(stage)
        assert len(network.there) == 1

    def test_kept_after_the_question(self, stage: Stage, network: FakeNetwork) -> None:
        _posts(stage)
        _press(stage, "Delete it from Bluesky…")
        _press(stage, "Keep it")
        assert len(network.there) == 1
        assert "It’s on Bluesky" in stage.sees("aino")[-1]

    def test_a_deletion_that_is_not_answered_is_repeated(self, stage: Stage, network: FakeNetwork) -> None:
        network.removals += [OutcomeUnknown("broke off"), RetryAfter(30, "wait")]
        _posts(stage)
        _press(stage, "Delete it from Bluesky…")
        _press(stage, "Yes, delete it")
        for _ in range(4):
            stage.ticks(minutes=2)
        assert network.there == {}
        assert _row(stage).state == PublicationState.REMOVED

    def test_a_deletion_that_is_refused_says_so(self, stage: Stage, network: FakeNetwork) -> None:
        network.removals.append(Refused(Refusal.RIGHTS))
        _posts(stage)
        _press(stage, "Delete it from Bluesky…")
        _press(stage, "Yes, delete it")
        assert "didn’t delete it" in stage.sees("aino")[-1]

    def test_reactions_are_the_sharers_own_to_see(self, stage: Stage, network: FakeNetwork) -> None:
        _posts(stage)
        network.told[_row(stage).post] = Reactions(12, 3, 2)
        stage.ticks(minutes=1)
        assert "Likes: 12" in stage.sees("aino")[-1]
        stage.types("laura", "results")
        assert "12" not in stage.sees("laura")[-1]

    def test_disconnecting_ends_it_at_once_and_what_waits_is_not_posted(
        self, stage: Stage, network: FakeNetwork
    ) -> None:
        _posts(stage, when="good_hour")
        stage.types("aino", "accounts")
        _press(stage, "Disconnect")
        assert network.ended == [{"token": "secret-of-aino"}]
        stage.ticks(minutes=180)
        assert network.calls == []
        with stage.database.transaction() as session:
            assert accounts.accounts_of(session, stage.person("aino").id) == []
            assert accounts.account(session, 1).sealed is None

    def test_leaving_ends_it(self, stage: Stage, network: FakeNetwork) -> None:
        _posts(stage, when="good_hour")
        stage.leaves("aino")
        stage.ticks(minutes=180)
        assert network.calls == []
        assert network.ended == [{"token": "secret-of-aino"}]

    def test_one_account_is_one_persons(self, stage: Stage) -> None:
        from bot.core.networks import SignInFailed

        stage.hires("mikko")
        with pytest.raises(SignInFailed):
            stage.connects("mikko", "bluesky", subject="did:aino")

    def test_told_before_a_sign_in_ends(self, stage: Stage) -> None:
        stage.connects("aino", "bluesky", expires_at=stage.now + timedelta(days=20))
        said = 0
        for _day in range(20):
            stage.ticks(minutes=24 * 60)
            said = sum("Sign in to Bluesky again" in seen for seen in stage.sees("aino"))
        assert said == 2

    def test_a_network_that_is_no_longer_set_up(self, stage: Stage, network: FakeNetwork) -> None:
        _posts(stage, when="good_hour")
        stage.dependencies.networks.clear()
        stage.ticks(minutes=180)
        assert "Not posted" in stage.sees("aino")[-1]


def test_where_a_published_answer_names_no_post_it_is_looked_for(stage: Stage, network: FakeNetwork) -> None:
    network.outcomes.append((OutcomeUnknown("it names no post"), True))
    _posts(stage)
    stage.ticks(minutes=1)
    assert _row(stage).state == PublicationState.POSTED
    assert isinstance(Published("a", "b"), Published)


def _withdraw(stage: Stage) -> None:
    stage.types("laura", "posts")
    stage.presses("laura", "Withdraw")
    stage.presses("laura", "Yes, withdraw it")
    stage.sends()


class TestWhatStrangersTried:
    """Found by attackers who knew the documents alone."""

    def test_changing_a_scheduled_post_keeps_its_time(self, stage: Stage, network: FakeNetwork) -> None:
        form = stage.changes("aino", _form(stage), "when", "chosen", when="chosen", text=TEXT)
        stage.submits("aino", form, stage.newest("aino"), moment="2026-11-26T09:00")
        form = stage.presses("aino", "Change…").form
        values = {field.name: field.value for field in form.fields}
        assert values["when"] == "chosen"
        assert values["moment"].isoformat() == "2026-11-26T09:00:00+02:00"
        assert form.submit == "Schedule it"
        stage.submits("aino", form, stage.newest("aino"), text=f"{TEXT} Ask me!")
        assert network.calls == []
        assert _row(stage).due_at.isoformat() == "2026-11-26T07:00:00+00:00"

    def test_a_look_at_another_channel_turns_no_time_into_now(self, stage: Stage) -> None:
        form = stage.changes("aino", _form(stage), "when", "chosen", when="chosen", text=TEXT)
        form = stage.changes("aino", form, "channel", "x", channel="x", moment="2026-11-26T09:00")
        assert "when" not in {field.name for field in form.fields}
        form = stage.changes("aino", form, "channel", "bluesky", channel="bluesky", **dict(form.kept))
        values = {field.name: field.value for field in form.fields}
        assert values["when"] == "chosen"
        assert values["moment"].isoformat() == "2026-11-26T09:00:00+02:00"

    def test_posted_by_hand_after_all(self, stage: Stage, network: FakeNetwork) -> None:
        """An older card of the same share says "Yes, posted" while the post is scheduled."""
        form = _form(stage)
        stage.submits("aino", form, channel="bluesky", text=TEXT, when="by_hand")
        by_hand = stage.newest("aino")
        form = stage.presses("aino", "Edit…").form
        stage.submits("aino", form, when="good_hour")
        stage.presses("aino", "Yes, posted", on=by_hand)
        stage.ticks(minutes=180)
        assert network.calls == []
        with stage.database.transaction() as session:
            assert shares.share(session, 1).is_confirmed

    @pytest.mark.parametrize("action", ["posted", "undo", "not_yet"])
    def test_old_cards_change_nothing_about_what_is_on_its_way(
        self, stage: Stage, network: FakeNetwork, action: str
    ) -> None:
        network.outcomes.append((OutcomeUnknown("broke off"), True))
        _posts(stage)
        stage.pressed("aino", f"share.{action}", 1)
        stage.ticks(minutes=2)
        assert _row(stage).state == PublicationState.POSTED
        stage.pressed("aino", f"share.{action}", 1)
        with stage.database.transaction() as session:
            assert shares.share(session, 1).is_confirmed
        assert len(network.there) == 1

    @pytest.mark.parametrize("what", ["title", "image_url", "expires_at", "recall"])
    def test_what_changed_after_a_lost_answer_is_looked_for_and_never_repeated(
        self, stage: Stage, network: FakeNetwork, what: str
    ) -> None:
        network.tells = False
        network.outcomes.append((OutcomeUnknown("broke off"), False))
        _posts(stage)
        if what == "recall":
            _withdraw(stage)
        else:
            with stage.database.transaction() as session:
                setattr(posts.post(session, 1), what, stage.now if what == "expires_at" else "Corrected")
        for _ in range(8):
            stage.ticks(minutes=15)
        assert network.calls.count("publish") == 1
        assert _row(stage).state == PublicationState.IN_DOUBT

    def test_the_page_is_shown_as_it_was_read(self, stage: Stage, network: FakeNetwork) -> None:
        network.tells = False
        network.outcomes.append((OutcomeUnknown("broke off"), False))
        _posts(stage)
        for _ in range(3):
            stage.ticks(minutes=2)
        assert {post.title for post in network.there.values()} == {"Storm"}

    def test_a_withdrawal_says_nothing_untrue_of_what_may_be_out(self, stage: Stage, network: FakeNetwork) -> None:
        network.outcomes.append((OutcomeUnknown("broke off"), True))
        _posts(stage)
        _withdraw(stage)
        assert not any("wasn’t put on Bluesky" in said for said in stage.sees("aino"))
        stage.ticks(minutes=2)
        assert _row(stage).state == PublicationState.POSTED
        assert "Delete it from Bluesky…" in stage.sees("aino")[-1]
        stage.types("laura", "posts")
        stage.presses("laura", "Put it back…")
        stage.presses("laura", "Yes, put it back")
        stage.pressed("aino", "publication.now", 1)
        assert len(network.there) == 1

    def test_disconnected_in_the_middle_of_a_doubt(self, stage: Stage, network: FakeNetwork) -> None:
        network.outcomes.append((OutcomeUnknown("broke off"), True))
        _posts(stage)
        stage.types("aino", "accounts")
        _press(stage, "Disconnect")
        assert _row(stage).state == PublicationState.IN_DOUBT
        assert "Is your post on Bluesky?" in stage.sees("aino")[-1]
        stage.connects("aino", "bluesky")
        stage.types("aino", "share")
        stage.presses("aino", "Pick this")
        assert "Is your post on Bluesky?" in stage.sees("aino")[-1]
        assert len(network.there) == 1

    def test_another_channel_does_not_drop_the_doubt(self, stage: Stage, network: FakeNetwork) -> None:
        form = _form(stage)
        network.outcomes.append((OutcomeUnknown("broke off"), True))
        stage.submits("aino", form, channel="bluesky", text=TEXT)
        stage.submits("aino", form, channel="x", text=TEXT)
        assert "on its way to Bluesky" in stage.sees("aino")[-1]
        stage.ticks(minutes=2)
        assert _row(stage).state == PublicationState.POSTED

    def test_disconnecting_says_what_will_not_go_out(self, stage: Stage) -> None:
        _posts(stage, when="good_hour")
        stage.types("aino", "accounts")
        _press(stage, "Disconnect")
        assert "1 post that was waiting won’t go out" in stage.sees("aino")[-1]
        assert any("Not posted on Bluesky" in said for said in stage.sees("aino"))

    def test_whoever_leaves_posts_nothing_more_not_even_before_the_next_tick(
        self, stage: Stage, network: FakeNetwork
    ) -> None:
        _posts(stage, when="good_hour")
        stage.leaves("aino")
        stage.now += timedelta(minutes=180)
        stage.run(stage.publisher.publish_due())
        assert network.calls == []

    def test_another_account_than_the_form_showed(self, stage: Stage, network: FakeNetwork) -> None:
        form = _form(stage)
        stage.types("aino", "accounts")
        _press(stage, "Disconnect")
        stage.connects("aino", "bluesky", subject="did:private", name="@private.example")
        answer = stage.submits("aino", form, channel="bluesky", text=TEXT, **dict(form.kept))
        assert "@private.example" in answer.form.error_of("when")
        assert network.calls == []

    def test_trying_again_on_another_account_asks_first(self, stage: Stage, network: FakeNetwork) -> None:
        network.outcomes.append((Refused(Refusal.OTHER), False))
        _posts(stage)
        stage.types("aino", "accounts")
        _press(stage, "Disconnect")
        stage.connects("aino", "bluesky", subject="did:private", name="@private.example")
        _press(stage, "Try again")
        assert "@private.example" in stage.sees("aino")[-1] or "@private.example" in "\n".join(stage.sees("aino"))
        assert len(network.there) == 0
        _press(stage, "Post it now")
        assert len(network.there) == 1

    def test_an_account_that_ends_while_its_keys_are_renewed(self, stage: Stage, network: FakeNetwork) -> None:
        _posts(stage, when="good_hour")

        def renews(credentials):
            with stage.database.transaction() as session:
                accounts.account(session, 1).end()
            return {**credentials, "token": "fresh"}

        network.renews = renews
        stage.ticks(minutes=121)
        assert network.calls == []
        assert {"token": "fresh"} in network.ended

    def test_much_too_late_is_asked_about(self, stage: Stage, network: FakeNetwork) -> None:
        _posts(stage, when="good_hour")
        stage.ticks(minutes=5 * 24 * 60)
        assert network.calls == []
        assert "It should have gone out" in stage.sees("aino")[-1]

    def test_by_hand_once_stays_by_hand(self, stage: Stage, network: FakeNetwork) -> None:
        network.tells = network.refuses_repeats = False
        network.outcomes.append((OutcomeUnknown("broke off"), False))
        _posts(stage)
        for _ in range(8):
            stage.ticks(minutes=15)
        _press(stage, "I’ll post it myself")
        form = stage.presses("aino", "Edit…").form
        assert form.submit == "Get my text"

    def test_whoever_posted_by_hand_gets_a_message_about_a_withdrawal(self, stage: Stage) -> None:
        _posts(stage, when="by_hand")
        _press(stage, "Yes, posted")
        stage.types("aino", "home")
        _withdraw(stage)
        assert "You had already shared it" in stage.sees("aino")[-1]
        assert sum("You had already shared it" in said for said in stage.sees("aino")) == 1

    def test_leads_see_sums_of_more_than_k_people(self, stage: Stage, network: FakeNetwork) -> None:
        for number in range(6):
            user = f"person{number}"
            stage.hires(user)
            stage.connects(user, "bluesky")
            _posts(stage, user, text=f"{TEXT} {'abcdef'[number] * 30}")
            for key in network.there:
                network.told[key] = Reactions(10, 1, 0)
            stage.ticks(minutes=61)
            stage.types("laura", "results")
            assert ("likes" in stage.sees("laura")[-1]) == (number == 5)
        assert "60 likes" in stage.sees("laura")[-1]
