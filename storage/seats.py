"""Seats: one a process that sends. A seat is leased; whoever stops renewing it loses it, and its work is taken over.

The token fences: a process that slept past its lease finds another token in its row and sends no more.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.base import Base, Utc


class Seat(Base):
    __tablename__ = "seats"

    id: Mapped[str] = mapped_column(primary_key=True)  # "worker-1", "web-2"
    token: Mapped[str | None]  # None: nobody sits there
    host: Mapped[str]
    pid: Mapped[int]
    renewed_at: Mapped[datetime] = mapped_column(Utc)


@dataclass(frozen=True, slots=True)
class Sitting:
    """Who sits where: what a process needs to hold its seat."""

    seat: str
    token: str


def take(session: Session, role: str, *, token: str, host: str, pid: int, now: datetime) -> Sitting:
    """The first free seat of `role` ("worker", "web"), made if need be; no other process gets it."""
    taken = session.scalars(select(Seat).where(Seat.id.like(f"{role}-%")).order_by(Seat.id).with_for_update()).all()
    seat = next((row for row in taken if row.token is None), None)
    if seat is None:
        numbers = {int(row.id.rpartition("-")[2]) for row in taken}
        number = next(number for number in range(1, len(taken) + 2) if number not in numbers)
        seat = Seat(id=f"{role}-{number}", token=None, host=host, pid=pid, renewed_at=now)
        session.add(seat)
    seat.token, seat.host, seat.pid, seat.renewed_at = token, host, pid, now
    session.flush()
    return Sitting(seat.id, token)


def renew(session: Session, sitting: Sitting, *, now: datetime) -> bool:
    """Whether the seat is still ours; if so, it is for another lease."""
    result = session.execute(
        update(Seat).where(Seat.id == sitting.seat, Seat.token == sitting.token).values(renewed_at=now)
    )
    return bool(result.rowcount)  # type: ignore[attr-defined]


def is_held(session: Session, sitting: Sitting) -> bool:
    return session.connection().scalar(_TOKEN, {"seat": sitting.seat}) == sitting.token


def vacate(session: Session, sitting: Sitting) -> None:
    session.execute(update(Seat).where(Seat.id == sitting.seat, Seat.token == sitting.token).values(token=None))


def occupied(session: Session) -> list[Seat]:
    return list(session.scalars(select(Seat).where(Seat.token.is_not(None)).order_by(Seat.id).with_for_update()))


def prune(session: Session, *, before: datetime) -> None:
    """Forget seats that nobody has taken for long."""
    session.execute(delete(Seat).where(Seat.token.is_(None), Seat.renewed_at < before))


# Built once: it is asked before every few messages.
_TOKEN = select(Seat.token).where(Seat.id == bindparam("seat"))
