"""Slack's members as profiles: guests, bots, strangers and leavers are no employees."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from adapters.slack.address import SlackPlace
from bot.core.ports import Profile

# Slack's own suggestions of a status: "Vacationing" and "Out sick".
LATEST = 4_102_444_800  # the year 2100; beyond, it is no date
AWAY = {":palm_tree:", ":face_with_thermometer:"}


def profile(member: Mapping[str, Any], team: str) -> Profile:
    user = str(member["id"])
    details = member.get("profile") or {}
    is_employee = not (
        member.get("deleted")
        or member.get("is_bot")
        or member.get("is_restricted")
        or member.get("is_ultra_restricted")
        or member.get("is_stranger")
        or member.get("is_app_user")
        or user == "USLACKBOT"
        or (member.get("team_id") or team) != team
    )
    return Profile(
        user=user,
        name=str(details.get("real_name") or member.get("real_name") or member.get("name") or ""),
        email=details.get("email") if member.get("is_email_confirmed", True) else None,
        locale=member.get("locale"),
        time_zone=member.get("tz"),
        is_employee=is_employee,
        address=str(SlackPlace(team, user)),
        away_until=_away_until(details),
    )


def _away_until(details: Mapping[str, Any]) -> datetime | None:
    """Until when the member is on leave or ill, where their status says both that and its end."""
    until = details.get("status_expiration")
    if details.get("status_emoji") not in AWAY or not isinstance(until, int) or not 0 < until < LATEST:
        return None
    return datetime.fromtimestamp(until, UTC)
