"""Approval, recall, expiry and suggestions, as leads and employees live them."""

from __future__ import annotations

import pytest

from bot.core.router import Router
from bot.routes import FEATURES
from storage.sharing.posts import Post as Content
from storage.sharing.posts import PostState
from storage.sharing.shares import Share
from tests.stage import Stage


@pytest.fixture
def office(stage: Stage) -> Stage:
    """A lead and an employee; the lead wants no nudges."""
    stage.hires("laura", roles=["employee", "lead"], wants=False)
    stage.hires("aino")
    return stage


def withdraws_it(stage: Stage) -> None:
    """Laura withdraws the newest live post."""
    stage.types("laura", "posts")
    stage.presses("laura", "Withdraw")
    stage.presses("laura", "Yes, withdraw it")


def state_of(stage: Stage, post_id: int) -> str:
    with stage.database.transaction() as session:
        return session.get_one(Content, post_id).state


def test_drafts_come_three_at_a_time_and_approval_makes_them_live(office: Stage) -> None:
    for number in range(5):
        office.publishes(f"Draft {number}", state=PostState.DRAFT, expires_at=None)
    office.ticks()
    assert len(office.sees("laura")) == 3
    office.presses("laura", "Approve")
    assert "Out for sharing · until 23 Dec" in office.sees("laura")[2]
    office.ticks(minutes=1)
    assert len(office.sees("laura")) == 4  # the next one came
    assert len(office.sees("aino")) == 1  # and the approved one was offered


def test_first_lead_decides_and_the_others_see_it(office: Stage) -> None:
    office.hires("petra", roles=["employee", "lead"], wants=False, locale="fi")
    post_id = office.publishes("Draft", state=PostState.DRAFT)
    office.ticks()
    office.presses("laura", "Approve")
    assert office.sees("petra")[0].startswith("Jaettavissa · ")
    office.pressed("petra", "review.decline", post_id, office.newest("petra"))
    assert state_of(office, post_id) == PostState.LIVE


def test_edit_with_embargo_starters_and_a_missing_title(office: Stage) -> None:
    post_id = office.publishes("Draft", state=PostState.DRAFT)
    office.ticks()
    form = office.presses("laura", "Edit…").form
    again = office.submits("laura", form, title=" ").form
    assert again is not None
    assert again.error_of("title") == "Add a title."
    office.submits("laura", form, office.newest("laura"), title="Better", embargo="2026-11-26T10:00", question="Well?")
    office.presses("laura", "Approve")
    office.ticks(minutes=60)
    assert office.sees("aino") == []  # not before the embargo ends
    office.ticks(minutes=3 * 24 * 60)
    assert "Better" in office.sees("aino")[0]
    form = office.presses("aino", "Share…").form
    assert form is not None
    assert form.suggestions is not None
    assert form.suggestions.items[0].text == "Well?"  # the written starter comes first
    assert state_of(office, post_id) == PostState.LIVE


def test_a_suggestion_enters_as_a_draft_and_its_fate_is_told(office: Stage) -> None:
    office.types("aino", "suggest https://koivu.example/news?utm_source=x Our customers ask this")
    assert "will tell you what they decide" in office.sees("aino")[-1]
    with office.database.transaction() as session:
        post = session.query(Content).one()
        assert (post.state, post.page_read, post.suggestion_note) == (PostState.DRAFT, False, "Our customers ask this")
        post.page_read = True  # the clock has read its page
    office.types("aino", "suggest https://www.koivu.example/news#top")
    assert "We already have" in office.sees("aino")[-1]
    office.ticks()
    assert "Suggested by: Aino" in office.sees("laura")[-1]
    form = office.presses("laura", "Decline…").form
    office.submits("laura", form, office.newest("laura"), reason="We had it last week.")
    assert state_of(office, post.id) == PostState.DECLINED
    assert office.sees("aino")[-1].splitlines()[-1] == "We had it last week."


@pytest.mark.parametrize("words", ["", "nothing to see", "ftp://x", "https://", "javascript:alert(1)"])
def test_a_suggestion_without_an_address_opens_the_form(office: Stage, words: str) -> None:
    form = office.types("aino", f"suggest {words}").form
    assert form is not None
    again = office.submits("aino", form, address=words).form
    assert again is not None
    assert again.error_of("address").startswith("That isn’t a web address.")


def test_recall_reaches_every_card_and_every_link(office: Stage) -> None:
    post_id = office.publishes("Storm")
    office.ticks()
    form = office.presses("aino", "Share…").form
    office.submits("aino", form, office.newest("aino"), channel="linkedin", text="Mine?")
    office.presses("aino", "Yes, posted")
    withdraws_it(office)
    assert (
        office.sees("aino")[0].splitlines()[-1]
        == "You had already shared it. If you can, please delete your post. Thank you."
    )
    with office.database.transaction() as session:
        assert session.query(Share).one().link.live is False
    assert state_of(office, post_id) == PostState.RECALLED


def test_a_recall_can_be_taken_back(office: Stage) -> None:
    office.hires("mikko")
    post_id = office.publishes("Storm")
    office.ticks()
    form = office.presses("aino", "Share…").form
    office.submits("aino", form, office.newest("aino"), channel="linkedin", text="Mine?")
    office.presses("aino", "Yes, posted")
    before = office.sees("aino")[0], office.sees("mikko")[0]
    withdraws_it(office)
    assert "Withdrawn" in office.sees("mikko")[0]
    office.types("laura", "posts")  # also from the list, wherever the card of the recall has gone
    office.presses("laura", "Put it back…")
    office.presses("laura", "Yes, put it back")
    office.ticks()
    assert (office.sees("aino")[-1], office.sees("mikko")[0]) == before
    with office.database.transaction() as session:
        assert session.query(Share).one().link.live is True
    assert state_of(office, post_id) == PostState.LIVE
    # nobody got a second nudge; who had posted it got a message about the withdrawal
    assert [len(office.sees(user)) for user in ("aino", "mikko")] == [2, 1]


def test_who_had_no_nudge_when_it_was_recalled_gets_one_after(office: Stage) -> None:
    office.publishes("Storm")
    office.run(office.shell.run_job(Router(FEATURES).tick_jobs["plan_news"]))
    withdraws_it(office)
    office.sends()
    office.presses("laura", "Put it back…")
    office.presses("laura", "Yes, put it back")
    for _day in range(7):
        office.ticks(minutes=24 * 60)
    assert office.sees("aino")[0].startswith("Storm")


def test_recall_asks_once(office: Stage) -> None:
    post_id = office.publishes("Storm")
    office.ticks()
    office.types("laura", "posts")
    office.presses("laura", "Withdraw")
    assert office.sees("laura")[-1].splitlines()[0] == "Withdraw “Storm”?"
    assert state_of(office, post_id) == PostState.LIVE
    office.presses("laura", "Keep it")
    assert state_of(office, post_id) == PostState.LIVE
    assert "withdrawn" not in office.sees("aino")[0]


def test_recall_drops_what_waits(office: Stage) -> None:
    office.publishes("Storm")
    office.run(office.shell.run_job(Router(FEATURES).tick_jobs["plan_news"]))
    withdraws_it(office)
    office.sends()
    assert office.sees("aino") == []


def test_expiry_closes_the_cards(office: Stage) -> None:
    office.publishes("Storm")
    office.ticks()
    office.ticks(minutes=15 * 24 * 60)
    assert office.sees("aino")[0] == "You can no longer share “Storm”: it has expired."


def test_only_leads_decide(office: Stage) -> None:
    post_id = office.publishes("Draft", state=PostState.IN_REVIEW)
    office.pressed("aino", "review.approve", post_id)
    office.pressed("aino", "post.recall", post_id)
    office.types("aino", "posts")
    assert {card.splitlines()[0] for card in office.sees("aino")} == {
        "Only comms leads can do that. If you should be one, ask your administrator."
    }
    assert state_of(office, post_id) == PostState.IN_REVIEW


class TestUndo:
    def test_an_approval_that_reached_nobody_yet(self, office: Stage) -> None:
        office.publishes("Draft", state=PostState.DRAFT, expires_at=None)
        office.ticks()
        office.presses("laura", "Approve")
        office.presses("laura", "Undo")
        with office.database.transaction() as session:
            post = session.query(Content).filter(Content.state == PostState.IN_REVIEW).one()
            assert (post.decided_by_id, post.decided_at) == (None, None)
        office.ticks(minutes=24 * 60)
        assert not any("Share…" in said for said in office.sees("aino"))
        office.presses("laura", "Approve")

    def test_one_that_has_reached_people_is_withdrawn_instead(self, office: Stage) -> None:
        office.publishes("Draft", state=PostState.DRAFT, expires_at=None)
        office.ticks()
        office.presses("laura", "Approve")
        office.ticks(minutes=24 * 60)
        assert any("Share…" in said for said in office.sees("aino"))
        office.presses("laura", "Undo")
        assert "withdraw it instead" in office.sees("laura")[-1]
        with office.database.transaction() as session:
            assert session.query(Content).filter(Content.state == PostState.LIVE).count() == 1

    def test_a_decline(self, office: Stage) -> None:
        office.publishes("Draft", state=PostState.DRAFT, expires_at=None)
        office.ticks()
        form = office.presses("laura", "Decline…").form
        office.submits("laura", form, office.newest("laura"), reason="We had this.")
        office.presses("laura", "Undo")
        assert "Approve" in str(office.cards("laura")[-1])


@pytest.mark.parametrize("typed", ["www.yle.example/uutiset", "Look: WWW.yle.example/uutiset it is good"])
def test_an_address_is_one_as_people_type_it(office: Stage, typed: str) -> None:
    office.types("aino", f"suggest {typed}")
    with office.database.transaction() as session:
        assert session.query(Content).one().url.lower() == "https://www.yle.example/uutiset"


def test_a_suggestion_is_approved_taken_back_and_approved(office: Stage) -> None:
    post = office.publishes("Draft", state=PostState.IN_REVIEW, suggested_by_id=office.person("aino").id)
    for action in ("review.approve", "review.undo", "review.approve"):
        office.pressed("laura", action, post)
        office.ticks(1)
    assert state_of(office, post) == PostState.LIVE
