"""Scheduled work on posts: bring drafts to the leads, a few at a time, and expire posts."""

from __future__ import annotations

from bot.core.context import Effect, Job, Send
from bot.features.sharing.domain.ending import end
from storage.people import employees
from storage.sharing import posts
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
    return [
        effect
        for post in posts.overdue(job.session, job.now)
        for effect in end(job.session, post, now=job.now, reason="the post expired")
    ]
