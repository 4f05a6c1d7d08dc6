"""`chorus backup`: copies of the database, checked and restored."""

from __future__ import annotations

import signal
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from time import perf_counter
from typing import Annotated

import typer
from rich.progress import Progress

from adapters.cli.context import opened_database, refuse_while_anybody_runs
from adapters.cli.terminal import AsJson, fail, out, print_json
from adapters.settings import load_settings
from storage import backup as backups
from storage.database import Database

backup = typer.Typer(help="Copies of the database, checked and restored.", no_args_is_help=True)
File = Annotated[Path, typer.Argument(help="A backup that `chorus backup create` made.")]


@backup.command("create")
def create(
    into: Annotated[Path | None, typer.Argument(help="The new file; default: one named after the time.")] = None,
    as_json: AsJson = False,
) -> None:
    """Write a backup while everything runs, and check it. The answers of an open round of the pulse are never in it,
    nor are CHORUS_SECRET_KEYS, without which what is sealed cannot be opened: keep those elsewhere."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # and what is half made goes with it
    now, began = datetime.now(UTC), perf_counter()
    path = into or Path(f"chorus-{now:%Y%m%d-%H%M%S}.backup")
    url = load_settings().database_url
    if not Database.is_there(url):
        fail("There is no such database: does CHORUS_DATABASE_URL name the right one?")
    database = Database(url)
    with Progress(console=out, transient=True, disable=as_json or not out.is_terminal) as progress:
        task = progress.add_task("Copying", total=1.0)
        backups.create(
            database,
            path,
            version=version("chorus-bot"),
            now=now,
            progress=lambda done: progress.update(task, completed=done),
        )
    _tell(backups.verify(path), path, as_json, f"is made and checked, in {perf_counter() - began:.0f} s")


@backup.command("verify")
def verify(path: File, as_json: AsJson = False) -> None:
    """Read a backup to its end and open what is in it."""
    _tell(backups.verify(path), path, as_json, "is whole")


@backup.command("restore")
def restore(path: File, as_json: AsJson = False) -> None:
    """Put a backup into the empty database that CHORUS_DATABASE_URL names. Stop all processes first; then run
    `chorus db upgrade` and start them. Messages that were due by now are not sent: they may have left before."""
    database = Database(load_settings().database_url)
    _tell(backups.restore(path, database, now=datetime.now(UTC)), path, as_json, "is restored")
    if not database.pending_migrations():  # else `chorus db upgrade` comes first
        opened_database()  # which says where the keys are not those of the backup


@backup.command("settle")
def settle() -> None:
    """After the database was put back by other means than `restore` (pg_restore, a snapshot), and before any process
    starts: messages that were due by now are not sent, for they may have left before."""
    database = opened_database()
    refuse_while_anybody_runs(database)
    backups.settle(database, now=datetime.now(UTC))
    out.print("What was due by now is not sent. Start the processes.")


def _tell(manifest: backups.Manifest, path: Path, as_json: bool, what: str) -> None:
    if as_json:
        print_json(
            {
                "file": str(path),
                "made_at": manifest.made_at,
                "version": manifest.version,
                "engine": manifest.engine,
                "schema": manifest.schema,
                "rows": sum(manifest.rows.values()),
                "bytes": path.stat().st_size,
            }
        )
        return
    out.print(
        f"{path} {what}: {manifest.engine}, schema {manifest.schema}, of {manifest.made_at}, "
        f"{sum(manifest.rows.values()):,} rows, {path.stat().st_size / 1e6:.1f} MB.",
        soft_wrap=True,
    )
