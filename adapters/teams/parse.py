"""Bot Framework activities as events of the core. Pure; None where an activity means nothing to us."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import Any

from adapters.teams.address import TeamsPlace
from adapters.teams.render import CLOCK
from bot.core.events import Changed, Command, Event, Joined, Left, Message, Pressed, Submitted

Activity = Mapping[str, Any]
REF_LIMIT = 2**31
OURS = {"ref", "changed", "chosen"}  # names in the data of a form's buttons that are no fields
LOCAL_TENANT = "local"  # where a development client names no tenant
_AT = re.compile(r"<at[^>]*>.*?</at>", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[^>]{0,500}>")


def tenant_of(activity: Activity) -> str:
    conversation, channel = _part(activity, "conversation"), _part(activity, "channelData")
    return str(conversation.get("tenantId") or _part(channel, "tenant").get("id") or LOCAL_TENANT)


def place_of(activity: Activity) -> TeamsPlace:
    return TeamsPlace(
        tenant=tenant_of(activity),
        conversation=str(_part(activity, "conversation").get("id") or ""),
        service_url=str(activity.get("serviceUrl") or ""),
        bot=str(_part(activity, "recipient").get("id") or ""),
    )


def user_of(activity: Activity) -> str:
    return str(_part(activity, "from").get("id") or "")


def is_personal(activity: Activity) -> bool:
    return bool(_part(activity, "conversation").get("conversationType", "personal") == "personal")


def event(activity: Activity) -> Event | None:
    where, user = place_of(activity), user_of(activity)
    common: dict[str, Any] = {
        "workspace": where.workspace,
        "user": user,
        "address": str(where),
        "keys": (f"teams:{where.tenant}:{where.conversation}:{activity.get('id')}:{activity.get('type')}",),
        "locale": activity.get("locale"),
        "time_zone": activity.get("localTimezone"),
    }
    match activity.get("type"):
        case "message":
            return _message(activity, common)
        case "installationUpdate":
            removed = str(activity.get("action") or "").startswith("remove")
            if removed:
                return Left(**common) if is_personal(activity) else None
            return Joined(**common) if is_personal(activity) else Joined(**{**common, "user": ""})
        case "conversationUpdate" if _bot_was_added(activity) and is_personal(activity):
            return Joined(**common) if user and user != where.bot else Joined(**{**common, "user": ""})
        case "invoke":
            return _invoke(activity, common, where)
    return None


def words_of(text: str) -> str:
    """The words of a message, without the mention of the bot and without markup."""
    return html.unescape(_TAG.sub(" ", _AT.sub(" ", text))).strip()


def _message(activity: Activity, common: dict[str, Any]) -> Event | None:
    value = activity.get("value")
    if isinstance(value, Mapping) and isinstance(value.get("verb"), str):
        return None
    place = "" if is_personal(activity) else common["address"]
    return Message(**common, text=words_of(str(activity.get("text") or "")), place=place)


def _invoke(activity: Activity, common: dict[str, Any], where: TeamsPlace) -> Event | None:
    value = _part(activity, "value")
    match activity.get("name"):
        case "adaptiveCard/action":
            return _execute(_part(value, "action"), common, _message_at(activity, where))
        case "composeExtension/fetchTask" | "composeExtension/submitAction" if isinstance(value.get("commandId"), str):
            payload = _part(value, "messagePayload")
            said = words_of(str(_part(payload, "body").get("content") or ""))
            return Command(**common, name=value["commandId"][:40], text=said)
    return None


def _execute(action: Activity, common: dict[str, Any], message: str | None) -> Event | None:
    verb, data = str(action.get("verb") or ""), _part(action, "data")
    ref = data.get("ref")
    if not verb or not isinstance(ref, int) or isinstance(ref, bool) or not 0 <= ref < REF_LIMIT:
        return None
    values = {str(name): str(value) for name, value in data.items() if name not in OURS and value is not None}
    for name in [name for name in values if name.endswith(CLOCK)]:
        values[name.removesuffix(CLOCK)] = f"{values.get(name.removesuffix(CLOCK), '')}T{values.pop(name)}"
    if verb.startswith("submit."):
        return Submitted(**common, form=verb.removeprefix("submit."), ref=ref, values=values, message=message)
    if verb.startswith("change."):
        return Changed(
            **common,
            form=verb.removeprefix("change."),
            ref=ref,
            values=values,
            message=message,
            changed=str(data.get("changed") or ""),
            chosen=str(data.get("chosen") or ""),
        )
    return Pressed(**common, action=verb, ref=ref, message=message)


def _message_at(activity: Activity, where: TeamsPlace) -> str | None:
    replied = activity.get("replyToId")
    return str(where.with_activity(str(replied))) if replied else None


def _bot_was_added(activity: Activity) -> bool:
    bot = _part(activity, "recipient").get("id")
    added = activity.get("membersAdded")
    return isinstance(added, list) and any(isinstance(m, Mapping) and m.get("id") == bot for m in added)


def _part(node: Activity, name: str) -> Activity:
    value = node.get(name)
    return value if isinstance(value, Mapping) else {}
