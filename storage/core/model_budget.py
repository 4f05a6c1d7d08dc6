"""The budget of calls to the model server: how many were made on each day."""

from __future__ import annotations

from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.base import Base


class ModelCalls(Base):
    """How often the model server was asked, by day."""

    __tablename__ = "model_calls"

    day: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(default=0)


def may_call(session: Session, day: str, budget: int) -> bool:
    """Whether the day's budget of calls to the model server allows one more; if so it is counted."""
    row = session.get(ModelCalls, day)
    if row is None:
        row = ModelCalls(day=day, number=0)
        session.add(row)
    if row.number >= budget:
        return False
    row.number += 1
    return True
