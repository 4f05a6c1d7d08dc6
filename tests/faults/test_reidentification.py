"""Somebody with the server tries to find out who said what: database files, nightly copies, logs and keys in hand."""

from __future__ import annotations

import json
import re
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
from storage.database import Database
from storage.people import employees
from storage.pulse import rounds
from storage.pulse.ballots import BallotBox, Voter
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
                person = identity.employee_id
                asked = rounds.asked_of(session, row.id)
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
        stage.now += timedelta(days=1)
        stage.ticks()
        world.copies_the_database()
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


def everything_in(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """All rows of all tables."""
    with sqlite3.connect(path) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: connection.execute(f"SELECT * FROM {name}").fetchall() for name in names}


def test_after_the_close_nobody_is_named_and_no_rating_read(world: World) -> None:
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

    # no token, from which anything could follow, was ever in the main database nor in a copy of it
    assert not any(token.encode() in in_reach for token in world.tokens.values())

    # what is kept of the round are sums with noise, one a unit, also for those of one and of three people
    tables = everything_in(world.folder / "chorus.db")
    assert tables["invitations"] == []
    assert "answers" not in tables
    with sqlite3.connect(world.folder / "chorus.db") as connection:
        ((release,),) = connection.execute("SELECT release FROM rounds").fetchall()
    kept = json.loads(release)
    assert set(kept) == {"factor", "units", "total", "squares", "statements", "times", "people"}
    assert len(kept["units"]) == len(UNITS)

    # nor does any row besides say who answered: a reminder told it until the close
    reminded = [row for row in tables["deliveries"] if "pulse_reminder" in row]
    assert reminded == []

    # and the log tells that somebody took part, neither who nor what was said
    log = (world.folder / "log.json").read_text()
    presses = [line for line in map(json.loads, log.splitlines()) if line.get("capability") == "press pulse"]
    assert presses
    assert {line["person"] for line in presses} == {None}
    assert "rate_" not in log
    assert not any(token in log for token in world.tokens.values())


def test_while_the_round_is_open_the_keeper_of_the_ballot_box_can_and_docs_say_so(tmp_path: Path) -> None:
    load_keys([new_key()])
    box = BallotBox(f"sqlite:///{tmp_path}/ballots.db")
    box.begin(1)
    box.cast(1, Voter(1, 17, None), 3, 5)
    (ballot,) = box.take(1)
    assert (ballot.token, ballot.value) == (box.token(1, 17), 5)
    box.close()
    told = (Path(__file__).parents[2] / "docs" / "privacy.md").read_text()
    assert "While a round is open" in told


def test_the_destroyed_secret_is_gone_from_the_file_itself(tmp_path: Path) -> None:
    load_keys([new_key()])
    box = BallotBox(f"sqlite:///{tmp_path}/ballots.db")
    box.begin(1)
    with sqlite3.connect(tmp_path / "ballots.db") as connection:
        (sealed,) = connection.execute("SELECT secret FROM cycle_secrets").fetchone()
    files = lambda: b"".join(path.read_bytes() for path in tmp_path.glob("ballots.db*"))  # noqa: E731
    assert bytes(sealed) in files()
    box.destroy(1)
    assert bytes(sealed) not in files()
    assert box.token(1, 17) is None
    box.close()


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
