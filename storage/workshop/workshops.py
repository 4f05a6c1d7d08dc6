"""Workshops: needs and expectations, ratings that nobody sees before their own, votes, next steps and commitments."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import Date, ForeignKey, Index, delete, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from storage.base import Base, OneOf, PlainText, Utc, advance
from storage.people.employees import Employee, EmployeeState
from storage.people.organisation import Unit


class WorkshopState(StrEnum):
    """The state of a workshop."""

    COLLECTING = "collecting"
    VOTING = "voting"
    CLOSED = "closed"


class NeedKind(StrEnum):
    """What a person said in a workshop."""

    NEED = "need"
    EXPECTATION = "expectation"


class CommitmentState(StrEnum):
    """The state of a commitment."""

    OPEN = "open"
    KEPT = "kept"
    NOT_KEPT = "not_kept"


class ProposalKind(StrEnum):
    """What a workshop's outcome proposes."""

    GOAL = "goal"
    STEP = "step"


class Workshop(Base):
    """The framework's first phase, held for one unit: collect alone, then vote on what was grouped, then commit."""

    __tablename__ = "workshops"

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"), index=True)
    opened_by_id: Mapped[int | None] = mapped_column(ForeignKey("employees.id"))
    state: Mapped[WorkshopState] = mapped_column(OneOf(WorkshopState), default=WorkshopState.COLLECTING)
    opened_at: Mapped[datetime] = mapped_column(Utc)
    closed_at: Mapped[datetime | None] = mapped_column(Utc)
    inviting_after: Mapped[int | None]  # the last person invited; None: all were

    unit: Mapped[Unit] = relationship()
    opened_by: Mapped[Employee | None] = relationship()
    needs: Mapped[list[Need]] = relationship(order_by="Need.id")
    groups: Mapped[list[NeedGroup]] = relationship(order_by="NeedGroup.id")

    def start_voting(self) -> None:
        """Nothing more is collected; people vote on what was grouped."""
        advance(self, WorkshopState.VOTING, after=(WorkshopState.COLLECTING,))
        self.inviting_after = None

    def close(self, now: datetime) -> None:
        advance(self, WorkshopState.CLOSED, after=(WorkshopState.COLLECTING, WorkshopState.VOTING))
        self.closed_at, self.inviting_after = now, None


class NeedGroup(Base):
    """Needs that say the same; people vote on these."""

    __tablename__ = "need_groups"

    id: Mapped[int] = mapped_column(primary_key=True)
    workshop_id: Mapped[int] = mapped_column(ForeignKey("workshops.id"), index=True)
    name: Mapped[str] = mapped_column(PlainText)
    factor: Mapped[str | None]  # of the framework, that it belongs to

    needs: Mapped[list[Need]] = relationship(order_by="Need.id", back_populates="group")


class Need(Base):
    """What one person needs or expects; who it was is for their own changes only and is never shown."""

    __tablename__ = "needs"

    id: Mapped[int] = mapped_column(primary_key=True)
    workshop_id: Mapped[int] = mapped_column(ForeignKey("workshops.id"), index=True)
    employee_id: Mapped[int] = mapped_column(ForeignKey("employees.id"))
    kind: Mapped[NeedKind] = mapped_column(OneOf(NeedKind))
    text: Mapped[str] = mapped_column(PlainText)
    group_id: Mapped[int | None] = mapped_column(ForeignKey("need_groups.id"), index=True)

    group: Mapped[NeedGroup | None] = relationship(back_populates="needs")


class WorkshopRating(Base):
    """How far one person sees a factor, on the described levels 0 to 4."""

    __tablename__ = "workshop_ratings"

    workshop_id: Mapped[int] = mapped_column(ForeignKey("workshops.id"), primary_key=True)
    employee_id: Mapped[int] = mapped_column(ForeignKey("employees.id"), primary_key=True)
    factor: Mapped[str] = mapped_column(primary_key=True)
    level: Mapped[int]


class Vote(Base):
    __tablename__ = "workshop_votes"

    group_id: Mapped[int] = mapped_column(ForeignKey("need_groups.id"), primary_key=True)
    employee_id: Mapped[int] = mapped_column(ForeignKey("employees.id"), primary_key=True)


class Proposal(Base):
    """A goal or next step that the outcome proposes; one tap makes it real. `made`: the id of the goal it became."""

    __tablename__ = "workshop_proposals"

    id: Mapped[int] = mapped_column(primary_key=True)
    workshop_id: Mapped[int] = mapped_column(ForeignKey("workshops.id"), index=True)
    kind: Mapped[ProposalKind] = mapped_column(OneOf(ProposalKind))
    factor: Mapped[str]
    made: Mapped[str | None]


class Commitment(Base):
    """Who does what by when. Sponsors (those who lead the unit) commit, too."""

    __tablename__ = "commitments"
    __table_args__ = (Index("ix_commitments_due", "state", "due"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    workshop_id: Mapped[int] = mapped_column(ForeignKey("workshops.id"), index=True)
    employee_id: Mapped[int] = mapped_column(ForeignKey("employees.id"))
    is_sponsor: Mapped[bool] = mapped_column(default=False)
    text: Mapped[str] = mapped_column(PlainText)
    due: Mapped[date] = mapped_column(Date)
    state: Mapped[CommitmentState] = mapped_column(OneOf(CommitmentState), default=CommitmentState.OPEN)
    reminded_at: Mapped[datetime | None] = mapped_column(Utc)

    person: Mapped[Employee] = relationship()
    workshop: Mapped[Workshop] = relationship()

    def settle(self, *, is_kept: bool) -> None:
        advance(self, CommitmentState.KEPT if is_kept else CommitmentState.NOT_KEPT, after=(CommitmentState.OPEN,))

    def postpone(self, by: timedelta) -> None:
        """Due later; the person is reminded again."""
        advance(self, CommitmentState.OPEN, after=(CommitmentState.OPEN,))
        self.due, self.reminded_at = self.due + by, None


def workshop(session: Session, workshop_id: int) -> Workshop | None:
    return session.get(Workshop, workshop_id)


def listed(session: Session, limit: int = 10) -> list[Workshop]:
    """The newest first."""
    return list(session.scalars(select(Workshop).order_by(Workshop.id.desc()).limit(limit)))


def of_unit(session: Session, unit_id: int) -> list[Workshop]:
    """The newest first."""
    return list(session.scalars(select(Workshop).where(Workshop.unit_id == unit_id).order_by(Workshop.id.desc())))


def open_for(session: Session, unit_id: int | None) -> Workshop | None:
    """The workshop that goes on in the unit."""
    going_on = select(Workshop).where(Workshop.unit_id == unit_id, Workshop.state != WorkshopState.CLOSED)
    return session.scalar(going_on.order_by(Workshop.id.desc()).limit(1))


def inviting(session: Session) -> list[Workshop]:
    """Workshops whose people are still being invited."""
    return list(session.scalars(select(Workshop).where(Workshop.inviting_after.is_not(None)).order_by(Workshop.id)))


def to_invite(session: Session, row: Workshop, limit: int) -> list[Employee]:
    """People of its unit who were not invited yet, by id."""
    found = select(Employee).where(
        Employee.unit_id == row.unit_id, Employee.state == EmployeeState.ACTIVE, Employee.id > (row.inviting_after or 0)
    )
    return list(session.scalars(found.order_by(Employee.id).limit(limit)).unique())


def needs_of(session: Session, workshop_id: int, employee_id: int) -> list[Need]:
    mine = select(Need).where(Need.workshop_id == workshop_id, Need.employee_id == employee_id)
    return list(session.scalars(mine.order_by(Need.id)))


def ratings_of(session: Session, workshop_id: int, employee_id: int) -> dict[str, int]:
    rows = session.execute(
        select(WorkshopRating.factor, WorkshopRating.level).where(
            WorkshopRating.workshop_id == workshop_id, WorkshopRating.employee_id == employee_id
        )
    )
    return {row.factor: row.level for row in rows}


def rate(session: Session, workshop_id: int, employee_id: int, factor: str, level: int) -> None:
    """What the person says of the factor from now on."""
    row = session.get(WorkshopRating, (workshop_id, employee_id, factor))
    if row is None:
        session.add(WorkshopRating(workshop_id=workshop_id, employee_id=employee_id, factor=factor, level=level))
    else:
        row.level = level


def forget_ratings(session: Session, workshop_id: int, employee_id: int) -> None:
    """The person rates anew."""
    session.execute(
        delete(WorkshopRating).where(
            WorkshopRating.workshop_id == workshop_id, WorkshopRating.employee_id == employee_id
        )
    )


def levels(session: Session, workshop_id: int) -> dict[str, Counter[int]]:
    """By factor, how many chose each level."""
    found: dict[str, Counter[int]] = {}
    rows = session.execute(
        select(WorkshopRating.factor, WorkshopRating.level, func.count())
        .where(WorkshopRating.workshop_id == workshop_id)
        .group_by(WorkshopRating.factor, WorkshopRating.level)
    )
    for factor, level, number in rows:
        found.setdefault(factor, Counter())[level] = int(number)
    return found


def participants(session: Session, workshop_id: int) -> int:
    """How many people rated a factor or wrote a need."""
    return len(_took_part(session, workshop_id))


def people_of(session: Session, workshop_id: int) -> list[Employee]:
    """Active people who took part, by id."""
    found = select(Employee).where(
        Employee.id.in_(_took_part(session, workshop_id)), Employee.state == EmployeeState.ACTIVE
    )
    return list(session.scalars(found.order_by(Employee.id)).unique())


def _took_part(session: Session, workshop_id: int) -> list[int]:
    rated = select(WorkshopRating.employee_id).where(WorkshopRating.workshop_id == workshop_id)
    wrote = select(Need.employee_id).where(Need.workshop_id == workshop_id)
    return sorted(set(session.scalars(rated.union(wrote))))


def votes(session: Session, workshop_id: int) -> dict[int, int]:
    """By group, how many voted for it."""
    rows = session.execute(
        select(Vote.group_id, func.count())
        .join(NeedGroup, NeedGroup.id == Vote.group_id)
        .where(NeedGroup.workshop_id == workshop_id)
        .group_by(Vote.group_id)
    )
    return {group: int(number) for group, number in rows}


def votes_of(session: Session, workshop_id: int, employee_id: int) -> set[int]:
    """The groups that the person voted for."""
    mine = select(Vote.group_id).join(NeedGroup, NeedGroup.id == Vote.group_id)
    return set(session.scalars(mine.where(NeedGroup.workshop_id == workshop_id, Vote.employee_id == employee_id)))


def group(session: Session, group_id: int) -> NeedGroup | None:
    return session.get(NeedGroup, group_id)


def vote(session: Session, group_id: int, employee_id: int) -> None:
    """For a group that the person has not voted for."""
    session.add(Vote(group_id=group_id, employee_id=employee_id))
    session.flush()


def take_vote_back(session: Session, group_id: int, employee_id: int) -> None:
    session.execute(delete(Vote).where(Vote.group_id == group_id, Vote.employee_id == employee_id))


def merge(session: Session, group: NeedGroup, into: NeedGroup) -> None:
    """All needs and votes of `group` go over; nobody has two votes by that."""
    for need in list(group.needs):
        need.group = into
    session.flush()
    known = select(Vote.employee_id).where(Vote.group_id == into.id).scalar_subquery()
    session.execute(delete(Vote).where(Vote.group_id == group.id, Vote.employee_id.in_(known)))
    session.execute(update(Vote).where(Vote.group_id == group.id).values(group_id=into.id))
    session.expire_all()
    session.execute(delete(NeedGroup).where(NeedGroup.id == group.id))


def drop_groups(session: Session, row: Workshop) -> None:
    """Take all groups apart again."""
    for need in row.needs:
        need.group_id = None
    session.flush()
    ids = [found.id for found in row.groups]
    session.execute(delete(Vote).where(Vote.group_id.in_(ids)))
    session.execute(delete(NeedGroup).where(NeedGroup.workshop_id == row.id))
    session.expire(row, ["groups", "needs"])


def proposals(session: Session, workshop_id: int) -> list[Proposal]:
    return list(session.scalars(select(Proposal).where(Proposal.workshop_id == workshop_id).order_by(Proposal.id)))


def proposal(session: Session, proposal_id: int) -> Proposal | None:
    return session.get(Proposal, proposal_id)


def commitment(session: Session, commitment_id: int) -> Commitment | None:
    return session.get(Commitment, commitment_id)


def commitments(session: Session, workshop_id: int) -> list[Commitment]:
    found = select(Commitment).where(Commitment.workshop_id == workshop_id)
    return list(session.scalars(found.order_by(Commitment.due, Commitment.id)))


def commitments_due(session: Session, day: date, limit: int = 500) -> list[Commitment]:
    """Open ones that are due by that day and of which nobody was reminded."""
    due = select(Commitment).where(
        Commitment.state == CommitmentState.OPEN, Commitment.due <= day, Commitment.reminded_at.is_(None)
    )
    return list(session.scalars(due.order_by(Commitment.due, Commitment.id).limit(limit)))
