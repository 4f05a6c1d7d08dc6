"""`chorus framework`, as an administrator types it; and what is left of it when it is killed."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from adapters.cli.framework import framework
from bot.features.framework.domain import file, repository
from bot.features.framework.domain.model import SECTIONS
from storage.database import Database
from storage.framework import framework as rows
from storage.people.employees import Employee
from tests.bot.features.framework.test_framework_file import GOOD
from tests.stage import MONDAY

KILLED = """
import os, signal, sys
from datetime import UTC, datetime
from bot.features.framework.domain import file, repository
from storage import tables
from storage.database import Database
with Database(sys.argv[1]).transaction() as session:
    model = file.read(open(sys.argv[2], "rb").read()).model
    assert tables and repository.apply(session, model, seen=None, by=None, why="", now=datetime.now(UTC))
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def database(sqlite: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    monkeypatch.setenv("CHORUS_DATABASE_URL", sqlite.engine_url)
    with sqlite.transaction() as session:
        session.add(Employee(name="Laura", email="laura@koivu.example", joined_at=MONDAY, roles=["lead"]))
    return sqlite


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "framework.yaml"
    path.write_bytes(GOOD.replace(b"2026-11-01", b"2046-11-01").replace(b"2027-03-01", b"2047-03-01"))
    return path


def run(*words: str, answer: str = "") -> Any:
    return CliRunner().invoke(framework, [str(word) for word in words], input=answer)


def test_from_a_file_to_the_database_and_back(database: Database, path: Path, tmp_path: Path) -> None:
    assert "in order" in run("check", str(path)).output
    assert "goals · talent · new" in run("diff", str(path)).output
    assert "goals" in run("apply", str(path), answer="n\n").output  # shown, asked, and left
    with database.transaction() as session:
        assert rows.goals(session) == []
    done = run("apply", str(path), "--yes", "--by", "laura@koivu.example", "--why", "Autumn plan")
    assert "changed" in done.output
    with database.transaction() as session:
        change = rows.newest_change(session, "goals", "talent")
        assert change is not None
        assert (change.by.name if change.by else None, change.why, change.before) == ("Laura", "Autumn plan", None)
        assert [goal.name for goal in rows.goals(session)] == ["More who share"]
    copy = tmp_path / "copy.yaml"
    assert run("export", "-o", str(copy)).exit_code == 0
    assert "Nothing to change" in run("apply", str(copy), "--yes").output
    assert json.loads(run("schema").output)["properties"]["goals"]


def test_the_example_applied_to_an_empty_database_is_the_demo_organisations_model(
    database: Database, tmp_path: Path
) -> None:
    path, copy = tmp_path / "example.yaml", tmp_path / "copy.yaml"
    assert run("example", "-o", str(path)).exit_code == 0
    assert "changed" in run("apply", str(path), "--yes").output
    assert "Nothing to change" in run("apply", str(path), "--yes").output
    assert run("export", "-o", str(copy)).exit_code == 0
    wanted, stands = (file.read(one.read_bytes()).model for one in (path, copy))
    for section in SECTIONS:
        assert stands.section(section).items() >= wanted.section(section).items()


def test_whom_nobody_knows_is_named(database: Database, path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"deputy: ben", b"deputy: ghost"))
    for command in ("check", "diff", "apply"):
        said = run(command, str(path), answer="n\n").output
        assert "ghost@" in said
        assert "nobody here has this address" in said
        assert "laura@koivu.example: nobody" not in said


def test_a_mistake_stops_it_and_says_where(database: Database, path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"deputy: ben", b"deputy: anna"))
    for command in ("check", "diff", "apply"):
        done = run(command, str(path))
        assert done.exit_code == 1
    with database.transaction() as session:
        assert rows.goals(session) == []


def test_without_tables_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch, path: Path, tmp_path: Path) -> None:
    monkeypatch.setenv("CHORUS_DATABASE_URL", f"sqlite:///{tmp_path}/empty.db")
    done = run("check", str(path))
    assert done.exit_code == 1
    assert "chorus db upgrade" in done.output


def test_killed_half_way_nothing_is_half_done(database: Database, path: Path) -> None:
    with database.transaction() as session:
        before = repository.current_framework(session)
    ended = subprocess.run([sys.executable, "-c", KILLED, database.engine_url, str(path)], timeout=60)
    assert ended.returncode == -signal.SIGKILL
    with database.transaction() as session:
        assert repository.current_framework(session) == before
        assert rows.changes(session, 10) == []
