"""Slack's members as profiles: guests, bots, strangers and leavers are no employees."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from adapters.slack.address import SlackPlace
from bot.platform import Profile


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
    )
