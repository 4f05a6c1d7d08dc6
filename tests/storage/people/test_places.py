"""Whose holidays somebody has: what was said of the person, else of their unit, else of their time zone."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from storage.database import Database
from storage.people import employees, organisation
from storage.people.employees import Employee

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
PEOPLE = {  # own word, unit: whose holidays
    ("SE", "Munich"): "SE",
    (None, "Munich"): "DE-BY",
    (None, "Munich, assembly"): "DE-BY",
    (None, "Helsinki"): None,
    (None, None): None,
}


@pytest.fixture
def known(database: Database) -> Database:
    with database.transaction() as session:
        munich = organisation.unit(session, "Munich")
        organisation.unit(session, "Munich, assembly").parent = munich
        organisation.unit(session, "Helsinki")
        session.flush()
        for own, unit in PEOPLE:
            person = employees.newcomer(session, NOW, name=f"{own} {unit}")
            person.own_country = own
            person.unit = organisation.unit(session, unit) if unit else None
    return database


def test_a_unit_has_holidays_and_those_below_it_too(known: Database) -> None:
    with known.transaction() as session:
        concerned = organisation.set_country(session, organisation.unit(session, "Munich"), "DE-BY")
        assert [unit.name for unit in concerned] == ["Munich", "Munich, assembly"]
    with known.transaction() as session:
        by_rows = {person.name: person.country for person in employees.active(session)}
        by_query = dict(session.execute(select(Employee.name, Employee.country)).all())
    assert by_rows == by_query == {f"{own} {unit}": country for (own, unit), country in PEOPLE.items()}


def test_what_was_said_of_a_unit_is_taken_back(known: Database) -> None:
    with known.transaction() as session:
        munich = organisation.unit(session, "Munich")
        organisation.set_country(session, munich, "DE-BY")
        organisation.set_country(session, munich, None)
    with known.transaction() as session:
        assert {person.country for person in employees.active(session)} == {"SE", None}
