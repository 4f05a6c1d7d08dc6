"""Leases: one a process. A process that stops renewing its lease loses it, and its work is taken over.

The token fences: a process whose lease expired finds another token in its row and stops sending. Times are the
database's, because the clocks of the processes' machines differ. A worker's name is never used by a second process, so
that work marked with it is either that process's or nobody's.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.base import Base, Utc

SILENT = timedelta(seconds=15)  # without a sign of life for so long, a process does not count as living


class Lease(Base):
    __tablename__ = "worker_leases"

    id: Mapped[str] = mapped_column(primary_key=True)  # "worker-3f9a", "web+worker+clock-77b0"
    token: Mapped[str | None]  # None: expired or given back
    host: Mapped[str]
    pid: Mapped[int]
    renewed_at: Mapped[datetime] = mapped_column(Utc)


class LeaseLost(Exception):
    """Another process has taken over this one's work; this one stops sending."""


@dataclass(frozen=True, slots=True)
class WorkerLease:
    """What a process needs to hold its lease."""

    worker: str
    token: str


@dataclass(slots=True)
class HeldLease:
    """The lease that a process holds now, None before its first: taken by its heartbeat, read by whatever sends."""

    current: WorkerLease | None = None


def database_now(session: Session) -> datetime:
    """The moment by the database's own clock (of its machine, for SQLite)."""
    if session.get_bind().dialect.name == "sqlite":
        said = str(session.scalar(select(func.strftime("%Y-%m-%dT%H:%M:%f", "now"))))
        return datetime.fromisoformat(said).replace(tzinfo=UTC)
    found: datetime = session.scalars(select(func.clock_timestamp())).one()
    return found.astimezone(UTC)


def take(session: Session, name: str, *, token: str, host: str, pid: int) -> WorkerLease:
    """Acquire a lease for the process of that name: its first, or a new one after it lost one."""
    session.merge(Lease(id=name, token=token, host=host, pid=pid, renewed_at=database_now(session)))
    session.flush()
    return WorkerLease(name, token)


def renew(session: Session, lease: WorkerLease) -> datetime | None:
    """Renew the lease: the database's time, or None where the lease was lost."""
    now = database_now(session)
    result = session.execute(
        update(Lease).where(Lease.id == lease.worker, Lease.token == lease.token).values(renewed_at=now)
    )
    return now if result.rowcount else None  # type: ignore[attr-defined]


def is_held(session: Session, lease: WorkerLease) -> bool:
    return session.connection().scalar(_TOKEN, {"worker": lease.worker}) == lease.token


def vacate(session: Session, lease: WorkerLease) -> None:
    session.execute(update(Lease).where(Lease.id == lease.worker, Lease.token == lease.token).values(token=None))


def vacate_all(session: Session) -> None:
    """No process holds a lease any more."""
    session.execute(update(Lease).values(token=None))


def occupied(session: Session) -> list[Lease]:
    """Locked; without those that another transaction holds locked: they are renewed or given up at this moment, or
    their process stands still, until the database ends what it began."""
    held = select(Lease).where(Lease.token.is_not(None)).order_by(Lease.id)
    return list(session.scalars(held.with_for_update(skip_locked=True)))


def living(session: Session) -> dict[str, int]:
    """How many processes of each role live."""
    since = database_now(session) - SILENT
    names = session.scalars(select(Lease.id).where(Lease.token.is_not(None), Lease.renewed_at >= since))
    return dict(Counter(role for name in names for role in name.rpartition("-")[0].split("+")))


def vacant(session: Session) -> list[str]:
    """The names of processes that hold no lease any more."""
    return list(session.scalars(select(Lease.id).where(Lease.token.is_(None)).order_by(Lease.id)))


def prune(session: Session, *, before: datetime) -> None:
    """Delete leases of processes that ended long ago."""
    session.execute(delete(Lease).where(Lease.token.is_(None), Lease.renewed_at < before))


# Built once: it is asked before every few messages.
_TOKEN = select(Lease.token).where(Lease.id == bindparam("worker"))
