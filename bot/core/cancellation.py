"""Cancels planned messages at once when somebody opts out or leaves, or a post is recalled."""

from __future__ import annotations

from collections.abc import Sequence
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
        cancel_nudges(session, now, some, reason=reason)


def cancel_nudges(session: Session, now: datetime, nudge_ids: Sequence[int], *, reason: str) -> None:
    """Those of them that still wait are not sent, and may be planned anew."""
    if cancelled := deliveries.cancel(session, "nudge", nudge_ids, reason=reason, now=now):
        nudges.forget(session, cancelled)
