"""Many rows at once: as the columns' own types have it, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from sqlalchemy import select

from storage.bulk import among, new_ids
from storage.database import Database, Session
from storage.delivery import deliveries
from storage.delivery.deliveries import Delivery, DeliveryState
from storage.people import workspaces
from storage.people.employees import Employee
from storage.sharing import nudges, plans
from storage.sharing.plans import ExperimentArm, NudgeWeek
from storage.sharing.posts import Post, PostState

NOW = datetime(2026, 11, 24, 9, 30, 15, 250_000, tzinfo=UTC)


def people(session: Session, number: int) -> list[int]:
    rows = [
        Employee(
            name=f"Person {n}", joined_at=NOW, roles=["employee"], topics_declined=[], topics_wanted=[], tour_step=0
        )
        for n in range(number)
    ]
    session.add_all(rows)
    session.flush()
    return [row.id for row in rows]


def test_what_goes_in_comes_out(database: Database) -> None:
    with database.transaction() as session:
        ids = people(session, 3)
        plans.add_weeks(
            session,
            [
                {
                    "employee_id": person,
                    "week": "2026-W48",
                    "arm": ExperimentArm.NUDGE,
                    "policy": "fixed",
                    "allowed": ("tue-morning", "wed-afternoon")[: number + 1],
                    "slots": (),
                    "probability": 0.25,
                    "unit_id": None,
                    "starts_at": NOW.astimezone(timezone(timedelta(hours=number))),
                }
                for number, person in enumerate(ids)
            ],
        )
    with database.transaction() as session:
        found = session.scalars(select(NudgeWeek).order_by(NudgeWeek.employee_id)).all()
        assert [(row.allowed, row.slots, row.probability, row.starts_at) for row in found] == [
            (["tue-morning"], [], 0.25, NOW),
            (["tue-morning", "wed-afternoon"], [], 0.25, NOW),
            (["tue-morning", "wed-afternoon"], [], 0.25, NOW),
        ]


def test_text_of_any_kind_and_structures(database: Database) -> None:
    odd = 'tab\t newline\n backslash\\ \\N quote" and ’ 🦊'
    with database.transaction() as session:
        workspaces.install(session, "fake:T1", now=NOW)
        deliveries.add(
            session,
            [
                {
                    "key": f"k{number}",
                    "workspace_id": "fake:T1",
                    "employee_id": None,
                    "address": odd,
                    "kind": "notice",
                    "subject_id": None,
                    "card": {"summary": odd} if number else None,
                    "replaces": None,
                    "cause": "",
                    "wave": "w",
                    "state": DeliveryState.PLANNED,
                    "due_at": NOW,
                    "attempts": 0,
                    "changed_at": NOW,
                }
                for number in range(2)
            ],
        )
    with database.transaction() as session:
        rows = session.scalars(select(Delivery).order_by(Delivery.key)).all()
        assert [(row.address, row.card) for row in rows] == [(odd, None), (odd, {"summary": odd})]


def test_ids_are_new_and_those_of_the_rows(database: Database) -> None:
    with database.transaction() as session:
        ids = people(session, 4)
        post = Post(url="u", canonical_url="u", title="Storm", summary="", state=PostState.LIVE, created_at=NOW)
        session.add(post)
        session.flush()
        rows = [
            {
                "employee_id": person,
                "post_id": post.id,
                "state": "planned",
                "why": "newest",
                "planned_at": NOW,
                "slot": None,
                "timing": None,
                "acted_in_time": False,
            }
            for person in ids
        ]
        made = [*nudges.add(session, rows[:3]), *nudges.add(session, rows[3:])]
        assert [nudges.nudge(session, number).employee_id for number in made] == ids  # type: ignore[union-attr]
        assert not set(made) & set(new_ids(session, nudges.Nudge.__table__, 2))  # type: ignore[arg-type]
        assert list(nudges.add(session, [])) == []


def test_some_of_many(database: Database) -> None:
    with database.transaction() as session:
        ids = people(session, 5)
        for asked in ([], ids[1:3], [10**9]):
            found = session.scalars(select(Employee.id).where(among(Employee.id, asked)).order_by(Employee.id))
            assert list(found) == [person for person in asked if person in ids]
