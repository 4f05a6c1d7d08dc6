"""What is due when: zone-aware arithmetic on moments, without a clock of its own.

A local time that does not exist (the clocks go forward) is taken as the moment the same time after the jump; one
that exists twice (they go back) is taken the first time. So each local day has each job exactly once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from bot.core.schedule import Daily, Every, Weekly, When
from bot.core.working_time import zone_of

CATCH_UP = timedelta(days=1)  # a run missed by less is made up for, once; older ones are skipped
STEP = timedelta(minutes=15)  # every offset of a zone is a multiple of it
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class DueRun:
    """One run that should be: `label` names it among all runs of its job and zone."""

    label: str
    at: datetime  # UTC


@dataclass(frozen=True, slots=True)
class Due:
    """The run to make now, if any, and missed runs that are too old to make up for."""

    run: DueRun | None
    skipped: tuple[DueRun, ...] = ()


def due(when: When, zone: str, *, since: datetime, now: datetime) -> Due:
    """What fell due after `since`, up to `now` (aware, UTC), in `zone` (IANA)."""
    if isinstance(when, Every):
        occurrence = _bin(when, now)
        return Due(occurrence if occurrence.at > since else None)
    missed = list(occurrences(when, zone, since=since, until=now))
    if not missed:
        return Due(None)
    last = missed[-1]
    if now - last.at < CATCH_UP:
        return Due(last, tuple(missed[:-1]))
    return Due(None, tuple(missed))


def occurrences(when: Daily | Weekly, zone: str, *, since: datetime, until: datetime) -> Iterator[DueRun]:
    """All runs of `when` in `zone` after `since` and until `until`, in order; at most those of the last 31 days."""
    local = zone_of(zone)
    day = max(since, until - 31 * DAY).astimezone(local).date()
    last = until.astimezone(local).date()
    while day <= last:
        if isinstance(when, Daily) or day.weekday() == when.weekday:
            at = moment(day, when.at, zone)
            if at is not None and since < at <= until:
                yield DueRun(day.isoformat(), at)
        day += DAY


def moment(day: date, at: time, zone: str) -> datetime | None:
    """The moment (UTC) of that local day at that local time; None where the zone left the whole day out."""
    local = zone_of(zone)
    found = datetime.combine(day, at, tzinfo=local).astimezone(UTC)
    while found.astimezone(local).date() > day:  # a jump at the end of the day: its last moment before it
        found -= STEP
    return found if found.astimezone(local).date() == day else None


def _bin(when: Every, now: datetime) -> DueRun:
    number = int(now.timestamp() // when.seconds)
    return DueRun(str(number), datetime.fromtimestamp(number * when.seconds, UTC))
