"""Cards that are to take the place of others: of several for one message only the newest does."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, exists, select, update
from sqlalchemy.orm import Session

from storage.delivery.deliveries import LIVE, REPLACING, Delivery, DeliveryState, OutboundMessage

OVERTAKEN = "a newer card took its place"


def is_overtaken(session: Session, row: OutboundMessage) -> bool:
    """Whether something newer is to take the place of the same card."""
    newer = REPLACING & (Delivery.replaces == row.replaces) & Delivery.state.in_(LIVE) & (Delivery.id > row.id)
    return row.replaces is not None and bool(session.scalar(select(exists().where(newer))))


def wait(session: Session) -> bool:
    """Whether any card is still to be replaced."""
    return bool(session.scalar(select(exists().where(REPLACING, Delivery.state == DeliveryState.PLANNED))))


def drop(session: Session, message: str, *, planned_before: datetime, now: datetime) -> None:
    """The card was replaced: what was to take its place before, and was not tried since, is no longer to be."""
    _drop(session, (Delivery.replaces == message) & (Delivery.changed_at < planned_before), now)


def drop_older(session: Session, row: OutboundMessage, *, now: datetime) -> None:
    """The same, where `row` has taken the card's place."""
    _drop(session, (Delivery.replaces == row.replaces) & (Delivery.id < row.id), now)


def _drop(session: Session, older: ColumnElement[bool], now: datetime) -> None:
    values = {"state": DeliveryState.CANCELLED, "reason": OVERTAKEN, "changed_at": now}
    session.execute(update(Delivery).where(REPLACING, Delivery.state == DeliveryState.PLANNED, older).values(values))
