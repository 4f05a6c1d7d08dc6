"""`chorus directory`: what departments and groups of the organisation's directory mean here."""

from __future__ import annotations

from typing import Annotated

import typer

from adapters.cli.context import changing, opened_database, unit_of
from adapters.cli.terminal import AsJson, fail, out, print_rows
from storage.people import directory_rules
from storage.people.directory_rules import RuleKind
from storage.people.employees import ROLES

directory = typer.Typer(help="What departments and groups of your directory mean here.", no_args_is_help=True)

OfUnit = Annotated[str, typer.Option(help="The unit, as in `chorus units list`.")]


@directory.command("list")
def list_rules(as_json: AsJson = False) -> None:
    """All rules: which unit a department is, which role or unit a group gives."""
    with opened_database().transaction() as session:
        rows = [
            {"kind": row.kind.value, "name": row.name, "unit": row.unit.name if row.unit else None, "role": row.role}
            for row in directory_rules.rules(session)
        ]
    print_rows(rows, ("kind", "name", "unit", "role"), as_json)


@directory.command("department")
def set_department(name: str, unit: OfUnit) -> None:
    """Whoever the directory says is of that department is of this unit. Holds from what it says next."""
    with changing(opened_database()) as session:
        before = directory_rules.set_rule(session, RuleKind.DEPARTMENT, name, unit=unit_of(session, unit))
    out.print(f"The department {name} is the unit {unit}{_before(before)}.", markup=False)


@directory.command("group")
def set_group(
    name: Annotated[str, typer.Argument(help="The group’s name, or its id at the directory.")],
    role: Annotated[str, typer.Option(help="owner, lead or admin.")] = "",
    unit: OfUnit = "",
) -> None:
    """Whoever is in that group has this role, or is of this unit; by SCIM and at sign-in."""
    if role and role not in ROLES[1:]:
        fail(f"There is no role {role!r} to give: choose among {', '.join(ROLES[1:])}.")
    if not role and not unit:
        fail("Say what the group gives: --role or --unit.")
    with changing(opened_database()) as session:
        found = unit_of(session, unit) if unit else None
        before = directory_rules.set_rule(session, RuleKind.GROUP, name, unit=found, role=role or None)
    out.print(f"The group {name} gives {_both(role, unit)}{_before(before)}.", markup=False)


def _both(role: str | None, unit: str | None) -> str:
    return " and ".join(part for part in (role, unit) if part)


def _before(rule: tuple[str | None, str | None] | None) -> str:
    """What the rule was: it is not added to, but replaced."""
    return f"; before: {_both(*rule)}" if rule is not None else ""


@directory.command("remove")
def remove_rule(kind: Annotated[RuleKind, typer.Argument(help="department or group.")], name: str) -> None:
    """Take a rule back. Who has a role or a unit by it keeps it until the directory says something of them."""
    with changing(opened_database()) as session:
        row = directory_rules.rule(session, kind, name)
        if row is None:
            fail(f"There is no rule for the {kind.value} {name!r}: see `chorus directory list`.")
        session.delete(row)
    out.print(f"There is no rule for the {kind.value} {name} any more.", markup=False)
