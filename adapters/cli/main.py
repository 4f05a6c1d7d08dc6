"""The command line: `chorus`. Each command is a few lines over the parts; nothing is decided here.

What takes seconds to import (SDKs, the engine) is imported by the command that needs it.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from adapters.cli.access import export, hooks, tokens
from adapters.cli.digest import digest
from adapters.cli.framework import framework
from adapters.cli.leads import leads
from adapters.cli.operations import nudge, show_deliveries, show_jobs
from adapters.cli.pulse import pulse
from adapters.cli.questions import questions, topic
from adapters.cli.records import channels, content, people, policy
from adapters.cli.terminal import AsJson, fail, out, print_json
from adapters.settings import Settings, SettingsError, checked_settings, load_settings
from bot.core.ports import DirectoryUnavailable
from bot.core.router import Router
from bot.routes import FEATURES
from content.errors import ContentError
from storage import demo as demo_marks
from storage.database import Database, DatabaseError
from storage.people import workspaces
from storage.pulse.ballots import BallotBox
from storage.secrets import KeyRingError, load_keys, new_key
from storage.web import webhooks

app = typer.Typer(help="Chorus: social media as everybody's work, in Slack and Microsoft Teams.", no_args_is_help=True)
db = typer.Typer(help="The database.", no_args_is_help=True)
manifest = typer.Typer(help="What to upload in Slack and Teams.", no_args_is_help=True)
secret = typer.Typer(help="Keys that encrypt what is stored.", no_args_is_help=True)
for name, group in (
    ("db", db),
    ("content", content),
    ("people", people),
    ("channels", channels),
    ("policy", policy),
    ("manifest", manifest),
    ("secrets", secret),
    ("nudge", nudge),
    ("pulse", pulse),
    ("questions", questions),
    ("topics", topic),
    ("framework", framework),
    ("leads", leads),
    ("digest", digest),
    ("tokens", tokens),
    ("hooks", hooks),
):
    app.add_typer(group, name=name)
app.command("deliveries")(show_deliveries)
app.command("jobs")(show_jobs)
app.command("export")(export)

Host = Annotated[str, typer.Option(help="Where to listen.")]
Port = Annotated[int, typer.Option(help="On which port.", envvar="PORT")]


def main() -> None:
    """Every expected fault is one sentence and exit code 1."""
    try:
        app()
    except (SettingsError, DatabaseError, KeyRingError, ContentError, DirectoryUnavailable, OSError) as fault:
        fail(str(fault))


@app.command()
def demo(
    host: Host = "127.0.0.1",
    port: Port = 8000,
    open_page: Annotated[bool, typer.Option("--open/--no-open", help="Open the page in a browser.")] = True,
) -> None:
    """The whole bot on this machine, with a made-up organisation; no account, no key. Starts afresh each time."""
    from adapters import processes

    processes.demo(host, port, open_page=open_page)


@app.command()
def serve(
    host: Host = "127.0.0.1",
    port: Port = 8000,
    all_in_one: Annotated[bool, typer.Option("--all", help="Worker and clock in this process, too.")] = False,
) -> None:
    """The web server: events of Slack and Teams, tracked links, health."""
    from adapters import processes

    processes.serve(host, port, all_in_one=all_in_one)


@app.command()
def worker() -> None:
    """Sends what is due. Any number may run on PostgreSQL."""
    from adapters import processes

    processes.run_role(with_worker=True)


@app.command()
def clock() -> None:
    """Ticks: feeds, nudges, reviews, directory."""
    from adapters import processes

    processes.run_role(with_clock=True)


@app.command()
def doctor(as_json: AsJson = False) -> None:
    """Checks settings, database, migrations, credentials and reachability, and says how to mend each fault."""
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
    database = Database(settings.database_url)
    waiting = database.pending_migrations()
    is_new = database.is_empty()
    database.upgrade()
    if is_new and settings.playground:
        with database.transaction() as session:
            demo_marks.mark(session, now=datetime.now(UTC))
    DurableEngine(database).prepare()
    BallotBox(settings.ballots_url).prepare()
    out.print(f"{len(waiting)} migrations run." if waiting else "The database is up to date.")


@secret.command("new-key")
def secrets_new_key() -> None:
    """A new key for CHORUS_SECRET_KEYS."""
    out.print(new_key(), soft_wrap=True)


@secret.command("rotate")
def secrets_rotate() -> None:
    """Seal all stored secrets with the newest key; the older keys can then be dropped."""
    settings = checked_settings()
    load_keys(settings.keys)
    with Database(settings.database_url).transaction() as session:
        number = workspaces.reseal_all(session) + webhooks.reseal_all(session)
    out.print(f"{number} secrets are sealed with the newest key.")


@manifest.command("slack")
def manifest_slack() -> None:
    """The manifest for api.slack.com, "Create an app from a manifest"."""
    from adapters.slack import manifest as slack_manifest

    settings = load_settings()
    socket_mode = settings.slack_mode == "socket"
    print_json(
        slack_manifest.manifest(_public_url(settings), Router(FEATURES).command_infos(), socket_mode=socket_mode)
    )


@manifest.command("teams")
def manifest_teams(
    output: Annotated[Path, typer.Option("--output", "-o", help="The zip to write.")] = Path("chorus-teams.zip"),
) -> None:
    """The app package for the Teams admin centre."""
    from adapters.teams import manifest as teams_manifest

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


if __name__ == "__main__":
    main()
