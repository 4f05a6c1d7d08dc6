"""What operators ask: which roles live, is anything sent, how long do things take."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, text
from starlette.applications import Starlette
from starlette.requests import Request

from adapters.web import health
from bot.core import measures
from storage.database import Database
from storage.delivery import deliveries, worker_leases
from tests.adapters.asking import Asker
from tests.stage import MONDAY, Stage


class Watched:
    """A database, processes that hold leases in it, and the web server's health."""

    def __init__(self, database: Database) -> None:
        app = Starlette(routes=health.routes(database))
        self.database, self.asker = database, Asker(app)

    def lives(self, name: str, *, silent_for: timedelta = timedelta(0)) -> None:
        with self.database.transaction() as session:
            worker_leases.take(session, name, token=name, host="there", pid=1)
            lease = session.get_one(worker_leases.Lease, name)
            lease.renewed_at = worker_leases.database_now(session) - silent_for

    def get(self, path: str) -> Any:
        return self.asker.get(path)


@pytest.fixture
def watched(database: Database) -> Iterator[Watched]:
    made = Watched(database)
    with made.asker:
        yield made


@pytest.mark.parametrize(
    ("worker", "clock"), [("worker-1", "clock-1"), ("web+worker+clock-1", "web+worker+clock-1")], ids=["apart", "one"]
)
def test_ready_says_which_roles_live(watched: Watched, worker: str, clock: str) -> None:
    for name in {"web-1", worker, clock}:
        watched.lives(name)
    answer = watched.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["roles"]["worker"] == answer.json()["roles"]["clock"] == 1


def test_it_is_red_where_nothing_sends_or_nothing_ticks(watched: Watched) -> None:
    watched.lives("web-1")
    watched.lives("worker-1", silent_for=timedelta(seconds=40))  # killed, and nobody there to take its place
    watched.lives("clock-1")
    answer = watched.get("/readyz")
    assert (answer.status_code, answer.json()["reason"]) == (503, "no worker lives: nothing is sent")
    watched.lives("worker-2")
    watched.lives("clock-1", silent_for=timedelta(seconds=40))
    answer = watched.get("/readyz")
    assert (answer.status_code, answer.json()["reason"]) == (503, "no clock lives: no job starts")


def test_metrics_count_the_living_by_role(watched: Watched) -> None:
    watched.lives("worker-1", silent_for=timedelta(seconds=40))
    watched.lives("worker+clock-2")
    said = (watched.get("/metrics")).text
    assert 'chorus_processes{role="worker"} 1.0' in said
    assert 'chorus_processes{role="clock"} 1.0' in said
    assert 'chorus_processes{role="web"} 0.0' in said
    assert "chorus_build_info{" in said


def test_what_was_done_here_is_counted_and_timed(stage: Stage) -> None:
    stage.hires("aino")
    stage.types("aino", "help")
    said = health.exposition(stage.database).decode()
    assert 'chorus_turn_seconds_count{kind="command"}' in said
    assert 'chorus_requests_seconds_count{method="send",platform="fake"}' in said
    assert 'chorus_request_outcomes_total{method="send",outcome="sent",platform="fake"}' in said


def test_a_failed_job_is_counted(stage: Stage) -> None:
    before = measures.REGISTRY.get_sample_value("chorus_job_failures_total", {"job": "test"}) or 0.0
    with pytest.raises(ZeroDivisionError), measures.job("test"):
        raise ZeroDivisionError
    assert measures.REGISTRY.get_sample_value("chorus_job_failures_total", {"job": "test"}) == before + 1


def test_a_scrape_does_not_read_history(watched: Watched) -> None:
    """Messages that are out are never counted: no query of a scrape may go through them."""
    with watched.database.transaction() as session:
        session.execute(
            text("INSERT INTO workspaces (id, name, state, installed_at) VALUES ('w', 'W', 'installed', :now)"),
            {"now": MONDAY},
        )
        common = {"workspace_id": "w", "employee_id": None, "address": "a", "subject_id": None, "replaces": None}
        deliveries.add(
            session,
            [{"key": f"k{n}", "state": "sent" if n else "planned"} for n in range(2000)],
            **common,
            kind="reply",
            card=None,
            cause="",
            wave="w",
            attempts=0,
            due_at=MONDAY,
            changed_at=MONDAY,
        )
    asked: list[str] = []
    event.listen(watched.database.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    said = (watched.get("/metrics")).text
    assert 'chorus_deliveries{state="queued",workspace="w"} 1.0' in said
    assert "sent" not in [line for line in said.splitlines() if line.startswith("chorus_deliveries")]
    counting = [one for one in asked if "deliveries" in one and "SELECT" in one]
    assert counting
    with watched.database.engine.connect() as connection:
        if watched.database.one_writer:
            for query in counting:
                plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}", tuple(["x"] * query.count("?"))).all()
                assert all("SCAN" not in str(step) or "ix_deliveries_due" in str(step) for step in plan), plan


def test_at_the_public_port_metrics_and_reasons_are_for_a_token(database: Database) -> None:
    async def has_token(request: Request) -> bool:
        return request.headers.get("authorization") == "Bearer yes"

    app = Starlette(routes=health.routes(database, may_look=has_token))
    with Asker(app) as asker:
        assert asker.get("/healthz").status_code == 200
        assert (asker.get("/readyz").status_code, asker.get("/readyz").json()) == (503, {"status": "not ready"})
        assert asker.get("/metrics").status_code == 401
        key = {"Authorization": "Bearer yes"}
        assert "roles" in asker.get("/readyz", headers=key).json()
        assert "chorus_processes" in asker.get("/metrics", headers=key).text
