"""The calendar as iCalendar (RFC 5545), for Outlook, Google and every other calendar that subscribes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, vRecur

from bot.core.recurrence import checked_rule
from storage.framework.framework import Activity

REFRESH = timedelta(hours=6)  # how often a calendar need look again


def calendar(activities: Sequence[Activity], *, name: str, now: datetime) -> bytes:
    """All activities as events with their own rule, at local time: the subscriber's calendar works out the days."""
    found = Calendar()
    found.add("prodid", "-//Chorus//Calendar of activities//EN")
    found.add("version", "2.0")
    found.add("x-wr-calname", name)
    found.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    for activity in activities:
        found.add_component(_event(activity, now))
    found.add_missing_timezones()
    return bytes(found.to_ical())


def _event(activity: Activity, now: datetime) -> Event:
    zone = ZoneInfo(activity.time_zone)
    event = Event()
    event.add("uid", f"{activity.id}@chorus")
    event.add("dtstamp", now)
    event.add("summary", activity.name)
    event.add("dtstart", _first(activity).replace(tzinfo=zone))
    event.add("duration", timedelta(minutes=activity.minutes))
    if activity.unit:
        event.add("categories", [activity.unit])
    if activity.repeats:
        event.add("rrule", _rule(activity.repeats, zone))
    return event


def _first(activity: Activity) -> datetime:
    """The first day of the rule: some calendars take the start for an occurrence even where the rule does not."""
    starts = datetime.fromisoformat(activity.starts)
    return next(iter(checked_rule(activity.repeats, starts))) if activity.repeats else starts


def _rule(repeats: str, zone: ZoneInfo) -> vRecur:
    """The rule, its end in UTC as the standard asks where the start has a zone; we read it as local time."""
    rule: vRecur = vRecur.from_ical(repeats.strip().upper().replace("Z", ""))
    if "UNTIL" in rule:
        rule["UNTIL"] = [_moment(value).replace(tzinfo=zone).astimezone(UTC) for value in rule["UNTIL"]]
    return rule


def _moment(value: object) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
