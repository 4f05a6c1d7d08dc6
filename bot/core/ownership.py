"""Looks up a person's own rows; other people's count as missing. Checked again at every press."""

from __future__ import annotations

from datetime import timedelta

from bot.core.context import Context
from bot.core.errors import Gone, NotAllowed
from storage.publishing import publications
from storage.publishing.publications import Publication
from storage.sharing import nudges, shares
from storage.sharing.nudges import Nudge
from storage.sharing.shares import Share
from storage.workshop import workshops
from storage.workshop.workshops import Workshop

IN_TIME = timedelta(days=1)  # what counts as an answer to a nudge, whichever button it was


def own_nudge(context: Context, nudge_id: int, *, kept: str = "") -> Nudge:
    """Raises Gone; `kept` is what the person wrote, given back with it."""
    nudge = nudges.nudge(context.session, nudge_id)
    if nudge is None or nudge.employee_id != context.person.id:
        raise Gone(
            "That nudge is gone. Type /chorus {command} to see what you can share.",
            kept=kept,
            command="share",
        )
    if nudge.acted_at is None:
        nudge.acted_at = context.now
        nudge.acted_in_time = nudge.sent_at is not None and context.now - nudge.sent_at <= IN_TIME
    return nudge


def own_workshop(context: Context, workshop_id: int, *, kept: str = "") -> Workshop:
    """Of the person's own unit, or any for a lead. Raises Gone, NotAllowed."""
    row = workshops.workshop(context.session, workshop_id)
    if row is None:
        raise Gone("That workshop is gone. Type /chorus {command} to see the others.", command="workshop", kept=kept)
    if row.unit_id != context.person.unit_id and not context.person.has_role("lead"):
        raise NotAllowed("That workshop is for another unit.")
    return row


def own_publication(context: Context, publication_id: int) -> Publication:
    """Raises Gone."""
    row = publications.publication(context.session, publication_id)
    if row is None or row.share.employee_id != context.person.id:
        raise Gone("That share is gone. Type /chorus {command} to see your shares.", command="home")
    return row


def own_share(context: Context, share_id: int) -> Share:
    """Raises Gone."""
    share = shares.share(context.session, share_id)
    if share is None or share.employee_id != context.person.id:
        raise Gone("That share is gone. Type /chorus {command} to see your shares.", command="home")
    return share
