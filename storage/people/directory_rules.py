"""What departments and groups of the directory mean here: which unit a department is, which role or unit a group
gives."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from sqlalchemy import ForeignKey, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from storage.base import Base, OneOf, PlainText
from storage.people.organisation import Unit, tidied


class RuleKind(StrEnum):
    DEPARTMENT = "department"
    GROUP = "group"


class DirectoryRule(Base):
    """`name`: of the department or group, or a group's id at the directory; in lower case."""

    __tablename__ = "directory_rules"
    __table_args__ = (UniqueConstraint("kind", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[RuleKind] = mapped_column(OneOf(RuleKind))
    name: Mapped[str] = mapped_column(PlainText)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))
    role: Mapped[str | None]

    unit: Mapped[Unit | None] = relationship(lazy="joined")


def rules(session: Session) -> list[DirectoryRule]:
    return list(session.scalars(select(DirectoryRule).order_by(DirectoryRule.kind, DirectoryRule.name)))


def rule(session: Session, kind: RuleKind, name: str) -> DirectoryRule | None:
    """In whatever letters it is written. There are few."""
    return next((row for row in rules(session) if row.kind == kind and key_of(row.name) == key_of(name)), None)


def set_rule(
    session: Session, kind: RuleKind, name: str, *, unit: Unit | None = None, role: str | None = None
) -> tuple[str | None, str | None] | None:
    """One rule a name: a new one takes the place of the one before, of which (role, the unit's name) are returned."""
    row = rule(session, kind, name)
    before = (row.role, row.unit.name if row.unit else None) if row is not None else None
    if row is None:
        row = DirectoryRule(kind=kind, name=tidied(name))
        session.add(row)
    row.unit, row.role = unit, role
    session.flush()
    return before


def for_groups(session: Session, names: Iterable[str]) -> list[DirectoryRule]:
    """Those of any of these groups, by name or id."""
    wanted = {key_of(name) for name in names}
    return [row for row in rules(session) if row.kind == RuleKind.GROUP and key_of(row.name) in wanted]


def departments(session: Session) -> dict[str, Unit | None]:
    """By the department's `key_of`, the unit that its rule names."""
    return {key_of(row.name): row.unit for row in rules(session) if row.kind == RuleKind.DEPARTMENT}


def unit_of_department(session: Session, department: str) -> Unit | None:
    """The unit that a rule names; None where there is no rule for it."""
    return departments(session).get(key_of(department))


def key_of(name: str) -> str:
    """What two ways to write a name have in common."""
    return tidied(name).lower()
