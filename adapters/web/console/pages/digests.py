"""The digest as a page: one week on one screen, to be read aloud in a minute, and the weeks before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from adapters.web.console import culture_chart
from adapters.web.console.charts.figures import Intervals, Line
from adapters.web.console.pages.goals import outlook, standing_said
from adapters.web.console.parts import Verdict
from adapters.web.console.query import Query
from bot.core.cards import Button
from bot.core.context import Context
from bot.core.factors import factor_names
from bot.core.i18n import Words, capital
from bot.features.digest.cards import step_names
from bot.features.digest.domain import facts, lessons, summary
from bot.features.digest.domain.compute_facts import last_week, monday
from bot.features.digest.domain.facts import PulseFacts, WeekFacts
from bot.features.digest.jobs import sending
from bot.features.framework.cards import metric_name
from bot.features.pulse.cards.answering import said_in
from storage.digest import digests
from storage.digest.digests import Digest
from storage.pulse import rounds

MOST_WEEKS, MOST_POSTS, MOST_LEARNED = 26, 3, 3


@dataclass(frozen=True, slots=True)
class Lesson:
    title: str
    lesson: str
    exercise: str


@dataclass(frozen=True, slots=True)
class DigestPage:
    title: str
    address: str
    before: str  # addresses of the weeks beside it; "" where there is none
    after: str
    sentences: Sequence[str]
    changed: str
    steps: Sequence[tuple[str, int]]
    unasked: str  # who shared without a nudge; "" for nobody
    trend: Line | None
    posts: Sequence[tuple[str, str]]
    culture: Intervals | None
    culture_said: str
    goals: Sequence[tuple[str, str, Verdict]]
    questions: Sequence[str]
    answers: Sequence[tuple[str, str]]
    told: Sequence[tuple[str, str]]
    learned: Sequence[str]
    coming: Sequence[tuple[str, str]]
    lesson: Lesson | None
    buttons: Sequence[Button]


@dataclass(frozen=True, slots=True)
class WeekRow:
    name: str
    address: str
    sharers: int
    shared: int
    readers: int


@dataclass(frozen=True, slots=True)
class WeeksPage:
    weeks: Sequence[WeekRow]


def view(context: Context, query: Query) -> DigestPage | WeeksPage | None:
    if not query.item:
        return _weeks(context)
    try:
        monday(query.item)
    except ValueError:
        return None
    row = digests.of_week(context.session, query.item)
    if row is None and query.item == last_week(context.now):
        row = sending.digest_of_week(context.session, query.item, k=context.rules.pulse_k, now=context.now)
    return None if row is None else _one(context, row)


def _weeks(context: Context) -> WeeksPage:
    sending.digest_of_week(context.session, last_week(context.now), k=context.rules.pulse_k, now=context.now)
    found = [facts.from_json(row.facts) for row in digests.newest(context.session, MOST_WEEKS)]
    return WeeksPage(
        [
            WeekRow(
                capital(context.words.week(week.week)),
                f"/console/digests/{week.week}",
                week.sharers,
                week.total.shared,
                week.total.clicks,
            )
            for week in found
        ]
    )


def _one(context: Context, row: Digest) -> DigestPage:
    words, week = context.words, facts.from_json(row.facts)
    issue = sending.issue_of(context.session, row)
    is_told = context.person.has_role("lead") or rounds.newest_published(context.session) is not None
    pulse = week.pulse if is_told else PulseFacts((), None)
    before, after = (
        next(iter(found), None)
        for found in (digests.before(context.session, row.week, 1), digests.after(context.session, row.week, 1))
    )
    return DigestPage(
        title=capital(words.week(row.week)),
        address=f"{context.rules.base_url}/console/digests/{row.week}",
        before=f"/console/digests/{before.week}" if before else "",
        after=f"/console/digests/{after.week}" if after else "",
        sentences=[row.summary[words.language]] if words.language in row.summary else summary.summary(week, words),
        changed=summary.changed_line(issue.changed, step_names(words), words) if issue.changed else "",
        steps=_steps(week, words),
        unasked=summary.unasked_line(week.sharers - week.reached.shared if week.reached else 0, words),
        trend=_trend(week, words),
        posts=_posts(week, words),
        culture=culture_chart.chart(pulse, words),
        culture_said=culture_chart.said(pulse, words),
        goals=_goals(week, words),
        questions=_questions(week, words),
        answers=week.questions.learned[:MOST_LEARNED],
        told=_told(week, words),
        learned=[
            f"{summary.finding_name(one.kind, words)}: {summary.finding_line(one, words)}"
            for one in week.findings
            if one.verdict == facts.ComparisonVerdict.BETTER
        ],
        coming=[(words.moment(one.start), one.name) for one in week.coming],
        lesson=_lesson(row.lesson, words),
        buttons=[
            Button(words.t("Useful"), "digest.useful_yes", row.id),
            Button(words.t("Not useful"), "digest.useful_no", row.id),
        ],
    )


def _steps(week: WeekFacts, words: Words) -> list[tuple[str, int]]:
    found = week.reached
    if found is None or not found.nudged:
        return []
    return [
        (words.t("People nudged"), found.nudged),
        (words.t("Opened"), found.opened),
        (words.t("Shared"), found.shared),
    ]


def _trend(week: WeekFacts, words: Words) -> Line | None:
    if len(week.history) < 2:
        return None
    labels = [one.week.partition("-W")[2].lstrip("0") for one in week.history]
    values = [one.shared for one in week.history]
    label = words.t(
        "Shares by week: {values}",
        values=", ".join(f"{name}: {value}" for name, value in zip(labels, values, strict=True)),
    )
    return Line(label, labels, values, [], "", None)


def _posts(week: WeekFacts, words: Words) -> list[tuple[str, str]]:
    return [
        (
            row.label,
            words.t(
                "{shares}, {readers}",
                shares=words.n("{count} share", "{count} shares", row.shared),
                readers=words.n("{count} reader", "{count} readers", row.clicks),
            ),
        )
        for row in week.posts[:MOST_POSTS]
        if row.shared
    ]


def _goals(week: WeekFacts, words: Words) -> list[tuple[str, str, Verdict]]:
    return [
        (
            goal.name,
            words.t(
                "{what}: {said}",
                what=metric_name(goal.metric, words),
                said=standing_said(goal.metric, goal.now, goal.low, goal.high, words),
            ),
            outlook(goal.verdict, words),
        )
        for goal in week.goals
    ]


def _questions(week: WeekFacts, words: Words) -> list[str]:
    found = week.questions
    if not (found.asked or found.answered or found.waiting):
        return []
    said = [
        words.n("People asked {count} question.", "People asked {count} questions.", found.asked),
        words.n("{count} was answered.", "{count} were answered.", found.answered),
    ]
    if found.waiting:
        said.append(words.n("{count} is waiting.", "{count} are waiting.", found.waiting))
    if found.in_time is not None:
        part, whole = found.in_time
        said.append(
            words.t("{part} of {whole} answers were in time.", part=words.number(part), whole=words.number(whole))
        )
    return said


def _told(week: WeekFacts, words: Words) -> list[tuple[str, str]]:
    if not week.pulse.done:
        return []
    return [
        (words.t("You said"), said_in(dict(week.pulse.said), words)),
        (words.t("What we’re doing"), said_in(dict(week.pulse.done), words)),
    ]


def _lesson(lesson: str, words: Words) -> Lesson | None:
    if lesson not in lessons.bank():
        return None
    said = lessons.in_language(lesson, words.language)
    factor = factor_names(words)[lessons.bank()[lesson]["factor"]]
    return Lesson(f"{said['title']} ({factor})", said["lesson"], said["exercise"])
