"""Two versions of Chorus over one database: the older one meets a schema that is newer than it knows."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from adapters.cli.setup import db as db_commands
from storage.database import Database, DatabaseError
from storage.delivery import worker_leases
from storage.secrets import new_key

LATER, MUCH_LATER = "9998", "9999"


def becomes(database: Database, revision: str, *, works_from: str) -> None:
    """As a later version leaves the database: its own revision, and the oldest that still works with it."""
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})
        connection.execute(text("UPDATE schema_compatibility SET works_from = :oldest"), {"oldest": works_from})


def head(database: Database) -> str:
    with database.engine.connect() as connection:
        return str(connection.scalar(text("SELECT version_num FROM alembic_version")))


def test_a_newer_schema_that_works_with_this_version_is_no_fault(database: Database) -> None:
    becomes(database, LATER, works_from=head(database))
    assert database.pending_migrations() == []
    database.upgrade()  # an older version's deploy leaves it as it is
    assert head(database) == LATER


def test_a_newer_schema_that_does_not_is_one_sentence(database: Database) -> None:
    becomes(database, MUCH_LATER, works_from=LATER)
    for does in (database.pending_migrations, database.upgrade):
        with pytest.raises(DatabaseError, match=r"newer version of Chorus .* docs/upgrading\.md"):
            does()


def test_it_says_from_which_version_on_it_works(database: Database) -> None:
    """Each database does, also one that was just made; never a later one than itself."""
    with database.engine.connect() as connection:
        (works_from,) = connection.scalars(text("SELECT works_from FROM schema_compatibility")).all()
    assert "0001" <= works_from <= head(database)


def test_the_way_back_is_closed_while_anybody_runs(sqlite: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHORUS_DATABASE_URL", sqlite.engine_url)
    monkeypatch.setenv("CHORUS_SECRET_KEYS", new_key())
    newest = head(sqlite)
    with sqlite.transaction() as session:
        lease = worker_leases.take(session, "worker-1", token="t", host="h", pid=1)
    refused = CliRunner().invoke(db_commands, ["downgrade", "0020", "--yes"])
    assert (refused.exit_code, head(sqlite)) == (1, newest)
    assert "worker 1" in refused.output
    assert "Stop" in refused.output
    with sqlite.transaction() as session:
        worker_leases.vacate(session, lease)
    assert CliRunner().invoke(db_commands, ["downgrade", "0020", "--yes"]).exit_code == 0


def test_going_back_is_a_command_that_asks_and_names_what_it_does(
    sqlite: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHORUS_DATABASE_URL", sqlite.engine_url)
    monkeypatch.setenv("CHORUS_SECRET_KEYS", new_key())
    runner, newest = CliRunner(), head(sqlite)
    refused = runner.invoke(db_commands, ["downgrade", "0020"], input="n\n")
    assert (refused.exit_code, head(sqlite)) == (1, newest)
    unknown = runner.invoke(db_commands, ["downgrade", "7777", "--yes"])
    assert unknown.exit_code == 1
    assert "no revision 7777" in str(unknown.exception)
    done = runner.invoke(db_commands, ["downgrade", "0020", "--yes"])
    assert (done.exit_code, head(sqlite)) == (0, "0020")
    assert "0020" in done.output
    assert runner.invoke(db_commands, ["upgrade"]).exit_code == 0
    assert head(sqlite) == newest
