"""Seats: one a process, leased. Whoever stops renewing it loses it, and its work is taken over.

The token fences: a process whose lease expired finds another token in its row and stops sending. Times are the
database's, for the clocks of the processes' machines differ. A seat's name is never used by a second process, so that
work marked with it is surely either its own process's or nobody's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.base import Base, Utc


class Lease(Base):
    __tablename__ = "seats"

    id: Mapped[str] = mapped_column(primary_key=True)  # "worker-3f9a", "web-77b0"
    token: Mapped[str | None]  # None: nobody sits there
    host: Mapped[str]
    pid: Mapped[int]
    renewed_at: Mapped[datetime] = mapped_column(Utc)


@dataclass(frozen=True, slots=True)
class WorkerLease:
    """Who sits where: what a process needs to hold its seat."""

    seat: str
    token: str


def database_now(session: Session) -> datetime:
    """The moment by the database's own clock (of its machine, for SQLite)."""
    if session.get_bind().dialect.name == "sqlite":
        said = str(session.scalar(select(func.strftime("%Y-%m-%dT%H:%M:%f", "now"))))
        return datetime.fromisoformat(said).replace(tzinfo=UTC)
    found: datetime = session.scalars(select(func.clock_timestamp())).one()
    return found.astimezone(UTC)


def take(session: Session, name: str, *, token: str, host: str, pid: int) -> WorkerLease:
    """The seat of that name, for the one process that bears it: for the first time, or again after it was lost."""
    session.merge(Lease(id=name, token=token, host=host, pid=pid, renewed_at=database_now(session)))
    session.flush()
    return WorkerLease(name, token)


def renew(session: Session, lease: WorkerLease) -> datetime | None:
    """For another lease: the database's time, or None where the seat is no longer ours."""
    now = database_now(session)
    result = session.execute(
        update(Lease).where(Lease.id == lease.seat, Lease.token == lease.token).values(renewed_at=now)
    )
    return now if result.rowcount else None  # type: ignore[attr-defined]


def is_held(session: Session, lease: WorkerLease) -> bool:
    return session.connection().scalar(_TOKEN, {"seat": lease.seat}) == lease.token


def vacate(session: Session, lease: WorkerLease) -> None:
    session.execute(update(Lease).where(Lease.id == lease.seat, Lease.token == lease.token).values(token=None))


def occupied(session: Session) -> list[Lease]:
    return list(session.scalars(select(Lease).where(Lease.token.is_not(None)).order_by(Lease.id).with_for_update()))


def vacant(session: Session) -> list[str]:
    """The seats in which nobody sits any more."""
    return list(session.scalars(select(Lease.id).where(Lease.token.is_(None)).order_by(Lease.id)))


def prune(session: Session, *, before: datetime) -> None:
    """Forget seats that nobody has sat in for long."""
    session.execute(delete(Lease).where(Lease.token.is_(None), Lease.renewed_at < before))


# Built once: it is asked before every few messages.
_TOKEN = select(Lease.token).where(Lease.id == bindparam("seat"))
