"""What the playground's page posts, as events of the core. Pure; None where it means nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.core.events import Changed, Command, Event, Message, Pressed, Submitted

WORKSPACE = "playground:demo"
MAX_TEXT = 10_000  # characters
REF_LIMIT = 2**31


def event(body: Mapping[str, Any], mark: str) -> Event | None:
    """`mark` makes the event's key; the page sends each act once."""
    user = str(body.get("user") or "")
    common: dict[str, Any] = {
        "workspace": WORKSPACE,
        "user": user,
        "address": address_of(user),
        "keys": (f"{WORKSPACE}:{mark}",),
    }
    ref = body.get("ref")
    ref = ref if isinstance(ref, int) and not isinstance(ref, bool) and 0 <= ref < REF_LIMIT else -1
    message = str(body["message"]) if str(body.get("message") or "").startswith(f"{address_of(user)}:") else None
    match body.get("kind"):
        case "say":
            words = str(body.get("text") or "")[:MAX_TEXT].strip()
            if words.startswith("/chorus"):
                name, _, rest = words.removeprefix("/chorus").strip().partition(" ")
                return Command(**common, name=name.lower(), text=rest.strip())
            return Message(**common, text=words) if words else None
        case "press" if ref >= 0:
            return Pressed(**common, action=str(body.get("action") or ""), ref=ref, message=message)
        case ("submit" | "change") as kind if ref >= 0 and isinstance(body.get("values"), Mapping):
            values = {str(name): str(value)[:MAX_TEXT] for name, value in body["values"].items()}
            filled = {**common, "form": str(body.get("form") or ""), "ref": ref, "values": values, "message": message}
            if kind == "submit":
                return Submitted(**filled)
            return Changed(**filled, changed=str(body.get("changed") or ""), chosen=str(body.get("chosen") or ""))
    return None


def address_of(user: str) -> str:
    return f"playground:demo:{user}"


def user_of(address: str) -> str:
    return address.split(":")[2]
