"""Leases: who was itself away calls nobody dead; who was well for a whole lease does; a lost lease is taken anew."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

import pytest
from sqlalchemy import update

from scheduler.delivery.heartbeat import BEAT, LEASE, Health, Heartbeat
from storage.delivery import worker_leases
from storage.delivery.worker_leases import HeldLease, Lease
from tests.stage import Stage

OTHER = "worker-other"


class Process:
    """One process's seating, whose beats the test makes, on a clock of the test's."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.clock = stage, 0.0
        self.held = HeldLease()
        self.took_over: list[str] = []
        self.heartbeat = Heartbeat(
            db_executor=stage.db_executor,
            engine=stage.engine,
            now=lambda: stage.now,
            held=self.held,
            health=Health(lambda: self.clock, jump=float("inf")),
        )
        stage.run(self.heartbeat.take("worker"))

    async def take_over(self, names: Sequence[str]) -> int:
        self.took_over += names
        return 0

    def beats(self, number: int = 1, after: float = BEAT) -> None:
        for _beat in range(number):
            self.clock += after
            self.stage.run(self.heartbeat.beat(self.take_over))


@pytest.fixture
def process(stage_on_both: Stage) -> Iterator[Process]:
    with stage_on_both.database.transaction() as session:
        worker_leases.take(session, OTHER, token="theirs", host="elsewhere", pid=1)
        long_ago = worker_leases.database_now(session) - timedelta(hours=1)
        session.execute(update(Lease).where(Lease.id == OTHER).values(renewed_at=long_ago))
    return Process(stage_on_both)


def test_who_just_came_calls_nobody_dead(process: Process) -> None:
    process.beats(int(LEASE.total_seconds() / BEAT))
    assert process.took_over == []
    process.beats()
    assert OTHER in process.took_over


def test_who_was_away_calls_nobody_dead(process: Process) -> None:
    process.beats(3)
    process.beats(after=60)
    process.beats(int(LEASE.total_seconds() / BEAT) - 1)
    assert process.took_over == []


def test_a_lost_lease_is_taken_anew(process: Process) -> None:
    first = process.held.current
    assert first is not None
    with process.stage.database.transaction() as session:
        worker_leases.vacate(session, first)
    process.beats()
    again = process.held.current
    assert again is not None
    assert again.worker == first.worker
    assert again.token != first.token
    with process.stage.database.transaction() as session:
        assert worker_leases.is_held(session, again)
        assert not worker_leases.is_held(session, first)
