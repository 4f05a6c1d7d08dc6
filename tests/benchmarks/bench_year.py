"""A year of 90,000 people in some half an hour: two nudges a week each, with rows as they are once they went out.

After each quarter: the database's size, a scrape of `/metrics`, a round of all tick jobs, and the slowest of them.
What must stay flat is beside the first quarter. Deliveries are deleted as the housekeeping does it, by the day of
the simulation; PostgreSQL is vacuumed then, as it does by itself. CHORUS_BENCH_PEOPLE names another number.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from rich.progress import track
from sqlalchemy import text

from adapters import logs
from adapters.web import health
from bot.routes import FEATURES
from storage.bulk import insert_rows
from storage.delivery import deliveries, history
from storage.secrets import load_keys, new_key
from storage.sharing.nudges import Nudge
from storage.sharing.posts import Post, PostState
from tests.benchmarks.databases import ENGINES, databases
from tests.benchmarks.fanout import WORKSPACES, FanOut, now
from tests.benchmarks.load import in_a_process, peak_mb, report

PEOPLE = int(os.environ.get("CHORUS_BENCH_PEOPLE", "90000"))
WEEKS, QUARTER, A_WEEK = 52, 13, 2  # nudges a person
KEPT = timedelta(days=90)
SLICE = 30_000
TICKS = 3  # of which the quickest counts: the machine is not alone


def main() -> None:
    if len(sys.argv) > 1:
        load_keys([new_key()])
        logs.configure(json=True)
        print(json.dumps(asyncio.run(year(sys.argv[1]))))
        return
    with databases() as empty:
        for engine in ENGINES:
            quarters = in_a_process(__file__, empty(engine, "year"), stderr=subprocess.DEVNULL)["quarters"]
            growth = {
                key: round(quarters[-1][key] / quarters[0][key], 2)
                for key in ("disk_mb", "scrape_s", "tick_s", "slowest_s")
            }
            report(benchmark="year", engine=engine, people=PEOPLE, quarters=quarters, last_by_first=growth)


async def year(url: str) -> dict[str, Any]:
    fan = FanOut(url)
    fan.hire(PEOPLE)
    with fan.database.transaction() as session:
        session.execute(
            text("UPDATE employees SET planned_at = :now, tour_step = 99"), {"now": now().isoformat(sep=" ")}
        )
    quarters = []
    for week in track(range(WEEKS), "weeks", transient=True):
        moment = now() - timedelta(weeks=WEEKS - week)
        _week(fan, week, moment)
        if (week + 1) % QUARTER == 0:
            _trim(fan, moment)
            quarters.append(await _measured(fan))
    return {"quarters": quarters}


def _week(fan: FanOut, week: int, moment: datetime) -> None:
    """Two posts, and a nudge about each to everybody, sent."""
    with fan.database.transaction() as session:
        posts = [
            Post(
                url=f"https://k.example/w{week}-{number}",
                canonical_url=f"https://k.example/w{week}-{number}",
                title=f"Storm {week} {number}",
                summary="About the storm.",
                state=PostState.EXPIRED,
                created_at=moment,
                decided_at=moment,
            )
            for number in range(A_WEEK)
        ]
        session.add_all(posts)
        session.flush()
        ids = [post.id for post in posts]
    for post in ids:
        for first in range(1, PEOPLE + 1, SLICE):
            people = range(first, min(first + SLICE, PEOPLE + 1))
            with fan.database.transaction() as session:
                insert_rows(
                    session,
                    Nudge.__table__,  # type: ignore[arg-type]
                    [
                        {"employee_id": person, "message": f"fake:T{person % WORKSPACES}:D{person}:1.{post}"}
                        for person in people
                    ],
                    post_id=post,
                    state="sent",
                    why="topic",
                    slot="tue-morning",
                    timing="learned",
                    planned_at=moment,
                    sent_at=moment,
                    acted_in_time=False,
                )
                deliveries.add(
                    session,
                    [
                        {
                            "key": f"nudge:{post}:{person}",
                            "workspace_id": f"fake:T{person % WORKSPACES}",
                            "employee_id": person,
                            "address": f"fake:T{person % WORKSPACES}:U{person - 1}",
                            "subject_id": post * PEOPLE + person,
                            "message": f"fake:T{person % WORKSPACES}:D{person}:1.{post}",
                        }
                        for person in people
                    ],
                    kind="nudge",
                    wave=f"wave:{post}",
                    cause="plan_day",
                    state="sent",
                    due_at=moment,
                    attempts=1,
                    changed_at=moment,
                )


def _trim(fan: FanOut, moment: datetime) -> None:
    after: int | None = 0
    while after is not None:
        with fan.database.transaction() as session:
            _deleted, after = history.prune_settled(session, before=moment - KEPT, after=after, limit=10_000)
    if fan.database.one_writer:
        fan.database.optimize()
        return
    with fan.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


async def _measured(fan: FanOut) -> dict[str, Any]:
    scrape = min(_seconds(lambda: health.exposition(fan.database)) for _each in range(TICKS))
    rounds = []
    for _each in range(TICKS):
        jobs: dict[str, float] = {}
        for feature in FEATURES:
            for name, work in feature.tick_jobs.items():
                started = time.perf_counter()
                await fan.shell.run_job(work)
                jobs[name] = time.perf_counter() - started
        rounds.append(jobs)
    best = min(rounds, key=lambda jobs: sum(jobs.values()))
    slowest = max(best, key=lambda name: best[name])
    with fan.database.engine.connect() as connection:
        kept = connection.scalar(text("SELECT count(*) FROM deliveries"))
        nudges = connection.scalar(text("SELECT count(*) FROM nudges"))
    return {
        "deliveries": kept,
        "nudges": nudges,
        "disk_mb": fan.disk_mb(),
        "scrape_s": round(scrape, 4),
        "tick_s": round(sum(best.values()), 3),
        "slowest": slowest,
        "slowest_s": round(best[slowest], 4),
        "peak_mb": peak_mb(),
    }


def _seconds(work: Any) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
