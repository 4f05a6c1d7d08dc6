"""Cancels planned messages at once when somebody opts out or leaves, or a post is recalled."""

from __future__ import annotations

from datetime import datetime

from storage.base import batched
from storage.database import Session
from storage.delivery import deliveries
from storage.sharing import nudges

SLICE = 5000


def cancel_planned(
    session: Session,
    now: datetime,
    *,
    reason: str,
    employee_id: int | None = None,
    unit_id: int | None = None,
    post_id: int | None = None,
) -> None:
    """Nudges planned for that person, for that unit's people or about that post are not sent; one that is leaving at
    this very moment is looked at again when it has arrived."""
    ids = nudges.planned_ids(session, employee_id=employee_id, unit_id=unit_id, post_id=post_id)
    for some in batched(ids, SLICE):
        cancelled = deliveries.cancel(session, "nudge", some, reason=reason, now=now)
        if cancelled:
            nudges.forget(session, cancelled)
