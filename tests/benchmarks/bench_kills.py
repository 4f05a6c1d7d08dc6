"""Two hundred `kill -9` of workers in the middle of sends to 5,000 people: a hundred on SQLite, a hundred on PostgreSQL.

Each send is one of several rounds, with a seed of its own. Marks: nobody is sent to twice, nothing is lost, what is in
doubt is at most one chunk a workspace and kill and is cleared up, and the next message leaves within 30 s of a kill.
There is no baseline: what is measured is a count of faults. It takes some twenty minutes.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from rich.progress import track

from scheduler.delivery.batches import CHUNK
from storage.database import Database
from storage.secrets import load_keys, new_key
from tests.benchmarks.databases import ENGINES, POSTGRESQL, SQLITE, databases
from tests.benchmarks.load import report
from tests.faults.kills import WORKSPACES, Report, send_under_kills

RECIPIENTS, KILLS, ROUNDS, LIMIT = 5000, 20, 5, 300.0  # of a round; rounds a database; seconds a round
WAITS = {SQLITE: 0.5, POSTGRESQL: 1.3}  # seconds a message takes, so that a send outlasts its kills


def rounds_on(engine: str, empty: Callable[[str, str], str]) -> dict[str, object]:
    """Each in a database of its own."""
    workers, found = (1 if engine == SQLITE else 2), list[Report]()
    for seed in track(range(ROUNDS), description=engine, transient=True):
        database = Database(empty(engine, f"round{seed}"))
        database.upgrade()
        found.append(
            send_under_kills(
                database,
                recipients=RECIPIENTS,
                kills=KILLS,
                workers=workers,
                seed=seed,
                waits=WAITS[engine],
                limit=LIMIT,
            )
        )
        database.close()
    return {
        "workers": workers,
        "kills": sum(each.kills for each in found),
        "recipients": RECIPIENTS * ROUNDS,
        "sent_once": sum(each.sent_once for each in found),
        "sent_more_than_once": sum(each.sent_more for each in found),
        "lost": sum(each.lost for each in found),
        "in_doubt_by_one_kill": max(each.most_unknown for each in found),
        "allowed_in_doubt_by_one_kill": WORKSPACES * CHUNK,
        "left_in_doubt": sum(each.unknown_left for each in found),
        "slowest_resume_s": max(each.slowest_resume for each in found),
    }


def main() -> None:
    load_keys([new_key()])
    with databases() as empty:
        found = {engine: rounds_on(engine, empty) for engine in ENGINES}
    report(benchmark="kills", kills=KILLS * ROUNDS * len(ENGINES), **found)


if __name__ == "__main__":
    main()
