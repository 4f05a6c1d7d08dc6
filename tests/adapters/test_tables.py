"""Tables as files: no text in them is ever a formula."""

from __future__ import annotations

import csv
import zipfile
from pathlib import Path

import pytest

from adapters import tables

PREFIXES = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "＠", ";=", '"=', "'=", " =", "=cmd|", "|", "%")


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("ending", [".csv", ".xlsx"])
def test_nothing_is_a_formula(tmp_path: Path, prefix: str, ending: str) -> None:
    path, evil = tmp_path / f"out{ending}", f"{prefix}HYPERLINK(1)"
    tables.write(path, ("name", evil), [{"name": evil, evil: 3}, {"name": "Aino", evil: None}])
    if ending == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as file:
            header, first, second = csv.reader(file)
        assert header[1].startswith("'")
        assert first == [f"'{evil}", "3"]
        assert second == ["Aino", ""]
    else:
        with zipfile.ZipFile(path) as book:
            sheet = book.read("xl/worksheets/sheet1.xml").decode()
        assert "<f>" not in sheet
        assert "<v>3</v>" in sheet


def test_another_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"use \.csv, \.xlsx or \.json"):
        tables.write(tmp_path / "out.pdf", ("a",), [])
