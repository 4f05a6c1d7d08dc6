"""People as they are looked for, by name, a page at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, insert, or_, select, tuple_
from sqlalchemy.orm import Session

from storage.people import organisation
from storage.people.employees import Employee, EmployeeState, names_role


@dataclass(frozen=True, slots=True)
class PeopleQuery:
    """`unit` by id; "" and 0 limit nothing."""

    words: str = ""
    unit: int = 0
    role: str = ""
    language: str = ""
    state: str = ""


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """What a file is held against; `unit` by name, `country` their own."""

    id: int
    name: str
    email: str
    unit: str
    language: str
    language_chosen: bool
    country: str
    roles: tuple[str, ...]
    is_active: bool
    is_closed: bool


def everybody(session: Session) -> Iterator[KnownPerson]:
    """All with an address, also those who have left."""
    units = {unit.id: unit.name for unit in organisation.units(session)}
    query = select(
        *(Employee.id, Employee.name, Employee.email, Employee.unit_id, Employee.language, Employee.language_chosen),
        *(Employee.own_country, Employee.roles, Employee.state, Employee.closed_by_directory),
    ).where(Employee.email.is_not(None))
    for number, name, email, unit, language, is_chosen, country, roles, state, is_closed in session.execute(query):
        yield KnownPerson(
            *(number, name, email or "", units[unit] if unit else "", language, is_chosen, country or ""),
            *(tuple(roles), state == EmployeeState.ACTIVE, is_closed),
        )


def insert_all(session: Session, people: Sequence[Employee]) -> None:
    """New people, of whom no row is needed now: a statement for each, prepared once, is many times as fast as the long
    ones by which the session asks for their ids."""
    rows = [
        {
            "name": person.name,
            "email": person.email,
            "language": person.language or "en",
            "own_country": person.own_country,
            "unit_id": person.unit.id if person.unit is not None else None,
            "roles": person.roles,
            "topics_declined": [],
            "topics_wanted": [],
            "joined_at": person.joined_at,
        }
        for person in people
    ]
    if rows:
        session.execute(insert(Employee), rows)


def page(session: Session, asked: PeopleQuery, *, after_id: int, limit: int) -> list[Employee]:
    """Those after `after_id`, who is the last of the page before; from the beginning if there is no such person."""
    found = _narrowed(select(Employee), asked)
    name = func.lower(func.coalesce(func.nullif(Employee.name, ""), Employee.email, ""))
    last = session.scalar(select(name).where(Employee.id == after_id))
    if last is not None:
        found = found.where(tuple_(name, Employee.id) > (last, after_id))
    return list(session.scalars(found.order_by(name, Employee.id).limit(limit)).unique())


def number(session: Session, asked: PeopleQuery) -> int:
    return session.scalar(_narrowed(select(func.count()).select_from(Employee), asked)) or 0


def _narrowed(query: Select[Any], asked: PeopleQuery) -> Select[Any]:
    is_erased = (Employee.state == EmployeeState.LEFT) & (Employee.name == "") & Employee.email.is_(None)
    query = query.where(~is_erased)
    if said := asked.words.strip().lower():
        by_name = func.lower(Employee.name).contains(said, autoescape=True)
        query = query.where(or_(by_name, Employee.email.startswith(said, autoescape=True)))
    if asked.unit:
        query = query.where(Employee.unit_id == asked.unit)
    if asked.role:
        query = query.where(names_role(asked.role))
    if asked.language:
        query = query.where(Employee.language == asked.language)
    if asked.state:
        query = query.where(Employee.state == EmployeeState(asked.state))
    return query
