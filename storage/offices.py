"""Who holds an office: a role, a channel, a topic. An office never follows an address to another workspace."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from storage import topics
from storage.employees import Employee


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
        identity.employee = Employee(
            name=person.name, joined_at=now, roles=["employee"], topics_declined=[], topics_wanted=[], tour_step=0
        )
    session.flush()
    session.refresh(person)
    return [identity.workspace_id for identity in joined]
