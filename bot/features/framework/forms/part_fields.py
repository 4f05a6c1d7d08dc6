"""The fields in which a part of the model is written by people.

Where the model has an id, a rule of RFC 5545 or a zone's name, people choose from words and write names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Literal, get_args, get_origin

from bot.core.cards import Choice, DateField, Field, MomentField, Option, TextField
from bot.core.i18n import Words
from bot.core.moments import moment_of
from bot.core.recurrence import occurrences
from bot.core.working_time import zone_of
from bot.features.framework.domain.model import ActivityPart, AudiencePart, ChannelPart, GoalPart, Part, SourcePart
from bot.features.framework.domain.repeats import Repeats, choice_of, in_words
from bot.features.framework.forms.names import labels, value_name
from content.channels import KINDS, kind_of

PARTS: dict[str, type[Part]] = {
    "channels": ChannelPart,
    "audiences": AudiencePart,
    "goals": GoalPart,
    "activities": ActivityPart,
    "sources": SourcePart,
}
NONE, YES, NO, OWN = "-", "yes", "no", "own"
THERE = "channels@"  # before the channel's id: how one knows that an audience is there
DATES = ("starts", "due")  # of a goal
MOST_OPTIONS, LONGEST_OPTION = 100, 75
NEXT = 3  # dates that are foretold
MINUTES = 30  # of a new activity


@dataclass(frozen=True, slots=True)
class Around:
    """What a form needs to know: what can be named, where the person is, and what time it is there.

    `named`: by field, value and label. `zones`: of the organisation's people.
    """

    named: Mapping[str, Mapping[str, str]]
    zone: str
    zones: Iterable[str]
    now: datetime
    channels: tuple[str, ...] = ()  # ids of all that there are
    taken: Mapping[str, frozenset[str]] = field(default_factory=dict)  # ids, by section


def fields_of(section: str, part: Part | None, around: Around, words: Words, filled: Mapping[str, str]) -> list[Field]:
    """The fields, with what is there or what was written (`filled`)."""
    filled = {"minutes": str(MINUTES), "baseline": "0", **filled} if part is None else filled
    fields: list[Field] = []
    for name, info in PARTS[section].model_fields.items():
        if name == "id":
            if section == "channels" and part is None:
                fields.append(_which_channel(around, words, filled))
            continue
        if section == "audiences" and name == "channels":
            fields += _where_they_are(part, around, words, filled)
        elif section == "activities" and name == "starts":
            fields.append(MomentField(name, labels(words)[name], _local(filled.get(name, ""), around)))
        elif name in DATES:
            fields.append(DateField(name, labels(words)[name], day_of(filled.get(name, ""))))
        elif name == "repeats":
            fields += _how_often(part, around, words, filled)
        elif name == "time_zone":
            fields.append(_time_zone(around, words, filled))
        else:
            fields.append(
                _plain(name, info.annotation, filled.get(name, ""), around, words, section, is_new=part is None)
            )
    return fields


def next_dates(part: ActivityPart, words: Words, now: datetime) -> str:
    """When it happens next, in words; "" where it does no more."""
    until = datetime.max.replace(tzinfo=UTC, year=now.year + 5)
    coming = occurrences(part.starts, part.time_zone, part.minutes, part.repeats, since=now, until=until)
    days = [words.day(item.start) for item, _number in zip(coming, range(NEXT), strict=False)]
    return words.t("Next: {days}.", days=", ".join(days)) if days else ""


# -- Single fields ------------------------------------------------------------------------------------------


def _plain(
    name: str, annotation: Any, value: str, around: Around, words: Words, section: str, *, is_new: bool
) -> Field:
    label = labels(words)[name]
    if name in around.named:
        options = [Option(NONE, _nothing(name, words)), *_options(around.named[name])]
        return Choice(name, label, tuple(options[:MOST_OPTIONS]), value=value or NONE)
    if annotation is bool:
        return Choice(name, label, (Option(NO, words.t("No")), Option(YES, words.t("Yes"))), value=value or YES)
    literals = _literals(annotation)
    if literals:
        options = [Option(one, value_name(name, one, words)) for one in literals]
        if type(None) in get_args(annotation):
            options.insert(0, Option(NONE, _nothing(name, words)))
        return Choice(name, label, tuple(options), value=value or options[0].value)
    return TextField(
        name,
        label,
        value,
        hint=_hint(name, section, words),
        multiline=name in ("blocked", "tone"),
        required=name == "name" and section != "channels" and is_new,
        max_length=2000,
    )


def _nothing(name: str, words: Words) -> str:
    """What is chosen where nothing is."""
    return {
        "owner": words.t("Nobody"),
        "deputy": words.t("Nobody"),
        "unit": words.t("All units"),
        "channel": words.t("Any channel"),
        "audience": words.t("No audience in particular"),
        "goal": words.t("No goal"),
        "factor": words.t("No area"),
    }.get(name, words.t("Nothing"))


def _which_channel(around: Around, words: Words, filled: Mapping[str, str]) -> Choice:
    """A network that is known, or one of their own."""
    known = [Option(kind.id, kind.name) for kind in KINDS.values() if kind.id not in around.channels]
    options = (*known, Option(OWN, words.t("A channel of our own")))
    return Choice("id", words.t("Channel"), options, value=filled.get("id") or options[0].value)


def _where_they_are(part: Part | None, around: Around, words: Words, filled: Mapping[str, str]) -> list[Field]:
    """For each channel how one knows that the audience is there; what is left empty says that it is not."""
    held = [one.channel for one in part.channels] if isinstance(part, AudiencePart) else []
    channels = dict.fromkeys([*around.channels, *held])
    return [
        TextField(
            f"{THERE}{one}",
            words.t("{channel}: how do you know that they’re there?", channel=_channel_name(one, around)),
            filled.get(f"{THERE}{one}", ""),
            hint=words.t("Leave it empty where they aren’t.") if number == 0 else "",
            max_length=500,
        )
        for number, one in enumerate(channels)
    ]


def _how_often(part: Part | None, around: Around, words: Words, filled: Mapping[str, str]) -> list[Field]:
    names = {
        Repeats.ONCE: words.t("Once"),
        Repeats.WORKING_DAYS: words.t("Every working day"),
        Repeats.WEEKLY: words.t("Every week"),
        Repeats.FORTNIGHTLY: words.t("Every two weeks"),
        Repeats.MONTHLY: words.t("Every month, on the same day"),
        Repeats.YEARLY: words.t("Every year"),
    }
    options = [Option(one, name) for one, name in names.items()]
    hint = ""
    if isinstance(part, ActivityPart):
        hint = next_dates(part, words, around.now)
        if part.repeats and choice_of(part.repeats, part.starts)[0] == Repeats.AS_IT_IS:
            as_it_is = words.t("As it is: {rule}", rule=in_words(part.repeats, words))
            options.append(Option(Repeats.AS_IT_IS, as_it_is[:LONGEST_OPTION]))
    chosen = filled.get("repeats") or Repeats.ONCE
    return [
        Choice("repeats", labels(words)["repeats"], tuple(options), value=chosen, hint=hint),
        DateField(
            "until",
            words.t("Repeats until"),
            day_of(filled.get("until", "")),
            hint=words.t("Leave it empty for no end."),
        ),
    ]


def _time_zone(around: Around, words: Words, filled: Mapping[str, str]) -> Choice:
    chosen = filled.get("time_zone") or around.zone
    zones = dict.fromkeys([chosen, around.zone, *around.zones])
    options = tuple(Option(zone, zone.replace("_", " ")) for zone in list(zones)[:MOST_OPTIONS])
    return Choice("time_zone", labels(words)["time_zone"], options, value=chosen)


def _hint(name: str, section: str, words: Words) -> str:
    if section == "channels" and name == "name":
        return words.t("Only for a channel of your own.")
    return {
        "address": words.t("A feed: its https address. Mastodon: #tag@server or @name@server. Bluesky: #tag or name."),
        "share_page": words.t("An https address, with TEXT, LINK and TITLE where they go."),
        "max_length": words.t("Where you want it shorter than the channel takes."),
        "tone": words.t("One sentence. People see it where they write."),
    }.get(name, "")


def _local(value: str, around: Around) -> datetime | None:
    """What stands in a form of moments: local, with the person's zone."""
    moment = moment_of(value, around.zone)
    return moment.astimezone(zone_of(around.zone)) if moment is not None else None


def day_of(value: str) -> date | None:
    try:
        return date.fromisoformat(value.strip()[:10])
    except ValueError:
        return None


def _literals(annotation: Any) -> tuple[str, ...]:
    if get_origin(annotation) is Literal:
        return tuple(map(str, get_args(annotation)))
    return next((tuple(map(str, get_args(arm))) for arm in get_args(annotation) if get_origin(arm) is Literal), ())


def _options(named: Mapping[str, str]) -> list[Option]:
    return [Option(key, said[:LONGEST_OPTION]) for key, said in named.items()]


def _channel_name(channel: str, around: Around) -> str:
    return around.named.get("channel", {}).get(channel) or kind_of(channel, None).name
