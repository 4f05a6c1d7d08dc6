"""The overview: was it an ordinary week, what needs whom, what was learned, what comes?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from markupsafe import Markup

from adapters.web.console import culture_chart
from adapters.web.console.charts.figures import Dots, GoalBar, Intervals, Line, sparkline
from adapters.web.console.first_steps import FirstStep, first_steps
from adapters.web.console.pages.goals import bar_of, outlook, standing_said
from adapters.web.console.parts import Segment, Tile, Verdict, ordinary
from adapters.web.console.query import Query
from adapters.web.console.todo import Task, tasks
from bot.core.context import Context
from bot.core.factors import factor_names
from bot.core.i18n import Words
from bot.core.usual import Ordinary
from bot.core.working_time import week_of
from bot.features.digest.domain import facts, lessons, summary
from bot.features.digest.domain.facts import GoalFact, WeekFacts
from bot.features.digest.domain.key_figures import Count, KeyFigures, key_figures, nothing_yet
from bot.features.digest.domain.periods import LENGTHS, Period, PeriodKind, chosen, current
from bot.features.framework.cards import metric_name
from bot.features.framework.handlers import views
from bot.features.pulse.domain import culture
from bot.features.pulse.domain.disclosure import Cell
from storage.database import Session
from storage.digest import digest_queries, digests
from storage.framework import framework
from storage.people import employees
from storage.pulse import rounds
from storage.pulse.rounds import RoundState
from storage.remembered import remembered
from storage.sharing import posts

SHOWN_WEEKS = 12  # of the trend
AHEAD = timedelta(weeks=2)
MOST_COMING, MOST_POSTS, MOST_GOALS = 6, 5, 4
FEW = 20  # of fewer one says "7 of 9", and no percentage


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
    trend: Line | None
    trend_said: str
    trend_rows: Sequence[tuple[str, str, str]]
    steps: Sequence[Step]
    posts: Sequence[PostRow]
    culture: Intervals | None
    culture_said: str
    effect: Dots | None
    effect_said: str
    effect_verdict: Verdict | None
    goals: Sequence[GoalRow]
    learned: Sequence[str]
    digest: str  # the address of the newest one; "" where there is none


def view(context: Context, query: Query) -> Overview:
    session, words = context.session, context.words
    period = _period(query, context.now)
    figures = key_figures(session, period)
    newest = next(iter(digests.newest(session, 1)), None)
    week = facts.from_json(newest.facts) if newest is not None else None
    is_empty = nothing_yet(figures) and week is None
    areas = culture_chart.areas_of(culture.profile(session))
    trend = _trend(figures, period, words)
    return Overview(
        period=_period_name(period, words),
        periods=_segments(period, query, words),
        first_day=period.start.date().isoformat(),
        last_day=period.last_day.isoformat(),
        is_chosen=period.kind == PeriodKind.DAYS,
        sentence=_sentence(figures, week, period, words),
        is_empty=is_empty,
        tiles=[] if is_empty else _tiles(context, figures, areas),
        first_steps=first_steps(context),
        tasks=tasks(context),
        coming=_coming(context),
        trend=trend,
        trend_said=_trend_said(figures, words),
        trend_rows=[
            (label, words.number(value), words.number(before))
            for label, value, before in zip(trend.labels, trend.values, trend.before or [0] * SHOWN_WEEKS, strict=False)
        ]
        if trend
        else [],
        steps=_steps(session, period, words),
        posts=_posts(session, period),
        culture=culture_chart.chart(areas, words),
        culture_said=culture_chart.said(areas, words),
        **_effect(week, words),
        goals=[_goal(goal, words) for goal in (week.goals if week else ())[:MOST_GOALS]],
        learned=_learned(newest.lesson if newest else "", week, words),
        digest=f"/console/digests/{newest.week}" if newest else "",
    )


def _period(query: Query, now: datetime) -> Period:
    first, last = query.day("from"), query.day("to")
    if first and last and (found := chosen(first, last)):
        return found
    return current(PeriodKind(query.among("period", list(LENGTHS), PeriodKind.WEEK)), now)


def _period_name(period: Period, words: Words) -> str:
    if period.kind == PeriodKind.WEEK:
        name = words.week(week_of(period.start.date()))
        return name[:1].upper() + name[1:]
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
        return [words.t("Nothing has been shared yet.")]
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


def _tiles(context: Context, figures: KeyFigures, areas: Sequence[Cell]) -> list[Tile]:
    words = context.words
    people = employees.count(context.session)
    per_share = figures.readers.value / figures.shares if figures.shares else None
    return [
        Tile(
            words.t("People who shared"),
            words.number(figures.sharers.value),
            words.t("of {number}", number=words.number(people)),
            _spark(figures.sharers),
            _beside(figures.sharers, words),
            ordinary(figures.sharers.verdict, words),
        ),
        Tile(
            words.t("Readers from their links"),
            words.number(figures.readers.value),
            words.t("{number} per share", number=words.number(round(per_share, 1))) if per_share is not None else "",
            _spark(figures.readers),
            _beside(figures.readers, words),
            ordinary(figures.readers.verdict, words),
        ),
        _answered(figures, words),
        _weakest(areas, words),
    ]


def _spark(count: Count) -> Markup:
    usual = count.usual
    band = (float(usual.low), float(usual.high)) if usual.low is not None and usual.high is not None else None
    return sparkline([*count.before[-SHOWN_WEEKS:], count.value], band)


def _beside(count: Count, words: Words) -> list[str]:
    said = []
    if count.last is not None:
        said.append(words.t("{number} in the period before.", number=words.number(count.last)))
    if count.usual.low is not None:
        said.append(
            words.t("Usual: {low}–{high}.", low=words.number(count.usual.low), high=words.number(count.usual.high or 0))
        )
    return [" ".join(said)] if said else []


def _answered(figures: KeyFigures, words: Words) -> Tile:
    answered = figures.answered
    title = words.t("Questions answered in time")
    bounds = answered.interval
    if answered.value is None or bounds is None:
        return Tile(
            title, words.t("Nothing was due"), is_in_words=True, said=[words.t("No question came due in this time.")]
        )
    part = words.t("{part} of {whole}", part=words.number(answered.part), whole=words.number(answered.whole))
    could = words.t("Could be {low}–{high}%.", low=round(100 * bounds.low), high=round(100 * bounds.high))
    shares = [100 * one / whole for one, whole in answered.before if whole]
    trend = sparkline([*shares[-SHOWN_WEEKS:], 100 * answered.value], None)
    verdict = ordinary(answered.verdict, words)
    if answered.whole < FEW:
        return Tile(title, part, "", trend, [could], verdict)
    value = words.t("{value}%", value=round(100 * answered.value))
    return Tile(title, value, part, trend, [could], verdict)


def _weakest(areas: Sequence[Cell], words: Words) -> Tile:
    title = words.t("Weakest area in the pulse")
    if not areas:
        told = words.t("It shows once enough people have answered a round.")
        return Tile(title, words.t("Not known yet"), is_in_words=True, said=[told])
    lowest = culture_chart.clearly_lowest(areas)
    if lowest is None:
        told = words.t("The ranges of the lowest areas overlap.")
        return Tile(title, words.t("No clear weakest"), is_in_words=True, said=[told])
    return Tile(
        title,
        words.t("{value}%", value=lowest.value),
        factor_names(words)[lowest.factor],
        said=[words.t("Could be {low}–{high}%.", low=lowest.low, high=lowest.high)],
        verdict=Verdict(words.t("It sets the overall level"), "warn", "warning"),
    )


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


def _trend(figures: KeyFigures, period: Period, words: Words) -> Line | None:
    values = [*figures.sharers.before, figures.sharers.value]
    if not any(values):
        return None
    shown, before = values[-SHOWN_WEEKS:], values[-2 * SHOWN_WEEKS : -SHOWN_WEEKS]
    starts = period.borders[:-1][-len(shown) :]
    usual = figures.sharers.usual
    labels = [
        str(start.isocalendar().week) if period.kind == PeriodKind.WEEK else words.short_date(start.date())
        for start in starts
    ]
    return Line(
        label=words.t(
            "People who shared: {values}",
            values=", ".join(f"{label}: {value}" for label, value in zip(labels, shown, strict=True)),
        ),
        labels=labels,
        values=shown,
        before=before if len(before) == len(shown) else [],
        before_label=words.t("the {count} before", count=len(before)),
        usual=(float(usual.low), float(usual.high)) if usual.low is not None and usual.high is not None else None,
    )


def _trend_said(figures: KeyFigures, words: Words) -> str:
    usual = figures.sharers.usual
    if usual.low is None:
        return words.t("There’s too little history yet to say what is usual.")
    return words.t(
        "The light bar at the last point shows what is usual: {low}–{high} people.",
        low=words.number(usual.low),
        high=words.number(usual.high or 0),
    )


def _steps(session: Session, period: Period, words: Words) -> list[Step]:
    reached = remembered(
        session, ("reached", period), lambda: digest_queries.reached(session, period.start, period.end)
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


def _posts(session: Session, period: Period) -> list[PostRow]:
    found = remembered(session, ("by_post", period), lambda: digest_queries.by_post(session, period.start, period.end))
    ranked = sorted(found, key=lambda post: (-found[post].shared, -found[post].nudged, post))[:MOST_POSTS]
    rows = {row.id: row for row in posts.some(session, ranked)}
    return [
        PostRow(
            post,
            rows[post].title,
            rows[post].small_picture,
            found[post].nudged,
            found[post].opened,
            found[post].shared,
            found[post].clicks,
        )
        for post in ranked
    ]


def _effect(week: WeekFacts | None, words: Words) -> dict[str, Any]:
    found = week.effect if week is not None else None
    if found is None:
        return {"effect": None, "effect_said": "", "effect_verdict": None}
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
    labelled = Dots(said, dots.low, dots.high, dots.less, dots.more, dots.none)
    return {"effect": labelled, "effect_said": said, "effect_verdict": verdict}


def _goal(goal: GoalFact, words: Words) -> GoalRow:
    return GoalRow(
        goal.name,
        words.t("{what}, due {day}", what=metric_name(goal.metric, words), day=words.date(goal.due)),
        bar_of(goal.name, goal.now, goal.target, goal.low, goal.high, words),
        standing_said(goal.now, goal.low, goal.high, words),
        outlook(goal.verdict, words),
    )


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
