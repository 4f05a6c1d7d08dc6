"""Comments of closed rounds, as released: masked, with a lead's answer beside it. No person, no moment, no order of
arrival, no link to ratings nor to other comments; what is not released is not kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, Select, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.base import Base, PlainText, Utc
from storage.pulse.rounds import Round


class Comment(Base):
    """`id` follows the order of the round's keys, which tells nothing."""

    __tablename__ = "pulse_comments"

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id"), index=True)
    theme: Mapped[str]  # a factor, or "other"
    text: Mapped[str] = mapped_column(PlainText)
    answer: Mapped[str | None] = mapped_column(PlainText)  # for everybody to read
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("employees.id"))
    answered_at: Mapped[datetime | None] = mapped_column(Utc)

    def take_answer(self, words: str, *, by: int, now: datetime) -> None:
        """The last one stands. `by`: an employee's id."""
        self.answer, self.answered_by, self.answered_at = words, by, now

    def take_back_answer(self) -> None:
        self.answer = self.answered_by = self.answered_at = None


def add(session: Session, round_id: int, released: Sequence[tuple[str, str]]) -> None:
    """(theme, masked text) of each."""
    session.add_all(Comment(round_id=round_id, theme=theme, text=words) for theme, words in released)


def comment(session: Session, comment_id: int) -> Comment | None:
    return session.get(Comment, comment_id)


def newest(session: Session) -> list[Comment]:
    """Of the newest round that has any, by theme and in no other order."""
    return _listed(session, select(func.max(Comment.round_id)))


def newest_answered(session: Session) -> list[Comment]:
    """Of the newest round of which a comment was answered, those that were."""
    of = select(func.max(Comment.round_id)).where(Comment.answer.is_not(None))
    return [row for row in _listed(session, of) if row.answer is not None]


def forget(session: Session, *, closed_before: datetime) -> None:
    """What was kept for as long as was promised."""
    old = select(Round.id).where(Round.closed_at < closed_before)
    session.execute(delete(Comment).where(Comment.round_id.in_(old)))


def _listed(session: Session, of_round: Select[int | None]) -> list[Comment]:
    query = select(Comment).where(Comment.round_id == of_round.scalar_subquery())
    return list(session.scalars(query.order_by(Comment.id)))
