"""What becomes of nudges after they went out: back after "Later", and quiet news of clicks."""

from __future__ import annotations

from bot.core.context import Job, Wish
from bot.features.sharing.nudge_cards import repainted
from storage import nudges, shares


def come_back(job: Job) -> list[Wish]:
    """Nudges put off with "Later" show their buttons again, once, on the card that is there."""
    wishes: list[Wish] = []
    for nudge in nudges.due_again(job.session, job.now):
        nudge.state, nudge.again_at = nudges.SENT, None
        wishes += repainted(nudge)
    return wishes


def tell_of_clicks(job: Job) -> list[Wish]:
    """New readers appear on the sharer's card: a quiet update, never a message."""
    wishes: list[Wish] = []
    for share in shares.with_news(job.session):
        share.clicks_shown = share.link.unique_clicks
        wishes += repainted(share.nudge)
    return wishes
