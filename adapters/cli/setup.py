"""`chorus doctor`, `db`, `manifest`, `secrets`: what is done once, or when something is wrong."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from adapters.cli.context import changing, opened_database, refuse_while_anybody_runs
from adapters.cli.terminal import AsJson, fail, out, print_json, progress_bar
from adapters.settings import Settings, checked_settings, load_settings
from bot.core.router import Router
from storage import demo as demo_marks
from storage import reseal
from storage.audit import watch
from storage.database import Database
from storage.secrets import new_key

db = typer.Typer(help="The database.", no_args_is_help=True)
manifest = typer.Typer(help="What to upload in Slack and Teams.", no_args_is_help=True)
secrets = typer.Typer(help="Keys that encrypt what is stored.", no_args_is_help=True)


def doctor(as_json: AsJson = False) -> None:
    """Checks the installation: settings, database, credentials, reachability; says how to mend each fault."""
    from adapters.doctor import examine

    findings = asyncio.run(examine(load_settings()))
    if as_json:
        print_json([{"check": f.check, "ok": f.ok, "detail": f.detail, "mend": f.mend} for f in findings])
    else:
        for finding in findings:
            out.print(
                f"{'[green]ok[/green]  ' if finding.ok else '[red]fault[/red]'} {finding.check}: {finding.detail}"
            )
            if finding.mend:
                out.print(f"      → {finding.mend}")
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


@db.command("upgrade")
def db_upgrade() -> None:
    """Create the tables, or bring them up to date."""
    from scheduler.engine import DurableEngine

    settings = load_settings()
    Database.check_folder(settings.database_url)
    database = Database(settings.database_url)
    is_new = database.revision() is None
    done = database.upgrade()
    if is_new and settings.playground:
        with database.transaction() as session:
            demo_marks.mark(session, now=datetime.now(UTC))
    DurableEngine(database).prepare()
    out.print(f"{len(done)} migrations run." if done else "The database is up to date.")


@db.command("downgrade")
def db_downgrade(
    revision: Annotated[str, typer.Argument(help="To which one, as docs/upgrading.md says of each version: 0020.")],
    is_sure: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
) -> None:
    """Take the tables back to an earlier version, before that version is started again. What only newer tables hold
    is lost."""
    database = Database(load_settings().database_url)
    database.check_way_back(revision)
    refuse_while_anybody_runs(database)
    if not is_sure:
        lost = "Everything is lost." if revision == "base" else "What only newer tables hold is lost."
        typer.confirm(f"Take the database back to {revision}? {lost}", abort=True)
    database.downgrade(revision)
    out.print(f"The database is at {revision}.")


@secrets.command("new-key")
def secrets_new_key() -> None:
    """A new key for CHORUS_SECRET_KEYS."""
    out.print(new_key(), soft_wrap=True)


@secrets.command("rotate")
def secrets_rotate() -> None:
    """Seal all that is sealed with the newest key, and names and addresses as CHORUS_SEAL_PEOPLE says, while everything
    runs; the older keys can then be dropped."""
    settings, database = checked_settings(), opened_database()
    with progress_bar() as progress:
        task = progress.add_task("Sealing", total=len(reseal.columns()))
        done = reseal.reseal_all(database, lambda: progress.advance(task))
    with changing(database) as session:
        watch.note(session, "secrets resealed", details={"rows": done.secrets, "names": done.names})
    out.print(f"{done.secrets} {'secret is' if done.secrets == 1 else 'secrets are'} sealed with the newest key.")
    if settings.seal_people:
        out.print(f"All names and addresses are sealed with it, too; {done.names} were not before.")
    elif done.names:
        out.print(f"No name or address is sealed any more; {done.names} were before.")


@manifest.command("slack")
def manifest_slack() -> None:
    """The manifest for api.slack.com, "Create an app from a manifest"."""
    from adapters.slack import manifest as slack_manifest
    from bot.routes import FEATURES

    settings = load_settings()
    socket_mode = settings.slack_mode == "socket"  # which Slack calls at no address
    base_url = "" if socket_mode else _public_url(settings)
    print_json(slack_manifest.manifest(base_url, Router(FEATURES).command_infos(), socket_mode=socket_mode))


@manifest.command("teams")
def manifest_teams(
    output: Annotated[Path, typer.Option("--output", "-o", help="The zip to write.")] = Path("chorus-teams.zip"),
) -> None:
    """The app package for the Teams admin centre."""
    from adapters.teams import manifest as teams_manifest
    from bot.routes import FEATURES

    settings = load_settings()
    if not settings.teams_app_id:
        fail("Set CHORUS_TEAMS_APP_ID first: it is the id of the bot's registration in Azure.")
    commands = Router(FEATURES).command_infos()
    output.write_bytes(teams_manifest.package(settings.teams_app_id, _public_url(settings), commands))
    out.print(f"{output} is ready to upload.")


# -- Parts ------------------------------------------------------------------------------------------------


def _public_url(settings: Settings) -> str:
    if not settings.base_url:
        fail("Set CHORUS_BASE_URL first: the https address at which the world reaches Chorus.")
    return settings.base_url.rstrip("/")
