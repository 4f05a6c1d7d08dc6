"""The audit log as somebody would attack it who can write to the database, and has not the keys."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import select, text

from storage.audit import entries
from storage.audit.entries import Act, AuditAnchor, AuditEntry, Head
from storage.database import Database, Session
from storage.people.employees import Employee
from storage.privacy import erasure
from storage.secrets import load_keys, new_key
from tests.keys import KEY

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
ROWS = 40


@pytest.fixture
def written(database: Database) -> Database:
    with database.transaction() as session:
        session.add(Employee(id=12, name="Aino Canary", email="aino@koivu.example", joined_at=NOW))
        for number in range(1, ROWS + 1):
            act = Act(
                "people set" if number % 2 else "press review.approve",
                NOW + timedelta(minutes=number),
                source="terminal" if number % 2 else "console",
                by_id=None if number % 2 else 7,
                about=f"person {number}",
                details={"roles": ["lead", str(number)]},
                person=12 if number == 20 else None,
                personal={"email": "aino@koivu.example"} if number == 20 else None,
            )
            entries.note(session, act)
    return database


def verified(database: Database, anchor: Head | None = None) -> entries.Verified:
    with database.transaction() as session:
        return entries.verify(session, anchor=anchor)


def test_an_untouched_log_is_whole(written: Database) -> None:
    found = verified(written)
    assert (found.number, found.head.id, found.fault) == (ROWS, ROWS, None)
    assert verified(written, found.head).fault is None


def changes_a_field(random: Random, session: Session) -> str:
    number = random.randrange(1, ROWS + 1)
    column, value = random.choice(
        [
            ("at", f"'{(NOW + timedelta(hours=5)).isoformat(sep=' ')}'"),
            ("by_id", "99"),
            ("source", "'job'"),
            ("act", "'nothing'"),
            ("about", "'post 1'"),
            ("details", "'{}'"),
            ("sealed", "'x'"),
            ("sealed_for", "99"),
            ("digest", f"'{random.randbytes(32).hex()}'"),
        ]
    )
    session.execute(text(f"UPDATE audit_entries SET {column} = {value} WHERE id = {number}"))
    return f"{column} of {number}"


def removes_a_row(random: Random, session: Session) -> str:
    number = random.randrange(1, ROWS + 1)
    session.execute(text(f"DELETE FROM audit_entries WHERE id = {number}"))
    return f"row {number}"


def swaps_two(random: Random, session: Session) -> str:
    one, other = random.sample(range(1, ROWS + 1), 2)
    for old, new in ((one, -1), (other, one), (-1, other)):
        session.execute(text(f"UPDATE audit_entries SET id = {new} WHERE id = {old}"))
    return f"{one} and {other}"


def removes_one_and_closes_the_gap(random: Random, session: Session) -> str:
    number = random.randrange(1, ROWS)
    session.execute(text(f"DELETE FROM audit_entries WHERE id = {number}"))
    for later in range(number + 1, ROWS + 1):
        session.execute(text(f"UPDATE audit_entries SET id = {later - 1} WHERE id = {later}"))
    return f"row {number}"


def cuts_the_end(random: Random, session: Session) -> str:
    number = random.randrange(1, ROWS + 1)
    session.execute(text(f"DELETE FROM audit_entries WHERE id >= {number}"))
    return f"from {number}"


def adds_one_of_their_own(random: Random, session: Session) -> str:
    session.execute(
        text(
            "INSERT INTO audit_entries (id, at, source, act, about, details, digest) "
            f"SELECT {ROWS + 1}, at, source, 'forged', about, details, digest FROM audit_entries "
            f"WHERE id = {random.randrange(1, ROWS + 1)}"
        )
    )
    return "at the end"


ATTACKS: list[Callable[[Random, Session], str]] = [
    changes_a_field,
    removes_a_row,
    swaps_two,
    removes_one_and_closes_the_gap,
    cuts_the_end,
    adds_one_of_their_own,
]


class _TakenBack(Exception):
    """The copy that was tampered with is thrown away."""


def test_a_thousand_copies_that_were_tampered_with_are_all_noticed(written: Database) -> None:
    """Each in a transaction that is taken back. Somebody kept the newest row elsewhere."""
    kept, random, noticed = verified(written).head, Random(1), 0
    for number in range(1000):
        attack = ATTACKS[number % len(ATTACKS)]
        try:
            with written.transaction() as session:
                what = attack(random, session)
                session.expire_all()
                found = entries.verify(session, anchor=kept)
                assert found.fault is not None, (attack.__name__, what)
                noticed += 1
                raise _TakenBack
        except _TakenBack:
            session.close()
    assert noticed == 1000
    assert verified(written, kept).fault is None


@pytest.fixture
def keys_come_back() -> Iterator[None]:
    yield
    load_keys([KEY])


@pytest.mark.usefixtures("keys_come_back")
def test_without_the_keys_no_chain_can_be_made_anew(written: Database) -> None:
    """Somebody writes the whole table again, with digests of their own."""
    load_keys([new_key()])
    with written.transaction() as session:
        session.execute(text("DELETE FROM audit_keys WHERE person = 0"))
        session.execute(text("DELETE FROM audit_entries"))
    with written.transaction() as session:
        entries.note(session, Act("nothing happened", NOW, "job"))
    load_keys([new_key()])  # those of the installation, which the forger has not
    with written.transaction() as session, pytest.raises(Exception, match="cannot be opened"):
        entries.verify(session)


def test_pruning_leaves_an_anchor_from_which_the_chain_goes_on(written: Database) -> None:
    with written.transaction() as session:
        assert entries.prune(session, before=NOW + timedelta(minutes=31), now=NOW) == 30
    found = verified(written)
    assert (found.number, found.head.id, found.fault) == (10, ROWS, None)
    with written.transaction() as session:
        assert entries.prune(session, before=NOW + timedelta(days=1), now=NOW) == 10
        entries.note(session, Act("later", NOW, "job"))
    assert verified(written).head.id == ROWS + 1
    with written.transaction() as session:
        anchor = session.scalars(select(AuditAnchor)).one()
        anchor.last_id += 1
    assert verified(written).fault is not None


def test_the_chain_outlives_the_person_and_their_words_do_not(written: Database) -> None:
    with written.transaction() as session:
        row = session.get_one(AuditEntry, 20)
        assert entries.personal_of(session, row) == {"email": "aino@koivu.example"}
        assert "aino" not in (row.sealed or "") + row.details
        erasure.erase(session, session.get_one(Employee, 12), now=NOW)
    with written.transaction() as session:
        assert entries.personal_of(session, session.get_one(AuditEntry, 20)) is None
    assert verified(written).fault is None


def test_many_at_once_make_one_chain(database: Database) -> None:
    faults: list[BaseException] = []

    def writes(number: int) -> None:
        try:
            for _ in range(5):
                database.run(lambda session: entries.note(session, Act(f"act {number}", NOW, "job")))
        except BaseException as fault:
            faults.append(fault)

    with database.transaction() as session:
        entries.note(session, Act("the first", NOW, "job"))
    threads = [threading.Thread(target=writes, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert (verified(database).number, verified(database).fault) == (41, None)


@pytest.mark.parametrize(
    ("wanted", "number"),
    [({"act": "people"}, 20), ({"by_people": [7]}, 20), ({"since": NOW + timedelta(minutes=31)}, 10)],
)
def test_it_is_searched(written: Database, wanted: dict[str, Any], number: int) -> None:
    with written.transaction() as session:
        found = entries.entries(session, **wanted)
    assert len(found) == number
    assert [row.id for row in found] == sorted((row.id for row in found), reverse=True)
