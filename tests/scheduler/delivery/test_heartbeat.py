"""Leases: who was itself away calls nobody dead; who was well for a whole lease does; a lost lease is taken anew."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import timedelta

import psycopg
import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from scheduler.delivery import heartbeat
from scheduler.delivery.heartbeat import BEAT, LEASE, Health, Heartbeat
from storage.delivery import worker_leases
from storage.delivery.deliveries import Delivery, DeliveryState
from storage.delivery.worker_leases import HeldLease, Lease
from tests.stage import WORKSPACE, Stage

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
            self.stage.run(self.heartbeat.beat())
            self.stage.run(self.heartbeat.care(self.take_over))


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


def test_a_database_that_answers_beats_alone_is_told_of_once(process: Process, monkeypatch: pytest.MonkeyPatch) -> None:
    """It refuses new connections, for they are used up, and answers on those that are there."""

    async def refused(_take_over: object) -> None:
        raise OperationalError("SELECT 1", {}, psycopg.OperationalError("too many connections"))

    async def lives_on(seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(process.heartbeat.hold(process.take_over), seconds)

    monkeypatch.setattr(heartbeat, "BEAT", 0.01)
    with capture_logs() as told:
        with monkeypatch.context() as meanwhile:
            meanwhile.setattr(process.heartbeat, "care", refused)
            process.stage.run(lives_on(1.0))
        process.stage.run(lives_on(1.0))
    said = [line["event"] for line in told]
    assert said == ["the database is away: no beat until it is back", "the database is back"]


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


def under_way(stage: Stage, holder: str | None) -> None:
    """Three messages: one that leaves, a card that is replaced, and one in doubt that is looked for."""
    states = {"new": DeliveryState.SENDING, "card": DeliveryState.SENDING, "doubt": DeliveryState.UNKNOWN}
    with stage.database.transaction() as session:
        session.add_all(
            Delivery(
                key=key,
                workspace_id=WORKSPACE,
                address=f"{WORKSPACE}:aino",
                kind="notice",
                wave="w",
                state=state,
                holder=holder,
                replaces="m" if key == "card" else None,
                due_at=stage.now,
                changed_at=stage.now,
            )
            for key, state in states.items()
        )


def found(stage: Stage) -> dict[str, tuple[DeliveryState, str | None]]:
    with stage.database.transaction() as session:
        rows = session.scalars(select(Delivery).where(Delivery.wave == "w"))
        return {row.key: (row.state, row.holder) for row in rows}


LET_GO = {
    "new": (DeliveryState.UNKNOWN, None),
    "card": (DeliveryState.PLANNED, None),
    "doubt": (DeliveryState.UNKNOWN, None),
}


def test_who_leaves_leaves_nothing_that_only_it_would_go_on_with(process: Process) -> None:
    process.stage.hires("aino")
    assert process.held.current is not None
    under_way(process.stage, process.held.current.token)
    process.stage.run(process.heartbeat.leave())
    assert found(process.stage) == LET_GO


@pytest.mark.parametrize("holder", ["of nobody", "theirs"])
def test_what_a_process_left_behind_is_found_however_it_lost_its_lease(process: Process, holder: str) -> None:
    """Stopped by a version that left it, or of a lease whose row is gone."""
    process.stage.hires("aino")
    under_way(process.stage, holder)
    if holder == "theirs":
        with process.stage.database.transaction() as session:
            worker_leases.vacate(session, worker_leases.WorkerLease(OTHER, holder))
    process.beats()
    assert found(process.stage) == LET_GO


def test_what_others_have_under_way_is_theirs(process: Process) -> None:
    process.stage.hires("aino")
    under_way(process.stage, "theirs")
    process.beats(3)
    assert {holder for _state, holder in found(process.stage).values()} == {"theirs"}
