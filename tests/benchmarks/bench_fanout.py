"""A nudge to 100,000 people: planned, enqueued, and drained; with clicks answered meanwhile.

The baseline is bare waves: the same engine, rows and chunk, and an empty send; no card, no pacing, no nudge row. The
unlimited fake is a Platform port in this process that counts (through HTTP and an SDK the client's own cost would be
all that is measured). Marks: plan and enqueue under 5 s; drain at 0.5 of bare waves; 0.95 of a platform's limit with
no violation; under 500 MB; clicks p99 under 300 ms meanwhile.
"""

from __future__ import annotations

import asyncio
import os
import resource
import sqlite3
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from statistics import median
from typing import Any, TypeVar

sys.path.insert(0, str(Path(__file__).parents[2]))

from rich.progress import Progress

from adapters import logs
from adapters.app import settle
from adapters.teams.send import LIMITS as TEAMS
from bot.cards import Card
from bot.crossing import Crossing
from bot.events import Pressed
from bot.platform import Limits, Outcome, Sent
from bot.samples import FixedPictures
from bot.sharing import plan
from bot.shell import Shell
from bot.turn import Rules
from scheduler.delivery import Deliverer
from scheduler.engine import DurableEngine
from scheduler.seating import Seating
from scheduler.sending import Sending
from scheduler.waves import CHUNK, Waves
from storage import deliveries, workspaces
from storage.ballots import BallotBox
from storage.database import Database, Session
from storage.deliveries import SENT, Settled
from storage.employees import Employee, Identity
from storage.posts import LIVE, Post
from storage.secrets import load_keys, new_key
from tests.benchmarks.load import report

T = TypeVar("T")
UNLIMITED = Limits()
PEOPLE = int(os.environ.get("CHORUS_BENCH_PEOPLE", "100000"))
ROUNDS = 3  # of waves and bare waves in turn, for a machine is not as fast at every moment
WORKSPACES = 20
LIMITED = 12_000  # recipients of the run with the platform's limits: 600 a workspace, 12 s at 50 a second
A_SECOND = 50  # that Teams allows a tenant
CLICKS_PER_SECOND = 20
# Everybody's slot is open now, and no other is left this week.
TODAY = (datetime.now(UTC) + timedelta(hours=2)).weekday()
OPEN_NOW = Rules(
    hours=(0, 24), nudge_days=(TODAY,), on_holidays=True, nudge_gap_hours=0.0, nudge_spread_minutes=0.0, no_nudge_share=0.0
)  # fmt: skip


class Counting:
    """The Platform port: counts, and holds every call against the limits it is given."""

    name = "fake"

    def __init__(self, limits: Limits) -> None:
        self.limits, self.sent, self.violations, self.began = limits, 0, 0, 0.0
        self._calls: dict[str, list[float]] = defaultdict(list)

    async def send(self, address: str, card: Card, *, mark: str) -> Outcome:
        self.sent += 1
        self.began = self.began or time.perf_counter()
        if self.limits.sends.gap:
            now, calls = time.monotonic(), self._calls[address[: address.rindex(":")]]
            calls.append(now)
            self.violations += len(calls) > A_SECOND and now - calls[-A_SECOND - 1] < 1.0
        return Sent(f"{address}:1")

    async def update(self, message: str, card: Card) -> Outcome:
        return Sent(message)

    async def find(self, address: str, mark: str) -> Outcome: ...

    async def profile(self, workspace: str, user: str) -> Any: ...

    async def directory(self, workspace: str, cursor: str | None) -> Any: ...


class Bare:
    """Bare waves: rows and engine only."""

    def __init__(self, crossing: Crossing) -> None:
        self._crossing = crossing
        self.sent, self.began = 0, 0.0

    async def carry(self, wave: str, workspace: str, mass: bool) -> None:
        done: list[int] = []
        while True:
            done = await self._crossing(lambda session, done=done: self._step(session, wave, done))
            for _row in done:
                await self._send()
            self.sent += len(done)
            if not done:
                return

    async def _send(self) -> None:
        """Empty."""
        self.began = self.began or time.perf_counter()

    def _step(self, session: Session, wave: str, done: list[int]) -> list[int]:
        now = datetime.now(UTC)
        deliveries.settle(session, [Settled(row, SENT, message="m", holder="bare") for row in done], now=now)
        rows = deliveries.due_in_wave(session, wave, now=now, limit=CHUNK)
        deliveries.hold(session, [row.id for row in rows], "bare", now=now)
        return [row.id for row in rows]


class Bench:
    """One database with its people, and the parts of a worker over it."""

    def __init__(self, folder: str, people: int, limits: Limits = UNLIMITED) -> None:
        self.database = Database(f"sqlite:///{folder}/bench.db")
        self.database.upgrade()
        self.aside = sqlite3.connect(f"file:{folder}/bench.db?mode=ro", uri=True)  # looks on, and waits for nobody
        self.crossing, self.platform, self.people = Crossing(self.database), Counting(limits), people
        self.engine = DurableEngine(self.database, polling=0.1)
        self.engine.prepare()
        common: dict[str, Any] = {
            "platforms": {"fake": self.platform}, "pictures": FixedPictures(), "ballots": BallotBox("sqlite://"), "rules": OPEN_NOW, "engine": self.engine,
            "now": _now,
        }  # fmt: skip
        sending = Sending(**common)
        ours: dict[str, Any] = {"crossing": self.crossing, "sending": sending, "engine": self.engine, "now": _now}
        self.waves, self.deliverer = Waves(**ours), Deliverer(**ours)
        self.shell = Shell(crossing=self.crossing, outbox=self.deliverer, random=Random(1), **common)
        self.seating = Seating(crossing=self.crossing, engine=self.engine, now=_now)
        self._hire()

    def _hire(self) -> None:
        now = _now() - timedelta(days=1)
        with self.database.transaction() as session:
            for number in range(WORKSPACES):
                workspaces.install(session, f"fake:T{number}", now=now)
            session.add_all(
                Post(url=f"https://k.example/{number}", canonical_url=f"https://k.example/{number}", title=f"Storm {number}",
                     summary="About the storm.", state=LIVE, created_at=now, decided_at=now) for number in range(20)
            )  # fmt: skip
            session.flush()
            session.execute(Employee.__table__.insert(), [
                {"id": number + 1, "name": f"Person {number}", "language": "en", "language_chosen": False, "time_zone": "Europe/Helsinki",
                 "roles": ["employee"], "state": "active", "nudges_wanted": True, "welcomed_at": now, "fewer_nudges": False,
                 "topics_declined": [], "joined_at": now} for number in range(self.people)
            ])  # fmt: skip
            session.execute(Identity.__table__.insert(), [
                {"workspace_id": f"fake:T{number % WORKSPACES}", "user": f"U{number}", "employee_id": number + 1, "state": "active",
                 "address": f"fake:T{number % WORKSPACES}:U{number}", "last_used_at": now} for number in range(self.people)
            ])  # fmt: skip

    async def plans(self) -> float:
        """Seconds to plan and enqueue a nudge for everybody."""
        started = time.perf_counter()
        await self.shell.run_job(plan.plan_day)
        return time.perf_counter() - started

    @asynccontextmanager
    async def working(self, carry: Any = None) -> Any:
        sitting = await self.seating.take("worker")
        self.waves.sitting = self.deliverer.sitting = sitting
        beating = asyncio.create_task(self.seating.hold(self.engine.take_over))

        async def run(_key: str) -> None: ...

        await self.engine.start(seat=sitting.seat, carry=carry or self.waves.carry, look=self.waves.look, run=run)
        yield
        await asyncio.to_thread(self.engine.stop)
        beating.cancel()

    async def drained(self, title: str, carrier: Counting | Bare) -> float:
        """Seconds from the first send until no nudge waits; looked at from aside, so that it costs next to nothing."""
        with Progress(transient=True) as progress:
            task = progress.add_task(title, total=self.people)
            while carrier.sent < self.people or self._is_waiting():
                await asyncio.sleep(0.1)
                progress.update(task, completed=carrier.sent)
        return time.perf_counter() - carrier.began

    def _is_waiting(self) -> bool:
        waiting = "SELECT 1 FROM deliveries WHERE state IN ('planned', 'sending') AND kind = 'nudge' LIMIT 1"
        return self.aside.execute(waiting).fetchone() is not None

    def _nudge_of(self, person: int) -> int:
        """0: none yet."""
        found = self.aside.execute("SELECT id FROM nudges WHERE employee_id = ?", (person,)).fetchone()
        return found[0] if found else 0

    async def clicks(self, stop: asyncio.Event) -> list[float]:
        """The times (ms) that presses take to be stored and answered, at a steady rate."""
        times: list[float] = []
        tasks = set()

        async def click(number: int) -> None:
            nudge = self._nudge_of(number + 1)
            action = "nudge.later" if nudge else "show.home"  # the home, for whom nothing is planned yet
            started = time.perf_counter()
            await self.shell.handle(
                Pressed(workspace=f"fake:T{number % WORKSPACES}", user=f"U{number}", address=f"fake:T{number % WORKSPACES}:U{number}",
                        keys=(f"click{number}",), action=action, ref=nudge, message=None)
            )  # fmt: skip
            times.append((time.perf_counter() - started) * 1000)

        number = 0
        while not stop.is_set():
            tasks.add(asyncio.create_task(click(number % self.people)))
            number += 1
            await asyncio.sleep(1 / CLICKS_PER_SECOND)
        await asyncio.gather(*tasks)
        return times


def _now() -> datetime:
    return datetime.now(UTC)


def _memory_mb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


async def bare(folder: str) -> float:
    bench = Bench(folder, PEOPLE)
    await bench.plans()
    carrier = Bare(bench.crossing)
    async with bench.working(carrier.carry):
        seconds = await bench.drained("bare waves", carrier)
    return PEOPLE / seconds


async def full(folder: str) -> tuple[float, float]:
    """Seconds to plan and enqueue, and what is sent a second."""
    bench = Bench(folder, PEOPLE)
    planning = await bench.plans()
    async with bench.working():
        seconds = await bench.drained("nudges", bench.platform)
    return planning, bench.platform.sent / seconds


async def with_clicks(folder: str) -> dict[str, Any]:
    bench = Bench(folder, PEOPLE // 4)
    stop = asyncio.Event()
    async with bench.working():
        clicking = asyncio.create_task(bench.clicks(stop))
        await bench.plans()
        await bench.drained("nudges, with clicks", bench.platform)
        stop.set()
        times = sorted(await clicking)
    return {
        "clicks": len(times),
        "p50_ms": round(times[len(times) // 2], 1),
        "p99_ms": round(times[int(len(times) * 0.99)], 1),
    }


async def limited(folder: str) -> dict[str, Any]:
    bench = Bench(folder, LIMITED, TEAMS)
    await bench.plans()
    async with bench.working():
        seconds = await bench.drained("with the limits of Teams", bench.platform)
    allowed = float(A_SECOND * WORKSPACES)
    return {"allowed_per_second": allowed, "per_second": round(LIMITED / seconds, 1),
            "share_of_limit": round(LIMITED / seconds / allowed, 3), "violations": bench.platform.violations}  # fmt: skip


def main() -> None:
    load_keys([new_key()])
    settle()
    logs.configure(json=True)  # to stderr: it is written, and its cost is measured
    rounds = [(_anew(full), _anew(bare))]
    memory = _memory_mb()  # of a process that plans and sends once; the later rounds only add to it
    rounds += [(_anew(full), _anew(bare)) for _ in range(ROUNDS - 1)]
    ratios = sorted(rate / baseline for (_planning, rate), baseline in rounds)
    plannings = sorted(planning for (planning, _rate), _baseline in rounds)
    report(
        benchmark="fan-out",
        people=PEOPLE,
        rounds=ROUNDS,
        plan_and_enqueue_s={"median": round(median(plannings), 2), "all": [round(seconds, 2) for seconds in plannings]},
        per_second=round(median(rate for (_planning, rate), _baseline in rounds)),
        baseline_bare_waves_per_second=round(median(baseline for _full, baseline in rounds)),
        ratio={"median": round(median(ratios), 2), "all": [round(ratio, 2) for ratio in ratios]},
        memory_mb=memory,
        limits=_anew(limited),
        clicks_meanwhile=_anew(with_clicks),
    )


def _anew(measure: Callable[[str], Coroutine[Any, Any, T]]) -> T:
    """On a database of its own."""
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(measure(folder))


if __name__ == "__main__":
    main()
