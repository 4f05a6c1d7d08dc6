"""`chorus tokens`, `chorus hooks`, `chorus export`: API tokens, webhooks, and figures as files."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from adapters import tables
from adapters.cli.context import changing, opened_database
from adapters.cli.terminal import AsJson, day_of, fail, out, print_rows, print_secret
from adapters.exports import EXPORTS
from bot.core.tokens import digest_of
from bot.core.webhook_signing import new_secret
from content.addresses import validate_url
from content.errors import NotAnAddress
from storage.audit import watch
from storage.mentions import listening
from storage.mentions.listening import SourceKind
from storage.web import api_tokens, webhooks
from storage.web.api_tokens import LONGEST, SCOPES, ApiToken
from storage.web.webhooks import KINDS, Webhook

tokens = typer.Typer(help="Programs that may use the API.", no_args_is_help=True)
hooks = typer.Typer(help="Who is told of shares, answers and mentions.", no_args_is_help=True)


@tokens.command("new")
def new_token(
    name: Annotated[str, typer.Argument(help="What it is for.")],
    scope: Annotated[list[str], typer.Option(help=f"Of {', '.join(SCOPES)}; again for more.")],
    days: Annotated[int, typer.Option(help="For how many days it holds.", min=1, max=LONGEST.days)] = 365,
) -> None:
    """Create a token and show it once: only its digest is stored."""
    if unknown := sorted(set(scope) - set(SCOPES)):
        fail(f"There is no scope {unknown[0]}: use {', '.join(SCOPES)}.")
    token = f"chorus_{secrets.token_urlsafe(32)}"
    with changing(opened_database()) as session:
        now, scopes = datetime.now(UTC), sorted(set(scope))
        if any(row.name.casefold() == name.casefold() and row.is_good(now) for row in api_tokens.tokens(session)):
            fail(f"There is a token {name!r} already: revoke it, or give this one another name.")
        row = ApiToken(name=name, digest=digest_of(token), scopes=scopes, made_at=now, expires_at=now + timedelta(days))
        session.add(row)
    print_secret(token)


@tokens.command("list")
def list_tokens(as_json: AsJson = False) -> None:
    """List tokens by name and scope; the tokens themselves are not stored."""
    with opened_database().transaction() as session:
        rows = [
            {
                "id": row.id,
                "name": row.name,
                "scopes": row.scopes,
                "made_at": row.made_at.isoformat(),
                "used_at": row.used_at.isoformat() if row.used_at else None,
                "revoked": row.revoked_at is not None,
                "expires_at": row.ends_at.isoformat(),
            }
            for row in api_tokens.tokens(session)
        ]
    print_rows(rows, ("id", "name", "scopes", "used_at", "expires_at", "revoked"), as_json)


@tokens.command("revoke")
def revoke_token(number: Annotated[int, typer.Argument(help="Its id, as `list` has it.")]) -> None:
    """Revoke a token."""
    with changing(opened_database()) as session:
        if not api_tokens.revoke(session, number, now=datetime.now(UTC)):
            fail(f"There is no token {number} that could be revoked.")
    out.print(f"Token {number} is revoked.")


@hooks.command("add")
def add_hook(
    url: Annotated[str, typer.Argument(help="https address that is told.")],
    kind: Annotated[list[str], typer.Option(help=f"Of {', '.join(KINDS)}; again for more.")],
) -> None:
    """Add a webhook and show its signing secret once."""
    try:
        url = validate_url(url)
    except NotAnAddress:
        fail("That is no web address of a webhook: it begins with https:// and holds no password.")
    if unknown := sorted(set(kind) - set(KINDS)):
        fail(f"There is no kind {unknown[0]}: use {', '.join(KINDS)}.")
    secret = new_secret()
    with changing(opened_database()) as session:
        if any(row.url == url for row in webhooks.listed(session)):
            fail(f"{url} is told already: end it first.")
        session.add(Webhook(url=url, kinds=sorted(set(kind)), secret=secret, made_at=datetime.now(UTC), is_active=True))
    print_secret(secret)


@hooks.command("list")
def list_hooks(as_json: AsJson = False) -> None:
    """List webhooks and the events they receive."""
    with opened_database().transaction() as session:
        rows = [
            {"id": row.id, "url": row.url, "kinds": row.kinds, "is_active": row.is_active}
            for row in webhooks.listed(session)
        ]
    print_rows(rows, ("id", "url", "kinds", "is_active"), as_json)


@hooks.command("end")
def end_hook(number: Annotated[int, typer.Argument(help="Its id, as `list` has it.")]) -> None:
    """Stop sending to a webhook."""
    with changing(opened_database()) as session:
        found = next((row for row in webhooks.listed(session) if row.id == number), None)
        if found is None:
            fail(f"There is no webhook {number}.")
        found.is_active = False
    out.print(f"Webhook {number} is told nothing more.")


@hooks.command("secret")
def new_source_secret(source: Annotated[str, typer.Argument(help="The id of a source of the kind webhook.")]) -> None:
    """Give a listening source a secret of its own, shown once; it alone signs for that source from now on."""
    secret = new_secret()
    with changing(opened_database()) as session:
        found = listening.source(session, source)
        if found is None or found.kind != SourceKind.WEBHOOK:
            fail(f"There is no source {source} that listens to a webhook.")
        found.secret = secret
    print_secret(secret)


def export(
    name: Annotated[str, typer.Argument(help=f"One of {', '.join(EXPORTS)}.")],
    path: Annotated[Path, typer.Argument(help="Where to write: .csv, .xlsx or .json.", dir_okay=False)],
    since: Annotated[datetime | None, typer.Option(help="The first day.", parser=day_of, metavar="DAY")] = None,
    until: Annotated[datetime | None, typer.Option(help="The last day.", parser=day_of, metavar="DAY")] = None,
) -> None:
    """Figures as a file: sums only, small groups together. Weeks belong to the day of their Monday."""
    if name not in EXPORTS:
        fail(f"There is no export {name}: use {', '.join(EXPORTS)}.")
    found = EXPORTS[name]
    with changing(opened_database()) as session:
        first, last = (moment.date() if moment else None for moment in (since, until))
        rows = found.within(session, datetime.now(UTC), first, last)
        watch.note(session, "figures exported", about=name)
    try:
        tables.write(path, found.columns, rows)
    except ValueError as fault:
        fail(str(fault))
    out.print(f"{len(rows)} rows in {path}.", highlight=False)
