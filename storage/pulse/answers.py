"""Answers and comments of closed rounds. No person, no moment, no order of arrival: a token that looks random."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, delete, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.base import Base, PlainText, insert_into
from storage.pulse.rounds import Round

CANT_SAY, SKIPPED = 0, -1  # beside 1 (strongly disagree) … 5 (strongly agree); they leave the count


class PulseAnswer(Base):
    """`token` is one for a person within a cycle and says nothing once the cycle's secret is destroyed."""

    __tablename__ = "answers"
    __table_args__ = (Index("ix_answers_cycle", "cycle_id", "round_id"), {"sqlite_with_rowid": False})

    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id"), primary_key=True)
    token: Mapped[str] = mapped_column(primary_key=True)
    statement_id: Mapped[str] = mapped_column(ForeignKey("statements.id"), primary_key=True)
    cycle_id: Mapped[int]
    part: Mapped[str]  # factor | anchor
    unit_id: Mapped[int | None]  # the smallest that is large enough to hide in
    value: Mapped[int]


class Comment(Base):
    """`token` is random: no link to ratings nor to other comments."""

    __tablename__ = "pulse_comments"
    __table_args__ = ({"sqlite_with_rowid": False},)

    token: Mapped[str] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id"), index=True)
    language: Mapped[str]
    text: Mapped[str] = mapped_column(PlainText)


@dataclass(frozen=True, slots=True)
class Rating:
    """An answer that counts (1–5)."""

    round_id: int
    token: str
    statement_id: str
    part: str
    unit_id: int | None
    value: int


def add(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Insert answers; existing ones (from a close that was interrupted) are left as they are."""
    if rows:
        session.execute(insert_into(session, PulseAnswer).on_conflict_do_nothing(), list(rows))


def add_comments(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        session.execute(insert_into(session, Comment).on_conflict_do_nothing(), list(rows))


def ratings(session: Session, cycle_id: int) -> list[Rating]:
    """All ratings of a cycle's closed rounds."""
    rows = session.execute(
        select(
            PulseAnswer.round_id,
            PulseAnswer.token,
            PulseAnswer.statement_id,
            PulseAnswer.part,
            PulseAnswer.unit_id,
            PulseAnswer.value,
        )
        .where(PulseAnswer.cycle_id == cycle_id, PulseAnswer.value > 0)
        .order_by(PulseAnswer.round_id, PulseAnswer.token)
    )
    return [Rating(*row) for row in rows]


def people_by_unit(session: Session, round_id: int) -> dict[int | None, int]:
    """How many answered in each unit."""
    rows = session.execute(
        select(PulseAnswer.unit_id, func.count(func.distinct(PulseAnswer.token)))
        .where(PulseAnswer.round_id == round_id)
        .group_by(PulseAnswer.unit_id)
    )
    return dict(rows.all())


def move(session: Session, round_id: int, unit_id: int | None, to: int | None) -> None:
    """Have the unit's answers of that round count as its parent's."""
    session.execute(
        update(PulseAnswer).where(PulseAnswer.round_id == round_id, PulseAnswer.unit_id == unit_id).values(unit_id=to)
    )


def comments_of(session: Session, round_id: int) -> list[Comment]:
    """In the order of their random tokens."""
    return list(session.scalars(select(Comment).where(Comment.round_id == round_id).order_by(Comment.token)))


def forget(session: Session, *, ratings_before: datetime, comments_before: datetime) -> None:
    """What was kept for as long as was promised; the releases stay."""
    session.execute(delete(PulseAnswer).where(PulseAnswer.round_id.in_(_closed(ratings_before))))
    session.execute(delete(Comment).where(Comment.round_id.in_(_closed(comments_before))))
    session.execute(update(Round).where(Round.closed_at < comments_before).values(comments=None))


def _closed(before: datetime) -> Any:
    return select(Round.id).where(Round.closed_at < before)
