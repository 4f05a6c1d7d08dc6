"""Two clocks and two workers on one PostgreSQL: a thousand due jobs, each run once."""

from __future__ import annotations

import time

import pytest

from scheduler.engine import DurableEngine
from storage.database import Database
from tests.faults.kills import Counts, start_worker, stop
from tests.faults.worker import JOBS


@pytest.mark.timeout(120)
def test_two_clocks_and_two_workers_run_each_due_job_once(database: Database) -> None:
    if database.one_writer:
        pytest.skip("left out: several workers are for PostgreSQL")
    DurableEngine(database).prepare()
    counts = Counts()
    with counts.serving():
        running = [start_worker(database.engine_url, counts.url, with_clock=True) for _each in range(2)]
        try:
            until = time.monotonic() + 90
            while len(counts.ran) < JOBS and time.monotonic() < until:
                time.sleep(0.2)
            time.sleep(3)  # a second run of one would come by now
        finally:
            for worker in running:
                stop(worker)
    assert len(counts.ran) == JOBS
    assert set(counts.ran.values()) == {1}
