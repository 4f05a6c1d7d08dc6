"""`chorus audit`: who did what; read, taken along, and checked for whether anybody has meddled with it."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer

from adapters.cli.context import changing, opened_database
from adapters.cli.terminal import AsJson, day_of, fail, out, print_rows
from storage.audit import entries, watch
from storage.audit.entries import AuditEntry, Head
from storage.database import Session

audit = typer.Typer(help="Who did what: the audit log.", no_args_is_help=True)

ANCHOR = re.compile(r"\d{1,18}:[0-9a-f]{64}", re.ASCII)

Since = Annotated[datetime | None, typer.Option(help="The first day.", parser=day_of, metavar="DAY")]
Until = Annotated[datetime | None, typer.Option(help="The last day.", parser=day_of, metavar="DAY")]
Act = Annotated[str, typer.Option(help="What it begins with, as in “employees” or “signed in”.")]
By = Annotated[int | None, typer.Option(help="Whose acts: the number of a person, as in `chorus people list`.")]


@audit.command("list")
def list_entries(
    act: Act = "",
    by: By = None,
    since: Since = None,
    until: Until = None,
    limit: Annotated[int, typer.Option(help="How many, the newest first.", min=1, max=10_000)] = 100,
    as_json: AsJson = False,
) -> None:
    """Acts, the newest first."""
    with opened_database().transaction() as session:
        rows = _rows(session, act=act, by_people=_whom(by), since=since, until=_end(until), limit=limit)
    if not as_json:
        for row in rows:
            row["details"] = json.dumps(row["details"], ensure_ascii=False) if row["details"] else ""
    print_rows(rows, ("number", "at", "by", "source", "act", "about", "details"), as_json)


@audit.command("export")
def export(act: Act = "", by: By = None, since: Since = None, until: Until = None) -> None:
    """All acts as JSON lines, the oldest first, for an archive or a SIEM. That it was exported is in the log."""
    with changing(opened_database()) as session:
        found = _rows(session, act=act, by_people=_whom(by), since=since, until=_end(until))
        watch.note(session, "audit log exported", details={"rows": len(found)})
    for row in reversed(found):
        out.print(json.dumps(row, ensure_ascii=False), markup=False, highlight=False, soft_wrap=True)


@audit.command("head")
def show_head() -> None:
    """The newest act as NUMBER:DIGEST. Keep it elsewhere: with it, `verify` notices a log whose end was cut off."""
    with opened_database().transaction() as session:
        out.print(str(entries.head(session)), markup=False, highlight=False)


@audit.command("verify")
def verify(
    anchor: Annotated[str, typer.Option(help="A NUMBER:DIGEST that `head` once told, or a line of the log had.")] = "",
) -> None:
    """Check that every act is as it was written, and that none is missing. Exit code 1 where one is not."""
    number, _, digest = anchor.partition(":")
    if anchor and not ANCHOR.fullmatch(anchor):
        fail(f"An anchor is written as `chorus audit head` tells it, not {anchor!r}.")
    with opened_database().transaction() as session:
        found = entries.verify(session, anchor=Head(int(number), digest) if anchor else None)
    if found.fault is not None:
        fail(f"Act {found.fault.id}: {found.fault.why}. {found.number} before it fit together.")
    out.print(f"{found.number} acts are whole, up to {found.head}.", markup=False, highlight=False, soft_wrap=True)
    if not anchor:
        out.print("Whether the end was cut off can be told only with --anchor.")


@audit.command("prune")
def prune(
    before: Annotated[datetime, typer.Option(help="Acts before that day.", parser=day_of, metavar="DAY")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Delete old acts. The log goes on from a sealed anchor, and says that it was pruned."""
    database = opened_database()
    with database.transaction() as session:
        if before > datetime.now(UTC):
            fail(f"{before.date().isoformat()} is yet to come.")
        if not entries.entries(session, until=before, limit=1):
            fail(f"There is no act before {before.date().isoformat()}.")
    if not yes and not typer.confirm(f"Delete all acts before {before.date().isoformat()} for good?"):
        raise typer.Exit(1)
    with changing(database) as session:
        number = entries.prune(session, before=before, now=datetime.now(UTC))
        watch.note(session, "audit log pruned", details={"rows": number, "before": before.date().isoformat()})
    out.print(f"{number} acts deleted.")


def _whom(number: int | None) -> list[int] | None:
    return None if number is None else [number]


def _rows(session: Session, **wanted: Any) -> list[dict[str, Any]]:
    return [_row(session, entry) for entry in entries.entries(session, **wanted)]


def _row(session: Session, entry: AuditEntry) -> dict[str, Any]:
    return {
        "number": entry.id,
        "at": entry.at.isoformat(timespec="seconds"),
        "by": entry.by_id,
        "source": entry.source,
        "act": entry.act,
        "about": entry.about,
        "details": json.loads(entry.details) if entry.details else {},
        "person": entries.personal_of(session, entry),
        "digest": entry.digest,
    }


def _end(day: datetime | None) -> datetime | None:
    """The beginning of the day after it, in UTC."""
    return None if day is None else day + timedelta(days=1)
