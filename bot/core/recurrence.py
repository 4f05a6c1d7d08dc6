"""When an activity happens: RFC 5545 rules in local time, so that nine o'clock stays nine across a change of the clock.

Occurrences are dateutil's, taken on the wall clock and then placed in the zone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import MAXYEAR, UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import regex
from dateutil.rrule import rrule, rrulestr

MOST = 1000  # occurrences looked at in one window
SOON = timedelta(days=5 * 366)
CYCLE = 400  # years of the Gregorian calendar
_RULE = regex.compile(r"^FREQ=(YEARLY|MONTHLY|WEEKLY|DAILY)(;[A-Z]+=[A-Z0-9,+-]+)*$")
_KEYS = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTH", "BYMONTHDAY", "BYSETPOS", "WKST"}


class BadRule(ValueError):
    """The rule cannot be kept."""


@dataclass(frozen=True, slots=True)
class Occurrence:
    """From `start` to `end`, aware, UTC."""

    start: datetime
    end: datetime


def checked_rule(rule: str, starts: datetime) -> rrule:
    """The rule, counted from `starts` (local, without a zone). Raises BadRule."""
    text = rule.strip().upper()
    if not _RULE.match(text):
        raise BadRule("that is no rule of RFC 5545, or it repeats more often than once a day")
    keys = [pair.partition("=")[0] for pair in text.split(";")]
    if unknown := sorted(set(keys) - _KEYS):
        raise BadRule(f"{unknown[0]} is not taken")
    if len(keys) != len(set(keys)):
        raise BadRule("a key stands there twice")
    try:
        found = rrulestr(text.replace("Z", ""), dtstart=starts)  # no key has a Z: it is that of UNTIL's moment
        if not isinstance(found, rrule):
            raise BadRule("one rule only")
        late = _in_last_cycle(starts)
        first = next(iter(found.replace(dtstart=late, count=None, until=late + SOON)), None)
    except (ValueError, TypeError, OverflowError) as cause:
        raise BadRule("that rule makes no sense") from cause
    if first is None or next(iter(found), None) is None:
        raise BadRule("that rule has no day in its first five years")
    return found


def _in_last_cycle(day: datetime) -> datetime:
    """The same day in the calendar's last 400 years, which has the same weekday. A rule that never happens is searched
    for until the year 9999: that takes seven seconds from today, and a third of one from there."""
    return day.replace(year=day.year + (MAXYEAR - 5 - day.year) // CYCLE * CYCLE)


def occurrences(
    starts: datetime, time_zone: str, minutes: int, repeats: str | None, *, since: datetime, until: datetime
) -> Iterator[Occurrence]:
    """Those that touch the window, in order. `starts` is local; `since` and `until` are aware."""
    zone, length = ZoneInfo(time_zone), timedelta(minutes=minutes)
    window = (since.astimezone(zone).replace(tzinfo=None) - length, until.astimezone(zone).replace(tzinfo=None))
    locals_ = checked_rule(repeats, starts).xafter(window[0], count=MOST, inc=True) if repeats else iter((starts,))
    for local in locals_:
        if local > window[1]:
            return
        start = local.replace(tzinfo=zone).astimezone(UTC)
        if start < until and start + length > since:
            yield Occurrence(start, start + length)
