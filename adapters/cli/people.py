"""`chorus people`, `chorus units`: who is here, in which role and unit, and whose holidays they have."""

from __future__ import annotations

import asyncio
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from adapters.cli.context import built, changing, opened_database, person_of, unit_of
from adapters.cli.people_import import import_people
from adapters.cli.terminal import AsJson, fail, out, print_rows
from adapters.settings import checked_settings
from bot.core.ports import DirectoryUnavailable
from storage.audit import watch
from storage.database import Session
from storage.people import employees, organisation, workspaces
from storage.people.employees import Employee
from storage.web import console_sessions, sign_in

people = typer.Typer(help="Employees and their roles.", no_args_is_help=True)
units = typer.Typer(help="Units, and whose holidays they have.", no_args_is_help=True)

people.command("import")(import_people)

BY_ZONE = "ZONE"
COUNTED = ("seen", "created", "left_out", "left", "kept")  # of a directory that was read
Country = Annotated[
    str,
    typer.Option(help="Whose holidays and weekends hold, as in FI or DE-BY; “zone”: of each person’s time zone."),
]


@people.command("sync")
def people_sync(
    leavers: Annotated[
        bool, typer.Option("--leavers", help="However many are missing there, they have left: mark them so.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Read the directories of all installed workspaces. Where more than a fifth is missing, nobody is marked as left:
    that is more likely half a directory."""
    from adapters.app import running

    chorus = built(checked_settings())
    rows, unread = list[dict[str, Any]](), list[str]()

    async def sync() -> None:
        async with running(chorus, with_worker=False, with_clock=False):
            for workspace in await chorus.dependencies.db_executor(lambda session: workspaces.installed(session)):
                if not await chorus.application.serves(workspace.id):
                    continue
                try:
                    report = await chorus.application.sync_people(workspace.id, believes_all=leavers)
                except DirectoryUnavailable as fault:
                    unread.append(f"{workspace.id}: its directory could not be read ({fault}). Try again later.")
                else:
                    rows.append({"workspace": workspace.id} | {name: getattr(report, name) for name in COUNTED})

    asyncio.run(sync())
    if not rows and not unread:
        fail("No workspace has the bot, or none that can be reached: see `chorus doctor`.")
    if rows or as_json:
        print_rows(rows, ("workspace", *COUNTED), as_json)
    if any(row["kept"] for row in rows):
        unread.append("Too many are missing to be believed. If they have left: chorus people sync --leavers.")
    if unread:
        fail("\n".join(unread))


@people.command("list")
def people_list(as_json: AsJson = False) -> None:
    """Active employees with unit, language and roles."""
    with opened_database().transaction() as session:
        rows = [
            {
                "id": person.id,
                "name": person.name,
                "email": person.email,
                "language": person.language,
                "unit": person.unit.name if person.unit else None,
                "country": person.country,
                "roles": person.roles,
            }
            for person in employees.active(session)
        ]
    print_rows(rows, ("id", "name", "email", "unit", "language", "country", "roles"), as_json)


@people.command("set")
def people_set(
    email: str,
    role: Annotated[list[str] | None, typer.Option(help="employee, owner, lead or admin; may be repeated.")] = None,
    unit: Annotated[str, typer.Option(help="The unit the person belongs to.")] = "",
    country: Country = "",
    workspace: Annotated[
        str, typer.Option(help="Where the person is known, as in slack:T1; asked for where there are several.")
    ] = "",
) -> None:
    """Give a person roles and a unit. A role holds where the person is known, and in no other workspace by address."""
    from bot.features.people.domain import roster  # so that short commands stay short
    from storage.people.responsibilities import split_off_joined_identities

    place = _place_of(country)
    wrong = [name for name in role or [] if name not in employees.ROLES]
    if wrong:
        fail(f"There is no role {wrong[0]!r}: choose among {', '.join(employees.ROLES)}.")
    said = list[str]()
    with changing(opened_database()) as session:
        person = person_of(session, email)
        had_role = "admin" in person.roles
        if role:
            _check_place(session, person, workspace)
            person.roles = sorted({"employee", *role}, key=employees.ROLES.index)
            roster.given_by_hand(session, person)
            for elsewhere in split_off_joined_identities(session, person, now=datetime.now(UTC)):
                said.append(
                    f"Who has the same address in {elsewhere} is a person of their own now: see `chorus people join`."
                )
        if unit:
            person.unit, person.planned_at = unit_of(session, unit), None
        if country:
            person.own_country, person.planned_at = place, None  # the planner looks again
        of_unit = f"; {person.unit.name}" if person.unit else ""
        holding = f"; holidays of {person.country}" if person.country else ""
        said.append(f"{person.name}: {', '.join(person.roles)}{of_unit}{holding}")
        if had_role and not employees.with_role(session, "admin"):
            said.append(
                "Nobody is an administrator now: give somebody the role by `chorus people set EMAIL --role admin`."
            )
    for line in said:  # once it is done
        out.print(line, markup=False)


def _place_of(country: str) -> str | None:
    """The country or region that was named; None for none."""
    from bot.core.working_time import is_known_place  # the calendars of all countries

    place = country.strip().upper()
    if place in ("", BY_ZONE):
        return None
    if not is_known_place(place):
        fail(f"The holidays of {country!r} are not known: write FI, or DE-BY for a region (ISO 3166).")
    return place


@people.command("unbind")
def people_unbind(email: str) -> None:
    """Forget which account at the organisation's sign-in is a person's, and end their sessions; the next link from the
    chat shows it anew."""
    with changing(opened_database()) as session:
        person = person_of(session, email)
        name, number = person.name, sign_in.unbind(session, person.id)
        console_sessions.sign_out_everywhere(session, person.id)
    out.print(f"{name}: {_number(number, 'account')} unbound.", markup=False)


@people.command("sign-out")
def people_sign_out(email: str) -> None:
    """End all sessions of a person in the console, and links to it that they have not used."""
    with changing(opened_database()) as session:
        person = person_of(session, email)
        name, number = person.name, console_sessions.sign_out_everywhere(session, person.id)
        watch.note(session, "signed out by an administrator", about=f"employees {person.id}")
    out.print(f"{name}: {_number(number, 'session')} ended.", markup=False)


@people.command("export")
def people_export(email: str, file: Annotated[Path, typer.Argument(help="Where to write it; “-”: here.")]) -> None:
    """All that is kept of a person, as JSON, for them."""
    from storage.privacy.export import everything_of

    if file.exists():
        fail(f"{file} is there already: nothing was written. Give another name.")
    with changing(opened_database()) as session:
        person = person_of(session, email)
        kept = everything_of(session, person.id)
        said = json.dumps(kept, ensure_ascii=False, indent=2)
        if str(file) != "-":
            with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as opened:
                opened.write(said + "\n")
        names = {"name": person.name, "email": person.email}  # sealed with their key, which goes with them
        about = f"employees {person.id}"
        watch.note(session, "data of a person exported", about=about, person=person.id, personal=names)
    if str(file) == "-":
        out.print(said, markup=False, soft_wrap=True)
        return
    out.print(f"{file}: {_number(sum(len(kind['rows']) for kind in kept), 'row')} of {_number(len(kept), 'kind')}.")


def _number(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"


@people.command("erase")
def people_erase(
    email: str,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    stays: Annotated[
        bool, typer.Option(help="They still work here: no directory brings them back, unless they write to the bot.")
    ] = False,
) -> None:
    """Forget a person: all that is kept of them, for good. Sums of weeks that are over stay."""
    from bot.features.people.domain.forgetting import forget
    from storage.pulse.round_store import RoundStore

    database = opened_database()
    with database.transaction() as session:
        person = person_of(session, email)
        name, number = person.name, person.id
    if not yes and not typer.confirm(f"Forget {name} for good?"):
        fail("Nobody was forgotten.")
    ballots = RoundStore(database)
    with changing(database) as session:
        forget(session, ballots, session.get_one(Employee, number), now=datetime.now(UTC), stays=stays)
    ballots.close()
    database.scrub()
    out.print("Forgotten. Backups that were made before still hold them: see docs/operations.md.")


@units.command("list")
def units_list(as_json: AsJson = False) -> None:
    """Units with the one above, how far the roll-out has come there, and whose holidays hold."""
    with opened_database().transaction() as session:
        rows = [
            {
                "id": unit.id,
                "name": unit.name,
                "above": unit.parent.name if unit.parent else None,
                "phase": unit.phase,
                "country": unit.country,
            }
            for unit in organisation.units(session)
        ]
    print_rows(rows, ("id", "name", "above", "phase", "country"), as_json)


@units.command("set")
def units_set(name: str, country: Country) -> None:
    """Whose holidays and weekends the people of a unit have, and of all units below it, unless they said otherwise."""
    place = _place_of(country)
    with changing(opened_database()) as session:
        names = [one.name for one in organisation.set_country(session, unit_of(session, name), place)]
    for one in names:
        out.print(f"{one}: holidays of {place or 'each person’s time zone'}", markup=False)


@units.command("add")
def units_add(path: Annotated[str, typer.Argument(help="Its name, with what is above it: “Sales > Nordics”.")]) -> None:
    """A unit; those above it that are not there are made, too."""
    from bot.features.people.domain import people_file, roster

    parts = [roster.plain(part) for part in path.split(people_file.UNDER)]
    if not all(parts):
        fail("A unit has a name.")
    with changing(opened_database()) as session:
        try:
            name = organisation.unit_of_path(session, parts).name
        except organisation.UnitElsewhere as fault:
            fail(f"The unit {fault} stands elsewhere: see `chorus units list`.")
    out.print(f"{name} is there.", markup=False)


def _check_place(session: Session, person: Employee, workspace: str) -> None:
    """An address can be shown by somebody else in another workspace: with several, say in which the person is known."""
    home = sorted(its.workspace_id for its in person.identities if not its.joined_by_email)
    if not home and not workspace:
        return  # known by a directory or a file: there is no other place in which somebody could be taken for them
    if workspace and workspace not in home:
        fail(f"{person.name} is not known in {workspace}, but in {', '.join(home) or 'no workspace yet'}.")
    if not workspace and len(workspaces.installed(session)) > 1:
        fail(f"{person.name} is known in {', '.join(home) or 'no workspace yet'}: name it with --workspace.")


@people.command("join")
def people_join(
    email: str,
    workspace: Annotated[str, typer.Option(help="Where the person is known a second time, as in teams:<tenant>.")],
    user: Annotated[str, typer.Option(help="As whom: the platform's id of the user there.")],
) -> None:
    """Join what one person is in two places: from then on their roles hold in both. Cannot be taken back."""
    from bot.features.people.domain import roster

    with changing(opened_database()) as session:
        person, identity = person_of(session, email), employees.identity(session, workspace, user)
        if identity is None:
            fail(f"Nobody is known as {user} in {workspace}: run `chorus people sync` first.")
        if identity.employee_id != person.id and any(its.workspace_id == workspace for its in person.identities):
            fail(
                f"{person.name} is known in {workspace} already, and {user} is {identity.employee.name}: two accounts "
                "in one workspace are two people. Nothing was joined."
            )
        watch.note(session, "person joined", about=f"employees {person.id}", details={"workspace": workspace})
        roster.join(session, identity, person, datetime.now(UTC))
        out.print(f"{person.name} speaks from {', '.join(sorted(its.workspace_id for its in person.identities))}.")
