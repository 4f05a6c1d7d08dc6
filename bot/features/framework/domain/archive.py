"""Retires a channel: what becomes of its posts, open questions, mentions and sources."""

from __future__ import annotations

from datetime import datetime

from bot.core.cancellation import cancel_planned
from storage.database import Session
from storage.mentions import listening
from storage.questions import questions
from storage.sharing import posts
from storage.sharing.posts import PostState


def retire_channel(session: Session, channel: str, now: datetime) -> None:
    """Posts meant for it alone go back to the leads, others go on without it; the clock finds somebody else for what is
    open in it; its sources pause. Shares, answers and links stay as they are."""
    for post in posts.meant_for(session, channel):
        post.channels = [name for name in post.channels if name != channel]
        if not post.channels and post.state == PostState.LIVE:
            post.send_to_review()
            cancel_planned(session, now, post_id=post.id, reason="the channel was retired")
    questions.release_topic(session, channel, now=now)
    listening.release_channel(session, channel, now=now)
