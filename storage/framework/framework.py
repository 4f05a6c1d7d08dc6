"""The framework's own rows: goals, audiences, activities, and the history of every change to the model.

Channels (`storage.sharing`), units (`storage.people`) and listening sources (`storage.mentions`) belong to it, too.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Date, ForeignKey, Index, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from storage.base import Base, PlainText, Utc
from storage.people.employees import Employee


class Audience(Base):
    """A stakeholder or target group. `channels`: [{channel, evidence}], where it is and how we know."""

    __tablename__ = "audiences"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(PlainText)
    kind: Mapped[str]  # stakeholder | target_group
    channels: Mapped[list[dict[str, str]]] = mapped_column(JSON)


class Goal(Base):
    """What is to be reached until `due`; how far it is, the digest computes; nobody types it."""

    __tablename__ = "goals"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(PlainText)
    kind: Mapped[str]
    metric: Mapped[str]
    factor: Mapped[str | None]  # whose pulse, where the metric is one
    unit: Mapped[str | None] = mapped_column(PlainText)  # only of this unit, by name
    channel: Mapped[str | None]  # only in this channel
    baseline: Mapped[float]
    target: Mapped[float]
    starts: Mapped[date] = mapped_column(Date)
    due: Mapped[date] = mapped_column(Date)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("employees.id"))

    owner: Mapped[Employee | None] = relationship()


class Activity(Base):
    """Something that is done once or again and again: `starts` is local time in `time_zone`, `repeats` an RRULE."""

    __tablename__ = "activities"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(PlainText)
    starts: Mapped[str]  # "2026-11-24T09:00", local
    time_zone: Mapped[str]
    minutes: Mapped[int]
    repeats: Mapped[str | None]  # RFC 5545, "FREQ=WEEKLY;BYDAY=TU"
    unit: Mapped[str | None] = mapped_column(PlainText)
    audience: Mapped[str | None]
    channel: Mapped[str | None]
    goal: Mapped[str | None]
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("employees.id"))

    owner: Mapped[Employee | None] = relationship()


class Change(Base):
    """Who changed what of the model, when and why; `before` and `after` as the file has it, None where it is not."""

    __tablename__ = "framework_changes"
    __table_args__ = (Index("ix_framework_changes_part", "section", "part", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    section: Mapped[str]  # "goals"
    part: Mapped[str] = mapped_column(PlainText)  # its id
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    after: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("employees.id"))  # None: from the command line
    why: Mapped[str] = mapped_column(PlainText, default="")
    at: Mapped[datetime] = mapped_column(Utc)

    by: Mapped[Employee | None] = relationship()


class CalendarAddress(Base):
    """Where a person's calendar subscribes: of the secret in the address only the digest is kept."""

    __tablename__ = "calendar_addresses"

    employee_id: Mapped[int] = mapped_column(ForeignKey("employees.id"), primary_key=True)
    digest: Mapped[str] = mapped_column(unique=True)
    made_at: Mapped[datetime] = mapped_column(Utc)


def goals(session: Session) -> list[Goal]:
    return list(session.scalars(select(Goal).order_by(Goal.id)))


def audiences(session: Session) -> list[Audience]:
    return list(session.scalars(select(Audience).order_by(Audience.id)))


def audience(session: Session, audience_id: str) -> Audience | None:
    return session.get(Audience, audience_id)


def activities(session: Session) -> list[Activity]:
    return list(session.scalars(select(Activity).order_by(Activity.id)))


def newest_change(session: Session, section: str, part: str) -> Change | None:
    query = select(Change).where(Change.section == section, Change.part == part)
    return session.scalar(query.order_by(Change.id.desc()).limit(1))


def changes(session: Session, limit: int) -> list[Change]:
    """The newest first."""
    return list(session.scalars(select(Change).order_by(Change.id.desc()).limit(limit)))


def changes_of(session: Session, section: str, limit: int) -> list[Change]:
    """Of one section, the newest first."""
    found = select(Change).where(Change.section == section).order_by(Change.id.desc())
    return list(session.scalars(found.limit(limit)))


def prune(session: Session, *, before: datetime) -> None:
    """Forget changes made before then."""
    session.execute(delete(Change).where(Change.at < before))


def subscribe(session: Session, employee_id: int, digest: str, *, now: datetime) -> None:
    """The person's one address from now on."""
    unsubscribe(session, employee_id)
    session.add(CalendarAddress(employee_id=employee_id, digest=digest, made_at=now))


def unsubscribe(session: Session, employee_id: int) -> None:
    session.execute(delete(CalendarAddress).where(CalendarAddress.employee_id == employee_id))


def subscriber(session: Session, digest: str) -> int | None:
    """Whose address that is."""
    return session.scalar(select(CalendarAddress.employee_id).where(CalendarAddress.digest == digest))
