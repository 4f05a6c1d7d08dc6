"""No query that runs more than hourly reads a whole large table: the plans of all that a busy day asks, with 100,000
people and 1,000,000 messages in the database (a sample of them in CI), on both engines."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any

import pytest
from sqlalchemy import (
    event,
    func,
    insert,
    select,
    text,
)

from adapters.web.health import routes as health_routes
from scheduler.delivery.heartbeat import Heartbeat
from scheduler.jobs.housekeeping import Housekeeping
from storage import remembered
from storage.base import Base
from storage.database import Database
from storage.delivery import history
from storage.delivery.worker_leases import HeldLease
from tests.adapters.asking import Asker
from tests.sizes import size
from tests.stage import EVERY_DAY, MONDAY, WORKSPACE, Stage
from tests.storage.filler import FAR, OLD, Values, made_rows, unchecked

PEOPLE, EVENTS = size((4_000, 40_000), (100_000, 1_000_000))
LARGE = 3_000  # rows, from which on a table is not read whole
STEPS, STEPS_A_ROW = 1000, 5  # of SQLite's machine, at which it is heard; for a row that is looked at
SLICE = 10_000
# The planner goes through people by number, slice by slice. PostgreSQL finds the few who are new by two indexes; SQLite,
# which is for organisations of some thousands, reads all of them then (docs/scaling.md).
READS_ALL_ON_SQLITE = "employees.planned_at IS NULL OR employees.planned_at <"
# Filled: how many rows, and what is not made up by type.
BULK: dict[str, tuple[int, Values]] = {
    "employees": (PEOPLE, {"unit_id": lambda n: None, "email": lambda n: f"p{n}@firm.example", "roles": lambda n: ["employee"], "state": lambda n: "active", "nudges_wanted": lambda n: True, "welcomed_at": lambda n: OLD, "planned_at": lambda n: MONDAY + timedelta(days=30), "tour_step": lambda n: 99}),
    "identities": (PEOPLE, {"workspace_id": lambda n: WORKSPACE, "employee_id": lambda n: n, "parked_reason": lambda n: None}),
    "nudges": (
        EVENTS,
        {
            "employee_id": lambda n: FAR + (n - FAR) % PEOPLE,
            "post_id": lambda n: FAR + (n - FAR) // PEOPLE,
            "state": lambda n: "sent",
            "again_at": lambda n: None,
            "workspace_id": lambda n: WORKSPACE,
        },
    ),
    "deliveries": (
        EVENTS,
        {
            "workspace_id": lambda n: WORKSPACE,
            "employee_id": lambda n: FAR + (n - FAR) % PEOPLE,
            "kind": lambda n: "reply" if n % 50 == 0 else f"kind-{n % 7}",
            "state": lambda n: "failed" if n % 1000 == 0 else "sent",
            "replaces": lambda n: None,
            "holder": lambda n: None,
            "wave": lambda n: f"wave-{n % 997}",
        },
    ),
    "nudge_weeks": (PEOPLE, {"employee_id": lambda n: n, "unit_id": lambda n: None, "week": lambda n: date(2026, 10, 5)}),
    "shares": (
        PEOPLE,
        {"employee_id": lambda n: n, "post_id": lambda n: FAR + n % 10, "nudge_id": lambda n: n, "state": lambda n: "confirmed", "opener": lambda n: f"o{n}"},
    ),
    "links": (PEOPLE, {"live": lambda n: True}),
    "visits": (PEOPLE, {"day": lambda n: MONDAY.date()}),
    "handled_events": (PEOPLE, {"at": lambda n: MONDAY}),
    "rate_limits": (PEOPLE, {"free_at": lambda n: time.time() - n % 1000, "paused_until": lambda n: 0.0}),
    "questions": (
        PEOPLE,
        {
            "asker_id": lambda n: n,
            "post_id": lambda n: None,
            "topic_id": lambda n: None,
            "owner_id": lambda n: None,
            "into_id": lambda n: None,
            "entry_id": lambda n: None,
            "workspace_id": lambda n: WORKSPACE,
            "state": lambda n: "answered",
        },
    ),
    "runs": (PEOPLE, {"job": lambda n: "plan_day", "state": lambda n: "done", "due_at": lambda n: MONDAY}),
    "webhook_calls": (PEOPLE, {"state": lambda n: "told", "due_at": lambda n: MONDAY}),
}  # fmt: skip


def fill(database: Database) -> None:
    tables = Base.metadata.tables
    with unchecked(database) as connection:
        for name, (number, given) in BULK.items():
            made = made_rows(tables[name], number, given)
            while part := list(islice(made, SLICE)):
                connection.execute(insert(tables[name]), part)
    with database.engine.begin() as connection:
        connection.execute(text("ANALYZE"))


@contextmanager
def recorded(database: Database) -> Iterator[dict[str, Any]]:
    """Every different statement that is executed, with the values of one of its runs."""
    seen: dict[str, Any] = {}

    def keep(_conn: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        if statement.lstrip().startswith(("SELECT", "UPDATE", "DELETE", "WITH")):
            seen.setdefault(statement, parameters[0] if many else parameters)

    event.listen(database.engine, "before_cursor_execute", keep)
    try:
        yield seen
    finally:
        event.remove(database.engine, "before_cursor_execute", keep)


def whole_tables(database: Database, statement: str, values: Any) -> list[str]:
    """Large tables that the statement reads from one end to the other, by whatever way. What only asks is carried out
    and counted; what changes something is judged by its plan."""
    with database.engine.connect() as connection:
        cursor = connection.connection.cursor()
        if database.one_writer:
            return _of_sqlite(cursor, statement, values, large(database))
        asks = statement.lstrip().startswith("SELECT") and "FOR UPDATE" not in statement
        cursor.execute(f"EXPLAIN ({'ANALYZE, ' if asks else ''}FORMAT JSON) {statement}", values)
        answer = cursor.fetchone()[0]
        nodes = [(answer if isinstance(answer, list) else json.loads(answer))[0]["Plan"]]
        found = []
        for node in nodes:
            nodes += node.get("Plans", [])
            read = (node.get("Actual Rows", 0) + node.get("Rows Removed by Filter", 0)) * node.get("Actual Loops", 1)
            is_whole = node["Node Type"] == "Seq Scan" and node["Relation Name"] in large(database)
            if is_whole or read > LARGE:
                found.append(node.get("Relation Name", node["Node Type"]))
        return found


def _of_sqlite(cursor: Any, statement: str, values: Any, large: set[str]) -> list[str]:
    plan = [row[3] for row in cursor.execute(f"EXPLAIN QUERY PLAN {statement}", values)]
    if not statement.lstrip().startswith("SELECT"):
        return [found[1] for line in plan if (found := re.match(r"SCAN (\w+)", line)) and found[1] in large]
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += STEPS
        return 0

    cursor.connection.set_progress_handler(count, STEPS)
    cursor.execute(statement, values).fetchall()
    cursor.connection.set_progress_handler(None, 0)
    return [f"{steps} steps: {'; '.join(plan)}"] if steps > LARGE * STEPS_A_ROW else []


def large(database: Database) -> set[str]:
    return {name for name, (number, _given) in BULK.items() if number >= LARGE}


def a_busy_hour(stage: Stage, *posts: str) -> None:
    """What people and the machine do all the time."""
    for post in posts:
        stage.publishes(post)
    for _each in range(4):
        stage.ticks(30)
    stage.sends()
    stage.shares("aino", posts[0])
    stage.types("ben", f"ask When may I name a customer of {posts[0]}?")
    stage.types("ben", "status")
    stage.says("ben", "help")
    stage.types("laura", "posts")
    stage.ticks(60)
    stage.looks()


async def the_machine(stage: Stage) -> None:
    keeping = Housekeeping(stage.dependencies, stage.database)
    beat = Heartbeat(
        db_executor=stage.db_executor, engine=stage.engine, now=lambda: datetime.now(UTC), held=HeldLease()
    )
    await beat.take("worker")

    async def nothing(_workers: Any) -> int:
        return 0

    await beat.beat()
    await beat.care(nothing)
    await keeping.tidy(["routine"])
    await stage.db_executor(lambda session: history.prune_settled(session, before=OLD, after=0, limit=2000))


@pytest.mark.in_turn
@pytest.mark.timeout(size(600, 3600))
def test_nothing_that_is_asked_often_reads_a_large_table_whole(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remembered, "SLOW", 0.0)  # sums that take long here are remembered, as those of many people are
    with Stage(database, **EVERY_DAY) as stage:
        for user in ("laura", "aino", "ben"):
            stage.hires(user, roles=["employee", "lead"] if user == "laura" else ["employee"])
        fill(database)
        a_busy_hour(stage, "Storm", "Calm")
        with recorded(database) as seen:
            a_busy_hour(stage, "Wind", "Rain")
            stage.run(the_machine(stage))
            with Asker(app_of(database)) as asker:
                assert asker.get("/metrics").status_code == 200
                assert asker.get("/readyz").status_code in (200, 503)
    found = {
        statement: scanned
        for statement, values in seen.items()
        if (scanned := whole_tables(database, statement, values))
        and not (database.one_writer and READS_ALL_ON_SQLITE in statement)
    }
    assert len(seen) > 60
    assert not found, "\n\n".join(f"{scanned}: {statement}" for statement, scanned in found.items())


def app_of(database: Database) -> Any:
    from starlette.applications import Starlette

    return Starlette(routes=health_routes(database))


@pytest.mark.in_turn
@pytest.mark.timeout(size(600, 3600))
def test_the_filler_fills(database: Database) -> None:
    """The other test would pass on an empty database, too."""
    fill(database)
    with database.engine.connect() as connection:
        for name in ("deliveries", "nudges"):
            assert connection.scalar(select(func.count()).select_from(Base.metadata.tables[name])) == EVENTS
    assert whole_tables(database, "SELECT * FROM deliveries WHERE address = 'x'", ())
    assert whole_tables(database, "SELECT max(why) FROM nudges WHERE post_id > 0", ())  # by an index, and all of it
