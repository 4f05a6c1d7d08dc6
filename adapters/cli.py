"""The command line: `chorus`. Each command is a few lines over the parts; nothing is decided here."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import tempfile
import webbrowser
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
import uvicorn
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from adapters import logs
from adapters.app import Chorus, build, running, web
from adapters.demo import articles, organisation
from adapters.doctor import examine
from adapters.settings import Settings, SettingsError, checked_settings, load_settings
from adapters.slack import manifest as slack_manifest
from adapters.teams import manifest as teams_manifest
from bot.platform import DirectoryUnavailable
from content.errors import ContentError
from storage import employees, posts, workspaces
from storage.database import Database, DatabaseError
from storage.secrets import KeyRingError, load_keys, new_key

app = typer.Typer(help="Chorus: social media as everybody's work, in Slack and Microsoft Teams.", no_args_is_help=True)
db = typer.Typer(help="The database.", no_args_is_help=True)
content = typer.Typer(help="Content that may be shared.", no_args_is_help=True)
people = typer.Typer(help="Employees and their roles.", no_args_is_help=True)
channels = typer.Typer(help="Social-media channels and their rules.", no_args_is_help=True)
policy = typer.Typer(help="Phrases that must not stand in a caption.", no_args_is_help=True)
manifest = typer.Typer(help="What to upload in Slack and Teams.", no_args_is_help=True)
secret = typer.Typer(help="Keys that encrypt what is stored.", no_args_is_help=True)
for name, group in (
    ("db", db), ("content", content), ("people", people), ("channels", channels), ("policy", policy),
    ("manifest", manifest), ("secrets", secret),
):  # fmt: skip
    app.add_typer(group, name=name)

out, err = Console(), Console(stderr=True)
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Host = Annotated[str, typer.Option(help="Where to listen.")]
Port = Annotated[int, typer.Option(help="On which port.", envvar="PORT")]


def main() -> None:
    """Every expected fault is one sentence and exit code 1."""
    try:
        app()
    except (SettingsError, DatabaseError, KeyRingError, ContentError, DirectoryUnavailable, OSError) as fault:
        _fail(str(fault))


@app.command()
def demo(
    host: Host = "127.0.0.1",
    port: Port = 8000,
    open_page: Annotated[bool, typer.Option("--open/--no-open", help="Open the page in a browser.")] = True,
) -> None:
    """The whole bot on this machine, with a made-up organisation; no account, no key. Starts afresh each time."""
    if host not in ("127.0.0.1", "localhost", "::1"):
        _fail("The playground is never served on a public address: leave out --host.")
    logs.configure(json=False)
    with tempfile.TemporaryDirectory(prefix="chorus-demo-") as folder:
        base_url = f"http://{host}:{port}"
        settings = load_settings(
            database_url=f"sqlite:///{folder}/demo.db", secret_keys=new_key(), playground=True, base_url=base_url,
            organisation=organisation.NAME, nudge_hours="0-24", nudge_weekends=True, nudge_gap_hours=0.0,
            nudges_a_week=50, tick_seconds=0.5,
        )  # fmt: skip
        chorus = build(settings, base_url=base_url, members=organisation.MEMBERS)
        chorus.database.upgrade()
        organisation.load(chorus.database, chorus.intake, base_url=base_url, now=_now())
        if chorus.playground is not None:
            chorus.playground.on_language(lambda language: _speak(chorus, language))
        chorus.routers.append(articles.router(base_url))
        page = f"{base_url}/playground"
        out.print(f"\n  Chorus is ready: [bold]{page}[/bold]   (stop with Ctrl+C)\n")
        if open_page and sys.stdout.isatty():
            webbrowser.open(page)
        _serve(chorus, host, port, with_worker=True, with_clock=True)


@app.command()
def serve(
    host: Host = "127.0.0.1",
    port: Port = 8000,
    all_in_one: Annotated[bool, typer.Option("--all", help="Worker and clock in this process, too.")] = False,
) -> None:
    """The web server: events of Slack and Teams, tracked links, health."""
    settings = checked_settings()
    if settings.playground and not settings.teams_app_id and host not in ("127.0.0.1", "localhost", "::1"):
        _fail("CHORUS_PLAYGROUND=1 lets unauthenticated clients in: it goes with 127.0.0.1 only.")
    logs.configure(json=not sys.stderr.isatty())
    chorus = _built(settings, base_url=f"http://{host}:{port}")
    _serve(chorus, host, port, with_worker=all_in_one, with_clock=all_in_one)


@app.command()
def worker() -> None:
    """Sends what is due. Any number may run on PostgreSQL."""
    _run_role(with_worker=True)


@app.command()
def clock() -> None:
    """Ticks: feeds, nudges, reviews, directory."""
    _run_role(with_clock=True)


@app.command()
def doctor(as_json: AsJson = False) -> None:
    """Checks settings, database, migrations, credentials and reachability, and says how to mend each fault."""
    findings = asyncio.run(examine(load_settings()))
    if as_json:
        _print_json([{"check": f.check, "ok": f.ok, "detail": f.detail, "mend": f.mend} for f in findings])
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
    database = Database(load_settings().database_url)
    waiting = database.pending_migrations()
    database.upgrade()
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
        number = workspaces.reseal_all(session)
    out.print(f"{number} secrets are sealed with the newest key.")


@content.command("import")
def content_import(
    source: Annotated[str, typer.Argument(help="A file or address: RSS, Atom, JSON Feed or CSV.")],
    subscribe: Annotated[bool, typer.Option(help="Keep reading the address from now on.")] = False,
    base_url: Annotated[str, typer.Option(help="What relative addresses in a file are relative to.")] = "",
    as_json: AsJson = False,
) -> None:
    """Take in a feed; its entries become drafts that wait for approval."""
    chorus = _built(checked_settings())
    with _progress() as progress:
        task = progress.add_task("Entries", total=None)

        def note(done: int, total: int) -> None:
            progress.update(task, completed=done, total=total)

        try:
            report = chorus.intake.import_from(
                source, now=_now(), base_url=base_url, subscribe=subscribe, progress=note
            )
        except ContentError as fault:
            progress.stop()
            if as_json:
                _print_json({"created": 0, "duplicates": 0, "failed": [{"entry": source, "reason": str(fault)}]})
                raise typer.Exit(1) from None
            _fail(f"{source} was not read: {fault}.")
    failed = [{"entry": entry, "reason": reason} for entry, reason in report.failed]
    if as_json:
        _print_json({"created": len(report.created), "duplicates": report.duplicates, "failed": failed})
        return
    out.print(f"{len(report.created)} created, {report.duplicates} duplicates, {len(failed)} failed.")
    for failure in failed:
        err.print(f"  {failure['entry']}: {failure['reason']}")


@content.command("list")
def content_list(
    state: Annotated[str, typer.Option(help="Only posts in this state.")] = "", as_json: AsJson = False
) -> None:
    """Posts, the newest first."""
    with _database().transaction() as session:
        rows = [
            {
                "id": post.id,
                "title": post.title,
                "url": post.url,
                "state": post.state,
                "language": post.language,
            }
            for post in posts.listed(session, state=state or None)
        ]
    _print_rows(rows, ("id", "title", "url", "state", "language"), as_json)


@people.command("sync")
def people_sync(as_json: AsJson = False) -> None:
    """Read the directories of all installed workspaces."""
    chorus = _built(checked_settings())

    async def sync() -> list[dict[str, Any]]:
        reports = []
        async with running(chorus, with_worker=False, with_clock=False):
            for workspace in await chorus.crossing(lambda session: workspaces.installed(session)):
                if workspace.platform in chorus.platforms:
                    report = await chorus.shell.sync_people(workspace.id)
                    reports.append(
                        {"workspace": workspace.id, "seen": report.seen, "created": report.created,
                         "left_out": report.left_out, "left": report.left}
                    )  # fmt: skip
        return reports

    _print_rows(asyncio.run(sync()), ("workspace", "seen", "created", "left_out", "left"), as_json)


@people.command("list")
def people_list(as_json: AsJson = False) -> None:
    """Active employees with unit, language and roles."""
    with _database().transaction() as session:
        rows = [
            {"id": person.id, "name": person.name, "email": person.email, "language": person.language,
             "unit": person.unit.name if person.unit else None, "roles": person.roles}
            for person in employees.active(session)
        ]  # fmt: skip
    _print_rows(rows, ("id", "name", "email", "unit", "language", "roles"), as_json)


@people.command("set")
def people_set(
    email: str,
    role: Annotated[list[str] | None, typer.Option(help="employee, owner, lead or admin; may be repeated.")] = None,
    unit: Annotated[str, typer.Option(help="The unit the person belongs to.")] = "",
) -> None:
    """Give a person roles and a unit."""
    wrong = [name for name in role or [] if name not in employees.ROLES]
    if wrong:
        _fail(f"There is no role {wrong[0]!r}: choose among {', '.join(employees.ROLES)}.")
    with _database().transaction() as session:
        person = employees.by_email(session, email.strip().lower())
        if person is None:
            _fail(f"Nobody with the address {email} is known: run `chorus people sync` first.")
        if role:
            person.roles = sorted({"employee", *role}, key=employees.ROLES.index)
        if unit:
            person.unit = employees.unit(session, unit)
        out.print(f"{person.name}: {', '.join(person.roles)}")


@channels.command("list")
def channels_list(as_json: AsJson = False) -> None:
    """The channels in use."""
    with _database().transaction() as session:
        rows = [
            {
                "id": row.id,
                "state": row.state,
                "disclosure": row.disclosure,
                "owner": row.owner.name if row.owner else None,
            }
            for row in posts.all_channels(session)
        ]
    _print_rows(rows, ("id", "state", "disclosure", "owner"), as_json)


@channels.command("set")
def channels_set(
    channel: str,
    owner: Annotated[str, typer.Option(help="E-mail address of the person answerable.")] = "",
    disclosure: Annotated[bool | None, typer.Option(help="Must a caption say who employs the writer?")] = None,
    active: Annotated[bool | None, typer.Option("--active/--retired", help="Whether it is offered.")] = None,
) -> None:
    """Change a channel's owner and rules."""
    with _database().transaction() as session:
        row = posts.channel(session, channel)
        if row is None:
            _fail(f"There is no channel {channel!r}: see `chorus channels list`.")
        if owner:
            person = employees.by_email(session, owner.strip().lower())
            if person is None:
                _fail(f"Nobody with the address {owner} is known: run `chorus people sync` first.")
            row.owner = person
        if disclosure is not None:
            row.disclosure = disclosure
        if active is not None:
            row.state = "active" if active else "retired"
        out.print(f"{row.id}: {row.state}, disclosure {'asked' if row.disclosure else 'not asked'}")


@policy.command("block")
def policy_block(phrase: str, instead: Annotated[str, typer.Option(help="What to write instead.")] = "") -> None:
    """Do not allow a phrase in captions."""
    with _database().transaction() as session:
        posts.block_phrase(session, phrase.strip(), instead.strip())
    out.print(f"“{phrase.strip()}” is not allowed in captions.")


@policy.command("allow")
def policy_allow(phrase: str) -> None:
    """Allow a phrase again."""
    with _database().transaction() as session:
        posts.allow_phrase(session, phrase.strip())
    out.print(f"“{phrase.strip()}” is allowed.")


@policy.command("list")
def policy_list(as_json: AsJson = False) -> None:
    """Phrases that are not allowed."""
    with _database().transaction() as session:
        rows = [{"phrase": row.phrase, "instead": row.instead} for row in posts.blocked_phrases(session)]
    _print_rows(rows, ("phrase", "instead"), as_json)


@manifest.command("slack")
def manifest_slack() -> None:
    """The manifest for api.slack.com, "Create an app from a manifest"."""
    settings = load_settings()
    socket_mode = settings.slack_mode == "socket"
    _print_json(slack_manifest.manifest(_public_url(settings), socket_mode=socket_mode))


@manifest.command("teams")
def manifest_teams(
    output: Annotated[Path, typer.Option("--output", "-o", help="The zip to write.")] = Path("chorus-teams.zip"),
) -> None:
    """The app package for the Teams admin centre."""
    settings = load_settings()
    if not settings.teams_app_id:
        _fail("Set CHORUS_TEAMS_APP_ID first: it is the id of the bot's registration in Azure.")
    output.write_bytes(teams_manifest.package(settings.teams_app_id, _public_url(settings)))
    out.print(f"{output} is ready to upload.")


# -- Parts ------------------------------------------------------------------------------------------------


async def _speak(chorus: Chorus, language: str) -> None:
    """Switch the made-up people's language; twice, for the cards that were leaving at that very moment."""
    await chorus.shell.run_job(organisation.speak(language))
    await asyncio.sleep(1.0)
    await chorus.shell.run_job(organisation.speak(language))


def _serve(chorus: Chorus, host: str, port: int, *, with_worker: bool, with_clock: bool) -> None:
    uvicorn.run(
        web(chorus, with_worker=with_worker, with_clock=with_clock),
        host=host,
        port=port,
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=5,
        forwarded_allow_ips=os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1"),
    )


def _run_role(*, with_worker: bool = False, with_clock: bool = False) -> None:
    logs.configure(json=not sys.stderr.isatty())
    chorus = _built(checked_settings())

    async def run() -> None:
        stop = asyncio.Event()
        for sign in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(sign, stop.set)
        async with running(chorus, with_worker=with_worker, with_clock=with_clock):
            await stop.wait()

    asyncio.run(run())


def _built(settings: Settings, base_url: str = "") -> Chorus:
    chorus = build(settings, base_url=settings.base_url.rstrip("/") or base_url or "http://127.0.0.1:8000")
    if chorus.database.pending_migrations():
        _fail("The database is not up to date: run `chorus db upgrade`.")
    return chorus


def _database() -> Database:
    settings = load_settings()
    if settings.keys:
        load_keys(settings.keys)
    return Database(settings.database_url)


def _public_url(settings: Settings) -> str:
    if not settings.base_url:
        _fail("Set CHORUS_BASE_URL first: the https address at which the world reaches Chorus.")
    return settings.base_url.rstrip("/")


def _progress() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    return Progress(*columns, console=err, transient=True, disable=not sys.stderr.isatty())


def _print_json(value: Any) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))


def _print_rows(rows: list[dict[str, Any]], names: tuple[str, ...], as_json: bool) -> None:
    if as_json:
        _print_json(rows)
        return
    table = Table(*names)
    for row in rows:
        table.add_row(*(_cell(row[name]) for name in names))
    out.print(table)


def _cell(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value or "")


def _now() -> datetime:
    return datetime.now(UTC)


def _fail(sentence: str) -> NoReturn:
    err.print(sentence, style="red", highlight=False, soft_wrap=True)
    raise SystemExit(1)
