"""SIGTERM ends a process within 20 seconds, whatever it waits for; nothing is lost, and the code is that of no fault."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from scheduler.delivery.batches import CHUNK
from scheduler.engine import DurableEngine
from storage.database import Database
from storage.delivery import deliveries, history
from storage.delivery.deliveries import DeliveryState
from storage.people import workspaces
from storage.secrets import new_key
from tests.sizes import IS_FULL, size

ROOT = Path(__file__).parents[2]
MESSAGES, ENDS_WITHIN = 400, 20.0
WORKSPACE = "slack:T1"


class MuteSlack:
    """Says who the bot is, takes messages, and never says that they arrived. `mute`: it does not even say the former."""

    def __init__(self, *, mute: bool = False) -> None:
        self.waiting, self.goes_on, self.mute = 0, threading.Event(), mute
        slack = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"] or 0))
                if slack.mute or self.path.endswith("chat.postMessage"):
                    slack.waiting += 1
                    slack.goes_on.wait(60)
                    return
                body = json.dumps({"ok": True, "team_id": "T1", "team": "Koivu", "user_id": "B1"}).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def handle(self) -> None:
                try:
                    super().handle()
                except ConnectionError:
                    """The process ended."""

            def log_message(self, *_args: object) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/api/"

    @contextmanager
    def serving(self) -> Iterator[None]:
        thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            self.goes_on.set()
            self._server.shutdown()
            thread.join()
            self._server.server_close()


def plan(database: Database) -> None:
    engine, now = DurableEngine(database), datetime.now(UTC)
    engine.prepare()
    with database.transaction() as session:
        workspaces.install(session, WORKSPACE, now=now)
        session.flush()
        deliveries.add(
            session,
            [{"key": f"k{number}", "address": f"{WORKSPACE}:U{number}"} for number in range(MESSAGES)],
            workspace_id=WORKSPACE,
            kind="notice",
            card={"summary": "Hello", "body": []},
            wave="w",
            cause="c",
            state=DeliveryState.PLANNED,
            due_at=now,
            attempts=0,
            changed_at=now,
        )
        engine.enqueue(session, "w", WORKSPACE, delay=0, mass=True)
    engine.close()


@contextmanager
def held(database: Database) -> Iterator[None]:
    """Somebody else holds the tables that a process writes to as it ends: a long ALTER TABLE, a forgotten session."""
    with database.engine.connect() as connection:
        if not database.one_writer:
            connection.execute(text("LOCK TABLE deliveries, worker_leases, rate_limits IN ACCESS EXCLUSIVE MODE"))
        yield  # SQLite's transactions begin with its one lock
        connection.rollback()


@pytest.mark.timeout(180)
@pytest.mark.parametrize("meanwhile", size([held], [held, lambda _database: nullcontext()]))
def test_sigterm_ends_a_worker(database: Database, meanwhile: Callable[[Database], Any]) -> None:
    if database.one_writer and not IS_FULL:
        pytest.skip("left out: by `make faults`")
    plan(database)
    slack = MuteSlack()
    settings = {
        "CHORUS_DATABASE_URL": database.engine_url,
        "CHORUS_SECRET_KEYS": new_key(),
        "CHORUS_SLACK_BOT_TOKEN": "xoxb-1",
        "CHORUS_SLACK_SIGNING_SECRET": "s",
        "CHORUS_SLACK_API_URL": slack.url,
    }
    with slack.serving():
        worker = subprocess.Popen(
            [sys.executable, "-m", "adapters.cli.main", "worker"], cwd=ROOT, env={**os.environ, **settings}
        )
        try:
            ends = time.monotonic() + 60
            while slack.waiting < 5 and time.monotonic() < ends:
                assert worker.poll() is None
                time.sleep(0.1)
            assert slack.waiting >= 5
            with meanwhile(database):
                worker.send_signal(signal.SIGTERM)
                assert worker.wait(ENDS_WITHIN) == 0
        finally:
            worker.kill()
            worker.wait()
    with database.transaction() as session:
        found = history.counts(session)
    assert sum(found.values()) == MESSAGES
    assert found[DeliveryState.PLANNED] >= MESSAGES - CHUNK
    assert found.get(DeliveryState.SENT, 0) == 0


@pytest.mark.timeout(120)
@pytest.mark.parametrize("role", size([["worker"]], [["worker"], ["serve", "--port", "0"]]))
def test_sigterm_ends_a_process_that_still_starts(sqlite: Database, role: list[str]) -> None:
    """The platform does not answer whose token it is, and the process waits for it."""
    plan(sqlite)
    slack = MuteSlack(mute=True)
    settings = {
        "CHORUS_DATABASE_URL": sqlite.engine_url,
        "CHORUS_SECRET_KEYS": new_key(),
        "CHORUS_SLACK_BOT_TOKEN": "xoxb-1",
        "CHORUS_SLACK_SIGNING_SECRET": "s",
        "CHORUS_SLACK_API_URL": slack.url,
    }
    role = [word if word != "0" else str(free_port()) for word in role]
    with slack.serving():
        process = subprocess.Popen(
            [sys.executable, "-m", "adapters.cli.main", *role], cwd=ROOT, env={**os.environ, **settings}
        )
        try:
            ends = time.monotonic() + 60
            while not slack.waiting and time.monotonic() < ends:
                time.sleep(0.1)
            assert slack.waiting
            process.send_signal(signal.SIGTERM)
            process.wait(ENDS_WITHIN)
        finally:
            process.kill()
            process.wait()


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
