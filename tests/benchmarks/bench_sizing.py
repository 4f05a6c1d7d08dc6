"""What a nudge to 1,000, 10,000, 100,000 and 1,000,000 people takes, on SQLite and on PostgreSQL: for `docs/scaling.md`.

Everything is planned in one process and sent by one worker, on PostgreSQL also by two, each a process of its own, to a
fake without limits. The baseline of each size is the one ten times smaller, where linear would be ten. PostgreSQL and
the workers share the machine. CHORUS_BENCH_SIZES names other sizes.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from rich.progress import track
from sqlalchemy import text

from adapters import logs
from adapters.app import settle
from storage.secrets import load_keys, new_key
from tests.benchmarks.databases import POSTGRESQL, SQLITE, databases
from tests.benchmarks.fanout import FanOut
from tests.benchmarks.load import report

SIZES = tuple(int(size) for size in os.environ.get("CHORUS_BENCH_SIZES", "1000,10000,100000,1000000").split(","))
WORKERS = {SQLITE: (1,), POSTGRESQL: (1, 2)}
LOOK = 0.1  # seconds between two looks whether all is out


def main() -> None:
    if len(sys.argv) > 1:
        load_keys([new_key()])
        settle()
        logs.configure(json=True)  # to stderr: it is written, and its cost is measured
        words = sys.argv[1:]
        if words[0] == "worker":
            asyncio.run(worker(words[1]))
        else:
            print(json.dumps(case(words[1], int(words[2]), int(words[3]))))
        return
    with databases() as empty:
        for engine, numbers in WORKERS.items():
            for workers in numbers:
                cases = track(SIZES, description=f"{engine}, {workers}", transient=True)
                sizes = [_in_a_process(empty(engine, f"size{size}x{workers}"), size, workers) for size in cases]
                report(benchmark="sizing", engine=engine, workers=workers, sizes=sizes, growth=_growth(sizes))


def _growth(sizes: list[dict[str, Any]]) -> list[dict[str, float]]:
    """Of each size beside the one before; `people` is what linear would be."""
    return [
        {key: round(larger[key] / smaller[key], 1) for key in ("people", "plan_s", "drain_s")}
        for smaller, larger in pairwise(sizes)
    ]


def _in_a_process(url: str, size: int, workers: int) -> dict[str, Any]:
    words = [sys.executable, __file__, "case", url, str(size), str(workers)]
    done = subprocess.run(words, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def case(url: str, people: int, workers: int) -> dict[str, Any]:
    """One size on one database: planned here, sent by the workers."""
    fan = FanOut(url)
    fan.hire(people)
    _analyze(fan)
    planning = asyncio.run(fan.plans())
    planner = _peak()
    hands = [Hand(url) for _number in range(workers)]
    started = time.perf_counter()
    for hand in hands:
        hand.go()
    while fan.is_waiting():
        time.sleep(LOOK)
    seconds = time.perf_counter() - started
    sent, peaks = zip(*(hand.stop() for hand in hands), strict=True)
    assert sum(sent) == people, f"{sum(sent)} of {people} were sent"
    return {
        "people": people, "plan_s": round(planning, 2), "drain_s": round(seconds, 2), "per_second": round(people / seconds),
        "sent_by_each": sent, "planner_mb": planner, "worker_mb": max(peaks), "disk_mb": _disk(fan),
    }  # fmt: skip


class Hand:
    """A worker in a process of its own, ready to begin."""

    def __init__(self, url: str) -> None:
        words = [sys.executable, __file__, "worker", url]
        self._process = subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline().strip() == "ready"

    def go(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write("go\n")
        self._process.stdin.flush()

    def stop(self) -> tuple[int, int]:
        """How much it sent, and its peak of memory, MB."""
        said, _nothing = self._process.communicate("stop\n")
        sent, peak = said.split()[-2:]
        return int(sent), int(peak)


async def worker(url: str) -> None:
    """Sends from "go" until "stop", and says then how much it sent."""
    fan = FanOut(url)
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    async with fan.working():
        await asyncio.to_thread(sys.stdin.readline)
    print(fan.platform.sent, _peak())


def _analyze(fan: FanOut) -> None:
    """What the database does by itself in a day's time."""
    with fan.database.engine.begin() as connection:
        connection.execute(text("ANALYZE"))


def _disk(fan: FanOut) -> int:
    if fan.database.one_writer:
        file = Path(str(fan.database.engine.url.database))
        return round(sum(part.stat().st_size for part in file.parent.glob(f"{file.name}*")) / 1e6)
    size = fan.aside.execute(text("SELECT pg_database_size(current_database())")).scalar_one()
    return round(int(size) / 1e6)


def _peak() -> int:
    """Of this process, MB; what `getrusage` says of a child may be its parent's."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) // 1024


if __name__ == "__main__":
    main()
