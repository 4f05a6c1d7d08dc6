"""`chorus framework`: the model as a file. What it means is the capability's; this asks and prints."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from adapters.cli.context import changing, opened_database, person_of
from adapters.cli.terminal import fail, out
from bot.features.framework.domain import file, repository, rules
from bot.features.framework.domain.file import BadFile, Read
from bot.features.framework.domain.model import Framework, schema
from bot.features.framework.domain.repository import ChangedMeanwhile, Difference, InUse
from storage.database import Database
from storage.people import employees

framework = typer.Typer(help="Goals, channels, activities and owners as a file.", no_args_is_help=True)
Output = Annotated[Path | None, typer.Option("--output", "-o", help="The file to write; else it is printed.")]
File = Annotated[Path, typer.Argument(help="A framework.yaml.", dir_okay=False)]


@framework.command("check")
def check(path: File) -> None:
    """Name every mistake in the file with its line and column."""
    database, read = opened_database(), _read(path)
    _accept(path, read, _standing(database))
    _tell_strangers(database, read.model)
    out.print(f"{path} is in order.", highlight=False, soft_wrap=True)


@framework.command("diff")
def diff(path: File) -> None:
    """Show what applying the file would change."""
    database, read = opened_database(), _read(path)
    now = _standing(database)
    _accept(path, read, now)
    _show(repository.differences(now, read.model))
    _tell_strangers(database, read.model)


@framework.command("apply")
def apply(
    path: File,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    by: Annotated[str, typer.Option(help="Who changes it: an e-mail address, for the history.")] = "",
    why: Annotated[str, typer.Option(help="Why, for the history.")] = "",
) -> None:
    """Bring the database to what the file says: all of it, or nothing."""
    database, read = opened_database(), _read(path)
    now = _standing(database)
    _accept(path, read, now)
    changes = repository.differences(now, read.model)
    _show(changes)
    _tell_strangers(database, read.model)
    if not changes or not (yes or typer.confirm("Apply?")):
        return
    try:
        with changing(database) as session:
            person = person_of(session, by) if by else None
            repository.apply(
                session, read.model, seen=repository.fingerprint(now), by=person, why=why.strip(), now=datetime.now(UTC)
            )
    except ChangedMeanwhile:
        fail("Somebody else changed the model meanwhile: run `chorus framework diff` and look again.")
    except InUse as fault:
        fail(str(fault))
    out.print(f"{len(changes)} changed.", highlight=False)


@framework.command("export")
def export(output: Output = None) -> None:
    """Write the model as it stands; applied again, it changes nothing."""
    _write(file.write(_standing(opened_database())), output)


@framework.command("example")
def example(output: Output = None) -> None:
    """Write a whole model to start from: the demo organisation's, its dates counted from today."""
    from adapters.demo.framework import text

    _write(text(datetime.now(UTC)), output)


@framework.command("schema")
def print_schema(output: Output = None) -> None:
    """Write the JSON Schema of the file, with which editors help in writing it."""
    _write(json.dumps(schema(), ensure_ascii=False, indent=2) + "\n", output)


def _standing(database: Database) -> Framework:
    with database.transaction() as session:
        return repository.current_framework(session)


def _read(path: Path) -> Read:
    try:
        with path.open("rb") as opened:
            return file.read(opened.read(file.MOST_BYTES + 1))
    except BadFile as fault:
        _refuse(path, fault)


def _accept(path: Path, read: Read, now: Framework) -> None:
    """Stops at mistakes; what is not as it should be in the database already is only said."""
    wrong, remarks = rules.problems(read.model, now, datetime.now(UTC).date())
    if wrong:
        _refuse(path, BadFile(read.mistakes(wrong)))
    for remark in read.mistakes(remarks):
        out.print(f"[yellow]to be mended[/yellow] {remark}", highlight=False, soft_wrap=True)


def _tell_strangers(database: Database, model: Framework) -> None:
    """An address may be named before a directory brings its person. Or it is a slip of the pen."""
    places = [place for channel in model.channels for place in (channel.owner, channel.deputy)]
    places += [goal.owner for goal in model.goals]
    places += [activity.owner for activity in model.activities]
    with database.transaction() as session:
        unknown = sorted({place for place in places if place and employees.by_email(session, place) is None})
    for address in unknown:
        said = f"[yellow]unknown[/yellow] {address}: nobody here has this address yet."
        out.print(said, highlight=False, soft_wrap=True)


def _refuse(path: Path, fault: BadFile) -> NoReturn:
    fail("\n".join(f"{path}: {mistake}" for mistake in fault.mistakes))


def _show(changes: list[Difference]) -> None:
    if not changes:
        out.print("Nothing to change.")
    for change in changes:
        does = "new" if change.before is None else "out" if change.after is None else "changed"
        out.print(f"{change.section} · {change.part} · {does}", style="bold", highlight=False, markup=False)
        for line in change.lines():
            out.print(f"  {line}", style="green" if line[0] == "+" else "red", highlight=False, markup=False)


def _write(text: str, output: Path | None) -> None:
    if output is None:
        typer.echo(text, nl=False)
    else:
        output.write_text(text, encoding="utf-8")
