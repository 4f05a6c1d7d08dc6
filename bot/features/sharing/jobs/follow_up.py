"""Follows up on nudges: shows them again after "Later", and updates cards with new readers."""

from __future__ import annotations

from bot.core.context import Effect, Job
from bot.features.sharing.cards.nudge import repainted
from storage.sharing import nudges, shares


def come_back(job: Job) -> list[Effect]:
    """Show nudges put off with "Later" once more, on their existing cards."""
    effects: list[Effect] = []
    for nudge in nudges.due_again(job.session, job.now):
        nudge.offer_again()
        effects += repainted(nudge)
    return effects


def tell_of_clicks(job: Job) -> list[Effect]:
    """Update the sharer's card with new readers, without a message."""
    effects: list[Effect] = []
    for share in shares.take_news(job.session):
        share.clicks_shown = share.link.unique_clicks
        effects += repainted(share.nudge)
    return effects
