"""Two versions over one database: the one before sends on the new schema, beside the new one, and after the way back."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from storage.database import Database
from storage.delivery import history, worker_leases
from storage.delivery.deliveries import DeliveryState
from storage.secrets import new_key
from tests.faults.kills import ROOT, Counts, Process, plan_send, start_older_worker, start_worker, stop
from tests.sizes import size

BEFORE = "c9834532cb1e"  # what landed last, of schema 0021, until there is a release
SCHEMA_BEFORE = "0021"
RECIPIENTS = size(400, 4000)


@pytest.fixture(scope="module")
def older(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout of the version before, out of this repository's history."""
    archive = subprocess.run(["git", "archive", BEFORE], cwd=ROOT, capture_output=True, check=False)
    if archive.returncode:
        pytest.skip(f"left out: {BEFORE} is not in this checkout's history")
    folder = tmp_path_factory.mktemp("before")
    with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as files:
        files.extractall(folder, filter="data")
    return folder


@contextmanager
def working(database: Database, counts: Counts, *checkouts: Path) -> Iterator[None]:
    """A worker of each, of which ROOT is this version."""
    running: list[Process] = []
    try:
        for checkout in checkouts:
            place = database.engine_url, counts.url
            running.append(start_worker(*place) if checkout == ROOT else start_older_worker(*place, checkout))
        yield
        assert [worker.poll() for worker in running] == [None] * len(running)
    finally:
        for worker in running:
            stop(worker)


def all_are_sent(database: Database, seconds: float = 90.0) -> bool:
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        with database.transaction() as session:
            if history.counts(session) == {DeliveryState.SENT: RECIPIENTS}:
                return True
        time.sleep(0.3)
    return False


def chorus(checkout: Path, database: Database, *words: str) -> None:
    settings = {"CHORUS_DATABASE_URL": database.engine_url, "CHORUS_SECRET_KEYS": new_key()}
    command = [sys.executable, "-m", "adapters.cli.main", *words]
    subprocess.run(command, cwd=checkout, env={**os.environ, **settings}, check=True, capture_output=True, timeout=120)


@pytest.mark.timeout(180)
def test_the_version_before_sends_on_the_new_schema(database: Database, older: Path) -> None:
    chorus(older, database, "doctor", "--help")
    counts = Counts()
    plan_send(database, RECIPIENTS)
    with counts.serving(), working(database, counts, older):
        assert all_are_sent(database)
    assert set(counts.sent.values()) == {1}


@pytest.mark.in_turn
@pytest.mark.timeout(180)
def test_both_at_once(database: Database, older: Path) -> None:
    if database.one_writer:
        pytest.skip("left out: several workers are for PostgreSQL")
    counts = Counts(waits=0.02)
    plan_send(database, RECIPIENTS)
    with counts.serving(), working(database, counts, older, ROOT, older, ROOT):
        assert all_are_sent(database)
    assert set(counts.sent.values()) == {1}


def wait_until_nobody_runs(database: Database) -> None:
    """One that was killed counts as running for a while."""
    until = time.monotonic() + 2 * worker_leases.SILENT.total_seconds()
    while time.monotonic() < until:
        with database.transaction() as session:
            if not worker_leases.living(session):
                return
        time.sleep(0.5)


@pytest.mark.in_turn
@pytest.mark.timeout(240)
@pytest.mark.parametrize("database", size(["postgresql"], ["sqlite", "postgresql"]), indirect=True)
def test_an_upgrade_and_the_way_back_while_it_sends(database: Database, older: Path) -> None:
    """Old schema and worker; upgraded under it; the new one joins; back to the old schema, and the old one goes on."""
    chorus(ROOT, database, "db", "downgrade", SCHEMA_BEFORE, "--yes")
    counts = Counts(waits=0.1)
    chorus(older, database, "db", "upgrade")
    with counts.serving():
        with working(database, counts, older):
            chorus(ROOT, database, "db", "upgrade")
            plan_send(database, RECIPIENTS)
            while not counts.sent:
                time.sleep(0.1)
        wait_until_nobody_runs(database)
        chorus(ROOT, database, "db", "downgrade", SCHEMA_BEFORE, "--yes")
        with working(database, counts, older):
            assert all_are_sent(database, 120)
    assert set(counts.sent.values()) == {1}
