"""Teams' addresses and messages as the core carries them: "teams:<tenant>:<packed>", read by this folder only."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class TeamsPlace:
    """A conversation as the Bot Framework needs it to speak there again; `activity` names a message in it."""

    tenant: str
    conversation: str
    service_url: str
    bot: str = ""
    activity: str = ""

    @property
    def workspace(self) -> str:
        return f"teams:{self.tenant}"

    def with_activity(self, activity: str) -> TeamsPlace:
        return replace(self, activity=activity)

    def __str__(self) -> str:
        packed = json.dumps([self.conversation, self.service_url, self.bot, self.activity], separators=(",", ":"))
        return f"teams:{self.tenant}:{urlsafe_b64encode(packed.encode()).decode()}"


def place(address: str) -> TeamsPlace:
    """Raises ValueError when it is no Teams address."""
    platform, tenant, packed = address.split(":")
    if platform != "teams":
        raise ValueError(address)
    conversation, service_url, bot, activity = json.loads(urlsafe_b64decode(packed))
    return TeamsPlace(tenant, conversation, service_url, bot, activity)
