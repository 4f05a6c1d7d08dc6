"""Triage: each mention goes to the owner of its channel, with a due time, as questions do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from bot.core.cards import Card
from bot.core.context import BackgroundResult, ComposeRequest, Context, Effect, Job, Send, words_of
from bot.features.escalation.domain.assignment import NOBODY, due, instead_of, others, responsible
from bot.features.escalation.domain.reminders import newly_due
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
ALERTS = 10  # cards to one person within a day; what comes after waits in the list
DAY = timedelta(days=1)
SOON, LATE = "soon", "late"


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
    _start(context, mention, owner)
    context.session.flush()
    if owner is None:
        return []
    number = listening.brought_today(context.session, owner.id, since=context.now - DAY)
    if number > ALERTS:
        is_first = number == ALERTS + 1
        said = mention_cards.more_card(ALERTS, words_of(owner, context.now))
        return [Send(owner, f"mentions:{mention.id}", said, kind="mentions")] if is_first else []
    return [Send(owner, f"mention:{mention.id}:{owner.id}", kind="mention", subject=mention.id)]


def remind_of_mentions(job: Job) -> list[Effect]:
    """The tick: each mention whose moment has come. At three quarters of the time its owner is reminded, at its end the
    deputy and a lead hear of it; where the owner cannot look after it, somebody else does."""
    effects: list[Effect] = []
    for mention in listening.to_look_at(job.session, now=job.now, limit=AT_A_TICK):
        owner = mention.owner
        if owner is None or not owner.is_present(job.now):
            effects += _find_somebody_else(job, mention)
        else:
            effects += _remind(job, mention, owner)
    return effects


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


def _start(context: Context | Job, mention: Mention, owner: Employee | None) -> None:
    hours = context.rules.answer_days * (context.rules.office[1] - context.rules.office[0])
    mention.go_to(owner, context.now)
    mention.reminded = []
    mention.remind_at, mention.answer_by = due(context.now, hours, owner, context.rules)
    mention.look_at = mention.remind_at if owner is not None else context.now + NOBODY


def _remind(job: Job, mention: Mention, owner: Employee) -> list[Effect]:
    fresh = newly_due(mention, [(SOON, mention.remind_at), (LATE, mention.answer_by)], job.now)
    if not fresh:
        return []
    kind, is_late = fresh[-1], LATE in fresh
    told: Sequence[Employee] = [owner]
    if is_late:
        told = others(job.session, mention.topic, owner.id, job.now) or [owner]
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


def _find_somebody_else(job: Job, mention: Mention) -> list[Effect]:
    owner = instead_of(job.session, mention.topic, mention.owner, job.now)
    if owner is None:
        mention.look_at = job.now + NOBODY
        return []
    _start(job, mention, owner)
    return [
        Send(owner, f"mention:{mention.id}:{owner.id}:instead:{job.now:%Y%m%d%H%M}", kind="mention", subject=mention.id)
    ]
