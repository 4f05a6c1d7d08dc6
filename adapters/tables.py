"""Tables as files: CSV and XLSX that a spreadsheet opens, with no text in them ever a formula; and JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "|", "%")


def write(path: Path, columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows to `path`, whose ending says how. Raises ValueError for another ending."""
    path.write_bytes(content(path.suffix.lower().removeprefix("."), columns, rows))


def content(ending: str, columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> bytes:
    """The table as a file of that kind: csv, xlsx or json. Raises ValueError for another."""
    match ending:
        case "csv":
            return _csv(columns, rows)
        case "xlsx":
            return _xlsx(columns, rows)
        case "json":
            listed = [{column: row.get(column) for column in columns} for row in rows]
            return json.dumps(listed, ensure_ascii=False, indent=1, default=str).encode()
    raise ValueError(
        f"{f'.{ending}' if ending else 'no ending'} is no kind of table that I write: use .csv, .xlsx or .json."
    )


def safe(value: Any) -> Any:
    """Text that a spreadsheet might run is marked as text with an apostrophe; numbers stay numbers."""
    if not isinstance(value, str):
        return value
    text = value.replace("\x00", "")
    return f"'{text}" if text.lstrip(" ;\"'").startswith(DANGEROUS) or text.startswith(DANGEROUS) else text


def _csv(columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> bytes:
    file = io.StringIO(newline="")
    writer = csv.writer(file, quoting=csv.QUOTE_ALL)
    writer.writerow([safe(column) for column in columns])
    writer.writerows([safe(row.get(column)) for column in columns] for row in rows)
    return file.getvalue().encode("utf-8-sig", "replace")  # the mark tells Excel that it is UTF-8


def _xlsx(columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> bytes:
    import xlsxwriter  # 2 MB: only for those who ask for such a file

    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, options) as book:
        sheet = book.add_worksheet("Chorus")
        bold = book.add_format({"bold": True})
        sheet.freeze_panes(1, 0)
        for place, column in enumerate(columns):
            sheet.write_string(0, place, str(safe(column)), bold)
        for line, row in enumerate(rows, start=1):
            for place, column in enumerate(columns):
                value = safe(row.get(column))
                if isinstance(value, int | float):
                    sheet.write_number(line, place, value)
                elif value is not None:
                    sheet.write_string(line, place, str(value))
        sheet.autofit()
    return file.getvalue()
