"""A person's week: whether they are nudged in it at all, drawn at random so that the effect can be known, and in which
slots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

import numpy as np

from bot.core.context import Job
from bot.features.sharing.domain.local_days import Calendar, Day, calendar_of
from bot.features.sharing.domain.slots import SlotChoice, Timing, beliefs_of, fixed, learned, slots_of_week
from storage.sharing import plans
from storage.sharing.plans import Candidate, ExperimentArm

REMEMBERED = timedelta(days=90)
Week = tuple[str, Sequence[str], str]  # arm, slots, timing


def weeks_of(job: Job, people: Sequence[Candidate], days: Mapping[Calendar, Day]) -> dict[int, Week]:
    """The week of each; drawn and stored if missing."""
    found: dict[int, Week] = {}
    of_week: dict[str, list[Candidate]] = {}
    for person in people:
        of_week.setdefault(days[calendar_of(person)].week, []).append(person)
    for week, members in of_week.items():
        known = plans.weeks_of(job.session, [person.id for person in members], week)
        fresh = [person for person in members if person.id not in known]
        found |= known
        found |= _draw(job, week, fresh, [days[calendar_of(person)] for person in fresh])
    return found


def _draw(job: Job, week: str, people: Sequence[Candidate], days: Sequence[Day]) -> dict[int, Week]:
    """Hold out a random share of person-weeks, but never a person's first."""
    drawn: dict[int, Week] = {}
    if not people:
        return drawn
    had_one = plans.with_a_week(job.session, [person.id for person in people])
    rows = []
    for person, day, choice in zip(people, days, _choices(job, people, days), strict=True):
        is_first = person.id not in had_one
        arm = ExperimentArm.NUDGE if is_first or job.random.random() >= job.rules.no_nudge_share else ExperimentArm.NONE
        drawn[person.id] = (arm, choice.slots, choice.policy)
        rows.append(
            {
                "employee_id": person.id,
                "arm": arm,
                "policy": Timing.FIRST if is_first else choice.policy,
                "allowed": day.left_names,
                "slots": choice.slots,
                "probability": choice.probability,
                "unit_id": person.unit_id,
                "starts_at": day.week_starts,
            }
        )
    plans.add_weeks(job.session, rows, week=week)
    return drawn


def _choices(job: Job, people: Sequence[Candidate], days: Sequence[Day]) -> list[SlotChoice]:
    wanted, gap = job.rules.messages_a_week, job.rules.nudge_gap_hours / 24
    if job.memoize("population", lambda: plans.population(job.session)) < job.rules.learns_from:
        return [fixed(day.left, wanted, gap) for day in days]
    slots = slots_of_week(job.rules)
    since, until = job.now - REMEMBERED, job.now - timedelta(days=1)
    trials = plans.slot_trials(job.session, [person.id for person in people], since=since, until=until)
    means = job.memoize("slot means", lambda: plans.slot_means(job.session, since=since, until=until))
    beliefs = beliefs_of([(person.id, person.unit_id) for person in people], slots, trials, means, job.now)
    random = np.random.default_rng(job.random.getrandbits(64))
    return learned([day.left for day in days], beliefs, slots, wanted, gap, random)
