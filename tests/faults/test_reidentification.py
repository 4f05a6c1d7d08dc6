"""Somebody with the server tries to find out who said what: database files, nightly copies, logs and keys in hand."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
import structlog
from cryptography.fernet import Fernet, InvalidToken

from adapters import logs
from bot.core.events import Command, Message, Pressed
from bot.features.pulse.jobs.closing import token_for
from bot.features.pulse.retention import KEEP_INVITATIONS
from storage.database import Database
from storage.people import employees
from storage.pulse import rounds
from storage.pulse.ballots import BallotBox
from storage.secrets import load_keys, new_key
from tests.stage import WORKSPACE, Stage

UNITS = {"Sales": 14, "Field": 9, "People": 3, "Boss": 1}


class World:
    """What happened, and what the attacker holds: copies of the main database, made each evening, and the logs."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.key = folder, new_key()
        load_keys([self.key])
        self.said: dict[int, int] = {}  # employee → rating of the first statement: the truth
        self.unit: dict[int, str] = {}
        self.order: list[int] = []  # who answered when
        self.tokens: dict[int, str] = {}
        self.copies: list[Path] = []

    def copies_the_database(self) -> None:
        copy = self.folder / f"copy-{len(self.copies)}.db"
        with sqlite3.connect(self.folder / "chorus.db") as source, sqlite3.connect(copy) as target:
            source.backup(target)
        self.copies.append(copy)


def plays(world: World) -> None:
    """One round in which everybody answers over three days, and then time until the secret's date is over."""
    database = Database(f"sqlite:///{world.folder}/chorus.db")
    database.upgrade()
    random = Random(7)
    with Stage(database) as stage:
        people = [f"{unit}-{number}" for unit, size in UNITS.items() for number in range(size)]
        for user in people:
            world.unit[stage.hires(user, unit=user.partition("-")[0])] = user.partition("-")[0]
        stage.hires("laura", roles=["employee", "lead"], unit="Sales")
        stage.now = stage.now.replace(hour=8)
        stage.types("laura", "pulse")
        stage.presses("laura", "Open a round")
        stage.ticks()
        random.shuffle(people)
        with database.transaction() as session:
            row = rounds.newest(session)
            assert row is not None
            cycle, closes_at = row.cycle, row.closes_at
        for number, user in enumerate(people):
            with database.transaction() as session:
                identity = employees.identity(session, WORKSPACE, user)
                assert identity is not None
                person, unit = identity.employee_id, identity.employee.unit_id
                asked = rounds.asked_of(session, row.id, unit or 0)
            world.said[person] = random.randint(1, 5)
            world.order.append(person)
            world.tokens[person] = stage.ballots.token(cycle.id, person) or ""
            for item in asked:
                stage.pressed(user, f"pulse.rate_{world.said[person]}", item.id)
            if number % 9 == 8:
                world.copies_the_database()
                stage.ticks(minutes=24 * 60)
        stage.now = closes_at
        stage.ticks()
        stage.ticks(minutes=1)
        world.copies_the_database()
        stage.now += KEEP_INVITATIONS + timedelta(days=1)
        stage.ticks()
        world.copies_the_database()
        shutil.copy(world.folder / "chorus-ballots.db", world.folder / "before.db")
        stage.now = stage.now.replace(
            year=cycle.destroy_on.year, month=cycle.destroy_on.month, day=cycle.destroy_on.day
        ) + timedelta(days=1)
        stage.ticks()
        world.copies_the_database()
    database.close()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    with (tmp_path / "log.json").open("w") as log:
        structlog.configure(
            processors=[structlog.processors.format_exc_info, logs.redact, structlog.processors.JSONRenderer()],
            logger_factory=structlog.PrintLoggerFactory(log),
        )
        plays(world)
    yield world
    structlog.reset_defaults()


def answers_in(path: Path) -> list[tuple[str, int | None, int]]:
    """(token, unit, value) of the first statement of each person, in the order in which the file holds them."""
    with sqlite3.connect(path) as connection:
        rows = connection.execute("SELECT token, unit_id, value FROM answers WHERE part = 'factor'").fetchall()
    first: dict[str, tuple[str, int | None, int]] = {}
    for token, unit, value in rows:
        first.setdefault(token, (token, unit, value))
    return list(first.values())


def test_after_the_date_nobody_does_better_than_chance(world: World) -> None:
    copies = [*world.copies, world.folder / "chorus.db"]
    in_reach = b"".join(path.read_bytes() for path in [*copies, *world.folder.glob("chorus*")])

    # the secret is nowhere: no sealed value that the keys open makes anybody's token
    sealed = set(re.findall(rb"gAAAAA[\w=-]{60,}", in_reach))
    keys = Fernet(world.key)
    for value in sealed:
        try:
            opened = keys.decrypt(value)
        except InvalidToken:
            continue
        assert not re.fullmatch(rb"[0-9a-f]{64}", opened)

    # the nightly copies hold no answer while the round is open, so that two of them have no difference to read
    evenings = [answers_in(path) for path in world.copies]
    assert [len(found) for found in evenings[:3]] == [0, 0, 0]
    assert len(evenings[-1]) == len(world.said)

    # no unit is kept in which fewer than six answered: the boss and the small team stand in their parent
    sizes: dict[int | None, int] = {}
    for _token, unit, _value in evenings[-1]:
        sizes[unit] = sizes.get(unit, 0) + 1
    assert min(sizes.values()) > 5

    # the order in the file is not the order of arrival: matched by place, people are found as by chance
    held = [token for token, _unit, _value in answers_in(world.folder / "chorus.db")]
    kept = {person: token_for(1, token) for person, token in world.tokens.items()}
    hits = sum(kept[person] == token for person, token in zip(world.order, held, strict=True))
    assert hits <= 4  # of 27; chance expects one

    # and the log tells that somebody took part, neither who nor what was said
    log = (world.folder / "log.json").read_text()
    presses = [line for line in map(json.loads, log.splitlines()) if line.get("capability") == "press pulse"]
    assert presses
    assert {line["person"] for line in presses} == {None}
    assert "rate_" not in log
    assert not any(token in log for token in world.tokens.values())


def test_before_the_date_the_keeper_of_the_ballot_box_can_and_docs_say_so(world: World) -> None:
    box = BallotBox(f"sqlite:///{world.folder}/before.db")
    found = {token: value for token, _unit, value in answers_in(world.copies[-2])}
    guessed = {person: found[token_for(1, box.token(1, person) or "")] for person in world.said}
    assert guessed == world.said
    box.close()
    told = (Path(__file__).parents[2] / "docs" / "privacy.md").read_text()
    assert "confidential, not anonymous" in told


def test_the_destroyed_secret_is_gone_from_the_file_itself(tmp_path: Path) -> None:
    load_keys([new_key()])
    box = BallotBox(f"sqlite:///{tmp_path}/ballots.db")
    box.begin(1)
    with sqlite3.connect(tmp_path / "ballots.db") as connection:
        (sealed,) = connection.execute("SELECT secret FROM cycle_secrets").fetchone()
    box.assign(1, {17: 3})
    files = lambda: b"".join(path.read_bytes() for path in tmp_path.glob("ballots.db*"))  # noqa: E731
    assert bytes(sealed) in files()
    box.destroy(1)
    assert bytes(sealed) not in files()
    assert (box.token(1, 17), box.block(1, 17)) == (None, None)
    box.close()


def test_nobody_is_known_by_the_rounds_that_they_answered(stage: Stage) -> None:
    """Who answers which rounds is a fingerprint: 28 of 39 people were named by it, when a token spanned a cycle."""
    people = [f"p{number}" for number in range(9)]
    for user in people:
        stage.hires(user, unit="Sales")
    stage.hires("laura", roles=["employee", "lead"], unit="Sales")
    for _round in range(2):
        stage.types("laura", "pulse")
        stage.presses("laura", "Open a round")
        stage.ticks()
        units = {user: stage.person(user).unit_id or 0 for user in people}
        with stage.database.transaction() as session:
            row = rounds.newest(session)
            assert row is not None
            asked = {user: rounds.asked_of(session, row.id, units[user]) for user in people}
        for user in people:
            for item in asked[user]:
                press = Pressed(
                    workspace=WORKSPACE,
                    user=user,
                    address=f"{WORKSPACE}:{user}",
                    action="pulse.rate_4",
                    ref=item.id,
                    keys=(f"fake:T1:press:{user}:1700.{item.id}",),
                )
                stage.handle(press)
        stage.now = row.closes_at
        stage.ticks()
        stage.ticks(minutes=1)
        stage.types("laura", "pulse")
        stage.submits("laura", stage.presses("laura", "Publish a result…").form, result_en="So.", action_en="This.")
    with stage.database.transaction() as session:
        connection = session.connection()
        tokens: dict[int, set[str]] = {}
        for round_id, token in connection.exec_driver_sql("SELECT DISTINCT round_id, token FROM answers"):
            tokens.setdefault(round_id, set()).add(token)
        assert [len(found) for found in tokens.values()] == [9, 9]
        assert not set.intersection(*tokens.values())
        assert connection.exec_driver_sql("SELECT count(*) FROM invitations WHERE answered").scalar() == 0
        assert connection.exec_driver_sql("SELECT count(*) FROM rounds WHERE moved_to IS NOT NULL").scalar() == 0
        keys = [key for (key,) in connection.exec_driver_sql("SELECT key FROM handled_events")]
        assert not [key for key in keys if "press:p" in key]


def test_what_is_being_read_is_destroyed_again_until_it_is_gone(tmp_path: Path) -> None:
    """A reader that began before keeps the old pages in the log beside the file: that is not called destroyed."""
    load_keys([new_key()])
    box = BallotBox(f"sqlite:///{tmp_path}/ballots.db")
    box.begin(1)
    path = tmp_path / "ballots.db"
    with sqlite3.connect(path) as connection:
        (sealed,) = connection.execute("SELECT secret FROM cycle_secrets").fetchone()
    connection.close()
    reader = sqlite3.connect(path, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM cycle_secrets").fetchall()
    assert box.destroy(1) is False
    reader.execute("COMMIT")
    reader.close()
    assert box.destroy(1) is True
    assert bytes(sealed) not in b"".join(file.read_bytes() for file in tmp_path.glob("ballots.db*"))
    box.close()


def test_files_are_their_owners_alone(tmp_path: Path) -> None:
    old = tmp_path / "old.db"
    old.touch(mode=0o644)
    for path in (old, tmp_path / "chorus.db"):
        database = Database(f"sqlite:///{path}")
        database.upgrade()
        database.ping()
        assert {file.stat().st_mode & 0o777 for file in tmp_path.glob(f"{path.name}*")} == {0o600}
        database.close()
    box = BallotBox(f"sqlite:///{tmp_path}/ballots.db")
    box.begin(1)
    assert {file.stat().st_mode & 0o777 for file in tmp_path.glob("ballots.db*")} == {0o600}
    box.close()


@pytest.mark.parametrize("way", ["command", "message", "press"])
def test_the_log_does_not_say_who_opened_the_pulse(stage: Stage, way: str) -> None:
    stage.hires("aino")
    where = {"workspace": WORKSPACE, "user": "aino", "address": f"{WORKSPACE}:aino", "keys": ("of-aino",)}
    event = {
        "command": Command(**where, name="pulse"),
        "message": Message(**where, text="pulse"),
        "press": Pressed(**where, action="show.pulse", ref=0),
    }[way]
    with structlog.testing.capture_logs() as lines:
        stage.handle(event)
        stage.sends()
    (turn,) = [line for line in lines if line["event"] == "turn"]
    assert turn["person"] is None
    assert not any("aino" in str(line.values()) for line in lines)
