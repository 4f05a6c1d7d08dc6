"""Teams' members as profiles: guests, bots and members of other tenants are no employees."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.core.ports import Profile


def profile(member: Mapping[str, Any], *, tenant: str, address: str | None = None) -> Profile:
    """`address` is the person's own conversation with the bot, where there is one already."""
    is_employee = (
        str(member.get("userRole") or "user").lower() == "user"
        and not str(member.get("id") or "").startswith("28:")  # bots
        and (member.get("tenantId") or tenant) == tenant
    )
    return Profile(
        user=str(member["id"]),
        name=str(member.get("name") or ""),
        email=member.get("email") or None,
        locale=member.get("locale"),
        is_employee=is_employee,
        address=address,
    )
