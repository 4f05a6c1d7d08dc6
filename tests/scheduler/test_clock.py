"""The clock and the worker: every job is asked, one fault does not stop the next, and what is due leaves."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta

import pytest

from bot import routes
from bot.platform import DirectoryUnavailable, Profile
from content.fetch import Fetcher
from content.intake import Intake
from scheduler.clock import Clock, Worker
from storage import deliveries, employees, links, workspaces
from storage.deliveries import Delivery
from storage.posts import Feed, Post
from tests.content.test_feeds import rss
from tests.content.web import Web, body, endless
from tests.stage import MONDAY, WORKSPACE, Stage


@pytest.fixture
def clock(stage: Stage) -> Iterator[Clock]:
    intake = Intake(stage.database, Fetcher(also_allow=["127.0.0.1/32"]))

    async def made() -> Clock:
        return Clock(shell=stage.shell, crossing=stage.crossing, intake=intake, seconds=60, now=lambda: stage.now)

    clock = stage.run(made())
    yield clock
    clock._readers.shutdown()


def test_a_tick_asks_every_job_and_survives_a_fault(
    stage: Stage, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(_job: object) -> list[object]:
        raise ZeroDivisionError

    monkeypatch.setitem(routes.JOBS, "expire_posts", breaks)  # type: ignore[arg-type]
    stage.hires("aino")
    stage.publishes("Storm")
    stage.run(clock.tick())
    stage.sends()
    assert len(stage.sees("aino")) == 1


def test_two_clocks_plan_once(stage_on_both: Stage) -> None:
    stage = stage_on_both
    for number in range(10):
        stage.hires(f"u{number}")
    stage.publishes("Storm")

    async def both() -> None:
        await asyncio.gather(
            *(stage.shell.run_job(routes.JOBS["plan_nudges"]) for _clock in range(2)), return_exceptions=True
        )

    stage.run(both())
    stage.sends()
    assert [len(stage.sees(f"u{number}")) for number in range(10)] == [1] * 10


def test_one_bad_feed_does_not_delay_the_others(stage: Stage, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("content.fetch.MAX_SECONDS", 2.0)
    with Web() as web:
        web.pages["/slow"] = endless(b"x", wait=0.1, most=100)
        for number in range(12):
            web.pages[f"/{number}"] = body(rss(f"https://k.example/{number}"), "application/rss+xml")
        with stage.database.transaction() as session:
            session.add_all([Feed(url=f"{web.url}/{name}", poll_after=MONDAY) for name in ("slow", *range(12))])
        reading = stage.run(_timed(clock.read()))
        with stage.database.transaction() as session:
            assert session.query(Post).count() == 12
            slow = session.query(Feed).filter(Feed.url.endswith("slow")).one()
            assert (slow.failures, slow.error) == (1, "it took too long")
    assert reading < 6


async def _timed(work: object) -> float:
    started = asyncio.get_running_loop().time()
    await work  # type: ignore[misc]
    return asyncio.get_running_loop().time() - started


def test_directories_are_read_once_a_day(stage: Stage, clock: Clock) -> None:
    stage.chat.profiles["aino"] = Profile("aino", "Aino")
    stage.run(clock.sync())
    stage.chat.profiles["mikko"] = Profile("mikko", "Mikko")
    stage.run(clock.sync())
    with stage.database.transaction() as session:
        assert employees.count(session) == 1
    stage.now += timedelta(days=1, minutes=1)
    stage.run(clock.sync())
    with stage.database.transaction() as session:
        assert employees.count(session) == 2


def test_a_directory_that_is_not_given_is_asked_again_later(
    stage: Stage, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unavailable(_workspace: str, _cursor: str | None) -> object:
        raise DirectoryUnavailable("ratelimited", 30)

    monkeypatch.setattr(stage.chat, "directory", unavailable)
    stage.run(clock.sync())
    with stage.database.transaction() as session:
        row = workspaces.workspace(session, WORKSPACE)
        assert row is not None
        assert row.synced_at is None


def test_tidying_forgets_what_need_not_be_kept(stage: Stage, clock: Clock) -> None:
    stage.hires("aino")
    stage.types("aino", "help")
    with stage.database.transaction() as session:
        links.salt_of(session, MONDAY.date(), b"salt")
    stage.now += timedelta(days=8)
    stage.run(clock.tidy())
    with stage.database.transaction() as session:
        assert session.query(links.DailySalt).count() == 0
        assert deliveries.counts(session) == {}


def test_a_worker_sends_what_is_due_until_it_is_stopped(stage: Stage) -> None:
    stage.hires("aino")
    with stage.database.transaction() as session:
        session.add_all(
            Delivery(key=f"k{number}", workspace_id=WORKSPACE, address=f"{WORKSPACE}:aino", kind="reply", state=deliveries.PLANNED,
                     card={"summary": "Hello", "body": []}, due_at=stage.now, changed_at=stage.now, attempts=0)
            for number in range(120)
        )  # fmt: skip

    async def work() -> None:
        worker = Worker(stage.deliverer, seconds=0.01)
        running = asyncio.create_task(worker.run())
        while len(stage.chat.sent) < 120:
            await asyncio.sleep(0.01)
        worker.stop()
        await running

    stage.run(asyncio.wait_for(work(), 20))
    with stage.database.transaction() as session:
        assert deliveries.counts(session) == {"sent": 120}
