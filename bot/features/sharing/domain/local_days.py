"""Today in people's calendars: computed once for each time zone and country, not for each person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from bot.core.rules import Rules
from bot.core.working_time import country_of, is_rest, monday_of, week_of, zone_of
from bot.features.sharing.domain.slots import Slot, slots_of_week
from storage.sharing.plans import Candidate

Calendar = tuple[str, str | None]  # a time zone, and the country that a person named


@dataclass(frozen=True, slots=True)
class Day:
    """Today by one calendar; moments are aware, UTC."""

    week: str
    week_starts: datetime
    starts: datetime
    is_free: bool  # a public holiday, or the weekend there: nobody is spoken to unasked
    open: Mapping[str, tuple[datetime, datetime]]  # today's slots that are not over yet, in order: from when to when
    left: tuple[Slot, ...]  # the week's slots that are not over and fall on no such day
    left_names: tuple[str, ...]


def calendar_of(person: Candidate) -> Calendar:
    return person.time_zone, person.country


def days_of(people: Iterable[Candidate], now: datetime, rules: Rules) -> dict[Calendar, Day]:
    """The day of each calendar that one of `people` lives by."""
    slots = slots_of_week(rules)
    return {calendar: _day(calendar, now, rules, slots) for calendar in {calendar_of(person) for person in people}}


def _day(calendar: Calendar, now: datetime, rules: Rules, slots: Iterable[Slot]) -> Day:
    time_zone, country = calendar[0], country_of(calendar[1], calendar[0])
    zone = zone_of(time_zone)
    today = now.astimezone(zone).date()
    monday = monday_of(today)

    def is_free(day: date) -> bool:
        return not rules.on_holidays and is_rest(country, day)

    to_come = [slot for slot in slots if slot.window(monday, time_zone)[1] > now]
    left = tuple(slot for slot in to_come if not is_free(monday + timedelta(days=slot.day)))
    return Day(
        week=week_of(today),
        week_starts=datetime.combine(monday, time(), zone).astimezone(UTC),
        starts=datetime.combine(today, time(), zone).astimezone(UTC),
        is_free=is_free(today),
        open={slot.name: slot.window(monday, time_zone) for slot in to_come if slot.day == today.weekday()},
        left=left,
        left_names=tuple(slot.name for slot in left),
    )
