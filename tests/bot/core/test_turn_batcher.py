"""Turns decided together: fewer transactions, each turn whole or not at all, and every asker their own answer."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from bot.core.db_executor import DbExecutor
from bot.core.turn_batcher import MOST, TurnBatcher
from storage.database import Database, Session
from storage.database_faults import NoAnswer


@pytest.fixture
def db_executor(database: Database) -> Iterator[DbExecutor]:
    db_executor = DbExecutor(database)
    yield db_executor
    db_executor.close()


class Lanes:
    """Decides by writing a lane of that name, and keeps in mind how many were asked together."""

    def __init__(self, *bad: str) -> None:
        self.bad, self.groups = bad, list[int]()

    def decide(self, session: Session, names: Sequence[str]) -> list[str]:
        self.groups.append(len(names))
        for name in names:
            session.execute(
                text("INSERT INTO rate_limits (bucket, free_at, paused_until) VALUES (:name, 0, 0)"), {"name": name}
            )
            if name in self.bad:
                raise ValueError(name)
        return [name.upper() for name in names]


async def ask(db_executor: DbExecutor, lanes: Lanes, names: Sequence[str]) -> list[str | BaseException]:
    gathering = TurnBatcher(db_executor, lanes.decide)
    return await asyncio.gather(*(gathering(name) for name in names), return_exceptions=True)


def written(database: Database) -> set[str]:
    with database.transaction() as session:
        return set(session.scalars(text("SELECT bucket FROM rate_limits")))


def test_what_waits_together_is_decided_together(database: Database, db_executor: DbExecutor) -> None:
    lanes, names = Lanes(), [f"lane{number}" for number in range(100)]
    assert asyncio.run(ask(db_executor, lanes, names)) == [name.upper() for name in names]
    assert written(database) == set(names)
    assert max(lanes.groups) <= MOST
    assert len(lanes.groups) < 10


def test_one_that_fails_takes_nobody_along(database: Database, db_executor: DbExecutor) -> None:
    answers = asyncio.run(ask(db_executor, Lanes("b", "d"), ["a", "b", "c", "d"]))
    assert [answers[0], answers[2]] == ["A", "C"]
    assert [str(answers[1]), str(answers[3])] == ["b", "d"]
    assert written(database) == {"a", "c"}


def test_an_outage_is_told_to_all_at_once(db_executor: DbExecutor) -> None:
    asked = list[int]()

    def decide(_session: Session, names: Sequence[str]) -> list[str]:
        asked.append(len(names))
        raise OperationalError("SELECT 1", {}, sqlite3.OperationalError("disk I/O error"))

    async def ask_all() -> list[str | BaseException]:
        gathering = TurnBatcher(db_executor, decide)
        return await asyncio.gather(*(gathering(name) for name in "abc"), return_exceptions=True)

    assert [type(answer) for answer in asyncio.run(ask_all())] == [OperationalError] * 3
    assert asked == [3]


def test_who_waits_goes_before_what_may_wait(sqlite: Database) -> None:
    order, has_begun, all_wait = list[str](), threading.Event(), threading.Event()

    def holds(_session: Session) -> None:
        has_begun.set()
        all_wait.wait(30)

    async def ask_both() -> None:
        db_executor = DbExecutor(sqlite)
        busy = asyncio.create_task(db_executor(holds))
        await asyncio.to_thread(has_begun.wait, 30)
        mass = [asyncio.create_task(db_executor(lambda _session: order.append("mass"), patience=5.0)) for _ in range(3)]
        person = asyncio.create_task(db_executor(lambda _session: order.append("person")))
        await asyncio.sleep(0)  # each has begun, and waits for the thread
        all_wait.set()
        await asyncio.gather(busy, *mass, person)
        db_executor.close()

    asyncio.run(ask_both())
    assert order == ["person", "mass", "mass", "mass"]


def test_what_may_wait_lets_several_turns_by_but_is_not_kept_for_ever(
    sqlite: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.core.db_executor.FOLLOWS", 60.0)
    order, now = list[str](), [0.0]
    monkeypatch.setattr("bot.core.db_executor.monotonic", lambda: now[0])

    async def ask_in_turn() -> None:
        db_executor = DbExecutor(sqlite)
        first = asyncio.create_task(db_executor(lambda _session: time.sleep(0.05)))
        mass = asyncio.create_task(db_executor(lambda _session: order.append("mass"), patience=0.2))
        await first
        for person in ("aino", "mikko"):  # each comes when the thread has nothing else to do
            await asyncio.sleep(0.1)
            await db_executor(lambda _session, person=person: order.append(person))
        now[0] = 1.0
        await mass
        db_executor.close()

    asyncio.run(ask_in_turn())
    assert order == ["aino", "mikko", "mass"]


def test_much_to_do_is_no_silence(sqlite: Database) -> None:
    """Each waits for longer than the limit, and the database answers all the while: nobody is refused."""
    executor = DbExecutor(sqlite)

    def decide(session: Session, asked: Sequence[int]) -> list[int]:
        time.sleep(0.2)
        return list(asked)

    async def story() -> list[int]:
        batcher = TurnBatcher(executor, decide)
        return await asyncio.gather(*(batcher(number, within=0.5) for number in range(6 * MOST)))

    assert asyncio.run(story()) == list(range(6 * MOST))
    executor.close()


def test_silence_is_given_up_and_nothing_comes_of_it(sqlite: Database) -> None:
    executor, decided = DbExecutor(sqlite), list[int]()

    def decide(session: Session, asked: Sequence[int]) -> list[int]:
        time.sleep(0.6)
        session.execute(text("INSERT INTO rate_limits (bucket, free_at, paused_until) VALUES ('x', 0, 0)"))
        decided.extend(asked)
        return list(asked)

    async def story() -> None:
        batcher = TurnBatcher(executor, decide)
        with pytest.raises(NoAnswer):
            await batcher(1, within=0.2)
        await asyncio.sleep(0.8)

    asyncio.run(story())
    executor.close()
    with sqlite.transaction() as session:
        assert (decided, session.scalar(text("SELECT count(*) FROM rate_limits"))) == ([1], 0)
