"""Processes as an administrator starts and stops them."""

from __future__ import annotations

import json
import signal
import time
from http.client import HTTPConnection
from pathlib import Path

import pytest
from sqlalchemy import text

from storage.database import Database
from tests.adapters.cli.shell import Shell
from tests.forks import Forked, command, says
from tests.ports import free_port


@pytest.mark.parametrize("role", ["clock", "worker"])
def test_a_role_says_where_it_tells_of_its_health_and_that_it_ended(shell: Shell, tmp_path: Path, role: str) -> None:
    out, err, port = tmp_path / "out", tmp_path / "err", free_port()
    place = f"127.0.0.1:{port}"
    process = Forked(command(role, "--health", place), env=shell.env, cwd=tmp_path, out=out, err=err)
    try:
        assert says(err, '"running"', process), err.read_text()
        told = next(line for line in map(json.loads, err.read_text().splitlines()) if line["event"] == "running")
        assert (told["role"], told["health"]) == (role, place)
        asking = HTTPConnection("127.0.0.1", port, timeout=10)
        asking.request("GET", "/readyz")
        assert asking.getresponse().status == 200
        asking.close()
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    assert json.loads(err.read_text().splitlines()[-1])["event"] == "ended"


def test_a_clock_enqueues_what_it_does_not_load(shell: Shell, tmp_path: Path) -> None:
    err = tmp_path / "err"
    database = Database(shell.env["CHORUS_DATABASE_URL"])
    process = Forked(command("clock"), env=shell.env, cwd=tmp_path, out=tmp_path / "out", err=err)
    try:
        assert says(err, '"running"', process), err.read_text()
        while not {"routine", "forget_leavers"} <= _enqueued(database):
            assert process.poll() is None
            time.sleep(0.05)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)
        database.close()


def _enqueued(database: Database) -> set[str]:
    """Names of the jobs in the engine's queue."""
    with database.engine.connect() as connection:
        rows = connection.scalars(text("SELECT queue_partition_key FROM workflow_status WHERE queue_name = 'runs'"))
        return set(rows.all())
