"""Rows of a CSV or XLSX file that somebody uploaded. Called in the reader's process (`content.reading`): a spreadsheet
is an archive of markup, and a small one can hold gigabytes."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime

from content import encodings
from content.errors import NotATable, TooMuch
from content.read_results import Row

MAX_BYTES = 16 * 1024 * 1024  # of the file
MAX_UNPACKED = 96 * 1024 * 1024  # bytes of a spreadsheet's parts together
MAX_ROWS = 200_000
MAX_COLUMNS = 50
MAX_CELL = 1000  # characters
ARCHIVE = b"PK\x03\x04"
SEPARATORS = ",;\t"  # a semicolon in those of Excel in German or Finnish
UNWRITTEN = re.compile(rb"[\x01-\x08\x0e-\x1a\x1c-\x1f]")  # bytes that no text has, in whatever encoding


def read(content: bytes) -> list[Row]:
    """All rows that hold anything, the first with the names of the columns. Raises NotATable, TooMuch."""
    if len(content) > MAX_BYTES:
        raise TooMuch("the file is larger than 16 MB")
    if not content.startswith(ARCHIVE) and UNWRITTEN.search(content[:4096]):
        raise NotATable("it is neither text nor a spreadsheet")
    rows = list(_bounded(_xlsx(content) if content.startswith(ARCHIVE) else _csv(content)))
    if not rows:
        raise NotATable("there is nothing in it")
    return rows


def _bounded(rows: Iterable[tuple[int, list[str]]]) -> Iterator[Row]:
    number = 0
    for line, cells in rows:
        if len(cells) > MAX_COLUMNS:
            raise NotATable(f"line {line} has more than {MAX_COLUMNS} columns")
        cells = [cell.replace("\x00", "").strip()[:MAX_CELL] for cell in cells]
        if not any(cells):
            continue
        number += 1
        if number > MAX_ROWS:
            raise TooMuch(f"it has more than {MAX_ROWS:,} lines")
        yield line, cells


def separator_of(heading: str) -> str:
    """What stands between the columns: the sign of which the first line has most."""
    return max(SEPARATORS, key=heading.count)


def _csv(content: bytes) -> Iterator[tuple[int, list[str]]]:
    words = encodings.decoded(content)
    separator = separator_of(words[:4096].strip("\r\n").partition("\n")[0])
    reader = csv.reader(io.StringIO(words, newline=""), delimiter=separator)
    before = 0
    try:
        for cells in reader:
            yield before + 1, cells
            before = reader.line_num
    except csv.Error as cause:
        raise NotATable(f"line {before + 1} cannot be read as CSV") from cause


def _xlsx(content: bytes) -> Iterator[tuple[int, list[str]]]:
    _check_archive(content)
    from python_calamine import CalamineError, CalamineWorkbook  # only here: a parser of its own

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        rows = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (CalamineError, OSError, ValueError, IndexError) as cause:
        raise NotATable("it cannot be read as a spreadsheet") from cause
    for line, cells in enumerate(rows, start=1):
        yield line, [_text(cell) for cell in cells]


def _check_archive(content: bytes) -> None:
    """By what comes out of it, not by what it says: an archive may lie about its sizes."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            if len(parts) > 1000 or sum(part.file_size for part in parts) > MAX_UNPACKED:
                raise TooMuch("it holds too much")
            unpacked = 0
            for part in parts:
                with archive.open(part) as opened:
                    while piece := opened.read(1024 * 1024):
                        unpacked += len(piece)
                        if unpacked > MAX_UNPACKED:
                            raise TooMuch("it holds too much")
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as cause:
        raise NotATable("it cannot be read as a spreadsheet") from cause


def _text(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime | date):
        return cell.isoformat()
    return "" if cell is None else str(cell)
