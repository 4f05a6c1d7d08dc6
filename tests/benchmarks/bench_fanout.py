"""A nudge to 100,000 people: planned, enqueued, and drained; with clicks answered meanwhile.

The baseline is bare waves: the same engine, rows and chunk, and an empty send; no card, no pacing, no nudge row. The
unlimited fake is a Platform port in this process that counts (through HTTP and an SDK the client's own cost would be
all that is measured). Marks: plan and enqueue under 5 s; drain at 0.5 of bare waves; 0.95 of a platform's limit with
no violation; under 500 MB; clicks p99 under 300 ms meanwhile.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any, TypeVar

sys.path.insert(0, str(Path(__file__).parents[2]))

from rich.progress import Progress
from sqlalchemy import text

from adapters import footprint, logs
from adapters.teams.send import LIMITS as TEAMS
from bot.core.db_executor import DbExecutor
from bot.core.events import Pressed
from bot.core.ports import Limits
from scheduler.delivery.batches import CHUNK
from storage.database import Session
from storage.delivery import deliveries
from storage.delivery.deliveries import DeliveryState, StatusUpdate
from storage.secrets import load_keys, new_key
from tests.benchmarks.fanout import A_SECOND, UNLIMITED, WORKSPACES, Counting, FanOut
from tests.benchmarks.load import peak_mb, report

T = TypeVar("T")
PEOPLE = int(os.environ.get("CHORUS_BENCH_PEOPLE", "100000"))
ROUNDS = 3  # of waves and bare waves in turn, for a machine is not as fast at every moment
LIMITED = 12_000  # recipients of the run with the platform's limits: 600 a workspace, 12 s at 50 a second
CLICKS_PER_SECOND = 20
NUDGE_OF = text("SELECT id FROM nudges WHERE employee_id = :person")


class Bench(FanOut):
    """A database of its own, with its people and one worker."""

    def __init__(self, folder: str, people: int, limits: Limits = UNLIMITED) -> None:
        super().__init__(f"sqlite:///{folder}/bench.db", limits)
        self.people = people
        self.hire(people)

    async def drained(self, title: str, carrier: Counting | Bare) -> float:
        """Seconds from the first send until no nudge waits."""
        with Progress(transient=True) as progress:
            task = progress.add_task(title, total=self.people)
            while carrier.sent < self.people or self.is_waiting():
                await asyncio.sleep(0.1)
                progress.update(task, completed=carrier.sent)
        return time.perf_counter() - carrier.began

    def _nudge_of(self, person: int) -> int:
        """0: none yet."""
        found = self.aside.execute(NUDGE_OF, {"person": person}).fetchone()
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
                Pressed(
                    workspace=f"fake:T{number % WORKSPACES}",
                    user=f"U{number}",
                    address=f"fake:T{number % WORKSPACES}:U{number}",
                    keys=(f"click{number}",),
                    action=action,
                    ref=nudge,
                    message=None,
                )
            )
            times.append((time.perf_counter() - started) * 1000)

        number = 0
        while not stop.is_set():
            tasks.add(asyncio.create_task(click(number % self.people)))
            number += 1
            await asyncio.sleep(1 / CLICKS_PER_SECOND)
        await asyncio.gather(*tasks)
        return times


class Bare:
    """Bare waves: rows and engine only."""

    def __init__(self, db_executor: DbExecutor) -> None:
        self._db_executor = db_executor
        self.sent, self.began = 0, 0.0

    async def drain_batch(self, wave: str, workspace: str, mass: bool) -> None:
        done: list[int] = []
        while True:
            done = await self._db_executor(lambda session, done=done: self._step(session, wave, done))
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
        deliveries.settle(
            session, [StatusUpdate(row, DeliveryState.SENT, message="m", holder="bare") for row in done], now=now
        )
        rows = deliveries.due_in_wave(session, wave, now=now, limit=CHUNK)
        deliveries.hold(session, [row.id for row in rows], "bare", now=now)
        return [row.id for row in rows]


async def bare(folder: str) -> float:
    bench = Bench(folder, PEOPLE)
    await bench.plans()
    carrier = Bare(bench.db_executor)
    async with bench.working(carrier.drain_batch):
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
    return {
        "allowed_per_second": allowed,
        "per_second": round(LIMITED / seconds, 1),
        "share_of_limit": round(LIMITED / seconds / allowed, 3),
        "violations": bench.platform.violations,
    }


def main() -> None:
    load_keys([new_key()])
    footprint.look_rarely()
    footprint.keep_what_is_here()
    logs.configure(json=True)  # to stderr: it is written, and its cost is measured
    rounds = [(_anew(full), _anew(bare))]
    memory = peak_mb()  # of a process that plans and sends once; the later rounds only add to it
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
