"""`chorus leads`: contacts that came of tracked links, from the table of whoever keeps them."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from adapters.cli.context import opened_database
from adapters.cli.terminal import fail, out
from storage.sharing import leads as rows
from storage.sharing.leads import LeadInput

leads = typer.Typer(help="Contacts that came of tracked links.", no_args_is_help=True)
COLUMNS = ("reference", "link", "at")


@leads.callback()
def group() -> None:
    """A group of one command so far."""


@leads.command("import")
def import_leads(
    path: Annotated[Path, typer.Argument(help="CSV of reference (yours, unique), link, at.", dir_okay=False)],
) -> None:
    """Count each reference once, for the goals; told again changes nothing, and names are neither asked nor kept."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            told = list(_read(lines, path))
    except (UnicodeDecodeError, csv.Error):
        fail(f"{path}: it is no CSV in UTF-8.")
    with opened_database().transaction() as session:
        new, unknown = rows.take(session, told)
    out.print(f"{new} new, {len(told) - new} known already or of no link of ours.", highlight=False)
    if unknown:
        out.print(f"No link of ours: {', '.join(unknown[:10])}", highlight=False, markup=False)


def _read(lines: Iterator[str], path: Path) -> Iterator[LeadInput]:
    table = csv.DictReader(lines)
    if missing := set(COLUMNS) - set(table.fieldnames or ()):
        fail(f"{path}: line 1: the column {min(missing)} is missing. Write: {','.join(COLUMNS)}.")
    for row in table:
        try:
            at = datetime.fromisoformat(row["at"].strip())
        except (ValueError, AttributeError):
            fail(f"{path}: line {table.line_num}: {row['at']!r} is no moment. Write: 2026-11-24T09:00+02:00.")
        reference, link = (row["reference"] or "").strip(), (row["link"] or "").strip()
        if not reference or not link:
            fail(f"{path}: line {table.line_num}: it needs a reference and a link.")
        yield LeadInput(reference, urlsplit(link).path.rpartition("/")[2], at if at.tzinfo else at.replace(tzinfo=UTC))
