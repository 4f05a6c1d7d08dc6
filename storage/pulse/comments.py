"""Comments of closed rounds. No person, no moment, no order of arrival, no link to ratings nor to other comments."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, delete, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.base import Base, PlainText, insert_into
from storage.pulse.rounds import Round


class Comment(Base):
    """`token` is random."""

    __tablename__ = "pulse_comments"
    __table_args__ = ({"sqlite_with_rowid": False},)

    token: Mapped[str] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id"), index=True)
    language: Mapped[str]
    text: Mapped[str] = mapped_column(PlainText)


def add(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        session.execute(insert_into(session, Comment).on_conflict_do_nothing(), list(rows))


def of_round(session: Session, round_id: int) -> list[Comment]:
    """In the order of their random tokens."""
    return list(session.scalars(select(Comment).where(Comment.round_id == round_id).order_by(Comment.token)))


def forget(session: Session, *, closed_before: datetime) -> None:
    """What was kept for as long as was promised."""
    old = select(Round.id).where(Round.closed_at < closed_before)
    session.execute(delete(Comment).where(Comment.round_id.in_(old)))
    session.execute(update(Round).where(Round.closed_at < closed_before).values(comments=None))
