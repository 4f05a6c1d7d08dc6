"""The Teams app package: a zip of the manifest and two icons, ready to upload in the admin centre."""

from __future__ import annotations

import io
import json
import uuid
import zipfile
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from bot.core.command_info import CommandInfo

SCHEMA = "1.19"
_BARS = '<path d="M24 60V44"/><path d="M40 70V34"/><path d="M56 64V26"/><path d="M72 56V40"/>'
COLOR_ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="192" height="192" viewBox="0 0 96 96">'
    '<rect width="96" height="96" fill="#17637a"/>'
    f'<g fill="none" stroke="#fff" stroke-width="7" stroke-linecap="round">{_BARS}</g></svg>'
)
OUTLINE_ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="32" height="32" viewBox="0 0 96 96">'
    f'<g fill="none" stroke="#fff" stroke-width="9" stroke-linecap="round">{_BARS}</g></svg>'
)


def manifest(app_id: str, base_url: str, commands: Sequence[CommandInfo]) -> dict[str, Any]:
    """The manifest. The package's own id is derived from the bot's, so that it stays the same."""
    package_id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"chorus:{app_id}"))
    return {
        "$schema": f"https://developer.microsoft.com/json-schemas/teams/v{SCHEMA}/MicrosoftTeams.schema.json",
        "manifestVersion": SCHEMA,
        "version": "1.0.0",
        "id": package_id,
        "developer": {
            "name": "Chorus",
            "websiteUrl": base_url,
            "privacyUrl": f"{base_url}/privacy",
            "termsOfUseUrl": f"{base_url}/privacy",
        },
        "name": {"short": "Chorus", "full": "Chorus – social media together"},
        "description": {
            "short": "Share approved content in your own words, ask, see what it led to.",
            "full": "Chorus brings approved content to colleagues who said yes to it, helps them share it in their own "
            "words, and shows what it led to. Nothing is ever shared without a person's tap.",
        },
        "icons": {"color": "color.png", "outline": "outline.png"},
        "accentColor": "#17637A",
        "bots": [
            {
                "botId": app_id,
                "scopes": ["personal", "team"],
                "supportsFiles": False,
                "isNotificationOnly": False,
                "commandLists": [
                    {
                        "scopes": ["personal"],
                        "commands": [
                            {"title": command.name, "description": command.summary}
                            for command in commands
                            if command.summary
                        ],
                    }
                ],
            }
        ],
        "composeExtensions": [
            {
                "botId": app_id,
                "commands": [
                    {
                        "id": command.name,
                        "type": "action",
                        "title": command.shortcut.title,
                        "description": command.shortcut.description,
                        "context": ["message"],
                        "fetchTask": True,
                    }
                    for command in commands
                    if command.shortcut is not None
                ],
            }
        ],
        "permissions": ["identity", "messageTeamMembers"],
        "validDomains": [urlsplit(base_url).hostname or ""],
    }


def package(app_id: str, base_url: str, commands: Sequence[CommandInfo]) -> bytes:
    """The zip. Its entries carry a fixed date, so the same settings give the same bytes."""
    import vl_convert  # draws the icons: not for those who only compare the manifest

    entries = {
        "manifest.json": json.dumps(manifest(app_id, base_url, commands), indent=2, ensure_ascii=False).encode(),
        "color.png": vl_convert.svg_to_png(COLOR_ICON, scale=1),
        "outline.png": vl_convert.svg_to_png(OUTLINE_ICON, scale=1),
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), content)
    return buffer.getvalue()
