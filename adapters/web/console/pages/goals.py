"""Goals: do we get there, and what moved them?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from adapters.web.console.charts.figures import GoalBar
from adapters.web.console.parts import Verdict
from adapters.web.console.query import Query
from bot.core.context import Context
from bot.core.i18n import Words, capital
from bot.features.framework.cards import metric_name, verdict_name
from bot.features.framework.domain import metrics
from bot.features.framework.domain.metrics import OVER_WEEKS, PERCENT, TOTALS, GoalStanding, Outlook
from bot.features.framework.handlers.editing import versions_of
from storage.framework import framework, goal_metrics
from storage.framework.framework import Goal
from storage.sharing import posts


@dataclass(frozen=True, slots=True)
class GoalCard:
    name: str
    what: str
    bar: GoalBar
    said: Sequence[str]
    verdict: Verdict
    part: int  # the version of it that is edited; 0 for who may not


@dataclass(frozen=True, slots=True)
class GoalsPage:
    goals: Sequence[GoalCard]
    may_edit: bool


def view(context: Context, _query: Query) -> GoalsPage:
    may_edit = context.person.has_role("lead")
    versions = versions_of(context, "goals")
    found = [
        goal_card(context, goal, versions.get(goal.id, 0) if may_edit else 0)
        for goal in framework.goals(context.session)
    ]
    return GoalsPage(found, may_edit)


def outlook(verdict: str, words: Words) -> Verdict:
    kind, sign = {
        Outlook.REACHED: ("good", "check"),
        Outlook.LIKELY: ("good", "more"),
        Outlook.UNLIKELY: ("warn", "warning"),
        Outlook.MISSED: ("bad", "warning"),
    }.get(Outlook(verdict), ("", "clock"))
    return Verdict(capital(verdict_name(verdict, words)), kind, sign)


def bar_of(
    name: str, metric: str, now: float | None, target: float, low: float | None, high: float | None, words: Words
) -> GoalBar:
    label = words.t("goal {number}", number=_figure(metric, target, words))
    said = standing_said(metric, now, low, high, words)
    return GoalBar(f"{name}: {said} {label}", now or 0.0, target, low, high, label)


def standing_said(metric: str, now: float | None, low: float | None, high: float | None, words: Words) -> str:
    if now is None:
        said = words.t("Nothing counted yet.")
    elif metric in OVER_WEEKS:
        said = words.t("The last four weeks: {now}.", now=_figure(metric, now, words))
    else:
        said = words.t("Now: {now}.", now=_figure(metric, now, words))
    if low is None or high is None:
        return said
    could = words.t(
        "Could be {low}–{high} by then.", low=words.number(round(low, 1)), high=_figure(metric, high, words)
    )
    return f"{said} {could}"


def _figure(metric: str, value: float, words: Words) -> str:
    number = words.number(round(value, 1))
    return words.t("{value}%", value=number) if metric in PERCENT else number


def goal_card(context: Context, goal: Goal, part: int = 0) -> GoalCard:
    """How far the goal is, now."""
    words = context.words
    standing = metrics.standing_of_goal(context.session, goal, context.now)
    low, high = (standing.forecast.low, standing.forecast.high) if standing.forecast else (None, None)
    limits = [one for one in (goal.unit, goal.channel) if one]
    has_begun = goal.starts <= context.now.date()
    said = [words.t("Begins on {day}.", day=words.date(goal.starts))]
    if has_begun:
        now = standing_said(goal.metric, standing.now, low, high, words)
        said = [now, *_helped(context, goal), *_pace(goal, standing, words)]
    what = words.t("{what}, due {day}", what=metric_name(goal.metric, words), day=words.date(goal.due))
    return GoalCard(
        goal.name,
        f"{what} ({', '.join(limits)})" if limits else what,
        bar_of(goal.name, goal.metric, standing.now if has_begun else None, goal.target, low, high, words),
        said,
        outlook(standing.verdict, words),
        part,
    )


def _helped(context: Context, goal: Goal) -> list[str]:
    serving = posts.serving(context.session, goal.id)
    if not serving:
        return []
    words = context.words
    shared, clicks = goal_metrics.served(context.session, serving)
    return [
        words.t(
            "{posts} serve it: {shares}, {readers}.",
            posts=words.n("{count} post", "{count} posts", len(serving)),
            shares=words.n("{count} share", "{count} shares", shared),
            readers=words.n("{count} reader", "{count} readers", clicks),
        )
    ]


def _pace(goal: Goal, standing: GoalStanding, words: Words) -> list[str]:
    """Only totals grow day by day; a level has no pace to keep."""
    if standing.now is None or goal.metric not in TOTALS:
        return []
    return [
        words.t("On pace for the target it would be {number} today.", number=words.number(round(standing.expected, 1)))
    ]
