"""Who answers for a topic, and by when: the owner, else the deputy, else a comms lead, in their working hours."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from bot.core.rules import Rules
from bot.core.working_time import after_working_hours
from storage.database import Session
from storage.people import employees
from storage.people.employees import Employee
from storage.questions.topics import Topic

REMINDED_AT = 0.75  # of the time
NOBODY = timedelta(hours=1)  # after which somebody is looked for again, where there is nobody


def responsible(session: Session, topic: Topic | None, now: datetime, *, but: Collection[int] = ()) -> Employee | None:
    """The first who is there, can be written to and is not among `but`: owner, deputy, a lead. Where no lead is that,
    one of them all the same, those present before those away; None where there is nobody."""
    people = [topic.owner, topic.deputy] if topic is not None and topic.is_active else []
    for person in people:
        if person is not None and person.id not in but and person.is_present(now) and _can_be_reached(session, person):
            return person
    leads = [lead for lead in employees.with_role(session, "lead") if lead.id not in but]
    return _who_can_be_asked(session, leads, now) or next(iter(leads), None)


def _who_can_be_asked(session: Session, leads: Sequence[Employee], now: datetime) -> Employee | None:
    """Who is there, of those one who can be written to if there is one."""
    present = [lead for lead in leads if lead.is_present(now)]
    return next((lead for lead in present if _can_be_reached(session, lead)), next(iter(present), None))


def _can_be_reached(session: Session, person: Employee) -> bool:
    """Somebody whom no workspace knows, as before a directory was read, is asked all the same."""
    return not person.identities or employees.reachable(session, person.id) is not None


def instead_of(
    session: Session, topic: Topic | None, before: Employee | None, now: datetime, *, but: Collection[int] = ()
) -> Employee | None:
    """Who takes it over from `before`: somebody who is there, or anybody where `before` has left; nobody among `but`.
    None where nobody is better than who has it."""
    found = responsible(session, topic, now, but=[*but, before.id] if before is not None else but)
    is_there = before is not None and before.is_active
    return None if found is None or (is_there and not found.is_present(now)) else found


def others(session: Session, topic: Topic | None, owner_id: int | None, now: datetime) -> list[Employee]:
    """Who hears of what is overdue: the deputy and a lead who is there, but not the owner."""
    found = [topic.deputy] if topic else []
    found += [_who_can_be_asked(session, employees.with_role(session, "lead"), now)]
    people = {person.id: person for person in found if person is not None and person.is_active}
    people.pop(owner_id or 0, None)
    return list(people.values())


def due(now: datetime, hours: float, owner: Employee | None, rules: Rules) -> tuple[datetime, datetime]:
    """(when to remind, when it is due), in the owner's working hours."""
    zone, country = (owner.time_zone, owner.country) if owner else ("UTC", None)

    def after(share: float) -> datetime:
        return after_working_hours(now, hours * share, time_zone=zone, country=country, office=rules.office)

    return after(REMINDED_AT), after(1.0)
