"""A share that is out."""

from __future__ import annotations

from datetime import datetime

from storage.database import Session
from storage.sharing.shares import Share
from storage.web import webhooks


def confirm(session: Session, share: Share, now: datetime, *, url: str | None = None) -> None:
    """It counts from now on, and webhooks hear of it, without the person. Said twice, it counts once."""
    share.public_url = url or share.public_url
    if share.is_confirmed:
        return
    share.confirm(now)
    data = {"post": share.post_id, "url": share.post.url, "channel": share.channel, "own_words": share.own_words}
    webhooks.tell(session, "share.confirmed", data, now=now)
