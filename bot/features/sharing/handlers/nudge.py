"""Handlers of a nudge's buttons, and the composition of its card."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from bot.core.cancellation import cancel_nudges
from bot.core.cards import Card, about
from bot.core.context import Arrival, ComposeRequest, Context, Effect, Job
from bot.core.errors import NotUnderstood
from bot.core.events import Pressed
from bot.core.i18n import Words
from bot.core.ownership import own_nudge
from bot.core.working_time import is_day_off, is_quiet, is_same_day
from bot.features.sharing.cards.nudge import current_card, prompt_card, repainted, shown
from storage.sharing import nudges
from storage.sharing.nudges import OFFERED, DeclineReason, Nudge, NudgeState

LATER_AFTER = timedelta(days=2)


def later(context: Context, event: Pressed) -> list[Effect]:
    """`nudge.later`: offer it once more, on the same card."""
    return _answer(context, event, lambda nudge: nudge.put_off(_working_day_from(context, context.now + LATER_AFTER)))


def _working_day_from(context: Context, moment: datetime) -> datetime:
    """The same hour on the first working day from that moment on, where the person is."""
    person = context.person
    while is_day_off(moment, time_zone=person.time_zone, country=person.country):
        moment += timedelta(days=1)
    return moment


def decline(context: Context, event: Pressed) -> list[Effect]:
    """`nudge.decline`: not for me; the card asks why."""
    return _answer(context, event, lambda nudge: nudge.decline())


def decline_because(context: Context, event: Pressed) -> list[Effect]:
    """`nudge.because_*`: why not. "Not my topic" also means no more about it."""
    if event.argument not in tuple(DeclineReason):
        raise NotUnderstood(
            "That button no longer works – it’s probably from an older message. Type /chorus help to see what I can do."
        )
    return _answer(context, event, lambda nudge: _decline(context, nudge, DeclineReason(event.argument)))


def no_more_of_topic(context: Context, event: Pressed) -> list[Effect]:
    """`nudge.less`: no more nudges about its topic. The post itself stays on offer."""
    return _answer(context, event, lambda nudge: context.person.decline_topic(nudge.post.topic))


def topic_again(context: Context, event: Pressed) -> list[Effect]:
    """`nudge.more`: nudges about its topic again."""
    return _answer(context, event, lambda nudge: context.person.take_topic_back(nudge.post.topic))


def back(context: Context, event: Pressed) -> list[Effect]:
    """`nudge.back`: undo the answer, with what it said of the topic; or return from a form."""
    return _answer(context, event, lambda nudge: _offer_again(context, nudge))


def _answer(context: Context, event: Pressed, step: Callable[[Nudge], None]) -> list[Effect]:
    """Take `step`, unless it is too late for it; the card shows how it stands."""
    nudge = own_nudge(context, event.ref)
    if nudge.state in OFFERED and nudge.post.is_shareable(context.now):
        step(nudge)
    return shown(context, nudge, event, current_card(context, nudge, tells_fate=False))


def _decline(context: Context, nudge: Nudge, reason: DeclineReason) -> None:
    nudge.decline(reason)
    if reason == DeclineReason.TOPIC:
        context.person.decline_topic(nudge.post.topic)


def _offer_again(context: Context, nudge: Nudge) -> None:
    if nudge.decline_reason == DeclineReason.TOPIC:
        context.person.take_topic_back(nudge.post.topic)
    nudge.offer_again()


def compose_nudge(job: Job, asked: ComposeRequest) -> Card | None:
    """The current card; None when it is no longer wanted."""
    nudge = nudges.nudge(job.session, asked.subject)
    if nudge is None or not asked.person.is_active:
        return None
    if not asked.replacing and not _may_go(job, nudge):  # the last look before it goes
        if nudge.state == NudgeState.PLANNED:
            cancel_nudges(job.session, job.now, [nudge.id], reason="too late, or no longer wanted")
        else:
            nudge.withdraw()
        return None
    return current_card(job, nudge)


def compose_prompts(job: Job, nudge_ids: Sequence[int]) -> dict[int, Card]:
    """The first cards of many nudges at once. Those that changed since then are left out, to be composed alone."""
    waiting = nudges.waiting(job.session, nudge_ids, now=job.now)
    too_late = {
        (zone, country, planned_at)
        for zone, country, planned_at in {(item.time_zone, item.country, item.planned_at) for item in waiting}
        if is_quiet(job.now, time_zone=zone, country=country, rules=job.rules)
        or not is_same_day(planned_at, job.now, time_zone=zone)
    }
    return {
        item.id: about(
            prompt_card(item.prompt, Words(item.language, item.time_zone, job.now), job.rules.base_url), item.id
        )
        for item in waiting
        if (item.time_zone, item.country, item.planned_at) not in too_late
    }


def _may_go(job: Job, nudge: Nudge) -> bool:
    """Wanted, shareable, and at an hour of its day: what missed it is planned anew, never made up for at night or in
    one go on the Monday after."""
    person = nudge.employee
    if nudge.state == NudgeState.PLANNED and not is_same_day(nudge.planned_at, job.now, time_zone=person.time_zone):
        return False
    if person.nudges_wanted is not True or not nudge.post.is_shareable(job.now):
        return False
    if any(until is not None and until > job.now for until in (person.nudges_paused_until, person.away_until)):
        return False
    return not is_quiet(job.now, time_zone=person.time_zone, country=person.country, rules=job.rules)


def nudges_are_out(job: Job, arrivals: Sequence[Arrival]) -> list[Effect]:
    """Where the cards are; those whose post was recalled while they were leaving say so at once."""
    if nudges.arrived(job.session, [arrival.delivery for arrival in arrivals], now=job.now):
        return []
    overtaken = nudges.overtaken(job.session, [arrival.subject for arrival in arrivals])
    return [effect for nudge in overtaken for effect in repainted(nudge)]
