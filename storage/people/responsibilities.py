"""Who is responsible for something: has a role, a channel or a topic. An email address alone never carries that to
another workspace."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from storage.people.employees import Employee, Identity, has_other_roles, newcomer
from storage.questions import topics
from storage.questions.topics import Topic
from storage.sharing.social_channels import SocialChannel


def mandate_of(session: Session, person: Employee) -> list[str]:
    """All that the person answers for: roles, and topics as owner or deputy."""
    return [*person.roles, *(f"topic {row.id}" for row in topics.of_person(session, person.id))]


def is_within(mandate: Collection[str], known: Collection[str]) -> bool:
    """Whether nothing of it has come since `known`."""
    return set(mandate) <= set(known)


def has_responsibility(session: Session, person: Employee) -> bool:
    return bool(set(person.roles) - {"employee"}) or bool(topics.of_person(session, person.id))


def split_off_joined_identities(session: Session, person: Employee, *, now: datetime) -> list[str]:
    """Where the person is responsible for something, make people of their own of the identities that were joined to
    them by email address alone. Returns the workspaces of these. An administrator joins those that are the same person
    (`chorus people join`)."""
    joined = [identity for identity in person.identities if identity.joined_by_email]
    if not joined or not has_responsibility(session, person):
        return []
    for identity in joined:
        identity.joined_by_email = False
        identity.employee = newcomer(session, now, name=person.name)
    session.flush()
    session.refresh(person)
    return [identity.workspace_id for identity in joined]


def split_off_all_joined_identities(session: Session, *, now: datetime) -> None:
    """`split_off_joined_identities` for everybody who is responsible for something."""
    holders = or_(
        has_other_roles(),
        Employee.id.in_(select(SocialChannel.owner_id).where(SocialChannel.owner_id.is_not(None))),
        Employee.id.in_(select(Topic.holder_id).where(Topic.holder_id.is_not(None))),
        Employee.id.in_(select(Topic.deputy_id).where(Topic.deputy_id.is_not(None))),
    )
    joined = select(Identity.employee_id).where(Identity.joined_by_email.is_(True))
    for person in session.scalars(select(Employee).where(Employee.id.in_(joined), holders)).unique().all():
        split_off_joined_identities(session, person, now=now)
