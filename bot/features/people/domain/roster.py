"""What a directory or a file says of a person, and what follows from it here: name, unit, roles, language, country.

A person's own choice of language stands. Roles that groups give are kept apart from those that an administrator gave:
a group that is left takes back only what it gave.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import available_timezones

import regex

from bot.core.cancellation import cancel_planned
from bot.core.i18n import closest
from storage.audit import watch
from storage.database import Session
from storage.people import directory_records, directory_rules, employees, organisation
from storage.people.employees import ROLES, Employee, Identity
from storage.people.organisation import Unit
from storage.web import sign_in

MOST_LEAVERS = 0.2  # of all who are known
_ZONES = available_timezones()
_UNSEEN = regex.compile(r"[\p{Cc}\p{Cf}\p{Zl}\p{Zp}--\u200d]", regex.V1)  # a joiner of emoji may stay


def are_too_many(leavers: int, known: int, *, few: int) -> bool:
    """Whether a list that leaves out so many of those who are `known` is more likely the wrong one, or half of one.
    `few`: that many may leave at any time."""
    return leavers > max(few, MOST_LEAVERS * known)


def plain(said: str) -> str:
    """A name on one line, without what moves a cursor, turns the writing round, or cannot be seen."""
    return " ".join(_UNSEEN.sub(" ", said).split())


@dataclass(frozen=True, slots=True)
class PersonSaid:
    """Empty says nothing. `email` in lower case."""

    email: str
    name: str = ""
    unit: tuple[str, ...] = ()  # the unit's path, from the top
    department: str = ""
    language: str = ""
    country: str = ""
    time_zone: str = ""


def follow(person: Employee, said: PersonSaid, unit: Unit | None) -> None:
    """Bring the person up to date. `unit`: what `unit_said` found."""
    person.name = said.name or person.name
    if said.time_zone in _ZONES:
        person.time_zone = said.time_zone
    if said.language and not person.language_chosen:
        person.language = closest(said.language)
    if said.country and person.own_country != said.country:
        person.own_country, person.planned_at = said.country, None
    if unit is not None:
        move(person, unit)


def move(person: Employee, unit: Unit) -> None:
    """Into that unit; the planner looks again at whoever comes from another."""
    if person.unit_id != unit.id:
        person.unit, person.planned_at = unit, None


def unit_said(session: Session, said: PersonSaid) -> Unit | None:
    """By the unit itself, a rule for the department, or a unit of the department's name. Raises UnitElsewhere."""
    if said.unit:
        return organisation.unit_of_path(session, said.unit)
    if not said.department:
        return None
    ruled = directory_rules.unit_of_department(session, said.department)
    return ruled if ruled is not None else organisation.unit(session, said.department)


def person_with(session: Session, email: str, *, now: datetime) -> Employee:
    """The person with that address, here or new."""
    found = employees.by_email(session, email)
    return found if found is not None else employees.newcomer(session, now, email=email)


def let_go(session: Session, person: Employee, now: datetime) -> None:
    """The directory says that they left: nothing is sent any more, their sessions end, and only it brings them back."""
    person.closed_by_directory = True
    leave(session, person, now)


def leave(session: Session, person: Employee, now: datetime) -> None:
    """They are no longer here, and nothing that was planned for them is sent."""
    if person.is_active:
        person.leave(now)
        cancel_planned(session, now, employee_id=person.id, reason="the person has left")


def join(session: Session, identity: Identity, person: Employee, now: datetime) -> None:
    """Whoever speaks as `identity` is `person` from now on. Who they were before leaves where nobody else is that."""
    before = identity.employee
    identity.employee, identity.joined_by_email = person, False
    session.flush()
    session.expire(before, ["identities"])
    if before is not person and not before.identities and not directory_records.of_person(session, before.id):
        leave(session, before, now)


def take_back(person: Employee) -> None:
    """The directory says that they are here."""
    person.closed_by_directory = False
    person.come_back()


def grant(person: Employee, granted_before: Iterable[str], wanted: Collection[str]) -> list[str]:
    """Give the person these roles by their groups, and take back what groups gave before. Returns what is given now:
    not what they have without any group."""
    before = set(granted_before)
    given = {role for role in wanted if role in ROLES and (role in before or role not in person.roles)}
    roles = (set(person.roles) - before) | given | {"employee"}
    if roles != set(person.roles):
        person.roles = sorted(roles, key=ROLES.index)
    return sorted(given)


def given_by_hand(session: Session, person: Employee) -> None:
    """The roles that they have now are an administrator's word: no group takes them."""
    for row in directory_records.of_person(session, person.id):
        row.granted = []
    for account in sign_in.accounts_of(session, person.id):
        account.granted = []


def note_look(session: Session, person: Employee) -> None:
    """In the audit log: somebody looks at what is kept of a person."""
    names = {"name": person.name, "email": person.email}  # sealed with their key, which goes with them
    watch.note(session, "looked at a person", about=f"employees {person.id}", person=person.id, personal=names)
