"""Mentions at a glance: what waits, and by week how much was said, in which tone, and how much was answered in time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from bot.core.cards import Bold, Button, Card, Element, Facts, Heading, Table, actions, card, text
from bot.core.confidence_intervals import wilson
from bot.core.context import Context, Effect, Reply
from bot.core.events import Command, Pressed
from bot.core.i18n import Words, capital
from bot.core.ports import Pictures, chart
from bot.core.working_time import monday_of, week_of
from bot.features.mentions.cards import tone_name
from storage.database import Session
from storage.mentions import listening
from storage.mentions.listening import Mention, MentionState, Source, Tone

WEEKS, SHOWN = 6, 8
FEW = 10  # judged mentions, below which a range says nothing
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Volume:
    """What was heard in one week. `in_time`: (handled on time, of those that mattered and were handled or are late)."""

    week: str
    heard: int
    negative: int
    positive: int
    in_time: tuple[int, int]


def show_mentions(context: Context, _event: Command | Pressed) -> list[Effect]:
    """`mentions`: for owners and deputies what waits for them, for leads all that waits."""
    is_lead, session = context.person.has_role("lead"), context.session
    if is_lead:
        waiting = listening.waiting(session, limit=SHOWN + 1)
    else:
        waiting = listening.waiting_for(session, context.person.id, now=context.now, limit=SHOWN + 1)
    volumes = weekly(context.session, context.now)
    troubled = [row for row in listening.sources(context.session) if row.failures] if is_lead else []
    return [Reply(overview_card(waiting, volumes, troubled, context.words, context.pictures))]


def weekly(session: Session, now: datetime, weeks: int = WEEKS) -> list[Volume]:
    """The last weeks, UTC, the oldest first; the last one still under way."""
    monday = datetime.combine(monday_of(now.astimezone(UTC).date()), time(), UTC)
    return [volume(session, monday - back * WEEK, now) for back in reversed(range(weeks))]


def volume(session: Session, start: datetime, now: datetime) -> Volume:
    rows = listening.heard_between(session, start, start + WEEK, as_of=now)
    judged = [in_time for _tone, state, in_time in rows if in_time is not None and state != MentionState.IRRELEVANT]
    return Volume(
        week_of(start.date()),
        len(rows),
        sum(tone == Tone.NEGATIVE for tone, _s, _i in rows),
        sum(tone == Tone.POSITIVE for tone, _s, _i in rows),
        (sum(judged), len(judged)),
    )


def overview_card(
    waiting: Sequence[Mention], volumes: Sequence[Volume], troubled: Sequence[Source], words: Words, pictures: Pictures
) -> Card:
    title = words.t("Mentions")
    body: list[Element] = [Heading(title)]
    if not waiting:
        body.append(text(words.t("No mentions are waiting.")))
    for item in waiting[:SHOWN]:
        late = words.moment(item.answer_by) if item.answer_by else ""
        owner = item.owner.name if item.owner else words.t("nobody")
        body += [
            text(Bold(item.text[:120]), f" · {tone_name(item.tone, words)} · {owner} · {late}"),
            actions(Button(words.t("Show"), "mention.show", item.id)),
        ]
    if len(waiting) > SHOWN:
        body.append(text(words.t("More are waiting. Type /chorus {command} to see them all.", command="console")))
    if any(item.heard for item in volumes):
        bars = [(words.week(item.week), float(item.heard)) for item in volumes]
        body.append(chart(pictures, words.t("Mentions each week"), bars))
        tones = [capital(tone_name(tone, words)) for tone in (Tone.NEGATIVE, Tone.POSITIVE)]
        header = (words.t("Week"), words.t("Heard"), *tones, words.t("On time"))
        rows = tuple(
            (
                words.week(item.week),
                words.number(item.heard),
                words.number(item.negative),
                words.number(item.positive),
                _in_time(item, words),
            )
            for item in volumes
            if item.heard
        )
        body.append(Table(header, rows))
        note = words.t(
            "The tone is a guess, and you can correct it. In brackets: where the true figure very likely "
            "lies (95% sure)."
        )
        body.append(text(note, subtle=True))
    if troubled:
        pairs = tuple((row.name, row.error or "") for row in troubled[:SHOWN])
        body += [Heading(words.t("Sources I can’t read")), Facts(pairs)]
    body.append(actions(Button(words.t("Heard something…"), "heard")))
    return card(title, *body)


def _in_time(item: Volume, words: Words) -> str:
    part, whole = item.in_time
    if not whole:
        return "–"
    said = words.t("{part} of {whole}", part=part, whole=whole)
    if whole < FEW:
        return said
    interval = wilson(part, whole)
    low, high = round(100 * interval.low), round(100 * interval.high)
    return words.t("{part} of {whole} (could be {low}–{high}%)", part=part, whole=whole, low=low, high=high)
