"""Leads steer: the model at a glance, goals, calendar, and units let in, paused or held back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.core.cancellation import cancel_planned
from bot.core.cards import Card
from bot.core.context import Context, Effect, Reply
from bot.core.errors import Gone
from bot.core.events import Command, Pressed
from bot.core.recurrence import occurrences
from bot.core.working_time import week_of
from bot.features.framework import cards
from bot.features.framework.cards import Progress, Upcoming
from bot.features.framework.domain import coverage, metrics, repository
from bot.features.rollout import cards as rollout_cards
from bot.features.rollout.domain import gates
from storage.framework import framework, goal_metrics
from storage.framework.framework import Activity
from storage.mentions import listening
from storage.people import employees, organisation
from storage.people.organisation import Phase, Unit
from storage.sharing import posts, social_channels

AHEAD = timedelta(weeks=4)
CROWDED = 3  # activities of one unit in a week, above which it is too much
LAST = 5  # changes


def show_framework(context: Context, _event: Command | Pressed) -> list[Effect]:
    """`framework`."""
    session = context.session
    counts = {
        "units": len(organisation.units(session)),
        "channels": len(social_channels.channels(session)),
        "audiences": len(framework.audiences(session)),
        "goals": len(framework.goals(session)),
        "activities": len(framework.activities(session)),
        "sources": len(listening.sources(session)),
    }
    missing = coverage.gaps(session, context.now)
    covered = (counts["channels"] - len(missing), counts["channels"])
    history = framework.changes(session, LAST)
    return [Reply(cards.overview_card(counts, missing, covered, history, context.words))]


def show_goals(context: Context, _event: Command | Pressed) -> list[Effect]:
    """`goals`: for everybody; they are why we do it."""
    found = []
    for goal in framework.goals(context.session):
        serving = posts.serving(context.session, goal.id)
        shared, clicks = goal_metrics.served(context.session, serving)
        standing = metrics.standing_of_goal(context.session, goal, context.now)
        found.append(Progress(goal, standing, len(serving), shared, clicks))
    return [Reply(cards.goals_card(found, context.words, context.pictures, is_lead=context.person.has_role("lead")))]


def show_calendar(context: Context, _event: Command | Pressed) -> list[Effect]:
    """`calendar`: what is planned in the next four weeks."""
    coming = upcoming(framework.activities(context.session), since=context.now, until=context.now + AHEAD)
    return [Reply(cards.calendar_card(coming, crowded(coming), context.words, is_lead=context.person.has_role("lead")))]


def show_rollout(context: Context, _event: Command | Pressed) -> list[Effect]:
    """`rollout`."""
    return [Reply(rollout(context))]


def rollout(context: Context, notice: str = "") -> Card:
    """The units with their phase, and for those in pilot the gates."""
    units = organisation.units(context.session)
    judged = {unit.id: gates.gates(context.session, unit, context.now) for unit in units if unit.phase == Phase.PILOT}
    return rollout_cards.rollout_card(units, judged, context.words, notice=notice)


def ask_to_start_pilot(context: Context, event: Pressed) -> list[Effect]:
    """`unit.pilot`: asks once, for people hear of it."""
    unit = _unit(context, event)
    if unit.phase == Phase.PILOT:
        return show_rollout(context, event)
    others = [one for one in organisation.units(context.session) if one.phase == Phase.PILOT]
    people = employees.size_of(context.session, unit.id)
    return [Reply(rollout_cards.pilot_card(unit, people, others, context.words))]


def start_pilot(context: Context, event: Pressed) -> list[Effect]:
    """`unit.pilot_now`: let in, and watched."""
    return _moved(context, event, Phase.PILOT)


def ask_to_go_live(context: Context, event: Pressed) -> list[Effect]:
    """`unit.live`: asks once, for people hear of it."""
    unit = _unit(context, event)
    if unit.phase == Phase.LIVE:
        return show_rollout(context, event)
    unmet = [gate for gate in gates.gates(context.session, unit, context.now) if not gate.holds]
    people = employees.size_of(context.session, unit.id)
    return [Reply(rollout_cards.go_live_card(unit, people, unmet, context.words))]


def set_live(context: Context, event: Pressed) -> list[Effect]:
    """`unit.live_now`: in for good."""
    return _moved(context, event, Phase.LIVE)


def pause(context: Context, event: Pressed) -> list[Effect]:
    """`unit.paused`: held back for a while."""
    return _moved(context, event, Phase.PAUSED)


def ask_to_send_back(context: Context, event: Pressed) -> list[Effect]:
    """`unit.waiting`: asks once."""
    unit = _unit(context, event)
    if unit.phase == Phase.WAITING:
        return show_rollout(context, event)
    return [Reply(rollout_cards.back_to_waiting_card(unit, context.words))]


def send_back(context: Context, event: Pressed) -> list[Effect]:
    """`unit.waiting_now`: out again."""
    return _moved(context, event, Phase.WAITING)


def _moved(context: Context, event: Pressed, phase: Phase) -> list[Effect]:
    """At once; what was planned for people of a unit that is no longer in is taken back."""
    unit = _unit(context, event)
    if unit.phase != phase:
        repository.move_unit(context.session, unit, phase, by=context.person, now=context.now)
        if unit.is_in:
            employees.plan_unit_again(context.session, unit.id)
        else:
            cancel_planned(context.session, context.now, unit_id=unit.id, reason="the unit is not in")
    return [Reply(rollout(context, rollout_cards.moved_line(unit, context.words)))]


def _unit(context: Context, event: Pressed) -> Unit:
    unit = organisation.unit_by_id(context.session, event.ref)
    if unit is None:
        raise Gone("That unit is gone. Type /chorus {command} to see all units.", command="rollout")
    return unit


def upcoming(activities: Sequence[Activity], *, since: datetime, until: datetime) -> list[Upcoming]:
    """In the order of the calendar."""
    found = [
        Upcoming(activity, when)
        for activity in activities
        for when in occurrences(
            datetime.fromisoformat(activity.starts),
            activity.time_zone,
            activity.minutes,
            activity.repeats,
            since=since,
            until=until,
        )
    ]
    return sorted(found, key=lambda item: (item.when.start, item.activity.id))


def crowded(coming: Sequence[Upcoming]) -> list[tuple[str, str, int]]:
    """(unit, ISO week, how many) where one group has more activities than it can follow."""
    weeks = Counter(
        (item.activity.unit or "", week_of(item.when.start.astimezone(ZoneInfo(item.activity.time_zone)).date()))
        for item in coming
    )
    return [(unit, week, number) for (unit, week), number in sorted(weeks.items()) if number > CROWDED]
