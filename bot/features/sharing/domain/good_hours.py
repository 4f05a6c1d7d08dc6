"""When a post is put out that is to go out at a good hour: while people at work look at their feeds."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from bot.core.working_time import is_day_off, zone_of

TIMES = (time(8, 30), time(12, 0), time(16, 30))  # local: before work, at noon, at its end
SOON = timedelta(minutes=20)  # nearer than that is now
LOOKS_AHEAD = 31  # days


def next_good_hour(now: datetime, *, time_zone: str, country: str | None) -> datetime:
    """The next of TIMES on a working day of the person's zone and country (UTC), SOON from now or later."""
    zone = zone_of(time_zone)
    day = now.astimezone(zone).date()
    for _ in range(LOOKS_AHEAD):
        for hour in TIMES:
            moment = datetime.combine(day, hour, zone)
            if moment >= now + SOON and not is_day_off(moment, time_zone=time_zone, country=country):
                return moment.astimezone(UTC)
        day += timedelta(days=1)
    return now
