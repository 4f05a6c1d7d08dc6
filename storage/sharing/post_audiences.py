"""Whom a post is for: people of some units and all below them, with some role, who care about some topic. What is empty
limits nothing."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from typing import Protocol

from sqlalchemy import String, case, cast, func, or_, select
from sqlalchemy.orm import Session

from storage.people.employees import Employee, EmployeeState, names_role
from storage.people.organisation import IN, Unit, lineages


class Audience(Protocol):
    """As a post holds it; `units` are their ids."""

    @property
    def units(self) -> Collection[int]: ...
    @property
    def roles(self) -> Collection[str]: ...
    @property
    def interests(self) -> Collection[str]: ...


def includes(audience: Audience, *, units: Collection[int], roles: Iterable[str], interests: Iterable[str]) -> bool:
    """Whether somebody is meant: `units` are their own unit and all above it."""
    return (
        (not audience.units or not set(audience.units).isdisjoint(units))
        and (not audience.roles or not set(audience.roles).isdisjoint(roles))
        and (not audience.interests or not set(audience.interests).isdisjoint(interests))
    )


def is_for(audience: Audience, person: Employee) -> bool:
    line = person.unit.line if audience.units and person.unit else frozenset()
    return includes(audience, units=line, roles=person.roles, interests=person.topics_wanted)


def number_of(session: Session, audience: Audience, languages: Collection[str]) -> tuple[int, int, int]:
    """(people who are meant and have one of the languages, of them those whose unit is not in, all people), whether or
    not they want nudges: that is theirs to know."""
    is_active, outside = Employee.state == EmployeeState.ACTIVE, func.count(case((Unit.phase.not_in(IN), 1)))
    everybody = select(func.count()).select_from(Employee).where(is_active)
    meant = select(func.count(), outside).select_from(Employee).outerjoin(Unit, Unit.id == Employee.unit_id)
    meant = meant.where(is_active, Employee.language.in_(languages))
    if audience.units:
        meant = meant.where(Employee.unit_id.in_(_below(lineages(session), audience.units)))
    if audience.roles:
        meant = meant.where(or_(*(names_role(role) for role in audience.roles)))
    if audience.interests:
        held = cast(Employee.topics_wanted, String)
        meant = meant.where(or_(*(held.contains(json.dumps(topic), autoescape=True) for topic in audience.interests)))
    number, number_outside = session.execute(meant).one()
    return number, number_outside, session.scalar(everybody) or 0


def _below(above: Mapping[int, frozenset[int]], units: Collection[int]) -> list[int]:
    """These units and all below them."""
    return [unit for unit, line in above.items() if not line.isdisjoint(units)]
