"""Tables as files that a spreadsheet opens, CSV and XLSX; no text in them is ever a formula."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter

DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "|", "%")


def write(path: Path, columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows to `path`, whose ending says how. Raises ValueError for another ending."""
    match path.suffix.lower():
        case ".csv":
            _csv(path, columns, rows)
        case ".xlsx":
            _xlsx(path, columns, rows)
        case other:
            raise ValueError(f"{other or 'no ending'} is no kind of table that I write: use .csv or .xlsx.")


def safe(value: Any) -> Any:
    """Text that a spreadsheet might run is marked as text with an apostrophe; numbers stay numbers."""
    if not isinstance(value, str):
        return value
    text = value.replace("\x00", "")
    return f"'{text}" if text.lstrip(" ;\"'").startswith(DANGEROUS) or text.startswith(DANGEROUS) else text


def _csv(path: Path, columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
    with path.open("w", newline="", encoding="utf-8-sig") as file:  # the mark tells Excel that it is UTF-8
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerow([safe(column) for column in columns])
        writer.writerows([safe(row.get(column)) for column in columns] for row in rows)


def _xlsx(path: Path, columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(path), options) as book:
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
