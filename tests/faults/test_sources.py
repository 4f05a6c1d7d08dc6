"""Five hundred sources of which fifty misbehave: the others are read on time, nothing is heard twice, memory is bounded.

The misbehaving answer slowly, without end, packed a thousandfold, with something else than a feed, with the same item
under ever new names, by redirecting in circles or inward. All of it on loopback, bounded, and once a source.
"""

from __future__ import annotations

import asyncio
import resource
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from itertools import count
from threading import Event

import pytest

from content.intake import Intake
from content.language import language_of
from content.listening import Listener
from content.reading import Reader
from scheduler.delivery.webhooks import WebhookCalls
from scheduler.jobs.housekeeping import Housekeeping
from scheduler.jobs.run_jobs import Jobs
from storage.database import Database
from storage.mentions import listening
from storage.mentions.listening import Source
from tests.content.web import Answer, Web, body, bomb, endless, status
from tests.stage import Stage

GOOD, BAD = 450, 50
LOOPBACK = ("127.0.0.0/8",)
HTML = b"<html><body>No feed here</body></html>"


def feed(name: str, text: str) -> bytes:
    return f"""<rss version="2.0"><channel><title>{name}</title><item><title>{text}</title>
      <link>https://forum.example/{name}</link></item></channel></rss>""".encode()


def ever_new(numbers: Iterator[int]) -> Answer:
    """The same words under another name and address at each look."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        number = next(numbers)
        body(feed(f"new-{number}", "This very remark about the new line never changes"), "application/rss+xml")(handler)

    return answer


def held_back(gate: Event) -> Answer:
    """No answer until the gate is open."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        gate.wait(60)
        status(500)(handler)

    return answer


@pytest.fixture
def stage(sqlite: Database) -> Iterator[Stage]:
    with Stage(sqlite) as stage:
        stage.hires("laura", roles=("employee", "lead"))
        yield stage


@pytest.fixture
def web() -> Iterator[Web]:
    with Web() as web:
        kinds = [
            endless(b"x", wait=0.25, most=60),
            endless(most=100),
            bomb(20_000_000),
            body(HTML),
            status(500),
            status(302, Location="/bad-5"),
            status(302, Location="http://169.254.169.254/"),
            ever_new(count(1)),
            body(b"<rss" * 50_000),
            status(404),
        ]
        for number in range(GOOD):
            words = f"Remark number {number} about the weather and the new line"
            web.pages[f"/good-{number}"] = body(feed(f"good-{number}", words), "application/rss+xml")
        for number in range(BAD):
            web.pages[f"/bad-{number}"] = kinds[number % len(kinds)]
        yield web


@pytest.mark.in_turn
@pytest.mark.timeout(300)  # the misbehaving of the first look take their time
def test_the_others_are_read_on_time(stage: Stage, web: Web) -> None:
    with stage.database.transaction() as session:
        for kind, number in (("good", GOOD), ("bad", BAD)):
            session.add_all(
                Source(id=f"{kind}-{n}", name=f"{kind} {n}", kind="feed", address=f"{web.url}/{kind}-{n}")
                for n in range(number)
            )
    now = [datetime.now(UTC)]
    jobs = _jobs(stage, now)
    language_of("Load the models of the languages before memory is measured.")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    asyncio.run(jobs.read())  # the first look: nobody is known to misbehave yet
    with stage.database.transaction() as session:
        troubled = {row.id for row in listening.sources(session) if row.failures}
        assert len(listening.fresh(session, 1000)) == GOOD + 1
    assert all(name.startswith("bad") for name in troubled)
    assert len(troubled) >= 40  # all but those who say the same under ever new names
    gate = Event()
    for name in troubled:
        web.pages[f"/{name}"] = held_back(gate)
    for number in range(GOOD):
        words = f"Second remark number {number} about the price and the map"
        web.pages[f"/good-{number}"] = body(feed(f"again-{number}", words), "application/rss+xml")
    now[0] += timedelta(hours=25)
    try:
        asyncio.run(jobs.read())
        with stage.database.transaction() as session:
            assert len(listening.fresh(session, 2000)) == 2 * GOOD + 1
            asked_again = [row for row in listening.sources(session) if row.id in troubled and row.failures > 1]
        assert len(asked_again) < len(troubled) / 2  # they still keep their reader waiting, and nobody else
    finally:
        gate.set()
        jobs.close()
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert used < 200_000, f"{used} KiB more"  # sixteen readers with five megabytes each, and their copies
    stage.ticks(1)
    stage.ticks(1)
    assert len(stage.cards("laura")) <= 12  # one card an item, ten a day


def _jobs(stage: Stage, now: list[datetime]) -> Jobs:
    reader = Reader(also_allow=LOOPBACK)
    webhooks = WebhookCalls(db_executor=stage.db_executor, reader=reader, now=lambda: now[0])
    return Jobs(
        replace(stage.dependencies, now=lambda: now[0]),
        application=stage.shell,
        intake=Intake(stage.database.run, reader),
        listener=Listener(stage.database.run, reader),
        webhooks=webhooks,
        publisher=stage.publisher,
        runner=stage.engine,
        housekeeping=Housekeeping(stage.dependencies, stage.database),
    )
