"""`chorus leads import`, as an administrator types it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from adapters.cli.leads import leads
from storage.database import Database
from storage.sharing.links import TrackedLink
from tests.stage import MONDAY


@pytest.fixture(autouse=True)
def database(sqlite: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    monkeypatch.setenv("CHORUS_DATABASE_URL", sqlite.engine_url)
    with sqlite.transaction() as session:
        session.add(TrackedLink(code="abc", target="https://koivu.example", created_at=MONDAY))
    return sqlite


def run(path: Path, text: str) -> Any:
    path.write_text(text)
    return CliRunner().invoke(leads, ["import", str(path)])


def test_each_reference_counts_once(tmp_path: Path) -> None:
    table = (
        "reference,link,at\nL1,https://chorus.example/r/abc,2026-11-24\n"
        "L1,abc,2026-11-24\nL2,abc,2026-11-24T09:00+02:00\nL3,ours?,2026-11-24\n"
    )
    done = run(tmp_path / "leads.csv", table)
    assert "2 new, 2 known already or of no link of ours." in done.output
    assert "No link of ours: ours" in done.output
    assert "0 new" in run(tmp_path / "leads.csv", table).output


@pytest.mark.parametrize(
    "table",
    [
        "reference,link\nL1,abc\n",
        "reference,link,at\nL1,abc,soon\n",
        "reference,link,at\n,abc,2026-11-24\n",
        "reference,link,at\nL1\n",
        "",
    ],
)
def test_what_cannot_be_read_is_refused_whole(tmp_path: Path, table: str) -> None:
    assert run(tmp_path / "leads.csv", table).exit_code == 1
