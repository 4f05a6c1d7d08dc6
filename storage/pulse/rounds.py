"""Cycles and rounds of the pulse, and what each round asks.

Who is asked and what they answer stands in `storage.pulse.round_store`, and is kept until the close alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ColumnElement, ForeignKey, UniqueConstraint, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from storage.base import Base, OneOf, Utc, advance
from storage.people.employees import Employee, EmployeeState, last_places
from storage.pulse.statements import Statement, Wording


class RoundState(StrEnum):
    """The state of a round of the pulse."""

    OPEN = "open"
    CLOSING = "closing"
    CLOSED = "closed"
    PUBLISHED = "published"


OPTIONAL = JSON(none_as_null=True)


class NoFigures(StrEnum):
    """Why a round ended without figures."""

    LOST = "lost"  # the answers, with the server that held them
    BUDGET = "budget"  # of the year does not allow them any more
    NOBODY = "nobody"  # was asked


class Cycle(Base):
    """As many rounds as there are factors, at most until `ends_on`."""

    __tablename__ = "pulse_cycles"

    id: Mapped[int] = mapped_column(primary_key=True)
    seed: Mapped[int]
    started_at: Mapped[datetime] = mapped_column(Utc)
    ends_on: Mapped[date]


class Round(Base):
    __tablename__ = "rounds"

    id: Mapped[int] = mapped_column(primary_key=True)
    cycle_id: Mapped[int] = mapped_column(ForeignKey("pulse_cycles.id"), index=True)
    number: Mapped[int]  # in its cycle, from 0
    state: Mapped[RoundState] = mapped_column(OneOf(RoundState), default=RoundState.OPEN, index=True)
    factor: Mapped[str]  # that everybody is asked about
    opened_at: Mapped[datetime] = mapped_column(Utc)
    remind_at: Mapped[datetime] = mapped_column(Utc)
    closes_at: Mapped[datetime] = mapped_column(Utc)
    closed_at: Mapped[datetime | None] = mapped_column(Utc)
    tree: Mapped[list[list[Any]]] = mapped_column(JSON)  # [unit, its parent or null, name], as at the opening
    inviting_after: Mapped[int | None] = mapped_column(default=0)  # invited up to that employee; None: all are
    reminding_after: Mapped[int | None] = mapped_column(default=0)  # reminded up to that employee; None: all are
    no_figures: Mapped[NoFigures | None] = mapped_column(OneOf(NoFigures))
    release: Mapped[dict[str, Any] | None] = mapped_column(OPTIONAL)  # noisy sums, drawn once at the close
    reading: Mapped[dict[str, Any] | None] = mapped_column(OPTIONAL)  # what is said, computed from noisy sums alone
    result: Mapped[dict[str, str] | None] = mapped_column(OPTIONAL)  # language → what was learned
    action: Mapped[dict[str, str] | None] = mapped_column(OPTIONAL)  # language → what will be done
    published_at: Mapped[datetime | None] = mapped_column(Utc)
    published_by: Mapped[int | None] = mapped_column(ForeignKey("employees.id"))

    cycle: Mapped[Cycle] = relationship(lazy="joined", innerjoin=True)

    def is_open(self, now: datetime) -> bool:
        return self.state == RoundState.OPEN and now < self.closes_at

    def begin_closing(self) -> None:
        """Nobody can answer any more."""
        advance(self, RoundState.CLOSING, after=(RoundState.OPEN, RoundState.CLOSING))

    def finish_closing(self, release: dict[str, Any], now: datetime) -> None:
        """All ballots are counted, noise was added, and this is all that is kept of them."""
        advance(self, RoundState.CLOSED, after=(RoundState.CLOSING,))
        self.release, self.closed_at = release, now

    def end_without_figures(self, why: NoFigures, now: datetime) -> None:
        """Nothing is released of it: neither sums nor comments."""
        advance(self, RoundState.CLOSED, after=(RoundState.OPEN, RoundState.CLOSING))
        self.no_figures, self.closed_at = why, now

    def publish(self, result: dict[str, str], action: dict[str, str], *, by: int | None, now: datetime) -> None:
        """Everybody may read what was learned and what will be done, each by language. `by`: an employee's id."""
        advance(self, RoundState.PUBLISHED, after=(RoundState.CLOSED,))
        self.result, self.action = result, action
        self.published_at, self.published_by = now, by


class AskedStatement(Base):
    """One statement that everybody is asked in a round; a press on its card comes back with its id."""

    __tablename__ = "asked_statements"
    __table_args__ = (UniqueConstraint("round_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id"))
    position: Mapped[int]
    statement_id: Mapped[str] = mapped_column(ForeignKey("statements.id"))
    wording_id: Mapped[int] = mapped_column(ForeignKey("wordings.id"))

    statement: Mapped[Statement] = relationship(lazy="joined", innerjoin=True)
    wording: Mapped[Wording] = relationship(lazy="joined", innerjoin=True)


class Refusal(Base):
    """People who do not want to be asked; instant, and nobody is told."""

    __tablename__ = "pulse_refusals"

    employee_id: Mapped[int] = mapped_column(ForeignKey("employees.id"), primary_key=True)
    at: Mapped[datetime] = mapped_column(Utc)


def a_round(session: Session, round_id: int) -> Round | None:
    return session.get(Round, round_id)


def newest(session: Session) -> Round | None:
    return _newest(session)


def newest_published(session: Session, *, before: int | None = None) -> Round | None:
    """The newest whose result was published; `before`: of those opened before that round."""
    return _newest(session, Round.state == RoundState.PUBLISHED, *([Round.id < before] if before is not None else []))


def newest_read(session: Session, *, before: datetime | None = None) -> Round | None:
    """The newest of which something could be said; `before`: of those that closed before that moment."""
    closed = Round.closed_at.is_not(None) if before is None else Round.closed_at < before
    return _newest(session, closed, Round.reading.is_not(None))


def _newest(session: Session, *conditions: ColumnElement[bool]) -> Round | None:
    return session.scalar(select(Round).where(*conditions).order_by(Round.id.desc()).limit(1))


def listed(session: Session) -> list[Round]:
    """All rounds, the newest first."""
    return list(session.scalars(select(Round).order_by(Round.id.desc())))


def in_state(session: Session, *states: str) -> list[Round]:
    return list(session.scalars(select(Round).where(Round.state.in_(states)).order_by(Round.id)))


def of_cycle(session: Session, cycle_id: int) -> list[Round]:
    return list(session.scalars(select(Round).where(Round.cycle_id == cycle_id).order_by(Round.number)))


def newest_cycle(session: Session) -> Cycle | None:
    return session.scalar(select(Cycle).order_by(Cycle.id.desc()).limit(1))


def cycle_before(session: Session, cycle_id: int) -> Cycle | None:
    return session.scalar(select(Cycle).where(Cycle.id < cycle_id).order_by(Cycle.id.desc()).limit(1))


def asked(session: Session, asked_id: int) -> AskedStatement | None:
    return session.get(AskedStatement, asked_id)


def asked_of(session: Session, round_id: int) -> list[AskedStatement]:
    """What everybody is asked, in order."""
    of_round = select(AskedStatement).where(AskedStatement.round_id == round_id)
    return list(session.scalars(of_round.order_by(AskedStatement.position)))


def times_asked(session: Session) -> dict[str, int]:
    """In how many rounds each statement was asked."""
    number = func.count(func.distinct(AskedStatement.round_id))
    rows = session.execute(select(AskedStatement.statement_id, number).group_by(AskedStatement.statement_id))
    return dict(rows.all())


@dataclass(frozen=True, slots=True)
class Invitee:
    """A person who may be asked, where they were last; moments are aware, UTC."""

    id: int
    unit_id: int | None
    time_zone: str
    country: str | None
    away_until: datetime | None
    workspace_id: str
    address: str


def invitees(
    session: Session, *, joined_before: datetime, after_id: int, limit: int
) -> tuple[list[Invitee], int | None]:
    """Active, reachable people who have not refused, by id from `after_id`, each where they were last; and the id to go
    on after, None when `limit` was enough."""
    rows = session.execute(
        select(Employee.id, Employee.unit_id, Employee.time_zone, Employee.country, Employee.away_until)
        .where(
            Employee.id > after_id,
            Employee.state == EmployeeState.ACTIVE,
            Employee.joined_at <= joined_before,
            Employee.id.not_in(select(Refusal.employee_id)),
        )
        .order_by(Employee.id)
        .limit(limit)
    ).all()
    places = last_places(session, [row[0] for row in rows])
    people = [Invitee(*row, *places[row[0]]) for row in rows if row[0] in places]
    return people, rows[-1][0] if len(rows) == limit else None


def first_opening(session: Session) -> datetime | None:
    """When the organisation's first round was opened."""
    return session.scalar(select(func.min(Round.opened_at, type_=Utc())))


def refuse(session: Session, employee_id: int, now: datetime) -> None:
    if session.get(Refusal, employee_id) is None:
        day = now.replace(hour=0, minute=0, second=0, microsecond=0)  # the moment would tell what else they did then
        session.add(Refusal(employee_id=employee_id, at=day))


def accept_again(session: Session, employee_id: int) -> None:
    session.execute(delete(Refusal).where(Refusal.employee_id == employee_id))


def has_refused(session: Session, employee_id: int) -> bool:
    return session.get(Refusal, employee_id) is not None


def reminding(session: Session) -> list[Round]:
    """Open rounds that may still remind those whom they asked."""
    return [row for row in in_state(session, RoundState.OPEN) if row.reminding_after is not None]


def published_of_closed(session: Session) -> tuple[int, int]:
    """How many of the rounds that are over were answered by a result and an action."""
    over = session.scalars(select(Round.state).where(Round.state.in_([RoundState.CLOSED, RoundState.PUBLISHED]))).all()
    return sum(state == RoundState.PUBLISHED for state in over), len(over)
