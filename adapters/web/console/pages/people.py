"""People: who is here, in which role; and what is known of one of them. Nothing of what anybody shared or answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from adapters.web.console.fields import ref_of
from adapters.web.console.parts import Cell, Column, DataTable, Filter, LinkTo, Narrowed, Verdict
from adapters.web.console.query import Query
from bot.core.context import Context
from bot.core.i18n import Words, capital, languages
from bot.core.role_names import role_name
from bot.features.people.domain import roster
from storage.people import directory, employees, organisation
from storage.people.directory import PeopleQuery
from storage.people.employees import ROLES, Employee, EmployeeState
from storage.questions import topics

AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class PeoplePage:
    said: str
    narrowed: Narrowed
    table: DataTable
    may_import: bool


@dataclass(frozen=True, slots=True)
class PersonPage:
    title: str
    id: int
    state: Verdict
    pairs: Sequence[tuple[str, str]]
    owns: Sequence[str]
    may_edit: bool


def view(context: Context, query: Query) -> PeoplePage | PersonPage | None:
    if query.item:
        found = employees.employee(context.session, ref_of(query.item))
        return None if found is None or found.is_erased else _one(context, found)
    return _many(context, query)


def _many(context: Context, query: Query) -> PeoplePage:
    session, words = context.session, context.words
    units = {str(unit.id): unit.name for unit in organisation.units(session)}
    states = {EmployeeState.ACTIVE.value: words.t("Active"), EmployeeState.LEFT.value: words.t("Left")}
    filters = [
        Filter("unit", words.t("Unit"), [("", words.t("Any")), *units.items()], query.among("unit", units)),
        Filter(
            "role",
            words.t("Role"),
            [("", words.t("Any")), *((role, capital(role_name(role, words))) for role in ROLES)],
            query.among("role", ROLES),
        ),
        Filter(
            "lang",
            words.t("Language"),
            [("", words.t("Any")), *((one, words.language_name(one)) for one in languages())],
            query.among("lang", languages()),
        ),
        Filter("state", words.t("Status"), [("", words.t("Any")), *states.items()], query.among("state", states)),
    ]
    chosen = {one.name: one.value for one in filters}
    asked = PeopleQuery(query.text("q"), ref_of(chosen["unit"]), chosen["role"], chosen["lang"], chosen["state"])
    rows = directory.page(session, asked, after_id=query.number("after"), limit=AT_ONCE)
    number = directory.number(session, asked)
    return PeoplePage(
        said=words.n("{count} person.", "{count} people.", employees.count(session)),
        narrowed=Narrowed(
            query=query,
            filters=filters,
            searched=query.text("q"),
            search_hint=words.t("Name or email address"),
            found=words.n("{count} person", "{count} people", number),
        ),
        table=DataTable(
            words.t("People"),
            [
                Column(words.t("Name")),
                Column(words.t("Email"), is_secondary=True),
                Column(words.t("Unit")),
                Column(words.t("Roles")),
                Column(words.t("Language"), is_secondary=True),
                Column(words.t("Status"), is_secondary=True),
            ],
            [_row(row, words) for row in rows],
            words.t("Nobody matches."),
            query.following(rows[-1].id if len(rows) == AT_ONCE else 0),
            is_stacked=True,
        ),
        may_import="admin" in context.person.roles,
    )


def _row(row: Employee, words: Words) -> Sequence[Cell]:
    return (
        LinkTo(row.name or row.email or words.t("No name"), f"/console/people/{row.id}"),
        row.email or "–",
        row.unit.name if row.unit else "–",
        capital(", ".join(role_name(role, words) for role in row.roles)),
        words.language_name(row.language),
        _state(row, words),
    )


def _state(row: Employee, words: Words) -> Verdict:
    return Verdict(words.t("Active"), "good", "check") if row.is_active else Verdict(words.t("Left"), "", "out")


def _one(context: Context, found: Employee) -> PersonPage:
    words = context.words
    roster.note_look(context.session, found)
    places = ", ".join(sorted({one.workspace_id.partition(":")[0].capitalize() for one in found.identities}))
    pairs = [
        (words.t("Email"), found.email or "–"),
        (words.t("Unit"), found.unit.name if found.unit else "–"),
        (words.t("Roles"), capital(", ".join(role_name(role, words) for role in found.roles))),
        (words.t("Language"), words.language_name(found.language)),
        (words.t("Time zone"), found.time_zone.replace("_", " ")),
        (words.t("Reachable in"), places or words.t("nowhere yet")),
        (words.t("Joined"), words.day(found.joined_at)),
    ]
    if found.left_at is not None:
        pairs.append((words.t("Left"), words.day(found.left_at)))
    return PersonPage(
        title=found.name or found.email or words.t("No name"),
        id=found.id,
        state=_state(found, words),
        pairs=pairs,
        owns=[row.name(words.language) for row in topics.of_person(context.session, found.id)],
        may_edit=found.is_active,
    )
