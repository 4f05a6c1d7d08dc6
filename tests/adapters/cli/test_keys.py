"""The keys that seal what is stored, at the terminal: where they come from, and what is said where they do not fit."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from storage.database import Database
from storage.people.employees import Employee
from storage.secrets import MARK, load_keys, new_key
from tests.adapters.cli.shell import Shell
from tests.keys import KEY

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def test_keys_are_made_and_rotated(shell: Shell) -> None:
    key = shell.run("secrets", "new-key").strip()
    shell.env["CHORUS_SECRET_KEYS"] = f"{key},{shell.env['CHORUS_SECRET_KEYS']}"
    assert shell.run("secrets", "rotate") == "0 secrets are sealed with the newest key.\n"


def test_what_is_not_there_is_not_sealed(tmp_path: Path) -> None:
    assert "There is no such database" in Shell(tmp_path).run("secrets", "rotate", fails=True)
    assert not list(tmp_path.glob("*.db*"))


def test_keys_come_from_a_file_or_a_command(shell: Shell, tmp_path: Path) -> None:
    key = shell.env.pop("CHORUS_SECRET_KEYS")
    file = tmp_path / "keys"
    file.write_text(f"{key}\n")
    asker = tmp_path / "ask"
    asker.write_text(f"#!/bin/sh\necho {key}\n")
    asker.chmod(0o700)
    for name, value in (("FILE", str(file)), ("COMMAND", f"{asker} --of 'this key'")):
        shell.env[f"CHORUS_SECRET_KEYS_{name}"] = value
        assert "sealed with the newest key" in shell.run("secrets", "rotate")
        shell.env["CHORUS_SECRET_KEYS"] = key
        assert "told by one of" in shell.run("secrets", "rotate", fails=True)
        del shell.env["CHORUS_SECRET_KEYS"]
        del shell.env[f"CHORUS_SECRET_KEYS_{name}"]
    for name, value, why in (
        ("FILE", "/nowhere", "No such file"),
        ("COMMAND", f"sh -c 'echo {key} >&2; exit 3'", "it ended with 3"),
        ("COMMAND", "no-such-command", "No such file"),
    ):
        shell.env[f"CHORUS_SECRET_KEYS_{name}"] = value
        said = shell.run("secrets", "rotate", fails=True)
        assert why in said
        assert key not in said
        del shell.env[f"CHORUS_SECRET_KEYS_{name}"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (b"", "CHORUS_SECRET_KEYS_FILE tells no key"),
        (b"# the key of the office\n", "CHORUS_SECRET_KEYS_FILE tells no key"),
        (b"nonsense\n", "CHORUS_SECRET_KEYS_FILE tells something that is no key"),
        (b"\xff\xfe", "CHORUS_SECRET_KEYS_FILE cannot be read"),
    ],
)
def test_a_file_without_a_key_is_named(shell: Shell, tmp_path: Path, words: bytes, said: str) -> None:
    file = tmp_path / "keys"
    file.write_bytes(words)
    del shell.env["CHORUS_SECRET_KEYS"]
    shell.env["CHORUS_SECRET_KEYS_FILE"] = str(file)
    assert said in shell.run("people", "list", fails=True)


def test_a_file_may_have_remarks_and_what_editors_put_before_the_first_word(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_text(f"# of the office\r\n{shell.env.pop('CHORUS_SECRET_KEYS')}\r\n", "utf-8-sig")
    shell.env["CHORUS_SECRET_KEYS_FILE"] = str(file)
    assert "sealed with the newest key" in shell.run("secrets", "rotate")


@pytest.fixture
def sealed(shell: Shell) -> Shell:
    """Somebody, sealed, and an act in the audit log."""
    shell.env["CHORUS_SEAL_PEOPLE"] = "1"
    _adds(shell, "Aino", seals=True)
    shell.run("people", "set", "aino@koivu.example", "--role", "owner")
    return shell


def _adds(shell: Shell, name: str, *, seals: bool) -> None:
    load_keys([KEY], seals_people=seals)
    database = Database(shell.env["CHORUS_DATABASE_URL"])
    with database.transaction() as session:
        session.add(Employee(name=name, email="aino@koivu.example", joined_at=NOW))
    database.close()


@pytest.mark.parametrize(
    "command",
    [
        ("people", "set", "aino@koivu.example", "--role", "lead"),
        ("people", "erase", "aino@koivu.example", "--yes"),
        ("people", "list"),
        ("audit", "list"),
        ("secrets", "rotate"),
        ("worker",),
    ],
)
def test_keys_that_open_nothing_are_said_and_change_nothing(sealed: Shell, command: tuple[str, ...]) -> None:
    sealed.env["CHORUS_SECRET_KEYS"] = new_key()
    assert "cannot be opened with the keys of CHORUS_SECRET_KEYS" in sealed.run(*command, fails=True)
    sealed.env["CHORUS_SECRET_KEYS"] = KEY
    assert "owner" in sealed.run("people", "list")
    assert "whole" in sealed.run("audit", "verify")


def test_the_doctor_says_what_the_keys_do_not_open(sealed: Shell) -> None:
    assert "does not open" not in sealed.ends("doctor")[1]
    sealed.env["CHORUS_SECRET_KEYS"] = new_key()
    said = " ".join(sealed.ends("doctor")[1].split())
    assert "does not open: audit_keys.key" in said
    assert "employees.email" in said


def test_the_doctor_and_rotating_agree_of_a_name_that_looks_sealed(shell: Shell) -> None:
    _adds(shell, f"{MARK}0:AAAA", seals=False)
    assert "names and addresses" not in shell.ends("doctor")[1]
    assert "0 names" in shell.run("secrets", "rotate") or "names" not in shell.run("secrets", "rotate")
    assert "names and addresses" not in shell.ends("doctor")[1]
