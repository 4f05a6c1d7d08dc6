"""The overview's evidence: the trend, what became of the nudges, the posts, whether nudges help, the goals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from adapters.web.console.charts.figures import Dots, GoalBar, Line
from adapters.web.console.pages.goals import goal_card
from adapters.web.console.parts import Verdict
from adapters.web.console.small_pictures import small_pictures
from bot.core.context import Context
from bot.core.i18n import Words
from bot.core.usual import since_first
from bot.features.digest.domain import summary
from bot.features.digest.domain.facts import WeekFacts
from bot.features.digest.domain.key_figures import KeyFigures
from bot.features.digest.domain.periods import Period, PeriodKind
from storage.database import Session
from storage.digest import digest_queries
from storage.framework import framework
from storage.remembered import remembered
from storage.sharing import posts

SHOWN = 12  # periods of the trend
MOST_POSTS, MOST_GOALS = 5, 4


@dataclass(frozen=True, slots=True)
class Trend:
    """`rows`: (period, people who shared, people in the period of the same number before)."""

    line: Line
    said: str
    rows: Sequence[tuple[str, str, str]]


@dataclass(frozen=True, slots=True)
class PostRow:
    id: int
    title: str
    picture: str | None
    nudged: int
    opened: int
    shared: int
    readers: int


@dataclass(frozen=True, slots=True)
class Step:
    """People who came so far; `said` explains the figure."""

    label: str
    number: int
    said: str


@dataclass(frozen=True, slots=True)
class GoalRow:
    name: str
    what: str
    bar: GoalBar
    said: str
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class NudgingEffect:
    dots: Dots
    said: str
    verdict: Verdict


def trend_of(figures: KeyFigures, period: Period, words: Words) -> Trend | None:
    values = [*figures.sharers.before, figures.sharers.value]
    if not any(values):
        return None
    shown = since_first(values[-SHOWN:]) or values[-1:]
    before = values[-2 * SHOWN : -SHOWN]
    starts = period.borders[:-1][-len(shown) :]
    labels = [
        str(start.isocalendar().week) if period.kind == PeriodKind.WEEK else words.short_date(start.date())
        for start in starts
    ]
    line = Line(
        label=words.t(
            "People who shared: {values}",
            values=", ".join(f"{label}: {value}" for label, value in zip(labels, shown, strict=True)),
        ),
        labels=labels,
        values=shown,
        before=before if len(before) == len(shown) else [],
        before_label=words.t("the {count} before", count=len(before)),
        usual=figures.sharers.usual.band,
    )
    rows = [
        (label, words.number(value), words.number(earlier))
        for label, value, earlier in zip(labels, line.values, line.before or [0] * len(shown), strict=True)
    ]
    return Trend(line, _usual_said(figures, words), rows)


def _usual_said(figures: KeyFigures, words: Words) -> str:
    usual = figures.sharers.usual
    if usual.low is None:
        return words.t("There’s too little history yet to say what is usual.")
    return words.t(
        "The light bar at the last point shows what is usual: {low}–{high} people.",
        low=words.number(usual.low),
        high=words.number(usual.high or 0),
    )


def steps_of(session: Session, period: Period, words: Words) -> list[Step]:
    reached = remembered(
        session, ("reached", period), lambda session: digest_queries.reached(session, period.start, period.end)
    )
    if not reached.nudged:
        return []

    def of_nudged(number: int) -> str:
        return words.t("{part} of {whole} people nudged", part=words.number(number), whole=words.number(reached.nudged))

    return [
        Step(words.t("Nudged"), reached.nudged, words.t("People who got at least one nudge")),
        Step(words.t("Opened"), reached.opened, of_nudged(reached.opened)),
        Step(words.t("Shared"), reached.shared, of_nudged(reached.shared)),
    ]


def posts_of(context: Context, period: Period) -> list[PostRow]:
    session = context.session
    found = remembered(
        session, ("by_post", period), lambda session: digest_queries.by_post(session, period.start, period.end)
    )
    ranked = sorted(found, key=lambda post: (-found[post].shared, -found[post].nudged, post))[:MOST_POSTS]
    rows = {row.id: row for row in posts.some(session, ranked)}
    pictures = small_pictures(context, rows.values())
    return [
        PostRow(
            post,
            rows[post].title,
            pictures.get(post),
            found[post].nudged,
            found[post].opened,
            found[post].shared,
            found[post].clicks,
        )
        for post in ranked
    ]


def effect_of(week: WeekFacts | None, words: Words) -> NudgingEffect | None:
    """As it was found at the last yearly look; None before."""
    found = week.effect if week is not None else None
    if found is None:
        return None
    dots = Dots(
        label="",
        low=found.low,
        high=found.high,
        less=words.t("they hold back"),
        more=words.t("they help"),
        none=words.t("no difference"),
    )
    said = words.t(
        "How many more people in 100 share in a week with nudges than in a week without. Each of the 20 dots is an "
        "equally likely answer; {above} of them say that nudges help.",
        above=dots.above,
    )
    verdict = (
        Verdict(words.t("They help"), "good", "check")
        if found.is_known and found.low > 0
        else Verdict(words.t("No real difference"), "", "same")
        if found.is_known
        else Verdict(words.t("Too early to tell"), "", "clock")
    )
    return NudgingEffect(replace(dots, label=said), said, verdict)


def goals_of(context: Context) -> list[GoalRow]:
    """As they stand now, as on their own page."""
    return [
        GoalRow(found.name, found.what, found.bar, found.said[0], found.verdict)
        for found in map(partial(goal_card, context), framework.goals(context.session)[:MOST_GOALS])
    ]


def unasked_of(figures: KeyFigures, steps: Sequence[Step], words: Words) -> str:
    """How many shared whom nobody had nudged: why fewer stand in the steps than in the figure."""
    return summary.unasked_line(figures.sharers.value - steps[-1].number if steps else 0, words)
