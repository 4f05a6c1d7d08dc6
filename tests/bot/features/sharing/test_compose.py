"""Posts that are made: from a link, from a draft, from nothing; for whom, by whom approved, in which languages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from bot.core.cards import Form, plain_text
from bot.features.sharing.domain.draft import option_of
from storage.database import Database
from storage.people import employees
from storage.people.organisation import unit
from storage.sharing import nudges, post_pictures, posts
from storage.sharing.post_pictures import PostPicture
from storage.sharing.posts import Post, PostState
from storage.sharing.social_channels import BlockedPhrase
from tests.stage import EVERY_DAY, FakeNetwork, Stage

LATER = {"when": "chosen", "moment": "2026-11-24T09:00", "channel": "bluesky"}
WORDS = {"title": "Our new office", "summary": "We moved in on Monday. There are plants."}


@pytest.fixture
def stage(sqlite: Database) -> Iterator[Stage]:
    with Stage(sqlite, **{**EVERY_DAY, "messages_a_day": 9, "messages_a_week": 20, "hours": (0, 24)}) as stage:
        stage.hires("laura", roles=("employee", "lead"), unit="Communications")
        stage.hires("aino", unit="Field service")
        yield stage


def reads(stage: Stage, user: str) -> str:
    return plain_text(stage.cards(user)[-1])


def composed(stage: Stage, user: str = "laura", **values: str) -> int:
    """The id of a post that was made of these."""
    form = stage.types(user, "compose").form
    assert form is not None
    answer = stage.submits(user, form, **{**WORDS, **values})
    assert answer.form is None, answer.form.errors
    with stage.database.transaction() as session:
        return posts.listed(session, limit=1)[0].id


def stored(stage: Stage, post_id: int) -> Post:
    with stage.database.transaction() as session:
        found = session.get_one(Post, post_id)
        session.refresh(found, ["pictures", "captions"])
        session.expunge_all()
        return found


def errors(form: Form | None) -> dict[str, str]:
    assert form is not None
    return dict(form.errors)


def illustrate(stage: Stage, post: int, alt: str = "") -> PostPicture:
    """A picture for the post."""
    with stage.database.transaction() as session:
        kinds = {"media_type": "image/jpeg", "width": 4, "height": 3}
        return post_pictures.add(session, session.get_one(Post, post), content=b"x", small=b"small", alt=alt, **kinds)


def crowd(stage: Stage, unit: str, number: int = 6, **more: Any) -> None:
    """So many in that unit that a post may be for them alone."""
    for one in range(number):
        stage.hires(f"{unit}{one}".replace(" ", "").lower(), unit=unit, **more)


def form_of_connected(stage: Stage) -> Form | None:
    """Laura's post is approved, and Aino, who has an account on Bluesky, opens the form of its nudge."""
    stage.presses("laura", "Approve")
    stage.ticks()
    stage.connects("aino", "bluesky")
    return stage.presses("aino", "Share…").form


class TestFromNothing:
    def test_it_is_approved_nudged_and_shared_without_a_link(self, stage: Stage) -> None:
        composed(stage)
        assert "Our new office" in reads(stage, "laura")
        assert "Read it" not in reads(stage, "laura")
        stage.presses("laura", "Approve")
        stage.ticks()
        nudge = reads(stage, "aino")
        assert "Our new office" in nudge
        assert "Read it" not in nudge
        form = stage.presses("aino", "Share…").form
        assert form is not None
        assert form.preview is not None
        assert form.preview.domain == ""
        stage.submits("aino", form, text="Come and see us!")
        said = reads(stage, "aino")
        assert "Come and see us!" in said
        assert "/r/" not in said

    def test_what_is_missing_stands_at_its_field(self, stage: Stage) -> None:
        form = stage.types("laura", "compose").form
        found = errors(stage.submits("laura", form, address="ftp://nowhere", video="javascript:alert(1)").form)
        assert set(found) == {"address", "video"}
        assert set(errors(stage.submits("laura", form, address="").form)) == {"title", "summary"}
        kept = stage.submits("laura", form, title="", summary="Kept words", address="").form
        assert kept is not None
        assert {one.name: one for one in kept.fields}["summary"].value == "Kept words"

    def test_a_starter_is_made_of_no_words_that_the_rules_refuse(self, stage: Stage) -> None:
        with stage.database.transaction() as session:
            session.add(BlockedPhrase(phrase="cheapest in town", instead=""))
        form = stage.types("laura", "compose").form
        said = "Guaranteed cheapest in town"
        assert set(errors(stage.submits("laura", form, title=said, summary="A sentence.", address="").form)) == {
            "title"
        }
        assert set(errors(stage.submits("laura", form, title="An offer", summary=said, address="").form)) == {"summary"}

    def test_a_video_is_linked_to(self, stage: Stage) -> None:
        composed(stage, video="https://video.example/watch?v=1")
        stage.presses("laura", "Approve")
        stage.ticks()
        assert "Watch the video" in reads(stage, "aino")
        form = stage.presses("aino", "Share…").form
        stage.submits("aino", form, text="Watch this!")
        assert "/r/" in reads(stage, "aino")

    def test_only_leads_compose(self, stage: Stage) -> None:
        assert stage.types("aino", "compose").form is None
        answer = stage.submits("aino", Form("compose", 0, "", (), "", ""), **WORDS)
        assert answer.form is None
        with stage.database.transaction() as session:
            assert posts.listed(session) == []


class TestFromALink:
    def test_a_page_without_a_title_is_read_first(self, stage: Stage) -> None:
        form = stage.types("laura", "compose https://koivu.example/office").form
        assert form is not None
        stage.submits("laura", form)
        assert "In a moment you’ll get https://koivu.example/office" in reads(stage, "laura")
        with stage.database.transaction() as session:
            (post,) = posts.listed(session)
            assert (post.page_read, post.state, post.title) == (False, PostState.DRAFT, "koivu.example")

    def test_a_page_that_could_not_be_read_is_not_approved_by_its_address(self, stage: Stage) -> None:
        post = stage.publishes("koivu.example", state=PostState.IN_REVIEW)
        stage.pressed("laura", "review.approve", post)
        assert stored(stage, post).state == PostState.IN_REVIEW
        assert "Give the post a title first" in reads(stage, "laura")

    def test_what_waits_is_not_told_to_who_guesses_its_address(self, stage: Stage) -> None:
        stage.publishes("Layoffs in spring", state=PostState.IN_REVIEW)
        stage.types("aino", "suggest https://koivu.example/layoffs-in-spring")
        assert "Layoffs" not in reads(stage, "aino")

    def test_a_page_that_is_known_is_not_taken_twice(self, stage: Stage) -> None:
        known = stage.publishes("Storm")
        form = stage.types("laura", "compose").form
        found = errors(stage.submits("laura", form, address="https://koivu.example/storm", **WORDS).form)
        assert "Storm" in found["address"]
        stage.types("laura", "compose https://koivu.example/storm")
        assert "There’s a post about that page already." in reads(stage, "laura")
        assert stored(stage, known).title == "Storm"


class TestTimes:
    @pytest.mark.parametrize(
        ("embargo", "expires"),
        [("", "2026-11-01T09:00"), ("2026-12-10T09:00", "2026-12-09T09:00"), ("", "2026-11-23T10:00")],
    )
    def test_an_end_before_the_start_or_in_the_past(self, stage: Stage, embargo: str, expires: str) -> None:
        form = stage.types("laura", "compose").form
        found = errors(stage.submits("laura", form, embargo=embargo, expires=expires, **WORDS).form)
        assert set(found) == {"expires"}

    def test_what_is_no_moment(self, stage: Stage) -> None:
        form = stage.types("laura", "compose").form
        found = errors(stage.submits("laura", form, embargo="tomorrow", expires="0001-01-01T00:00", **WORDS).form)
        assert "embargo" in found

    def test_an_end_that_nobody_set_comes_after_the_start(self, stage: Stage) -> None:
        post = composed(stage, embargo="2027-06-01T09:00")
        stage.presses("laura", "Approve")
        found = stored(stage, post)
        assert found.embargo_until is not None
        assert found.expires_at is not None
        assert (found.expires_at - found.embargo_until).days == 30

    def test_far_away(self, stage: Stage) -> None:
        form = stage.types("laura", "compose").form
        found = errors(stage.submits("laura", form, embargo="9999-12-31T23:59", **WORDS).form)
        assert set(found) == {"embargo"}

    def test_local_time_and_nothing_before(self, stage: Stage) -> None:
        post = composed(stage, embargo="2026-11-25T09:00", expires="2026-12-24T12:00")
        assert stored(stage, post).embargo_until is not None
        stage.presses("laura", "Approve")
        assert "Scheduled · from Wed 25 Nov · until 24 Dec" in reads(stage, "laura")
        stage.ticks()
        assert not any("Our new office" in card for card in stage.sees("aino"))
        for _time in range(8 * 8):
            stage.ticks(180)
        assert any("Our new office" in card for card in stage.sees("aino"))


class TestChanges:
    def test_a_card_that_is_out_says_the_new_words(self, stage: Stage) -> None:
        post = composed(stage)
        stage.presses("laura", "Approve")
        stage.ticks()
        stage.submits("laura", stage.pressed("laura", "post.edit", post).form, title="Our newest office")
        stage.sends()
        assert any("Our newest office" in card for card in stage.sees("aino"))
        assert not any("Our new office" in card for card in stage.sees("aino"))

    def test_a_live_post_does_not_lose_its_end_or_its_descriptions(self, stage: Stage) -> None:
        post = composed(stage)
        picture = f"alt_{illustrate(stage, post, 'A desk').id}"
        stage.presses("laura", "Approve")
        form = stage.pressed("laura", "post.edit", post).form
        assert set(errors(stage.submits("laura", form, **{picture: ""}).form)) == {picture}
        stage.submits("laura", form, expires="")
        assert stored(stage, post).expires_at is not None


class TestForWhom:
    def test_units_with_all_below_them(self, stage: Stage) -> None:
        stage.hires("mikko", unit="Lines")
        stage.hires("petra", unit="Sales")
        crowd(stage, "Lines", 4)
        with stage.database.transaction() as session:
            above, below = unit(session, "Field service"), unit(session, "Lines")
            below.parent_id = above.id
            units = str(above.id)
        composed(stage, units=units)
        assert "Meant for 6 of 8 people." in reads(stage, "laura")
        stage.presses("laura", "Approve")
        stage.ticks()
        got = [user for user in ("laura", "aino", "mikko", "petra") if "You’re getting this" in reads_all(stage, user)]
        assert got == ["aino", "mikko"]
        assert "it’s meant for Lines" in reads_all(stage, "mikko")
        stage.types("petra", "share")
        assert "Our new office" not in reads(stage, "petra")
        post = posts_id(stage)
        stage.pressed("petra", "share.pick", post)
        assert "Share…" not in reads(stage, "petra")

    def test_roles(self, stage: Stage) -> None:
        stage.hires("olli", roles=("employee", "owner"))
        crowd(stage, "Sales", 5, roles=("employee", "owner"))
        composed(stage, roles="owner")
        stage.presses("laura", "Approve")
        stage.ticks()
        assert "You’re getting this" in reads_all(stage, "olli")
        assert "You’re getting this" not in reads_all(stage, "aino")

    def test_what_people_care_about_is_not_counted_out(self, stage: Stage) -> None:
        """With exact numbers a lead could ask, unit by unit, what one person cares about."""
        stage.publishes("Storm")
        with stage.database.transaction() as session:
            person = session.merge(stage.person("aino"))
            person.topics_wanted = ["Operations"]
        form = stage.types("laura", "compose").form
        assert form is not None
        with stage.database.transaction() as session:
            units = str(unit(session, "Field service").id)
        hints = []
        for interests in ("Operations", "Nothing%20of%20this%20name"):
            fresh = stage.changed("laura", form, "interests", units=units, interests=interests, **WORDS).form
            assert fresh is not None
            hints.append([one.hint for one in fresh.fields if one.name == "interests"])
        assert hints[0] == hints[1]
        assert "fewer than ten" in hints[0][0]
        refused = stage.submits("laura", form, units=units, interests="Operations", **WORDS)
        assert set(errors(refused.form)) == {"interests"}

    def test_who_wants_no_nudges_is_not_told(self, stage: Stage) -> None:
        stage.hires("mikko", unit="Sales", wants=False)
        crowd(stage, "Sales")
        with stage.database.transaction() as session:
            sales = str(unit(session, "Sales").id)
        composed(stage, units=sales)
        assert "Meant for 7 of 9 people." in reads(stage, "laura")

    def test_a_post_for_a_few_would_say_who_shared_it(self, stage: Stage) -> None:
        crowd(stage, "Sales", 5)
        form = stage.types("laura", "compose").form
        with stage.database.transaction() as session:
            sales = str(unit(session, "Sales").id)
        refused = stage.submits("laura", form, **{**WORDS, "units": sales})
        assert errors(refused.form)["units"].startswith("Only 5 people are meant.")
        crowd(stage, "Sales", 6)
        assert stage.submits("laura", form, **{**WORDS, "units": sales}).form is None

    def test_nor_is_it_approved_once_only_a_few_are_left(self, stage: Stage) -> None:
        crowd(stage, "Sales", 6)
        with stage.database.transaction() as session:
            sales = str(unit(session, "Sales").id)
        composed(stage, units=sales)
        with stage.database.transaction() as session:
            for person in [*employees.active(session)][-2:]:
                person.unit_id = None
        stage.presses("laura", "Approve")
        assert "too few people by now" in reads(stage, "laura")
        with stage.database.transaction() as session:
            assert posts.listed(session)[0].state != PostState.LIVE

    def test_interests(self, stage: Stage) -> None:
        for number in range(10):
            stage.hires(f"p{number}")
        people = [stage.person(f"p{number}") for number in range(10)]
        with stage.database.transaction() as session:
            for person in people:
                session.merge(person).topics_wanted = ["Työpaikat, kesä 100 %"]
        composed(stage, interests=option_of("Työpaikat, kesä 100 %"))
        assert "Meant for about 10 people." in reads(stage, "laura")
        stage.presses("laura", "Approve")
        stage.ticks()
        assert "Our new office" in reads_all(stage, "p3")
        assert "Our new office" not in reads_all(stage, "aino")

    def test_interests_go_alone(self, stage: Stage) -> None:
        """Else units added one by one would tell where the number turns."""
        form = stage.types("laura", "compose").form
        with stage.database.transaction() as session:
            units = str(unit(session, "Field service").id)
        refused = stage.submits("laura", form, units=units, interests="Operations", **WORDS)
        assert "alone" in errors(refused.form)["interests"]

    def test_what_was_never_offered_is_not_everybody(self, stage: Stage) -> None:
        form = stage.types("laura", "compose").form
        for values in ({"units": "abc"}, {"units": "9" * 30}, {"roles": "king"}):
            assert set(errors(stage.submits("laura", form, **values, **WORDS).form)) == set(values)

    def test_who_is_left_out_after_the_nudge_shares_no_more(self, stage: Stage) -> None:
        crowd(stage, "Sales")
        post = composed(stage)
        stage.presses("laura", "Approve")
        stage.ticks()
        form = stage.presses("aino", "Share…").form
        with stage.database.transaction() as session:
            sales = unit(session, "Sales").id
        stage.submits("laura", stage.pressed("laura", "post.edit", post).form, units=str(sales))
        stage.submits("aino", form, text="Come and see us!")
        assert "meant for others now" in reads(stage, "aino")

    def test_who_is_left_out_later_gets_no_nudge_that_was_planned(self, stage: Stage) -> None:
        crowd(stage, "Sales")
        post = composed(stage, embargo="2026-11-24T09:00")
        stage.presses("laura", "Approve")
        for _hour in range(24):
            stage.ticks(60)
        with stage.database.transaction() as session:
            sales = unit(session, "Sales").id
            before = len(stage.sees("aino"))
        form = stage.pressed("laura", "post.edit", post).form
        assert stage.submits("laura", form, units=str(sales)).form is None
        for _hour in range(72):
            stage.ticks(60)
        assert not any("Our new office" in card for card in stage.sees("aino")[before:])


class TestVersions:
    def finnish(self, stage: Stage, post: int, **values: str) -> int:
        form = stage.pressed("laura", "compose.version", post).form
        assert form is not None
        answer = stage.submits("laura", form, title="Uusi toimistomme", summary="Muutimme maanantaina.", **values)
        assert answer.form is None, answer.form.errors
        with stage.database.transaction() as session:
            return posts.listed(session, limit=1)[0].id

    def test_nobody_is_offered_the_same_story_twice(self, stage: Stage) -> None:
        post = composed(stage, address="https://koivu.example/office")
        stage.presses("laura", "Approve")
        version = self.finnish(stage, post)
        assert stored(stage, version).story_id == post
        assert stored(stage, version).url == "https://koivu.example/office"
        stage.presses("laura", "Approve")
        stage.ticks()
        with stage.database.transaction() as session:
            person = session.merge(stage.person("aino"))
            person.choose_language("fi")
        for _time in range(8 * 14):
            stage.ticks(180)
        assert "Uusi toimistomme" not in reads_all(stage, "aino")

    def test_an_open_nudge_speaks_the_language_that_is_chosen(self, stage: Stage) -> None:
        post = composed(stage)
        stage.presses("laura", "Approve")
        version = self.finnish(stage, post)
        stage.presses("laura", "Approve")
        stage.ticks()
        assert "Our new office" in reads(stage, "aino")
        stage.types("aino", "language fi")
        with stage.database.transaction() as session:
            person = session.merge(stage.person("aino"))
            assert [one.post_id for one in nudges.open_of(session, person.id)] == [version]
        stage.sends()
        assert any("Uusi toimistomme" in card for card in stage.sees("aino"))
        assert not any("Our new office" in card for card in stage.sees("aino"))

    def test_each_reads_the_version_of_their_language(self, stage: Stage) -> None:
        stage.hires("petra", locale="fi-FI")
        post = composed(stage)
        stage.presses("laura", "Approve")
        self.finnish(stage, post)
        stage.presses("laura", "Approve")
        stage.types("petra", "share")
        stage.types("aino", "share")
        assert "Uusi toimistomme" in reads(stage, "petra")
        assert "Our new office" not in reads(stage, "petra")
        assert "Our new office" in reads(stage, "aino")

    def test_it_is_told_once_in_a_language(self, stage: Stage) -> None:
        post = composed(stage)
        self.finnish(stage, post)
        assert stage.pressed("laura", "compose.version", post).form is None
        form = stage.types("laura", "compose").form
        found = errors(stage.submits("laura", form, story=str(post), language="fi", **WORDS).form)
        assert set(found) == {"language"}

    def test_withdrawing_one_withdraws_all(self, stage: Stage) -> None:
        post = composed(stage)
        stage.presses("laura", "Approve")
        version = self.finnish(stage, post)
        stage.presses("laura", "Approve")
        stage.pressed("laura", "post.recall_now", version)
        assert [stored(stage, one).state for one in (post, version)] == [PostState.RECALLED] * 2
        stage.pressed("laura", "post.put_back_now", post)
        assert [stored(stage, one).state for one in (post, version)] == [PostState.LIVE] * 2

    def test_a_version_that_waits_is_not_approved_after_the_withdrawal(self, stage: Stage) -> None:
        post = composed(stage)
        stage.presses("laura", "Approve")
        version = self.finnish(stage, post)
        stage.pressed("laura", "post.recall_now", post)
        stage.pressed("laura", "review.approve", version)
        assert stored(stage, version).state == PostState.IN_REVIEW
        assert "withdrawn in another language" in reads(stage, "laura")

    def test_the_card_of_the_first_version_stays(self, stage: Stage) -> None:
        post = composed(stage)
        card = stage.newest("laura")
        form = stage.presses("laura", "Add another language…").form
        stage.submits("laura", form, card, title="Uusi toimistomme", summary="Muutimme maanantaina.")
        stage.sends()
        assert "Our new office" in plain_text(stage.chat.messages[card])
        assert "Uusi toimistomme" in reads(stage, "laura")
        assert stored(stage, post).state == PostState.IN_REVIEW

    def test_a_circle_of_versions_is_none(self, stage: Stage) -> None:
        post = composed(stage)
        version = self.finnish(stage, post)
        form = stage.pressed("laura", "review.edit", post).form
        stage.submits("laura", form, story=str(version))
        assert stored(stage, post).story_id is None


class TestASecondPerson:
    @pytest.fixture
    def stage(self, sqlite: Database) -> Iterator[Stage]:
        with Stage(sqlite, **{**EVERY_DAY, "hours": (0, 24), "second_approver": True}) as stage:
            stage.hires("laura", roles=("employee", "lead"))
            stage.hires("matti", roles=("employee", "lead"))
            stage.hires("aino")
            yield stage

    def test_whoever_wrote_it_does_not_approve_it(self, stage: Stage) -> None:
        post = composed(stage)
        stage.ticks()
        for action in ("review.approve", "review.approve"):
            stage.pressed("laura", action, post)
        assert stored(stage, post).state == PostState.IN_REVIEW
        assert "Somebody else" in reads(stage, "laura")
        assert "Our new office" in reads_all(stage, "matti")
        stage.pressed("matti", "review.approve", post)
        assert stored(stage, post).state == PostState.LIVE

    def test_a_change_to_what_is_live_is_approved_anew(self, stage: Stage) -> None:
        post = composed(stage)
        stage.pressed("matti", "review.approve", post)
        form = stage.pressed("matti", "post.edit", post).form
        stage.submits("matti", form, summary="Buy now!")
        assert stored(stage, post).state == PostState.IN_REVIEW
        stage.pressed("matti", "review.approve", post)
        assert stored(stage, post).state == PostState.IN_REVIEW

    def test_a_save_that_changes_nothing_is_no_approval(self, stage: Stage) -> None:
        post = composed(stage)
        stage.submits("matti", stage.pressed("matti", "review.edit", post).form)
        stage.pressed("laura", "review.approve", post)
        assert stored(stage, post).state == PostState.IN_REVIEW
        stage.submits("matti", stage.pressed("matti", "review.edit", post).form, topic="Office")
        stage.pressed("laura", "review.approve", post)
        assert stored(stage, post).state == PostState.IN_REVIEW

    def test_who_suggested_it_does_not_approve_it(self, stage: Stage) -> None:
        post = stage.publishes("Storm", state=PostState.IN_REVIEW, suggested_by_id=stage.person("laura").id)
        stage.pressed("laura", "review.approve", post)
        assert stored(stage, post).state == PostState.IN_REVIEW

    def test_what_was_withdrawn_cannot_be_rewritten_and_put_back(self, stage: Stage) -> None:
        post = composed(stage)
        stage.pressed("matti", "review.approve", post)
        form = stage.pressed("laura", "post.edit", post).form
        stage.pressed("laura", "post.recall_now", post)
        stage.submits("laura", form, summary="Buy now!")
        stage.pressed("laura", "post.put_back_now", post)
        assert stored(stage, post).summary == WORDS["summary"]


class TestPictures:
    @pytest.fixture
    def stage(self, sqlite: Database) -> Iterator[Stage]:
        network = FakeNetwork()
        rules = {**EVERY_DAY, "hours": (0, 24), "messages_a_day": 9, "messages_a_week": 20}
        with Stage(sqlite, networks={"bluesky": network}, **rules) as stage:
            stage.network = network  # type: ignore[attr-defined]
            stage.hires("laura", roles=("employee", "lead"), wants=False)
            stage.hires("aino")
            yield stage

    def test_each_is_described_before_it_is_approved(self, stage: Stage) -> None:
        post = composed(stage)
        added = illustrate(stage, post)
        picture, path = added.id, added.small_path
        stage.pressed("laura", "review.approve", post)
        assert stored(stage, post).state == PostState.IN_REVIEW
        assert "Describe each picture" in reads(stage, "laura")
        form = stage.pressed("laura", "review.edit", post).form
        stage.submits("laura", form, **{f"alt_{picture}": "A desk with plants"})
        stage.pressed("laura", "review.approve", post)
        stage.ticks()
        images = [one for card in stage.cards("aino") for one in card.body if one.kind == "image"]
        assert [(image.url, image.alt) for image in images] == [  # type: ignore[union-attr]
            (f"https://chorus.example{path}", "A desk with plants")
        ]

    def test_a_picture_changed_after_the_yes_is_asked_about_again(self, stage: Stage) -> None:
        post = composed(stage)
        form = form_of_connected(stage)
        stage.submits("aino", form, text="Look!", **LATER)
        illustrate(stage, post, "?")
        for _hour in range(48):
            stage.ticks(60)
        assert stage.network.there == {}  # type: ignore[attr-defined]

    def test_a_time_outlives_words_that_are_refused(self, stage: Stage) -> None:
        composed(stage)
        form = form_of_connected(stage)
        again = stage.submits("aino", form, text="", **LATER).form
        assert again is not None
        assert {one.name: one for one in again.fields}["when"].value == "chosen"
        stage.submits("aino", again, text="Look!")
        stage.sends()
        assert stage.network.there == {}  # type: ignore[attr-defined]

    def test_what_is_for_others_meanwhile_does_not_go_out(self, stage: Stage) -> None:
        crowd(stage, "Sales", roles=("employee", "owner"))
        post = composed(stage)
        form = form_of_connected(stage)
        stage.submits("aino", form, text="Look!", **LATER)
        stage.submits("laura", stage.pressed("laura", "post.edit", post).form, roles="owner")
        for _hour in range(48):
            stage.ticks(60)
        assert stage.network.there == {}  # type: ignore[attr-defined]

    def test_own_pictures_go_out_with_what_they_show(self, stage: Stage) -> None:
        post = composed(stage, address="https://koivu.example/office")
        for alt in ("A desk", "A plant"):
            illustrate(stage, post, alt)
        form = form_of_connected(stage)
        assert form is not None
        assert form.preview is not None
        assert len(form.preview.pictures) == 2
        stage.submits("aino", form, text="Look!", channel="bluesky", when="now")
        stage.sends()
        (out,) = stage.network.there.values()  # type: ignore[attr-defined]
        assert [(one.content, one.alt) for one in out.pictures] == [(b"x", "A desk"), (b"x", "A plant")]
        assert out.page == ""
        assert out.link in out.text


class TestTryingOut:
    def test_only_the_lead_gets_it_and_it_can_do_nothing(self, stage: Stage) -> None:
        post = composed(stage)
        stage.pressed("laura", "compose.test", post)
        stage.sends()
        shown = stage.cards("laura")[-1]
        assert "A test: only you see this." in plain_text(shown)
        assert not [one for one in shown.body if one.kind == "actions"]
        assert "Our new office" not in reads_all(stage, "aino")


def reads_all(stage: Stage, user: str) -> str:
    return "\n".join(stage.sees(user))


def posts_id(stage: Stage) -> int:
    with stage.database.transaction() as session:
        return posts.listed(session, limit=1)[0].id
