"""`chorus workspaces`: which Slack workspaces and Teams tenants belong to the organisation."""

from __future__ import annotations

import re
import secrets
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from adapters.cli.context import changing, opened_database
from adapters.cli.terminal import AsJson, fail, out, print_rows
from adapters.settings import load_settings
from bot.core.tokens import digest_of
from storage.delivery import deliveries
from storage.people import places
from storage.people import workspaces as stored
from storage.people.places import InstallLink
from storage.people.workspaces import WorkspaceState

workspaces = typer.Typer(help="Which workspaces and tenants belong to you.", no_args_is_help=True)

ID = re.compile(r"slack:[TE][A-Z0-9]+|teams:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
LINK_HOLDS = timedelta(hours=24)
Named = Annotated[str, typer.Argument(help="slack:T0123ABC, or teams: with the tenant’s id.")]


@workspaces.command("list")
def list_workspaces(as_json: AsJson = False) -> None:
    """Those that belong, and those that have the bot."""
    settings = load_settings()
    with opened_database().transaction() as session:
        listed = {row.workspace for row in places.allowed(session)}
        by_settings = settings.allowed_workspaces()
        known = {row.id: row for row in stored.listed(session)}
        rows = [
            {
                "id": name,
                "name": known[name].name if name in known else "",
                "belongs": "by command" if name in listed else "by settings" if name in by_settings else None,
                "installed": name in known and known[name].state == WorkspaceState.INSTALLED,
            }
            for name in sorted({*listed, *known, *settings.named_workspaces})
        ]
    print_rows(rows, ("id", "name", "belongs", "installed"), as_json)


@workspaces.command("allow")
def allow(workspace: Named) -> None:
    """A workspace or tenant belongs from now on: it may install the bot, and its people are heard."""
    _check(workspace)
    with changing(opened_database()) as session:
        is_new = places.allow(session, workspace, now=datetime.now(UTC))
    out.print(f"{workspace} {'belongs to you now' if is_new else 'belongs to you already'}: it may install the bot.")


@workspaces.command("remove")
def remove(
    workspace: Named,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """A workspace or tenant belongs no longer: nobody there is heard, nothing is sent there, and its credentials are
    deleted. People whom no other workspace knows are erased 30 days later."""
    if workspace in load_settings().named_workspaces:
        fail(f"{workspace} is named in CHORUS_WORKSPACES: take it out there.")
    database = opened_database()
    with database.transaction() as session:
        is_listed = any(row.workspace == workspace for row in places.allowed(session))
        if not is_listed and stored.workspace(session, workspace) is None:
            fail(f"{workspace} is not known: see `chorus workspaces list`.")
    lost = "its credentials are deleted, and people whom no other workspace knows are erased in 30 days"
    if not yes and not typer.confirm(f"Remove {workspace}? Nobody there is heard any more, {lost}."):
        fail("Nothing was removed.")
    now = datetime.now(UTC)
    with changing(database) as session:
        places.disallow(session, workspace)
        stored.remove(session, workspace, now=now)
        deliveries.cancel_workspace(session, workspace, now=now)
    out.print(f"{workspace} is removed. Running servers hear of it within 15 seconds.")


@workspaces.command("link")
def link() -> None:
    """A link by which one Slack workspace can install the bot, once, within 24 hours; it belongs from then on."""
    settings = load_settings()
    if not settings.slack_client_id or not settings.base_url:
        fail("Installing by a link needs CHORUS_SLACK_CLIENT_ID, CHORUS_SLACK_CLIENT_SECRET and CHORUS_BASE_URL.")
    token = secrets.token_urlsafe(32)
    with changing(opened_database()) as session:
        session.add(InstallLink(digest=digest_of(token), expires_at=datetime.now(UTC) + LINK_HOLDS))
    out.print(
        f"{settings.base_url.rstrip('/')}/slack/install?link={token}", markup=False, highlight=False, soft_wrap=True
    )


def _check(workspace: str) -> None:
    if not ID.fullmatch(workspace):
        fail(
            "Write slack: with the id of a workspace, which begins with T or E, or teams: with that of a tenant, as in "
            "slack:T0123ABC or teams:1c8ad2c1-96a9-4d21-8d3b-5e4c1ad5b3d1."
        )
