"""What people call the roles."""

from __future__ import annotations

from bot.core.i18n import Words


def role_name(role: str, words: Words) -> str:
    """In the middle of a sentence; a role without a name is called as it is stored."""
    return {
        "employee": words.t("employee"),
        "owner": words.t("channel owner"),
        "lead": words.t("comms lead"),
        "admin": words.t("administrator"),
    }.get(role, role)
