"""The calendar: what happens when, by month or week; on a phone as a list of days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date, get_day_names

from adapters.web.console.parts import Segment
from adapters.web.console.query import Query
from bot.core.context import Context
from bot.core.i18n import Words, capital
from bot.core.working_time import country_of, holidays_of, is_known_place, monday_of, week_of
from bot.features.framework.cards import Upcoming
from bot.features.framework.handlers import views
from bot.features.framework.handlers.editing import versions_of
from storage.digest import digests
from storage.framework import framework
from storage.pulse import rounds
from storage.sharing import posts

DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
MOST_OF_DAY = 3  # entries that a day of the month shows; the week shows all
MOST_YEARS = 5  # forwards and back
SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Entry:
    """`kind`: "", activity, ends or quiet; `at`: the time, "" for the whole day."""

    label: str
    address: str
    kind: str = ""
    at: str = ""


@dataclass(frozen=True, slots=True)
class Day:
    number: int
    name: str  # "Tue 24 Nov"
    iso: str
    entries: Sequence[Entry]
    more: int
    is_outside: bool
    is_today: bool
    is_weekend: bool


@dataclass(frozen=True, slots=True)
class WeekRow:
    number: int
    address: str
    days: Sequence[Day]


@dataclass(frozen=True, slots=True)
class CalendarPage:
    name: str
    looks: Sequence[Segment]
    before: str
    after: str
    today: str
    day_names: Sequence[tuple[str, str]]  # (short, whole)
    weeks: Sequence[WeekRow]
    may_add: bool
    crowded: Sequence[str]


def view(context: Context, query: Query) -> CalendarPage:
    words = context.words
    zone = ZoneInfo(context.person.time_zone)
    today = context.now.astimezone(zone).date()
    is_week = query.among("look", ("week",)) == "week"
    chosen = _within_reach(query.day("day") or today, today)
    first = monday_of(chosen if is_week else chosen.replace(day=1))
    last = first + WEEK if is_week else _after_month(chosen)
    start, end = (datetime.combine(day, time(), zone) for day in (first, last))
    coming = views.upcoming(framework.activities(context.session), since=start, until=end)
    entries = _entries(context, first, last, coming)
    here = Query("/console/calendar", "", {"look": "week"} if is_week else {})
    return CalendarPage(
        name=_name(chosen, first, words, is_week=is_week),
        looks=[
            Segment(words.t("Month"), here.address(look="", day=chosen), not is_week),
            Segment(words.t("Week"), here.address(look="week", day=chosen), is_week),
        ],
        before=here.address(day=first - WEEK if is_week else chosen.replace(day=1) - DAY),
        after=here.address(day=first + WEEK if is_week else _next_month(chosen)),
        today=here.address(day=""),
        day_names=_day_names(words),
        weeks=[
            _week(first + number * WEEK, chosen, today, entries, words, is_week=is_week)
            for number in range((last - first) // WEEK)
        ],
        may_add=context.person.has_role("lead"),
        crowded=_crowded(coming, words),
    )


def _week(
    monday: date, chosen: date, today: date, entries: dict[date, list[Entry]], words: Words, *, is_week: bool
) -> WeekRow:
    days = [monday + number * DAY for number in range(7)]
    return WeekRow(
        monday.isocalendar().week,
        Query("/console/calendar").address(look="week", day=monday),
        [
            Day(
                day.day,
                words.weekday(day),
                day.isoformat(),
                found if is_week or len(found) <= MOST_OF_DAY else found[: MOST_OF_DAY - 1],
                0 if is_week or len(found) <= MOST_OF_DAY else len(found) - MOST_OF_DAY + 1,
                not is_week and day.month != chosen.month,
                day == today,
                day.weekday() >= SATURDAY,
            )
            for day in days
            for found in [entries.get(day, [])]
        ],
    )


def _entries(context: Context, first: date, last: date, coming: Sequence[Upcoming]) -> dict[date, list[Entry]]:
    """By day, where the viewer is: holidays, then what has a time by it."""
    words, zone = context.words, ZoneInfo(context.person.time_zone)
    start, end = (datetime.combine(day, time(), zone) for day in (first, last))
    found: list[tuple[datetime, Entry]] = []
    versions = versions_of(context, "activities")
    for item in coming:
        address = f"/console/open/part.activities/{versions[item.activity.id]}" if item.activity.id in versions else ""
        found.append((item.when.start, Entry(item.activity.name, address, "activity")))
    for post in posts.starting_between(context.session, start, end):
        found.append(
            (
                post.embargo_until or start,
                Entry(words.t("Out: {title}", title=post.title), f"/console/library/{post.id}"),
            )
        )
    for post in posts.ending_between(context.session, start, end):
        found.append(
            (
                post.expires_at or end,
                Entry(words.t("Ends: {title}", title=post.title), f"/console/library/{post.id}", "ends"),
            )
        )
    for row in rounds.listed(context.session):
        found.append((row.opened_at, Entry(words.t("Pulse round opens"), "/console/pulse", "quiet")))
        closed = row.closed_at or row.closes_at
        found.append((closed, Entry(words.t("Pulse round closes"), "/console/pulse", "quiet")))
    by_day: dict[date, list[Entry]] = {}
    told = digests.weeks_between(context.session, week_of(first - WEEK), week_of(last))
    for monday in (first + number * WEEK for number in range((last - first) // WEEK)):
        week = week_of(monday - WEEK)
        label = words.t("Digest of week {number}", number=int(week.partition("-W")[2]))
        address = f"/console/digests/{week}" if week in told else ""
        by_day.setdefault(monday, []).append(Entry(label, address, "quiet"))
    for day, name in _holidays(context, first, last):
        by_day.setdefault(day, []).append(Entry(name, "", "quiet"))
    for when, entry in sorted(found, key=lambda one: one[0]):
        local = when.astimezone(zone)
        if first <= local.date() < last:
            at = words.time(local.time())
            by_day.setdefault(local.date(), []).append(Entry(entry.label, entry.address, entry.kind, at))
    return by_day


def _holidays(context: Context, first: date, last: date) -> list[tuple[date, str]]:
    country = country_of(context.person.country, context.person.time_zone)
    if country is None or not is_known_place(country.partition("-")[0]):
        return []
    years, language = range(first.year, last.year + 1), context.words.language
    known = [day for year in years for day in holidays_of(country, year, language).items()]
    return sorted((day, name) for day, name in known if first <= day < last)


def _crowded(coming: Sequence[Upcoming], words: Words) -> list[str]:
    return [
        words.t(
            "Busy for {unit} in {week}: {number} activities.",
            unit=unit or words.t("everybody"),
            number=number,
            week=words.week(week),
        )
        for unit, week, number in views.crowded(coming)
    ]


def _name(chosen: date, first: date, words: Words, *, is_week: bool) -> str:
    if is_week:
        year, week, _day = first.isocalendar()
        name = words.week(f"{year}-W{week:02}")
    else:
        name = str(format_date(chosen, "LLLL yyyy", locale=words.language))
    return capital(name)


def _day_names(words: Words) -> list[tuple[str, str]]:
    short, wide = (
        get_day_names(width, context="stand-alone", locale=words.language) for width in ("abbreviated", "wide")
    )
    return [(short[number], wide[number]) for number in range(7)]


def _next_month(day: date) -> date:
    return (day.replace(day=28) + 7 * DAY).replace(day=1)


def _after_month(day: date) -> date:
    """The Monday behind the weeks that the month is in."""
    return monday_of(_next_month(day) - DAY) + WEEK


def _within_reach(day: date, today: date) -> date:
    return min(
        max(day, today.replace(day=1, year=today.year - MOST_YEARS)), today.replace(day=1, year=today.year + MOST_YEARS)
    )
