"""Somebody with the server tries to find out who said what: database files, nightly copies, logs and keys in hand."""

from __future__ import annotations

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
from bot.pulse.promises import KEEP_INVITATIONS
from storage import employees, rounds
from storage.ballots import BallotBox
from storage.database import Database
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
        stage.now = stage.now.replace(year=cycle.destroy_on.year, month=cycle.destroy_on.month,
                                      day=cycle.destroy_on.day) + timedelta(days=1)  # fmt: skip
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
    hits = sum(world.tokens[person] == token for person, token in zip(world.order, held, strict=True))
    assert hits <= 4  # of 27; chance expects one

    # and the log tells who took part in a turn, never what was said
    log = (world.folder / "log.json").read_text()
    assert "press pulse" in log
    assert "rate_" not in log
    assert not any(token in log for token in world.tokens.values())


def test_before_the_date_the_keeper_of_the_ballot_box_can_and_docs_say_so(world: World) -> None:
    box = BallotBox(f"sqlite:///{world.folder}/before.db")
    found = {token: value for token, _unit, value in answers_in(world.copies[-2])}
    guessed = {person: found[box.token(1, person) or ""] for person in world.said}
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
