"""Figures that took long are remembered: how old they may be, who waits for them, and what a fault does."""

from __future__ import annotations

import time
from collections.abc import Iterator
from threading import Event

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from storage import remembered as remembering
from storage.database import Database
from storage.remembered import FRESH, SHOWN, remembered


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch, sqlite: Database) -> Iterator[Clock]:
    clock = Clock()
    monkeypatch.setattr(remembering, "monotonic", clock)
    yield clock
    remembering.forget(sqlite.engine)


class Sum:
    """Counts how often it was computed; takes `takes` seconds of the clock."""

    def __init__(self, clock: Clock, takes: float = 2.0) -> None:
        self.clock, self.takes, self.times = clock, takes, 0
        self.done, self.goes_on = Event(), Event()
        self.goes_on.set()
        self.fault: Exception | None = None

    def __call__(self, session: Session) -> int:
        session.execute(text("SELECT count(*) FROM posts"))
        assert self.goes_on.wait(5)
        self.clock.now += self.takes
        self.times += 1
        fault = self.fault
        self.done.set()
        if fault is not None:
            raise fault
        return self.times


def asked(database: Database, compute: Sum) -> int:
    with database.transaction() as session:
        return remembered(session, "sum", compute)


def settled(clock: Clock) -> None:
    """What is computed behind the page is there."""
    remembering._behind.submit(lambda: None).result(5)


def test_what_is_quick_is_never_old(sqlite: Database, clock: Clock) -> None:
    compute = Sum(clock, takes=0.01)
    assert [asked(sqlite, compute) for _load in range(3)] == [1, 2, 3]


def test_after_a_minute_it_is_shown_once_more_and_computed_behind_the_page(sqlite: Database, clock: Clock) -> None:
    compute = Sum(clock)
    assert [asked(sqlite, compute), asked(sqlite, compute)] == [1, 1]
    clock.now += FRESH
    compute.goes_on.clear()
    assert [asked(sqlite, compute) for _load in range(3)] == [1, 1, 1]  # nobody waits, and it is computed once
    compute.goes_on.set()
    settled(clock)
    assert asked(sqlite, compute) == 2
    assert compute.times == 2


def test_the_next_morning_nobody_sees_the_figure_of_the_evening(sqlite: Database, clock: Clock) -> None:
    compute = Sum(clock)
    asked(sqlite, compute)
    clock.now += SHOWN
    assert asked(sqlite, compute) == 2


def test_nobody_waits_to_write_while_it_is_computed(sqlite: Database, clock: Clock) -> None:
    """SQLite has one writer: reading a long history must not be taken for writing."""
    compute = Sum(clock)
    asked(sqlite, compute)
    clock.now += FRESH
    compute.goes_on.clear()
    asked(sqlite, compute)
    time.sleep(0.05)  # it has begun to read
    began = time.perf_counter()
    with sqlite.transaction() as session:
        session.execute(text("DELETE FROM rate_limits"))
    assert time.perf_counter() - began < 4  # and not until it is done, which waits for us
    compute.goes_on.set()
    settled(clock)


def test_a_fault_behind_the_page_is_met_by_the_next_who_asks(sqlite: Database, clock: Clock) -> None:
    compute = Sum(clock)
    asked(sqlite, compute)
    clock.now += FRESH
    compute.fault = ValueError("no figure")
    assert asked(sqlite, compute) == 1
    settled(clock)
    with pytest.raises(ValueError):
        asked(sqlite, compute)
    compute.fault = None
    assert asked(sqlite, compute) == compute.times
