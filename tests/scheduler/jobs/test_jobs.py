"""Scheduled runs that fail: tried again until their deadline, never lost in silence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from bot.core.context import Effect, Job
from bot.core.router import Router
from bot.core.routes import FeatureRoutes, JobWork
from scheduler.jobs.clock import of_the_machine
from scheduler.jobs.housekeeping import Housekeeping
from scheduler.jobs.run_jobs import KEEPS_TRYING, Jobs
from storage.audit import watch
from storage.database import Session
from storage.jobs import runs
from storage.jobs.runs import RunState
from tests.stage import MONDAY, Stage

KEY = "facts:2026-11-23"


class Runner:
    """Later tries, as the engine keeps them."""

    def __init__(self) -> None:
        self.waiting: list[tuple[str, float, str]] = []

    def run(self, session: Session, key: str, *, alone: str, delay: float = 0.0, tag: str = "") -> None:
        assert (key, tag) not in {(one, its) for one, _delay, its in self.waiting}
        self.waiting.append((key, delay, tag))


class Facts:
    """A job that fails as often as it is told to."""

    def __init__(self, failures: float) -> None:
        self.failures, self.done = failures, 0

    def __call__(self, job: Job) -> list[Effect]:
        if self.failures:
            self.failures -= 1
            raise OperationalError("SELECT", {}, Exception("deadlock detected"))
        self.done += 1
        return []


def jobs_of(stage: Stage, facts: Facts, runner: Runner, tick_jobs: Mapping[str, JobWork] | None = None) -> Jobs:
    nothing: Any = type("Nothing", (), {"tell": None})()
    with stage.database.transaction() as session:
        assert runs.first(session, KEY, job="facts", scope="", due_at=MONDAY, state=RunState.WAITING, now=MONDAY)
    features = (FeatureRoutes(name="facts", scheduled_jobs={"facts": facts}, tick_jobs=tick_jobs or {}),)
    return Jobs(
        replace(stage.dependencies, router=Router(features)),
        application=stage.shell,
        intake=nothing,
        listener=nothing,
        webhooks=nothing,
        publisher=stage.publisher,
        runner=runner,
        housekeeping=Housekeeping(stage.dependencies, stage.database),
    )


def state(stage: Stage) -> tuple[str, int]:
    with stage.database.transaction() as session:
        row = runs.run(session, KEY)
        assert row is not None
        return row.state, row.failures


def test_a_run_that_failed_once_is_made_all_the_same(stage: Stage) -> None:
    facts, runner = Facts(failures=1), Runner()
    jobs = jobs_of(stage, facts, runner)
    stage.run(jobs.run(KEY))
    assert state(stage) == (RunState.WAITING, 1)
    ((_key, delay, _tag),) = runner.waiting
    stage.now += timedelta(seconds=delay)
    stage.run(jobs.run(KEY))
    assert (facts.done, state(stage)) == (1, (RunState.DONE, 1))
    jobs.close()


def test_a_run_is_tried_until_its_deadline_and_then_shown(stage: Stage) -> None:
    facts, runner = Facts(failures=10_000), Runner()
    jobs = jobs_of(stage, facts, runner)
    tries = 0
    while state(stage)[0] == RunState.WAITING:
        stage.run(jobs.run(KEY))
        tries += 1
        if len(runner.waiting) == tries:
            stage.now += timedelta(seconds=runner.waiting[-1][1])
    delays = [delay for _key, delay, _tag in runner.waiting]
    assert delays == sorted(delays)
    assert delays[0] < 60
    assert 20 < tries < 100
    assert timedelta(hours=20) < stage.now - MONDAY <= KEEPS_TRYING
    with stage.database.transaction() as session:
        assert [(row.key, row.state, row.note) for row in runs.troubled(session)] == [
            (KEY, RunState.FAILED, "OperationalError")
        ]
    jobs.close()


@pytest.mark.parametrize("failures", [1, 3])
def test_a_run_that_failed_in_its_midst_says_nothing_twice(stage: Stage, failures: int) -> None:
    """The week's digest, with a fault in the middle of its readers: each gets it once."""
    from bot.features.digest.jobs import sending

    for number in range(3):
        stage.hires(f"reader{number}", roles=("lead",))
    seen: list[int] = []

    def send(job: Job) -> list[Effect]:
        effects = sending.send_digests(job)
        seen.append(job.after)
        if len(seen) <= failures:
            raise OperationalError("INSERT", {}, Exception("the connection was reset"))
        return effects

    runner = Runner()
    jobs = jobs_of(stage, send, runner)  # type: ignore[arg-type]
    with stage.database.transaction() as session:
        row = runs.run(session, KEY)
        assert row is not None
        row.scope = "Europe/Helsinki"
    while state(stage)[0] == RunState.WAITING:
        stage.run(jobs.run(KEY))
    stage.now += timedelta(days=1)
    stage.sends()
    assert [len(stage.sees(f"reader{number}")) for number in range(3)] == [1, 1, 1]
    jobs.close()


def test_what_fails_at_every_tick_is_shown_until_it_goes_well(stage: Stage) -> None:
    good, bad = Facts(failures=0), Facts(failures=3)
    jobs = jobs_of(stage, good, Runner(), tick_jobs={"bad": bad, "good": good})

    def shown() -> list[tuple[str, int]]:
        with stage.database.transaction() as session:
            return [(row.job, row.failures) for row in runs.troubled(session)]

    for failures in (1, 2, 3):
        stage.run(jobs.routine())
        assert shown() == [("bad", failures)]
    stage.run(jobs.routine())
    assert shown() == []
    assert (good.done, bad.done) == (4, 1)
    jobs.close()


def test_what_the_machine_does_again_soon_is_shown_until_it_goes_well(stage: Stage) -> None:
    """One failure of `hooks` is no job that was given up: the next run, two seconds later, does its work."""
    jobs = jobs_of(stage, Facts(failures=0), Runner())
    calls = Facts(failures=2)

    async def tell() -> None:
        calls(None)  # type: ignore[arg-type]

    jobs._own["hooks"] = tell

    def runs_at(second: int) -> list[tuple[str, int]]:
        due_at = MONDAY + timedelta(seconds=second)
        with stage.database.transaction() as session:
            runs.first(
                session, f"hooks:{second}", job="hooks", scope="", due_at=due_at, state=RunState.WAITING, now=due_at
            )
        stage.run(jobs.run(f"hooks:{second}"))
        with stage.database.transaction() as session:
            return [(row.key, row.failures) for row in runs.troubled(session) if row.key != KEY]

    assert runs_at(0) == [("tick:hooks", 1)]
    assert runs_at(2) == [("tick:hooks", 2)]
    assert runs_at(4) == []
    jobs.close()


def test_each_job_of_the_machine_that_is_due_is_carried_out(stage: Stage) -> None:
    """The clock enqueues them by name: one that nobody knows here would be noted as done."""
    jobs = jobs_of(stage, Facts(failures=0), Runner())
    assert set(jobs._own) == set(of_the_machine(30.0))
    jobs.close()


def test_what_is_done_on_a_command_line_is_told_by_the_worker(stage: Stage) -> None:
    """Nobody keeps what a command writes to a terminal; after a restore it must be known who was erased."""
    for source in ("console", "terminal"):
        with stage.database.transaction() as session, watch.acting(session, None, source):
            watch.note(session, "person erased", about="employees 7")
    jobs = jobs_of(stage, Facts(0), Runner())
    with capture_logs() as told:
        for _look in range(3):
            stage.run(jobs.routine())
    acts = [line for line in told if line["event"] == "audit"]
    assert [(line["act"], line["source"], line["about"]) for line in acts] == [
        ("person erased", "terminal", "employees 7")
    ]
