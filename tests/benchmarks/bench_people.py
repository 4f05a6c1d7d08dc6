"""People from a file of 50,000 lines: read, held against who is known, taken over; then looked for as the console does;
on SQLite and PostgreSQL, names and addresses as they are or sealed.

python -m tests.benchmarks.bench_people
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from datetime import UTC, datetime

from rich.console import Console
from rich.table import Table

from adapters import logs
from bot.core.i18n import Words
from bot.features.people.domain import people_file
from content.reading import Reader
from storage.database import Database, Session
from storage.people import directory, employees
from storage.people.directory import PeopleQuery
from storage.secrets import load_keys, new_key
from tests.benchmarks.databases import ENGINES, databases


def file_of(number: int, unit: str) -> bytes:
    lines = (
        f"p{n}@koivu.example,Person {n},{unit} > {unit} {n % 300},{'owner' if n % 100 == 0 else ''},"
        f"{'fi' if n % 2 else 'en'},FI"
        for n in range(number)
    )
    return "\n".join(["email,name,unit,role,language,country", *lines]).encode()


def main() -> None:
    logs.only_warnings()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=50_000)
    number = parser.parse_args().people
    files = Table(*("database", "names", "file", "read s", "compared s", "taken over s", "all s"))
    files.title = f"{number:,} people"
    looks = Table("database", "names", "first page ms", "found by name ms", "counted ms", "one by address ms")
    with databases() as empty:
        for name in ENGINES:
            for kept in ("open", "sealed"):
                database = Database(empty(name, f"people_{kept}"))
                database.upgrade()
                load_keys([new_key()], seals_people=kept == "sealed")
                for said, unit in (("all new", "Koivu"), ("nothing new", "Koivu"), ("all moved", "Kaarna")):
                    files.add_row(name, kept, said, *_timed(database, file_of(number, unit)))
                looks.add_row(name, kept, *_looked_for(database, number))
                database.close()
    Console().print(files, looks)


def _looked_for(database: Database, number: int) -> list[str]:
    words = PeopleQuery(words=f"person {number - 1}")
    asked: tuple[Callable[[Session], object], ...] = (
        lambda session: directory.page(session, PeopleQuery(), after_id=0, limit=50),
        lambda session: directory.page(session, words, after_id=0, limit=50),
        lambda session: directory.number(session, words),
        lambda session: employees.by_email(session, f"p{number - 1}@koivu.example"),
    )
    found = list[str]()
    for one in asked:
        times = []
        for _again in range(3):
            with database.transaction() as session:
                began = time.perf_counter()
                assert one(session)
                times.append(time.perf_counter() - began)
        found.append(f"{1000 * min(times):.0f}")
    return found


def _timed(database: Database, content: bytes) -> list[str]:
    reader, marks = Reader(), [time.perf_counter()]
    rows = reader.table(content)
    reader.close()
    marks.append(time.perf_counter())
    columns = people_file.columns_of(rows[0][1], Words("en"))
    assert isinstance(columns, dict)
    with database.transaction() as session:
        found = people_file.compare(session, rows[1:], columns, Words("en"))
        marks.append(time.perf_counter())
        people_file.carry_out(session, found, now=datetime.now(UTC))
    marks.append(time.perf_counter())
    parts = [after - before for before, after in zip(marks, marks[1:], strict=False)]
    return [f"{part:.1f}" for part in (*parts, sum(parts))]


if __name__ == "__main__":
    main()
