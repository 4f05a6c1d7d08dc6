"""What must hold between the parts of the model: references, ownership, dates. Each problem says what to do instead."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from zoneinfo import available_timezones

from bot.core.recurrence import BadRule, checked_rule
from bot.features.framework.domain.metrics import PERCENT
from bot.features.framework.domain.model import SECTIONS, Framework, Part
from content.addresses import validate_url
from content.channels import KINDS, share_address
from content.errors import NotAnAddress
from content.sources import EXAMPLES, address_of
from storage.mentions.listening import SourceKind

Place = tuple[str | int, ...]  # ("goals", 2, "due")

MOST_PER_CENT = 100


@dataclass(frozen=True, slots=True)
class Problem:
    """`instead`: what to write. A problem of a part that stands in the database already is only remarked on."""

    place: Place
    what: str
    instead: str


def problems(model: Framework, standing: Framework, today: date) -> tuple[list[Problem], list[Problem]]:
    """(what must be mended, what stands already and should be): compared with what is in the database."""
    unchanged = {
        (section, number)
        for section in SECTIONS
        for number, part in enumerate(getattr(model, section))
        if standing.section(section).get(part.part_id) == part
    }
    found = list(_all(model, today))
    remarks = [problem for problem in found if problem.place[:2] in unchanged]
    return [problem for problem in found if problem not in remarks], remarks


def _all(model: Framework, today: date) -> Iterator[Problem]:
    for section in SECTIONS:
        yield from _twice(section, getattr(model, section))
    yield from _units(model, today)
    yield from _channels(model)
    yield from _audiences(model)
    yield from _goals(model, today)
    yield from _activities(model)
    yield from _sources(model)


def _twice(section: str, parts: tuple[Part, ...]) -> Iterator[Problem]:
    seen: set[str] = set()
    for number, part in enumerate(parts):
        if part.part_id in seen:
            yield Problem(
                (section, number, part.key), f"{part.part_id!r} is there twice", "give each its own, or keep one"
            )
        seen.add(part.part_id)


def _units(model: Framework, today: date) -> Iterator[Problem]:
    parents = {unit.name: unit.part_of for unit in model.units}
    for number, unit in enumerate(model.units):
        above, seen = unit.part_of, {unit.name}
        while above is not None and above not in seen:
            seen.add(above)
            above = parents.get(above)
        if above is not None:
            yield Problem(
                ("units", number, "part_of"),
                f"{unit.name!r} is part of itself, by way of {unit.part_of!r}",
                "leave part_of out of the topmost",
            )
        if unit.part_of is not None and unit.part_of not in parents:
            yield Problem(("units", number, "part_of"), f"there is no unit {unit.part_of!r}", _one_of(parents))
        if unit.starts is not None and unit.phase == "waiting" and unit.starts < today:
            yield Problem(("units", number, "starts"), f"{unit.starts} is over", "a day to come, or phase: pilot")


def _channels(model: Framework) -> Iterator[Problem]:
    for number, channel in enumerate(model.channels):
        here: Place = ("channels", number)
        if channel.state == "active" and channel.owner is None:
            yield Problem(
                here, f"{channel.id!r} is active and nobody owns it", "owner: name@your.org, or state: proposed"
            )
        if channel.owner is not None and channel.owner == channel.deputy:
            yield Problem((*here, "deputy"), f"{channel.owner} cannot stand in for themselves", "somebody else")
        if channel.id not in KINDS and channel.name is None:
            yield Problem(
                (*here, "id"),
                f"{channel.id!r} is a channel of your own without a name",
                f"name: …, or one of {', '.join(KINDS)}",
            )
        if channel.share_page is not None:
            yield from _share_page((*here, "share_page"), channel.share_page)


def _share_page(place: Place, pattern: str) -> Iterator[Problem]:
    instead = "https://example.org/share?text={text}"
    filled = share_address(pattern, text="", link="", title="")
    if filled == pattern:
        yield Problem(place, "nothing is filled in here", instead)
    if "{" in filled or "}" in filled:
        yield Problem(place, "only {text}, {link} and {title} can stand in braces", instead)
        return
    try:
        validate_url(filled)
    except NotAnAddress:
        yield Problem(place, "that is no web address", instead)


def _audiences(model: Framework) -> Iterator[Problem]:
    channels = model.section("channels")
    for number, audience in enumerate(model.audiences):
        seen: set[str] = set()
        for index, presence in enumerate(audience.channels):
            place: Place = ("audiences", number, "channels", index, "channel")
            if presence.channel not in channels:
                yield Problem(place, f"there is no channel {presence.channel!r}", _one_of(channels))
            if presence.channel in seen:
                yield Problem(place, f"{presence.channel!r} is there twice", "keep one")
            seen.add(presence.channel)


def _goals(model: Framework, today: date) -> Iterator[Problem]:
    channels, units = model.section("channels"), model.section("units")
    for number, goal in enumerate(model.goals):
        here: Place = ("goals", number)
        if goal.due <= goal.starts:
            yield Problem((*here, "due"), f"{goal.due} is not after {goal.starts}, when it starts", "a later day")
        elif goal.due < today:
            yield Problem((*here, "due"), f"{goal.due} is over", "a day to come, or take the goal out")
        if goal.target <= goal.baseline:
            yield Problem(
                (*here, "target"),
                f"{goal.target:g} is not above the baseline {goal.baseline:g}",
                "more than there is already",
            )
        if goal.metric in PERCENT and goal.target > MOST_PER_CENT:
            yield Problem((*here, "target"), f"{goal.target:g} is more than all: it is a percentage", "100 at most")
        if (goal.metric == "pulse") != (goal.factor is not None):
            yield Problem(
                (*here, "metric"),
                "a factor goes with the metric pulse, and only with it",
                "metric: pulse and factor: ownership",
            )
        if goal.channel is not None and goal.channel not in channels:
            yield Problem((*here, "channel"), f"there is no channel {goal.channel!r}", _one_of(channels))
        if goal.unit is not None and goal.unit not in units:
            yield Problem((*here, "unit"), f"there is no unit {goal.unit!r}", _one_of(units))


def _activities(model: Framework) -> Iterator[Problem]:
    known = {
        "unit": model.section("units"),
        "audience": model.section("audiences"),
        "channel": model.section("channels"),
        "goal": model.section("goals"),
    }
    for number, activity in enumerate(model.activities):
        here: Place = ("activities", number)
        for name, there in known.items():
            wanted = getattr(activity, name)
            if wanted is not None and wanted not in there:
                yield Problem((*here, name), f"there is no {name} {wanted!r}", _one_of(there))
        if activity.time_zone not in _zones():
            yield Problem((*here, "time_zone"), f"there is no time zone {activity.time_zone!r}", "Europe/Helsinki")
        if activity.starts.tzinfo is not None:
            yield Problem((*here, "starts"), "the zone stands in time_zone, not here", "2026-11-24T09:00")
        elif activity.repeats is not None:
            try:
                checked_rule(activity.repeats, activity.starts)
            except BadRule as fault:
                yield Problem((*here, "repeats"), str(fault), "FREQ=WEEKLY;BYDAY=TU")


def _sources(model: Framework) -> Iterator[Problem]:
    known = {"channel": model.section("channels"), "audience": model.section("audiences")}
    for number, source in enumerate(model.sources):
        here: Place = ("sources", number)
        for name, there in known.items():
            wanted = getattr(source, name)
            if wanted is not None and wanted not in there:
                yield Problem((*here, name), f"there is no {name} {wanted!r}", _one_of(there))
        kind = SourceKind(source.kind)
        if kind == SourceKind.WEBHOOK:
            continue
        try:
            address_of(source.kind, source.address)
        except NotAnAddress:
            yield Problem((*here, "address"), f"{source.address!r} cannot be listened to", EXAMPLES[kind])


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _one_of(known: object) -> str:
    names = sorted(map(str, known))  # type: ignore[call-overload]
    listed = ", ".join(names[:10]) + (" …" if len(names) > 10 else "")
    return f"one of {listed}" if names else "there is none yet: add it, or leave this out"
