"""The budget of messages that are sent unasked: per person, day and week. Replies do not count."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from random import Random

from bot.core.context import Context, Job
from bot.core.rules import Rules
from bot.core.working_time import at_hour, country_of, is_rest, monday_of, working_days, zone_of
from storage.people.employees import Employee
from storage.sharing import plans
from storage.sharing.plans import ContactHistory

LOOK_BACK = timedelta(days=7)
LATEST = timedelta(minutes=5)  # before the end of the hours
AROUND_THE_CLOCK = (0, 24)  # hours whose end is no end
SLOW_AFTER, SILENT_AFTER = 3, 6  # unanswered in a row: half as often; stop and ask


def spoken_lately(
    job: Context | Job, ids: Sequence[int], *, week_from: datetime | None = None
) -> dict[int, ContactHistory]:
    """Unasked messages that these people got lately; their week begins at `week_from`, else on Monday, UTC."""
    begun = week_from or datetime.combine(monday_of(job.now.date()), time(), job.now.tzinfo)
    kinds = job.router.budgeted_kinds
    return plans.spoken_to(job.session, ids, kinds, since=job.now - LOOK_BACK, week_from=begun)


def next_nudge_at(
    spoken: ContactHistory | None,
    now: datetime,
    rules: Rules,
    *,
    is_fewer: bool,
    unanswered: int,
    day_start: datetime,
    reserved: int = 0,
) -> datetime | None:
    """From when on the budget allows a nudge, None when not today. `spoken`: in the last days and this week;
    `reserved`: messages that something else may still need this week."""
    halved = 2 if is_fewer or unanswered >= SLOW_AFTER else 1
    if spoken is None:
        return now
    if spoken.times + reserved >= max(1, rules.messages_a_week // halved):
        return None
    if spoken.last >= day_start and spoken.times >= rules.messages_a_day:
        return None
    if spoken.last_nudge is None:
        return now
    return max(now, spoken.last_nudge + timedelta(hours=rules.nudge_gap_hours * halved))


def next_moment(
    spoken: ContactHistory | None,
    now: datetime,
    until: datetime,
    rules: Rules,
    *,
    time_zone: str,
    country: str | None,
    random: Random,
) -> datetime | None:
    """A random moment of the person's first working day before `until` on which the budget has room; None where none
    has. `spoken`: in the last days and this week."""
    zone = zone_of(time_zone)
    today = now.astimezone(zone).date()
    before_the_end = timedelta(0) if rules.hours == AROUND_THE_CLOCK else LATEST
    for day in (today + timedelta(days=number) for number in range((until - now).days + 2)):
        start = max(now, at_hour(day, rules.hours[0], zone))
        end = min(until, at_hour(day, rules.hours[1], zone)) - before_the_end
        if start < end and _has_room(spoken, day, today, rules, time_zone, country):
            return start + min(end - start, timedelta(minutes=rules.nudge_spread_minutes)) * random.random()
    return None


def moment_for(
    job: Context | Job, person: Employee, within: timedelta = timedelta(days=7), *, is_new: bool = False
) -> datetime | None:
    """When something may be said to the person unasked, at a random moment of their next working day with room for it;
    None where there is none in that time. `is_new`: nothing was ever said to them, so that nobody need be asked."""
    return next_moment(
        None if is_new else spoken_lately(job, [person.id]).get(person.id),
        job.now,
        job.now + within,
        job.rules,
        time_zone=person.time_zone,
        country=person.country,
        random=job.random,
    )


def _has_room(
    spoken: ContactHistory | None, day: date, today: date, rules: Rules, time_zone: str, country: str | None
) -> bool:
    place = country_of(country, time_zone)
    if day.weekday() not in working_days(place) | set(rules.nudge_days):
        return False
    if not rules.on_holidays and is_rest(place, day):
        return False
    if spoken is None:
        return True
    if spoken.last.astimezone(zone_of(time_zone)).date() == day and rules.messages_a_day <= 1:
        return False
    return monday_of(day) > monday_of(today) or spoken.times < rules.messages_a_week
