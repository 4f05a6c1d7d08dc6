"""`chorus deliveries` and `chorus jobs`: what waits, and what went wrong. Nothing is imported that they do not need."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.live import Live
from rich.table import Table

from adapters.cli.context import opened_database
from adapters.cli.terminal import AsJson, out, print_json, print_rows, print_table
from storage.database import Database
from storage.delivery import history, queues
from storage.delivery.deliveries import DeliveryState
from storage.jobs import runs
from storage.jobs.runs import RunState

STATES = (
    DeliveryState.PLANNED,
    DeliveryState.SENDING,
    DeliveryState.SENT,
    DeliveryState.FAILED,
    DeliveryState.UNKNOWN,
    DeliveryState.CANCELLED,
)


def show_deliveries(
    watch: Annotated[bool, typer.Option("--watch", help="Go on until nothing waits (Ctrl+C ends).")] = False,
    as_json: AsJson = False,
) -> None:
    """How many messages wait, are out, failed, or are in doubt, for each workspace."""
    database = opened_database()
    if as_json:
        print_json({"workspaces": _queues(database), "troubled": _troubled(database)})
        return
    if not watch:
        print_table(_table(database))
        for line in _in_groups(_troubled(database)):
            out.print(f"  {line}")
        return
    with Live(_table(database), console=out, refresh_per_second=4) as live:
        while _waiting(database):
            time.sleep(0.5)
            live.update(_table(database))


def show_jobs(as_json: AsJson = False) -> None:
    """Scheduled runs that failed: those that will be tried again, and those that were given up."""
    with opened_database().transaction() as session:
        rows = [
            {
                "run": row.key,
                "due": row.due_at.isoformat(timespec="minutes"),
                "failures": row.failures,
                "state": _state_of(row),
                "reason": row.note,
            }
            for row in runs.troubled(session)
        ]
    if not rows and not as_json:
        out.print("Every scheduled run went well.")
        return
    print_rows(rows, ("run", "due", "failures", "state", "reason"), as_json)


def _state_of(row: runs.Run) -> str:
    if row.state != RunState.FAILED:
        return "tried again"
    return "fails at every tick" if row.key.startswith("tick:") else "given up"


def _queues(database: Database) -> list[dict[str, Any]]:
    with database.transaction() as session:
        found = queues.of_workspaces(session, now=datetime.now(UTC))
    return [
        {
            "workspace": queue.workspace,
            **{state: queue.states.get(state, 0) for state in STATES},
            "lag_seconds": queue.lag,
        }
        for queue in found
    ]


def _troubled(database: Database) -> list[dict[str, Any]]:
    with database.transaction() as session:
        return [
            {
                "id": row.id,
                "workspace": row.workspace_id,
                "kind": row.kind,
                "is_replacement": row.replaces is not None,
                "state": row.state,
                "reason": row.reason,
                "at": row.changed_at.isoformat(timespec="minutes"),
            }
            for row in history.troubled(session)
        ]


def _in_groups(rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    """A line for those alike, the newest first: how many, and when it was last so."""
    groups: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for row in rows:
        alike = (row["state"], row["kind"], row["is_replacement"], row["workspace"], row["reason"])
        groups.setdefault(alike, []).append(row)
    for (state, kind, is_replacement, workspace, reason), some in groups.items():
        what = f"new card for a {kind}" if is_replacement else kind
        yield f"{len(some)} {state}, last at {some[0]['at']}: {what} to {workspace}: {reason}"


def _waiting(database: Database) -> bool:
    return any(row[DeliveryState.PLANNED] or row[DeliveryState.SENDING] for row in _queues(database))


def _table(database: Database) -> Table:
    table = Table("workspace", *STATES, "overdue by", "progress")
    for row in _queues(database):
        total = sum(row[state] for state in STATES)
        done = total - row[DeliveryState.PLANNED] - row[DeliveryState.SENDING]
        bar = "█" * round(20 * done / total) if total else ""
        table.add_row(
            row["workspace"],
            *(str(row[state]) for state in STATES),
            f"{row['lag_seconds']:.0f} s",
            f"{bar:<20} {done}/{total}",
        )
    return table
