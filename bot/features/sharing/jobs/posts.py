"""Scheduled work on posts: bring drafts to the leads, a few at a time, and expire posts."""

from __future__ import annotations

from bot.core.cancellation import cancel_planned
from bot.core.context import Effect, Job, Send
from bot.features.sharing.cards.nudge import repainted
from storage.people import employees
from storage.sharing import nudges, posts
from storage.sharing.nudges import NudgeState
from storage.sharing.posts import PostState

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
    effects: list[Effect] = []
    for post in posts.overdue(job.session, job.now):
        post.expire()
        cancel_planned(job.session, job.now, post_id=post.id, reason="the post expired")
        for nudge in nudges.about(job.session, post.id):
            if nudge.state in (NudgeState.SENT, NudgeState.LATER):
                effects += repainted(nudge)
    return effects
