"""Names and addresses sealed in the database: a stranger with the database and every file beside it reads none, and
nobody who works with Chorus sees a difference."""

from __future__ import annotations

import base64
import os
from datetime import UTC, datetime

import pytest
from sqlalchemy import String, cast, select, text, type_coerce
from sqlalchemy.exc import IntegrityError

from bot.core.i18n import Words
from bot.features.people.domain import people_file
from content import table_file
from storage import reseal
from storage.base import Base, PersonalJson, PersonalText
from storage.database import Database
from storage.people import directory, directory_records, employees
from storage.people.directory import PeopleQuery
from storage.people.directory_records import DirectoryRecord, RecordKind
from storage.people.employees import Employee
from storage.privacy import erasure
from storage.privacy.export import everything_of
from storage.publishing import accounts
from storage.secrets import MARK, KeyRingError, load_keys, new_key, refresh_keys
from tests.byte_search import checkpoint, folder_of, found
from tests.keys import KEY
from tests.storage.filler import made_rows, unchecked

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
NAME, EMAIL = "Kanerva Äyräpää", "kanerva-canary@koivu.example"
OF_FILE, ADDRESS_OF_FILE = "Kaisla Äijälä", "kaisla-canary@koivu.example"  # that no other test stores open
EN = Words("en")


@pytest.fixture(autouse=True)
def sealing() -> None:
    load_keys([KEY], seals_people=True)


@pytest.fixture
def everywhere(database: Database) -> Database:
    """A row in each table that names somebody, with a canary in each such column."""
    for table in {column.table for column in personal()}:
        row = next(iter(made_rows(table, 1, {})))
        for column in personal():
            if column.table is table:
                row[column.name] = {"said": canary(column)} if isinstance(column.type, PersonalJson) else canary(column)
        with unchecked(database) as connection:
            connection.execute(table.insert().values(row))
    return database


def personal() -> list[object]:
    return [column for column in reseal.columns() if isinstance(column.type, (PersonalText, PersonalJson))]


def canary(column: object) -> str:
    """Of this test alone: what others stored open stands in PostgreSQL's log of writes for a while."""
    return f"CÄNARY-{os.environ['PYTEST_CURRENT_TEST'].partition(' ')[0][-40:]}-{column}"


def values(database: Database) -> list[object]:
    with database.transaction() as session:
        return [session.scalar(select(column)) for column in personal()]


def stored(database: Database) -> list[str]:
    with database.transaction() as session:
        return [session.scalar(select(cast(column, String))) or "" for column in personal()]


def expected() -> list[object]:
    return [
        {"said": canary(column)} if isinstance(column.type, PersonalJson) else canary(column) for column in personal()
    ]


def test_no_file_of_the_database_names_anybody(everywhere: Database) -> None:
    checkpoint(everywhere)
    assert len(personal()) >= 7
    sought = [canary(column).encode() for column in personal()]
    sought += [canary(column).encode("unicode_escape") for column in personal()]  # as JSON writes them
    assert found(folder_of(everywhere), sought) == []
    assert values(everywhere) == expected()


def test_the_search_would_find_what_is_not_sealed(everywhere: Database) -> None:
    load_keys([KEY])
    with everywhere.transaction() as session:
        session.add(Employee(name=NAME, email=EMAIL, joined_at=NOW))
    checkpoint(everywhere)
    assert {place for _file, place in found(folder_of(everywhere), [NAME.encode(), EMAIL.encode()])} == {0, 1}


def test_people_are_found_by_address_name_and_order(database: Database) -> None:
    with database.transaction() as session:
        for name in ("Öhman Åsa", "aalto aino", "Berg Bo", "Äyräpää Kanerva", ""):
            address = f"{name.split()[-1].lower()}@koivu.example" if name else "nameless@koivu.example"
            session.add(Employee(name=name, email=address, joined_at=NOW))
        session.add(Employee(name="", joined_at=NOW, state="left"))  # erased
    with database.transaction() as session:
        found_one = employees.by_email(session, "kanerva@koivu.example")
        assert found_one is not None
        assert found_one.name == "Äyräpää Kanerva"
        assert employees.by_email(session, "Kanerva@koivu.example") is None

        def names(after: int = 0, limit: int = 10, **asked: str) -> list[str]:
            return [
                one.name or one.email or ""
                for one in directory.page(session, PeopleQuery(**asked), after_id=after, limit=limit)
            ]

        everybody = ["aalto aino", "Berg Bo", "nameless@koivu.example", "Äyräpää Kanerva", "Öhman Åsa"]
        assert names() == everybody
        pages, after = list[str](), 0
        while some := directory.page(session, PeopleQuery(), after_id=after, limit=2):
            pages += [one.name or one.email or "" for one in some]
            after = some[-1].id
        assert pages == everybody
        assert names(words="ÄYRÄ") == ["Äyräpää Kanerva"]  # which a database that knows ASCII only would not find
        assert names(words="bo@") == ["Berg Bo"]
        assert directory.number(session, PeopleQuery(words="a")) == 3
        assert directory.number(session, PeopleQuery()) == 5


def test_an_address_is_anybodys_only_once(database: Database) -> None:
    def add() -> None:
        with database.transaction() as session:
            session.add(Employee(name=NAME, email=EMAIL, joined_at=NOW))

    add()
    with pytest.raises(IntegrityError):
        add()


def test_two_of_one_name_look_different_and_nothing_can_be_moved(database: Database) -> None:
    with database.transaction() as session:
        for number in range(2):
            session.add(Employee(name=NAME, email=f"{number}@koivu.example", joined_at=NOW))
    with database.transaction() as session:
        rows = session.scalars(select(type_coerce(Employee.name, String))).all()
        assert len(set(rows)) == 2
        assert all(row.startswith(MARK) for row in rows)
        session.execute(text("UPDATE employees SET name = email"))  # by whoever can write to the database
    with pytest.raises(KeyRingError), database.transaction() as session:
        session.scalars(select(Employee.name)).all()


@pytest.mark.parametrize(
    "damage", ["", "0:", "16:", "x:AAAA", "16:AAAA", "0:!!!!", "0:" + base64.b64encode(b"x" * 40).decode()]
)
def test_what_is_damaged_opens_as_nothing(database: Database, damage: str) -> None:
    with database.transaction() as session:
        session.add(Employee(name="x", joined_at=NOW))
        session.flush()
        session.execute(text("UPDATE employees SET name = :name"), {"name": MARK + damage})
    with pytest.raises(KeyRingError), database.transaction() as session:
        session.scalars(select(Employee.name)).all()


@pytest.mark.parametrize("seals", [False, True])
def test_a_name_that_looks_sealed_is_only_a_name(database: Database, seals: bool) -> None:
    load_keys([KEY], seals_people=seals)
    trick = f"{MARK}0:AAAA"
    with database.transaction() as session:
        session.add(Employee(name=trick, email=trick, joined_at=NOW))
    with database.transaction() as session:
        one = employees.by_email(session, trick)
        assert one is not None
        assert (one.name, one.email) == (trick, trick)
    reseal.reseal_all(database)
    with database.transaction() as session:
        assert [one.name for one in session.scalars(select(Employee))] == [trick]


def test_it_can_be_set_and_taken_back_while_there_are_people(everywhere: Database) -> None:
    assert all(MARK in row for row in stored(everywhere))
    assert reseal.reseal_all(everywhere).names == 0

    load_keys([KEY])
    assert values(everywhere) == expected()
    with everywhere.transaction() as session:
        assert reseal.not_as_set(session) == sum(isinstance(column.type, PersonalText) for column in personal())
        name = canary(Employee.__table__.c.email)
        assert employees.by_email(session, name) is not None  # it is found before it is opened
    assert reseal.reseal_all(everywhere).names == len(personal())
    assert not any(MARK in row for row in stored(everywhere))
    assert values(everywhere) == expected()

    load_keys([KEY], seals_people=True)
    with everywhere.transaction() as session:
        assert employees.by_email(session, canary(Employee.__table__.c.email)) is not None  # and before it is sealed
    assert reseal.reseal_all(everywhere).names == len(personal())
    assert all(MARK in row for row in stored(everywhere))
    assert values(everywhere) == expected()
    with everywhere.transaction() as session:
        assert reseal.not_as_set(session) == 0


def test_what_was_plain_leaves_the_files_while_somebody_is_connected(sqlite: Database) -> None:
    load_keys([KEY])
    with sqlite.transaction() as session:
        session.add(Employee(name=NAME, email=EMAIL, joined_at=NOW))
    with sqlite.engine.connect() as idle:
        idle.execute(text("SELECT count(*) FROM employees"))
        idle.rollback()
        load_keys([KEY], seals_people=True)
        assert reseal.reseal_all(sqlite).names == 2
        assert found(folder_of(sqlite), [NAME.encode(), EMAIL.encode()]) == []


def test_a_key_that_is_dropped_opens_no_name(everywhere: Database) -> None:
    new = new_key()
    load_keys([new, KEY], seals_people=True)
    with everywhere.transaction() as session:
        assert employees.by_email(session, canary(Employee.__table__.c.email)) is not None
        assert directory_records.named(session, RecordKind.USER, canary(DirectoryRecord.__table__.c.name)) is not None
    assert reseal.reseal_all(everywhere).names == len(personal())
    assert reseal.reseal_all(everywhere).names == 0
    load_keys([new], seals_people=True)
    assert values(everywhere) == expected()
    load_keys([KEY], seals_people=True)
    with pytest.raises(KeyRingError):
        values(everywhere)


def test_rows_beyond_one_transaction_are_sealed_too(database: Database) -> None:
    number = 2 * reseal.AT_ONCE + 1
    load_keys([KEY])
    with database.transaction() as session:
        session.add_all(Employee(name=f"p{n}", email=f"p{n}@koivu.example", joined_at=NOW) for n in range(number))
    load_keys([KEY], seals_people=True)
    assert reseal.reseal_all(database).names == 2 * number
    with database.transaction() as session:
        assert all(row.startswith(MARK) for row in session.scalars(select(type_coerce(Employee.name, String))))
        assert len(set(session.scalars(select(Employee.email)))) == number


def test_a_new_key_is_taken_while_the_process_runs(database: Database) -> None:
    told = [[KEY]]
    load_keys([KEY], seals_people=True, ask=lambda: told[-1])
    assert not refresh_keys()
    new = new_key()
    with database.transaction() as session:
        session.add(Employee(name="before", joined_at=NOW))
    load_keys([new, KEY], seals_people=True)  # as another process that has it already
    with database.transaction() as session:
        session.add(Employee(name="after", joined_at=NOW))

    load_keys([KEY], seals_people=True, ask=lambda: told[-1])
    told.append([new, KEY])
    with database.transaction() as session:
        assert session.scalars(select(Employee.name).order_by(Employee.id)).all() == ["before", "after"]
    with database.transaction() as session:
        session.add(Employee(name="last", joined_at=NOW))
    load_keys([new], seals_people=True)
    with database.transaction() as session:
        assert session.scalar(select(Employee.name).where(Employee.id == 3)) == "last"


def test_who_comes_by_a_file_is_sealed_exported_and_erased(database: Database) -> None:
    rows = table_file.read(f"email;name\n{ADDRESS_OF_FILE};{OF_FILE}\n".encode())
    columns = people_file.columns_of(rows[0][1], EN)
    assert isinstance(columns, dict)
    for expected_new in (1, 0):  # and is known the second time
        with database.transaction() as session:
            difference = people_file.compare(session, rows[1:], columns, EN)
            people_file.carry_out(session, difference, now=NOW)
        assert len(difference.new) == expected_new
    assert found(folder_of(database), [OF_FILE.encode(), ADDRESS_OF_FILE.encode()]) == []
    with database.transaction() as session:
        person = employees.by_email(session, ADDRESS_OF_FILE)
        assert person is not None
        told = next(part["rows"][0] for part in everything_of(session, person.id) if part["table"] == "employees")
        assert (told["name"], told["email"]) == (OF_FILE, ADDRESS_OF_FILE)
        erasure.erase(session, person, now=NOW)
    with database.transaction() as session:
        assert [(one.name, one.email) for one in session.scalars(select(Employee))] == [("", None)]


def test_an_account_of_a_colleague_is_still_noticed(everywhere: Database) -> None:
    with everywhere.transaction() as session:
        row = session.scalars(select(accounts.ConnectedAccount)).one()
        assert accounts.is_anothers(session, row.network, row.subject, row.employee_id + 1)
        assert not accounts.is_anothers(session, row.network, "somebody else", row.employee_id + 1)


def test_every_column_of_a_persons_name_is_one_that_can_be_sealed() -> None:
    """A new column called so must be decided about: it is of no person, or it can be sealed."""
    of_no_person = {
        *("activities", "api_tokens", "audiences", "channels", "goals", "need_groups", "sources", "topic_names"),
        *("units", "workspaces", "directory_rules", "webhooks"),
    }
    named = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if column.name in ("name", "email", "full_name", "display_name", "given_name", "family_name")
        and not isinstance(column.type, PersonalText)
    }
    assert {one.split(".")[0] for one in named} <= of_no_person
