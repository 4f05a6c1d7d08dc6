"""Gaps: channels without an owner, or whose owners cannot answer just now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from storage.database import Session
from storage.people.employees import Employee
from storage.questions import topics
from storage.sharing import social_channels
from storage.sharing.social_channels import SocialChannel


class GapKind(StrEnum):
    """What is missing where somebody should answer."""

    NO_OWNER = "no_owner"
    NO_DEPUTY = "no_deputy"
    OWNER_LEFT = "owner_left"
    BOTH_AWAY = "both_away"


@dataclass(frozen=True, slots=True)
class Gap:
    channel: SocialChannel
    kind: str


def gaps(session: Session, now: datetime) -> list[Gap]:
    """Of the active channels, in their order; the worst of each only."""
    deputies = {row.channel_id: row.deputy for row in topics.of_channels(session)}
    found = [(row, _gap(row.owner, deputies.get(row.id), now)) for row in social_channels.channels(session)]
    return [Gap(row, kind) for row, kind in found if kind]


def _gap(owner: Employee | None, deputy: Employee | None, now: datetime) -> str:
    if owner is None:
        return GapKind.NO_OWNER
    if not owner.is_active:
        return GapKind.OWNER_LEFT
    if deputy is None or not deputy.is_active:
        return GapKind.NO_DEPUTY
    return "" if owner.is_present(now) or deputy.is_present(now) else GapKind.BOTH_AWAY
