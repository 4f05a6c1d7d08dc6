"""One person's role and unit. A lead makes owners, an administrator also leads and administrators; nobody takes a role
from themselves. Units are for administrators: whoever moves people between units and reads the units' sums before and
after knows what each of them did. The language is the person's own to choose, for the same reason."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import replace

from bot.core.cards import Bold, Choice, Choices, Form, Option, card, text
from bot.core.context import Context, Effect, OpenForm, Reply
from bot.core.errors import Gone, NotAllowed
from bot.core.events import Pressed, Submitted
from bot.core.i18n import Words, capital
from bot.core.role_names import role_name
from bot.features.people.domain import roster
from storage.people import employees, organisation
from storage.people.employees import Employee

NO_UNIT = "0"
BY_LEADS, BY_ADMINS = ("owner",), ("owner", "lead", "admin")  # roles that each may give and take


def edit_person(context: Context, event: Pressed) -> list[Effect]:
    """`person.edit`: the form, which shows who they are."""
    person = _person(context, event.ref)
    roster.note_look(context.session, person)
    return [OpenForm(_form(context, person))]


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
    if roles != held:
        person.roles = ["employee", *(role for role in BY_ADMINS if role in roles)]
        roster.given_by_hand(context.session, person)
    units = _units(context)
    wanted = event.values.get("unit", "")
    if units and wanted in (NO_UNIT, *units):
        unit = int(wanted) or None
        if unit != person.unit_id:
            person.unit_id, person.planned_at = unit, None
    context.session.flush()
    said = words.t("Saved: {name}.", name=person.name or person.email or "")
    return [Reply(card(said, text(Bold(said))))]


def person_form(person: Employee, may_give: tuple[str, ...], units: Mapping[str, str], words: Words) -> Form:
    """`units`: names by id, none where they are not to be set; `may_give`: the roles that whoever fills it in may give
    and take."""
    held = tuple(role for role in person.roles if role in BY_ADMINS)
    shown = [role for role in BY_ADMINS if role in may_give or role in held]
    roles = Choices(
        "roles",
        words.t("Roles"),
        tuple(Option(role, capital(role_name(role, words))) for role in shown),
        held,
        hint=words.t("Which channel an owner answers for is set with the channel."),
    )
    unit = Choice(
        "unit",
        words.t("Unit"),
        (Option(NO_UNIT, words.t("No unit")), *(Option(key, name[:75]) for key, name in units.items()))[:100],
        value=str(person.unit_id or NO_UNIT),
    )
    return Form(
        name="person",
        ref=person.id,
        title=(person.name or person.email or words.t("No name"))[:24],
        fields=(unit, roles) if units else (roles,),
        submit=words.t("Save"),
        cancel=words.t("Cancel"),
        kept=(("seen", _version(person)),),
    )


def _version(person: Employee) -> str:
    """Another one, once somebody has changed what the form is about."""
    return f"{zlib.crc32(f'{person.unit_id} {sorted(person.roles)}'.encode()):x}"


def _form(context: Context, person: Employee) -> Form:
    return person_form(person, _may_give(context), _units(context), context.words)


def _units(context: Context) -> dict[str, str]:
    """Names by id, for whoever may set them."""
    if "admin" not in context.person.roles:
        return {}
    return {str(unit.id): unit.name for unit in organisation.units(context.session)}


def _may_give(context: Context) -> tuple[str, ...]:
    return BY_ADMINS if "admin" in context.person.roles else BY_LEADS


def _person(context: Context, person_id: int) -> Employee:
    found = employees.employee(context.session, person_id)
    if found is None or not found.is_active:
        raise Gone("That person isn’t here any more.")
    return found
