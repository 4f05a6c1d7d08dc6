"""What somebody at the terminal mistypes: one sentence that names it, in words of the person, and nothing is changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from storage.database import Database
from storage.delivery import worker_leases
from storage.secrets import new_key
from tests.adapters.cli.shell import Shell
from tests.keys import KEY

SECRET = "hunter2"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("audit", "prune", "--before", "yesterday"), "a day is written as 2026-11-28"),
        (("audit", "prune", "--before", "2999-01-01", "--yes"), "2999-01-01 is yet to come"),
        (("audit", "list", "--since", "28.11.2026"), "a day is written as 2026-11-28"),
        (("export", "weeks", "w.csv", "--until", "2026-11-31"), "a day is written as 2026-11-28"),
        (("audit", "verify", "--anchor", "3:zz"), "An anchor is written as"),
        (("backup", "verify", "."), "'.' is a folder"),
        (("backup", "verify", ""), "'.' is a folder"),
        (("worker", "--health", "host:0"), "--health is written as"),
        (("worker", "--health", "[::1]:81234"), "--health is written as"),
        (("leads", "import", "binary"), "binary: it is no CSV in UTF-8."),
        (("framework", "check", "binary"), "Write: the file in UTF-8."),
        (("people", "import", "binary"), "binary: it cannot be read as"),
        (("questions", "evaluate", "--train", "binary", "--test", "binary"), "binary: it is no text in UTF-8."),
        (("content", "import", f"https://me:{SECRET}@host.example/feed"), "a password in it"),
    ],
)
def test_it_is_one_sentence(shell: Shell, words: tuple[str, ...], said: str) -> None:
    (shell.folder / "binary").write_bytes(b"PK\x03\x04\xac\xff\x00\xfe")
    code, printed, err = shell.ends(*words)
    told = " ".join(err.replace("│", " ").split())
    assert code in (1, 2)
    assert said in told, told
    assert not printed
    assert not any(raw in told for raw in ("Value error", "codec", "%Y", SECRET)), told


def test_a_number_that_is_none_is_named_in_words(shell: Shell) -> None:
    shell.env["CHORUS_TICK_SECONDS"] = "soon"
    assert shell.run("deliveries", fails=True) == "CHORUS_TICK_SECONDS must be a number\n"
    shell.env["CHORUS_TICK_SECONDS"] = "-5"
    assert "CHORUS_TICK_SECONDS must be greater than" in shell.run("deliveries", fails=True)


def test_what_sqlite_does_not_know_in_an_address_is_said_without_it(shell: Shell) -> None:
    shell.env["CHORUS_DATABASE_URL"] += f"?password={SECRET}"
    said = shell.run("deliveries", fails=True)
    assert "SQLite" in said
    assert "Warning" not in said
    assert SECRET not in said


def test_a_look_changes_no_strange_file(shell: Shell) -> None:
    """Who mistypes the address and asks the doctor finds the file as it was, and is not sent to restore a backup."""
    strange = shell.folder / "letter.txt"
    strange.write_text("Dear Sir or Madam")
    strange.chmod(0o644)
    shell.env["CHORUS_DATABASE_URL"] = f"sqlite:///{strange}"
    _code, printed, _err = shell.ends("doctor")
    assert "no SQLite database" in " ".join(printed.split())
    assert strange.stat().st_mode & 0o777 == 0o644
    assert [file.name for file in shell.folder.glob("letter*")] == ["letter.txt"]


def test_the_doctor_says_that_a_folder_is_missing(shell: Shell) -> None:
    shell.env["CHORUS_DATABASE_URL"] = f"sqlite:///{shell.folder}/nowhere/chorus.db"
    _code, printed, _err = shell.ends("doctor")
    told = " ".join(printed.split())
    assert "There is no folder" in told
    assert "chorus db upgrade" not in told
    assert "There is no folder" in shell.run("db", "upgrade", fails=True)


def test_the_doctor_names_a_schema_that_is_newer(shell: Shell) -> None:
    database = Database(f"sqlite:///{shell.folder}/chorus.db")
    with database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9001'")
    database.close()
    assert "upgraded by a newer version (schema 9001)" in " ".join(shell.run("doctor").split())


def test_a_restore_that_is_refused_leaves_nothing(shell: Shell, tmp_path: Path) -> None:
    shell.env["CHORUS_DATABASE_URL"] = f"sqlite:///{tmp_path}/new.db"
    (tmp_path / "broken").write_bytes(b"PK")
    for backup in ("broken", "none"):
        shell.run("backup", "restore", backup, fails=True)
    assert not (tmp_path / "new.db").exists()


def test_a_restore_says_where_the_keys_do_not_fit(shell: Shell, tmp_path: Path) -> None:
    """They are kept somewhere else, and whoever restores may have taken others."""
    shell.run("units", "add", "Sales")  # an act makes the key of the audit log
    shell.run("backup", "create", "whole")
    shell.env["CHORUS_DATABASE_URL"] = f"sqlite:///{tmp_path}/other.db"
    shell.env["CHORUS_SECRET_KEYS"] = new_key()
    assert "cannot be opened with the keys" in " ".join(shell.run("backup", "restore", "whole", fails=True).split())
    shell.env["CHORUS_DATABASE_URL"] = f"sqlite:///{tmp_path}/third.db"
    shell.env["CHORUS_SECRET_KEYS"] = KEY
    assert "is restored" in " ".join(shell.run("backup", "restore", "whole").split())


def test_a_backup_of_an_earlier_version_is_restored_before_it_is_upgraded(shell: Shell, tmp_path: Path) -> None:
    """Its tables are those of that time."""
    shell.run("db", "downgrade", "0023", "--yes")
    shell.run("backup", "create", "older")
    shell.env["CHORUS_DATABASE_URL"] = f"sqlite:///{tmp_path}/new.db"
    assert "is restored" in " ".join(shell.run("backup", "restore", "older").split())
    shell.run("db", "upgrade")


def test_what_was_due_is_settled_while_nothing_runs(shell: Shell) -> None:
    """After a database was put back by other means."""
    assert "not sent" in shell.run("backup", "settle")
    database = Database(shell.env["CHORUS_DATABASE_URL"])
    with database.transaction() as session:
        worker_leases.take(session, "worker-1", token="t", host="here", pid=1)
    database.close()
    assert "Stop all processes" in shell.run("backup", "settle", fails=True)


@pytest.mark.parametrize("who", ["0", "7", "999999999", "9" * 40, "-1", "٧", "1.0"])
def test_a_number_of_nobody_is_nobody(shell: Shell, who: str) -> None:
    assert "is known" in shell.run("people", "erase", "--yes", "--", who, fails=True)


def test_a_table_of_nothing_says_so(shell: Shell) -> None:
    assert shell.run("deliveries") == "There is nothing to show.\n"
