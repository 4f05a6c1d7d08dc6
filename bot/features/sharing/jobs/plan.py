"""The planner: for each person and day at most one nudge, in one of their slots, within the budget, with the reason."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from bot.core import contact_budget
from bot.core.context import Broadcast, Effect, Job, NextSlice, Recipient, Send
from bot.core.recurrence import occurrences
from bot.features.sharing.domain.local_days import Calendar, Day, calendar_of, days_of
from bot.features.sharing.domain.nudge_experiment import Week, weeks_of
from bot.features.sharing.domain.rank import Offers, RankedPost, SharingHistory
from storage.framework import framework
from storage.people import employees
from storage.people.organisation import lineages
from storage.pulse import rounds
from storage.pulse.round_store import RoundOver
from storage.sharing import nudges, plans, posts
from storage.sharing.nudges import NudgeState
from storage.sharing.plans import Candidate, ContactHistory, ExperimentArm

SLICE = 2000  # people a transaction
LATEST = timedelta(minutes=5)  # before the end of its slot, so that it does not arrive after
ASK = "ask: fewer, other topics, none?"


class NudgeDecision(NamedTuple):
    """What was decided for a person and day: `post` at `due` in `slot`, or nothing, and why."""

    person: Candidate
    reason: str
    slot: str = ""
    timing: str = ""
    ranked: RankedPost | None = None
    due: datetime | None = None


def plan_news(job: Job) -> list[Effect]:
    """Plan for people whom the planner has not seen since they opted in, or since a post went live."""
    live = posts.newest_live(job.session, job.now)
    if live is None or (job.after == 0 and not plans.is_anybody_new(job.session, planned_before=live)):
        return []
    return plan_day(job, looked_before=live)


def plan_day(job: Job, *, looked_before: datetime | None = None) -> list[Effect]:
    """The day of everyone in the zone `job.scope`, or in every zone."""
    people, following = plans.candidates(
        job.session, planned_before=looked_before or job.now, zone=job.scope, after_id=job.after, limit=SLICE
    )
    effects: list[Effect] = []
    if people:
        decisions = decide(job, people)
        plans.planned(job.session, [person.id for person in people], job.now)
        effects = _carry_out(job, decisions)
    return effects if following is None else [*effects, NextSlice(following)]


def decide(job: Job, people: Sequence[Candidate]) -> list[NudgeDecision]:
    """The decision for each person; draws and stores missing weeks."""
    ids = [person.id for person in people]
    offers = Offers(posts.shareable(job.session, job.now), job.now, _running(job), lineages(job.session))
    days = days_of(people, job.now, job.rules)
    begun = min((day.week_starts for day in days.values()), default=job.now)
    known = _Known(
        days=days,
        weeks=weeks_of(job, people, days),
        past=_past(job, ids, offers.stories),
        spoken=contact_budget.spoken_lately(job, ids, week_from=begun),
        awaiting=_awaiting(job, ids),
        silent=plans.unanswered(job.session, ids, sent_before=job.now - timedelta(days=1)),
    )
    return [_decide(job, person, known, offers) for person in people]


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of the people of a slice, by employee; of most, little."""

    days: Mapping[Calendar, Day]
    weeks: Mapping[int, Week]
    past: Mapping[int, SharingHistory]
    spoken: Mapping[int, ContactHistory]
    awaiting: Container[int]  # whom the pulse may still have to remind
    silent: Mapping[int, int]  # nudges in a row that they have not touched


def _awaiting(job: Job, ids: Sequence[int]) -> set[int]:
    """Whom the pulse may still have to remind. Whether they have answered makes no difference, for who is nudged would
    tell it."""
    found = set[int]()
    for row in rounds.reminding(job.session):
        with suppress(RoundOver):
            found |= {ballot.person for ballot in job.ballots.ballots(row.id, ids)}
    return found


def _past(job: Job, ids: Sequence[int], stories: Sequence[int]) -> dict[int, SharingHistory]:
    past: dict[int, SharingHistory] = defaultdict(SharingHistory)
    for person, story in nudges.offered(job.session, ids, stories):
        past[person].offered.add(story)
    for (person, topic), record in plans.topic_record(job.session, ids).items():
        past[person].topics[topic] = record
    for person, channels in plans.channels_used(job.session, ids).items():
        past[person].channels.update(channels)
    return dict(past)


def _decide(job: Job, person: Candidate, known: _Known, offers: Offers) -> NudgeDecision:
    day, spoken = known.days[calendar_of(person)], known.spoken.get(person.id)
    unanswered = known.silent.get(person.id, 0)
    blocked = _blocked(person, day, job, unanswered)
    if blocked == ASK and spoken is not None and spoken.times >= job.rules.messages_a_week:
        blocked = "budget"
    if blocked:
        return NudgeDecision(person, blocked)
    arm, slots, timing = known.weeks[person.id]
    slot = next((name for name in day.open if name in slots), None)
    if arm == ExperimentArm.NONE or slot is None:
        return NudgeDecision(person, "no-nudge week" if arm == ExperimentArm.NONE else "no slot today")
    start, end = day.open[slot]
    earliest = contact_budget.next_nudge_at(
        spoken,
        job.now,
        job.rules,
        is_fewer=person.fewer,
        unanswered=unanswered,
        day_start=day.starts,
        reserved=person.id in known.awaiting,
    )
    if earliest is None or max(earliest, start) >= end:
        return NudgeDecision(person, "budget", slot, timing)
    ranked = offers.best(person, known.past.get(person.id))
    if ranked is None:
        return NudgeDecision(person, "nothing new", slot, timing)
    due = _spread(max(earliest, start), end, job)
    if ranked.post.expires_at is not None and ranked.post.expires_at <= due:
        due = max(earliest, start)
    return NudgeDecision(person, ranked.why, slot, timing, ranked, due)


def _running(job: Job) -> set[str]:
    """Activities that go on today."""
    return {
        item.id
        for item in framework.activities(job.session)
        for _today in occurrences(
            datetime.fromisoformat(item.starts),
            item.time_zone,
            item.minutes,
            item.repeats,
            since=job.now,
            until=job.now + timedelta(days=1),
        )
    }


def _blocked(person: Candidate, day: Day, job: Job, unanswered: int) -> str:
    """Why the person cannot be nudged today; "" if they can."""
    if person.is_asked_fewer:
        return "fallen silent"
    if unanswered >= contact_budget.SILENT_AFTER:
        return ASK
    if person.paused_until is not None and person.paused_until > job.now:
        return "paused"
    if person.away_until is not None and person.away_until > job.now:
        return "away"
    return "day of rest" if day.is_free else ""


def _spread(start: datetime, end: datetime, job: Job) -> datetime:
    """A random moment of the slot, so that a company does not post one link in one minute."""
    room = min((end - start - LATEST).total_seconds(), job.rules.nudge_spread_minutes * 60)
    return start + timedelta(seconds=max(0.0, room) * job.random.random())


# -- Carrying it out --------------------------------------------------------------------------------------


def _carry_out(job: Job, decisions: Sequence[NudgeDecision]) -> list[Effect]:
    taken = [item for item in decisions if item.ranked is not None and item.due is not None]
    taken.sort(key=lambda item: item.person.workspace_id)  # rows that leave together lie together
    rows = [
        {
            "employee_id": item.person.id,
            "post_id": item.ranked.post.id,
            "why": item.ranked.why,
            "slot": item.slot,
            "timing": item.timing,
        }
        for item in taken
        if item.ranked
    ]
    ids = nudges.add(job.session, rows, state=NudgeState.PLANNED, planned_at=job.now, acted_in_time=False)
    by_slot: dict[str, list[Recipient]] = {}
    for item, nudge_id in zip(taken, ids, strict=True):
        if item.due is not None:
            to = Recipient(item.person.id, item.person.workspace_id, item.person.address, nudge_id, item.due)
            by_slot.setdefault(item.slot, []).append(to)
    today = f"{job.now:%Y-%m-%d}"
    effects: list[Effect] = [Broadcast("nudge", f"{today}:{slot}", recipients) for slot, recipients in by_slot.items()]
    return effects + _ask_the_silent(job, decisions)


def _ask_the_silent(job: Job, decisions: Sequence[NudgeDecision]) -> list[Effect]:
    """After six unanswered nudges stop, and ask once, within the budget."""
    effects: list[Effect] = []
    for item in decisions:
        if item.reason == ASK:
            person = employees.employee(job.session, item.person.id)
            if person is not None:
                person.asked_fewer_at = job.now
                key = f"fewer:{person.id}:{job.now:%Y-%m-%d}"
                effects.append(Send(person, key, kind="reminder", subject=person.id))
    return effects
