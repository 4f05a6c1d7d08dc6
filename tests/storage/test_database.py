"""The database itself: migrations both ways, one unit of work, no lost write, secrets at rest."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from cryptography.fernet import Fernet
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import inspect, select, text
from sqlalchemy.exc import DBAPIError

from storage import reseal
from storage.base import Base, Sealed
from storage.core import events
from storage.database import Database, DatabaseError
from storage.database_faults import shortly
from storage.digest.digests import Digest
from storage.people import workspaces
from storage.questions.questions import Note, Question
from storage.secrets import KeyRingError, load_keys, new_key
from storage.sharing import links, social_channels
from storage.sharing.links import Click, TrackedLink
from storage.sharing.posts import Post
from tests.stage import Stage
from tests.storage.filler import made_rows, unchecked

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def a_link(code: str) -> TrackedLink:
    return TrackedLink(
        code=code, target="https://koivu.example", created_at=NOW, raw_clicks=0, automated_clicks=0, unique_clicks=0
    )


def test_migrations_run_up_down_and_up_again(database: Database) -> None:
    database.downgrade("base")
    assert set(inspect(database.engine).get_table_names()) == {"alembic_version"}
    assert database.pending_migrations() == [
        "0001",
        "0002",
        "0003",
        "0004",
        "0005",
        "0006",
        "0007",
        "0008",
        "0009",
        "0010",
        "0011",
        "0012",
        "0013",
        "0014",
        "0015",
        "0016",
        "0017",
        "0018",
        "0019",
        "0020",
        "0021",
        "0022",
        "0023",
        "0024",
        "0025",
        "0026",
        "0027",
        "0028",
        "0029",
        "0030",
        "0031",
        "0032",
    ]
    database.upgrade()
    assert database.pending_migrations() == []
    with database.transaction() as session:
        assert [row.id for row in social_channels.channels(session)][:2] == ["linkedin", "x"]


def test_the_tables_are_what_the_code_says(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, Base.metadata) == []


def test_a_unit_of_work_is_all_or_nothing(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), database.transaction() as session:
        session.add(a_link("a"))
        session.flush()
        raise ZeroDivisionError
    with database.transaction() as session:
        assert links.link(session, "a") is None


def test_eight_writers_lose_nothing(database: Database) -> None:
    with database.transaction() as session:
        session.add(a_link("a"))

    def click(number: int) -> None:
        with database.transaction() as session:
            links.record_clicks(session, [Click("a", NOW.date(), bytes([number % 7]))])

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(click, range(200)))
    with database.transaction() as session:
        link = links.link(session, "a")
        assert link is not None
        assert (link.raw_clicks, link.unique_clicks) == (200, 7)


def test_an_event_is_new_once(database: Database) -> None:
    def handle(number: int) -> bool:
        with database.transaction() as session:
            return bool(events.taken(session, (f"e{number % 10}",), now=NOW))

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(handle, range(100))) == 10
    with database.transaction() as session:
        events.forget(session, before=NOW + timedelta(seconds=1))
        assert events.taken(session, ("e1",), now=NOW) == {"e1"}


def test_clicks_are_kept_apart(database: Database) -> None:
    day = NOW.date()
    with database.transaction() as session:
        session.add_all([a_link("a"), a_link("b")])
    with database.transaction() as session:
        links.record_clicks(
            session, [Click("a", day, b"1"), Click("a", day, b"1"), Click("a", day, None), Click("b", day, b"1")]
        )
    with database.transaction() as session:
        link = links.link(session, "a")
        assert link is not None
        assert (link.raw_clicks, link.automated_clicks, link.unique_clicks) == (3, 1, 1)


def test_salts_and_visits_of_past_days_are_destroyed(database: Database) -> None:
    today, yesterday = date(2026, 11, 23), date(2026, 11, 22)
    with database.transaction() as session:
        session.add(a_link("a"))
        assert links.salt_of(session, yesterday, b"first") == b"first"
        assert links.salt_of(session, yesterday, b"second") == b"first"  # all processes share it
        links.record_clicks(session, [Click("a", yesterday, b"1")])
        links.destroy_salts(session, today)
    with database.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM daily_salts")).scalar() == 0
        assert connection.execute(text("SELECT count(*) FROM visits")).scalar() == 0


def test_secrets_are_sealed_and_rotate(database: Database) -> None:
    old, new = new_key(), new_key()
    load_keys([old])
    with database.transaction() as session:
        workspaces.install(session, "slack:T1", now=NOW).credentials = "xoxb-canary"
        workspaces.install(session, "slack:T2", now=NOW).credentials = "xoxb-other"
    load_keys([new, old])
    assert reseal.reseal_all(database) == (3, 0)  # and the key of the audit log
    with database.engine.connect() as connection:
        sealed = bytes(
            connection.execute(text("SELECT credentials FROM workspaces WHERE id = 'slack:T1'")).scalar_one()
        )
    assert b"canary" not in sealed
    assert Fernet(new).decrypt(sealed) == b"xoxb-canary"
    load_keys([new])
    with database.transaction() as session:
        row = workspaces.workspace(session, "slack:T1")
        assert row is not None
        assert row.credentials == "xoxb-canary"
    load_keys([old])
    with pytest.raises(KeyRingError, match="add the one that sealed it"), database.transaction() as session:
        session.expire_all()
        workspaces.workspace(session, "slack:T1")
    load_keys([new_key()])


def test_nothing_stays_sealed_with_a_key_that_is_dropped(database: Database) -> None:
    """A row in every table that seals something: after `chorus secrets rotate` the new key alone opens all."""
    old, new = new_key(), new_key()
    load_keys([old])
    sealing = [
        (table, column.name)
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, Sealed)
    ]
    with unchecked(database) as connection:
        for table in {table for table, _name in sealing}:
            row = next(iter(made_rows(table, 1, {})))
            row |= {name: f"{table.name} {name}" for of, name in sealing if of is table}
            connection.execute(table.insert().values(row))
    load_keys([new, old])
    assert reseal.reseal_all(database).secrets == len(sealing) > 6
    load_keys([new])
    with database.transaction() as session:
        for table, name in sealing:
            assert session.scalar(select(table.c[name])) == f"{table.name} {name}"


def test_a_workspace_that_leaves_takes_its_token_along(database: Database) -> None:
    with database.transaction() as session:
        workspaces.install(session, "slack:T1", now=NOW).credentials = "xoxb"
        workspaces.remove(session, "slack:T1", now=NOW)
    with database.transaction() as session:
        assert workspaces.installed(session) == []
        row = workspaces.workspace(session, "slack:T1")
        assert row is not None
        assert (row.state, row.credentials) == ("removed", None)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.text(alphabet=st.characters(exclude_categories=[]), max_size=300))
def test_any_text_comes_back(database: Database, words: str) -> None:
    with database.transaction() as session:
        post = Post(
            url="https://a.example", canonical_url=f"https://a.example/{id(words)}", title=words, created_at=NOW
        )
        session.add(post)
        session.flush()
        session.expire(post)
        expected = words.replace("\x00", "").encode("utf-8", "replace").decode()
        assert post.title == expected
        session.delete(post)


def test_a_moment_without_a_zone_is_refused(database: Database) -> None:
    with pytest.raises(Exception, match="without a zone"), database.transaction() as session:
        session.add(Post(url="u", canonical_url="u", title="t", created_at=datetime(2026, 1, 1)))  # noqa: DTZ001


@pytest.mark.parametrize("url", ["", "nonsense", "mysql://localhost/x"])
def test_a_wrong_address_is_named(url: str) -> None:
    with pytest.raises(DatabaseError, match="CHORUS_DATABASE_URL"):
        Database(url)


@pytest.mark.parametrize("named", ["sqlite+pysqlite", "sqlite+aiosqlite", "sqlite+nothing"])
def test_the_driver_is_ours_whichever_is_named(named: str, tmp_path: Path) -> None:
    database = Database(f"{named}:///{tmp_path}/chorus.db")
    database.upgrade()
    assert (tmp_path / "chorus.db").exists()
    database.close()


@pytest.mark.parametrize("keys", [[], ["short"], ["é" * 44]])
def test_wrong_keys_are_named(keys: list[str]) -> None:
    with pytest.raises(KeyRingError, match="CHORUS_SECRET_KEYS"):
        load_keys(keys)


def test_what_a_job_failed_at_is_named_in_short_and_tells_nothing_of_what_was_asked(database: Database) -> None:
    def told(statement: str, values: dict[str, str]) -> str:
        with database.engine.connect() as connection, pytest.raises(DBAPIError) as raised:
            for _time in range(2):
                connection.execute(text(statement), values)
        return shortly(raised.value)

    missing = told("SELECT * FROM no_papers WHERE x = :said", {"said": "secret"})
    twice = told("INSERT INTO handled_events (key, at) VALUES (:key, :at)", {"key": "secret", "at": "2026-11-30 00:00"})
    assert "no_papers" in missing
    assert "secret" not in missing
    assert twice == "IntegrityError"
    assert shortly(ValueError("secret")) == "ValueError"


def test_what_was_filed_under_whoever_asked_is_filed_under_nobody(stage_on_both: Stage) -> None:
    """By versions before schema 0032; and the words that they had erased are in no digest."""
    stage = stage_on_both
    aino = stage.hires("aino")
    facts = {"week": "2026-W47", "questions": {"asked": 1, "open": [{"id": 1, "text": "May I?", "topic": None}]}}
    with stage.database.transaction() as session:
        asked = Question(text="May I?", asker_id=aino, is_anonymous=True, asked_at=stage.now)
        asked.notes.append(Note(author_id=aino, kind="answer", text="Yes.", at=stage.now))
        asked.notes.append(Note(author_id=aino, kind="declined", text="Not mine.", at=stage.now))
        session.add_all(
            [asked, Digest(week="2026-W47", facts=json.dumps(facts), computed_at=stage.now, lesson="goals")]
        )
    stage.database.downgrade("0031")
    stage.database.upgrade()
    with stage.database.transaction() as session:
        assert {note.kind: note.author_id for note in session.query(Note)} == {"answer": None, "declined": aino}
        left = session.query(Digest).one().facts
    assert "May I?" not in left
    assert json.loads(left)["questions"]["asked"] == 1
