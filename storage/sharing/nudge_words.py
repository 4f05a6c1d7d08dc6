"""What is left of a nudge once nobody acts on it any more: that there was one, for the sums, and no words."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from storage.sharing.nudges import Nudge

WORDS = (Nudge.draft, Nudge.draft_channel, Nudge.message, Nudge.workspace_id, Nudge.decline_reason)


def forget_words(session: Session, *, before: datetime, limit: int) -> int:
    """Empty drafts, reasons and where the card is, of at most `limit` nudges that were planned before then. Returns how
    many there were."""
    has_any = or_(*(column.is_not(None) for column in WORDS))
    found = select(Nudge.id).where(Nudge.planned_at < before, has_any).limit(limit)
    done = session.execute(update(Nudge).where(Nudge.id.in_(found)).values({column.key: None for column in WORDS}))
    return int(done.rowcount)  # type: ignore[attr-defined]
