"""The stretches of time that are compared: whole ISO weeks, UTC, as in the digest, or days of one's choice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
LONGEST = timedelta(days=366)


class PeriodKind(StrEnum):
    """How long a period is."""

    WEEK = "week"
    FOUR_WEEKS = "four"
    QUARTER = "quarter"  # thirteen weeks
    DAYS = "days"


LENGTHS = {PeriodKind.WEEK: WEEK, PeriodKind.FOUR_WEEKS: 4 * WEEK, PeriodKind.QUARTER: 13 * WEEK}
HISTORY = {
    PeriodKind.WEEK: 24,
    PeriodKind.FOUR_WEEKS: 12,
    PeriodKind.QUARTER: 4,
    PeriodKind.DAYS: 6,
}  # periods before it


@dataclass(frozen=True, slots=True)
class Period:
    """[start, end), aware, UTC, both at midnight."""

    kind: PeriodKind
    start: datetime
    end: datetime

    @property
    def length(self) -> timedelta:
        return self.end - self.start

    @property
    def last_day(self) -> date:
        return (self.end - DAY).date()

    @property
    def borders(self) -> list[datetime]:
        """Where the periods of its history begin, its own start, and its end: all equally long, the oldest first."""
        back = HISTORY[self.kind]
        return [self.start - number * self.length for number in range(back, -1, -1)] + [self.end]


def current(kind: PeriodKind, now: datetime) -> Period:
    """The last whole weeks that are over. Raises KeyError for days of one's choice."""
    today = now.astimezone(UTC).date()
    end = datetime.combine(today - timedelta(days=today.weekday()), datetime.min.time(), UTC)
    return Period(kind, end - LENGTHS[kind], end)


def chosen(first: date, last: date) -> Period | None:
    """From the first to the last day, both included; None where that is no time, or longer than a year."""
    start = datetime.combine(min(first, last), datetime.min.time(), UTC)
    try:
        end = datetime.combine(max(first, last) + DAY, datetime.min.time(), UTC)
        start - HISTORY[PeriodKind.DAYS] * (end - start)
    except OverflowError:
        return None
    return Period(PeriodKind.DAYS, start, end) if end - start <= LONGEST else None
