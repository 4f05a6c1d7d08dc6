"""Scheduled work on posts: bring drafts to the leads, a few at a time, and expire posts."""

from __future__ import annotations

from datetime import datetime

from bot.core.cancellation import cancel_planned
from bot.core.context import Effect, Job, Send
from bot.features.sharing.cards.nudge import repainted
from storage.database import Session
from storage.people import employees
from storage.sharing import nudges, posts
from storage.sharing.nudges import NudgeState
from storage.sharing.posts import Post, PostState

AT_ONCE = 3  # posts in review at a time: a feed of two hundred must not bury a lead


def ask_for_review(job: Job) -> list[Effect]:
    """Keep up to AT_ONCE drafts before the leads' eyes."""
    room = AT_ONCE - posts.number_in(job.session, PostState.IN_REVIEW)
    leads = employees.with_role(job.session, "lead") if room > 0 else []
    if not leads:
        return []
    effects: list[Effect] = []
    for post in posts.to_review(job.session, room):
        post.send_to_review()
        effects += [Send(lead, f"review:{post.id}:{lead.id}", kind="review", subject=post.id) for lead in leads]
    return effects


def expire_posts(job: Job) -> list[Effect]:
    """Expire posts, and update the cards that still offer them."""
    return [
        effect
        for post in posts.overdue(job.session, job.now)
        for effect in end(job.session, post, now=job.now, reason="the post expired")
    ]


def end(session: Session, post: Post, *, now: datetime, reason: str) -> list[Effect]:
    """A post's time is over: nobody is offered it any more, and the cards that are out say so. What was shared stays,
    and its links work on. `reason` is written beside what was planned and is dropped."""
    post.expire()
    cancel_planned(session, now, post_id=post.id, reason=reason)
    return [
        effect
        for nudge in nudges.about(session, post.id)
        if nudge.state in (NudgeState.SENT, NudgeState.LATER)
        for effect in repainted(nudge)
    ]
