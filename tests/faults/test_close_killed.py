"""The close of a round, killed with SIGKILL at 200 points: one draw is released, and nothing else is left behind."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from random import Random
from types import FrameType
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, make_url, select, text

from bot.core.context import Job
from bot.core.router import Router
from bot.core.rules import Rules
from bot.features.pulse import retention
from bot.features.pulse.domain import noisy_sums
from bot.features.pulse.jobs import closing
from bot.routes import FEATURES
from bot.samples import FixedPictures
from storage.database import Database
from storage.pulse import rounds
from storage.pulse.privacy_spending import Spending
from storage.pulse.round_store import RoundStore
from storage.pulse.rounds import RoundState
from tests.byte_search import checkpoint, folder_of, found, rows_of_store
from tests.sizes import size
from tests.stage import MONDAY, Stage

POINTS = {
    "sqlite": size(40, 160),
    "postgresql": 40,
}  # a quarter of them near the end, where the sums are stored already
SPARE = 40  # lines by which one run may be shorter than another
COMMENT = "Words at the moment of a kill 3306"
WATCHED = (
    "pulse/jobs/closing.py",
    "pulse/retention.py",
    "storage/pulse/",
    "pulse/domain/noisy_sums.py",
    "storage/database.py",
)


class Trial:
    """An open round, of which each point gets a copy."""

    def __init__(self, database: Database) -> None:
        self.name, self.url = database.engine.dialect.name, database.engine_url
        self.now = MONDAY
        with Stage(database) as stage:
            for number in range(12):
                stage.hires(f"p{number}", unit="Sales")
            stage.opens_a_round()
            with database.transaction() as session:
                row = rounds.newest(session)
                assert row is not None
                items = [item.id for item in rounds.asked_of(session, row.id)]
            said = [
                replace(ballot, ratings=dict.fromkeys(items, 4), comment=COMMENT, language="en", has_answered=True)
                for ballot in stage.ballots.everybody(row.id)
            ]
            stage.ballots.put(row.id, said)
            self.round, self.now = row.id, row.closes_at
        stored = [
            value for table in ("key", "ballots") for line in rows_of_store(database, row.id, table) for value in line
        ]
        self.sought = [*(value for value in stored if isinstance(value, bytes)), COMMENT.encode()]
        database.close()

    def copy(self, number: int, folder: Path) -> str:
        """The address of a fresh copy of the database, with the store of its round."""
        if self.name == "sqlite":
            mine = folder / f"point-{number}"
            mine.mkdir()
            for path in Path(make_url(self.url).database or "").parent.glob("chorus*.db*"):
                shutil.copy(path, mine)
            return f"sqlite:///{mine}/chorus.db"
        name = make_url(self.url).database
        with _server(self.url) as connection:
            connection.execute(text(f"CREATE DATABASE {name}_{number} TEMPLATE {name}"))
        return make_url(self.url).set(database=f"{name}_{number}").render_as_string(hide_password=False)


@pytest.fixture
def trial(database: Database) -> Iterator[Trial]:
    trial = Trial(database)
    yield trial
    if trial.name == "postgresql":
        with _server(trial.url) as connection:
            names = connection.scalars(text("SELECT datname FROM pg_database"))
            for name in [name for name in names if name.startswith(f"{make_url(trial.url).database}_")]:
                connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


@contextmanager
def _server(url: str) -> Iterator[Connection]:
    """A connection to the server, outside of the database that is copied."""
    address = make_url(url).set(database="postgres", drivername="postgresql+psycopg")
    engine = create_engine(address, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def close(url: str, now: datetime) -> None:
    """What a tick does: the close, and then what is to be forgotten."""
    database = Database(url)
    store = RoundStore(database)
    try:
        for work in (closing.close_rounds, retention.purge_expired):
            with database.transaction() as session:
                work(Job(session, now, Random(1), Rules(), FixedPictures(), store, Router(FEATURES)))
    finally:
        store.close()
        database.close()


def counted(work: Callable[[], None], *, until: int = 0) -> int:
    """How many lines of the close `work` runs through; at the one numbered `until` the process kills itself."""
    lines = 0

    def on_line(_frame: FrameType, event: str, _argument: object) -> Any:
        nonlocal lines
        if event == "line":
            lines += 1
            if lines == until:
                os.kill(os.getpid(), signal.SIGKILL)
        return on_line

    def on_call(frame: FrameType, _event: str, _argument: object) -> Any:
        return on_line if any(part in frame.f_code.co_filename for part in WATCHED) else None

    sys.settrace(on_call)
    try:
        work()
    finally:
        sys.settrace(None)
    return lines


def in_a_process(work: Callable[[], object]) -> int:
    """What it ended with, as `os.waitpid` has it."""
    child = os.fork()
    if child == 0:
        try:
            work()
        finally:
            os._exit(0)
    return os.waitpid(child, 0)[1]


@pytest.mark.in_turn
@pytest.mark.timeout(600)
def test_killed_at_any_point_one_draw_is_released_and_nothing_is_left(
    trial: Trial, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draws, draw = tmp_path / "draws", noisy_sums.draw

    def noted(*given: Any) -> noisy_sums.NoisySums:
        drawn = draw(*given)
        with draws.open("a") as file:
            file.write(json.dumps(noisy_sums.to_json(drawn)) + "\n")
        return drawn

    monkeypatch.setattr(noisy_sums, "draw", noted)
    whole = trial.copy(0, tmp_path)
    lines = counted(lambda: close(whole, trial.now)) - SPARE
    points = POINTS[trial.name]
    assert lines > 2 * points
    early = [number * lines // (points * 3 // 4) for number in range(1, points * 3 // 4 + 1)]
    late = [lines + number * SPARE // (points // 4) for number in range(points // 4)]
    gone_on, kept = 0, 0
    for number, at in enumerate(early + late, start=1):
        url = trial.copy(number, tmp_path)
        draws.write_text("")
        ended = in_a_process(lambda url=url, at=at: counted(lambda: close(url, trial.now), until=at))  # type: ignore[misc]
        assert ended == signal.SIGKILL or (ended == 0 and at > lines)
        before, drawn = _release(url), len(draws.read_text().splitlines())
        close(url, trial.now)
        close(url, trial.now)
        release, all_drawn = _release(url), [json.loads(line) for line in draws.read_text().splitlines()]
        assert release == all_drawn[-1]
        assert before in (None, release)
        assert len(all_drawn) <= drawn + 1
        gone_on, kept = gone_on + (drawn == len(all_drawn) and before is None), kept + (before is not None)
        _check_nothing_is_left(url, trial)
    assert gone_on >= 2  # drawn and killed before it was committed: released as it was drawn
    assert kept >= 2  # committed and killed before the rest was erased


def _release(url: str) -> dict[str, object] | None:
    database = Database(url)
    with database.transaction() as session:
        row = rounds.newest(session)
        assert row is not None
        release, spent = row.release, session.scalars(select(Spending)).all()
        assert len(spent) == (release is not None)
        assert (row.state == RoundState.CLOSED) == (release is not None)
    database.close()
    return json.loads(json.dumps(release)) if release is not None else None


def _check_nothing_is_left(url: str, trial: Trial) -> None:
    database = Database(url)
    store = RoundStore(database)
    assert store.rounds() == []
    store.close()
    if database.one_writer:
        assert found(folder_of(database), trial.sought[:-1]) == []
        assert list(folder_of(database).glob("*-round-*")) == []
    database.close()


def test_the_search_finds_what_is_there(trial: Trial, tmp_path: Path) -> None:
    """Of the copies it is searched in, before their close."""
    database = Database(trial.copy(1, tmp_path))
    if database.one_writer:
        assert found(folder_of(database), trial.sought[:1])
    store = RoundStore(database)
    assert store.rounds() == [trial.round]
    assert {ballot.comment for ballot in store.everybody(trial.round)} == {COMMENT}
    store.close()
    checkpoint(database)
    database.close()
