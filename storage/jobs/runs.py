"""Runs of scheduled jobs: one row each, whose key makes a second run impossible."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, delete, func, literal_column, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.base import Base, OneOf, Utc, insert_into


class RunState(StrEnum):
    """The state of one run of a scheduled job."""

    WAITING = "waiting"
    DONE = "done"
    SKIPPED = "skipped"
    FAILED = "failed"


MOST = 100  # troubled runs that are listed


class Run(Base):
    __tablename__ = "runs"
    __table_args__ = (Index("ix_runs_job", "job", "scope", "due_at"),)

    key: Mapped[str] = mapped_column(primary_key=True)  # "tidy:2026-11-24", "plan:2026-11-24T07:05"
    job: Mapped[str]
    scope: Mapped[str]  # the time zone it goes by, or ""
    due_at: Mapped[datetime] = mapped_column(Utc)
    state: Mapped[RunState] = mapped_column(OneOf(RunState))
    note: Mapped[str | None]  # why it failed or was skipped
    changed_at: Mapped[datetime] = mapped_column(Utc)
    failures: Mapped[int] = mapped_column(default=0)  # how often it was tried in vain


# Of the index and of the query that goes by it, word by word the same.
_OPEN = Run.state.not_in([literal_column(f"'{state}'") for state in (RunState.DONE, RunState.SKIPPED)])
Index("ix_runs_open", Run.due_at, sqlite_where=_OPEN, postgresql_where=_OPEN)


def first(session: Session, key: str, *, job: str, scope: str, due_at: datetime, state: str, now: datetime) -> bool:
    """Insert the run. Returns whether it is new."""
    statement = insert_into(session, Run).values(
        key=key, job=job, scope=scope, due_at=due_at, state=state, changed_at=now
    )
    result = session.execute(statement.on_conflict_do_nothing().execution_options(preserve_rowcount=True))
    return bool(result.rowcount == 1)  # type: ignore[attr-defined]


def latest(session: Session, job: str) -> dict[str, datetime]:
    """When the newest run of the job was due, by scope."""
    rows = session.execute(
        select(Run.scope, func.max(Run.due_at, type_=Utc())).where(Run.job == job).group_by(Run.scope)
    )
    return dict(list(rows))


def newest_done(session: Session, job: str) -> datetime | None:
    """When the newest run of the job that was done had been due."""
    return session.scalar(select(func.max(Run.due_at, type_=Utc())).where(Run.job == job, Run.state == RunState.DONE))


def note(session: Session, key: str, state: str, *, now: datetime, because: str | None = None) -> None:
    session.execute(update(Run).where(Run.key == key).values(state=state, note=because, changed_at=now))


def failed_again(session: Session, key: str, *, now: datetime, because: str) -> int:
    """Count a failure of a run that will be retried. Returns the number of failures."""
    counted = update(Run).where(Run.key == key).values(failures=Run.failures + 1, note=because, changed_at=now)
    return session.scalars(counted.returning(Run.failures)).one()


def note_tick(session: Session, jobs: Iterable[str], failed: Mapping[str, str], *, now: datetime) -> None:
    """Record which jobs of every tick failed; a failure is listed until the job succeeds. `failed`: reason by job."""
    known = {row.job: row for row in session.scalars(select(Run).where(Run.key.in_([_tick_key(job) for job in jobs])))}
    for job in known.keys() - failed.keys():
        session.delete(known[job])
    for job, because in failed.items():
        row = known.get(job)
        if row is None:
            row = Run(
                key=_tick_key(job), job=job, scope="", due_at=now, state=RunState.FAILED, changed_at=now, failures=0
            )
            session.add(row)
        row.failures, row.note, row.changed_at = row.failures + 1, because, now


def _tick_key(job: str) -> str:
    return f"tick:{job}"


def troubled(session: Session) -> list[Run]:
    """Runs that failed and wait for a retry, or were given up; the newest first."""
    query = select(Run).where(_OPEN, (Run.state == RunState.FAILED) | (Run.failures > 0))
    return list(session.scalars(query.order_by(Run.due_at.desc(), Run.key).limit(MOST)))


def run(session: Session, key: str) -> Run | None:
    return session.get(Run, key)


def prune(session: Session, jobs: Sequence[str] | None, *, before: datetime) -> None:
    """Delete runs of these jobs (None: of all) that were due before then."""
    old = Run.due_at < before
    session.execute(delete(Run).where(old if jobs is None else old & Run.job.in_(jobs)))
