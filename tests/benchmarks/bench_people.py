"""People from a file of 50,000 lines: read, held against who is known, taken over; on SQLite and PostgreSQL.

python -m tests.benchmarks.bench_people
"""

from __future__ import annotations

import argparse
import time
from datetime import UTC, datetime

from rich.console import Console
from rich.table import Table

from adapters import logs
from bot.core.i18n import Words
from bot.features.people.domain import people_file
from content.reading import Reader
from storage.database import Database
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
    table = Table("database", "file", "read s", "compared s", "taken over s", "all s", title=f"{number:,} people")
    with databases() as empty:
        for name in ENGINES:
            database = Database(empty(name, "people"))
            database.upgrade()
            load_keys([new_key()])
            for said, unit in (("all new", "Koivu"), ("nothing new", "Koivu"), ("all moved", "Kaarna")):
                table.add_row(name, said, *_timed(database, file_of(number, unit)))
            database.close()
    Console().print(table)


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
