"""The Slack app manifest: what Chorus asks for, and nothing that it does not use (see docs/permissions.md)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.core.command_info import CommandInfo, usage_hint

BOT_SCOPES = (
    "app_mentions:read",
    "chat:write",
    "commands",
    "im:history",
    "im:write",
    "users:read",
    "users:read.email",
)
EVENTS = (
    "app_home_opened",
    "app_mention",
    "app_uninstalled",
    "message.im",
    "team_join",
    "tokens_revoked",
    "user_change",
)


def manifest(base_url: str, commands: Sequence[CommandInfo], *, socket_mode: bool) -> dict[str, Any]:
    """The manifest as Slack's "Create an app from a manifest" takes it."""
    events_url = f"{base_url}/slack/events"
    events: dict[str, Any] = {"bot_events": list(EVENTS)}
    interactivity: dict[str, Any] = {"is_enabled": True}
    command: dict[str, Any] = {
        "command": "/chorus",
        "description": "Share, ask, see results",
        "usage_hint": usage_hint(commands),
        "should_escape": False,
    }
    oauth: dict[str, Any] = {"scopes": {"bot": list(BOT_SCOPES)}}
    if not socket_mode:
        events["request_url"] = interactivity["request_url"] = command["url"] = events_url
        oauth["redirect_urls"] = [f"{base_url}/slack/oauth_redirect"]
    return {
        "display_information": {
            "name": "Chorus",
            "description": "Social media as everybody's work: share, ask, learn.",
            "background_color": "#1f4e5f",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": "Chorus", "always_online": True},
            "slash_commands": [command],
            "shortcuts": [
                {
                    "name": command.shortcut.title,
                    "type": "message",
                    "callback_id": command.name,
                    "description": command.shortcut.description,
                }
                for command in commands
                if command.shortcut is not None
            ],
        },
        "oauth_config": oauth,
        "settings": {
            "event_subscriptions": events,
            "interactivity": interactivity,
            "org_deploy_enabled": False,
            "socket_mode_enabled": socket_mode,
            "token_rotation_enabled": False,
        },
    }
