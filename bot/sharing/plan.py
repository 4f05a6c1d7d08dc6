"""Whom, what, when: for each person and day at most one nudge, in a slot of theirs, within the budget, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np

from bot import budget
from bot.calendar import country_of, is_holiday, monday_of, week_of, zone_of
from bot.recurrence import occurrences
from bot.sharing.rank import Offers, Ranked
from bot.sharing.slots import FIRST, Choice, Slot, beliefs_of, fixed, learned, slots_of_week
from bot.turn import Job, Mass, Post, Recipient, Wish
from storage import employees, framework, plans, posts, rounds, shares
from storage.plans import NONE, NUDGE, Candidate

SLICE = 2000  # people a transaction
LATEST = timedelta(minutes=5)  # before the end of its slot, so that it does not arrive after
REMEMBERED = timedelta(days=90)
ASK = "ask: fewer, other topics, none?"


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided for a person and day: `post` at `due` in `slot`, or nothing, and why."""

    person: Candidate
    reason: str
    slot: str = ""
    timing: str = ""
    ranked: Ranked | None = None
    due: datetime | None = None


def plan_news(job: Job) -> list[Wish]:
    """Those at whom the planner has not looked since they said yes, or since a post went live."""
    live = posts.newest_live(job.session, job.now)
    return plan_day(job, looked_before=live) if live is not None else []


def plan_day(job: Job, *, looked_before: datetime | None = None) -> list[Wish]:
    """The day of everyone in the zone `job.scope`, or in every zone."""
    people = plans.candidates(
        job.session, planned_before=looked_before or job.now, zone=job.scope, after_id=job.after, limit=SLICE
    )
    if not people:
        return []
    if len(people) == SLICE:
        job.more_after = people[-1].id
    decisions = decide(job, people)
    plans.planned(job.session, [person.id for person in people], job.now)
    return _carry_out(job, decisions)


def decide(job: Job, people: Sequence[Candidate]) -> list[Decision]:
    """What to do for each; draws and stores the week of those who have none yet."""
    ids = [person.id for person in people]
    offers = Offers(posts.shareable(job.session, job.now), job.now, _running(job))
    offered = shares.offered(job.session, ids, offers.ids)
    record = plans.topic_record(job.session, ids)
    channels = plans.channels_used(job.session, ids)
    spoken = budget.spoken_lately(job.session, ids, job.now, week_from=_week_start(people, job.now))
    awaiting = rounds.awaiting(job.session, ids)  # whom the pulse may still have to remind
    silent = plans.unanswered(job.session, ids, sent_before=job.now - timedelta(days=1))
    weeks, slots_now = _weeks(job, people), slots_of_week(job.rules)
    decisions = []
    for person in people:
        today = job.now.astimezone(zone_of(person.time_zone)).date()
        unanswered = silent.get(person.id, 0)
        blocked = _blocked(person, today, job, unanswered)
        if blocked == ASK and person.id in spoken and spoken[person.id].times >= job.rules.messages_a_week:
            blocked = "budget"
        if blocked:
            decisions.append(Decision(person, blocked))
            continue
        arm, slots, timing = weeks[person.id]
        slot = _open_slot(today, slots, slots_now, job, person)
        if arm == NONE or slot is None:
            decisions.append(Decision(person, "no-nudge week" if arm == NONE else "no slot today"))
            continue
        start, end = slot.window(monday_of(today), person.time_zone)
        day_start = datetime.combine(today, datetime.min.time(), zone_of(person.time_zone))
        earliest = budget.next_nudge_at(
            spoken.get(person.id), job.now, job.rules, is_fewer=person.fewer, unanswered=unanswered,
            day_start=day_start, reserved=person.id in awaiting,
        )  # fmt: skip
        if earliest is None or max(earliest, start) >= end:
            decisions.append(Decision(person, "budget", slot.name, timing))
            continue
        ranked = offers.best(person, offered, record, channels.get(person.id, set()))
        if ranked is None:
            decisions.append(Decision(person, "nothing new", slot.name, timing))
            continue
        due = _spread(max(earliest, start), end, job)
        if ranked.post.expires_at is not None and ranked.post.expires_at <= due:
            due = max(earliest, start)
        decisions.append(Decision(person, ranked.why, slot.name, timing, ranked, due))
    return decisions


def _running(job: Job) -> set[str]:
    """Activities that go on today."""
    return {
        item.id
        for item in framework.activities(job.session)
        for _today in occurrences(
            datetime.fromisoformat(item.starts), item.time_zone, item.minutes, item.repeats,
            since=job.now, until=job.now + timedelta(days=1),
        )
    }  # fmt: skip


def _week_start(people: Sequence[Candidate], now: datetime) -> datetime:
    """Monday at midnight, where it comes first."""
    zones = {zone_of(person.time_zone) for person in people}
    return min(
        datetime.combine(monday_of(now.astimezone(zone).date()), datetime.min.time(), zone).astimezone(UTC)
        for zone in zones
    )


def _blocked(person: Candidate, today: date, job: Job, unanswered: int) -> str:
    """Why nothing is said today whatever there is; "" when nothing stands against it."""
    if person.is_asked_fewer:
        return "fallen silent"
    if unanswered >= budget.SILENT_AFTER:
        return ASK
    if person.paused_until is not None and person.paused_until > job.now:
        return "paused"
    if person.away_until is not None and person.away_until > job.now:
        return "away"
    if not job.rules.on_holidays and is_holiday(country_of(person.country, person.time_zone), today):
        return "public holiday"
    return ""


def _open_slot(today: date, chosen: Sequence[str], slots: Sequence[Slot], job: Job, person: Candidate) -> Slot | None:
    """Today's slot of the person that is not over yet."""
    for slot in slots:
        if slot.day == today.weekday() and slot.name in chosen:
            _start, end = slot.window(monday_of(today), person.time_zone)
            if job.now < end:
                return slot
    return None


def _spread(start: datetime, end: datetime, job: Job) -> datetime:
    """A random moment of the slot, so that a company does not post one link in one minute."""
    room = min(end - LATEST - start, timedelta(minutes=job.rules.nudge_spread_minutes))
    return start + max(timedelta(0), room) * job.random.random()


# -- The week: which arm, which slots ---------------------------------------------------------------------


def _weeks(job: Job, people: Sequence[Candidate]) -> dict[int, tuple[str, Sequence[str], str]]:
    """(arm, slots, timing) of each person's week, drawn now where it was not yet."""
    found: dict[int, tuple[str, Sequence[str], str]] = {}
    today = {person.id: job.now.astimezone(zone_of(person.time_zone)).date() for person in people}
    fresh: dict[str, list[Candidate]] = {}
    for week in {week_of(day) for day in today.values()}:
        members = [person for person in people if week_of(today[person.id]) == week]
        known = plans.weeks_of(job.session, [person.id for person in members], week)
        found |= known
        fresh[week] = [person for person in members if person.id not in known]
    for week, members in fresh.items():
        found |= _draw(job, week, members, today)
    return found


def _draw(
    job: Job, week: str, people: Sequence[Candidate], today: dict[int, date]
) -> dict[int, tuple[str, Sequence[str], str]]:
    """The draw of the week: a random share of person-weeks stays without nudges, but never a person's first."""
    drawn: dict[int, tuple[str, Sequence[str], str]] = {}
    if not people:
        return drawn
    slots = slots_of_week(job.rules)
    calendars = {(person.time_zone, person.country, today[person.id]) for person in people}
    open_in = {calendar: _allowed(job, *calendar, slots) for calendar in calendars}
    allowed = [open_in[person.time_zone, person.country, today[person.id]] for person in people]
    had_one = plans.with_a_week(job.session, [person.id for person in people])
    rows = []
    for person, open_slots, choice in zip(people, allowed, _choices(job, people, allowed, slots), strict=True):
        is_first = person.id not in had_one
        arm = NUDGE if is_first or job.random.random() >= job.rules.no_nudge_share else NONE
        policy = FIRST if is_first else choice.policy
        drawn[person.id] = (arm, choice.slots, choice.policy)
        monday = monday_of(today[person.id])
        rows.append(
            {"employee_id": person.id, "week": week, "arm": arm, "policy": policy,
             "allowed": [slot.name for slot in open_slots], "slots": list(choice.slots),
             "probability": choice.probability, "unit_id": person.unit_id,
             "starts_at": datetime.combine(monday, datetime.min.time(), zone_of(person.time_zone))}
        )  # fmt: skip
    plans.add_weeks(job.session, rows)
    return drawn


def _choices(
    job: Job, people: Sequence[Candidate], allowed: Sequence[Sequence[Slot]], slots: Sequence[Slot]
) -> list[Choice]:
    wanted, gap = job.rules.messages_a_week, job.rules.nudge_gap_hours / 24
    if plans.population(job.session) < job.rules.learns_from:
        return [fixed(open_slots, wanted, gap) for open_slots in allowed]
    since, until = job.now - REMEMBERED, job.now - timedelta(days=1)
    trials = plans.slot_trials(job.session, [person.id for person in people], since=since, until=until)
    means = plans.slot_means(job.session, since=since, until=until)
    beliefs = beliefs_of([(person.id, person.unit_id) for person in people], slots, trials, means, job.now)
    return learned(allowed, beliefs, slots, wanted, gap, np.random.default_rng(job.random.getrandbits(64)))


def _allowed(job: Job, time_zone: str, own_country: str | None, today: date, slots: Sequence[Slot]) -> list[Slot]:
    """The slots of the week that are not over there and fall on no public holiday of the country."""
    monday, country = monday_of(today), country_of(own_country, time_zone)
    return [
        slot
        for slot in slots
        if slot.window(monday, time_zone)[1] > job.now
        and (job.rules.on_holidays or not is_holiday(country, monday + timedelta(days=slot.day)))
    ]


# -- Carrying it out --------------------------------------------------------------------------------------


def _carry_out(job: Job, decisions: Sequence[Decision]) -> list[Wish]:
    taken = [item for item in decisions if item.ranked is not None and item.due is not None]
    rows = [
        {"employee_id": item.person.id, "post_id": item.ranked.post.id, "state": shares.PLANNED, "why": item.ranked.why,
         "planned_at": job.now, "slot": item.slot, "timing": item.timing, "acted_in_time": False}
        for item in taken if item.ranked
    ]  # fmt: skip
    ids = shares.add_nudges(job.session, rows)
    by_slot: dict[str, list[Recipient]] = {}
    for item, nudge_id in zip(taken, ids, strict=True):
        if item.due is not None:
            to = Recipient(item.person.id, item.person.workspace_id, item.person.address, nudge_id, item.due)
            by_slot.setdefault(f"{job.now:%Y-%m-%d}:{item.slot}", []).append(to)
    wishes: list[Wish] = [Mass("nudge", slot, recipients) for slot, recipients in by_slot.items()]
    return wishes + _ask_the_silent(job, decisions)


def _ask_the_silent(job: Job, decisions: Sequence[Decision]) -> list[Wish]:
    """Six nudges unanswered: stop, and ask once. Within the budget, as any other message."""
    wishes: list[Wish] = []
    for item in decisions:
        if item.reason == ASK:
            person = employees.employee(job.session, item.person.id)
            if person is not None:
                person.asked_fewer_at = job.now
                key = f"fewer:{person.id}:{job.now:%Y-%m-%d}"
                wishes.append(Post(person, key, kind="reminder", subject=person.id))
    return wishes
