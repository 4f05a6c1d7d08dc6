"""The forms in which the model is edited, made from the fields of its parts: what can be chosen, what is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal, get_args, get_origin

from bot.core.cards import (
    Bold,
    Button,
    Card,
    Choice,
    Element,
    Field,
    Form,
    Heading,
    Option,
    TextField,
    actions,
    card,
    text,
)
from bot.core.factors import factor_names
from bot.core.i18n import Words
from bot.features.framework.cards import metric_name, section_names
from bot.features.framework.domain.model import ActivityPart, AudiencePart, ChannelPart, GoalPart, Part, SourcePart
from bot.features.framework.domain.repeats import in_words
from content.channels import KINDS
from storage.framework.framework import Change

Choices = Mapping[str, Mapping[str, str]]  # by field: value and label
PARTS: dict[str, type[Part]] = {
    "channels": ChannelPart,
    "audiences": AudiencePart,
    "goals": GoalPart,
    "activities": ActivityPart,
    "sources": SourcePart,
}
EDITED = tuple(PARTS)
NONE, YES, NO = "-", "yes", "no"
SHOWN = 15
LINES = ("blocked", "channels")  # fields with a line each


def list_card(section: str, parts: Sequence[tuple[Part, int]], history: Sequence[Change], words: Words) -> Card:
    """Each part with a button for its form; who changed what last."""
    title = edit_title(section, words)
    body: list[Element] = [Heading(title)]
    for part, version in parts[:SHOWN]:
        body += [
            text(Bold(_label_of(part)), f" · {_in_short(part, words)}"),
            actions(
                Button(words.t("Edit…"), f"part.{section}", version),
                Button(words.t("Remove"), f"part_out.{section}", version),
            ),
        ]
    if len(parts) > SHOWN:
        more = words.n(
            "{count} more. You can see all of them in the file and in the console.",
            "{count} more. You can see all of them in the file and in the console.",
            len(parts) - SHOWN,
        )
        body.append(text(more, subtle=True))
    if not parts:
        body.append(text(words.t("There’s nothing here yet.")))
    body += [
        text(
            Bold(words.day(row.at)),
            f" · {row.part} · {row.by.name if row.by else words.t('command line')}"
            + (f" · {row.why}" if row.why else ""),
            subtle=True,
        )
        for row in history
    ]
    body.append(
        actions(
            Button(words.t("Add…"), f"part.{section}", 0, "primary"),
            Button(words.t("Framework"), "show.framework"),
        )
    )
    return card(title, *body)


def edit_title(section: str, words: Words) -> str:
    return {
        "channels": words.t("Edit channels"),
        "audiences": words.t("Edit audiences"),
        "goals": words.t("Edit goals"),
        "activities": words.t("Edit activities"),
        "sources": words.t("Edit sources"),
    }[section]


def part_form(
    section: str,
    part: Part | None,
    ref: int,
    choices: Choices,
    words: Words,
    *,
    values: Mapping[str, str] | None = None,
    errors: tuple[tuple[str, str], ...] = (),
) -> Form:
    """Its fields, filled with what is there or with what was written."""
    kind = PARTS[section]
    filled = dict(values) if values is not None else written(part)
    fields: list[Field] = []
    for name, info in kind.model_fields.items():
        if name == "id" and part is not None:
            continue  # an id stays: everything that names the part would lose it
        fields.append(_field(name, info.annotation, filled.get(name, ""), choices, words, is_new=part is None))
    fields.append(TextField("why", words.t("Why? (kept in the history)"), filled.get("why", ""), max_length=300))
    title = section_names(words)[section]
    return Form(f"part_{section}", ref, title, tuple(fields), words.t("Save"), words.t("Cancel"), errors=errors)


def written(part: Part | None) -> dict[str, str]:
    """The part's fields as people write them."""
    if part is None:
        return {}
    return {name: _as_text(getattr(part, name)) for name in type(part).model_fields}


def read(section: str, values: Mapping[str, str]) -> dict[str, Any]:
    """What was written, as the model takes it; an empty field is as by default."""
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
        elif name == "channels":
            pairs = [line.partition(":") for line in said.splitlines() if line.strip()]
            found[name] = [{"channel": channel.strip(), "evidence": why.strip()} for channel, _sign, why in pairs]
        elif name in LINES:
            found[name] = [line.strip() for line in said.splitlines() if line.strip()]
        else:
            found[name] = said
    return found


def _field(name: str, annotation: Any, value: str, choices: Choices, words: Words, *, is_new: bool) -> Field:
    label = _labels(words)[name]
    if name in choices:
        options = [Option(NONE, words.t("None")), *(Option(key, said[:75]) for key, said in choices[name].items())]
        return Choice(name, label, tuple(options[:100]), value=value or NONE)
    if annotation is bool:
        return Choice(name, label, (Option(NO, words.t("No")), Option(YES, words.t("Yes"))), value=value or NO)
    literals = _literals(annotation)
    if literals:
        options = [Option(one, value_name(name, one, words)) for one in literals]
        if type(None) in get_args(annotation):
            options.insert(0, Option(NONE, words.t("None")))
        return Choice(name, label, tuple(options), value=value or options[0].value)
    return TextField(
        name,
        label,
        value,
        hint=_hints(words).get(name, ""),
        multiline=name in LINES or name == "tone",
        required=name in ("id", "name") and is_new,
        max_length=2000,
    )


def _literals(annotation: Any) -> tuple[str, ...]:
    if get_origin(annotation) is Literal:
        return tuple(map(str, get_args(annotation)))
    return next((tuple(map(str, get_args(arm))) for arm in get_args(annotation) if get_origin(arm) is Literal), ())


def _as_text(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return YES if value else NO
        case float():
            return f"{value:g}"
        case datetime():
            return value.isoformat(sep=" ", timespec="minutes")
        case date():
            return value.isoformat()
        case tuple():
            return "\n".join(
                f"{item.channel}: {item.evidence}" if hasattr(item, "evidence") else str(item) for item in value
            )
    return str(value)


def _label_of(part: Part) -> str:
    name = getattr(part, "name", None)
    return name or (KINDS[part.part_id].name if part.part_id in KINDS else part.part_id)


def _in_short(part: Part, words: Words) -> str:
    names = ("state", "metric", "kind", "repeats", "starts", "due", "owner", "deputy", "channel", "address")
    shown = [_as_read(name, value, words) for name in names if (value := getattr(part, name, None))]
    return " · ".join(shown[:5])


def _as_read(name: str, value: object, words: Words) -> str:
    match value:
        case datetime():
            return words.local_moment(value)
        case date():
            return words.date(value)
        case str() if name == "repeats":
            return in_words(value, words)
    return value_name(name, _as_text(value), words)


def value_name(field: str, value: str, words: Words) -> str:
    """A value of a field as people read it."""
    match field:
        case "metric":
            return metric_name(value, words)
        case "factor":
            return factor_names(words)[value]
    return {
        "proposed": words.t("proposed"),
        "active": words.t("in use"),
        "retired": words.t("no longer in use"),
        "paused": words.t("paused"),
        "stakeholder": words.t("stakeholder"),
        "target_group": words.t("target group"),
        "public_image": words.t("public image"),
        "customer_service": words.t("customer service"),
        "sales": words.t("sales"),
        "leads": words.t("contacts"),
        "own": words.t("a goal of our own"),
        "feed": words.t("feed"),
        "mastodon": "Mastodon",
        "bluesky": "Bluesky",
        "webhook": words.t("webhook"),
    }.get(value, value)


def _labels(words: Words) -> dict[str, str]:
    return {
        "id": words.t("Short name"),
        "name": words.t("Name"),
        "state": words.t("Status"),
        "owner": words.t("Owner"),
        "deputy": words.t("Deputy"),
        "disclosure": words.t("Must people say that they work here?"),
        "max_length": words.t("Maximum caption length"),
        "tone": words.t("How we speak there"),
        "share_page": words.t("Link to the share page"),
        "blocked": words.t("Phrases to avoid (one per line)"),
        "kind": words.t("Type"),
        "channels": words.t("Where they are (one per line)"),
        "metric": words.t("What we count"),
        "factor": words.t("Area"),
        "unit": words.t("Only for this unit"),
        "channel": words.t("Channel"),
        "baseline": words.t("Where we start"),
        "target": words.t("Target"),
        "starts": words.t("Starts"),
        "due": words.t("Due"),
        "time_zone": words.t("Time zone"),
        "minutes": words.t("Length in minutes"),
        "repeats": words.t("Repeats"),
        "audience": words.t("Audience"),
        "goal": words.t("Which goal does it support?"),
        "address": words.t("Address"),
    }


def _hints(words: Words) -> dict[str, str]:
    return {
        "id": words.t("Small letters, digits, - and _. You can’t change it later."),
        "channels": words.t("linkedin: how you know that they are there"),
        "starts": words.t("2026-11-24, or for an activity 2026-11-24 09:00"),
        "due": "2026-12-31",
        "repeats": words.t("Leave this empty if it happens once. To repeat it, write an iCalendar rule (RFC 5545)."),
        "time_zone": "Europe/Helsinki",
        "address": words.t("A feed: its https address. Mastodon: #tag@server or @name@server. Bluesky: #tag or name."),
        "share_page": "https://example.org/share?text={text}",
    }
