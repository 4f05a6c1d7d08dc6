"""One person's flood beside everybody else: how long the others wait for their answers, without it and with it.

The others press at a steady rate; the flooder types a thousand commands a minute. One process of Chorus on SQLite, signed
requests, a Slack Web API on loopback. Mark: the others' p95 within a fifth of what it is without the flood.
The rounds alternate, and the middle one of each kind counts.
"""

from __future__ import annotations

import sys
import tempfile
import threading
from itertools import count
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[2]))

from storage.secrets import new_key
from tests.benchmarks.bench_interactions import clicks
from tests.benchmarks.load import Measured, closed_loop, open_loop, report, request, server
from tests.benchmarks.servers import SECRET
from tests.e2e.slack_client import signed
from tests.ports import free_port

OTHERS, SECONDS, ROUNDS = 20, 15, 3  # presses a second, of a round, and rounds of each kind
FLOOD = 1000 / 60  # commands a second
_triggers = count(1)


def commands(port: int, number: int) -> list[bytes]:
    """`/chorus help`, all by one person."""
    made = []
    for _command in range(number):
        trigger = next(_triggers)
        body = f"command=%2Fchorus&text=help&team_id=T1&user_id=U1999&channel_id=D9&trigger_id=t{trigger}".encode()
        headers = {"Content-Type": "application/x-www-form-urlencoded", **signed(SECRET, body)}
        made.append(request("POST", "/slack/events", port, headers, body))
    return made


def round_of(port: int, slack: int, *, with_flood: bool) -> Measured:
    flood = threading.Thread(target=open_loop, args=(port, commands(port, int(FLOOD * SECONDS)), FLOOD))
    if with_flood:
        flood.start()
    others = open_loop(port, clicks(port, OTHERS * SECONDS, slack), OTHERS)
    if with_flood:
        flood.join()
    return others


def main() -> None:
    slack, ours = free_port(), free_port()
    calm, flooded = list[Measured](), list[Measured]()
    with (
        tempfile.TemporaryDirectory() as folder,
        server("fake_slack", port=slack),
        server("chorus", f"sqlite:///{folder}/bench.db", new_key(), str(slack), port=ours),
    ):
        closed_loop(ours, clicks(ours, 300, slack))
        for _round in range(ROUNDS):
            calm.append(round_of(ours, slack, with_flood=False))
            flooded.append(round_of(ours, slack, with_flood=True))
    without, beside = (median(each.p95_ms for each in rounds) for rounds in (calm, flooded))
    report(
        benchmark="flood",
        others_per_second=OTHERS,
        flood_per_minute=round(FLOOD * 60),
        others_p95_ms_without=without,
        others_p95_ms_with=beside,
        ratio=round(beside / without, 2),
        rounds=[[each.p95_ms for each in rounds] for rounds in (calm, flooded)],
        statuses=[each.statuses for each in flooded],
    )


if __name__ == "__main__":
    main()
