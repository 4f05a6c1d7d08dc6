"""Who holds an office: a role, a channel, a topic. An office never follows an address to another workspace."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String, cast, or_, select
from sqlalchemy.orm import Session

from storage.people.employees import Employee, Identity, newcomer
from storage.questions import topics
from storage.questions.topics import Topic
from storage.sharing.social_channels import SocialChannel

NONE = '["employee"]'  # what the roles are of who holds none


def holds_office(session: Session, person: Employee) -> bool:
    return bool(set(person.roles) - {"employee"}) or bool(topics.of_person(session, person.id))


def keep_to_home(session: Session, person: Employee, *, now: datetime) -> list[str]:
    """Where the person holds an office, make people of their own of the identities that only share the person's
    address; the workspaces of these. An administrator joins those that are the same person."""
    joined = [identity for identity in person.identities if identity.joined_by_address]
    if not joined or not holds_office(session, person):
        return []
    for identity in joined:
        identity.joined_by_address = False
        identity.employee = newcomer(session, now, name=person.name)
    session.flush()
    session.refresh(person)
    return [identity.workspace_id for identity in joined]


def keep_all_to_home(session: Session, *, now: datetime) -> None:
    """`keep_to_home` for everybody who holds an office."""
    holders = or_(
        cast(Employee.roles, String) != NONE,
        Employee.id.in_(select(SocialChannel.owner_id).where(SocialChannel.owner_id.is_not(None))),
        Employee.id.in_(select(Topic.holder_id).where(Topic.holder_id.is_not(None))),
        Employee.id.in_(select(Topic.deputy_id).where(Topic.deputy_id.is_not(None))),
    )
    joined = select(Identity.employee_id).where(Identity.joined_by_address.is_(True))
    for person in session.scalars(select(Employee).where(Employee.id.in_(joined), holders)).unique().all():
        keep_to_home(session, person, now=now)
