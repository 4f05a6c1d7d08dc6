"""Practices: what worked, kept with its evidence, for units that join later."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from storage.base import Base, OneOf, Utc
from storage.people.employees import Employee


class PracticeState(StrEnum):
    """The state of a good practice."""

    LIVE = "live"
    RETIRED = "retired"


class Practice(Base):
    """`finding`: what was compared, as `bot.features.digest.domain.facts.Finding` has it; `ask`: who can tell more."""

    __tablename__ = "practices"
    __table_args__ = (UniqueConstraint("week", "kind", name="uq_practices_week"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    week: Mapped[str]
    kind: Mapped[str]  # channel | topic | voice | slot
    finding: Mapped[dict[str, Any]] = mapped_column(JSON)
    ask_id: Mapped[int] = mapped_column(ForeignKey("employees.id"))
    kept_at: Mapped[datetime] = mapped_column(Utc)
    state: Mapped[PracticeState] = mapped_column(OneOf(PracticeState), default=PracticeState.LIVE)

    ask: Mapped[Employee] = relationship()

    def retire(self) -> None:
        """It no longer holds; nobody is offered it."""
        self.state = PracticeState.RETIRED


def practice(session: Session, practice_id: int) -> Practice | None:
    return session.get(Practice, practice_id)


def of_week(session: Session, week: str, kind: str) -> Practice | None:
    return session.scalar(select(Practice).where(Practice.week == week, Practice.kind == kind))


def live(session: Session, limit: int = 50) -> list[Practice]:
    """The newest first."""
    found = (
        select(Practice)
        .where(Practice.state == PracticeState.LIVE)
        .order_by(Practice.kept_at.desc(), Practice.id.desc())
    )
    return list(session.scalars(found.limit(limit)))


def kept_before(session: Session, moment: datetime) -> list[Practice]:
    """What was known when a unit joined at that moment, the newest first."""
    found = select(Practice).where(Practice.state == PracticeState.LIVE, Practice.kept_at < moment)
    return list(session.scalars(found.order_by(Practice.kept_at.desc(), Practice.id.desc())))
