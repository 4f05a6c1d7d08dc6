"""What a message costs as work of the engine: a workflow for each, beside a row for each that waves carry.

Both on the same engine and database, with an empty send; SQLite and PostgreSQL. Marks for decision 5.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from adapters import logs
from scheduler.engine import DurableEngine
from storage.database import Database
from storage.secrets import load_keys, new_key
from tests.benchmarks.databases import ENGINES, databases
from tests.benchmarks.fanout import FanOut
from tests.benchmarks.load import in_a_process, report

MESSAGES = int(os.environ.get("CHORUS_BENCH_MESSAGES", "2000"))


async def workflows(url: str) -> dict[str, float]:
    """One enqueued workflow a message, all in one queue."""
    database = Database(url)
    database.upgrade()
    engine = DurableEngine(database, polling=0.05)  # waves are looked for once a second: that is no part of it
    engine.prepare()
    done, is_done = 0, asyncio.Event()

    async def look(_workspace: str) -> None:
        nonlocal done
        done += 1
        if done == MESSAGES:
            is_done.set()

    async def nothing(*_arguments: Any) -> None: ...

    started = time.perf_counter()
    with database.transaction() as session:
        for number in range(MESSAGES):
            engine.look(session, f"m{number}", delay=0)
    enqueued = time.perf_counter()
    await engine.start(worker="worker", drain_batch=nothing, look=look, run=nothing)
    await asyncio.wait_for(is_done.wait(), 600)
    ended = time.perf_counter()
    await asyncio.to_thread(engine.stop)
    return {"enqueue_s": round(enqueued - started, 2), "per_second": round(MESSAGES / (ended - enqueued))}


async def waves(url: str) -> dict[str, float]:
    """One row a message, in a wave for each of twenty workspaces."""
    fan = FanOut(url)
    fan.hire(MESSAGES)
    planning = await fan.plans()
    async with fan.working():
        started = time.perf_counter()
        while fan.platform.sent < MESSAGES or fan.is_waiting():
            await asyncio.sleep(0.02)
        ended = time.perf_counter()
    return {"plan_s": round(planning, 2), "per_second": round(MESSAGES / (ended - started))}


def main() -> None:
    if len(sys.argv) > 1:
        load_keys([new_key()])
        logs.configure(json=True)
        found = asyncio.run({"workflows": workflows, "waves": waves}[sys.argv[1]](sys.argv[2]))
        print(json.dumps(found))
        return
    with databases() as empty:
        for engine in ENGINES:
            one = {
                kind: in_a_process(__file__, kind, empty(engine, kind), stderr=subprocess.DEVNULL)
                for kind in ("workflows", "waves")
            }
            ratio = one["waves"]["per_second"] / one["workflows"]["per_second"]
            report(benchmark="engine", engine=engine, messages=MESSAGES, ratio=round(ratio, 1), **one)


if __name__ == "__main__":
    main()
