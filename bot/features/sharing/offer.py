"""Asking for content oneself, without waiting for a nudge."""

from __future__ import annotations

from bot.core.context import Reply, Turn, Wish
from bot.core.errors import Gone
from bot.core.events import Command, Pressed
from bot.features.sharing.nudge_cards import current_card
from bot.features.sharing.pages import pick_card
from storage import nudges, posts
from storage.nudges import Nudge


def show_content(turn: Turn, _event: Command | Pressed) -> list[Wish]:
    """`share`: what may be shared now, without waiting for a nudge."""
    offers = [post for post in posts.shareable(turn.session, turn.now) if post.unit_id in (None, turn.person.unit_id)]
    return [Reply(pick_card(offers[:5], turn.words))]


def pick(turn: Turn, event: Pressed) -> list[Wish]:
    """`share.pick` on a post: its nudge, now and here."""
    post = posts.post(turn.session, event.ref)
    if post is None or not post.is_shareable(turn.now) or post.unit_id not in (None, turn.person.unit_id):
        raise Gone("That content can no longer be shared. Type /chorus {command} to see what can.", command="share")
    nudge = nudges.nudge_about(turn.session, turn.person.id, post.id)
    if nudge is None:
        nudge = Nudge(
            employee=turn.person,
            post=post,
            why=nudges.PICKED,
            planned_at=turn.now,
            sent_at=turn.now,
            state=nudges.SENT,
        )
        turn.session.add(nudge)
    elif nudge.state in (nudges.PLANNED, nudges.DECLINED, nudges.LATER):
        nudge.state, nudge.sent_at = nudges.SENT, nudge.sent_at or turn.now
    turn.session.flush()
    if event.message:
        nudge.message, nudge.workspace_id = event.message, event.workspace
    return [Reply(current_card(turn, nudge))]
