"""Records of a roll-out that only people can make: staff dialogues, incidents, units let in."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.base import Base, OneOf, PlainText, Utc


class RecordKind(StrEnum):
    """What people record of a unit's roll-out."""

    DIALOGUE = "dialogue"
    INCIDENT = "incident"
    RESOLVED = "resolved"
    WIDENED = "widened"


class RolloutRecord(Base):
    """What only people know of a roll-out: a staff dialogue held, an incident, an incident that was dealt with."""

    __tablename__ = "rollout_records"
    __table_args__ = (UniqueConstraint("unit_id", "kind", "at", name="uq_rollout_records_unit"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"), index=True)
    kind: Mapped[RecordKind] = mapped_column(OneOf(RecordKind))
    note: Mapped[str] = mapped_column(PlainText, default="")
    by_id: Mapped[int | None] = mapped_column(ForeignKey("employees.id"))
    at: Mapped[datetime] = mapped_column(Utc)


def record(session: Session, unit_id: int, kind: RecordKind, *, note: str, by: int | None, now: datetime) -> None:
    session.add(RolloutRecord(unit_id=unit_id, kind=kind, note=note, by_id=by, at=now))
    session.flush()


def latest_record(session: Session, unit_id: int, *kinds: RecordKind) -> RolloutRecord | None:
    found = select(RolloutRecord).where(RolloutRecord.unit_id == unit_id, RolloutRecord.kind.in_(kinds))
    return session.scalar(found.order_by(RolloutRecord.at.desc(), RolloutRecord.id.desc()).limit(1))
