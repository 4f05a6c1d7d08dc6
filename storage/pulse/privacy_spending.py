"""What each release of the pulse cost of the privacy budget; see `bot.features.pulse.domain.privacy_budget`."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.base import Base, Utc


class Spending(Base):
    """One release; a round has one at most, by its key."""

    __tablename__ = "pulse_spending"

    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id"), primary_key=True)
    factor: Mapped[str]
    cost: Mapped[float]  # ρ
    at: Mapped[datetime] = mapped_column(Utc, index=True)


def spent_since(session: Session, since: datetime) -> float:
    """ρ of all releases since then."""
    return float(session.scalar(select(func.sum(Spending.cost)).where(Spending.at > since)) or 0.0)


def record(session: Session, round_id: int, factor: str, cost: float, now: datetime) -> None:
    session.add(Spending(round_id=round_id, factor=factor, cost=cost, at=now))
