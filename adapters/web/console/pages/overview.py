"""The overview: was it an ordinary week, what needs whom, what was learned, what comes?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from adapters.web.console import culture_chart
from adapters.web.console.charts.figures import Intervals
from adapters.web.console.first_steps import FirstStep, first_steps
from adapters.web.console.pages.overview_evidence import (
    GoalRow,
    NudgingEffect,
    PostRow,
    Step,
    Trend,
    effect_of,
    goals_of,
    posts_of,
    steps_of,
    trend_of,
    unasked_of,
)
from adapters.web.console.pages.overview_tiles import tiles
from adapters.web.console.parts import Segment, Tile
from adapters.web.console.query import Query
from adapters.web.console.todo import Task, tasks
from bot.core.cards import Card
from bot.core.context import Context
from bot.core.i18n import Words, capital
from bot.core.usual import Ordinary
from bot.core.working_time import week_of
from bot.features.digest.domain import facts, lessons, measurement, summary
from bot.features.digest.domain.facts import WeekFacts
from bot.features.digest.domain.key_figures import KeyFigures, key_figures, nothing_yet
from bot.features.digest.domain.periods import LENGTHS, Period, PeriodKind, chosen, current
from bot.features.framework.handlers import views
from bot.features.pulse.domain import culture
from storage.digest import digests
from storage.framework import framework
from storage.pulse import rounds
from storage.pulse.rounds import RoundState
from storage.remembered import remembered
from storage.sharing import posts

AHEAD = timedelta(weeks=2)
MOST_COMING = 6


@dataclass(frozen=True, slots=True)
class Overview:
    """All that the template shows; what is not there yet is None or empty."""

    period: str
    periods: Sequence[Segment]
    first_day: str
    last_day: str
    is_chosen: bool
    sentence: Sequence[str]
    is_empty: bool
    tiles: Sequence[Tile]
    first_steps: Sequence[FirstStep]
    tasks: Sequence[Task]
    coming: Sequence[tuple[str, str]]
    trend: Trend | None
    steps: Sequence[Step]
    unasked: str  # who shared without a nudge; "" for nobody
    posts: Sequence[PostRow]
    culture: Intervals | None
    culture_said: str
    effect: NudgingEffect | None
    goals: Sequence[GoalRow]
    learned: Sequence[str]
    beyond: Card | None  # the last twelve weeks: quality before volume
    digest: str  # the address of the newest one; "" where there is none


def view(context: Context, query: Query) -> Overview:
    session, words = context.session, context.words
    period = _period(query, context.now)
    figures = key_figures(session, period, context.now)
    newest = next(iter(digests.newest(session, 1)), None)
    week = facts.from_json(newest.facts) if newest is not None else None
    is_empty = nothing_yet(figures) and week is None
    steps = steps_of(session, period, words)
    profile = culture.profile(session)
    return Overview(
        period=capital(_period_name(period, words)),
        periods=_segments(period, query, words),
        first_day=period.start.date().isoformat(),
        last_day=period.last_day.isoformat(),
        is_chosen=period.kind == PeriodKind.DAYS,
        sentence=[*_not_yet(query, period, words), *_sentence(figures, week, period, words)],
        is_empty=is_empty,
        tiles=[] if is_empty else tiles(context, figures, profile),
        first_steps=first_steps(context),
        tasks=tasks(context),
        coming=_coming(context),
        trend=trend_of(figures, period, words),
        steps=steps,
        unasked=unasked_of(figures, steps, words),
        posts=posts_of(context, period),
        culture=culture_chart.chart(profile, words),
        culture_said=culture_chart.said(profile, words),
        effect=effect_of(week, words),
        goals=goals_of(context),
        beyond=_beyond(context),
        learned=_learned(newest.lesson if newest else "", week, words),
        digest=f"/console/digests/{newest.week}" if newest else "",
    )


def _period(query: Query, now: datetime) -> Period:
    first, last = query.day("from"), query.day("to")
    found = chosen(first, last) if first and last else None
    if found is not None and found.start <= now:
        return found
    return current(PeriodKind(query.among("period", list(LENGTHS), PeriodKind.WEEK)), now)


def _not_yet(query: Query, period: Period, words: Words) -> list[str]:
    """Where days were chosen that are not there: what is shown instead."""
    if not (query.day("from") and query.day("to")) or period.kind == PeriodKind.DAYS:
        return []
    return [words.t("There’s nothing to show for those days. This is {period}:", period=_period_name(period, words))]


def _period_name(period: Period, words: Words) -> str:
    if period.kind == PeriodKind.WEEK:
        return words.week(week_of(period.start.date()))
    return words.t("{first} to {last}", first=words.date(period.start.date()), last=words.date(period.last_day))


def _segments(period: Period, query: Query, words: Words) -> list[Segment]:
    names = {
        PeriodKind.WEEK: words.t("Week"),
        PeriodKind.FOUR_WEEKS: words.t("4 weeks"),
        PeriodKind.QUARTER: words.t("Quarter"),
    }
    return [
        Segment(
            name,
            query.address(period="" if kind == PeriodKind.WEEK else kind, **{"from": "", "to": ""}),
            kind == period.kind,
        )
        for kind, name in names.items()
    ]


def _sentence(figures: KeyFigures, week: WeekFacts | None, period: Period, words: Words) -> list[str]:
    sharers = figures.sharers
    if nothing_yet(figures):
        is_chosen = period.kind == PeriodKind.DAYS
        return [words.t("Nothing was shared in this time.") if is_chosen else words.t("Nothing has been shared yet.")]
    is_week = period.kind == PeriodKind.WEEK
    said = [
        {
            Ordinary.USUAL: words.t("An ordinary week.") if is_week else words.t("An ordinary period."),
            Ordinary.MORE: words.t("Busier than usual."),
            Ordinary.FEWER: words.t("Quieter than usual."),
            Ordinary.TOO_EARLY: words.t("Too early to say what is ordinary."),
        }[sharers.verdict],
        words.n("{count} person shared,", "{count} people shared,", sharers.value)
        + " "
        + words.n("and brought {count} reader so far.", "and brought {count} readers so far.", figures.readers.value),
    ]
    if is_week and week is not None and week.start == period.start and week.newcomers:
        said.append(
            words.n(
                "{count} person shared for the first time.", "{count} people shared for the first time.", week.newcomers
            )
        )
    if figures.answered.whole:
        late = figures.answered.whole - figures.answered.part
        said.append(
            words.n("{count} answer came late.", "{count} answers came late.", late)
            if late
            else words.t("Questions were answered in time.")
        )
    return said


def _coming(context: Context) -> list[tuple[str, str]]:
    """(when, what) of the next two weeks, the next first."""
    session, words, now = context.session, context.words, context.now
    until = now + AHEAD
    found: list[tuple[datetime, str]] = []
    for post in posts.starting_between(session, now, until):
        found.append((post.embargo_until or now, words.t("“{title}” goes out", title=post.title)))
    for post in posts.ending_between(session, now, until):
        found.append((post.expires_at or now, words.t("“{title}” ends", title=post.title)))
    for item in views.upcoming(framework.activities(session), since=now, until=until):
        found.append((item.when.start, item.activity.name))
    for row in rounds.in_state(session, RoundState.OPEN):
        found.append((row.closes_at, words.t("The pulse round closes")))
    following = sorted(found, key=lambda one: one[0])[:MOST_COMING]
    return [(words.day(when), what) for when, what in following]


def _beyond(context: Context) -> Card | None:
    if not context.person.has_role("lead"):
        return None
    key = ("beyond", context.now.date(), context.words.language)
    return remembered(context.session, key, lambda session: measurement.current_card(replace(context, session=session)))


def _learned(lesson: str, week: WeekFacts | None, words: Words) -> list[str]:
    if week is None:
        return []
    said = [
        f"{summary.finding_name(finding.kind, words)}: {summary.finding_line(finding, words)}"
        for finding in week.findings
        if finding.verdict == facts.ComparisonVerdict.BETTER
    ]
    if week.questions.learned:
        said.append(
            words.n(
                "{count} answer was saved for everybody.",
                "{count} answers were saved for everybody.",
                len(week.questions.learned),
            )
        )
    if lesson in lessons.bank():
        said.append(lessons.in_language(lesson, words.language)["lesson"])
    return said
