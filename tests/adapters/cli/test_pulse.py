"""`chorus pulse`, as an administrator types it; the worker's part is done by the jobs themselves."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from random import Random
from typing import Any

import pytest
from typer.testing import CliRunner

from adapters.cli.pulse import pulse
from bot.core.context import Job
from bot.core.router import Router
from bot.core.rules import Rules
from bot.features.pulse.jobs import closing
from bot.routes import FEATURES
from bot.samples import FixedPictures
from storage.database import Database
from storage.pulse import rounds
from storage.pulse.round_store import Ballot, RoundStore
from storage.secrets import load_keys, new_key
from tests.stage import MONDAY


class Terminal:
    def __init__(self, database: Database, folder: Path) -> None:
        self.database, self.folder, self.key = database, folder, new_key()
        load_keys([self.key])
        self.ballots = RoundStore(database)

    def __call__(self, *words: str) -> str:
        found = self.tries(*words)
        assert found.exit_code == 0, (found.output, found.exception)
        return found.stdout

    def tries(self, *words: str) -> Any:
        return CliRunner().invoke(pulse, words)

    def holds_a_round(self, people: int) -> None:
        """Everybody agrees with everything, and the worker counts it."""
        with self.database.transaction() as session:
            row = rounds.newest(session)
            assert row is not None
            items = rounds.asked_of(session, row.id)
            self.ballots.open(row.id)
            ratings = {item.id: 4 for item in items}
            self.ballots.put(row.id, [Ballot(person, 0, ratings, has_answered=True) for person in range(people)])
            row.inviting_after = None

    def counts(self) -> None:
        for _ in range(3):
            with self.database.transaction() as session:
                job = Job(session, MONDAY, Random(1), Rules(), FixedPictures(), self.ballots, Router(FEATURES))
                closing.close_rounds(job)


@pytest.fixture
def terminal(sqlite: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    terminal = Terminal(sqlite, tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CHORUS_DATABASE_URL", f"sqlite:///{tmp_path}/chorus.db")
    monkeypatch.setenv("CHORUS_SECRET_KEYS", terminal.key)
    return terminal


def test_a_round_from_open_to_export(terminal: Terminal) -> None:
    assert "Nothing can be shown yet" in terminal("results")
    assert "is open until" in terminal("open")
    refused = terminal.tries("open")
    assert (refused.exit_code, "A round is already open" in refused.output) == (1, True)
    terminal.holds_a_round(60)
    assert "is closing" in terminal("close")
    refused = terminal.tries("publish")
    assert (refused.exit_code, "No round waits for its result" in refused.output) == (1, True)
    terminal.counts()
    said = terminal("publish", "--action", "en=We name owners.")
    assert "We do: We name owners." in said
    figures = json.loads(terminal("results", "--json"))
    whole = [row for row in figures if row["statement"] == ""]
    assert [row["unit"] for row in whole] == ["organisation"]
    assert all(row["low"] <= row["percent"] <= row["high"] for row in figures)
    assert json.loads(terminal("budget", "--json"))["spent"] == 0.1663
    assert json.loads(terminal("results", "--json", "--round", "1", "--unit", "organisation")) == figures
    wrong = terminal.tries("results", "--unit", "Nowhere")
    assert (wrong.exit_code, "There is no unit 'Nowhere'" in wrong.output) == (1, True)
    terminal("export", "out.csv", "--language", "fi")
    with (terminal.folder / "out.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(figures)
    assert terminal.tries("export", "out.pdf").exit_code == 1


def test_a_year_that_is_full_says_when_the_next_round_fits_in(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHORUS_PULSE_BUDGET", "0.2")
    terminal("open")
    terminal.holds_a_round(60)
    terminal("close")
    terminal.counts()
    terminal("publish", "--result", "en=So.", "--action", "en=This.")
    refused = terminal.tries("open")
    assert refused.exit_code == 1
    assert re.search(r"The next one can open on \d+ \w+", " ".join(refused.output.split()))


def test_statements_have_versions_and_ids_are_never_used_again(terminal: Terminal) -> None:
    assert len(json.loads(terminal("statements", "list", "--json"))) == 24
    terminal(
        "statements", "add", "own-1", "ownership", "--text", "en=I know my channel.", "--text", "fi=Tunnen kanavani."
    )
    terminal("statements", "reword", "own-1", "--text", "en=I know my own channel.")
    terminal("statements", "retire", "own-1")
    (row,) = [row for row in json.loads(terminal("statements", "list", "--json")) if row["id"] == "own-1"]
    assert (row["version"], row["retired"], row["text"]) == (2, True, "I know my own channel.")
    for words in (
        ("statements", "add", "own-1", "ownership", "--text", "en=Again."),
        ("statements", "add", "own-2", "nothing", "--text", "en=Again."),
        ("statements", "add", "own-2", "goals", "--text", "fi=Vain suomeksi."),
        ("statements", "add", "own-2", "goals", "--text", "no language"),
        ("statements", "retire", "own-9"),
    ):
        assert terminal.tries(*words).exit_code == 1


def test_the_simulation_prints_what_it_found(terminal: Terminal) -> None:
    found = json.loads(terminal("simulate", "--organisations", "1", "--seed", "3", "--json"))
    assert found["organisations"] == 1
    assert found["attacker_at_most"]["one round"] == 0.6134
    assert set(found["coverage_by_people"]["skewed"]) == {"10", "12", "20", "30", "60", "120", "200"}
