"""One person's unit, language and role, as an administrator or a lead sets them. A lead makes owners, an administrator
also leads and administrators; nobody takes their own last role from themselves."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import replace

from bot.core.cards import Bold, Choice, Choices, Form, Option, card, text
from bot.core.context import Context, Effect, OpenForm, Reply
from bot.core.errors import Gone, NotAllowed
from bot.core.events import Pressed, Submitted
from bot.core.i18n import Words, capital, languages
from bot.core.role_names import role_name
from storage.people import employees, organisation
from storage.people.employees import Employee

NO_UNIT = "0"
BY_LEADS, BY_ADMINS = ("owner",), ("owner", "lead", "admin")  # roles that each may give and take


def edit_person(context: Context, event: Pressed) -> list[Effect]:
    """`person.edit`: the form."""
    return [OpenForm(_form(context, _person(context, event.ref)))]


def submit_person(context: Context, event: Submitted) -> list[Effect]:
    """`person`: stored, if whoever sends it may set all of it."""
    person, words = _person(context, event.ref), context.words
    if event.values.get("seen") != _version(person):
        said = words.t("Somebody changed this while you were looking. Here is how it stands now.")
        return [OpenForm(replace(_form(context, person), intro=(text(Bold(said)),)))]
    may = _may_give(context)
    roles = {role for role in event.values.get("roles", "").split(",") if role in BY_ADMINS}
    held = {role for role in person.roles if role in BY_ADMINS}
    if (roles ^ held) - set(may):
        raise NotAllowed("Only an administrator can make somebody a comms lead or an administrator, or undo it.")
    if person.id == context.person.id and held - roles:
        raise NotAllowed("You can’t take a role from yourself. Ask somebody else to.")
    units = {str(unit.id): unit.id for unit in organisation.units(context.session)}
    person.roles = ["employee", *(role for role in BY_ADMINS if role in roles)]
    unit = units.get(event.values.get("unit", ""))
    if unit != person.unit_id:
        person.unit_id, person.planned_at = unit, None
    language = event.values.get("language", "")
    if language in languages() and language != person.language:
        person.choose_language(language)
    context.session.flush()
    said = words.t("Saved: {name}.", name=person.name or person.email or "")
    return [Reply(card(said, text(Bold(said))))]


def person_form(person: Employee, may_give: tuple[str, ...], units: Mapping[str, str], words: Words) -> Form:
    """`units`: names by id; `may_give`: the roles that whoever fills it in may give and take."""
    held = tuple(role for role in person.roles if role in BY_ADMINS)
    shown = [role for role in BY_ADMINS if role in may_give or role in held]
    return Form(
        name="person",
        ref=person.id,
        title=(person.name or person.email or words.t("No name"))[:24],
        fields=(
            Choice(
                "unit",
                words.t("Unit"),
                (Option(NO_UNIT, words.t("No unit")), *(Option(key, name[:75]) for key, name in units.items()))[:100],
                value=str(person.unit_id or NO_UNIT),
            ),
            Choices(
                "roles",
                words.t("Roles"),
                tuple(Option(role, capital(role_name(role, words))) for role in shown),
                held,
                hint=words.t("Which channel an owner answers for is set with the channel."),
            ),
            Choice(
                "language",
                words.t("Language"),
                tuple(Option(one, words.language_name(one)) for one in languages()),
                value=person.language,
            ),
        ),
        submit=words.t("Save"),
        cancel=words.t("Cancel"),
        kept=(("seen", _version(person)),),
    )


def _version(person: Employee) -> str:
    """Another one, once somebody has changed what the form is about."""
    return f"{zlib.crc32(f'{person.unit_id} {sorted(person.roles)} {person.language}'.encode()):x}"


def _form(context: Context, person: Employee) -> Form:
    units = {str(unit.id): unit.name for unit in organisation.units(context.session)}
    return person_form(person, _may_give(context), units, context.words)


def _may_give(context: Context) -> tuple[str, ...]:
    return BY_ADMINS if "admin" in context.person.roles else BY_LEADS


def _person(context: Context, person_id: int) -> Employee:
    found = employees.employee(context.session, person_id)
    if found is None or not found.is_active:
        raise Gone("That person isn’t here any more.")
    return found
