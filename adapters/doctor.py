"""The doctor: looks at settings, database, credentials and reachability, and says how to mend each fault."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from adapters.settings import Settings
from adapters.unknown_settings import unknown_settings
from adapters.web import health
from adapters.web.local import is_local_address, is_loopback
from bot.core.allowed_workspaces import AllowedWorkspaces
from bot.core.working_time import WRONG_CLOCK, machine_now
from storage import reseal
from storage.database import Database, DatabaseError
from storage.delivery import history, queues, worker_leases
from storage.jobs import runs
from storage.people import places, workspaces
from storage.pulse.round_store import SCHEMA, RoundStore
from storage.secrets import KeyRingError, seals_people

COMMANDS = {"web": "chorus serve", "worker": "chorus worker", "clock": "chorus clock"}  # by role
NO_FILE = "Name the right one in CHORUS_DATABASE_URL. `chorus db upgrade` makes one, new and empty."
TIMEOUT = aiohttp.ClientTimeout(total=8)
SURE = ("verify-full", "verify-ca")  # modes of TLS in which PostgreSQL's certificate is checked
LATE = 900.0  # seconds that a message may be overdue, as the alert ChorusMessagesOverdue has it
TOKEN_URL = "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token"  # noqa: S105


@dataclass(frozen=True, slots=True)
class CheckResult:
    check: str
    ok: bool
    detail: str
    mend: str = ""


async def examine(settings: Settings) -> list[CheckResult]:
    """Every check, each independent of the others."""
    found = [CheckResult("settings", False, fault) for fault in settings.faults()] or [
        CheckResult("settings", True, "complete and free of contradiction")
    ]
    if names := unknown_settings():
        told = ", ".join(f"{name} ({meant}?)" if meant else name for name, meant in names.items())
        found.append(CheckResult("names of settings", False, f"nothing reads {told}", "docs/settings.md has all names"))
    if settings.keys_setting:
        found.append(_keys(settings))
    slack, team = await _slack(settings)
    allowed = settings.allowed_workspaces()
    if team:
        allowed.allow(team)
    found += await asyncio.to_thread(check_database, settings, allowed)
    found.append(slack)
    if team and (contradiction := settings.contradiction_of(team)):
        found.append(CheckResult("bot token", False, contradiction, "Mend the one that is wrong."))
    found.append(await _teams(settings))
    found.append(await _base_url(settings))
    return found


def _keys(settings: Settings) -> CheckResult:
    try:
        settings.hold_keys()
    except KeyRingError as fault:
        return CheckResult("keys", False, str(fault), "chorus secrets new-key")
    return CheckResult("keys", True, f"{len(settings.keys)} in the ring")


def check_database(settings: Settings, allowed: AllowedWorkspaces) -> list[CheckResult]:
    """`allowed`: by the settings, and by what Slack said of the bot token."""
    try:
        Database.check_folder(settings.database_url)
        if not Database.is_there(settings.database_url):
            return [CheckResult("database", False, "there is no such file", NO_FILE)]
        database = Database(settings.database_url)
        database.ping()
        database.check_whole()
        waiting = database.pending_migrations()
        if not waiting:
            database.check_writable()
    except DatabaseError as fault:
        return [CheckResult("database", False, str(fault))]
    engine = "SQLite" if database.one_writer else "PostgreSQL"
    of_tables = [] if waiting else _of_tables(database, settings, allowed)
    answers = _answers(database)
    names = [] if waiting or not settings.keys_setting else _sealed(database)
    newer = database.newer_schema()
    state = f"upgraded by a newer version (schema {newer})" if newer else f"{len(waiting)} waiting"
    database.close()
    return [
        *of_tables,
        CheckResult("database", True, f"{engine} answers{'' if database.one_writer else _on_the_way(settings)}"),
        answers,
        *names,
        CheckResult("migrations", not waiting, state, "chorus db upgrade" if waiting else ""),
    ]


def _of_tables(database: Database, settings: Settings, allowed: AllowedWorkspaces) -> list[CheckResult]:
    strangers, directories = _strangers(database, settings, allowed), _half_directories(database)
    return [*strangers, *directories, _processes(database), _clock(database), *_what_waits(database)]


def _half_directories(database: Database) -> list[CheckResult]:
    """Workspaces of whose people too many were missing, when their directory was read last, to be believed."""
    with database.transaction() as session:
        missing = workspaces.missing_people(session)
    return [
        CheckResult(
            f"directory of {workspace}",
            False,
            f"{number} people were missing in it, and nobody was marked as left",
            "If they have left: chorus people sync --leavers",
        )
        for workspace, number in missing.items()
        if number
    ]


def _what_waits(database: Database) -> list[CheckResult]:
    """Runs of jobs that failed, and messages that should have left long ago."""
    with database.transaction() as session:
        failing = {run.job: run.note for run in runs.troubled(session)}
        now = worker_leases.database_now(session)
        late = queues.overdue(session, now=now)
        lost = history.number_unresolved(session, since=now - timedelta(days=1))
    found = [
        CheckResult("jobs", False, f"{job} fails: {why}", "chorus jobs; the log has it whole")
        for job, why in failing.items()
    ]
    found += [
        CheckResult(
            "messages",
            False,
            f"the oldest that waits for {workspace} is {seconds / 60:.0f} minutes late",
            "chorus deliveries; docs/runbook.md#chorusmessagesoverdue",
        )
        for workspace, seconds in late.items()
        if seconds > LATE
    ]
    if lost:
        said = f"{lost} of the last day may not have arrived, and cannot be looked for"
        found.append(
            CheckResult("messages in doubt", False, said, "chorus deliveries; docs/runbook.md#chorusmessagesfail")
        )
    return found


def _processes(database: Database) -> CheckResult:
    """Whether each role that is needed runs, where any does."""
    roles = health.living(database)
    if not any(roles.values()):
        return CheckResult("processes", True, "none runs")
    missing = health.what_is_missing(roles) or ("no web server lives: nobody is heard" if not roles["web"] else None)
    if missing is None:
        return CheckResult("processes", True, ", ".join(f"{role} {number}" for role, number in roles.items()))
    silent = [role for role, number in roles.items() if not number]
    return CheckResult("processes", False, missing, "; ".join(COMMANDS[role] for role in silent))


def _clock(database: Database) -> CheckResult:
    """Whether this machine's clock is right: a wrong one refuses what Slack signs."""
    with database.transaction() as session:
        ahead = (machine_now() - worker_leases.database_now(session)).total_seconds()
    if abs(ahead) <= WRONG_CLOCK.total_seconds():
        return CheckResult("clock", True, "as the database's")
    way = "ahead of" if ahead > 0 else "behind"
    said = f"this machine's clock is {abs(ahead):.0f} seconds {way} the database's: one is wrong"
    return CheckResult("clock", False, said, "Have both set by NTP.")


def _on_the_way(settings: Settings) -> str:
    """What may be read, or answered by somebody else, between here and a PostgreSQL that is elsewhere."""
    asked = urlsplit(settings.database_url)
    if not asked.hostname or is_loopback(asked.hostname) or any(f"sslmode={mode}" in asked.query for mode in SURE):
        return ""
    return "; who answers is not checked: add ?sslmode=verify-full&sslrootcert=… to its address"


def _strangers(database: Database, settings: Settings, allowed: AllowedWorkspaces) -> list[CheckResult]:
    """Workspaces that installed the bot and do not belong."""
    with database.transaction() as session:
        installed = [row.id for row in workspaces.installed(session)]
        listed = [row.workspace for row in places.allowed(session)]
    found = settings.strangers(installed, allowed, listed)
    for platform, is_open in settings.open_doors().items():
        if is_open and not any(name.startswith(f"{platform}:") for name in (*listed, *settings.named_workspaces)):
            mend = f"chorus workspaces allow {platform}:…"
            if platform == "slack":
                mend += ", or chorus workspaces link"
            return [CheckResult("workspaces", False, f"none of {platform.capitalize()} belongs: nobody is heard", mend)]
    if not found:
        return [CheckResult("workspaces", True, "only those that belong to the organisation")]
    return [
        CheckResult(
            "workspaces",
            False,
            f"installed, but not among yours: {', '.join(found)}",
            "chorus workspaces allow …, for those that belong to you; chorus workspaces remove …, for the others.",
        )
    ]


def _sealed(database: Database) -> list[CheckResult]:
    """What the keys do not open; names and addresses that are sealed though CHORUS_SEAL_PEOPLE is not set, or not
    though it is."""
    with database.transaction() as session:
        if closed := reseal.unopened(session):
            mend = "Add the key that sealed it, after the new one; without it, that is lost."
            return [CheckResult("what is sealed", False, f"does not open: {', '.join(closed)}", mend)]
        wrong = reseal.not_as_set(session)
    if not wrong:
        return []
    said = f"{wrong} are not sealed, though CHORUS_SEAL_PEOPLE=1"
    if not seals_people():
        said = f"{wrong} are sealed, though CHORUS_SEAL_PEOPLE is not set"
    return [CheckResult("names and addresses", False, said, "chorus secrets rotate")]


def _answers(database: Database) -> CheckResult:
    """Whether the stores of answers can be made and erased."""
    store = RoundStore(database)
    try:
        store.check()
    except DatabaseError as fault:
        mend = "Let Chorus make files beside the database, or on PostgreSQL a schema in it."
        return CheckResult("answers of the pulse", False, str(fault), mend)
    finally:
        store.close()
    if database.one_writer:
        return CheckResult("answers of the pulse", True, "in files beside the database, which backups leave out")
    return CheckResult(
        "answers of the pulse",
        True,
        f"in the schema {SCHEMA}, which dumps leave out (pg_dump --exclude-schema={SCHEMA})",
    )


async def _slack(settings: Settings) -> tuple[CheckResult, str]:
    """And the team of the bot token ("slack:T0123"), where Slack tells it."""
    token = settings.slack_bot_token.get_secret_value()
    if not settings.has_slack and (token or settings.slack_client_id):
        mend = "Set CHORUS_SLACK_SIGNING_SECRET, or CHORUS_SLACK_APP_TOKEN for socket mode."
        return CheckResult("slack", False, "half set up", mend), ""
    if not settings.has_slack:
        return CheckResult("slack", True, "not set up: chorus init asks what it needs"), ""
    if not token:
        return CheckResult("slack", True, "workspaces install through /slack/install"), ""
    try:
        async with aiohttp.ClientSession(timeout=TIMEOUT) as http:
            answer = await AsyncWebClient(token=token, base_url=settings.slack_api, session=http).auth_test()
    except SlackApiError as fault:
        reason = str(fault.response.get("error"))
        said = f"Slack refused the bot token: {reason}"
        return CheckResult("slack", False, said, "Reinstall the app, copy its token anew."), ""
    except (aiohttp.ClientError, TimeoutError, OSError) as fault:
        said = f"Slack does not answer ({type(fault).__name__})"
        return CheckResult("slack", False, said, "Check CHORUS_SLACK_API_URL and the network."), ""
    return CheckResult("slack", True, f"speaks for {answer['team']}"), f"slack:{answer['team_id']}"


async def _teams(settings: Settings) -> CheckResult:
    if not settings.teams_app_id:
        said = "local clients only" if settings.playground else "not set up: chorus init asks what it needs"
        return CheckResult("teams", True, said)
    form = {
        "grant_type": "client_credentials",
        "client_id": settings.teams_app_id,
        "client_secret": settings.teams_app_password.get_secret_value(),
        "scope": "https://api.botframework.com/.default",
    }
    tenant = settings.teams_tenant_id if settings.teams_app_type == "SingleTenant" else "botframework.com"
    try:
        async with (
            aiohttp.ClientSession(timeout=TIMEOUT) as http,
            http.post(TOKEN_URL.format(tenant=tenant), data=form) as answer,
        ):
            if answer.status == 200:
                return CheckResult("teams", True, "the app's password is accepted")
            return CheckResult(
                "teams",
                False,
                f"Microsoft refused the password ({answer.status})",
                "Make a new client secret in Azure.",
            )
    except (aiohttp.ClientError, TimeoutError, OSError) as fault:
        return CheckResult("teams", False, f"Microsoft does not answer ({type(fault).__name__})", "Check the network.")


async def _base_url(settings: Settings) -> CheckResult:
    if not settings.base_url:
        return CheckResult("base url", True, "not set: tracked links work on this machine only")
    is_public = urlsplit(settings.base_url).scheme == "https" and not is_local_address(settings.base_url)
    if not is_public and not settings.playground:
        return CheckResult("base url", False, settings.base_url, "Slack and Teams reach only a public https address.")
    try:
        async with (
            aiohttp.ClientSession(timeout=TIMEOUT) as http,
            http.get(f"{settings.base_url}/healthz") as answer,
        ):
            if answer.status == 200:
                return CheckResult("base url", True, "reached")
            return CheckResult("base url", False, f"answers {answer.status}", "Point it at `chorus serve`.")
    except (aiohttp.ClientError, TimeoutError, OSError) as fault:
        return CheckResult(
            "base url",
            False,
            f"not reached ({type(fault).__name__})",
            "Start `chorus serve`, or mend the address.",
        )
