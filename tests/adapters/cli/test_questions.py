"""`chorus questions` and `chorus topics`, as an administrator types them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer import Typer
from typer.testing import CliRunner

from adapters.cli.questions import questions, topic
from storage.database import Database
from storage.people import employees
from storage.people.employees import Employee
from storage.questions.topics import Topic
from tests.stage import MONDAY

CARDS = ("where is my card", "the card is lost", "my card does not work", "a new card please", "the card came late")
MONEY = ("send the money", "where is my money", "the payment is late", "pay the bill", "money did not arrive")
OUTSIDE = ("tell me a joke", "what is for lunch", "who won the match", "sing a song", "is it going to rain")


@pytest.fixture
def database(sqlite: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    monkeypatch.setenv("CHORUS_DATABASE_URL", sqlite.engine_url)
    with sqlite.transaction() as session:
        session.add(Employee(name="Mikko", email="mikko@koivu.example", joined_at=MONDAY))
    return sqlite


def run(app: Typer, *words: str) -> Any:
    return CliRunner().invoke(app, words)


def test_a_topic_gets_its_people_and_stays_as_it_was_otherwise(database: Database) -> None:
    assert run(topic, "set", "legal", "--owner", "mikko@koivu.example").exit_code == 1  # a new one needs a name
    done = run(
        topic, "set", "legal", "--name", "en=Legal", "--owner", "mikko@koivu.example", "--example", "Is it legal?"
    )
    assert done.stdout == "legal: Legal, owner Mikko, deputy nobody\n"
    run(topic, "set", "legal", "--retired")
    assert run(topic, "set", "legal", "--deputy", "Mikko@koivu.example ").exit_code == 0
    with database.transaction() as session:
        row = session.get(Topic, "legal")
        assert row is not None
        assert (row.is_retired, row.deputy_id) == (True, row.holder_id)
    run(topic, "set", "legal", "--active")
    listed = json.loads(run(topic, "list", "--json").stdout)
    assert {"id": "legal", "name": "Legal", "owner": "Mikko", "deputy": "Mikko", "room": False} in listed


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--name", "Legal"), "Write the language first, as in 'en=Legal', not 'Legal'."),
        (
            ("--name", "en=Legal", "--owner", "nobody@koivu.example"),
            "Nobody with the address nobody@koivu.example is known",
        ),
    ],
)
def test_what_cannot_be_is_said(database: Database, words: tuple[str, ...], sentence: str) -> None:
    found = run(topic, "set", "legal", *words)
    assert found.exit_code == 1
    assert sentence in found.output
    with database.transaction() as session:
        assert session.get(Topic, "legal") is None
        assert employees.count(session) == 1


@pytest.mark.parametrize("kind", ["jsonl", "csv"])
def test_the_back_test_reports_what_the_readme_says(kind: str, tmp_path: Path) -> None:
    file = tmp_path / f"rows.{kind}"
    pairs = [(text, label) for label, texts in (("card", CARDS), ("money", MONEY), (None, OUTSIDE)) for text in texts]
    if kind == "csv":
        file.write_text("text,label\n" + "".join(f"{text},{label or ''}\n" for text, label in pairs))
    else:
        file.write_text("".join(json.dumps({"text": text, "label": label}) + "\n" for text, label in pairs))
    report = json.loads(run(questions, "evaluate", "--train", str(file), "--test", str(file), "--json").stdout)
    assert {"in_scope_accuracy", "out_of_scope_recall", "macro_f1", "ms_per_question", "train_seconds"} <= set(report)
    assert (report["questions"], report["in_scope_accuracy"] > 0.5) == (15, True)


@pytest.mark.parametrize(
    ("name", "rows", "sentence"),
    [
        ("a.jsonl", '{"text": "a"}\n', "Line 1: write"),
        ("a.csv", "words,label\na,b\n", "Line 2: there must be the columns"),
        ("a.jsonl", '{"text": "a", "label": "b"}\n', "examples of two topics at least are needed"),
    ],
)
def test_files_that_cannot_be_used_are_said(name: str, rows: str, sentence: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(rows)
    found = run(questions, "evaluate", "--train", str(tmp_path / name), "--test", str(tmp_path / name))
    assert found.exit_code == 1
    assert sentence in " ".join(found.output.split())
