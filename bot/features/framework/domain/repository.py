"""The model in the database: read as one value, compared with another, and brought to it in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from bot.features.framework.domain.archive import retire_channel
from bot.features.framework.domain.model import (
    SECTIONS,
    ActivityPart,
    AudiencePart,
    ChannelPart,
    Framework,
    GoalPart,
    Part,
    SourcePart,
    UnitPart,
)
from content.channels import KINDS
from storage.database import Session
from storage.framework import framework
from storage.framework.framework import Activity, Audience, Change, Goal
from storage.mentions import listening
from storage.mentions.listening import Source
from storage.people import employees, organisation
from storage.people.employees import Employee
from storage.people.organisation import Phase, Unit
from storage.questions import learning, topics
from storage.questions.topics import Topic
from storage.sharing import posts, shares, social_channels
from storage.sharing.social_channels import ChannelState, SocialChannel


class InUse(Exception):
    """What was taken out of the model is still needed; says by what, and what to do instead."""


class ChangedMeanwhile(Exception):
    """Somebody else changed the model in the meantime."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One part that changes; None: it does not exist (before), or is removed (after)."""

    section: str
    part: str
    before: Part | None
    after: Part | None

    def lines(self) -> list[str]:
        """As people read it: "+" and "-" with what is written there."""
        was = self.before.written() if self.before else {}
        becomes = self.after.written() if self.after else {}
        keys = dict.fromkeys([*was, *becomes])
        return [
            f"{sign} {key}: {value[key]}"
            for key in keys
            if was.get(key) != becomes.get(key)
            for sign, value in (("-", was), ("+", becomes))
            if key in value
        ]


def current_framework(session: Session) -> Framework:
    """The model as it is now; in a fixed order, so that the same model is written the same."""
    deputies = {row.channel_id: row.deputy for row in topics.of_channels(session)}
    return Framework(
        version=1,
        units=tuple(sorted((_unit(row) for row in organisation.units(session)), key=lambda part: part.name)),
        channels=tuple(_channel(row, deputies.get(row.id)) for row in social_channels.all_channels(session)),
        audiences=tuple(
            AudiencePart.model_validate(_columns(row, AudiencePart)) for row in framework.audiences(session)
        ),
        goals=tuple(GoalPart.model_validate(_columns(row, GoalPart)) for row in framework.goals(session)),
        activities=tuple(
            ActivityPart.model_validate(_columns(row, ActivityPart)) for row in framework.activities(session)
        ),
        sources=tuple(SourcePart.model_validate(_columns(row, SourcePart)) for row in listening.sources(session)),
    )


def fingerprint(model: Framework) -> str:
    """The same for the same model."""
    return sha256(model.model_dump_json().encode()).hexdigest()


def differences(now: Framework, wanted: Framework) -> list[Difference]:
    """The changes by section. Units come from the directory: one that the file does not name stays as it is."""
    found = []
    for section in SECTIONS:
        old, new = now.section(section), wanted.section(section)
        for part in [*old, *(part for part in new if part not in old)]:
            if old.get(part) != new.get(part) and not (section == "units" and part not in new):
                found.append(Difference(section, part, old.get(part), new.get(part)))
    return found


def apply(
    session: Session, wanted: Framework, *, seen: str | None, by: Employee | None, why: str, now: datetime
) -> list[Difference]:
    """Bring the database to `wanted`; what changed. Done or left undone together with what else the session writes.

    `seen` is the fingerprint of the model that the differences were looked at against. Raises InUse, ChangedMeanwhile.
    """
    before = current_framework(session)
    if seen is not None and fingerprint(before) != seen:
        raise ChangedMeanwhile
    changed = differences(before, wanted)
    if not changed:
        return []
    people = {address: employees.get_or_create_by_email(session, address, now) for address in sorted(wanted.people)}
    order = {part: number for number, part in enumerate(wanted.section("channels"))}
    for item in changed:
        if item.after is None:
            _take_out(session, item)
        else:
            _WRITERS[item.section](session, item.after, people, now)
        _remember(session, item, by, why, now)
    session.flush()
    _units_under(session, wanted)
    for row in social_channels.all_channels(session):
        row.position = order.get(row.id, row.position)
    session.flush()
    return changed


def move_unit(session: Session, unit: Unit, phase: Phase, *, by: Employee, now: datetime) -> None:
    """One tap on a unit: its phase, with its place in the history."""
    before = _unit(unit)
    unit.move(phase, now)
    _remember(session, Difference("units", unit.name, before, _unit(unit)), by, "", now)


def _remember(session: Session, item: Difference, by: Employee | None, why: str, now: datetime) -> None:
    before, after = (part.written() if part else None for part in (item.before, item.after))
    session.add(Change(section=item.section, part=item.part, before=before, after=after, by=by, why=why, at=now))


# -- Reading ----------------------------------------------------------------------------------------------


def _unit(row: Unit) -> UnitPart:
    return UnitPart.model_validate(
        {"name": row.name, "part_of": row.parent.name if row.parent else None, "phase": row.phase, "starts": row.starts}
    )


def _channel(row: SocialChannel, deputy: Employee | None) -> ChannelPart:
    return ChannelPart.model_validate({**_columns(row, ChannelPart), "deputy": _address(deputy)})


def _columns(row: Any, part: type[Part]) -> dict[str, Any]:
    found = {name: getattr(row, name) for name in part.model_fields if name not in ("owner", "deputy")}
    return {**found, "owner": _address(row.owner)} if "owner" in part.model_fields else found


def _address(person: Employee | None) -> str | None:
    """None, too, of an owner who has no address: nobody could name them in a file."""
    return person.email if person is not None else None


# -- Writing ----------------------------------------------------------------------------------------------

People = Mapping[str, Employee]
Writer = Callable[[Session, Any, People, datetime], None]


def _write_unit(session: Session, part: Any, _people: People, now: datetime) -> None:
    row = organisation.unit(session, part.name)
    row.move(part.phase, now)
    row.starts = part.starts


def _units_under(session: Session, wanted: Framework) -> None:
    """Only now, for a unit may stand before the one that it is part of."""
    rows = {row.name: row for row in organisation.units(session)}
    for part in wanted.units:
        rows[part.name].parent_id = rows[part.part_of].id if part.part_of else None


def _write_channel(session: Session, part: Any, people: People, now: datetime) -> None:
    row = social_channels.channel(session, part.id)
    if row is None:
        row = SocialChannel(id=part.id, position=0)
        session.add(row)
    if part.state == "retired" and row.is_active:
        retire_channel(session, part.id, now)
    row.set_state(ChannelState(part.state))
    row.name, row.disclosure, row.tone = part.name, part.disclosure, part.tone
    row.max_length, row.share_page, row.blocked = part.max_length, part.share_page, list(part.blocked)
    row.owner = people[part.owner] if part.owner else None
    topic = topics.topic(session, part.id)
    if topic is None:
        name = part.name or (KINDS[part.id].name if part.id in KINDS else part.id)
        topic = Topic(id=part.id, names={"en": name}, channel=row, is_retired=False)
        session.add(topic)
    topic.deputy = people[part.deputy] if part.deputy else None
    session.flush()


def _write_row(table: type[Any]) -> Writer:
    def write(session: Session, part: Any, people: People, _now: datetime) -> None:
        values: dict[str, Any] = part.model_dump()
        if "owner" in values:
            values["owner"] = people[values["owner"]] if values["owner"] else None
        if table is Activity:
            values["starts"] = values["starts"].isoformat()
        if table is Audience:
            values["channels"] = list(values["channels"])
        row = session.get(table, part.part_id)
        if row is None:
            row = table(id=part.part_id)
            session.add(row)
        for name, value in values.items():
            setattr(row, name, value)

    return write


_WRITERS: dict[str, Writer] = {
    "units": _write_unit,
    "channels": _write_channel,
    "audiences": _write_row(Audience),
    "goals": _write_row(Goal),
    "activities": _write_row(Activity),
    "sources": _write_row(Source),
}


def _take_out(session: Session, item: Difference) -> None:
    match item.section:
        case "channels":
            if shares.is_channel_used(session, item.part) or learning.is_known(session, item.part):
                raise InUse(f"{item.part} has shares or questions: write state: retired instead of taking it out.")
            _delete(session, Topic, item.part)
            session.flush()
            _delete(session, SocialChannel, item.part)
        case "audiences":
            _delete(session, Audience, item.part)
        case "goals":
            if used := posts.serving(session, item.part):
                raise InUse(f"{len(used)} posts serve the goal {item.part}: give them another one first.")
            _delete(session, Goal, item.part)
        case "activities":
            _delete(session, Activity, item.part)
        case "sources":
            if listening.is_heard(session, item.part):
                raise InUse(f"{item.part} has mentions: write state: paused instead of taking it out.")
            _delete(session, Source, item.part)


def _delete(session: Session, table: type[Any], part: str) -> None:
    row = session.get(table, part)
    if row is not None:
        session.delete(row)
