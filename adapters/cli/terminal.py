"""The terminal: how results are printed, how a fault is said, and the progress of what takes long."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

if TYPE_CHECKING:  # for those who print a table or show progress: a clock never does
    from rich.console import Console
    from rich.progress import Progress
    from rich.table import Table

    out: Console
    err: Console


def __getattr__(name: str) -> Console:
    """`out` and `err`, made for whoever is the first to import them."""
    if name not in ("out", "err"):
        raise AttributeError(name)
    return _console(name)


@cache
def _console(name: str) -> Console:
    from rich.console import Console

    return Console(stderr=name == "err")


WIDEST = 10_000  # characters of a line

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def day_of(text: str) -> datetime:
    """The beginning in UTC of a day that somebody typed."""
    try:
        return datetime.strptime(text.strip(), "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise typer.BadParameter(f"a day is written as 2026-11-28, not {text!r}.") from None


def progress_bar() -> Progress:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    return Progress(*columns, console=_console("err"), transient=True, disable=not sys.stderr.isatty())


def print_json(value: Any) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))


def print_rows(rows: list[dict[str, Any]], names: tuple[str, ...], as_json: bool) -> None:
    if as_json:
        print_json(rows)
        return
    from rich.markup import escape
    from rich.table import Column, Table

    table = Table(*(Column(name, overflow="fold") for name in names))  # nothing of a value is left out
    for row in rows:
        table.add_row(*(escape(_cell(row[name])) for name in names))
    print_table(table)


def print_table(table: Table) -> None:
    from rich.console import Console

    out = _console("out")
    if not table.row_count:
        out.print("There is nothing to show.")
    elif out.is_terminal:
        out.print(table)
    else:  # in a file, or for another program: as wide as it is
        Console(width=out.measure(table, options=out.options.update(max_width=WIDEST)).maximum).print(table)


def print_secret(secret: str) -> None:
    """Alone where it can be piped on, and what to do with it beside."""
    _console("out").print(secret, highlight=False, markup=False)
    _console("err").print("Keep it: it is shown this once.", highlight=False)


def _cell(value: Any) -> str:
    match value:
        case bool():
            return "yes" if value else ""
        case list():
            return ", ".join(value)
    return str(value or "")


def fail(sentence: str) -> NoReturn:
    _console("err").print(sentence, style="red", highlight=False, soft_wrap=True)
    raise SystemExit(1)
