"""Scheduled welcome: everybody is greeted once; those who opted in get the tour, within their budget."""

from __future__ import annotations

from datetime import timedelta

from bot.core.contact_budget import moment_for
from bot.core.context import Effect, Job, Send
from storage.people import newcomers

SOON = timedelta(days=14)  # within which somebody new has a working day, whatever their holidays
PAUSE = timedelta(hours=20)  # at least, between two messages of the tour
AT_A_TICK = 200


def welcome_newcomers(job: Job) -> list[Effect]:
    """Introduce the bot once to everyone it can reach, in their working hours; nobody is nudged who was not asked."""
    effects: list[Effect] = []
    for person in newcomers.to_welcome(job.session, limit=500):
        person.welcomed_at = job.now
        due = moment_for(job, person, SOON, is_new=True) or job.now + SOON
        effects.append(Send(person, f"welcome:{person.id}", kind="welcome", subject=person.id, not_before=due))
    return effects


def guide(job: Job) -> list[Effect]:
    """The tick: the next message to those who said yes, some at a time."""
    effects: list[Effect] = []
    for person in newcomers.on_tour(job.session, before=job.now - PAUSE, limit=AT_A_TICK):
        due = moment_for(job, person)
        person.tour_at = job.now if due is None else max(job.now, due)
        if due is None:
            continue
        person.tour_step = max(person.tour_step, 1) + 1
        key = f"tour:{person.id}:{person.tour_step}"
        effects.append(Send(person, key, kind="tour", subject=person.tour_step, not_before=due))
    return effects
