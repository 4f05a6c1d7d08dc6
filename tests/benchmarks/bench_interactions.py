"""Signed Slack button clicks, stored and answered, beside a bare slack-bolt app that only acknowledges.

Both run as one process under FastAPI and uvicorn, on the same machine and in the same run; Chorus writes to
SQLite and replaces each card through a Slack Web API on loopback. Marks: half the baseline's throughput,
p99 under 300 ms at 50 a second.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import httpx2 as http

from storage.secrets import new_key
from tests.benchmarks.load import Measured, closed_loop, open_loop, report, request, server
from tests.benchmarks.servers import PEOPLE, SECRET
from tests.e2e.conftest import free_port
from tests.e2e.slack_client import form_body, press_payload, signed

WARMING, CLICKS, STEADY, PER_SECOND = 300, 3000, 500, 50


def clicks(port: int, number: int, slack: int) -> list[bytes]:
    """Each by another person than the one before: "Later" and back again on their own nudge.

    With the address at which Slack takes the card that is to stand in place of the pressed one: on port `slack`.
    """
    made = []
    for click in range(number):
        person = click % PEOPLE
        action = "nudge.later" if (click // PEOPLE) % 2 == 0 else "nudge.back"
        where = {"channel": {"id": "D1", "name": "directmessage"}, "message": {"ts": f"1.{person}"},
                 "response_url": f"http://127.0.0.1:{slack}/actions/T1/{click}"}  # fmt: skip
        body = form_body(press_payload("T1", f"U{person}", f"{action}#0", str(person + 1), **where))
        headers = {"Content-Type": "application/x-www-form-urlencoded", **signed(SECRET, body)}
        made.append(request("POST", "/slack/events", port, headers, body))
    return made


def main() -> None:
    slack, bare, ours = free_port(), free_port(), free_port()
    with tempfile.TemporaryDirectory() as folder, server("fake_slack", port=slack):
        with server("bare_bolt", port=bare):
            closed_loop(bare, clicks(bare, WARMING, slack))
            baseline = closed_loop(bare, clicks(bare, CLICKS, slack))
        with server("chorus", f"sqlite:///{folder}/bench.db", new_key(), str(slack), port=ours):
            closed_loop(ours, clicks(ours, WARMING, slack))
            chorus = closed_loop(ours, clicks(ours, CLICKS, slack))
            steady = open_loop(ours, clicks(ours, STEADY, slack), PER_SECOND)
        replaced = int(http.get(f"http://127.0.0.1:{slack}/replaced").text)
    summary(baseline, chorus, steady, replaced)


def summary(baseline: Measured, chorus: Measured, steady: Measured, replaced: int) -> None:
    report(
        benchmark="interactions",
        clicks=CLICKS,
        baseline_per_second=baseline.per_second,
        chorus_per_second=chorus.per_second,
        ratio=round(chorus.per_second / baseline.per_second, 2),
        baseline_p99_ms=baseline.p99_ms,
        chorus_p99_ms=chorus.p99_ms,
        steady_per_second=PER_SECOND,
        steady_p50_ms=steady.p50_ms,
        steady_p99_ms=steady.p99_ms,
        cards_replaced=f"{replaced} of {WARMING + CLICKS + STEADY}",
        statuses=[baseline.statuses, chorus.statuses, steady.statuses],
    )


if __name__ == "__main__":
    main()
