"""Cycles and rounds of the pulse, what each round asks, and who was invited.

An invitation is one of two envelopes: it knows whether a person answered, never what. Answers are the other
(`storage.pulse.ballots`); neither is kept beyond the close.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Select, UniqueConstraint, delete, func, insert, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from storage.base import Base, OneOf, Utc, advance
from storage.bulk import among
from storage.people.employees import Employee, EmployeeState, last_places
from storage.pulse.statements import Statement, Wording


class RoundState(StrEnum):
    """The state of a round of the pulse."""

    OPEN = "open"
    CLOSING = "closing"
    CLOSED = "closed"
    PUBLISHED = "published"


OPTIONAL = JSON(none_as_null=True)


class Cycle(Base):
    """As many rounds as there are factors, at most until `ends_on`; its secret is destroyed on `destroy_on`."""

    __tablename__ = "pulse_cycles"

    id: Mapped[int] = mapped_column(primary_key=True)
    seed: Mapped[int]
    started_at: Mapped[datetime] = mapped_column(Utc)
    ends_on: Mapped[date]
    destroy_on: Mapped[date]  # told to people before they answer
    destroyed_at: Mapped[datetime | None] = mapped_column(Utc)


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
    invited: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)  # unit ("0": none) → people asked
    inviting_after: Mapped[int | None] = mapped_column(default=0)  # invited up to that employee; None: all are
    reminding_after: Mapped[int | None] = mapped_column(default=0)  # reminded up to that invitation; None: all are
    emptied_at: Mapped[datetime | None] = mapped_column(Utc)  # when the ballot box was
    release: Mapped[dict[str, Any] | None] = mapped_column(OPTIONAL)  # noisy sums, drawn once at the close
    reading: Mapped[dict[str, Any] | None] = mapped_column(OPTIONAL)  # what is said, computed from noisy sums alone
    comments: Mapped[list[dict[str, str]] | None] = mapped_column(OPTIONAL)  # as released: theme and masked text
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


class Invitation(Base):
    """For the reminder alone; deleted at the close."""

    __tablename__ = "invitations"
    __table_args__ = (
        UniqueConstraint("round_id", "employee_id"),
        Index("ix_invitations_person", "employee_id", "round_id"),
        {"sqlite_autoincrement": True},  # a message is named after its invitation: no id is used twice
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id"))
    employee_id: Mapped[int] = mapped_column(ForeignKey("employees.id"))
    unit_id: Mapped[int | None]  # as at the opening
    answered: Mapped[bool] = mapped_column(default=False)

    round: Mapped[Round] = relationship(lazy="joined", innerjoin=True)


class Refusal(Base):
    """People who do not want to be asked; instant, and nobody is told."""

    __tablename__ = "pulse_refusals"

    employee_id: Mapped[int] = mapped_column(ForeignKey("employees.id"), primary_key=True)
    at: Mapped[datetime] = mapped_column(Utc)


def a_round(session: Session, round_id: int) -> Round | None:
    return session.get(Round, round_id)


def newest(session: Session) -> Round | None:
    return session.scalar(select(Round).order_by(Round.id.desc()).limit(1))


def published_before(session: Session, round_id: int) -> Round | None:
    """The newest round before that one whose result was published."""
    return session.scalar(
        select(Round).where(Round.id < round_id, Round.state == RoundState.PUBLISHED).order_by(Round.id.desc()).limit(1)
    )


def newest_published(session: Session) -> Round | None:
    return session.scalar(select(Round).where(Round.state == RoundState.PUBLISHED).order_by(Round.id.desc()).limit(1))


def listed(session: Session) -> list[Round]:
    """All rounds, the newest first."""
    return list(session.scalars(select(Round).order_by(Round.id.desc())))


def newest_read(session: Session) -> Round | None:
    """The newest of which something could be said."""
    return session.scalar(
        select(Round).where(Round.closed_at.is_not(None), Round.reading.is_not(None)).order_by(Round.id.desc()).limit(1)
    )


def in_state(session: Session, *states: str) -> list[Round]:
    return list(session.scalars(select(Round).where(Round.state.in_(states)).order_by(Round.id)))


def of_cycle(session: Session, cycle_id: int) -> list[Round]:
    return list(session.scalars(select(Round).where(Round.cycle_id == cycle_id).order_by(Round.number)))


def newest_cycle(session: Session) -> Cycle | None:
    return session.scalar(select(Cycle).order_by(Cycle.id.desc()).limit(1))


def cycle_before(session: Session, cycle_id: int) -> Cycle | None:
    return session.scalar(select(Cycle).where(Cycle.id < cycle_id).order_by(Cycle.id.desc()).limit(1))


def living_cycles(session: Session) -> list[Cycle]:
    """Whose secret is not yet destroyed."""
    return list(session.scalars(select(Cycle).where(Cycle.destroyed_at.is_(None)).order_by(Cycle.id)))


def to_empty(session: Session) -> list[Round]:
    """Closed rounds whose ballots are still in the box."""
    return list(session.scalars(select(Round).where(Round.closed_at.is_not(None), Round.emptied_at.is_(None))))


def asked(session: Session, asked_id: int) -> AskedStatement | None:
    return session.get(AskedStatement, asked_id)


def asked_of(session: Session, round_id: int) -> list[AskedStatement]:
    """What everybody is asked, in order."""
    return list(
        session.scalars(
            select(AskedStatement).where(AskedStatement.round_id == round_id).order_by(AskedStatement.position)
        )
    )


def times_asked(session: Session) -> dict[str, int]:
    """In how many rounds each statement was asked."""
    rows = session.execute(
        select(AskedStatement.statement_id, func.count(func.distinct(AskedStatement.round_id))).group_by(
            AskedStatement.statement_id
        )
    )
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


def invite(session: Session, rows: Sequence[dict[str, Any]]) -> list[int]:
    """Store invitations; their ids, in the order of `rows`."""
    if not rows:
        return []
    statement = insert(Invitation).returning(Invitation.id, sort_by_parameter_order=True)
    return list(session.scalars(statement, list(rows)))


def invitation(session: Session, round_id: int, employee_id: int) -> Invitation | None:
    return session.scalar(
        select(Invitation).where(Invitation.round_id == round_id, Invitation.employee_id == employee_id)
    )


def by_invitation(session: Session, invitation_id: int) -> Invitation | None:
    return session.get(Invitation, invitation_id)


def to_remind(session: Session, round_id: int, *, after_id: int, limit: int) -> list[Invitation]:
    """Who has not answered, by id from `after_id`."""
    return list(
        session.scalars(
            select(Invitation)
            .where(Invitation.round_id == round_id, Invitation.answered.is_(False), Invitation.id > after_id)
            .order_by(Invitation.id)
            .limit(limit)
        )
    )


def mark_answered(session: Session, invitation_id: int) -> None:
    session.execute(
        update(Invitation).where(Invitation.id == invitation_id, Invitation.answered.is_(False)).values(answered=True)
    )


def invitation_ids(round_id: int) -> Select[int]:
    return select(Invitation.id).where(Invitation.round_id == round_id)


def forget_invitations(session: Session, round_id: int) -> None:
    """Neither who was invited nor who answered is known after the close."""
    session.execute(delete(Invitation).where(Invitation.round_id == round_id))


def refuse(session: Session, employee_id: int, now: datetime) -> None:
    if session.get(Refusal, employee_id) is None:
        session.add(Refusal(employee_id=employee_id, at=now))


def accept_again(session: Session, employee_id: int) -> None:
    session.execute(delete(Refusal).where(Refusal.employee_id == employee_id))


def has_refused(session: Session, employee_id: int) -> bool:
    return session.get(Refusal, employee_id) is not None


def awaiting(session: Session, employee_ids: Sequence[int]) -> set[int]:
    """Of these people, those whom an open round may still remind."""
    return set(
        session.scalars(
            select(Invitation.employee_id)
            .join(Round)
            .where(
                Round.state == RoundState.OPEN,
                Round.reminding_after.is_not(None),
                Invitation.answered.is_(False),
                among(Invitation.employee_id, employee_ids),
            )
        )
    )


def published_of_closed(session: Session) -> tuple[int, int]:
    """How many of the rounds that are over were answered by a result and an action."""
    over = session.scalars(select(Round.state).where(Round.state.in_([RoundState.CLOSED, RoundState.PUBLISHED]))).all()
    return sum(state == RoundState.PUBLISHED for state in over), len(over)


def newest_with_comments(session: Session) -> Round | None:
    return next((row for row in listed(session) if row.comments), None)
