"""Signed Slack button clicks, stored and answered, beside a bare slack-bolt app that only acknowledges.

Both run as one process under FastAPI and uvicorn, on the same machine and in the same run; Chorus writes to SQLite,
then to PostgreSQL (whose server shares the machine), and replaces each card through a Slack Web API on loopback.
Marks, on SQLite: half the baseline's throughput, p99 under 300 ms at 50 a second.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

import httpx2 as http

from storage.secrets import new_key
from tests.benchmarks.databases import ENGINES, databases
from tests.benchmarks.load import Measured, closed_loop, open_loop, report, request, server
from tests.benchmarks.servers import PEOPLE, SECRET
from tests.e2e.slack_client import form_body, press_payload, signed
from tests.ports import free_port

WARMING, CLICKS, STEADY, PER_SECOND = 300, 3000, 500, 50


def clicks(port: int, number: int, slack: int) -> list[bytes]:
    """Each by another person than the one before: "Later" and back again on their own nudge.

    With the address at which Slack takes the card that is to stand in place of the pressed one: on port `slack`.
    """
    made = []
    for click in range(number):
        person = click % PEOPLE
        action = "nudge.later" if (click // PEOPLE) % 2 == 0 else "nudge.back"
        where = {
            "channel": {"id": "D1", "name": "directmessage"},
            "message": {"ts": f"1.{person}"},
            "response_url": f"http://127.0.0.1:{slack}/actions/T1/{click}",
        }
        body = form_body(press_payload("T1", f"U{person}", f"{action}#0", str(person + 1), **where))
        headers = {"Content-Type": "application/x-www-form-urlencoded", **signed(SECRET, body)}
        made.append(request("POST", "/slack/events", port, headers, body))
    return made


def main() -> None:
    slack, bare = free_port(), free_port()
    with databases() as empty, server("fake_slack", port=slack):
        with server("bare_bolt", port=bare):
            closed_loop(bare, clicks(bare, WARMING, slack))
            baseline = closed_loop(bare, clicks(bare, CLICKS, slack))
        found = {engine: chorus(empty(engine, "bench"), slack, baseline) for engine in ENGINES}
    report(
        benchmark="interactions",
        clicks=CLICKS,
        baseline_per_second=baseline.per_second,
        baseline_p99_ms=baseline.p99_ms,
        baseline_statuses=baseline.statuses,
        **found,
    )


def chorus(url: str, slack: int, baseline: Measured) -> dict[str, Any]:
    """One process of Chorus over the database at `url`, at full load and at a steady rate."""
    port, before = free_port(), replaced(slack)
    with server("chorus", url, new_key(), str(slack), port=port):
        closed_loop(port, clicks(port, WARMING, slack))
        full = closed_loop(port, clicks(port, CLICKS, slack))
        steady = open_loop(port, clicks(port, STEADY, slack), PER_SECOND)
    return {
        "per_second": full.per_second,
        "ratio": round(full.per_second / baseline.per_second, 2),
        "p99_ms": full.p99_ms,
        "steady_per_second": PER_SECOND,
        "steady_p50_ms": steady.p50_ms,
        "steady_p99_ms": steady.p99_ms,
        "cards_replaced": f"{replaced(slack) - before} of {WARMING + CLICKS + STEADY}",
        "statuses": [full.statuses, steady.statuses],
    }


def replaced(slack: int) -> int:
    """Cards that the server on port `slack` has taken in place of pressed ones."""
    return int(http.get(f"http://127.0.0.1:{slack}/replaced").text)


if __name__ == "__main__":
    main()
