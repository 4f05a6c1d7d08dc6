"""Killing workers in the middle of a big send, and counting what arrived: for the tests and the benchmark alike."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from math import inf
from pathlib import Path
from random import Random

from scheduler.engine import DurableEngine
from storage.database import Database
from storage.delivery import deliveries, history
from storage.delivery.deliveries import DeliveryState
from storage.people import workspaces
from tests.faults import worker
from tests.forks import Forked, says

ROOT = Path(__file__).parents[2]
WORKSPACES = 4
Process = Forked | subprocess.Popen[str]
PLACES = tuple(f"fake:T{number}" for number in range(WORKSPACES))


class Counts:
    """A chat server that counts: every message by its mark, every run by its key."""

    def __init__(self, waits: float = 0.0) -> None:
        """`waits`: seconds that it takes for a message, so that a kill finds some under way."""
        self.sent: Counter[str] = Counter()
        self.ran: Counter[str] = Counter()
        self.times: dict[str, list[float]] = {}
        self.last_at = 0.0
        self._room, self._most = threading.Condition(), inf
        counts, lock = self, threading.Lock()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                message, number = "", 0
                with lock:
                    if mark := asked.get("send"):
                        counts.sent[mark] += 1
                        number = counts.number()
                        counts.times.setdefault(mark, []).append(time.monotonic())
                        counts.last_at = time.monotonic()
                        message = f"m:{mark}"
                    elif key := asked.get("ran"):
                        counts.ran[key] += 1
                        message = key
                    elif counts.sent[asked["find"]]:
                        message = f"m:{asked['find']}"
                counts.wait_for_room(number)
                time.sleep(waits)
                body = json.dumps({"message": message}).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def handle(self) -> None:
                try:
                    super().handle()
                except ConnectionError:
                    """Its sender was killed."""

            def log_message(self, *_args: object) -> None:
                """Quiet."""

        class Server(ThreadingHTTPServer):
            request_queue_size = 1024

        self._server = Server(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/"

    def number(self) -> int:
        """Of messages so far."""
        return sum(self.sent.values())

    def let_through(self, most: float) -> None:
        """From now on the answer to the message behind these has to wait, so that there is something left to kill in."""
        with self._room:
            self._most = most
            self._room.notify_all()

    def wait_for_room(self, number: int) -> None:
        with self._room:
            self._room.wait_for(lambda: number <= self._most)

    @contextmanager
    def serving(self) -> Iterator[None]:
        thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield
        self._server.shutdown()
        thread.join()
        self._server.server_close()


@dataclass(slots=True)
class Report:
    """What became of a send under kills."""

    recipients: int
    kills: int = 0
    sent_once: int = 0
    sent_more: int = 0
    lost: int = 0
    unknown_seen: int = 0  # deliveries that were in doubt at some time
    most_unknown: int = 0  # by one kill
    unknown_left: int = 0
    slowest_resume: float = 0.0  # seconds from a kill to the next message, with another worker living or started
    repeated: list[list[float]] = field(default_factory=list)  # seconds between the first and each later one
    resumes: list[float] = field(default_factory=list)


def plan_send(database: Database, recipients: int, places: Sequence[str] = PLACES) -> None:
    """A wave in each of these workspaces."""
    engine, now = DurableEngine(database), datetime.now(UTC)
    engine.prepare()
    with database.transaction() as session:
        for place in places:
            workspaces.install(session, place, now=now)
        rows = [
            {
                "key": f"k{number}",
                "workspace_id": places[number % len(places)],
                "employee_id": None,
                "address": f"{places[number % len(places)]}:U{number}",
                "kind": "notice",
                "subject_id": None,
                "card": {"summary": "Hello", "body": []},
                "replaces": None,
                "cause": "test",
                "wave": f"wave:{places[number % len(places)]}",
                "state": DeliveryState.PLANNED,
                "due_at": now,
                "attempts": 0,
                "changed_at": now,
            }
            for number in range(recipients)
        ]
        deliveries.add(session, rows)
        for place in places:
            engine.enqueue(session, f"wave:{place}", place, delay=0, mass=True)
    engine.close()


def start_worker(url: str, server: str, *, with_clock: bool = False, skew: float = 0.0) -> Process:
    """`skew`: seconds that its machine's clock is ahead."""
    with tempfile.TemporaryDirectory() as folder:
        out, nothing = Path(folder, "out"), Path(os.devnull)
        work = partial(worker.run, url, server, with_clock=with_clock, skew=timedelta(seconds=skew))
        process = Forked(work, env=os.environ, cwd=ROOT, out=out, err=nothing)
        assert says(out, "ready", process)
    return process


def start_older_worker(url: str, server: str, checkout: Path) -> Process:
    """Of the version in `checkout`."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.worker", url, server, "0", "0"],
        cwd=checkout,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    with process.stdout:
        assert process.stdout.readline().strip() == "ready"
    return process


def stop(process: Process) -> None:
    """kill -9."""
    process.kill()
    process.wait()


def send_under_kills(
    database: Database, *, recipients: int, kills: int, workers: int, seed: int, waits: float, limit: float
) -> Report:
    """Plan a send, kill a random worker at random points of it and start another in its place, and wait for the end."""
    random, report, counts = Random(seed), Report(recipients), Counts(waits)
    plan_send(database, recipients)
    url, until = database.engine_url, time.monotonic() + limit
    doubted: set[int] = set()
    shares = [recipients * part // (kills + 1) for part in range(kills + 2)]
    counts.let_through(shares[1])
    with counts.serving():
        running = [start_worker(url, counts.url) for _worker in range(workers)]
        try:
            for begins, ends, next_ends in zip(shares, shares[1:], shares[2:], strict=False):
                point, before = random.randint(begins + 1, ends), _doubts(database, doubted)
                while counts.number() < point and time.monotonic() < until:
                    time.sleep(0.02)
                victim, killed_at = running.pop(random.randrange(len(running))), time.monotonic()
                stop(victim)
                report.kills += counts.number() < recipients  # else there was nothing to kill in
                counts.let_through(next_ends)
                running.append(start_worker(url, counts.url))
                report.resumes.append(_resumed(counts, killed_at, until))
                report.most_unknown = max(report.most_unknown, _doubts(database, doubted) - before)
            counts.let_through(inf)
            while time.monotonic() < until and not _is_over(database):
                _doubts(database, doubted)
                time.sleep(0.2)
        finally:
            for process in running:
                stop(process)
    report.unknown_seen = len(doubted)
    with database.transaction() as session:
        report.unknown_left = history.counts(session).get(DeliveryState.UNKNOWN, 0)
    times = list(counts.sent.values())
    report.sent_once = sum(number == 1 for number in times)
    report.sent_more = sum(number > 1 for number in times)
    report.repeated = [
        [round(at - moments[0], 2) for at in moments] for moments in counts.times.values() if len(moments) > 1
    ]
    report.lost = recipients - len(times)
    report.slowest_resume = round(max(report.resumes, default=0.0), 1)
    return report


def _resumed(counts: Counts, since: float, until: float) -> float:
    since += 0.3  # what the dead had under way has landed by then
    while counts.last_at <= since and time.monotonic() < until:
        time.sleep(0.02)
    return counts.last_at - since + 0.3


def _doubts(database: Database, doubted: set[int]) -> int:
    """Remember which deliveries are or were in doubt; how many there have been."""
    with database.transaction() as session:
        rows = session.query(deliveries.Delivery.id).where(deliveries.Delivery.state == DeliveryState.UNKNOWN)
        doubted.update(row.id for row in rows)
    return len(doubted)


def _is_over(database: Database) -> bool:
    with database.transaction() as session:
        counts = history.counts(session)
    return set(counts) <= {DeliveryState.SENT}
