"""Workshops and the clock: people are invited within their budget, and reminded of what they promised."""

from __future__ import annotations

from bot.core.contact_budget import moment_for
from bot.core.context import Effect, Job, Send
from storage.workshop import workshops

INVITED_AT_A_TICK = 200


def invite(job: Job) -> list[Effect]:
    """The tick: people of a unit whose workshop was opened, within their budget, some at a time."""
    effects: list[Effect] = []
    for row in workshops.inviting(job.session):
        people = workshops.to_invite(job.session, row, INVITED_AT_A_TICK)
        row.inviting_after = people[-1].id if len(people) == INVITED_AT_A_TICK else None
        for person in people:
            due = moment_for(job, person)
            if due is not None:
                key = f"workshop:{row.id}:{person.id}"
                effects.append(Send(person, key, kind="workshop", subject=row.id, not_before=due))
    return effects


def remind_of_commitments(job: Job) -> list[Effect]:
    """The tick: what is due today, once, within the budget."""
    effects: list[Effect] = []
    for item in workshops.commitments_due(job.session, job.now.date()):
        item.reminded_at = job.now
        due = moment_for(job, item.person)
        if item.person.is_active and due is not None:
            key = f"commitment:{item.id}:{item.due}"
            effects.append(Send(item.person, key, kind="commitment", subject=item.id, not_before=due))
    return effects
