"""When a person may be spoken to unasked: their hours, working days, public holidays and absence, in their own zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays
from babel.core import get_global

from bot.core.context import Rules

DAY_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAWN = time(5)  # local: when the day is planned
WORKING_DAYS = frozenset(range(5))  # Monday is 0
LONGEST_WAIT_DAYS = 366


@lru_cache(maxsize=1024)
def zone_of(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def country_of(country: str | None, time_zone: str) -> str | None:
    """ISO 3166-1: the person's own word, else the country of their time zone (CLDR); None where it has none."""
    return country or get_global("zone_territories").get(time_zone)


@lru_cache(maxsize=4096)
def is_holiday(country: str | None, day: date) -> bool:
    """Whether the day is a public holiday there; False where the calendar is not known."""
    if country is None or country not in _known_countries():
        return False
    return day in _holidays(country, day.year)


@lru_cache(maxsize=1)
def _known_countries() -> frozenset[str]:
    return frozenset(holidays.list_supported_countries())


@lru_cache(maxsize=512)
def _holidays(country: str, year: int) -> holidays.HolidayBase:
    return holidays.country_holidays(country, years=year)


def is_day_off(moment: datetime, *, time_zone: str, country: str | None) -> bool:
    """Whether it is a weekend or a public holiday there then."""
    day = moment.astimezone(zone_of(time_zone)).date()
    return day.weekday() not in WORKING_DAYS or is_holiday(country_of(country, time_zone), day)


def is_quiet(now: datetime, *, time_zone: str, country: str | None, rules: Rules) -> bool:
    """Whether nothing may be said unasked at this moment: outside the hours, or on a public holiday."""
    local = now.astimezone(zone_of(time_zone))
    if not rules.hours[0] <= local.hour < rules.hours[1]:
        return True
    return not rules.on_holidays and is_holiday(country_of(country, time_zone), local.date())


def after_working_hours(
    start: datetime, hours: float, *, time_zone: str, country: str | None, office: tuple[int, int]
) -> datetime:
    """The moment (UTC) when `hours` of working time have passed since `start`: office hours of working days in that
    zone, without public holidays. Hours are counted as they pass: a change of the clock takes or gives none."""
    zone, holding = zone_of(time_zone), country_of(country, time_zone)
    left, day = timedelta(hours=hours), start.astimezone(zone).date()
    for _ in range(LONGEST_WAIT_DAYS):
        if day.weekday() in WORKING_DAYS and not is_holiday(holding, day):
            opens, closes = (datetime.combine(day, time(hour), zone).astimezone(UTC) for hour in office)
            begins = max(start, opens)
            if begins + left <= closes:
                return begins + left
            left -= max(timedelta(), closes - begins)
        day += timedelta(days=1)
    return start + timedelta(days=LONGEST_WAIT_DAYS)


def week_of(day: date) -> str:
    """ISO week, "2026-W47"."""
    year, week, _day = day.isocalendar()
    return f"{year}-W{week:02}"


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())
