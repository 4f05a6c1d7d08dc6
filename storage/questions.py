"""Questions that employees ask about a post, and the owner's answer."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from storage.base import Base, PlainText, Utc
from storage.employees import Employee
from storage.posts import Post


class Question(Base):
    __tablename__ = "questions"

    id: Mapped[int] = mapped_column(primary_key=True)
    asker_id: Mapped[int] = mapped_column(ForeignKey("employees.id"), index=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("employees.id"), index=True)
    post_id: Mapped[int | None] = mapped_column(ForeignKey("posts.id"))
    text: Mapped[str] = mapped_column(PlainText)
    answer: Mapped[str | None] = mapped_column(PlainText)
    asked_at: Mapped[datetime] = mapped_column(Utc)
    answered_at: Mapped[datetime | None] = mapped_column(Utc)

    asker: Mapped[Employee] = relationship(foreign_keys=[asker_id])
    owner: Mapped[Employee] = relationship(foreign_keys=[owner_id])
    post: Mapped[Post | None] = relationship()


def question(session: Session, question_id: int) -> Question | None:
    return session.get(Question, question_id)
