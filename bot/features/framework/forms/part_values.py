"""What people write of a part of the model, as the model takes it, and the other way round."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from typing import Any, get_args

from bot.core.moments import moment_of
from bot.core.working_time import zone_of
from bot.features.framework.domain.model import ActivityPart, AudiencePart, ChannelPart, Part
from bot.features.framework.domain.repeats import Repeats, choice_of, rule_of
from bot.features.framework.forms.part_fields import NO, NONE, PARTS, THERE, YES, Around, day_of
from content.channels import KINDS

PLACEHOLDERS = {"{text}": "TEXT", "{link}": "LINK", "{title}": "TITLE"}  # in an address, as people write them
LONGEST_ID = 40  # characters


def written(part: Part | None, zone: str) -> dict[str, str]:
    """The part's fields as people write them; moments in `zone`."""
    if part is None:
        return {}
    found = {name: _as_text(getattr(part, name)) for name in type(part).model_fields}
    if isinstance(part, ActivityPart):
        local = part.starts.replace(tzinfo=zone_of(part.time_zone)).astimezone(zone_of(zone))
        repeats, until = choice_of(part.repeats, part.starts)
        found |= {
            "starts": local.replace(tzinfo=None).isoformat(timespec="minutes"),
            "repeats": repeats,
            "until": until.isoformat() if until else "",
        }
    if isinstance(part, AudiencePart):
        del found["channels"]
        found |= {f"{THERE}{one.channel}": one.evidence for one in part.channels}
    if isinstance(part, ChannelPart) and part.share_page:
        found["share_page"] = _with_capitals(part.share_page)
    return found


def read(section: str, part: Part | None, values: Mapping[str, str], around: Around) -> dict[str, Any]:
    """What was written, as the model takes it; an empty field is as by default. A new part gets an id of its name."""
    found: dict[str, Any] = {}
    for name, info in PARTS[section].model_fields.items():
        if name not in values:
            continue
        said = values[name].strip()
        if said in ("", NONE):
            found[name] = None if info.default is None else info.get_default(call_default_factory=True)
            if info.is_required():
                del found[name]
        elif info.annotation is bool:
            found[name] = said == YES
        elif name == "blocked":
            found[name] = [line.strip() for line in said.splitlines() if line.strip()]
        elif _is_number(info.annotation):
            found[name] = said.replace(" ", "").replace(",", ".")
        else:
            found[name] = said
    match section:
        case "activities":
            found |= _activity(part, values, around)
        case "audiences":
            found["channels"] = _there(part, values)
        case "channels" if found.get("share_page"):
            found["share_page"] = _with_braces(found["share_page"])
    if part is None:
        found["id"] = _new_id(section, values, around)
    return found


def _activity(part: Part | None, values: Mapping[str, str], around: Around) -> dict[str, Any]:
    """Its start in its own zone, and its rule."""
    before = part if isinstance(part, ActivityPart) else None
    zone = values.get("time_zone") or (before.time_zone if before else around.zone)
    found: dict[str, Any] = {"time_zone": zone}
    starts = before.starts if before else None
    if "starts" in values:
        moment = moment_of(values["starts"], around.zone) if zone in _known_zones(around, before) else None
        if moment is None:
            return found | {"starts": values["starts"]}
        starts = moment.astimezone(zone_of(zone)).replace(tzinfo=None)
        found["starts"] = starts
    chosen = values.get("repeats", Repeats.ONCE)
    if starts is not None and "repeats" in values and chosen != Repeats.AS_IT_IS and chosen in tuple(Repeats):
        found["repeats"] = rule_of(Repeats(chosen), starts, day_of(values.get("until", "")))
    elif before is not None:
        found["repeats"] = before.repeats
    return found


def _known_zones(around: Around, before: ActivityPart | None) -> set[str]:
    return {around.zone, *around.zones, *([before.time_zone] if before else [])}


def _there(part: Part | None, values: Mapping[str, str]) -> list[dict[str, str]]:
    held = {f"{THERE}{one.channel}": one.evidence for one in part.channels} if isinstance(part, AudiencePart) else {}
    said = held | {name: value.strip() for name, value in values.items() if name.startswith(THERE)}
    return [{"channel": name.removeprefix(THERE), "evidence": value} for name, value in said.items() if value]


def _new_id(section: str, values: Mapping[str, str], around: Around) -> str:
    chosen = values.get("id", "")
    if section == "channels" and chosen in KINDS:
        return chosen
    taken = around.taken.get(section, frozenset())
    plain = unicodedata.normalize("NFKD", values.get("name", "").lower()).encode("ascii", "ignore").decode()
    stem = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:LONGEST_ID].strip("-") or section
    return next(one for one in (stem, *(f"{stem}-{number}" for number in range(2, len(taken) + 3))) if one not in taken)


def _as_text(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return YES if value else NO
        case float():
            return f"{value:g}"
        case date():
            return value.isoformat()
        case tuple():
            return "\n".join(str(item) for item in value)
    return str(value)


def _with_capitals(address: str) -> str:
    for placeholder, word in PLACEHOLDERS.items():
        address = address.replace(placeholder, word)
    return address


def _with_braces(address: str) -> str:
    for placeholder, word in PLACEHOLDERS.items():
        address = address.replace(word, placeholder)
    return address


def _is_number(annotation: Any) -> bool:
    return bool({int, float} & {annotation, *get_args(annotation)})
