"""People as they are looked for, by name, a page at a time."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, insert, or_, select, tuple_
from sqlalchemy.orm import Session

from storage.people import organisation
from storage.people.employees import Employee, EmployeeState, names_role, some
from storage.secrets import seals_people


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
    if seals_people():
        return _page_of_sealed(session, asked, after_id, limit)
    found = _by_words(_narrowed(select(Employee), asked), asked)
    name = func.lower(func.coalesce(func.nullif(Employee.name, ""), Employee.email, ""))
    last = session.scalar(select(name).where(Employee.id == after_id))
    if last is not None:
        found = found.where(tuple_(name, Employee.id) > (last, after_id))
    return list(session.scalars(found.order_by(name, Employee.id).limit(limit)).unique())


def number(session: Session, asked: PeopleQuery) -> int:
    if asked.words.strip() and seals_people():
        return len(_opened(session, asked))
    query = _by_words(_narrowed(select(func.count()).select_from(Employee), asked), asked)
    return session.scalar(query) or 0


def _page_of_sealed(session: Session, asked: PeopleQuery, after_id: int, limit: int) -> list[Employee]:
    found = _opened(session, asked)
    last = session.get(Employee, after_id)
    start = bisect_right(found, (_order_of(last.name, last.email), after_id)) if last is not None else 0
    ids = [number for _name, number in found[start : start + limit]]
    people = some(session, ids)
    return [people[number] for number in ids]


def _opened(session: Session, asked: PeopleQuery) -> list[tuple[str, int]]:
    """(what they are ordered by, id) of all who are asked for, in order. What is sealed no database can search."""
    said = asked.words.strip().lower()
    columns: Any = select(Employee.id, Employee.name, Employee.email)
    rows = session.execute(_narrowed(columns, asked))
    return sorted(
        (_order_of(name, email), number)
        for number, name, email in rows
        if said in name.lower() or (email or "").startswith(said)
    )


def _order_of(name: str, email: str | None) -> str:
    return (name or email or "").lower()


def _by_words(query: Select[Any], asked: PeopleQuery) -> Select[Any]:
    if not (said := asked.words.strip().lower()):
        return query
    by_name = func.lower(Employee.name).contains(said, autoescape=True)
    return query.where(or_(by_name, Employee.email.startswith(said, autoescape=True)))


def _narrowed(query: Select[Any], asked: PeopleQuery) -> Select[Any]:
    is_erased = (Employee.state == EmployeeState.LEFT) & (Employee.name == "") & Employee.email.is_(None)
    query = query.where(~is_erased)
    if asked.unit:
        query = query.where(Employee.unit_id == asked.unit)
    if asked.role:
        query = query.where(names_role(asked.role))
    if asked.language:
        query = query.where(Employee.language == asked.language)
    if asked.state:
        query = query.where(Employee.state == EmployeeState(asked.state))
    return query
