"""PostgreSQL neither answers nor refuses: its processes stand still, as where their machine's disk hangs, or a table is locked.
Whoever asks how it is learns it, whoever presses is told that nothing has happened, and nothing happens later."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import Any

import httpx2 as http
import pytest
from sqlalchemy import text
from starlette.applications import Starlette

from adapters import token_store
from adapters.app import _listed_workspaces
from adapters.slack.send import LIMITS as OF_SLACK
from adapters.token_store import DatabaseTokenStore
from adapters.web import health
from bot.core.allowed_workspaces import AllowedWorkspaces
from bot.core.db_executor import DbExecutor
from bot.core.events import Command
from bot.core.outbox import GRACE
from bot.core.ports import Limits
from bot.core.working_time import utc_now
from scheduler.delivery import heartbeat
from scheduler.delivery.heartbeat import Heartbeat
from storage.database import Database
from storage.database_faults import NoAnswer, is_outage
from storage.delivery import history
from storage.delivery.worker_leases import HeldLease
from tests.faults.own_postgres import Server
from tests.stage import WORKSPACE, Stage

PROBES = 12  # at once, as of a cluster and two monitors
SLACK_WAITS = 3.0  # seconds: https://docs.slack.dev/interactivity/handling-user-interaction


def health_of(database: Database) -> Starlette:
    return Starlette(routes=health.routes(database))


async def probed(app: Starlette, path: str, times: int = 1) -> list[tuple[float, http.Response]]:
    """(seconds, answer) of each."""
    async with http.AsyncClient(transport=http.ASGITransport(app), base_url="http://here") as asker:

        async def one() -> tuple[float, http.Response]:
            began = time.monotonic()
            answer = await asker.get(path, timeout=None)
            return time.monotonic() - began, answer

        return await asyncio.gather(*(one() for _ in range(times)))


def test_who_asks_how_it_is_learns_it(server: Server) -> None:
    app = health_of(server.database)

    async def story() -> None:
        before = threading.active_count()
        with server.standing_still():
            answers = await probed(app, "/readyz", PROBES) + await probed(app, "/readyz")
            for seconds, answer in answers:
                assert (answer.status_code, "does not answer" in answer.json()["reason"]) == (503, True)
                assert seconds < 3 * health.WAIT
            ((seconds, told),) = await probed(app, "/metrics")
            assert "chorus_database_up 0.0" in told.text
            assert "chorus_turn" in told.text  # what this process counted is told all the same
            assert seconds < 3 * health.WAIT
            assert threading.active_count() - before <= 2  # whoever asks leaves no thread behind
        await asyncio.sleep(0.5)
        ((_seconds, answer),) = await probed(app, "/readyz?of=process")
        assert answer.status_code == 200
        ((_seconds, told),) = await probed(app, "/metrics")
        assert "chorus_database_up 1.0" in told.text

    asyncio.run(asyncio.wait_for(story(), 120))


@pytest.mark.parametrize("table", ["rate_limits", "deliveries", "employees", "worker_leases"])
def test_who_asks_while_a_table_is_locked_learns_it(database: Database, table: str) -> None:
    if database.one_writer:
        pytest.skip("left out: of SQLite, tests/faults/test_told_in_words.py")
    with database.engine.connect() as other, other.begin():
        other.execute(text(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE"))
        ((seconds, answer),) = asyncio.run(probed(health_of(database), "/readyz"))
        reason = answer.json()["reason"]
        assert (answer.status_code, "lock" in reason, table in reason) == (503, True, True), reason
        assert seconds < 3 * health.WAIT
    ((_seconds, answer),) = asyncio.run(probed(health_of(database), "/readyz?of=process"))
    assert answer.status_code == 200


def test_whoever_presses_is_told_and_nothing_happens_later(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    assert OF_SLACK.answers_within < SLACK_WAITS
    with Stage(server.database) as stage:
        stage.hires("aino")
        stage.hires("mikko")
        monkeypatch.setattr(stage.chat, "limits", Limits(answers_within=1.0))

        def event(name: str) -> Command:
            return Command(workspace=WORKSPACE, user=name, address=f"{WORKSPACE}:{name}", keys=(name,), name="help")

        async def presses(name: str) -> BaseException | None:
            try:
                await asyncio.wait_for(stage.shell.handle(event(name)), 30)
            except Exception as fault:
                return fault
            return None

        async def story() -> list[Any]:
            with server.standing_still():
                faults = await asyncio.gather(presses("aino"), presses("mikko"))
            await asyncio.sleep(1.0)  # what was begun goes on, and ends
            return faults

        assert all(fault is not None and is_outage(fault) for fault in stage.run(story()))
        with server.database.transaction() as session:
            assert history.counts(session) == {}
        assert stage.run(presses("aino")) is None  # the same, as Slack repeats a message
        assert stage.run(presses("mikko")) is None
        stage.run(stage.shell.close())
        stage.now += GRACE
        stage.sends()
        assert (len(stage.sees("aino")), len(stage.sees("mikko"))) == (1, 1)


def test_each_process_says_so_once(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    said = list[str]()
    for level in ("warning", "info"):
        monkeypatch.setattr(heartbeat.log, level, lambda what, **_more: said.append(what))
    monkeypatch.setattr(heartbeat, "BEAT", 0.2)
    monkeypatch.setattr(heartbeat, "LATE", 0.4)

    async def story() -> None:
        executor = DbExecutor(server.database)
        beats = Heartbeat(db_executor=executor, engine=None, now=utc_now, held=HeldLease())  # type: ignore[arg-type]
        await beats.take("clock")
        task = asyncio.create_task(beats.hold(None))
        await asyncio.sleep(0.5)
        with server.standing_still():
            await asyncio.sleep(3.0)
            assert said == ["the database is away: no beat until it is back"]
        for _ in range(100):
            await asyncio.sleep(0.1)
            if len(said) > 1:
                break
        task.cancel()
        await asyncio.to_thread(executor.close)

    asyncio.run(asyncio.wait_for(story(), 60))
    assert said == ["the database is away: no beat until it is back", "the database is back"]


def test_a_token_that_was_read_is_used_meanwhile(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else nobody who presses could be told anything."""
    monkeypatch.setattr(token_store, "TRUSTED_FOR", 0.0)

    async def story() -> None:
        executor = DbExecutor(server.database)
        store, belongs = (
            DatabaseTokenStore(executor),
            AllowedWorkspaces(listed=lambda: executor.ask(_listed_workspaces)),
        )
        await store.put("slack:T1", "xoxb")
        assert await store.get("slack:T1") == "xoxb"
        with server.standing_still():
            for asked in (store.get("slack:T2"), belongs.knows("slack:T1")):
                with pytest.raises(NoAnswer):
                    await asyncio.wait_for(asked, SLACK_WAITS)
            assert await asyncio.wait_for(store.get("slack:T1"), SLACK_WAITS) == "xoxb"
        assert not await belongs.knows("slack:T1")
        await asyncio.to_thread(executor.close)

    asyncio.run(asyncio.wait_for(story(), 60))
