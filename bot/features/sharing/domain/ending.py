"""The end of a post's time: nobody is offered it any more, and the cards that are out say so."""

from __future__ import annotations

from datetime import datetime

from bot.core.cancellation import cancel_planned
from bot.core.context import Effect
from bot.features.sharing.cards.nudge import repainted
from storage.database import Session
from storage.sharing import nudges
from storage.sharing.nudges import NudgeState
from storage.sharing.posts import Post


def end(session: Session, post: Post, *, now: datetime, reason: str) -> list[Effect]:
    """`reason` goes to the log of what was planned and is dropped. What was shared stays, and its links work on."""
    post.expire()
    cancel_planned(session, now, post_id=post.id, reason=reason)
    return [
        effect
        for nudge in nudges.about(session, post.id)
        if nudge.state in (NudgeState.SENT, NudgeState.LATER)
        for effect in repainted(nudge)
    ]
