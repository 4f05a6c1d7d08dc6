"""An hour of fifty events a second, as fast as they are taken: does memory creep, do files stay open, does a queue stay?

Signed presses by 2,000 people and a command now and then, one process of Chorus on SQLite, a Slack Web API on loopback.
Marks: under 1 MB in ten minutes of that hour, open files flat, nothing left waiting.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from rich.progress import track

sys.path.insert(0, str(Path(__file__).parents[2]))

from storage.database import Database
from storage.delivery import history
from storage.delivery.deliveries import DeliveryState
from storage.secrets import load_keys, new_key
from tests.benchmarks.bench_flood import commands
from tests.benchmarks.bench_interactions import clicks
from tests.benchmarks.load import closed_loop, report, server
from tests.ports import free_port

MINUTES = int(os.environ.get("CHORUS_SOAK_MINUTES", "60"))
A_SECOND, A_PART = 50, 5  # events, and minutes of the hour between two looks
WARM = 7  # looks that do not count: until the memory of replays is full, of 100,000 requests


def memory_mb(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def open_files(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def waiting(database: Database) -> int:
    with database.transaction() as session:
        states = history.counts(session)
    return states.get(DeliveryState.PLANNED, 0) + states.get(DeliveryState.SENDING, 0)


def main() -> None:
    slack, ours, key = free_port(), free_port(), new_key()
    load_keys([key])
    memory, files, statuses = list[float](), list[int](), dict[int, int]()
    events, started = A_SECOND * 60 * A_PART, time.perf_counter()
    with tempfile.TemporaryDirectory() as folder, server("fake_slack", port=slack):
        url = f"sqlite:///{folder}/bench.db"
        with server("chorus", url, key, str(slack), port=ours) as pid:
            for _part in track(range(MINUTES // A_PART), description="parts of the hour", transient=True):
                requests = clicks(ours, events, slack)
                requests[:: len(requests) // 10] = commands(ours, len(requests[:: len(requests) // 10]))
                for status, number in closed_loop(ours, requests).statuses.items():
                    statuses[status] = statuses.get(status, 0) + number
                memory.append(memory_mb(pid))
                files.append(open_files(pid))
            seconds, database = time.perf_counter() - started, Database(url)
            until = time.monotonic() + 60
            while (left := waiting(database)) and time.monotonic() < until:
                time.sleep(1)
            database.close()
    slope = float(np.polyfit(np.arange(len(memory) - WARM) * A_PART / 10, memory[WARM:], 1)[0])
    report(
        benchmark="soak",
        minutes=MINUTES,
        events=sum(statuses.values()),
        took_s=round(seconds),
        statuses=statuses,
        mb_in_ten_minutes=round(slope, 2),
        memory_mb=[round(each, 1) for each in memory],
        open_files=files,
        left_waiting=left,
    )


if __name__ == "__main__":
    main()
