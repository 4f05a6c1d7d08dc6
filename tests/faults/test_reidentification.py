"""Somebody with the server tries to find out who answered and what: all rows, nightly copies, files, logs in hand."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
import structlog
from sqlalchemy import MetaData, func, select, text

from adapters import logs
from bot.core.events import Command, Message, Pressed
from bot.core.ports import Calls, Limits, RetryAfter
from bot.core.routes import FeatureRoutes
from bot.features.pulse.jobs import rounds as pulse_rounds
from bot.features.sharing.jobs import plan
from bot.routes import FEATURES
from storage.database import Database
from storage.delivery.deliveries import Delivery
from storage.delivery.rate_limits import RateLimitBucket
from storage.pulse import rounds
from tests.byte_search import checkpoint, folder_of, found, rows_of_store
from tests.stage import WORKSPACE, Stage

UNITS = {"Sales": 14, "Field": 9, "People": 3}
COMMENT = "Unforgettable words 8812"
WHO_THEY_ARE = {"employees", "identities", "nudge_weeks"}  # the last is drawn by lot, whatever they do
FEW = 6  # values that a column may have and still put people in groups


@dataclass
class World:
    """What happened, and what the attacker holds: all rows, each evening, the files, and the log."""

    database: Database
    log: Path
    addresses: dict[int, str] = field(default_factory=dict)  # employee → where they are written to
    answered: set[int] = field(default_factory=set)  # the truth
    moments: dict[int, list[str]] = field(default_factory=dict)  # when each of them did something, to the second
    stored: list[bytes] = field(default_factory=list)  # what stood in the round's store
    evenings: list[dict[str, list[dict[str, Any]]]] = field(default_factory=list)


def plays(world: World, features: Sequence[FeatureRoutes] = FEATURES) -> None:
    """A round in which every second person answers, on the first day and the fourth; with a reminder between."""
    random = Random(7)
    with Stage(world.database, features) as stage:
        people = [f"{unit.lower()}{number}" for unit, size in UNITS.items() for number in range(size)]
        for user in people:
            person = stage.hires(user, unit=user.rstrip("0123456789"))
            world.addresses[person] = f"{WORKSPACE}:{user}"
        stage.opens_a_round()
        stage.ticks(minutes=8 * 60)
        random.shuffle(people)
        first, later = people[: len(people) // 4], people[len(people) // 4 : len(people) // 2]
        for user in first:
            _answers(world, stage, user)
        world.evenings.append(_rows(world.database))
        for _day in range(3):
            stage.ticks(minutes=24 * 60)
            world.evenings.append(_rows(world.database))
        for user in later:
            _answers(world, stage, user)
        world.answered = {stage.person(user).id for user in first + later}
        with world.database.transaction() as session:
            row = rounds.newest(session)
            assert row is not None
        for table in ("key", "ballots"):
            world.stored += [value for line in rows_of_store(world.database, row.id, table) for value in line[:2]]
        world.stored = [value for value in world.stored if isinstance(value, bytes)]
        world.evenings.append(_rows(world.database))
        stage.now = row.closes_at
        stage.ticks()
        stage.ticks(minutes=1)
        world.evenings.append(_rows(world.database))


def _answers(world: World, stage: Stage, user: str) -> None:
    """By the card, by the command, with a comment; each thing at a moment of its own."""

    def does(*what: Any) -> None:
        stage.now += timedelta(seconds=61)
        world.moments.setdefault(stage.person(user).id, []).append(stage.now.isoformat(sep=" ")[:19])
        what[0](user, *what[1:])

    does(stage.types, "pulse")
    does(stage.presses, "Answer")
    while "Thank you!" not in stage.sees(user)[-1]:
        does(stage.presses, Random(user).choice(["Agree", "Disagree", "Skip"]))
    if user.endswith("1"):
        form = stage.presses(user, "Add a comment…").form
        stage.submits(user, form, stage.newest(user), text=f"{COMMENT} {'x' * len(user)}")


def _rows(database: Database) -> dict[str, list[dict[str, Any]]]:
    """All rows of all tables."""
    found_tables = MetaData()
    found_tables.reflect(database.engine)
    with database.engine.connect() as connection:
        return {
            table.name: [dict(row._mapping) for row in connection.execute(select(table))]
            for table in found_tables.sorted_tables
        }


@pytest.fixture
def world(database: Database, tmp_path: Path) -> Iterator[World]:
    with (tmp_path / "log.json").open("w") as log:
        before = structlog.get_config()
        structlog.configure(
            processors=[structlog.processors.format_exc_info, logs.redact, structlog.processors.JSONRenderer()],
            logger_factory=structlog.PrintLoggerFactory(log),
        )
        yield World(database, tmp_path / "log.json")
    structlog.configure(**before)


def told_by_rows(world: World) -> set[int]:
    """The attack on rows: people whose rows do not look like everybody else's, or hold a moment at which they answered."""
    told = set[int]()
    for evening in world.evenings:
        signs = {person: _signs(evening, person, address) for person, address in world.addresses.items()}
        usual = Counter(frozenset(mine.items()) for mine in signs.values()).most_common(1)[0][0]
        told |= {person for person, mine in signs.items() if frozenset(mine.items()) != usual}
        for person, moments in world.moments.items():
            for rows in evening.values():
                mine = [row for row in rows if _is_of(row, person, world.addresses[person])]
                if any(moment in str(value) for row in mine for value in row.values() for moment in moments):
                    told.add(person)
    return told


def _signs(evening: dict[str, list[dict[str, Any]]], person: int, address: str) -> Counter[tuple[object, ...]]:
    """How the person's rows look: the values of columns that have few, and which of the others are empty."""
    signs = Counter[tuple[object, ...]]()
    for name, rows in evening.items():
        if name in WHO_THEY_ARE:
            continue
        values = {column: {str(row[column]) for row in rows} for column in (rows[0] if rows else {})}
        for row in rows:
            if _is_of(row, person, address):
                shown = (row[column] if len(values[column]) <= FEW else row[column] is None for column in row)
                signs[name, *map(str, shown)] += 1
    return signs


def _is_of(row: dict[str, Any], person: int, address: str) -> bool:
    return row.get("employee_id") == person or address in map(str, row.values())


def test_no_row_tells_who_answered(world: World) -> None:
    plays(world)
    assert len(world.answered) == sum(UNITS.values()) // 2
    assert told_by_rows(world) == set()


def test_the_attack_finds_it_where_a_reminder_is_an_ordinary_message(world: World) -> None:
    """The test can fail: this is how reminders were sent before."""
    pulse = next(feature for feature in FEATURES if feature.name == "pulse")
    usual = replace(pulse.message_kinds["pulse_reminder"], is_confidential=False)
    leaky = replace(pulse, message_kinds={**pulse.message_kinds, "pulse_reminder": usual})
    plays(world, [leaky if feature is pulse else feature for feature in FEATURES])
    told = told_by_rows(world)
    assert len(told) >= 5  # who had answered before the reminder
    assert told < world.answered


def test_no_byte_of_an_answer_is_left_and_no_line_of_the_log_names_anybody(world: World) -> None:
    plays(world)
    checkpoint(world.database)
    sought = [*world.stored, COMMENT.encode()]
    assert len(sought) > len(world.addresses)
    assert found(folder_of(world.database), sought) == []
    assert found(world.log.parent, sought) == []
    kept = json.dumps(world.evenings, default=str)
    assert COMMENT not in kept
    (row,) = world.evenings[-1]["rounds"]
    release = json.loads(row["release"]) if isinstance(row["release"], str) else row["release"]
    assert set(release) == {"factor", "units", "total", "squares", "statements", "times", "people"}
    assert len(release["units"]) == len(UNITS) + 1  # Laura has none

    lines = [json.loads(line) for line in world.log.read_text().splitlines()]
    assert not [line for line in lines if "pulse" in str(line.get("capability"))]  # their number would tell how many
    whole = world.log.read_text()
    assert "rate_" not in whole
    assert not any(address in whole for address in world.addresses.values())
    assert not any(line.get("kind") == "pulse_reminder" for line in lines)


def test_while_the_round_is_open_who_runs_the_server_can_and_docs_say_so(world: World) -> None:
    with Stage(world.database) as stage:
        stage.ballots.open(1)
        stage.ballots.invite(1, [(17, 3)])
        stage.ballots.rate(1, 17, 31, 5)
        assert stage.ballots.everybody(1)[0].ratings == {31: 5}
        stage.ballots.erase(1)
    told = (Path(__file__).parents[2] / "docs" / "privacy.md").read_text()
    assert "While a round is open" in told


def asks_two(stage: Stage) -> None:
    """Aino and Eero are invited to an open round."""
    for user in ("aino", "eero"):
        stage.hires(user)
    stage.opens_a_round()
    stage.ticks(minutes=8 * 60)


def test_whom_nudges_are_planned_for_does_not_depend_on_who_answered(stage: Stage) -> None:
    """Whoever may still be reminded leaves room for it in their week, also where they have answered."""
    asks_two(stage)
    stage.presses("aino", "Answer")
    stage.presses("aino", "Agree")
    with stage.database.transaction() as session:
        ids = [stage.person(user).id for user in ("aino", "eero")]
        assert plan._awaiting(stage.dependencies.job(session), ids) == set(ids)


def test_a_platform_that_asks_us_to_wait_stores_nothing_of_a_press(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A replacement that has to wait is left to the engine, which would write down whose card it is."""
    monkeypatch.setattr("scheduler.delivery.sender.LONGEST_TRY", 0.01)
    asks_two(stage)

    async def says_wait(_message: str, _card: object) -> RetryAfter:
        return RetryAfter(30.0, "later")

    with stage.database.transaction() as session:
        before = session.scalar(select(func.count()).select_from(Delivery))
    monkeypatch.setattr(stage.chat, "update", says_wait)
    stage.presses("aino", "Answer")
    with stage.database.transaction() as session:
        assert session.scalar(select(func.count()).select_from(Delivery)) == before


def test_reminders_leave_no_mark_at_the_conversation(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """The moment from which on a conversation may be written to again would tell who was."""
    monkeypatch.setattr(stage.chat, "limits", Limits(conversation_gap=1e-6))
    asks_two(stage)
    with stage.database.transaction() as session:
        before = {row.bucket: row.free_at for row in session.scalars(select(RateLimitBucket))}
    assert f"{WORKSPACE}:aino" in before  # of the invitation, which everybody gets
    for _day in range(4):
        stage.ticks(minutes=24 * 60)
    assert "How are we doing" in stage.sees("aino")[-1]
    assert len(stage.sees("aino")) > 1
    with stage.database.transaction() as session:
        after = {row.bucket: row.free_at for row in session.scalars(select(RateLimitBucket))}
    assert {bucket for bucket in after if after[bucket] != before.get(bucket)} <= {
        WORKSPACE,
        f"{WORKSPACE}#updates",
        f"{WORKSPACE}:laura",  # who is told of the close
    }


def test_a_wave_takes_as_long_whether_or_not_a_reminder_leaves(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine writes down when its work began and ended: nothing of it waits for a reminder, nor for a refusal."""
    asks_two(stage)
    stage.ticks(minutes=24 * 60)
    stage.now = stage.now.replace(hour=8) + timedelta(days=1)
    stage.run(stage.shell.run_job(pulse_rounds.remind_of_round))
    wave = next(iter({row.wave for row in _reminders(stage)}))
    goes_on = asyncio.Event()
    tried = []

    async def hangs(address: str, _card: object, *, mark: str) -> RetryAfter:
        tried.append(address)
        await goes_on.wait()
        return RetryAfter(600.0, "limit", Calls.SENDS)

    monkeypatch.setattr(stage.chat, "send", hangs)
    monkeypatch.setattr("scheduler.delivery.sender.LONGEST_TRY", 0.0)
    stage.now += timedelta(days=1)

    async def drains() -> None:
        await asyncio.wait_for(stage.waves.drain_batch(wave, WORKSPACE, True), 5)
        await asyncio.sleep(0.05)
        assert tried
        assert {row.state for row in _reminders(stage)} == {"sent"}
        goes_on.set()
        await stage.waves.close()

    stage.run(drains())
    with stage.database.transaction() as session:
        paused = session.get(RateLimitBucket, WORKSPACE)
        assert paused is None or paused.paused_until == 0.0


def _reminders(stage: Stage) -> list[Delivery]:
    with stage.database.transaction() as session:
        return list(session.scalars(select(Delivery).where(Delivery.kind == "pulse_reminder")))


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
    assert [line for line in lines if line["event"] == "turn"] == []
    assert not any("aino" in str(line.values()) for line in lines)
    with stage.database.transaction() as session:
        assert session.scalar(text("SELECT count(*) FROM handled_events")) == 0


def test_files_are_their_owners_alone(tmp_path: Path) -> None:
    old = tmp_path / "old.db"
    old.touch(mode=0o644)
    for path in (old, tmp_path / "chorus.db"):
        database = Database(f"sqlite:///{path}")
        database.upgrade()
        database.ping()
        assert {file.stat().st_mode & 0o777 for file in tmp_path.glob(f"{path.name}*")} == {0o600}
        database.close()
