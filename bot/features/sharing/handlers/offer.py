"""Lets people choose content to share without waiting for a nudge."""

from __future__ import annotations

from bot.core.context import Context, Effect, Reply
from bot.core.errors import Gone
from bot.core.events import Command, Pressed
from bot.features.sharing.cards.lists import pick_card, picked_card
from bot.features.sharing.cards.nudge import current_card, shown
from bot.features.sharing.domain.may_share import may_share
from storage.sharing import nudges, posts, shares
from storage.sharing.nudges import Nudge, NudgeState
from storage.sharing.post_audiences import is_for
from storage.sharing.posts import Post

AT_ONCE = 5  # posts in a list


def show_content(context: Context, _event: Command | Pressed) -> list[Effect]:
    """`share`: what may be shared now, and was not yet, without waiting for a nudge."""
    person, offers = context.person, dict[int, Post]()
    for post in posts.shareable(context.session, context.now):
        told = offers.get(post.story)  # one version of a story: the one in the person's language, if there is one
        if is_for(post, person) and (told is None or post.language == person.language):
            offers[post.story] = post
    shared = shares.posts_shared(context.session, person.id)
    still = [post for post in offers.values() if post.id not in shared]
    return [Reply(pick_card(still[:AT_ONCE], context.words))]


def pick(context: Context, event: Pressed) -> list[Effect]:
    """`share.pick` on a post: make it a nudge at once."""
    post = posts.post(context.session, event.ref)
    if post is None or not may_share(post, context.person, context.now):
        raise Gone("You can no longer share that. Type /chorus {command} to see what you can share.", command="share")
    nudge = nudges.nudge_about(context.session, context.person.id, post.id)
    if nudge is None:
        nudge = Nudge(
            employee=context.person,
            post=post,
            why=nudges.PICKED,
            planned_at=context.now,
            sent_at=context.now,
            state=NudgeState.SENT,
        )
        context.session.add(nudge)
    nudge.pick(context.now)
    context.session.flush()
    return shown(context, nudge, event, current_card(context, nudge), left=picked_card)
