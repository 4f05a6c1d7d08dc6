"""When a question is due, and what the clock does about it: remind, bring in the deputy and a lead, find somebody else
where the owner is away or gone."""

from __future__ import annotations

from datetime import datetime

from bot.core.context import Effect, Job, Send, words_of
from bot.core.rules import Rules
from bot.features.escalation.domain.assignment import NOBODY, due, instead_of, others
from bot.features.escalation.domain.reminders import newly_due, next_reminder
from bot.features.questions.cards import owner as owner_cards
from bot.features.questions.domain.access import not_asked
from storage.people.employees import Employee
from storage.questions import questions
from storage.questions.questions import Question, QuestionState

AT_A_TICK = 500  # questions looked at


def start(asked: Question, owner: Employee | None, now: datetime, rules: Rules) -> None:
    """The question is with `owner` from now on. What the asker was promised stays: when it is to be answered is set at
    the first start only, and anew by `extend`."""
    asked.go_to(owner)
    asked.opened_at = asked.opened_at or now
    asked.reminded = [kind for kind in asked.reminded if kind.endswith("answer")]
    asked.remind_claim_at, asked.acknowledge_by = due(now, rules.acknowledge_hours, owner, rules)
    if asked.answer_by is None:
        extend(asked, now, rules)
    asked.look_at = next_look(asked) if owner is not None else now + NOBODY


def extend(asked: Question, now: datetime, rules: Rules) -> None:
    """The time to answer begins anew: the asker said something more."""
    hours = rules.answer_days * (rules.office[1] - rules.office[0])
    asked.remind_answer_at, asked.answer_by = due(now, hours, asked.owner, rules)
    asked.reminded = [kind for kind in asked.reminded if not kind.endswith("answer")]
    asked.look_at = next_look(asked)


def next_look(asked: Question) -> datetime | None:
    """The first moment that nothing was said about yet."""
    return next_reminder(asked, _moments(asked))


def remind_of_questions(job: Job) -> list[Effect]:
    """The tick: each question whose moment has come, and those whose owner cannot answer."""
    effects: list[Effect] = []
    for asked in questions.without_their_owner(job.session, now=job.now, limit=AT_A_TICK):
        effects += _find_somebody_else(job, asked)
    for asked in questions.to_look_at(job.session, now=job.now, limit=AT_A_TICK):
        effects += _look(job, asked)
    return effects


def _look(job: Job, asked: Question) -> list[Effect]:
    if asked.owner is None:
        return _find_somebody_else(job, asked)
    if asked.acknowledge_by is None:  # asked before there were deadlines
        start(asked, asked.owner, job.now, job.rules)
        return []
    effects: list[Effect] = []
    fresh = newly_due(asked, _moments(asked), job.now)
    if any(kind.startswith("late") for kind in fresh):
        effects += _bring_in_others(job, asked, fresh[-1])
    elif fresh:
        effects.append(_card_for(asked, asked.owner, f"reminder:{fresh[-1]}", job))
    return effects


def _bring_in_others(job: Job, asked: Question, kind: str) -> list[Effect]:
    """The deputy and a lead hear of it, once each; who takes it first has it."""
    people = others(job.session, asked.topic, asked.owner_id, job.now)
    return [_card_for(asked, person, kind, job) for person in people]


def _find_somebody_else(job: Job, asked: Question) -> list[Effect]:
    before = asked.owner_id
    owner = instead_of(job.session, asked.topic, asked.owner, job.now, but=not_asked(asked))
    if owner is None:  # it stays where it is
        is_there = asked.owner is not None and asked.owner.is_active
        asked.look_at = next_look(asked) if is_there else job.now + NOBODY
        return []
    start(asked, owner, job.now, job.rules)
    return [_card_for(asked, owner, f"instead:{before or 0}", job)]


def _card_for(asked: Question, person: Employee, why: str, job: Job) -> Send:
    key = f"question:{asked.id}:{asked.follow_ups}:{person.id}:{why}:{job.now:%Y%m%d%H%M}"
    if why.startswith(("reminder", "late")):
        said = owner_cards.reminder_card(asked, words_of(person, job.now), person.id, is_late=why.startswith("late"))
        return Send(person, key, said, kind="question_reminder", subject=asked.id)
    return Send(person, key, kind="question", subject=asked.id)


def _moments(asked: Question) -> list[tuple[str, datetime | None]]:
    """(kind, moment) of all that is to be said while the question is with a person."""
    found = [("soon_answer", asked.remind_answer_at), ("late_answer", asked.answer_by)]
    if asked.state == QuestionState.OPEN:
        found += [("soon_claim", asked.remind_claim_at), ("late_claim", asked.acknowledge_by)]
    return found
