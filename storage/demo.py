"""Whether the database is a demo's: only there local clients are let in without a token."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.base import Base, Utc


class DemoMark(Base):
    """One row, where the database was made for a demo."""

    __tablename__ = "demo_marks"

    id: Mapped[int] = mapped_column(primary_key=True)
    marked_at: Mapped[datetime] = mapped_column(Utc)


def mark(session: Session, *, now: datetime) -> None:
    """From now on, and for good, nobody in it is taken for a real person."""
    session.merge(DemoMark(id=1, marked_at=now))


def is_marked(session: Session) -> bool:
    return session.get(DemoMark, 1) is not None
