"""What a nudge to 1,000, 10,000, 100,000 and 1,000,000 people takes, on SQLite and on PostgreSQL: for `docs/scaling.md`.

One process plans it and sends it to a fake without limits; PostgreSQL's server shares the machine. The baseline of each
size is the one before it: growth is time ÷ time, where linear would be that of the people. It takes a quarter of an
hour; CHORUS_BENCH_SIZES names other sizes.
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

from adapters import footprint, logs
from storage.secrets import load_keys, new_key
from tests.benchmarks.databases import ENGINES, databases
from tests.benchmarks.fanout import FanOut
from tests.benchmarks.load import in_a_process, peak_mb, report

SIZES = tuple(int(size) for size in os.environ.get("CHORUS_BENCH_SIZES", "1000,10000,100000,1000000").split(","))
LOOK = 0.1  # seconds between two looks whether all is out


def main() -> None:
    if len(sys.argv) > 1:
        load_keys([new_key()])
        footprint.look_rarely()
        footprint.keep_what_is_here()
        logs.configure(json=True)  # to stderr: it is written, and its cost is measured
        print(json.dumps(asyncio.run(case(sys.argv[1], int(sys.argv[2])))))
        return
    with databases() as empty:
        for engine in ENGINES:
            sizes = [_apart(empty(engine, f"size{size}"), size) for size in track(SIZES, engine, transient=True)]
            report(benchmark="sizing", engine=engine, sizes=sizes, growth=_growth(sizes))


def _growth(sizes: list[dict[str, Any]]) -> list[dict[str, float]]:
    """Of each size beside the one before; `people` is what linear would be."""
    return [
        {key: round(larger[key] / smaller[key], 1) for key in ("people", "plan_s", "drain_s")}
        for smaller, larger in pairwise(sizes)
    ]


def _apart(url: str, people: int) -> dict[str, Any]:
    return in_a_process(__file__, url, str(people), stderr=subprocess.DEVNULL)  # its log


async def case(url: str, people: int) -> dict[str, Any]:
    """One size on one database."""
    fan = FanOut(url)
    fan.hire(people)
    _analyze(fan)
    planning = await fan.plans()
    async with fan.working():
        while fan.platform.sent < people or fan.is_waiting():
            await asyncio.sleep(LOOK)
        draining = time.perf_counter() - fan.platform.began
    assert fan.platform.sent == people
    return {
        "people": people,
        "plan_s": round(planning, 2),
        "drain_s": round(draining, 2),
        "per_second": round(people / draining),
        "peak_mb": peak_mb(),
        "disk_mb": fan.disk_mb(),
    }


def _analyze(fan: FanOut) -> None:
    """What the database does by itself in a day's time."""
    with fan.database.engine.begin() as connection:
        connection.execute(text("ANALYZE"))


if __name__ == "__main__":
    main()
