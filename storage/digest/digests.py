"""Weekly digests: the facts of each week, who gets them and where, what people said of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, UniqueConstraint, case, exists, func, insert, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from storage.base import Base, PlainText, Utc
from storage.people.employees import Employee, EmployeeState, last_places, names_role
from storage.sharing.social_channels import SocialChannel


class LessonAnswer(StrEnum):
    """What a person said of a lesson."""

    DONE = "done"
    NOT_FOR_US = "not_for_us"


class Digest(Base):
    """One ISO week. `facts`: JSON text of a `domain.facts.Facts`; a late event makes a new revision."""

    __tablename__ = "digests"

    id: Mapped[int] = mapped_column(primary_key=True)
    week: Mapped[str] = mapped_column(unique=True)  # "2026-W47"
    facts: Mapped[str] = mapped_column(PlainText)
    revision: Mapped[int] = mapped_column(default=1)
    changed: Mapped[list[list[Any]]] = mapped_column(JSON, default=list)  # [figure, before, after] of the last revision
    lesson: Mapped[str]
    summary: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)  # by language, in the model's checked words
    computed_at: Mapped[datetime] = mapped_column(Utc)


class DigestCopy(Base):
    """One digest for one person or place; a message is named after it, so that nobody gets two."""

    __tablename__ = "digest_copies"
    __table_args__ = (
        UniqueConstraint("digest_id", "employee_id", "place_id", name="uq_digest_copies_reader"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    digest_id: Mapped[int] = mapped_column(ForeignKey("digests.id"))
    employee_id: Mapped[int] = mapped_column(ForeignKey("employees.id"), index=True)
    place_id: Mapped[int] = mapped_column(default=0)  # of `digest_places`; 0: the person themselves
    audience: Mapped[str]  # lead | owner | employee

    digest: Mapped[Digest] = relationship(lazy="joined", innerjoin=True)


class DigestPlace(Base):
    """A conversation with several people in it, to which the digest for leads comes."""

    __tablename__ = "digest_places"
    __table_args__ = (UniqueConstraint("workspace_id", "address"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id"))
    address: Mapped[str] = mapped_column(PlainText)
    set_by_id: Mapped[int] = mapped_column(ForeignKey("employees.id"))

    set_by: Mapped[Employee] = relationship()


class DigestFeedback(Base):
    """What one person said of one digest and of its lesson."""

    __tablename__ = "digest_feedback"

    digest_id: Mapped[int] = mapped_column(ForeignKey("digests.id"), primary_key=True)
    employee_id: Mapped[int] = mapped_column(ForeignKey("employees.id"), primary_key=True)
    useful: Mapped[bool | None]
    lesson: Mapped[str | None]  # done | not_for_us


def digest(session: Session, digest_id: int) -> Digest | None:
    return session.get(Digest, digest_id)


def of_week(session: Session, week: str) -> Digest | None:
    return session.scalar(select(Digest).where(Digest.week == week))


def before(session: Session, week: str, limit: int) -> list[Digest]:
    """The digests of earlier weeks, the newest first."""
    earlier = select(Digest).where(Digest.week < week).order_by(Digest.week.desc())
    return list(session.scalars(earlier.limit(limit)))


def weeks_between(session: Session, first: str, last: str) -> set[str]:
    """Of the weeks from the first to the last, both included, those that have a digest."""
    return set(session.scalars(select(Digest.week).where(Digest.week >= first, Digest.week <= last)))


def after(session: Session, week: str, limit: int) -> list[Digest]:
    """The digests of later weeks, the oldest first."""
    later = select(Digest).where(Digest.week > week).order_by(Digest.week)
    return list(session.scalars(later.limit(limit)))


def newest(session: Session, limit: int) -> list[Digest]:
    """The newest first."""
    return list(session.scalars(select(Digest).order_by(Digest.week.desc()).limit(limit)))


def a_copy(session: Session, copy_id: int) -> DigestCopy | None:
    return session.get(DigestCopy, copy_id)


def some_copies(session: Session, copy_ids: Sequence[int]) -> list[DigestCopy]:
    return list(session.scalars(select(DigestCopy).where(DigestCopy.id.in_(copy_ids))).unique())


def add_copies(session: Session, rows: Sequence[dict[str, Any]]) -> list[int]:
    """Many at once; their ids, in the order of `rows`."""
    if not rows:
        return []
    return list(session.scalars(insert(DigestCopy).returning(DigestCopy.id, sort_by_parameter_order=True), list(rows)))


def copy_for_place(session: Session, digest_id: int, place_id: int) -> DigestCopy | None:
    return session.scalar(select(DigestCopy).where(DigestCopy.digest_id == digest_id, DigestCopy.place_id == place_id))


def have_copies(session: Session, digest_id: int, employee_ids: Sequence[int]) -> set[int]:
    """Of these people, those for whom the digest was planned already."""
    return set(
        session.scalars(
            select(DigestCopy.employee_id).where(
                DigestCopy.digest_id == digest_id, DigestCopy.place_id == 0, DigestCopy.employee_id.in_(employee_ids)
            )
        )
    )


@dataclass(frozen=True, slots=True)
class DigestReader:
    """Somebody who gets the digest, and where they were last."""

    id: int
    audience: str  # lead | owner | employee
    country: str | None
    away_until: datetime | None
    workspace_id: str
    address: str


def readers(session: Session, zone: str, *, after_id: int, limit: int) -> tuple[list[DigestReader], int | None]:
    """Active, reachable people of the time zone by id: leads and owners unless they said no, others who said yes; and
    the id to go on after, None when `limit` was enough."""
    leads = or_(names_role("lead"), names_role("admin"))
    owns = or_(names_role("owner"), exists().where(SocialChannel.owner_id == Employee.id))
    rows = session.execute(
        select(Employee.id, leads, owns, Employee.country, Employee.away_until)
        .where(
            Employee.state == EmployeeState.ACTIVE,
            Employee.time_zone == zone,
            Employee.id > after_id,
            Employee.digest_wanted.is_(True) | (Employee.digest_wanted.is_(None) & or_(leads, owns)),
        )
        .order_by(Employee.id)
        .limit(limit)
    ).all()
    where = last_places(session, [row[0] for row in rows])
    found = [
        DigestReader(person, "lead" if is_lead else "owner" if is_owner else "employee", country, away, *where[person])
        for person, is_lead, is_owner, country, away in rows
        if person in where
    ]
    return found, rows[-1][0] if len(rows) == limit else None


def places(session: Session) -> list[DigestPlace]:
    return list(session.scalars(select(DigestPlace).order_by(DigestPlace.id)))


def place(session: Session, workspace_id: str, address: str) -> DigestPlace | None:
    return session.scalar(
        select(DigestPlace).where(DigestPlace.workspace_id == workspace_id, DigestPlace.address == address)
    )


def feedback(session: Session, digest_id: int, employee_id: int) -> DigestFeedback:
    """What the person said of it so far, ready to be changed."""
    row = session.get(DigestFeedback, (digest_id, employee_id))
    if row is None:
        row = DigestFeedback(digest_id=digest_id, employee_id=employee_id)
        session.add(row)
    return row


def usefulness(session: Session, since: datetime) -> tuple[int, int]:
    """(how often a digest computed since then was found useful, how often either was said)."""
    useful, said = session.execute(
        select(func.count(case((DigestFeedback.useful.is_(True), 1))), func.count(DigestFeedback.useful))
        .join(Digest, Digest.id == DigestFeedback.digest_id)
        .where(Digest.computed_at >= since)
    ).one()
    return int(useful), int(said)


def lesson_answers(session: Session) -> dict[str, Counter[str]]:
    """By lesson, how often each answer was given."""
    found: dict[str, Counter[str]] = {}
    rows = session.execute(
        select(Digest.lesson, DigestFeedback.lesson, func.count())
        .join(DigestFeedback, DigestFeedback.digest_id == Digest.id)
        .where(DigestFeedback.lesson.is_not(None))
        .group_by(Digest.lesson, DigestFeedback.lesson)
    )
    for lesson, answer, number in rows:
        if lesson and answer:
            found.setdefault(lesson, Counter())[answer] += number
    return found
