"""Slack's payloads as events of the core. Pure; None where a payload means nothing to us."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from adapters.slack.address import SlackPlace
from adapters.slack.render import CHANGE
from bot.core.events import Changed, Command, Event, Joined, Left, Message, Pressed, Submitted

Payload = Mapping[str, Any]
REF_LIMIT = 2**31
# Of a message that a person wrote: plain, with files, from a thread to the channel too, as "/me".
SAID = {None, "file_share", "thread_broadcast", "me_message"}
_MARKED = re.compile(r"<([^<>|]*)(?:\|([^<>]*))?>")


@dataclass(frozen=True, slots=True)
class OpenView:
    """A modal that somebody has open. `hash`: as it stands now; `filling`: how often we wrote into its fields;
    `from_home`: whether it was opened in the App Home."""

    id: str
    hash: str
    filling: int
    from_home: bool


def command(body: Payload) -> Command:
    """A slash command. The answer goes to the bot's direct conversation with the person."""
    team, user, conversation = str(body["team_id"]), str(body["user_id"]), str(body.get("channel_id") or "")
    name, _, rest = words_of(str(body.get("text") or "")).partition(" ")
    place = "" if not conversation or conversation.startswith("D") else str(SlackPlace(team, conversation))
    return Command(
        workspace=f"slack:{team}",
        user=user,
        address=str(SlackPlace(team, user)),
        keys=(f"slack:{team}:command:{body['trigger_id']}",),
        name=name.lower(),
        text=rest.strip(),
        place=place,
    )


def event(body: Payload) -> Event | None:
    """An Events API envelope."""
    inner, team = body.get("event") or {}, _team_of(body)
    kind = inner.get("type")
    keys = [f"slack:{team}:event:{body.get('event_id')}"]
    if kind == "app_uninstalled" or (kind == "tokens_revoked" and (inner.get("tokens") or {}).get("bot")):
        return Left(workspace=f"slack:{team}", user="", address="", keys=(*keys,))
    if kind in ("team_join", "user_change"):
        member = inner.get("user") or {}
        user = str(member.get("id") or "")
        return Joined(workspace=f"slack:{team}", user=user, address=str(SlackPlace(team, user)), keys=(*keys,))
    user = str(inner.get("user") or "")
    if not user or inner.get("bot_id") or inner.get("subtype") not in SAID:
        return None
    if kind == "app_home_opened" and inner.get("tab") == "home":
        return Command(
            workspace=f"slack:{team}",
            user=user,
            address=str(SlackPlace(team, "home", user)),
            keys=(*keys,),
            name="home",
            is_typed=False,
        )
    if kind == "app_mention" or (kind == "message" and inner.get("channel_type") == "im"):
        # The same message can come again under a new event_id and no retry header.
        keys.append(f"slack:{team}:{inner.get('channel')}:{inner.get('ts')}:{user}:{kind}")
        words = words_of(_without_mention(str(inner.get("text") or "")))
        thread = str(inner.get("thread_ts") or inner.get("ts") or "")
        place = str(SlackPlace(team, str(inner.get("channel")), thread)) if kind == "app_mention" and thread else ""
        return Message(
            workspace=f"slack:{team}",
            user=user,
            address=str(SlackPlace(team, user)),
            keys=(*keys,),
            text=words,
            place=place,
        )
    return None


def _team_of(body: Payload) -> str:
    """Whose installation is told: of an event in a channel shared with others, or of an organisation's installation,
    `team_id` can be another's (docs.slack.dev, "Events API": authorizations)."""
    told = body.get("authorizations")
    first = told[0] if isinstance(told, list) and told and isinstance(told[0], Mapping) else {}
    return str(first.get("team_id") or body.get("team_id") or "")


def pressed(body: Payload) -> Pressed | None:
    """A button, on a message or in the App Home. Links report themselves too and mean nothing."""
    action = body["actions"][0]
    name = str(action.get("action_id") or "").partition("#")[0]
    team, user = str(body["team"]["id"]), str(body["user"]["id"])
    value = str(action.get("value") or "")
    if name in ("", "link") or action.get("type") != "button" or not value.isascii() or not value.isdigit():
        return None
    ref = int(value[:12])
    if ref >= REF_LIMIT:
        return None
    return Pressed(
        workspace=f"slack:{team}",
        user=user,
        address=str(SlackPlace(team, user)),
        keys=(f"slack:{team}:press:{user}:{action.get('action_ts')}",),
        action=name,
        ref=ref,
        message=_message_of(team, body),
    )


def submitted(body: Payload) -> Submitted:
    """A modal. Where it was opened from travels in its private metadata."""
    return Submitted(**_filled(body, "submit"))


def changed(body: Payload) -> Changed:
    """Something chosen or tapped in an open modal, which tells what is in all its fields."""
    action = body["actions"][0]
    name = str(action.get("action_id") or "").partition("#")[0].removeprefix(CHANGE)
    return Changed(**_filled(body, "change"), changed=name, chosen=_value(action))


def open_view(body: Payload) -> OpenView:
    view = body["view"]
    metadata = _metadata(view)
    filling, from_home = int(metadata.get("filling") or 0), metadata.get("from_home") is True
    return OpenView(str(view["id"]), str(view.get("hash") or ""), filling, from_home)


def is_in_modal(body: Payload) -> bool:
    return (body.get("view") or {}).get("type") == "modal"


def _filled(body: Payload, kind: str) -> dict[str, Any]:
    view, team = body["view"], str(body["team"]["id"])
    user, metadata = str(body["user"]["id"]), _metadata(view)
    kept = metadata.get("kept")
    values = ({str(name): str(value) for name, value in kept.items()} if isinstance(kept, Mapping) else {}) | {
        name: _value(element)
        for block in (view.get("state") or {}).get("values", {}).values()
        for name, element in block.items()
    }
    return {
        "workspace": f"slack:{team}",
        "user": user,
        "address": str(SlackPlace(team, user)),
        "keys": (f"slack:{team}:{kind}:{view['id']}:{body['trigger_id']}",),
        "form": str(view.get("callback_id") or ""),
        "ref": int(metadata.get("ref", 0)),
        "values": values,
        "message": metadata.get("message") or None,
    }


def _metadata(view: Payload) -> Payload:
    found = json.loads(view.get("private_metadata") or "{}")
    return found if isinstance(found, dict) else {}


def first_field(body: Payload) -> str:
    """The block of a modal's first field, where an error can stand; "" for a modal without fields."""
    return next(iter(((body.get("view") or {}).get("state") or {}).get("values") or {}), "")


def shortcut(body: Payload) -> Command:
    """A message shortcut, "Suggest to colleagues" or "Ask about this": the command of its name."""
    team, user = str(body["team"]["id"]), str(body["user"]["id"])
    return Command(
        workspace=f"slack:{team}",
        user=user,
        address=str(SlackPlace(team, user)),
        keys=(f"slack:{team}:shortcut:{body['trigger_id']}",),
        name=str(body.get("callback_id") or ""),
        text=words_of(str((body.get("message") or {}).get("text") or "")),
    )


def is_from_home(body: Payload) -> bool:
    return (body.get("view") or {}).get("type") == "home"


def _message_of(team: str, body: Payload) -> str | None:
    ts, channel = (body.get("message") or {}).get("ts"), (body.get("channel") or {}).get("id")
    return str(SlackPlace(team, str(channel), str(ts))) if ts and channel else None


def _value(element: Payload) -> str:
    if "selected_option" in element:
        return str((element.get("selected_option") or {}).get("value") or "")
    if "selected_options" in element:
        return ",".join(str(option.get("value") or "") for option in element.get("selected_options") or [])
    if isinstance(chosen := element.get("selected_date_time"), int):
        return datetime.fromtimestamp(chosen, UTC).isoformat()
    return str(element.get("selected_date") or element.get("value") or "")


def words_of(marked_up: str) -> str:
    """What a person wrote: Slack's links as their addresses, its mentions by their names where it tells them, its
    escapes taken back (docs.slack.dev, "Formatting message text")."""
    plain = _MARKED.sub(_said, marked_up)
    return plain.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").strip()


def _said(marked: re.Match[str]) -> str:
    target, label = marked[1], marked[2] or ""
    if target.startswith(("@", "#", "!")):
        return label and (label if label.startswith(("@", "#")) else f"{target[0].replace('!', '@')}{label}")
    return target.removeprefix("mailto:")


def _without_mention(words: str) -> str:
    """The words after "<@U123>"."""
    return words.partition(">")[2] if words.startswith("<@") else words
