"""Looking people up: every one of them once, by name, however many share it."""

from __future__ import annotations

import pytest

from storage.database import Database
from storage.people import directory
from storage.people.directory import PeopleQuery
from storage.people.employees import Employee
from tests.stage import Stage

NAMES = ["Zoë", "aino", "Aino", "", "'; drop table employees;--", "O'Brien", "م", "Aino", "%", "🙂"]


@pytest.fixture
def hired(database: Database) -> Database:
    with Stage(database) as stage:
        for number, name in enumerate(NAMES):
            person = stage.hires(f"person{number}")
            with database.transaction() as session:
                session.get_one(Employee, person).name = name
    return database


def test_each_is_on_one_page(hired: Database) -> None:
    seen: list[Employee] = []
    with hired.transaction() as session:
        while rows := directory.page(session, PeopleQuery(), after_id=seen[-1].id if seen else 0, limit=3):
            seen += rows
        assert sorted(row.name or "" for row in seen) == sorted(NAMES)
        assert [row.name for row in seen if (row.name or "").lower() == "aino"] == ["aino", "Aino", "Aino"]
        found = [row.name for row in directory.page(session, PeopleQuery(words="%"), after_id=0, limit=9)]
        assert found == ["%"]


def test_after_somebody_who_is_gone_it_begins_anew(hired: Database) -> None:
    with hired.transaction() as session:
        first = directory.page(session, PeopleQuery(), after_id=0, limit=2)
        assert directory.page(session, PeopleQuery(), after_id=10**6, limit=2) == first
