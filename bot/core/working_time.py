"""When a person may be spoken to unasked: their hours, working days, public holidays and absence, in their own zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bot.core.rules import Rules

if TYPE_CHECKING:
    from holidays import HolidayBase

DAY_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAWN = time(5)  # local: when the day is planned
MONDAY_TO_FRIDAY = frozenset(range(5))  # Monday is 0
LONGEST_WAIT_DAYS = 366
NOWHERE = "ZZ"  # the country of UTC, in CLDR


WRONG_CLOCK = timedelta(seconds=30)  # by which this machine's clock and the database's may differ


class _Wrong:
    """By how much this machine's clock is ahead of the database's, where that is too much to go by it."""

    by = timedelta()


def machine_now() -> datetime:
    return datetime.now(UTC)


def utc_now() -> datetime:
    """By this machine's clock or, while that is wrong, by the one that all processes share."""
    return machine_now() - _Wrong.by


def compare_clocks(database_now: datetime) -> timedelta:
    """How far this machine's clock is ahead of the database's. From here on `utc_now` goes by the database's, if that
    is more than WRONG_CLOCK."""
    ahead = machine_now() - database_now
    _Wrong.by = ahead if abs(ahead) > WRONG_CLOCK else timedelta()
    return ahead


@lru_cache(maxsize=1024)
def zone_of(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def country_of(country: str | None, time_zone: str) -> str | None:
    """ISO 3166-1, or 3166-2 with a region ("DE-BY"): the person's own word, else the country of their time zone, also
    by an older name of it (CLDR); None where it has none."""
    if country:
        return country
    from babel.core import get_global  # takes memory that a clock does not need

    zones = get_global("zone_territories")
    found = zones.get(time_zone) or zones.get(get_global("zone_aliases").get(time_zone, ""))
    return None if found == NOWHERE else found


def is_known_place(country: str) -> bool:
    """Whether the holidays of that country, and of that region of it, are known."""
    nation, dash, region = country.partition("-")
    return nation in _regions() and (not dash or region in _regions()[nation])


@lru_cache(maxsize=4096)
def is_holiday(country: str | None, day: date) -> bool:
    """Whether the day is a public holiday there; False where the calendar is not known."""
    if country is None or country.partition("-")[0] not in _regions():
        return False
    return day in holidays_of(country, day.year)


@lru_cache(maxsize=512)
def working_days(country: str | None) -> frozenset[int]:
    """Days of the week that are worked there (CLDR); Monday to Friday where that is not known."""
    from babel.core import Locale, UnknownLocaleError

    try:
        locale = Locale.parse(f"und_{(country or '').partition('-')[0]}")
    except (UnknownLocaleError, ValueError):
        return MONDAY_TO_FRIDAY
    first, last = int(locale.weekend_start), int(locale.weekend_end)
    weekend = {(first + number) % 7 for number in range((last - first) % 7 + 1)}
    return frozenset(range(7)) - weekend


def is_working_day(country: str | None, day: date) -> bool:
    return day.weekday() in working_days(country) and not is_holiday(country, day)


def is_rest(country: str | None, day: date) -> bool:
    """Whether it is a public holiday there, or a weekend from Monday to Friday, as in Israel or Egypt. (Whether nudges
    go out on Saturdays and Sundays is for the organisation to say.)"""
    return is_holiday(country, day) or day.weekday() in MONDAY_TO_FRIDAY - working_days(country)


@lru_cache(maxsize=1)
def _regions() -> dict[str, list[str]]:
    import holidays  # a tenth of a second, for those who ask for a day

    return holidays.list_supported_countries()


@lru_cache(maxsize=512)
def holidays_of(country: str, year: int, language: str | None = None) -> HolidayBase:
    """The public holidays of a known country, with those of its region where that is named and known. `language`: of
    their names, "en", where the library has it for that country; else the country's own."""
    import holidays

    nation, _, region = country.partition("-")
    known = region if region in _regions()[nation] else None
    names = holidays.list_localized_countries().get(nation, [])
    its_name = next((name for name in names if name.split("_")[0] == language), None)
    return holidays.country_holidays(nation, subdiv=known, years=year, language=its_name)


def is_day_off(moment: datetime, *, time_zone: str, country: str | None) -> bool:
    """Whether it is a weekend or a public holiday there then."""
    return not is_working_day(country_of(country, time_zone), moment.astimezone(zone_of(time_zone)).date())


def is_quiet(now: datetime, *, time_zone: str, country: str | None, rules: Rules) -> bool:
    """Whether nothing may be said unasked at this moment: outside the hours, or on a day of rest."""
    local = now.astimezone(zone_of(time_zone))
    if not rules.hours[0] <= local.hour < rules.hours[1]:
        return True
    return not rules.on_holidays and is_rest(country_of(country, time_zone), local.date())


def is_same_day(one: datetime, other: datetime, *, time_zone: str) -> bool:
    """Whether both moments are of one day there."""
    zone = zone_of(time_zone)
    return one.astimezone(zone).date() == other.astimezone(zone).date()


def after_working_hours(
    start: datetime, hours: float, *, time_zone: str, country: str | None, office: tuple[int, int]
) -> datetime:
    """The moment (UTC) when `hours` of working time have passed since `start`: office hours of working days in that
    zone, without public holidays. Hours are counted as they pass: a change of the clock takes or gives none."""
    zone, holding = zone_of(time_zone), country_of(country, time_zone)
    left, day = timedelta(hours=hours), start.astimezone(zone).date()
    for _ in range(LONGEST_WAIT_DAYS):
        if is_working_day(holding, day):
            opens, closes = (at_hour(day, hour, zone).astimezone(UTC) for hour in office)
            begins = max(start, opens)
            if begins + left <= closes:
                return begins + left
            left -= max(timedelta(), closes - begins)
        day += timedelta(days=1)
    return start + timedelta(days=LONGEST_WAIT_DAYS)


def at_hour(day: date, hour: int, zone: ZoneInfo) -> datetime:
    """That hour of the day there, by the clocks on the wall; 24 is the midnight at its end."""
    return datetime.combine(day, time(), zone) + timedelta(hours=hour)


def week_of(day: date) -> str:
    """ISO week, "2026-W47"."""
    year, week, _day = day.isocalendar()
    return f"{year}-W{week:02}"


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())
