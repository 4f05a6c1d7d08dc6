"""The model edited in chat: a list of each section, and for each part a form made from its fields.

A button's number stands for one version of one part (`version_of`): whoever saves what somebody else has changed in
the meantime is told, keeps what they wrote, and looks again.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import structlog
from pydantic import ValidationError

from bot.core.cards import Bold, Card, Form, card, text
from bot.core.context import Context, Effect, OpenForm, Reply, Send, words_of
from bot.core.errors import Gone
from bot.core.events import Pressed, Submitted
from bot.features.framework.cards import answers_now_card
from bot.features.framework.domain import repository
from bot.features.framework.domain.model import ChannelPart, Framework, Part
from bot.features.framework.domain.repository import InUse
from bot.features.framework.domain.rules import problems
from bot.features.framework.forms import editing as edit_forms
from bot.features.framework.forms import part_values
from bot.features.framework.forms.editing import EDITED
from bot.features.framework.forms.names import channel_name
from bot.features.framework.forms.part_fields import PARTS, Around
from storage.framework import framework
from storage.people import employees, time_zones

log = structlog.get_logger()

LAST = 3  # changes of the section that are shown


def show_section(context: Context, event: Pressed) -> list[Effect]:
    """`section.*`: the parts of a section, with what changed last."""
    return [Reply(section_card(context, _section(event)))]


def open_part(context: Context, event: Pressed) -> list[Effect]:
    """`part.*`: the form of the part `ref`, or of a new one (0)."""
    section = _section(event)
    part = _part(repository.current_framework(context.session), section, event.ref) if event.ref else None
    return [OpenForm(_form(context, section, part, event.ref))]


def ask_to_take_out(context: Context, event: Pressed) -> list[Effect]:
    """`part_out.*`: asks once, for there is no way back."""
    section = _section(event)
    part = _part(repository.current_framework(context.session), section, event.ref)
    return [Reply(edit_forms.take_out_card(section, part, event.ref, context.words))]


def take_out(context: Context, event: Pressed) -> list[Effect]:
    """`part_gone.*`: out of the model, unless something still needs it."""
    section = _section(event)
    model = repository.current_framework(context.session)
    part = _part(model, section, event.ref)
    rest = tuple(other for other in getattr(model, section) if other != part)
    try:
        repository.apply(
            context.session,
            model.model_copy(update={section: rest}),
            seen=None,
            by=context.person,
            why="",
            now=context.now,
        )
    except InUse as fault:
        said = edit_forms.still_needed(section, part, context.words)
        log.info("part still needed", section=section, reason=str(fault))
        return [Reply(card(said, text(Bold(said))))]
    return [Reply(section_card(context, section))]


def submit_part(context: Context, event: Submitted) -> list[Effect]:
    """`part_*` was submitted: checked as a file is, stored with its place in the history."""
    section = _section(event)
    model = repository.current_framework(context.session)
    before = _known(model, section, event.ref)
    if event.ref and before is None:
        return _changed_meanwhile(context, event, section, model)
    around = _around(context)
    written = part_values.read(section, before, event.values, around)
    try:
        part = PARTS[section].model_validate(written if before is None else {**before.written(), **written})
    except ValidationError as fault:
        errors = tuple((str(error["loc"][0]), _plain(context, error)) for error in fault.errors() if error["loc"])
        return [OpenForm(_form(context, section, before, event.ref, event.values, errors))]
    parts = list(getattr(model, section))
    place = parts.index(before) if before is not None else len(parts)  # what is edited stays where it stands
    wanted = model.model_copy(update={section: (*parts[:place], part, *parts[place + 1 :])})
    wrong, _remarks = problems(wanted, model, context.now.date())
    mine = [item for item in wrong if item.place[:2] == (section, place)] or wrong
    if mine:
        fields = [str(item.place[2]) if len(item.place) > 2 else "" for item in mine]
        told = (edit_forms.wrong_with(section, field, part, context.words) for field in fields)
        errors = tuple(dict.fromkeys(told))  # each once
        return [OpenForm(_form(context, section, before, event.ref, event.values, errors))]
    why = event.values.get("why", "").strip()[:300]
    repository.apply(context.session, wanted, seen=None, by=context.person, why=why, now=context.now)
    return [Reply(section_card(context, section)), *_tell_who_answers(context, before, part)]


def _tell_who_answers(context: Context, before: Part | None, part: Part) -> list[Effect]:
    """Whoever answers for a channel from now on hears of it before the first question comes."""
    if not isinstance(part, ChannelPart):
        return []
    were = (before.owner, before.deputy) if isinstance(before, ChannelPart) else ()
    told: list[Effect] = []
    for address, is_owner in ((part.owner, True), (part.deputy, False)):
        person = employees.by_email(context.session, address) if address and address not in were else None
        if person is not None and person.id != context.person.id:
            said = answers_now_card(
                channel_name(part), context.person.name, words_of(person, context.now), is_owner=is_owner
            )
            key = f"answers:{part.part_id}:{person.id}:{'owner' if is_owner else 'deputy'}:{context.now.isoformat()}"
            told.append(Send(person, key, said))
    return told


def _changed_meanwhile(context: Context, event: Submitted, section: str, model: Framework) -> list[Effect]:
    """Somebody else was quicker: the form as it was filled in, over what stands now, for its writer to decide."""
    now = model.section(section).get(event.values.get("part", ""))
    if now is None:
        said = "\n".join(f"{name}: {value}" for name, value in event.values.items() if value.strip())
        raise Gone(
            "Somebody has just changed this. Check it and try again: /chorus {command}.",
            kept=said,
            command="framework",
        )
    said = context.words.t(
        "Somebody changed it while you were writing. Your words are here: saving now overwrites theirs."
    )
    form = _form(context, section, now, version_of(now), event.values)
    return [OpenForm(replace(form, intro=(text(Bold(said)),)))]


def cancel_part(context: Context, event: Pressed) -> list[Effect]:
    """`cancel.part_*`, where the form replaced the card: show the list again."""
    return [Reply(section_card(context, _section(event)))]


def version_of(part: Part) -> int:
    """A number for this very version of the part, that a button can carry (31 bits, never 0)."""
    return (zlib.crc32(f"{part.part_id} {part.model_dump_json()}".encode()) & 0x7FFFFFFF) or 1


def versions_of(context: Context, section: str) -> dict[str, int]:
    """By the part's id, the number that its buttons carry."""
    parts = getattr(repository.current_framework(context.session), section)
    return {part.part_id: version_of(part) for part in parts}


def section_card(context: Context, section: str) -> Card:
    """The parts of a section with their forms, and what changed last."""
    parts = [(part, version_of(part)) for part in getattr(repository.current_framework(context.session), section)]
    history = framework.changes_of(context.session, section, LAST)
    return edit_forms.list_card(section, parts, history, context.words)


def _form(
    context: Context,
    section: str,
    part: Part | None,
    ref: int,
    values: Mapping[str, str] | None = None,
    errors: tuple[tuple[str, str], ...] = (),
) -> Form:
    return edit_forms.part_form(section, part, ref, _around(context), context.words, values=values, errors=errors)


def _around(context: Context) -> Around:
    """What a field that names something else can name, and what is taken."""
    model = repository.current_framework(context.session)
    people = {person.id: person for role in ("owner", "lead") for person in employees.with_role(context.session, role)}
    people[context.person.id] = context.person
    named = {address: address for address in sorted(model.people)}
    named |= {person.email: person.name for person in people.values() if person.email}
    return Around(
        named={
            "owner": named,
            "deputy": named,
            "unit": {unit.name: unit.name for unit in model.units},
            "channel": {channel.id: channel_name(channel) for channel in model.channels},
            "audience": {audience.id: audience.name for audience in model.audiences},
            "goal": {goal.id: goal.name for goal in model.goals},
        },
        zone=context.person.time_zone,
        zones=time_zones.of_all(context.session),
        now=context.now,
        channels=tuple(channel.id for channel in model.channels),
        taken={section: frozenset(model.section(section)) for section in EDITED},
    )


def _section(event: Pressed | Submitted) -> str:
    if event.argument not in EDITED:
        raise Gone(
            "That part of the framework is gone. Type /chorus {command} to see what’s there now.", command="framework"
        )
    return event.argument


def _part(model: Framework, section: str, ref: int) -> Part:
    """Raises Gone."""
    found = _known(model, section, ref)
    if found is None:
        raise Gone("Somebody has just changed this. Check it and try again: /chorus {command}.", command="framework")
    return found


def _known(model: Framework, section: str, ref: int) -> Part | None:
    """The part in that very version."""
    return next((part for part in getattr(model, section, ()) if version_of(part) == ref), None)


def _plain(context: Context, error: Any) -> str:
    """One sentence on what is wrong with a field."""
    match error["type"]:
        case "missing":
            return context.words.t("Fill this in.")
        case "string_pattern_mismatch":
            return context.words.t("Use only small letters, digits, - and _.")
        case "string_too_short":
            return context.words.t("Fill this in.")
        case "string_too_long":
            most = context.words.number(error["ctx"]["max_length"])
            return context.words.t("That’s too long: at most {count} characters.", count=most)
        case "too_long":
            return context.words.t("That’s too long. Shorten it.")
        case "greater_than" | "greater_than_equal" | "less_than_equal" | "less_than":
            least_or_most = context.words.number(next(iter(error["ctx"].values())))
            return {
                "greater_than": context.words.t("Write a number above {number}.", number=least_or_most),
                "greater_than_equal": context.words.t("Write {number} or more.", number=least_or_most),
                "less_than_equal": context.words.t("Write {number} or less.", number=least_or_most),
                "less_than": context.words.t("Write a number below {number}.", number=least_or_most),
            }[error["type"]]
        case kind if kind.startswith(("date", "datetime")):
            return context.words.t("Choose a day.")
        case _:
            return context.words.t("Write a number, such as 12 or 2.5.")
