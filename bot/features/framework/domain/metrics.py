"""How far a goal is: its metric computed from what happened, its pace, and where it will be when it is due.

Totals (shares, clicks, leads) are counted from the goal's start. Levels (rates, people a week) are those of the last
four full weeks; a pulse level is that of the newest released round.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum
from itertools import dropwhile
from math import sqrt
from statistics import fmean, linear_regression, stdev

from storage.database import Session
from storage.framework import goal_metrics
from storage.framework.framework import Goal
from storage.framework.goal_metrics import WEEK, Counts, Span
from storage.people import organisation
from storage.pulse import readings, rounds

TOTALS = ("shares", "clicks", "leads")
PERCENT = ("questions_in_time", "pulse", "own_words", "mentions_answered")
LEVEL_WEEKS = 4
ENOUGH = 4  # weeks or rounds, below which nothing is foretold
SURE = 0.80  # what the interval of a forecast holds


class Outlook(StrEnum):
    """Where a goal is heading."""

    REACHED = "reached"
    LIKELY = "likely"
    UNSURE = "unsure"
    UNLIKELY = "unlikely"
    TOO_EARLY = "too_early"
    MISSED = "missed"


_COUNTED: dict[str, Callable[[Session, Span], Counts]] = {
    "active_sharers": goal_metrics.sharers,
    "shares": goal_metrics.shares,
    "clicks": goal_metrics.clicks,
    "clicks_per_share": goal_metrics.clicks,
    "leads": goal_metrics.leads,
    "questions_in_time": goal_metrics.questions_in_time,
    "own_words": goal_metrics.own_words,
    "mentions_answered": goal_metrics.mentions_answered,
}
OVER_WEEKS = tuple(name for name in _COUNTED if name not in TOTALS)  # levels that are those of the last LEVEL_WEEKS


@dataclass(frozen=True, slots=True)
class Forecast:
    """Where the metric will be when the goal is due: the middle, and the 80 % prediction interval."""

    middle: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class GoalStanding:
    """`now`: None where nothing could be counted yet. `expected`: where it would be on a straight way to the target."""

    now: float | None
    expected: float
    forecast: Forecast | None
    verdict: str


def standing_of_goal(session: Session, goal: Goal, now: datetime) -> GoalStanding:
    """How far `goal` is."""
    begins, ends = _midnight(goal.starts), _midnight(goal.due)
    seen = min(now, ends)
    elapsed = min(1.0, max(0.0, (seen - begins) / (ends - begins)))
    left = max(0.0, (ends - now) / WEEK)
    value: float | None
    if goal.metric in TOTALS:
        weeks = max(0, -(-(seen - begins) // WEEK))
        found = [part for part, _whole in _counts(session, goal, begins, weeks)]
        value, expected = sum(found), goal.target * elapsed
        forecast = forecast_total(value, _since_the_first(found[: (seen - begins) // WEEK]), left)
    else:
        levels, value = _levels(session, goal, begins, seen)
        expected = goal.baseline + (goal.target - goal.baseline) * elapsed
        forecast = forecast_level(levels, left, most=100.0 if goal.metric in PERCENT else None)
    verdict = _verdict(value, goal.target, forecast, is_over=now >= ends, can_fall=goal.metric not in TOTALS)
    return GoalStanding(value, expected, forecast, verdict)


def forecast_total(done: float, weekly: Sequence[float], weeks_left: float) -> Forecast | None:
    """`done` and what `weeks_left` more weeks like those so far will add; None before there are four.

    Prediction interval of a sum of m further values from the same normal distribution: m·ȳ ± t·s·√(m + m²/n).
    """
    n = len(weekly)
    if n < ENOUGH:
        return None
    mean, spread = fmean(weekly), stdev(weekly)
    half = _t(n - 1) * spread * sqrt(weeks_left + weeks_left**2 / n)
    middle = done + weeks_left * mean
    return Forecast(middle, max(done, middle - half), middle + half)


def forecast_level(levels: Sequence[float], weeks_left: float, *, most: float | None) -> Forecast | None:
    """The straight line through the weeks so far, drawn on; None before there are four, and where they differ so much
    that it could be anything from 0 to `most`.

    Prediction interval of simple linear regression: ŷ ± t·s·√(1 + 1/n + (x − x̄)²/Sxx).
    """
    n = len(levels)
    if n < ENOUGH:
        return None
    slope, start = linear_regression(range(n), levels)
    s = sqrt(sum((level - start - slope * x) ** 2 for x, level in enumerate(levels)) / (n - 2))
    at, mean = n - 1 + weeks_left, (n - 1) / 2
    half = _t(n - 2) * s * sqrt(1 + 1 / n + (at - mean) ** 2 / sum((x - mean) ** 2 for x in range(n)))
    middle = start + slope * at
    high = most if most is not None else float("inf")
    if middle - half <= 0 and middle + half >= high:
        return None
    return Forecast(*(min(high, max(0.0, value)) for value in (middle, middle - half, middle + half)))


def _levels(session: Session, goal: Goal, begins: datetime, seen: datetime) -> tuple[list[float], float | None]:
    """(the level of each week since the start, that of the last weeks together)."""
    if goal.metric == "pulse":
        found = _released(session, goal, begins, seen)
        return found, found[-1] if found else None
    weeks = max(0, (seen - begins) // WEEK)
    recent = _counts(session, goal, seen - LEVEL_WEEKS * WEEK, LEVEL_WEEKS)
    scale = 100.0 if goal.metric in PERCENT else 1.0
    levels = [scale * part / whole for part, whole in _counts(session, goal, begins, weeks) if whole]
    if goal.metric not in PERCENT:
        levels = _since_the_first(levels)
    whole = sum(whole for _part, whole in recent)
    return levels, scale * sum(part for part, _whole in recent) / whole if whole else None


def _since_the_first(weekly: Sequence[float]) -> list[float]:
    """Without the weeks before anything was counted: a goal may start before Chorus did, or the unit was in."""
    return list(dropwhile(lambda value: value == 0, weekly))


def _counts(session: Session, goal: Goal, start: datetime, weeks: int) -> Counts:
    span = Span(start, weeks, unit=goal.unit, channel=goal.channel)
    return _COUNTED[goal.metric](session, span) if weeks else []


def _released(session: Session, goal: Goal, begins: datetime, seen: datetime) -> list[float]:
    """Per cent favourable as read at the close of each round that asked about the area."""
    unit = next((row.id for row in organisation.units(session) if row.name == goal.unit), None)
    if goal.unit is not None and unit is None:
        return []
    found = []
    for row in reversed(rounds.listed(session)):
        if row.factor == goal.factor and row.closed_at is not None and begins <= row.closed_at <= seen:
            reading = readings.of_round(row)
            levels = (reading.organisation if unit is None else reading.units.get(unit, {})) if reading else {}
            if (level := levels.get(row.factor)) is not None:
                found.append(100 * level.mean)
    return found


def _verdict(value: float | None, target: float, forecast: Forecast | None, *, is_over: bool, can_fall: bool) -> str:
    """A level that is at its target is not there for good before the goal is due: it can fall."""
    if value is not None and value >= target and (is_over or not can_fall):
        return Outlook.REACHED
    if is_over:
        return Outlook.MISSED
    if forecast is None:
        return Outlook.TOO_EARLY
    if forecast.low >= target:
        return Outlook.LIKELY
    return Outlook.UNLIKELY if forecast.high < target else Outlook.UNSURE


def _t(degrees: int) -> float:
    from scipy.special import stdtrit  # a third of a second: only for those who compute

    return float(stdtrit(degrees, 0.5 + SURE / 2))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
