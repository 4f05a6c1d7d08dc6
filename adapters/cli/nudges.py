"""`chorus nudge`: what the planner would do on a day, and what nudging did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from random import Random
from typing import TYPE_CHECKING, Annotated, Any

import typer

from adapters.cli.context import opened_database
from adapters.cli.terminal import AsJson, fail, out, print_json, print_rows
from adapters.settings import checked_settings

if TYPE_CHECKING:
    from bot.features.sharing.jobs import plan
    from storage.database import Session
    from storage.sharing import plans

nudge = typer.Typer(help="Nudges: the plan, and what they led to.", no_args_is_help=True)


@nudge.command("plan")
def nudge_plan(
    day: Annotated[str, typer.Option("--date", help="The local day, as in 2026-11-24; default: today.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show it, which is all this command does.")] = True,
    as_json: AsJson = False,
) -> None:
    """Whom the planner would nudge on a day: the post, the time, and the reason, or why not."""
    from bot.core.context import Job  # the planner and its features: not for `--help`
    from bot.core.router import Router
    from bot.core.working_time import DAWN, zone_of
    from bot.features.sharing.jobs import plan
    from bot.routes import FEATURES
    from bot.samples import FixedPictures
    from storage.people import time_zones
    from storage.pulse.round_store import RoundStore

    assert dry_run  # carrying it out is the clock's  # noqa: S101
    settings = checked_settings()
    rules = settings.rules("")
    try:
        wanted = date.fromisoformat(day) if day else None
    except ValueError:
        fail(f"{day} is no date: write it as 2026-11-24.")
    rows: list[dict[str, Any]] = []
    database = opened_database()
    ballots = RoundStore(database)
    with database.transaction() as session:
        for zone in time_zones.of_all(session):
            now = datetime.combine(wanted, DAWN, zone_of(zone)).astimezone(UTC) if wanted else datetime.now(UTC)
            job = Job(session, now, Random(now.date().toordinal()), rules, FixedPictures(), ballots, Router(FEATURES))
            for people in _slices(session, zone):
                rows += [_decided(item) for item in plan.decide(job, people)]
        session.rollback()  # a week that was drawn only for the show is not kept
    if as_json:
        print_json(rows)
        return
    print_rows(rows[:200], ("person", "post", "slot", "due", "reason"), as_json=False)
    out.print(
        ", ".join(f"{reason}: {number}" for reason, number in Counter(row["reason"] for row in rows).most_common())
    )


@nudge.command("effect")
def nudge_effect(as_json: AsJson = False) -> None:
    """What nudging does: shares in weeks with nudges beside weeks without, drawn at random."""
    from bot.features.sharing.domain.effect import next_look, yearly_effect

    with opened_database().transaction() as session:
        found, following = yearly_effect(session, now=datetime.now(UTC)), next_look(session, datetime.now(UTC))
    if as_json:
        figures = ("nudge_weeks", "other_weeks", "with_nudges", "without", "difference", "low", "high")
        print_json(
            {
                "known": found is not None and found.is_known,
                "next_look": following.isoformat() if following else None,
                **{name: getattr(found, name, None) for name in figures},
            }
        )
        return
    if found is None:
        day = f"on {following}" if following else "a year after the first nudges were planned"
        out.print(f"Not yet knowable: it is looked at once a year, so that chance is not taken for it; {day}.")
        return
    out.print(f"{found.nudge_weeks} person-weeks with nudges, {found.other_weeks} without, drawn at random.")
    if found.difference is None or found.low is None or found.high is None:
        out.print("Not yet knowable: there is nothing to compare with.")
        return
    points = f"{found.difference * 100:+.1f} points (95 % interval {found.low * 100:+.1f} to {found.high * 100:+.1f})"
    if found.is_known:
        out.print(f"Being nudged changes the share of weeks in which a person shares by {points}.")
    else:
        out.print(f"Not yet knowable: {points} is too wide an interval to tell from nothing.")


def _slices(session: Session, zone: str) -> Iterator[list[plans.Candidate]]:
    from bot.features.sharing.jobs import plan
    from storage.sharing import plans

    after: int | None = 0
    while after is not None:
        people, after = plans.candidates(session, planned_before=None, zone=zone, after_id=after, limit=plan.SLICE)
        yield people


def _decided(item: plan.NudgeDecision) -> dict[str, Any]:
    ranked = item.ranked
    return {
        "person": item.person.id,
        "post": ranked.post.title if ranked else None,
        "slot": item.slot,
        "timing": item.timing,
        "due": item.due.astimezone(UTC).isoformat(timespec="minutes") if item.due else None,
        "score": round(ranked.score, 3) if ranked else None,
        "reason": item.reason,
    }
