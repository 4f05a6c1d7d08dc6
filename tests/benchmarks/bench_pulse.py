"""A round of the pulse for many people: taps a second beside bare ballots, and how long the close takes.

CHORUS_BENCH_PEOPLE people (default 2,000) in 40 units tap everything that they are asked; the baseline of the same run
writes the same ratings into the store of a round without a turn.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import tempfile
from pathlib import Path
from time import perf_counter

sys.path.insert(0, str(Path(__file__).parents[2]))

import structlog
from rich.progress import track

from bot.core.events import Pressed
from bot.features.pulse.jobs import closing
from bot.features.pulse.jobs import rounds as opening
from storage.database import Database
from storage.pulse import rounds
from storage.pulse.round_store import RoundStore
from storage.pulse.rounds import RoundState
from storage.secrets import load_keys, new_key
from tests.benchmarks.load import peak_mb, report
from tests.stage import WORKSPACE, Stage

PEOPLE = int(os.environ.get("CHORUS_BENCH_PEOPLE", "2000"))
UNITS = 40
AT_ONCE = 50


def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    load_keys([new_key()])
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/chorus.db")
        database.upgrade()
        with Stage(database) as stage:
            asked = _opened(stage, database)
            taps = [(user, item) for user, items in asked.items() for item in items]
            started = perf_counter()
            stage.run(_all(stage, taps))
            turns = len(taps) / (perf_counter() - started)
            close = _close(stage, database)
        bare = _bare(f"sqlite:///{folder}/bare.db", len(taps))
    report(
        bench="pulse",
        people=PEOPLE,
        taps=len(taps),
        taps_per_second=round(turns),
        bare_ballots_per_second=round(bare),
        ratio=round(turns / bare, 2),
        close_seconds=round(close, 1),
        megabytes=peak_mb(),
    )


def _opened(stage: Stage, database: Database) -> dict[str, list[int]]:
    """A round that is open, and what each person is asked."""
    for number in track(range(PEOPLE), "People"):
        stage.hires(f"p{number}", unit=f"Unit {number % UNITS}")
    stage.hires("laura", roles=["employee", "lead"])
    stage.now = stage.now.replace(hour=8)
    stage.types("laura", "pulse")
    stage.presses("laura", "Open a round")
    stage.presses("laura", "Yes, open it")
    stage.run(stage.shell.run_job(opening.invite))
    with database.transaction() as session:
        row = rounds.newest(session)
        assert row is not None
        items = [item.id for item in rounds.asked_of(session, row.id)]
    return {f"p{number}": items for number in range(PEOPLE)}


async def _all(stage: Stage, taps: list[tuple[str, int]]) -> None:
    limit = asyncio.Semaphore(AT_ONCE)

    async def tap(user: str, item: int) -> None:
        press = Pressed(
            workspace=WORKSPACE,
            user=user,
            address=f"{WORKSPACE}:{user}",
            keys=(f"{user}:{item}",),
            action="pulse.rate_4",
            ref=item,
            message=None,
        )
        async with limit:
            await stage.shell.handle(press, in_place=True)

    await asyncio.gather(*(tap(user, item) for user, item in taps))


def _close(stage: Stage, database: Database) -> float:
    with database.transaction() as session:
        closing.close_round(session)
    started, state = perf_counter(), ""
    while state != RoundState.CLOSED:
        stage.run(stage.shell.run_job(closing.close_rounds))
        with database.transaction() as session:
            row = rounds.newest(session)
            state = row.state if row else RoundState.CLOSED
    return perf_counter() - started


def _bare(url: str, number: int) -> float:
    database = Database(url)
    store = RoundStore(database)
    store.open(1)
    store.invite(1, [(person, 1) for person in range(number // 4 + 1)])
    started = perf_counter()
    for tap in range(number):
        store.rate(1, tap // 4, tap % 4, 4)
    seconds = perf_counter() - started
    store.close()
    database.close()
    return number / seconds


if __name__ == "__main__":
    main()
