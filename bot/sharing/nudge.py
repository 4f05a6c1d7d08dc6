"""A nudge: one prompt to one person about one post, and the four ways to answer it without sharing."""

from __future__ import annotations

from datetime import timedelta

from bot.cards import Card
from bot.errors import NotUnderstood
from bot.events import Pressed
from bot.own import own_nudge
from bot.sharing.nudge_cards import current_card
from bot.turn import Asked, Job, Reply, Turn, Wish
from storage import shares
from storage.shares import DECLINED, LATER, SENT, TAKEN, WITHDRAWN, Nudge

LATER_AFTER = timedelta(days=2)
REASONS = ("topic", "words", "salesy", "account")


def press_nudge(turn: Turn, event: Pressed) -> list[Wish]:
    """`nudge.<what>` on a nudge's card."""
    nudge = own_nudge(turn, event.ref)
    if event.message:
        nudge.message, nudge.workspace_id = event.message, event.workspace
    if nudge.state in (WITHDRAWN, TAKEN) or not nudge.post.is_shareable(turn.now):
        return [Reply(current_card(turn, nudge))]
    what = event.action.removeprefix("nudge.")
    match what:
        case "later":
            nudge.state, nudge.again_at = LATER, turn.now + LATER_AFTER
        case "decline":
            nudge.state, nudge.decline_reason = DECLINED, None
        case "back":
            nudge.state, nudge.decline_reason, nudge.again_at = SENT, None, None
        case "less":
            nudge.state, nudge.decline_reason = DECLINED, "topic"
            _ask_less(turn, nudge)
        case _ if what.removeprefix("because_") in REASONS:
            nudge.state, nudge.decline_reason = DECLINED, what.removeprefix("because_")
            if nudge.decline_reason == "topic":
                _ask_less(turn, nudge)
        case _:
            raise NotUnderstood("I do not know that button. It may belong to an older card.")
    return [Reply(current_card(turn, nudge))]


def _ask_less(turn: Turn, nudge: Nudge) -> None:
    topic = nudge.post.topic
    if topic and topic not in turn.person.topics_declined:
        turn.person.topics_declined = [*turn.person.topics_declined, topic]


def compose_nudge(job: Job, asked: Asked) -> Card | None:
    """The card as it is to be now, None when nothing is to be said any more."""
    nudge = shares.nudge(job.session, asked.subject)
    if nudge is None or nudge.employee.state != "active":
        return None
    is_wanted = nudge.employee.nudges_wanted is True and nudge.post.is_shareable(job.now)
    if not asked.replacing and not is_wanted:  # the last look before it goes
        nudge.state = WITHDRAWN
        return None
    return current_card(job, nudge)


def nudge_is_out(job: Job, nudge_id: int, workspace: str, message: str) -> None:
    nudge = shares.nudge(job.session, nudge_id)
    if nudge is not None:
        nudge.workspace_id, nudge.message = workspace, message
        if nudge.state == shares.PLANNED:
            nudge.state, nudge.sent_at = SENT, job.now
