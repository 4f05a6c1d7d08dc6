"""What is deleted when it is old, and what is not."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.core.working_time import week_of
from scheduler.jobs import housekeeping
from scheduler.jobs.housekeeping import Housekeeping
from storage.delivery import deliveries, history
from storage.delivery.deliveries import Delivery
from storage.people import workspaces
from storage.sharing.nudges import DeclineReason, Nudge
from storage.sharing.plans import NudgeWeek
from storage.sharing.posts import Post
from tests.stage import MONDAY, WORKSPACE, Stage

OLD, NEW = MONDAY - timedelta(days=91), MONDAY - timedelta(days=89)
STATES = ("planned", "sending", "sent", "failed", "unknown", "cancelled")


@pytest.fixture
def keeping(stage_on_both: Stage, monkeypatch: pytest.MonkeyPatch) -> Housekeeping:
    monkeypatch.setattr(housekeeping, "BATCH", 10)
    monkeypatch.setattr(housekeeping, "BREATH", 0.0)
    stage = stage_on_both
    with stage.database.transaction() as session:
        workspaces.install(session, WORKSPACE, now=MONDAY)
    return Housekeeping(stage.dependencies, stage.database)


def messages(stage: Stage, *rows: tuple[str, str]) -> None:
    """(state, old | new), in the order of their numbers."""
    with stage.database.transaction() as session:
        deliveries.add(
            session,
            [
                {
                    "key": f"k{number}",
                    "address": f"{WORKSPACE}:U{number}",
                    "state": state,
                    "due_at": OLD if age == "old" else NEW,
                }
                for number, (state, age) in enumerate(rows)
            ],
            workspace_id=WORKSPACE,
            kind="nudge",
            wave="w",
            cause="c",
            attempts=0,
            changed_at=MONDAY,
        )


def left(stage: Stage) -> list[tuple[str, str]]:
    with stage.database.transaction() as session:
        rows = session.execute(select(Delivery.state, Delivery.due_at).order_by(Delivery.id))
        return [(state, "old" if due < MONDAY - timedelta(days=90) else "new") for state, due in rows]


def test_what_is_settled_and_old_goes_and_nothing_else(stage_on_both: Stage, keeping: Housekeeping) -> None:
    every = [(state, age) for state in STATES for age in ("old", "new")]
    messages(stage_on_both, *every)
    asyncio.run(keeping.trim())
    assert left(stage_on_both) == [
        (state, age) for state, age in every if age == "new" or state in ("planned", "sending")
    ]


def test_what_waits_for_long_holds_up_nothing(stage_on_both: Stage, keeping: Housekeeping) -> None:
    """A workspace whose messages were never sent is first in the table."""
    messages(stage_on_both, *[("planned", "old")] * 45, *[("sent", "old")] * 45, *[("sent", "new")] * 45)
    asyncio.run(keeping.trim())
    assert left(stage_on_both) == [("planned", "old")] * 45 + [("sent", "new")] * 45


def test_of_a_nudge_only_that_it_was_is_left_after_90_days(stage_on_both: Stage, keeping: Housekeeping) -> None:
    stage = stage_on_both
    aino = stage.hires("aino")
    stage.publishes("Storm")
    stage.publishes("Wind")
    for title, days in (("Storm", 91), ("Wind", 89)):
        with stage.database.transaction() as session:
            post = session.scalars(select(Post).where(Post.title == title)).one()
            nudge = Nudge(
                employee_id=aino,
                post_id=post.id,
                why="new",
                planned_at=MONDAY - timedelta(days=days),
                message=f"card of {title}",
                draft=f"words on {title}",
                decline_reason=DeclineReason.WORDS,
            )
            session.add(nudge)
    asyncio.run(keeping.trim())
    with stage.database.transaction() as session:
        found = session.execute(select(Nudge.message, Nudge.draft, Nudge.decline_reason).order_by(Nudge.id)).all()
    assert [tuple(row) for row in found] == [(None, None, None), ("card of Wind", "words on Wind", DeclineReason.WORDS)]


def test_it_reads_no_further_than_what_is_old(stage_on_both: Stage, keeping: Housekeeping) -> None:
    messages(stage_on_both, *[("sent", "old")] * 5, *[("sent", "new")] * 60)
    with stage_on_both.database.transaction() as session:
        first = history.prune_settled(session, before=MONDAY - timedelta(days=90), after=0, limit=10)
        assert first.deleted == 5
        assert first.after is not None
        assert history.prune_settled(session, before=MONDAY, after=10**9, limit=10) == (0, None)
        second = history.prune_settled(session, before=MONDAY - timedelta(days=90), after=first.after, limit=10)
        assert second == (0, None)


def test_what_is_compared_once_a_year_is_kept_for_longer(stage_on_both: Stage, keeping: Housekeeping) -> None:
    """Weeks with and without nudges: with those of a quarter alone nobody would ever know what nudging does."""
    stage_on_both.hires("aino")
    person = stage_on_both.person("aino").id
    with stage_on_both.database.transaction() as session:
        for weeks in (1, 30, 60):
            monday = (stage_on_both.dependencies.now() - timedelta(weeks=weeks)).date()
            session.add(
                NudgeWeek(
                    employee_id=person,
                    week=week_of(monday),
                    arm="nudge",
                    policy="first",
                    allowed=1,
                    slots=[],
                    probability=0.8,
                    starts_at=stage_on_both.dependencies.now() - timedelta(weeks=weeks),
                )
            )
    asyncio.run(keeping.trim())
    with stage_on_both.database.transaction() as session:
        assert len(session.query(NudgeWeek).all()) == 3
