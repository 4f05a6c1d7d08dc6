"""Nudges in a wave: composed many at once, and by no other rules than one alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event

from bot.core.context import Arrival, ComposeRequest, Job
from bot.core.events import Pressed
from bot.core.turn_processor import PendingEvent, TurnProcessor
from bot.features.sharing.handlers.nudge import compose_nudge, compose_prompts, nudges_are_out
from storage.database import Database, Session
from storage.delivery.deliveries import Delivery
from storage.people.employees import Employee
from storage.people.organisation import unit
from storage.sharing import nudges
from storage.sharing.nudges import Nudge, NudgeState
from storage.sharing.posts import Post, PostState
from tests.stage import WORKSPACE, Stage

TEN = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)  # a Tuesday; ten in Helsinki
DAY = timedelta(days=1)


@pytest.fixture
def at_ten(database: Database) -> Any:
    with Stage(database) as stage:
        stage.now = TEN
        yield stage


def plans(stage: Stage, user: str, post: int, *, why: str = "newest", timing: str = "fixed") -> int:
    """A nudge that waits; its id."""
    person = stage.person(user).id
    with stage.database.transaction() as session:
        nudge = Nudge(
            employee_id=person, post_id=post, why=why, timing=timing, state=NudgeState.PLANNED, planned_at=stage.now
        )
        session.add(nudge)
        session.flush()
        return nudge.id


def job_of(stage: Stage, session: Session) -> Job:
    return stage.dependencies.job(session)


class TestComposing:
    def test_many_at_once_are_told_what_each_would_be_told_alone(self, at_ten: Stage) -> None:
        storm = at_ten.publishes("Storm", image_url="https://koivu.example/storm.png")
        bare = at_ten.publishes("Bare", source="", summary="", topic="", expires_at=None)
        with at_ten.database.transaction() as session:
            field = unit(session, "Field").id
            session.get_one(Post, storm).unit_id = field
        ids = []
        for number, why in enumerate(("unit", "campaign", "interest", "topic", "fits", "newest")):
            language, zone = (("en", "Europe/Helsinki"), ("fi", "Europe/Stockholm"))[number % 2]
            at_ten.hires(f"u{number}", locale=language, time_zone=zone)
            post, timing = (storm, storm, bare)[number % 3], ("learned", "fixed")[number % 2]
            ids.append(plans(at_ten, f"u{number}", post, why=why, timing=timing))
        with at_ten.database.transaction() as session:
            job = job_of(at_ten, session)
            together = compose_prompts(job, ids)
            alone = {
                number: compose_nudge(
                    job, ComposeRequest(number, session.get_one(Nudge, number).employee, replacing=False)
                )
                for number in ids
            }
        assert together == alone
        assert None not in alone.values()
        assert len({said.summary for said in together.values()}) > 2

    @pytest.mark.parametrize(
        ("whose", "change"),
        [
            (Employee, {"nudges_wanted": False}),
            (Employee, {"nudges_wanted": None}),
            (Employee, {"nudges_paused_until": TEN + DAY}),
            (Employee, {"away_until": TEN + DAY}),
            (Employee, {"state": "left"}),
            (Employee, {"time_zone": "America/New_York"}),  # three in the morning
            (Post, {"state": PostState.RECALLED}),
            (Post, {"state": PostState.EXPIRED}),
            (Post, {"state": PostState.DRAFT}),
            (Post, {"expires_at": TEN}),
            (Post, {"embargo_until": TEN + DAY}),
            (Nudge, {"state": NudgeState.LATER}),
        ],
    )
    def test_what_is_no_longer_as_planned_is_left_to_be_looked_at_alone(
        self, at_ten: Stage, whose: Any, change: dict[str, Any]
    ) -> None:
        aino, _mikko = at_ten.hires("aino"), at_ten.hires("mikko")
        one, other = at_ten.publishes("Storm"), at_ten.publishes("Heat")
        changed, usual = plans(at_ten, "aino", one), plans(at_ten, "mikko", other)
        with at_ten.database.transaction() as session:
            number = {Employee: aino, Post: one, Nudge: changed}[whose]
            for name, value in change.items():
                setattr(session.get_one(whose, number), name, value)
        with at_ten.database.transaction() as session:
            assert set(compose_prompts(job_of(at_ten, session), [changed, usual])) == {usual}

    @pytest.mark.parametrize("name", ["nudges_paused_until", "away_until"])
    def test_a_pause_that_is_over_holds_nobody_back(self, at_ten: Stage, name: str) -> None:
        aino = at_ten.hires("aino")
        nudge = plans(at_ten, "aino", at_ten.publishes("Storm", embargo_until=TEN))
        with at_ten.database.transaction() as session:
            setattr(session.get_one(Employee, aino), name, TEN)
        with at_ten.database.transaction() as session:
            assert set(compose_prompts(job_of(at_ten, session), [nudge])) == {nudge}


class TestArriving:
    def out(self, stage: Stage, *, recalled: bool) -> tuple[list[Any], Nudge]:
        """A nudge arrives; what is wished for then, and the nudge as it is stored."""
        aino = stage.hires("aino")
        post = stage.publishes("Storm")
        nudge = plans(stage, "aino", post)
        with stage.database.transaction() as session:
            if recalled:
                session.get_one(Post, post).state = PostState.RECALLED
            row = Delivery(
                key=f"nudge:{nudge}",
                workspace_id=WORKSPACE,
                employee_id=aino,
                address="a",
                kind="nudge",
                subject_id=nudge,
                cause="",
                wave="w",
                state="sent",
                due_at=stage.now,
                changed_at=stage.now,
                message="m1",
                attempts=1,
            )
            session.add(row)
            session.flush()
            delivery = row.id
        with stage.database.transaction() as session:
            effects = nudges_are_out(job_of(stage, session), [Arrival(nudge, delivery)])
        with stage.database.transaction() as session:
            return effects, nudges.some(session, [nudge])[0]

    def test_it_is_known_where_it_is_and_since_when(self, at_ten: Stage) -> None:
        effects, nudge = self.out(at_ten, recalled=False)
        assert effects == []
        assert (nudge.state, nudge.workspace_id, nudge.message, nudge.sent_at) == (
            NudgeState.SENT,
            WORKSPACE,
            "m1",
            TEN,
        )

    def test_one_whose_post_was_recalled_meanwhile_says_so(self, at_ten: Stage) -> None:
        effects, nudge = self.out(at_ten, recalled=True)
        assert [(effect.message, effect.subject) for effect in effects] == [("m1", nudge.id)]
        assert (nudge.workspace_id, nudge.message, nudge.sent_at) == (WORKSPACE, "m1", TEN)


class TestPressing:
    """People who press at the same moment are decided about together (docs/decisions/0013)."""

    @pytest.mark.parametrize("action", ["nudge.later", "nudge.decline", "nudge.because_words", "nudge.back"])
    def test_many_ask_the_database_as_often_as_two(self, at_ten: Stage, action: str) -> None:
        assert self.statements(at_ten, action, 12) == self.statements(at_ten, action, 2)

    def statements(self, stage: Stage, action: str, people: int) -> int:
        """How many it takes to decide about presses of so many newcomers, each on their own nudge of one post."""
        post = stage.publishes(f"Storm {action} {people}")
        presses = []
        for number in range(people):
            user = f"{action}{people}-{number}"
            stage.hires(user)
            press = Pressed(
                workspace=WORKSPACE,
                user=user,
                address=user,
                keys=(f"{user}:press",),
                action=action,
                ref=plans(stage, user, post),
                message=f"{user}:card",
            )
            presses.append(PendingEvent(press, user))
        asked = list[str]()
        event.listen(stage.database.engine, "before_cursor_execute", keep := lambda *given: asked.append(given[2]))
        try:
            with stage.database.transaction() as session:
                results = TurnProcessor(stage.dependencies).decide(session, presses)
        finally:
            event.remove(stage.database.engine, "before_cursor_execute", keep)
        assert all(result.replacement for result in results)
        return len(asked)
