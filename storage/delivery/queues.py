"""How far messages have come: counts by workspace, and how late the oldest is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage.base import Utc
from storage.delivery.deliveries import LIVE, OPEN, Delivery, DeliveryState


@dataclass(frozen=True, slots=True)
class Queue:
    """Counts of a workspace's deliveries; `lag` is the age of the oldest overdue one in seconds."""

    workspace: str
    states: dict[str, int]
    lag: float


def of_workspaces(session: Session, *, now: datetime) -> list[Queue]:
    states: dict[str, dict[str, int]] = {}
    grouped = select(Delivery.workspace_id, Delivery.state, func.count()).group_by(
        Delivery.workspace_id, Delivery.state
    )
    for workspace, state, number in session.execute(grouped):
        states.setdefault(workspace, {})[state] = int(number)
    lags = overdue(session, now=now)
    return [Queue(workspace, states[workspace], lags.get(workspace, 0.0)) for workspace in sorted(states)]


def backlog(session: Session, *, since: datetime) -> dict[str, dict[str, int]]:
    """How many wait, are under way, or (due since then) failed or are in doubt: by workspace and state. Messages that
    are out are not counted, so that it costs the same however many there were."""
    open_ones = OPEN & Delivery.state.in_(LIVE)
    gone_wrong = OPEN & Delivery.state.in_([DeliveryState.FAILED, DeliveryState.UNKNOWN]) & (Delivery.due_at >= since)
    found: dict[str, dict[str, int]] = {}
    for wanted in (open_ones, gone_wrong):
        grouped = select(Delivery.workspace_id, Delivery.state, func.count()).where(wanted)
        for workspace, state, number in session.execute(grouped.group_by(Delivery.workspace_id, Delivery.state)):
            found.setdefault(workspace, {})[state] = int(number)
    return found


def overdue(session: Session, *, now: datetime) -> dict[str, float]:
    """The age of the oldest message that is due and waits, or is in doubt and still to be looked for, in seconds, by
    workspace."""
    waits = Delivery.state.in_([DeliveryState.PLANNED, DeliveryState.UNKNOWN]) & (
        (Delivery.state == DeliveryState.PLANNED) | Delivery.looked_at.is_(None)
    )
    oldest = (
        select(Delivery.workspace_id, func.min(Delivery.due_at, type_=Utc()))
        .where(OPEN, waits, Delivery.due_at <= now)
        .group_by(Delivery.workspace_id)
    )
    return {workspace: (now - due).total_seconds() for workspace, due in session.execute(oldest)}
