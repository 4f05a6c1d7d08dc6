"""Who is erased is gone: canaries in every place that holds something of a person, looked for in every byte afterwards."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import JSON, Integer, String, Table, func, select, text

from storage.base import Base, OneOf, PlainText, Sealed
from storage.core.events import HandledEvent
from storage.database import Database, Session
from storage.delivery.deliveries import Delivery
from storage.delivery.rate_limits import RateLimitBucket
from storage.framework.framework import Change
from storage.people import employees, workspaces
from storage.people.employees import Employee, EmployeeState, Identity
from storage.privacy import erasure
from storage.privacy.data_map import NOT_OF_A_PERSON, PERSONAL_DATA, OnErasure
from storage.privacy.describe import page
from storage.privacy.export import everything_of
from storage.questions.knowledge import Variant
from storage.questions.learning import Example
from storage.questions.questions import Question
from storage.sharing.shares import Share
from storage.web.webhooks import Call
from tests.byte_search import folder_of, found
from tests.storage.filler import FAR, made_rows, unchecked

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
NAME, EMAIL, USER, PLACE = "Kanerva Äyräpää", "kanerva-canary@koivu.example", "UCANARY7", "slack:T1:DCANARY7"
ASKED = "May I show the CANARY turbine?"
FIRST = 1000  # the first number of a person, so that no other number is like it


def canary(table: str, column: str) -> str:
    return ASKED if (table, column) == ("questions", "text") else f"CANARY-{table}-{column}"


def is_words(column: Any) -> bool:
    return isinstance(column.type, String | PlainText) and not isinstance(column.type, OneOf)


@pytest.fixture
def person(database: Database) -> int:
    """Somebody of whom there is a row of every kind, and something in rows of others."""
    with database.transaction() as session:
        workspaces.install(session, "slack:T1", now=NOW)
        for number in (FIRST, FIRST + 1):
            session.add(Employee(id=number, name=f"p{number}", joined_at=NOW))
        session.flush()
        theirs = session.get_one(Employee, FIRST)
        theirs.name, theirs.email, theirs.own_country = NAME, EMAIL, "SE"
        theirs.topics_declined, theirs.topics_wanted = ["CANARY-declined"], ["CANARY-wanted"]
        session.add(Identity(workspace_id="slack:T1", user=USER, address=PLACE, employee_id=FIRST, last_used_at=NOW))
    with unchecked(database) as connection:
        for number, kind in enumerate(PERSONAL_DATA):
            table = kind.model.__table__
            if kind.model in (Employee, Identity):
                continue
            assert isinstance(table, Table)
            row = next(iter(made_rows(table, 1, {})))
            row |= {name: FAR + number for name, column in table.columns.items() if name == "id" and column.primary_key}
            row |= _personal(kind, table)
            if kind.whose is None or kind.model is Delivery:
                row[kind.of] = FIRST
            row = {name: _of_its_own(table.c[name], value, number) for name, value in row.items()}
            connection.execute(table.insert().values(row))
        share = connection.scalar(select(Share.id))
        asked = connection.scalar(select(Question.id).where(Question.asker_id == FIRST))
        connection.execute(text("UPDATE directory_members SET member_id = (SELECT id FROM directory_records)"))
        connection.execute(text(f"UPDATE publications SET share_id = {share}"))
        connection.execute(text(f"UPDATE question_notes SET question_id = {asked}, author_id = NULL"))
    with unchecked(database) as connection:
        others = next(iter(made_rows(Delivery.__table__, 1, {})))  # type: ignore[arg-type]
        card = {"body": [{"kind": "heading", "text": f"{NAME} asks: {ASKED}"}, {"kind": "text", "text": EMAIL}]}
        others |= {"id": FAR + 900, "key": "of-another", "employee_id": FIRST + 1, "card": card}
        connection.execute(Delivery.__table__.insert().values(others))  # type: ignore[attr-defined]
        connection.execute(Example.__table__.insert().values(text=ASKED, source="answered", at=NOW))  # type: ignore[attr-defined]
        connection.execute(Variant.__table__.insert().values(entry_id=FAR, text=ASKED))  # type: ignore[attr-defined]
        connection.execute(
            Call.__table__.insert().values(  # type: ignore[attr-defined]
                webhook_id=1, body=json.dumps({"text": ASKED}), state="waiting", attempts=0, due_at=NOW
            )
        )
        part = {"name": "X", "owner": EMAIL, "deputy": None}
        connection.execute(
            Change.__table__.insert().values(section="channels", part="x", before=part, after=part, why="", at=NOW)  # type: ignore[attr-defined]
        )
        for key in (f"slack:T1:D1:17.2:{USER}:message", f"slack:T1:{USER}:event:5"):
            connection.execute(HandledEvent.__table__.insert().values(key=key, at=NOW))  # type: ignore[attr-defined]
        connection.execute(RateLimitBucket.__table__.insert().values(bucket=PLACE, free_at=1.0, paused_until=0.0))  # type: ignore[attr-defined]
    return FIRST


def _personal(kind: Any, table: Table) -> dict[str, Any]:
    """Canaries in the columns that are emptied; of rows that are deleted, in all that hold words."""
    names = list(kind.words)
    if kind.on_erasure == OnErasure.DELETED:
        names += [name for name, column in table.columns.items() if is_words(column) and not column.foreign_keys]
    return {
        name: canary(table.name, name)
        for name in names
        if not isinstance(table.c[name].type, JSON | Sealed | OneOf) and not isinstance(table.c[name].type, Integer)
    }


def _of_its_own(column: Any, value: Any, number: int) -> Any:
    """No two rows alike where they must not be; a reference to nobody is one to nothing."""
    if column.foreign_keys and value is not None and not isinstance(value, str) and value >= FAR:
        return FAR + number
    return value


SOUGHT = [NAME, EMAIL, USER, PLACE, "DCANARY7", ASKED, "CANARY-"]


def rows_with(database: Database, sought: list[str]) -> list[str]:
    """Where in the tables any of these stands, as text or as JSON has it."""
    forms = [form for one in sought for form in (one, json.dumps(one)[1:-1])]
    places = []
    with database.transaction() as session:
        for table in Base.metadata.sorted_tables:
            for row in session.execute(select(table)):
                said = " ".join(str(value) for value in row)
                places += [f"{table.name}: {form}" for form in forms if form in said]
    return places


def erased(database: Database, person: int, **more: Any) -> None:
    with database.transaction() as session:
        erasure.erase(session, session.get_one(Employee, person), now=NOW, **more)
    database.scrub()


def test_nothing_of_them_is_left(database: Database, person: int) -> None:
    there = {place.partition(":")[0] for place in rows_with(database, SOUGHT)}
    assert {kind.table for kind in PERSONAL_DATA if kind.words} <= there  # so that this test can fail
    assert {"routing_examples", "entry_variants", "framework_changes", "handled_events", "rate_limits"} <= there
    erased(database, person)
    assert rows_with(database, SOUGHT) == []


def test_no_byte_of_them_is_left(database: Database, person: int) -> None:
    if not database.one_writer:
        pytest.skip("left out: PostgreSQL writes over what was deleted in its own time")
    sought = [one.encode() for one in (NAME, EMAIL, USER, ASKED, "CANARY-")]
    assert found(folder_of(database), sought)
    erased(database, person)
    assert found(folder_of(database), sought) == []


def test_sums_stay_what_they_were(database: Database, person: int) -> None:
    counted = [kind for kind in PERSONAL_DATA if kind.on_erasure != OnErasure.DELETED]

    def numbers() -> dict[str, int]:
        with database.transaction() as session:
            rows = {kind.table: select(func.count()).select_from(kind.model) for kind in counted}
            return {name: session.scalar(query) or 0 for name, query in rows.items()}

    before = numbers()
    erased(database, person)
    assert numbers() == before


def test_nobody_else_is_touched(database: Database, person: int) -> None:
    erased(database, person)
    with database.transaction() as session:
        other = session.get_one(Employee, FIRST + 1)
        assert (other.name, other.state) == (f"p{FIRST + 1}", EmployeeState.ACTIVE)
        card = session.scalar(select(Delivery).where(Delivery.key == "of-another"))
        assert card is not None
        assert card.employee_id == FIRST + 1
        assert card.card == {"body": [{"kind": "heading", "text": "… asks: …"}, {"kind": "text", "text": "…"}]}


def test_twice_is_once(database: Database, person: int) -> None:
    erased(database, person)
    erased(database, person)
    assert rows_with(database, SOUGHT) == []


def test_who_asked_for_it_is_not_brought_back_by_a_directory(database: Database, person: int) -> None:
    erased(database, person, stays=True)
    with database.transaction() as session:
        assert erasure.may_come(session, "slack:T1", [(USER, None), ("U8", "u8@koivu.example")]) == {"U8"}
        assert erasure.may_come(session, "slack:T2", [(USER, None)]) == {USER}
        assert erasure.may_come(session, "slack:T2", [("U77", EMAIL.upper())]) == set()  # nor another workspace
        erasure.begin_anew(session, "slack:T1", USER, EMAIL)
        assert erasure.may_come(session, "slack:T1", [(USER, EMAIL)]) == {USER}
    assert rows_with(database, SOUGHT) == []


def test_all_that_is_kept_is_in_the_export_and_no_secret(database: Database, person: int) -> None:
    with database.transaction() as session:
        said = json.dumps(everything_of(session, person), ensure_ascii=False)
    for kind in PERSONAL_DATA:
        assert f'"{kind.table}"' in said
        for name in kind.words:
            column = kind.model.__table__.c[name]
            if is_words(column) and kind.model not in (Employee, Identity) and not isinstance(column.type, Sealed):
                assert canary(kind.table, name) in said
    assert NAME in said
    assert PLACE in said
    assert "CANARY-console_sessions-digest" not in said
    assert "CANARY-account_requests-state_digest" not in said


def _left(session: Session, days: float, **more: Any) -> Employee:
    person = employees.newcomer(session, NOW, name="gone")
    person.state, person.left_at = EmployeeState.LEFT, NOW - timedelta(days=days)
    return person


def test_leavers_and_people_of_workspaces_that_removed_the_bot(database: Database) -> None:
    def due() -> list[str]:
        with database.transaction() as session:
            before = NOW - timedelta(days=30)
            found = erasure.to_erase(session, left_before=before, removed_before=before, limit=10)
            return [one.name for one in found]

    with database.transaction() as session:
        _left(session, 31).name = "left long ago"
        _left(session, 29).name = "left lately"
        for number, workspace in enumerate(("slack:T1", "slack:T2", "slack:T3")):
            workspaces.install(session, workspace, now=NOW)
            person = employees.newcomer(session, NOW, name=f"of {workspace}")
            row = Identity(workspace_id=workspace, user=f"U{number}", employee=person, last_used_at=NOW)
            session.add(row)
        workspaces.remove(session, "slack:T2", now=NOW - timedelta(days=31))
        workspaces.remove(session, "slack:T3", now=NOW - timedelta(days=29))
        employees.newcomer(session, NOW, name="named in a file, not met yet")
    assert due() == ["left long ago", "of slack:T2"]
    with database.transaction() as session:
        for one in erasure.to_erase(session, left_before=NOW, removed_before=NOW, limit=10):
            erasure.erase(session, one, now=NOW)
    assert due() == []


def test_the_page_says_what_the_models_do() -> None:
    """`make data-map` writes it anew."""
    assert (Path(__file__).parents[3] / "docs" / "data-map.md").read_text() == page()


def references() -> Iterator[tuple[str, str]]:
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if any(key.target_fullname == "employees.id" for key in column.foreign_keys):
                yield table.name, column.name


def test_whatever_belongs_to_a_person_is_in_the_map() -> None:
    """A new column that refers to a person fails here until it is said what becomes of it."""
    assert set(references()) <= {(kind.table, kind.of) for kind in PERSONAL_DATA}


def test_whatever_holds_words_is_in_the_map_or_of_no_person() -> None:
    """A new column of words fails here until somebody has said whose they are."""
    mapped = {(kind.table, name) for kind in PERSONAL_DATA for name in kind.words}
    deleted = {kind.table for kind in PERSONAL_DATA if kind.on_erasure == OnErasure.DELETED}
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, PlainText | Sealed | JSON) and table.name not in deleted:
                assert (table.name, column.name) in mapped or f"{table.name}.{column.name}" in NOT_OF_A_PERSON
    known = {f"{table.name}.{column.name}" for table in Base.metadata.sorted_tables for column in table.columns}
    assert set(NOT_OF_A_PERSON) <= known


def others_cards(database: Database, *said: str) -> None:
    with database.transaction() as session:
        workspaces.install(session, "slack:T1", now=NOW)
        session.add(Employee(id=FIRST, name="nobody yet", joined_at=NOW))
        session.add(Employee(id=FIRST + 1, name="Petra", joined_at=NOW))
        session.flush()
        for number, words in enumerate(said):
            card = {"summary": words, "body": [{"kind": "text", "parts": [words]}, {"kind": "actions", "items": []}]}
            row = Delivery(
                key=f"k{number}",
                workspace_id="slack:T1",
                employee_id=FIRST + 1,
                address="slack:T1:UPETRA",
                kind="answer",
            )
            row.card, row.wave, row.due_at, row.changed_at, row.attempts = card, f"w{number}", NOW, NOW, 0
            session.add(row)


def cards_after(database: Database, name: str, *texts: str) -> list[str]:
    with database.transaction() as session:
        person = session.get_one(Employee, FIRST)
        person.name = name
        for text_ in texts:
            session.add(Question(asker_id=FIRST, text=text_, asked_at=NOW))
        session.flush()
        erasure.erase(session, person, now=NOW)
    with database.transaction() as session:
        rows = session.scalars(select(Delivery).order_by(Delivery.key)).all()
        for row in rows:  # they can still be sent
            assert row.card is not None
            assert [part["kind"] for part in row.card["body"]] == ["text", "actions"]
        return [row.card["summary"] for row in rows if row.card is not None]


@pytest.mark.parametrize(
    ("name", "said", "left"),
    [
        ("Ann", "planning was planned; Ann asked, Annette too", "planning was planned; … asked, Annette too"),
        ("Mark", "Mark’s Marketing", "…’s Marketing"),
        ("Bo", "Bo answered Bob", "… answered Bob"),
        ("王伟", "王伟回答了", "…回答了"),
        ("text", "the text of text", "the … of …"),
        ("Answer", "Answer answered", "… answered"),
        ('O"Neil \\ Ä', 'O"Neil \\ Ä asked', "… asked"),
    ],
)
def test_of_others_cards_only_the_name_goes(database: Database, name: str, said: str, left: str) -> None:
    others_cards(database, said)
    assert cards_after(database, name) == [left]


def test_a_shortened_question_goes_from_where_it_begins_and_short_words_are_anybodys(database: Database) -> None:
    long = "May I tell my sister about the new turbine in the harbour, which " + "hums and " * 40
    others_cards(database, f"Aino asks: {long[:90]}…", "yes", "Petra said yes, and so did Yesterday")
    assert cards_after(database, "Aino", long, "yes") == [
        "… asks: …",
        "yes",
        "Petra said yes, and so did Yesterday",
    ]


def test_the_history_of_the_framework_loses_whom_it_names_and_no_letter_more(database: Database) -> None:
    with database.transaction() as session:
        session.add(Employee(id=FIRST, name="Mark", email="ann@koivu.example", joined_at=NOW))
        part = {"name": "Marketing by Mark", "owner": "ann@koivu.example", "deputy": "joann@koivu.example"}
        session.add(Change(section="channels", part="x", before=part, after={"owner": "Ann@koivu.example"}, at=NOW))
    with database.transaction() as session:
        erasure.erase(session, session.get_one(Employee, FIRST), now=NOW)
    with database.transaction() as session:
        change = session.scalars(select(Change)).one()
        assert change.before == {**part, "owner": erasure.GONE}
        assert change.after == {"owner": erasure.GONE}


def test_what_the_router_began_with_and_what_others_asked_too_stays(database: Database) -> None:
    with database.transaction() as session:
        for number in (FIRST, FIRST + 1):
            session.add(Employee(id=number, name=f"p{number}", joined_at=NOW))
        for words, source in (
            ("A seed question?", "seed"),
            ("Asked by both?", "answered"),
            ("By one alone?", "answered"),
        ):
            session.add(Example(text=words, source=source, at=NOW))
            session.add(Question(asker_id=FIRST, text=words, asked_at=NOW))
        session.add(Question(asker_id=FIRST + 1, text="Asked by both?", asked_at=NOW))
    with database.transaction() as session:
        erasure.erase(session, session.get_one(Employee, FIRST), now=NOW)
    with database.transaction() as session:
        left = session.scalars(select(Example.text).order_by(Example.text)).all()
        assert left == ["A seed question?", "Asked by both?"]


def test_who_waited_for_the_same_answer_finds_their_own_way(database: Database) -> None:
    with database.transaction() as session:
        for number in (FIRST, FIRST + 1):
            session.add(Employee(id=number, name=f"p{number}", joined_at=NOW))
        session.add(Question(id=1, asker_id=FIRST, text="The same?", asked_at=NOW, state="open"))
        session.add(Question(id=2, asker_id=FIRST + 1, text="The same!", asked_at=NOW, state="merged", into_id=1))
    with database.transaction() as session:
        erasure.erase(session, session.get_one(Employee, FIRST), now=NOW)
    with database.transaction() as session:
        other = session.get_one(Question, 2)
        assert (other.state, other.into_id, other.asker_id) == ("new", None, FIRST + 1)


def test_an_owner_does_not_learn_from_their_own_data_who_asked(database: Database) -> None:
    with database.transaction() as session:
        for number in (FIRST, FIRST + 1):
            session.add(Employee(id=number, name=f"p{number}", joined_at=NOW))
        for words, is_anonymous in (("Openly?", False), ("SENSITIVE?", True)):
            session.add(
                Question(
                    asker_id=FIRST,
                    text=words,
                    asked_at=NOW,
                    is_anonymous=is_anonymous,
                    owner_id=FIRST + 1,
                    state="open",
                )
            )
    with database.transaction() as session:
        said = json.dumps(everything_of(session, FIRST + 1))
        assert "SENSITIVE" not in said
        assert "asker_id" not in said
        assert str(FIRST) not in said.replace(str(FIRST + 1), "")


def test_whoever_reads_the_table_of_the_erased_cannot_tell_whom(database: Database, person: int) -> None:
    """Every id of a platform could be tried otherwise; and a moment leads from one table to another."""
    erased(database, person, stays=True)
    with database.transaction() as session:
        rows = session.scalars(select(erasure.ErasedPerson)).all()
        guesses = {hashlib.sha256(f"slack:T1 {USER}".encode()).hexdigest(), hashlib.sha256(EMAIL.encode()).hexdigest()}
        assert not guesses & {row.digest for row in rows}
        moments = {row.at for row in rows} | {session.get_one(Employee, person).left_at}
    assert moments == {NOW.replace(hour=0)}


def test_people_without_a_name_are_erased_too(database: Database) -> None:
    """Some directories have none."""
    with database.transaction() as session:
        workspaces.install(session, "teams:T", now=NOW)
        person = _left(session, 31)
        person.name = ""
        session.add(Identity(workspace_id="teams:T", user="29:x", employee=person, last_used_at=NOW))
        session.flush()
        before = NOW - timedelta(days=30)
        assert erasure.to_erase(session, left_before=before, removed_before=before, limit=10) == [person]
