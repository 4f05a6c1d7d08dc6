"""Employees, and their identities in each workspace."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    JSON,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    bindparam,
    cast,
    false,
    func,
    literal_column,
    select,
    text,
    update,
)
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, Session, aliased, joinedload, mapped_column, relationship
from sqlalchemy.orm.util import identity_key

from storage.base import Base, OneOf, PersonalText, Utc, is_value
from storage.bulk import IDS, Names, among
from storage.people.organisation import Unit
from storage.people.workspaces import Workspace, WorkspaceState


class IdentityState(StrEnum):
    """The state of a person in one workspace. Parked: nothing sent there arrives."""

    ACTIVE = "active"
    LEFT = "left"
    PARKED = "parked"


class EmployeeState(StrEnum):
    """Whether a person is still with the organisation."""

    ACTIVE = "active"
    LEFT = "left"


ROLES = ("employee", "owner", "lead", "admin")


NO_OTHER: ColumnElement[str] = literal_column("'[\"employee\"]'")  # the roles of somebody who has no other
TOUR_STEPS = 3  # as the index of those who have not seen all of them has it
_ACTIVE, _NEW, _HAS_ROLES, _TOURING, _UNPLANNED = (
    text(words)
    for words in (
        "state = 'active'",
        "welcomed_at IS NULL",
        "CAST(roles AS VARCHAR) != '[\"employee\"]'",
        f"tour_step < {TOUR_STEPS}",
        "planned_at IS NULL",
    )
)


_UNIT = aliased(Unit)  # of the employee, whatever else the query says of units


class Employee(Base):
    __tablename__ = "employees"
    __table_args__ = (
        # What is looked for at every tick is few; nobody else is in these indexes, or all of them stand at one end.
        Index("ix_employees_zone", "time_zone", sqlite_where=_ACTIVE, postgresql_where=_ACTIVE),
        Index("ix_employees_new", "state", sqlite_where=_NEW, postgresql_where=_NEW),
        Index("ix_employees_with_roles", "state", sqlite_where=_HAS_ROLES, postgresql_where=_HAS_ROLES),
        Index("ix_employees_tour", "state", sqlite_where=_TOURING, postgresql_where=_TOURING),
        Index("ix_employees_unplanned", "state", "nudges_wanted", sqlite_where=_UNPLANNED, postgresql_where=_UNPLANNED),
        Index("ix_employees_planned", "planned_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(PersonalText("employees.name"), default="")
    # Verified by the platform, lower case.
    email: Mapped[str | None] = mapped_column(PersonalText("employees.email", is_found=True), unique=True)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"), index=True)
    language: Mapped[str] = mapped_column(default="en")
    language_chosen: Mapped[bool] = mapped_column(default=False)  # by the person: the profile no longer decides
    time_zone: Mapped[str] = mapped_column(default="UTC")
    roles: Mapped[list[str]] = mapped_column(JSON, default=lambda: ["employee"])
    state: Mapped[EmployeeState] = mapped_column(OneOf(EmployeeState), default=EmployeeState.ACTIVE, index=True)
    nudges_wanted: Mapped[bool | None]  # None until the person was asked and answered
    digest_wanted: Mapped[bool | None]  # None: leads and owners get it, others do not
    welcomed_at: Mapped[datetime | None] = mapped_column(Utc)  # when the bot introduced itself and asked
    nudges_paused_until: Mapped[datetime | None] = mapped_column(Utc)
    fewer_nudges: Mapped[bool] = mapped_column(default=False)
    topics_declined: Mapped[list[str]] = mapped_column(JSON, default=list)
    topics_wanted: Mapped[list[str]] = mapped_column(JSON, default=list)  # what they said they care about
    ranking_wanted: Mapped[bool] = mapped_column(default=False)  # whether colleagues may see their sums by name
    tour_step: Mapped[int] = mapped_column(default=0)  # how many messages of the tour are out
    tour_at: Mapped[datetime | None] = mapped_column(Utc)  # when the last of them was planned
    own_country: Mapped[str | None] = mapped_column("country")  # ISO 3166, for holidays; None: that of the unit
    away_until: Mapped[datetime | None] = mapped_column(Utc)  # absent, by own word or by the platform's status
    away_by_own_word: Mapped[bool] = mapped_column(default=False)  # which the platform does not take back
    planned_at: Mapped[datetime | None] = mapped_column(Utc)  # when the planner looked last
    heard_from_at: Mapped[datetime | None] = mapped_column(Utc)  # when they last said how they want it
    asked_fewer_at: Mapped[datetime | None] = mapped_column(Utc)  # fallen silent: "fewer, others, none?" was asked
    joined_at: Mapped[datetime] = mapped_column(Utc)
    left_at: Mapped[datetime | None] = mapped_column(Utc)
    closed_by_directory: Mapped[bool] = mapped_column(default=False, server_default=false())  # it alone opens again

    unit: Mapped[Unit | None] = relationship(lazy="joined")
    identities: Mapped[list[Identity]] = relationship(back_populates="employee")

    @hybrid_property
    def country(self) -> str | None:
        """Whose holidays and weekends they have, by own word or their unit's; None: that of the time zone."""
        return self.own_country or (self.unit.country if self.unit else None)

    @country.inplace.expression
    @classmethod
    def _country(cls) -> ColumnElement[str | None]:
        of_unit = select(_UNIT.country).where(_UNIT.id == cls.unit_id).scalar_subquery()
        return func.coalesce(cls.own_country, of_unit)

    def choose_language(self, language: str) -> None:
        """From now on, whatever the profile says; the planner looks again, for other posts are meant for them now."""
        self.language, self.language_chosen, self.planned_at = language, True, None

    def decline_topic(self, topic: str) -> None:
        """No nudges about it from now on; "" is no topic."""
        if topic and topic not in self.topics_declined:
            self.topics_declined = [*self.topics_declined, topic]

    def take_topic_back(self, topic: str) -> None:
        """Nudges about it again; the planner looks again."""
        self.topics_declined, self.planned_at = [name for name in self.topics_declined if name != topic], None

    def leave(self, now: datetime) -> None:
        """They are no longer with the organisation."""
        self.state, self.left_at = EmployeeState.LEFT, now

    def come_back(self) -> None:
        if not self.is_active and not self.closed_by_directory:
            self.state, self.left_at = EmployeeState.ACTIVE, None

    @property
    def is_active(self) -> bool:
        """Still with the organisation."""
        return self.state == EmployeeState.ACTIVE

    @property
    def is_erased(self) -> bool:
        """Whether nothing is left of them but a number, for the sums."""
        return not self.is_active and not self.name and self.email is None

    def is_present(self, now: datetime) -> bool:
        """Neither gone nor away."""
        return self.is_active and (self.away_until is None or self.away_until <= now)

    def has_role(self, *roles: str) -> bool:
        """Whether the person has one of `roles`; an admin has them all."""
        return "admin" in self.roles or any(role in self.roles for role in roles)


class Identity(Base):
    """One employee as one workspace knows them."""

    __tablename__ = "identities"
    __table_args__ = (
        UniqueConstraint("workspace_id", "user", name="uq_identities_workspace_user"),
        Index("ix_identities_seen", "workspace_id", "seen_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id"))
    user: Mapped[str]
    employee_id: Mapped[int] = mapped_column(ForeignKey("employees.id"), index=True)
    address: Mapped[str | None]  # where to speak with the person alone; learned from the platform
    state: Mapped[IdentityState] = mapped_column(OneOf(IdentityState), default=IdentityState.ACTIVE)
    parked_reason: Mapped[str | None]
    last_used_at: Mapped[datetime] = mapped_column(Utc)
    seen_at: Mapped[datetime | None] = mapped_column(Utc)  # by the last directory sync
    joined_by_email: Mapped[bool] = mapped_column(default=False)  # to a person who is known in another workspace

    employee: Mapped[Employee] = relationship(back_populates="identities", lazy="joined", innerjoin=True)
    workspace: Mapped[Workspace] = relationship()

    def reach_again(self, address: str | None = None) -> None:
        """They are there, at `address` if it is told."""
        self.state, self.parked_reason = IdentityState.ACTIVE, None
        self.address = address or self.address

    def leave(self) -> None:
        """They are no longer spoken to there."""
        self.state = IdentityState.LEFT


def employee(session: Session, employee_id: int) -> Employee | None:
    return session.get(Employee, employee_id)


def some(session: Session, employee_ids: Iterable[int]) -> dict[int, Employee]:
    """These people by id; those already in the session are not queried again."""
    found: dict[int, Employee] = {}
    unknown = list[int]()
    for number in employee_ids:
        known = session.identity_map.get(identity_key(Employee, number))
        if known is None:
            unknown.append(number)
        else:
            found[number] = known
    if unknown:
        found |= {person.id: person for person in session.scalars(_SOME, {"ids": unknown}).unique()}
    return found


def by_email(session: Session, email: str) -> Employee | None:
    return session.scalar(select(Employee).where(is_value(Employee.email, email)))


def opted_out(session: Session, unit_id: int) -> tuple[int, int]:
    """(people of the unit who want no nudges, people of the unit who said how they want it)."""
    answers = session.scalars(
        select(Employee.nudges_wanted).where(
            Employee.unit_id == unit_id, Employee.state == EmployeeState.ACTIVE, Employee.nudges_wanted.is_not(None)
        )
    ).all()
    return sum(answer is False for answer in answers), len(answers)


def plan_unit_again(session: Session, unit_id: int) -> None:
    """Have the planner plan for the people of the unit again."""
    session.execute(update(Employee).where(Employee.unit_id == unit_id).values(planned_at=None))


def get_or_create_by_email(session: Session, email: str, now: datetime) -> Employee:
    """The person with that email address; created if missing, for the directory to match later."""
    row = by_email(session, email)
    if row is None:
        row = newcomer(session, now, email=email, name=email.partition("@")[0])
    return row


def newcomer(session: Session, now: datetime, **known: str) -> Employee:
    """Insert a person of whom only `known` (`name`, `email`) is known."""
    row = Employee(joined_at=now, roles=["employee"], topics_declined=[], topics_wanted=[], tour_step=0, **known)
    session.add(row)
    session.flush()
    return row


# Built once: at every turn, making the statement would cost more than running it.
_IDENTITY = select(Identity).where(
    Identity.workspace_id == bindparam("workspace_id"), Identity.user == bindparam("user")
)
_SOME = select(Employee).where(among(Employee.id, IDS))
_SPEAKERS = (  # both are looked for in one index
    select(Identity)
    .where(
        among(Identity.workspace_id, bindparam("workspaces", type_=Names())),
        among(Identity.user, bindparam("users", type_=Names())),
    )
    .options(joinedload(Identity.workspace, innerjoin=True).load_only(Workspace.state))
)
_LAST_PLACES = (  # of each the last one comes last
    select(Identity.employee_id, Identity.workspace_id, Identity.address)
    .join(Workspace, Workspace.id == Identity.workspace_id)
    .where(among(Identity.employee_id, IDS), Identity.state == IdentityState.ACTIVE, Identity.address.is_not(None))
    .where(Workspace.state == WorkspaceState.INSTALLED)
    .order_by(Identity.last_used_at, Identity.id.desc())
)


def identity(session: Session, workspace_id: str, user: str) -> Identity | None:
    return session.scalar(_IDENTITY, {"workspace_id": workspace_id, "user": user})


def speakers(session: Session, who: Collection[tuple[str, str]]) -> dict[tuple[str, str], Identity]:
    """The identities of these (workspace, user) with their employees and workspaces, in one query; perhaps some more,
    of users who go by the same id in another of the workspaces."""
    asked = {"workspaces": sorted({workspace for workspace, _ in who}), "users": sorted({user for _, user in who})}
    found = session.scalars(_SPEAKERS, asked)
    return {(identity.workspace_id, identity.user): identity for identity in found}


def reachable(session: Session, employee_id: int) -> Identity | None:
    """Where to reach the person: their identity used last, of those with a known address."""
    return session.scalar(
        select(Identity)
        .where(
            Identity.employee_id == employee_id, Identity.state == IdentityState.ACTIVE, Identity.address.is_not(None)
        )
        .order_by(Identity.last_used_at.desc(), Identity.id)
        .limit(1)
    )


def last_places(session: Session, employee_ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    """(workspace, address) where each of them was reached last, of the workspaces that have the bot."""
    rows = session.connection().execute(_LAST_PLACES, {"ids": employee_ids})
    return {employee_id: (workspace, address) for employee_id, workspace, address in rows if address is not None}


def has_other_roles() -> ColumnElement[bool]:
    """Whether the employee is anything but an employee, which few are."""
    return cast(Employee.roles, String) != NO_OTHER


def names_role(role: str) -> ColumnElement[bool]:
    """Whether that very role is among the employee's."""
    named = cast(Employee.roles, String).contains(f'"{role}"', autoescape=True)
    return named if role == "employee" else has_other_roles() & named


def active(session: Session) -> Iterable[Employee]:
    return session.scalars(
        select(Employee).where(Employee.state == EmployeeState.ACTIVE).order_by(Employee.id)
    ).unique()


def names(session: Session) -> list[str]:
    """Of everybody, also of those who have left."""
    return list(session.scalars(select(Employee.name)))


def is_reachable() -> ColumnElement[bool]:
    """Whether there is an address at which to speak with the employee alone."""
    return Employee.identities.any((Identity.state == IdentityState.ACTIVE) & Identity.address.is_not(None))


def with_role(session: Session, role: str) -> list[Employee]:
    """Active people with that very role, by id."""
    found = select(Employee).where(Employee.state == EmployeeState.ACTIVE, names_role(role)).order_by(Employee.id)
    return [person for person in session.scalars(found).unique() if role in person.roles]


def not_seen_since(session: Session, workspace_id: str, moment: datetime) -> list[Identity]:
    """Active identities that a directory sync begun at `moment` did not meet, nor anybody else since."""
    return list(
        session.scalars(
            select(Identity).where(
                Identity.workspace_id == workspace_id,
                Identity.state == IdentityState.ACTIVE,
                (Identity.seen_at < moment) | Identity.seen_at.is_(None),
                Identity.last_used_at < moment,
            )
        ).unique()
    )


def number_active_in(session: Session, workspace_id: str) -> int:
    here = select(func.count()).where(Identity.workspace_id == workspace_id, Identity.state == IdentityState.ACTIVE)
    return session.scalar(here) or 0


def page(session: Session, *, after_id: int, limit: int) -> list[tuple[Employee, str | None]]:
    """People with their unit's name by id."""
    query = select(Employee, Unit.name).outerjoin(Unit, Unit.id == Employee.unit_id).where(Employee.id > after_id)
    rows = session.execute(query.order_by(Employee.id).limit(limit)).unique()
    return [(person, unit) for person, unit in rows]


def of_unit(session: Session, unit_id: int, limit: int) -> list[Employee]:
    """Active people of the unit, by name."""
    query = select(Employee.name, Employee.id).where(
        Employee.unit_id == unit_id, Employee.state == EmployeeState.ACTIVE
    )
    first = sorted((name, number) for name, number in session.execute(query))[:limit]
    found = some(session, [number for _name, number in first])
    return [found[number] for _name, number in first]


def size_of(session: Session, unit_id: int) -> int:
    """How many active people the unit has."""
    people = select(func.count()).select_from(Employee)
    return session.scalar(people.where(Employee.unit_id == unit_id, Employee.state == EmployeeState.ACTIVE)) or 0


def count(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Employee).where(Employee.state == EmployeeState.ACTIVE)) or 0


def park(session: Session, workspace_id: str, address: str, reason: str) -> None:
    """Stop sending to that address: the platform says nobody is there."""
    session.execute(
        update(Identity)
        .where(Identity.workspace_id == workspace_id, Identity.address == address)
        .values(state=IdentityState.PARKED, parked_reason=reason)
    )
