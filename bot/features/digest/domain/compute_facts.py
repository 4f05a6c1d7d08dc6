"""A week's facts, computed from events until its end; recomputing changes them only for late events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import dropwhile

from bot.core.working_time import week_of
from bot.features.digest.domain import learning
from bot.features.digest.domain.facts import (
    FactorFact,
    Finding,
    Funnel,
    GoalFact,
    MentionFacts,
    NudgeEffect,
    OpenQuestion,
    Planned,
    PulseFacts,
    QuestionFacts,
    UnitPhase,
    Week,
    WeekFacts,
)
from bot.features.framework.domain import metrics
from bot.features.framework.handlers import views
from bot.features.pulse.domain import culture
from bot.features.questions.domain.figures import median, missing, survival
from bot.features.rollout.domain import gates
from bot.features.sharing.domain.effect import next_look, yearly_effect
from content.channels import kind_of
from storage.database import Session
from storage.digest import digest_queries
from storage.digest.digest_queries import Steps, WeekQuestion
from storage.framework import framework
from storage.mentions import listening
from storage.mentions.listening import WITH_A_PERSON, MentionState, Tone
from storage.people import organisation
from storage.people.organisation import Phase
from storage.pulse import rounds
from storage.pulse.rounds import RoundState
from storage.questions import questions
from storage.sharing import social_channels

WEEK = timedelta(days=7)
LOOKED_BACK = 12  # weeks, for pictures and comparisons
ASKED_SINCE = timedelta(days=90)
SHOWN = 10  # rows of a table
CUT = 200  # characters of a question or an answer


def monday(week: str) -> datetime:
    """The start of an ISO week, UTC. Raises ValueError for an invalid one."""
    year, _, number = week.partition("-W")
    return datetime.combine(date.fromisocalendar(int(year), int(number), 1), datetime.min.time(), UTC)


def last_week(now: datetime) -> str:
    """The week that ended last, UTC."""
    return week_of((now.astimezone(UTC) - WEEK).date())


def gather(session: Session, week: str, *, k: int) -> WeekFacts:
    """`k`: people, below which a unit does not stand alone."""
    start = monday(week)
    end = start + WEEK
    past = [(begins, digest_queries.totals(session, begins, begins + WEEK)) for begins in _mondays(start)]
    total, before = (_funnel("", "", steps) for _begins, steps in (past[-1], past[-2]))
    people, newcomers, own = digest_queries.sharers(session, start, end)
    activities = framework.activities(session)
    return WeekFacts(
        week=week,
        start=start,
        total=total,
        before=before if before.nudged or before.shared else None,
        sharers=people,
        newcomers=newcomers,
        own_words=own,
        history=_history(past),
        posts=_posts(session, start, end),
        channels=_channels(session, start, end),
        units=units(
            digest_queries.by_unit(session, start, end), digest_queries.unit_sizes(session), _unit_names(session), k
        ),
        reasons=tuple(digest_queries.decline_reasons(session, start, end)),
        goals=_goals(session, end),
        pulse=_pulse(session, start, end),
        questions=_questions(session, start, end),
        rollout=_rollout(session, end),
        planned=_planned(activities, start, end),
        coming=_planned(activities, end, end + WEEK),
        findings=_findings(session, end),
        effect=_effect(session, end),
        mentions=_mentions(session, start, end),
        reached=digest_queries.reached(session, start, end),
        effect_on=next_look(session, end),
    )


def units(
    found: Mapping[int | None, Steps], sizes: Mapping[int | None, int], names: Mapping[int, str], k: int
) -> tuple[Funnel, ...]:
    """By unit. Those of fewer than k people stand together, with the smallest of the others while they are too few:
    so nothing can be computed by subtraction. People without a unit belong to them."""
    small = {unit for unit in {*found, *sizes} if unit is None or sizes.get(unit, 0) < k}
    large = sorted((unit for unit in names if unit in found and unit not in small), key=lambda u: (sizes.get(u, 0), u))
    while large and _active(found, small) and sum(sizes.get(unit, 0) for unit in small) < k:
        small.add(large.pop(0))
    rows = [_funnel(str(unit), names[unit], found[unit]) for unit in large]
    rows.sort(key=lambda row: (-row.shared, -row.nudged, row.label))
    if _active(found, small) and sum(sizes.get(unit, 0) for unit in small) >= k:
        together = [found[unit] for unit in small if unit in found]
        rows.append(
            _funnel(
                "",
                "",
                Steps(
                    *(
                        sum(getattr(steps, name) for steps in together)
                        for name in ("nudged", "opened", "shared", "clicks")
                    )
                ),
            )
        )
    return tuple(rows)


def _active(found: Mapping[int | None, Steps], small: set[int | None]) -> bool:
    return any(unit in found for unit in small)


def _funnel(key: str, label: str, steps: Steps) -> Funnel:
    return Funnel(key, label, steps.nudged, steps.opened, steps.shared, steps.clicks)


def _mondays(start: datetime) -> list[datetime]:
    """The week that begins at `start`, and those before it that are looked back at, the oldest first."""
    return [start - back * WEEK for back in reversed(range(LOOKED_BACK))]


def _history(past: Sequence[tuple[datetime, Steps]]) -> tuple[Week, ...]:
    """From the first week in which something was shared, at most twelve."""
    begun = dropwhile(lambda item: not item[1].shared, past[:-1])
    return tuple(Week(week_of(begins.date()), steps.shared, steps.clicks) for begins, steps in (*begun, past[-1]))


def _posts(session: Session, start: datetime, end: datetime) -> tuple[Funnel, ...]:
    found = digest_queries.by_post(session, start, end)
    ranked = sorted(found, key=lambda post: (-found[post].shared, -found[post].nudged, post))[:SHOWN]
    titles = digest_queries.post_titles(session, ranked)
    return tuple(_funnel(str(post), titles[post], found[post]) for post in ranked)


def _channels(session: Session, start: datetime, end: datetime) -> tuple[Funnel, ...]:
    found = digest_queries.by_channel(session, start, end)
    known = {row.id: row for row in social_channels.all_channels(session)}
    rows = [_funnel(name, kind_of(name, known.get(name)).name, steps) for name, steps in found.items()]
    return tuple(sorted(rows, key=lambda row: (-row.shared, row.label))[:SHOWN])


def _unit_names(session: Session) -> dict[int, str]:
    return {unit.id: unit.name for unit in organisation.units(session)}


def _goals(session: Session, end: datetime) -> tuple[GoalFact, ...]:
    rows = []
    for goal in framework.goals(session):
        item = metrics.standing_of_goal(session, goal, end)
        low, high = (item.forecast.low, item.forecast.high) if item.forecast else (None, None)
        rows.append(
            GoalFact(
                goal.id,
                goal.name,
                goal.metric,
                _rounded(item.now),
                round(item.expected, 1),
                goal.target,
                goal.due,
                item.verdict,
                _rounded(low),
                _rounded(high),
            )
        )
    return tuple(rows)


def _pulse(session: Session, start: datetime, end: datetime) -> PulseFacts:
    profile = culture.profile(session, before=end)
    factors = tuple(
        FactorFact(item.factor, level.value, level.low, level.high, level.stage, level.change)
        for item in profile.standings
        if (level := item.level) is not None
    )
    over = [row for row in rounds.listed(session) if row.closed_at is not None]
    closed = next((row.closed_at.date() for row in over if row.closed_at and start <= row.closed_at < end), None)
    told = next(
        (
            row
            for row in over
            if row.state == RoundState.PUBLISHED and row.published_at and start <= row.published_at < end
        ),
        None,
    )
    return PulseFacts(
        factors,
        profile.overall,
        closed,
        (told.result or {}) if told else {},
        (told.action or {}) if told else {},
        profile.weakest,
    )


def _questions(session: Session, start: datetime, end: datetime) -> QuestionFacts:
    rows = digest_queries.questions(session, end - ASKED_SINCE, end)
    answered = [row for row in rows if row.first_answered_at and start <= row.first_answered_at < end]
    waiting = [row for row in rows if row.first_answered_at is None or row.first_answered_at >= end]
    times = [_time_to_answer(row, end) for row in rows]
    middle = median(survival(times))
    kept, missed = sum(bool(row.was_in_time) for row in answered), sum(_ran_out(row, start, end) for row in rows)
    late = [row for row in waiting if row.answer_by is not None and row.answer_by <= end]
    asked = questions.asked_since(session, end - ASKED_SINCE, before=end)
    return QuestionFacts(
        asked=sum(start <= row.opened_at for row in rows),
        answered=len(answered),
        waiting=len(waiting),
        overdue=len(late),
        median_hours=_rounded(middle),
        in_time=(kept, kept + missed) if kept or missed else None,
        open=tuple(
            OpenQuestion(row.id, row.text[:CUT], row.topic, row.owner_id, row in late)
            for row in sorted(waiting, key=lambda row: (row.answer_by or end, row.id))[:SHOWN]
        ),
        missing=tuple((text[:CUT], times) for text, times in missing(session, asked)),
        learned=tuple(
            (entry.variants[0].text[:CUT], entry.answer[:CUT])
            for entry in digest_queries.learned(session, start, end, SHOWN)
            if entry.variants
        ),
    )


def _ran_out(row: WeekQuestion, start: datetime, end: datetime) -> bool:
    """Whether its time was over in that week, with no answer."""
    if row.answer_by is None or not start <= row.answer_by < end:
        return False
    return row.first_answered_at is None or row.first_answered_at > row.answer_by


def _mentions(session: Session, start: datetime, end: datetime) -> MentionFacts:
    rows = listening.heard_between(session, start, end, as_of=end)
    judged = [in_time for _tone, state, in_time in rows if in_time is not None and state != MentionState.IRRELEVANT]
    return MentionFacts(
        heard=len(rows),
        negative=sum(tone == Tone.NEGATIVE for tone, _state, _in_time in rows),
        positive=sum(tone == Tone.POSITIVE for tone, _state, _in_time in rows),
        waiting=sum(state in WITH_A_PERSON for _tone, state, _in_time in rows),
        in_time=(sum(judged), len(judged)) if judged else None,
    )


def _time_to_answer(row: WeekQuestion, end: datetime) -> tuple[float, bool]:
    """(hours, answered); one that is not answered by the end is known to take at least so long."""
    answered = row.first_answered_at if row.first_answered_at and row.first_answered_at < end else None
    return ((answered or end) - row.opened_at) / timedelta(hours=1), answered is not None


def _rollout(session: Session, end: datetime) -> tuple[UnitPhase, ...]:
    found = []
    for unit in organisation.units(session):
        judged = gates.gates(session, unit, end) if unit.phase == Phase.PILOT else ()
        holds = sum(bool(gate.holds) for gate in judged)
        found.append(UnitPhase(unit.name, unit.phase, holds if judged else None, len(judged) or None))
    return tuple(found)


def _planned(activities: Sequence[framework.Activity], since: datetime, until: datetime) -> tuple[Planned, ...]:
    coming = views.upcoming(activities, since=since, until=until)
    return tuple(Planned(item.activity.name, item.when.start, item.activity.unit) for item in coming[:SHOWN])


def _findings(session: Session, end: datetime) -> tuple[Finding, ...]:
    start, seed = end - LOOKED_BACK * WEEK, end.toordinal()
    compared = [
        learning.compare(option, digest_queries.clicks_by(session, option, start, end), seed=seed)
        for option in ("channel", "topic", "voice")
    ]
    compared.append(learning.compare("slot", digest_queries.acted_by_slot(session, start, end), seed=seed))
    return tuple(finding for finding in compared if finding is not None)


def _effect(session: Session, end: datetime) -> NudgeEffect | None:
    found = yearly_effect(session, now=end)
    if found is None:
        return None
    if found.with_nudges is None or found.without is None or found.low is None or found.high is None:
        return None
    with_nudges, without, low, high = (
        round(100 * share, 1) for share in (found.with_nudges, found.without, found.low, found.high)
    )
    return NudgeEffect(with_nudges, without, low, high, found.is_known)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
