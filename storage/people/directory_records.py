"""What the organisation's directory says by SCIM (RFC 7643): its users and groups as it wrote them, and which person a
user is. Only what Chorus uses is kept of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, UniqueConstraint, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.base import Base, OneOf, PersonalJson, PersonalText, PlainText, Utc, batched, is_value

AT_ONCE = 500  # values in one query


class RecordKind(StrEnum):
    USER = "User"
    GROUP = "Group"


class DirectoryRecord(Base):
    """A user or a group. `name`: a user's userName in lower case, a group's own id; `granted`: the roles that the
    person has by their groups, and would not have without them."""

    __tablename__ = "directory_records"
    __table_args__ = (UniqueConstraint("kind", "name"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[RecordKind] = mapped_column(OneOf(RecordKind))
    name: Mapped[str] = mapped_column(PersonalText("directory_records.name", is_found=True))
    external_id: Mapped[str | None] = mapped_column(PlainText, index=True)
    # Without id, meta and members.
    resource: Mapped[dict[str, Any]] = mapped_column(PersonalJson("directory_records.resource"))
    employee_id: Mapped[int | None] = mapped_column(ForeignKey("employees.id"), index=True)
    granted: Mapped[list[str]] = mapped_column(JSON, default=list)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(Utc)
    changed_at: Mapped[datetime] = mapped_column(Utc)


class DirectoryMember(Base):
    """Which user, or group, is in which group."""

    __tablename__ = "directory_members"

    group_id: Mapped[str] = mapped_column(ForeignKey("directory_records.id"), primary_key=True)
    member_id: Mapped[str] = mapped_column(ForeignKey("directory_records.id"), primary_key=True, index=True)


def record(session: Session, kind: RecordKind, record_id: str) -> DirectoryRecord | None:
    found = session.get(DirectoryRecord, record_id)
    return found if found is not None and found.kind == kind else None


def named(session: Session, kind: RecordKind, name: str) -> DirectoryRecord | None:
    return session.scalar(
        select(DirectoryRecord).where(DirectoryRecord.kind == kind, is_value(DirectoryRecord.name, name))
    )


def of_person(session: Session, employee_id: int) -> list[DirectoryRecord]:
    return list(session.scalars(select(DirectoryRecord).where(DirectoryRecord.employee_id == employee_id)))


def count(session: Session, kinds: Collection[RecordKind]) -> int:
    query = select(func.count()).select_from(DirectoryRecord).where(DirectoryRecord.kind.in_(list(kinds)))
    return session.scalar(query) or 0


def some(
    session: Session,
    kinds: Collection[RecordKind],
    *,
    start: int = 0,
    limit: int | None = None,
    equal: Mapping[str, str] | None = None,
) -> list[DirectoryRecord]:
    """By id, from the one with the number `start` on. `equal`: what columns hold."""
    query = select(DirectoryRecord).where(DirectoryRecord.kind.in_(list(kinds)))
    for column, value in (equal or {}).items():
        query = query.where(is_value(getattr(DirectoryRecord, column), value))
    return list(session.scalars(query.order_by(DirectoryRecord.id).offset(start).limit(limit)))


def members(session: Session, group_ids: Sequence[str]) -> dict[str, list[DirectoryRecord]]:
    """By group, who is in it."""
    found: dict[str, list[DirectoryRecord]] = {group: [] for group in group_ids}
    query = select(DirectoryMember.group_id, DirectoryRecord).join(
        DirectoryRecord, DirectoryRecord.id == DirectoryMember.member_id
    )
    for ids in batched(list(group_ids), AT_ONCE):
        rows = session.execute(query.where(DirectoryMember.group_id.in_(ids)).order_by(DirectoryMember.member_id))
        for group, row in rows:
            found[group].append(row)
    return found


def groups_of(session: Session, member_id: str) -> list[DirectoryRecord]:
    """The groups that a user is in, also through groups in groups."""
    found: dict[str, DirectoryRecord] = {}
    looked_at = [member_id]
    while looked_at:
        query = (
            select(DirectoryRecord)
            .join(DirectoryMember, DirectoryMember.group_id == DirectoryRecord.id)
            .where(DirectoryMember.member_id.in_(looked_at))
        )
        new = {row.id: row for row in session.scalars(query) if row.id not in found}
        found |= new
        looked_at = list(new)
    return list(found.values())


def set_members(session: Session, group_id: str, wanted: Collection[str]) -> tuple[set[str], set[str]]:
    """Make these its members; who is not in the directory is left out. Returns (who came, who went)."""
    held = set(session.scalars(select(DirectoryMember.member_id).where(DirectoryMember.group_id == group_id)))
    known = set[str]()
    for ids in batched(sorted(set(wanted) - held), AT_ONCE):
        known |= set(session.scalars(select(DirectoryRecord.id).where(DirectoryRecord.id.in_(ids))))
    came, went = known - {group_id}, held - set(wanted)
    session.add_all(DirectoryMember(group_id=group_id, member_id=one) for one in sorted(came))
    for ids in batched(sorted(went), AT_ONCE):
        session.execute(
            delete(DirectoryMember).where(DirectoryMember.group_id == group_id, DirectoryMember.member_id.in_(ids))
        )
    session.flush()
    return came, went


def remove(session: Session, row: DirectoryRecord) -> None:
    session.execute(
        delete(DirectoryMember).where((DirectoryMember.group_id == row.id) | (DirectoryMember.member_id == row.id))
    )
    session.delete(row)
    session.flush()


def users_below(session: Session, record_ids: Collection[str]) -> list[DirectoryRecord]:
    """The users among these, and those in the groups among them, however deep."""
    found: dict[str, DirectoryRecord] = {}
    looked_at = set(record_ids)
    while looked_at:
        rows = [
            row
            for ids in batched(sorted(looked_at), AT_ONCE)
            for row in session.scalars(select(DirectoryRecord).where(DirectoryRecord.id.in_(ids)))
        ]
        found |= {row.id: row for row in rows}
        groups = [row.id for row in rows if row.kind == RecordKind.GROUP]
        looked_at = {one.id for inside in members(session, groups).values() for one in inside} - found.keys()
    return [row for row in found.values() if row.kind == RecordKind.USER]
