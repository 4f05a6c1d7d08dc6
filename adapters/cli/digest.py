"""`chorus digest preview`: a week's digest as each audience gets it, in each format, without sending anything."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated

import typer

from adapters import markdown
from adapters.cli.context import opened_database
from adapters.cli.terminal import fail, out
from adapters.playground import render as playground
from adapters.settings import load_settings
from adapters.slack import render as slack
from adapters.teams import render as teams
from adapters.web.pictures import SealedPictures
from bot.core.cards import Card
from bot.core.i18n import Words, closest
from bot.features.digest import cards
from bot.features.digest.cards import AUDIENCES, Issue
from bot.features.digest.domain import facts as facting
from bot.features.digest.domain.compute_facts import gather, last_week, monday
from bot.features.digest.jobs import sending as jobs
from storage.digest import digests

digest = typer.Typer(help="The weekly learning digest.", no_args_is_help=True)

DRAWN: dict[str, Callable[[Card], str]] = {
    "slack": lambda card: json.dumps(slack.message(card), ensure_ascii=False, indent=2),
    "teams": lambda card: json.dumps(teams.adaptive_card(card), ensure_ascii=False, indent=2),
    "html": playground.card_html,
    "markdown": markdown.document,
}
FORMATS = (*DRAWN, "json")


@digest.callback()
def group() -> None:
    """A group of one command so far."""


@digest.command("preview")
def preview(
    week: Annotated[str, typer.Option(help="ISO week, as 2026-W47; default: the last one.")] = "",
    audience: Annotated[str, typer.Option(help="lead, owner or employee.")] = "lead",
    format_: Annotated[str, typer.Option("--format", help="slack, teams, html, markdown or json.")] = "markdown",
    language: Annotated[str, typer.Option(help="en or fi.")] = "en",
) -> None:
    """Show the digest of a week from what is stored now; `json` is the week's facts."""
    now = datetime.now(UTC)
    week = week or last_week(now)
    try:
        begins = monday(week)
    except ValueError:
        fail(f"{week!r} is no week: write the year and the ISO week, as in 2026-W47.")
    if begins > now:
        fail(f"{week} has not begun yet.")
    if audience not in AUDIENCES or format_ not in FORMATS:
        fail(f"Choose the audience among {', '.join(AUDIENCES)} and the format among {', '.join(FORMATS)}.")
    settings = load_settings()
    with opened_database().transaction() as session:
        facts = gather(session, week, k=settings.pulse_k)
        kept = digests.of_week(session, week)
        lesson = kept.lesson if kept else jobs.lesson_for(session, facts)
    if format_ == "json":
        typer.echo(facting.to_json(facts))
        return
    pictures = SealedPictures(settings.keys[0] if settings.keys else "preview", settings.base_url.rstrip("/"))
    card = cards.preview(Issue(0, facts, lesson), audience, Words(closest(language)), pictures)
    if card is None:
        out.print("Nothing is new for employees in that week: they get no digest.")
        return
    typer.echo(DRAWN[format_](card))
