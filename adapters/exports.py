"""Exports: sums only, with small groups suppressed; for the console, the API and the command line."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from bot.core.i18n import Words
from bot.features.digest.domain import facts as facting
from bot.features.digest.domain.facts import WeekFacts
from storage.database import Session
from storage.digest import digests, event_view

SINCE = timedelta(weeks=53)
Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Export:
    title: Callable[[Words], str]
    columns: tuple[str, ...]
    rows: Callable[[Session, datetime], Rows]

    def within(self, session: Session, now: datetime, first: date | None, last: date | None) -> Rows:
        """The rows whose day, or whose week's Monday, is from `first` to `last`, both included; None: as far back, or
        as late, as it goes (53 weeks)."""
        first, last = in_order(first, last)
        return [
            row
            for row in self.rows(session, now)
            if (first is None or _day_of(row) >= first) and (last is None or _day_of(row) <= last)
        ]


def in_order(first: date | None, last: date | None) -> tuple[date | None, date | None]:
    """The earlier first, whichever way round somebody has chosen them; None: no bound."""
    return (last, first) if first is not None and last is not None and first > last else (first, last)


def _day_of(row: Mapping[str, Any]) -> date:
    if "week" in row:
        return date.fromisoformat(f"{row['week']}-1")
    return date.fromisoformat(str(row["day"]))


def _weeks(session: Session, _now: datetime) -> Rows:
    return [{"week": facts.week, "revision": revision, **facting.figures(facts)} for facts, revision in _facts(session)]


def _funnel(part: str) -> Callable[[Session, datetime], Rows]:
    """Posts, channels or units of each week; units too small to stand alone are together already in the facts."""

    def rows(session: Session, _now: datetime) -> Rows:
        return [
            {
                "week": facts.week,
                part: row.label or "small units together",
                "nudged": row.nudged,
                "opened": row.opened,
                "shared": row.shared,
                "clicks": row.clicks,
            }
            for facts, _revision in _facts(session)
            for row in getattr(facts, f"{part}s")
        ]

    return rows


def _goals(session: Session, _now: datetime) -> Rows:
    return [
        {
            "week": facts.week,
            "goal": goal.name,
            "metric": goal.metric,
            "now": goal.now,
            "expected": goal.expected,
            "target": goal.target,
            "due": goal.due.isoformat(),
            "verdict": goal.verdict,
            "low": goal.low,
            "high": goal.high,
        }
        for facts, _revision in _facts(session)
        for goal in facts.goals
    ]


def _pulse(session: Session, _now: datetime) -> Rows:
    return [
        {
            "week": facts.week,
            "factor": item.factor,
            "value": item.value,
            "low": item.low,
            "high": item.high,
            "stage": item.stage,
            "change": item.change,
        }
        for facts, _revision in _facts(session)
        for item in facts.pulse.factors
    ]


def _events(session: Session, now: datetime) -> Rows:
    return [
        {"day": day, "kind": kind, "channel": channel, "number": number}
        for day, kind, channel, number in event_view.by_day(session, now - SINCE, now)
    ]


def _facts(session: Session) -> list[tuple[WeekFacts, int]]:
    """A year of weeks, the newest first."""
    return [(facting.from_json(row.facts), row.revision) for row in digests.newest(session, 53)]


_STEPS = ("nudged", "opened", "shared", "clicks")
EXPORTS: dict[str, Export] = {
    "weeks": Export(lambda w: w.t("Weeks"), ("week", "revision", *facting.FIGURES), _weeks),
    "posts": Export(lambda w: w.t("Posts by week"), ("week", "post", *_STEPS), _funnel("post")),
    "channels": Export(lambda w: w.t("Channels by week"), ("week", "channel", *_STEPS[1:]), _funnel("channel")),
    "units": Export(lambda w: w.t("Units by week"), ("week", "unit", *_STEPS), _funnel("unit")),
    "goals": Export(
        lambda w: w.t("Goals by week"),
        ("week", "goal", "metric", "now", "expected", "target", "due", "verdict", "low", "high"),
        _goals,
    ),
    "pulse": Export(
        lambda w: w.t("Pulse by week"), ("week", "factor", "value", "low", "high", "stage", "change"), _pulse
    ),
    "events": Export(lambda w: w.t("Events by day"), ("day", "kind", "channel", "number"), _events),
}
