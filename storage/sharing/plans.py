"""What the planner decided for a person and week: nudged or not (drawn at random), and in which slots."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import JSON, ForeignKey, Text, case, cast, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.base import Base, Utc
from storage.bulk import among, insert_rows
from storage.delivery.deliveries import Delivery, DeliveryState
from storage.people.employees import Employee, EmployeeState, last_places
from storage.people.organisation import Phase, Unit
from storage.remembered import remembered
from storage.sharing.nudges import Nudge, NudgeState
from storage.sharing.posts import Post
from storage.sharing.shares import Share, ShareState


class ExperimentArm(StrEnum):
    """The arm of a person-week in the experiment, drawn at random."""

    NUDGE = "nudge"
    NONE = "none"


class NudgeWeek(Base):
    """One draw, with all that is needed to judge it later: allowed slots, chosen ones, and their probability."""

    __tablename__ = "nudge_weeks"

    employee_id: Mapped[int] = mapped_column(ForeignKey("employees.id"), primary_key=True)
    week: Mapped[str] = mapped_column(primary_key=True)  # ISO, "2026-W47"
    arm: Mapped[str]
    policy: Mapped[str]  # fixed | learned | explored
    allowed: Mapped[list[str]] = mapped_column(JSON)
    slots: Mapped[list[str]] = mapped_column(JSON)  # chosen, in the order of the week
    probability: Mapped[float]  # of the first slot chosen, given `allowed`
    unit_id: Mapped[int | None]
    starts_at: Mapped[datetime] = mapped_column(Utc, index=True)  # of the week, in UTC


class Candidate(NamedTuple):
    """A person as the planner sees them; moments are aware, UTC."""

    id: int
    language: str
    time_zone: str
    country: str | None
    unit_id: int | None
    workspace_id: str
    address: str
    topics_declined: tuple[str, ...]
    topics_wanted: tuple[str, ...]
    fewer: bool
    wanted: bool
    paused_until: datetime | None
    away_until: datetime | None
    is_asked_fewer: bool
    roles: tuple[str, ...]


def candidates(
    session: Session, *, planned_before: datetime | None, zone: str, after_id: int, limit: int
) -> tuple[list[Candidate], int | None]:
    """Active, reachable people who said yes to nudges and whose unit (if they have one) is in, by id from `after_id`,
    each where they were last; and the id to go on after, None when `limit` was enough.

    With `planned_before`, only those at whom the planner has not looked since; with `zone`, only those who live in it.
    Where they are is a second look: joined to the first, PostgreSQL would look for all who are left each time.
    """
    is_in = select(Unit.id).where(Unit.phase.in_([Phase.PILOT, Phase.LIVE]))
    query = (
        select(
            Employee.id,
            Employee.language,
            Employee.time_zone,
            Employee.country,
            Employee.unit_id,
            cast(Employee.topics_declined, Text),
            cast(Employee.topics_wanted, Text),
            Employee.fewer_nudges,
            Employee.nudges_wanted,
            Employee.nudges_paused_until,
            Employee.away_until,
            Employee.asked_fewer_at.is_not(None),
            cast(Employee.roles, Text),
        )
        .where(Employee.state == EmployeeState.ACTIVE, Employee.nudges_wanted.is_(True), Employee.id > after_id)
        .where(Employee.unit_id.is_(None) | Employee.unit_id.in_(is_in))
        .order_by(Employee.id)
        .limit(limit)
    )
    if zone:
        query = query.where(Employee.time_zone == zone)
    if planned_before is not None:
        query = query.where(Employee.planned_at.is_(None) | (Employee.planned_at < planned_before))
    rows = session.connection().execute(query).all()
    places = last_places(session, [row[0] for row in rows])
    people = [
        Candidate(*row[:5], *places[row[0]], _listed(row[5]), _listed(row[6]), *row[7:-1], _listed(row[-1]))  # type: ignore[call-arg, arg-type]
        for row in rows
        if row[0] in places
    ]
    return people, rows[-1][0] if len(rows) == limit else None


def is_anybody_new(session: Session, *, planned_before: datetime) -> bool:
    """Whether there may be people at whom the planner has not looked since: asked at every tick, by the index."""
    wants = select(Employee.id).where(Employee.state == EmployeeState.ACTIVE, Employee.nudges_wanted.is_(True)).limit(1)
    looks = (Employee.planned_at.is_(None), Employee.planned_at < planned_before)
    return any(session.scalar(wants.where(new)) for new in looks)


@lru_cache(maxsize=4096)
def _listed(names: str) -> tuple[str, ...]:
    """The topics or roles of a JSON list: of many people the same few."""
    return tuple(json.loads(names))


def planned(session: Session, employee_ids: Sequence[int], now: datetime) -> None:
    """Mark them as planned."""
    table: Any = Employee.__table__
    session.connection().execute(table.update().where(among(Employee.id, employee_ids)).values(planned_at=now))


def weeks_of(session: Session, employee_ids: Sequence[int], week: str) -> dict[int, tuple[str, Sequence[str], str]]:
    """(arm, slots, policy) already drawn for the week, by employee."""
    rows = session.execute(
        select(NudgeWeek.employee_id, NudgeWeek.arm, NudgeWeek.slots, NudgeWeek.policy).where(
            NudgeWeek.week == week, among(NudgeWeek.employee_id, employee_ids)
        )
    )
    return {employee_id: (arm, slots, policy) for employee_id, arm, slots, policy in rows}


def add_weeks(session: Session, rows: Sequence[dict[str, Any]], **common: Any) -> None:
    """Insert many draws; `common` holds the values that all share."""
    insert_rows(session, NudgeWeek.__table__, rows, **common)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class ContactHistory:
    """Proactive messages to a person: when the last one was (or will be), when the last nudge, how many this week."""

    last: datetime
    last_nudge: datetime | None
    times: int


def spoken_to(
    session: Session, employee_ids: Sequence[int], kinds: Iterable[str], *, since: datetime, week_from: datetime
) -> dict[int, ContactHistory]:
    """What was said unasked since `since`, by employee, and how often from `week_from` on; what waits counts, too."""
    is_nudge = case((Delivery.kind == "nudge", Delivery.due_at))
    rows = session.execute(
        select(
            Delivery.employee_id,
            func.max(Delivery.due_at, type_=Utc()),
            func.max(is_nudge, type_=Utc()),
            func.count(case((Delivery.due_at >= week_from, 1))),
        )
        .where(
            among(Delivery.employee_id, employee_ids),
            Delivery.kind.in_(list(kinds)),
            Delivery.replaces.is_(None),
            Delivery.state.not_in([DeliveryState.CANCELLED, DeliveryState.FAILED]),
            Delivery.due_at >= since,
        )
        .group_by(Delivery.employee_id)
    )
    return {person: ContactHistory(last, last_nudge, times) for person, last, last_nudge, times in rows if person}


def unanswered(session: Session, employee_ids: Sequence[int], *, sent_before: datetime) -> dict[int, int]:
    """How many nudges in a row, the newest ones, a person has not touched; those without any are left out."""
    touched = (
        select(Nudge.employee_id, func.max(Nudge.sent_at, type_=Utc()).label("at"))
        .where(among(Nudge.employee_id, employee_ids), Nudge.acted_at.is_not(None))
        .group_by(Nudge.employee_id)
        .subquery()
    )
    rows = session.execute(
        select(Nudge.employee_id, func.count())
        .join(Employee, Employee.id == Nudge.employee_id)
        .outerjoin(touched, touched.c.employee_id == Nudge.employee_id)
        .where(
            among(Nudge.employee_id, employee_ids),
            Nudge.acted_at.is_(None),
            Nudge.sent_at < sent_before,
            touched.c.at.is_(None) | (Nudge.sent_at > touched.c.at),
            Employee.heard_from_at.is_(None) | (Nudge.sent_at > Employee.heard_from_at),
        )
        .group_by(Nudge.employee_id)
    )
    return {employee_id: int(number) for employee_id, number in rows}


def topic_record(session: Session, employee_ids: Sequence[int]) -> dict[tuple[int, str], tuple[int, int, datetime]]:
    """(taken, declined, last sent) of each person and topic."""
    rows = session.execute(
        select(
            Nudge.employee_id,
            Post.topic,
            func.count(case((Nudge.state == NudgeState.TAKEN, 1))),
            func.count(case((Nudge.state == NudgeState.DECLINED, 1))),
            func.max(Nudge.sent_at, type_=Utc()),
        )
        .join(Post, Post.id == Nudge.post_id)
        .where(among(Nudge.employee_id, employee_ids), Nudge.sent_at.is_not(None))
        .group_by(Nudge.employee_id, Post.topic)
    )
    return {(person, topic): (taken, declined, at) for person, topic, taken, declined, at in rows if at}


def channels_used(session: Session, employee_ids: Sequence[int]) -> dict[int, set[str]]:
    """Where each person has shared; nobody is listed who has not shared yet."""
    used: dict[int, set[str]] = {}
    rows = session.execute(
        select(Share.employee_id, Share.channel).where(among(Share.employee_id, employee_ids)).distinct()
    )
    for person, channel in rows:
        used.setdefault(person, set()).add(channel)
    return used


def with_a_week(session: Session, employee_ids: Sequence[int]) -> set[int]:
    """Those for whom a week was drawn before."""
    return set(
        session.scalars(select(NudgeWeek.employee_id).where(among(NudgeWeek.employee_id, employee_ids)).distinct())
    )


@dataclass(frozen=True, slots=True)
class SlotTrial:
    """One nudge in a slot, old enough to be judged: was it acted on within a day?"""

    employee_id: int
    slot: str
    sent_at: datetime
    acted: bool


def slot_trials(session: Session, employee_ids: Sequence[int], *, since: datetime, until: datetime) -> list[SlotTrial]:
    rows = session.execute(
        select(Nudge.employee_id, Nudge.slot, Nudge.sent_at, Nudge.acted_in_time).where(
            among(Nudge.employee_id, employee_ids),
            Nudge.slot.is_not(None),
            Nudge.sent_at >= since,
            Nudge.sent_at < until,
        )
    )
    return [SlotTrial(person, slot or "", sent, acted) for person, slot, sent, acted in rows if sent]


def slot_means(session: Session, *, since: datetime, until: datetime) -> dict[tuple[int | None, str], tuple[int, int]]:
    """(acted on, sent) by unit and slot, over nudges old enough to be judged."""
    query = (
        select(Employee.unit_id, Nudge.slot, func.count(case((Nudge.acted_in_time.is_(True), 1))), func.count())
        .join(Employee, Employee.id == Nudge.employee_id)
        .where(Nudge.slot.is_not(None), Nudge.sent_at >= since, Nudge.sent_at < until)
        .group_by(Employee.unit_id, Nudge.slot)
    )

    def compute(reading: Session) -> dict[tuple[int | None, str], tuple[int, int]]:
        return {(unit, slot or ""): (int(acted), int(sent)) for unit, slot, acted, sent in reading.execute(query)}

    return remembered(session, ("slot means", since.date(), until.date()), compute)


def population(session: Session) -> int:
    """People who said yes to nudges."""
    query = select(func.count()).where(Employee.state == EmployeeState.ACTIVE, Employee.nudges_wanted.is_(True))
    return remembered(session, "population", lambda reading: reading.scalar(query) or 0)


def person_weeks(session: Session, *, before: datetime) -> list[tuple[int, str, str, datetime]]:
    """(employee, week, arm, start of the week) of every draw whose week began before then.

    A person's first week is not drawn, but always a nudge week, and so left out.
    """
    rows = session.execute(
        select(NudgeWeek.employee_id, NudgeWeek.week, NudgeWeek.arm, NudgeWeek.starts_at)
        .where(NudgeWeek.starts_at < before, NudgeWeek.policy != "first")
        .order_by(NudgeWeek.employee_id, NudgeWeek.week)
    )
    return [(person, week, arm, start) for person, week, arm, start in rows]


def first_week(session: Session) -> datetime | None:
    """When the first week began that was drawn for anybody."""
    return session.scalar(select(func.min(NudgeWeek.starts_at, type_=Utc())).where(NudgeWeek.policy != "first"))


def confirmed_shares(session: Session) -> list[tuple[int, datetime]]:
    rows = session.execute(
        select(Share.employee_id, Share.confirmed_at).where(
            Share.state == ShareState.CONFIRMED, Share.confirmed_at.is_not(None)
        )
    )
    return [(person, at) for person, at in rows if at]


def prune(session: Session, *, before: datetime) -> None:
    session.execute(delete(NudgeWeek).where(NudgeWeek.starts_at < before))
