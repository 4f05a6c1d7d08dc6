"""The model in chat: its overview, goals and calendar."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.core.cards import Bold, Button, Card, Element, Facts, Heading, Table, actions, card, text
from bot.core.i18n import Words
from bot.core.ports import Pictures, chart
from bot.core.recurrence import Occurrence
from bot.features.framework.domain.coverage import Gap, GapKind
from bot.features.framework.domain.metrics import OVER_WEEKS, TOTALS, Forecast, GoalStanding, Outlook
from bot.features.framework.domain.model import SECTIONS
from content.channels import kind_of
from storage.framework.framework import Activity, Change, Goal
from storage.people.organisation import Phase

SHOWN = 10


@dataclass(frozen=True, slots=True)
class Upcoming:
    """One occurrence of an activity."""

    activity: Activity
    when: Occurrence


@dataclass(frozen=True, slots=True)
class Progress:
    """A goal, how far it is, and what served it."""

    goal: Goal
    standing: GoalStanding
    posts: int = 0
    shares: int = 0
    clicks: int = 0


def overview_card(
    counts: Mapping[str, int], gaps: Sequence[Gap], covered: tuple[int, int], history: Sequence[Change], words: Words
) -> Card:
    """The model's overview: its parts, what lacks an owner, and the latest changes."""
    title = words.t("How we work with social media")
    names = section_names(words)
    ready, channels = covered
    said = words.t("{ready} of {all} channels in use have an owner and a deputy at work.", ready=ready, all=channels)
    body: list[Element] = [
        Heading(title),
        Facts(tuple((names[section], words.number(counts[section])) for section in SECTIONS)),
        Heading(words.t("Ownership")),
        text(said),
        *(
            text(Bold(kind_of(gap.channel.id, gap.channel).name), f": {gap_name(gap.kind, words)}")
            for gap in gaps[:SHOWN]
        ),
    ]
    if history:
        body.append(Heading(words.t("Latest changes")))
    for row in history:
        who = row.by.name if row.by else words.t("command line")
        line = f" · {names.get(row.section, row.section)} · {_name_of(row)} · {who}"
        body.append(text(Bold(words.day(row.at)), line, f" · {row.why}" if row.why else ""))
    body.append(
        text(
            words.t("You can also edit all of this as a file: chorus framework export, then diff and apply."),
            subtle=True,
        ),
    )
    return card(
        title,
        *body,
        actions(
            Button(words.t("Goals"), "show.goals"),
            Button(words.t("Calendar"), "show.calendar"),
            Button(words.t("Rollout"), "show.rollout"),
            Button(words.t("Workshop"), "show.workshop"),
            Button(words.t("Hand over…"), "handover"),
        ),
        actions(*(Button(names[section], f"section.{section}") for section in SECTIONS if section != "units")),
    )


def _name_of(row: Change) -> str:
    """What the part is called, or was."""
    named = str((row.after or row.before or {}).get("name") or "")
    return named or (kind_of(row.part, None).name if row.section == "channels" else row.part)


def goals_card(found: Sequence[Progress], words: Words, pictures: Pictures, *, is_lead: bool = False) -> Card:
    """Each goal with how far it is, its pace, and where it will be; computed, never typed in."""
    title = words.t("Goals")
    change = actions(Button(words.t("Add or change…"), "section.goals")) if is_lead else None
    if not found:
        return card(title, Heading(title), text(words.t("There are no goals yet.")), change)
    body: list[Element] = [Heading(title)]
    measured = [(item.goal, item.standing.now) for item in found if item.standing.now is not None]
    if measured:
        bars = [(goal.name, float(round(min(100.0, 100 * value / goal.target)))) for goal, value in measured]
        body.append(chart(pictures, words.t("How far each goal is (% of target)"), bars))
    for item in found:
        verdict = verdict_name(item.standing.verdict, words)
        facts = _facts(item.goal, item.standing, words)
        if item.posts:
            did = ", ".join(
                (
                    words.n("{count} post", "{count} posts", item.posts),
                    words.n("{count} share", "{count} shares", item.shares),
                    words.n("{count} reader", "{count} readers", item.clicks),
                )
            )
            facts += ((words.t("What helped"), did),)
        body += [text(Bold(item.goal.name), f" · {verdict}"), Facts(facts)]
    if any(_foretold(item.standing) for item in found):
        body.append(text(words.t("“Could be” holds in 8 cases out of 10, if things go on as they are."), subtle=True))
    return card(title, *body, change)


def calendar_card(
    coming: Sequence[Upcoming], crowded: Sequence[tuple[str, str, int]], words: Words, *, is_lead: bool = False
) -> Card:
    """Four weeks; `crowded`: (unit, week, number of activities) where too much is asked of one group."""
    title = words.t("Calendar")
    change = Button(words.t("Add or change…"), "section.activities") if is_lead else None
    if not coming:
        nothing = text(words.t("Nothing is planned for the next four weeks."))
        return card(title, Heading(title), nothing, actions(change) if change else None)
    rows = tuple(
        (
            words.moment(item.when.start),
            item.activity.name,
            item.activity.unit or words.t("everybody"),
            item.activity.owner.name if item.activity.owner else "–",
        )
        for item in coming[: 3 * SHOWN]
    )
    warnings = [
        text(
            Bold(words.t("A lot at once:")),
            " ",
            words.t(
                "{unit} has {number} activities in {week}.",
                unit=unit or words.t("everybody"),
                number=number,
                week=words.week(week),
            ),
        )
        for unit, week, number in crowded
    ]
    header = (words.t("When"), words.t("What"), words.t("Unit"), words.t("Owner"))
    subscribe = Button(words.t("Add to my calendar"), "calendar.address")
    return card(title, Heading(title), *warnings, Table(header, rows), actions(subscribe, change))


def section_names(words: Words) -> dict[str, str]:
    return {
        "units": words.t("Units"),
        "channels": words.t("Channels"),
        "audiences": words.t("Audiences"),
        "goals": words.t("Goals"),
        "activities": words.t("Activities"),
        "sources": words.t("Sources"),
    }


def phase_name(phase: str, words: Words) -> str:
    return {
        Phase.WAITING: words.t("waiting"),
        Phase.PILOT: words.t("in pilot"),
        Phase.LIVE: words.t("live"),
        Phase.PAUSED: words.t("paused"),
    }[Phase(phase)]


def gap_name(kind: str, words: Words) -> str:
    return {
        GapKind.NO_OWNER: words.t("it has no owner"),
        GapKind.OWNER_LEFT: words.t("its owner has left"),
        GapKind.NO_DEPUTY: words.t("its owner has no deputy"),
        GapKind.BOTH_AWAY: words.t("owner and deputy are both away"),
    }[GapKind(kind)]


def verdict_name(verdict: str, words: Words) -> str:
    return {
        Outlook.REACHED: words.t("reached"),
        Outlook.LIKELY: words.t("on track"),
        Outlook.UNSURE: words.t("could go either way"),
        Outlook.UNLIKELY: words.t("unlikely at this pace"),
        Outlook.TOO_EARLY: words.t("too early to tell"),
        Outlook.MISSED: words.t("not reached"),
    }[Outlook(verdict)]


def metric_name(metric: str, words: Words) -> str:
    return {
        "active_sharers": words.t("people sharing each week"),
        "shares": words.t("shares"),
        "clicks": words.t("readers"),
        "clicks_per_share": words.t("readers per share"),
        "leads": words.t("contacts"),
        "questions_in_time": words.t("questions answered on time, %"),
        "pulse": words.t("positive answers, %"),
        "own_words": words.t("shares in own words, %"),
        "mentions_answered": words.t("mentions handled on time, %"),
    }[metric]


def _foretold(item: GoalStanding) -> Forecast | None:
    """What is said of where it will be: nothing where that is known."""
    return None if item.verdict in (Outlook.REACHED, Outlook.MISSED) else item.forecast


def _facts(goal: Goal, item: GoalStanding, words: Words) -> tuple[tuple[str, str], ...]:
    def said(value: float) -> str:
        return words.number(round(value, 1))

    pairs = [(words.t("What we count"), metric_name(goal.metric, words))]
    limits = [part for part in (goal.unit, goal.channel) if part]
    if limits:
        pairs.append((words.t("Counts only"), ", ".join(limits)))
    since = words.t("The last four weeks") if goal.metric in OVER_WEEKS else words.t("Now")
    pairs.append((since, said(item.now) if item.now is not None else words.t("nothing to count yet")))
    if goal.metric in TOTALS:  # a level has no pace to keep
        pairs.append((words.t("Where we should be now"), said(item.expected)))
    pairs.append((words.t("Target"), words.t("{target} by {day}", target=said(goal.target), day=words.date(goal.due))))
    if forecast := _foretold(item):
        low, high = said(forecast.low), said(forecast.high)
        likely = words.t(
            "about {middle} by {day}, could be {low}–{high}",
            middle=said(forecast.middle),
            day=words.date(goal.due),
            low=low,
            high=high,
        )
        pairs.append((words.t("Likely result"), likely))
    return tuple(pairs)


def answers_now_card(channel: str, by: str, words: Words, *, is_owner: bool) -> Card:
    """To whoever answers for a channel from now on, first or as the deputy."""
    title = (
        words.t("You answer for {channel} now", channel=channel)
        if is_owner
        else words.t("You’re the deputy for {channel} now", channel=channel)
    )
    what = (
        words.t("Questions and mentions about it come to you first.")
        if is_owner
        else words.t("Questions and mentions about it come to you when the owner is away or late.")
    )
    return card(
        title,
        Heading(title),
        text(words.t("{name} has set this.", name=by), " ", what),
        actions(Button(words.t("See what waits"), "show.inbox")),
    )
