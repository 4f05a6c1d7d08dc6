"""One topic in several languages: declined in one it is declined in all, and everybody reads its name in their own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from storage.database import Database
from storage.sharing import posts, topic_names
from tests.stage import Stage


@pytest.fixture
def stage(database: Database) -> Iterator[Stage]:
    with Stage(database) as stage:
        stage.hires("aino", locale="fi")
        stage.hires("mikko")
        yield stage


def _name(stage: Stage, topic: str = "Operations", name: str = "Toiminta") -> None:
    with stage.database.transaction() as session:
        posts.name_topic(session, topic, "fi", name)


def test_everybody_reads_it_in_their_own_language(stage: Stage) -> None:
    _name(stage)
    stage.publishes("Myrsky", language="fi", topic="Operations")
    stage.publishes("Storm", topic="Operations")
    stage.ticks()
    assert "Ei enää aiheesta Toiminta" in stage.sees("aino")[-1]
    assert "No more about Operations" in stage.sees("mikko")[-1]
    stage.types("aino", "topics")
    assert "[Toiminta]" in stage.sees("aino")[-1]
    assert "Operations" not in stage.sees("aino")[-1]


def test_what_was_two_topics_is_one(stage: Stage) -> None:
    stage.publishes("Myrsky", language="fi", topic="Toiminta")
    stage.ticks()
    stage.presses("aino", "Ei enää aiheesta Toiminta")
    assert stage.person("aino").topics_declined == ["Toiminta"]
    _name(stage)
    assert stage.person("aino").topics_declined == ["Operations"]
    stage.publishes("Toinen", language="fi", topic="Operations")
    stage.ticks(minutes=3 * 24 * 60)
    assert not any("Toinen" in said for said in stage.sees("aino"))
    stage.types("aino", "settings")
    assert "Toiminta" in stage.sees("aino")[-1]


def test_a_name_leads_to_its_topic_however_it_is_written(stage: Stage) -> None:
    _name(stage)
    with stage.database.transaction() as session:
        assert topic_names.topic_of(session, "  toiminta ") == "Operations"
        assert topic_names.topic_of(session, "Uutta") == "Uutta"
        assert topic_names.topic_of(session, "") == ""


def test_named_anew_and_given_to_another(stage: Stage) -> None:
    _name(stage)
    _name(stage, name="Arki")
    _name(stage, topic="Customers", name="Toiminta")
    with stage.database.transaction() as session:
        assert topic_names.in_language(session, ["Operations", "Customers", "Heat"], "fi") == {
            "Operations": "Arki",
            "Customers": "Toiminta",
            "Heat": "Heat",
        }
