"""Triage: each mention goes to the owner of its channel, with a due time, as questions do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from bot.core.cards import Card
from bot.core.context import BackgroundResult, ComposeRequest, Context, Effect, Job, Send, words_of
from bot.core.working_time import after_working_hours, at_hour, zone_of
from bot.features.escalation.domain.assignment import NOBODY, due, instead_of, others, responsible
from bot.features.escalation.domain.reminders import ALERTS, QUIET, newly_due
from bot.features.mentions import cards as mention_cards
from bot.features.mentions.domain import model_tone
from content.language import language_of
from content.tone import tone_of
from storage.framework import framework
from storage.mentions import listening
from storage.mentions.listening import TONES, Mention, Tone, ToneBy
from storage.people.employees import Employee
from storage.questions import topics

AT_A_TICK = 200  # mentions
LOOKED_AT = 1000  # of those whose moment has come, in a tick: what is told together comes together
DAY = timedelta(days=1)
SOON, LATE = "soon", "late"


class Reminder(NamedTuple):
    """Of all quiet mentions of `owner`, to `person`."""

    person: int
    owner: int
    is_late: bool


def bring(job: Job) -> list[Effect]:
    """Tick job: triage what was heard since the last tick."""
    found = listening.fresh(job.session, AT_A_TICK)
    effects: list[Effect] = []
    for mention in found:
        effects += open_mention(job, mention)
    if found and job.rules.model_writes:
        effects += model_tone.consults(found)
    return effects


def open_mention(context: Context | Job, mention: Mention) -> list[Effect]:
    """Assign the mention to the owner of its channel, else to a comms lead."""
    mention.language = mention.language or language_of(mention.text)
    if mention.tone is None:
        mention.judge(Tone(tone_of(mention.text, mention.language)), by=ToneBy.WORDS)
    source = mention.source
    if mention.topic is None and source is not None and source.channel is not None:
        mention.topic = topics.topic(context.session, source.channel)
    owner = responsible(context.session, mention.topic, context.now)
    return _start(context, mention, owner, key=f"mention:{mention.id}")


def remind_of_mentions(job: Job) -> list[Effect]:
    """The tick: each mention whose moment has come. At three quarters of the time its owner is reminded, at its end the
    deputy and a lead hear of it; where the owner cannot look after it, somebody else does. Of what went quietly to the
    list one card tells, in the morning after."""
    effects: list[Effect] = []
    together: dict[Reminder, tuple[Employee, Employee]] = {}
    for mention in listening.to_look_at(job.session, now=job.now, limit=LOOKED_AT):
        owner = mention.owner
        if owner is None or not owner.is_present(job.now):
            effects += _find_somebody_else(job, mention)
        elif QUIET in mention.reminded:
            moments = [(kind, _morning_after(job, moment, owner)) for kind, moment in _moments(mention)]
            is_late, told = _whom_to_remind(job, mention, owner, moments)
            together |= {Reminder(person.id, owner.id, is_late): (person, owner) for person in told}
        else:
            effects += _remind(job, mention, owner)
    return [*effects, *(_remind_of_all(job, *people, is_late=of.is_late) for of, people in together.items())]


def compose_mention(job: Job, asked: ComposeRequest) -> Card | None:
    """The owner's current card; a new one only while the mention waits."""
    found = listening.mention(job.session, asked.subject)
    if found is None or not (asked.replacing or found.is_with_a_person):
        return None
    return card_of(job, found, asked.person)


def card_of(context: Context | Job, found: Mention, person: Employee) -> Card:
    watched = found.source.audience if found.source is not None else None
    audience = framework.audience(context.session, watched) if watched else None
    return mention_cards.mention_card(
        found, words_of(person, context.now), person.id, audience.name if audience else ""
    )


def take_tones(job: Job, said: BackgroundResult) -> list[Effect]:
    """Store the model's judgement of tone; a person's own judgement stays."""
    for number, tone in model_tone.checked_tones(said.written or "").items():
        found = listening.mention(job.session, number)
        if found is not None and tone in TONES:
            found.judge(Tone(tone), by=ToneBy.MODEL)
    return []


def _start(context: Context | Job, mention: Mention, owner: Employee | None, *, key: str) -> list[Effect]:
    """It comes to `owner`: with a card, or quietly where many came today. The first quiet one says so."""
    hours = context.rules.answer_days * (context.rules.office[1] - context.rules.office[0])
    mention.go_to(owner, context.now)
    mention.reminded = []
    mention.remind_at, mention.answer_by = due(context.now, hours, owner, context.rules)
    mention.look_at = mention.remind_at if owner is not None else context.now + NOBODY
    context.session.flush()
    if owner is None:
        return []
    zone = zone_of(owner.time_zone)
    today = at_hour(context.now.astimezone(zone).date(), 0, zone)
    number = listening.brought_today(context.session, owner.id, since=today)
    if number <= ALERTS:
        return [Send(owner, f"{key}:{owner.id}", kind="mention", subject=mention.id)]
    mention.reminded = [QUIET]
    if number > ALERTS + 1:
        return []
    said = mention_cards.more_card(ALERTS, words_of(owner, context.now))
    return [Send(owner, f"{key}:{owner.id}:more", said, kind="mentions")]


def _moments(mention: Mention) -> list[tuple[str, datetime | None]]:
    return [(SOON, mention.remind_at), (LATE, mention.answer_by)]


def _morning_after(job: Job, moment: datetime | None, owner: Employee) -> datetime | None:
    """When the owner's next working day begins."""
    if moment is None:
        return None
    zone = zone_of(owner.time_zone)
    midnight = at_hour(moment.astimezone(zone).date() + DAY, 0, zone)
    return after_working_hours(midnight, 0, time_zone=owner.time_zone, country=owner.country, office=job.rules.office)


def _whom_to_remind(
    job: Job, mention: Mention, owner: Employee, moments: Sequence[tuple[str, datetime | None]]
) -> tuple[bool, Sequence[Employee]]:
    """(whether it is late, who hears of it now)."""
    fresh = newly_due(mention, moments, job.now)
    if LATE not in fresh:
        return False, [owner] if fresh else []
    return True, others(job.session, mention.topic, owner.id, job.now) or [owner]


def _remind(job: Job, mention: Mention, owner: Employee) -> list[Effect]:
    is_late, told = _whom_to_remind(job, mention, owner, _moments(mention))
    kind = LATE if is_late else SOON
    return [
        Send(
            person,
            f"mention:{mention.id}:{person.id}:{kind}:{job.now:%Y%m%d%H%M}",
            mention_cards.reminder_card(mention, words_of(person, job.now), is_late=is_late),
            kind="mention_reminder",
            subject=mention.id,
        )
        for person in told
    ]


def _remind_of_all(job: Job, person: Employee, owner: Employee, *, is_late: bool) -> Effect:
    if is_late:
        number = listening.number_overdue(job.session, owner.id, now=job.now)
    else:
        number = listening.number_waiting(job.session, owner.id, and_unowned=False)
    said = mention_cards.many_card(owner.name, number, words_of(person, job.now), is_late=is_late)
    kind = LATE if is_late else SOON
    return Send(person, f"mentions:{owner.id}:{person.id}:{kind}:{job.now:%Y%m%d%H%M}", said, kind="mentions")


def _find_somebody_else(job: Job, mention: Mention) -> list[Effect]:
    owner = instead_of(job.session, mention.topic, mention.owner, job.now)
    if owner is None:
        mention.look_at = job.now + NOBODY
        return []
    return _start(job, mention, owner, key=f"mention:{mention.id}:instead:{job.now:%Y%m%d%H%M}")
