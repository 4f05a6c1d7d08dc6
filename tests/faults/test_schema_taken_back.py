"""The tables are taken back, or exchanged, under running processes: each says so in one sentence and ends for a fault, so that
whatever runs it starts it anew, and a start says what to do."""

from __future__ import annotations

import json
import subprocess

import pytest
from starlette.applications import Starlette

from adapters.web import health
from scheduler.delivery import heartbeat
from storage.database import Database
from tests.adapters.asking import Asker
from tests.faults.roles import ROOT, started
from tests.ports import free_port

BEFORE = "0027"


@pytest.mark.parametrize("role", ["worker", "clock", "serve"])
@pytest.mark.timeout(120)
def test_who_runs_says_so_and_ends(sqlite: Database, role: str) -> None:
    """With 1, also the web server: systemd takes an end by SIGTERM for one that was meant, and starts nothing anew."""
    where = ("--port", str(free_port())) if role == "serve" else ()
    with started(sqlite, role, *where) as (process, _said, (words, env)):
        sqlite.downgrade(BEFORE)
        _nothing, said = process.communicate(timeout=4 * heartbeat.SWEEP)
    assert process.returncode == 1
    told = [json.loads(line) for line in said.splitlines()]
    assert [BEFORE in one["event"] for one in told if one["level"] == "critical"] == [True]
    again = subprocess.run(words, cwd=ROOT, env=env, capture_output=True, text=True, timeout=60)
    assert (again.returncode, "chorus db upgrade" in " ".join(again.stderr.split())) == (1, True)


def test_who_is_asked_says_so(database: Database) -> None:
    with Asker(Starlette(routes=health.routes(database))) as asker:
        assert asker.get("/readyz?of=process").status_code == 200
        database.downgrade(BEFORE)
        answer = asker.get("/readyz?of=process")
        assert (answer.status_code, BEFORE in answer.json()["reason"]) == (503, True)
