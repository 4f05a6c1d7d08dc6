"""`chorus people import`: people from a file, for those who have no directory that tells of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from adapters.cli.context import changing, opened_database
from adapters.cli.terminal import AsJson, fail, out, print_json
from bot.core.i18n import Words

if TYPE_CHECKING:
    from bot.features.people.domain.people_file import Change, Difference

SHOWN = 20  # people of each kind


def import_people(
    file: Annotated[Path, typer.Argument(help="CSV or XLSX.", exists=True, dir_okay=False)],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change, and change nothing.")] = False,
    names_all: Annotated[
        bool, typer.Option("--all", help="The file names everybody: who is not in it has left.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """People from a file. Columns: email; name, unit (“Sales > Nordics”), department, role, language, country. The exit
    code is 1 where a line was refused; the others are taken."""
    from bot.features.people.domain import people_file  # what reads files is for this command alone
    from content.errors import ContentError
    from content.reading import Reader
    from content.table_file import MAX_BYTES

    if file.stat().st_size > MAX_BYTES:
        fail("The file is larger than 16 MB.")
    reader, words, database = Reader(), Words("en"), opened_database()
    try:
        rows = reader.table(file.read_bytes())
    except ContentError as fault:
        fail(f"{file}: {fault}.")
    finally:
        reader.close()
    columns = people_file.columns_of(rows[0][1], words)
    if isinstance(columns, str):
        fail(columns)
    with database.transaction() as session:
        shown = people_file.compare(session, rows[1:], columns, words, names_all=names_all)
    if as_json:
        print_json(_as_json(shown))
    else:
        _print(shown)
    is_partial = bool(shown.refused)
    if dry_run or shown.is_empty:
        raise typer.Exit(1 if is_partial else 0)
    if shown.leaves_out_too_many and yes:
        fail(f"The file leaves out {len(shown.leavers)} of {shown.known} people: run it without --yes to confirm that.")
    if not yes and not typer.confirm("Change this?"):
        raise typer.Exit(1)
    with changing(database) as session:
        found = people_file.compare(session, rows[1:], columns, words, names_all=names_all)
        if found.digest != shown.digest:
            fail("Somebody changed people meanwhile: run it again to see what would change now.")
        people_file.carry_out(session, found, now=datetime.now(UTC))
    if not as_json:
        out.print("Done." if not is_partial else "Done, but for the lines that were refused.")
    raise typer.Exit(1 if is_partial else 0)


def _print(found: Difference) -> None:
    for refused in found.refused:
        _say(f"line {refused.line}{f' ({refused.who})' if refused.who else ''}: {refused.why}")
    for change in found.raised:  # all of them: whoever gains a role is not to hide among many
        _say(f"{'role' if change.id else 'new'}: {change.email}: {_what(change)}")
    for title, changes in (("new", found.new), ("changed", found.changed)):
        others = [change for change in changes if "role" not in change.what]
        for change in others[:SHOWN]:
            _say(f"{title}: {change.email}{f': {_what(change)}' if change.what else ''}")
        _more(len(others))
    for _number, name in found.leavers:
        _say(f"left: {name}")
    for place in found.units[:SHOWN]:
        _say(f"new unit: {place}")
    _more(len(found.units))
    for place in found.moved:
        _say(f"unit moved: {place}")
    for language, number in found.unspoken.items():
        _say(f"language {language}: Chorus does not speak it; {number} of the file would be spoken to in English")
    _say(
        f"{len(found.new)} new, {len(found.changed)} changed, {len(found.leavers)} left, {found.same} as they are, "
        f"{len(found.refused)} {'line' if len(found.refused) == 1 else 'lines'} refused."
    )


def _say(line: str) -> None:
    out.print(line, markup=False, highlight=False, soft_wrap=True)


def _what(change: Change) -> str:
    return ", ".join(f"{name} {f'{held} → ' if held else ''}{now}" for name, (held, now) in change.what.items())


def _more(number: int) -> None:
    if number > SHOWN:
        out.print(f"… and {number - SHOWN} more")


def _as_json(found: Difference) -> dict[str, Any]:
    def told(changes: Iterable[Change]) -> list[dict[str, Any]]:
        return [{"email": one.email, **{name: list(both) for name, both in one.what.items()}} for one in changes]

    return {
        "new": told(found.new),
        "changed": told(found.changed),
        "left": [name for _number, name in found.leavers],
        "same": found.same,
        "units": found.units,
        "moved": found.moved,
        "unspoken": dict(found.unspoken),
        "refused": [{"line": one.line, "who": one.who, "why": one.why} for one in found.refused],
    }
