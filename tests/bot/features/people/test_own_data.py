"""`my data`, `forget me`, and those who have left: what a person can have, and what is left of them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from bot.core.cards import Card, Link
from bot.core.events import Command, Joined, Pressed
from bot.core.ports import OutcomeUnknown
from bot.core.router import Router
from bot.core.tokens import digest_of
from bot.features.digest.domain.compute_facts import last_week
from bot.features.digest.jobs import sending
from bot.routes import FEATURES
from storage.audit import entries
from storage.base import Base
from storage.people import employees
from storage.people.employees import Employee, EmployeeState
from storage.questions.questions import Question, QuestionState
from storage.sharing.shares import Share
from storage.web import console_sessions
from tests.stage import WORKSPACE, Stage

WORDS = "My own CANARY words about the storm"


def everything(stage: Stage) -> str:
    """All rows of all tables, as text."""
    with stage.database.transaction() as session:
        return "\n".join(
            f"{table.name} {' '.join(str(value) for value in row)}"
            for table in Base.metadata.sorted_tables
            for row in session.execute(select(table))
        )


def link_of(card: Card) -> str:
    found = [item.url for part in card.body for item in getattr(part, "items", ()) if isinstance(item, Link)]
    return found[0]


@pytest.fixture
def busy(stage_on_both: Stage) -> Stage:
    """Kanerva has shared, asked, and answers the pulse."""
    stage = stage_on_both
    stage.hires("kanerva", unit="Sales")
    for number in range(6):
        stage.hires(f"p{number}", unit="Sales")
    stage.publishes("Storm")
    stage.ticks()
    form = stage.presses("kanerva", "Share…").form
    stage.submits("kanerva", form, stage.newest("kanerva"), channel="linkedin", text=WORDS)
    stage.says("kanerva", "May I show the CANARY turbine?")
    return stage


@pytest.mark.parametrize("way", ["my data", "/chorus my data", "data", "Omat tietoni", "Show my data"])
def test_a_person_sees_what_is_kept_of_them(busy: Stage, way: str) -> None:
    busy.says("kanerva", way)
    card = busy.cards("kanerva")[-1]
    said = busy.sees("kanerva")[-1]
    assert said.startswith("What I keep about you")
    assert "questions asked: 1" in said.lower()
    assert link_of(card).startswith("https://chorus.example/my-data/")


@pytest.mark.parametrize("words", ["my data protection question?", "forget me not flowers", "my", "forget it"])
def test_what_only_begins_so_is_no_wish_for_it(busy: Stage, words: str) -> None:
    busy.says("kanerva", words)
    assert "What I keep about you" not in busy.sees("kanerva")[-1]
    assert "Delete everything" not in busy.sees("kanerva")[-1] or words.split()[0] == "forget"


def test_whoever_forgets_themselves_is_erased_again_after_a_restore(busy: Stage) -> None:
    """docs/operations.md: by the acts that the audit log calls so."""
    number = busy.person("kanerva").id
    busy.says("kanerva", "forget me")
    busy.presses("kanerva", "Delete it all")
    with busy.database.transaction() as session:
        (erased,) = entries.entries(session, act="person erased")
        assert (erased.about, erased.by_id) == (f"employees {number}", number)


def test_forget_me_asks_first_and_leaves_nothing(busy: Stage) -> None:
    before = everything(busy)
    assert "Kanerva" in before
    assert "CANARY" in before
    busy.types("kanerva", "forget me")
    assert everything(busy).count("CANARY") >= before.count("CANARY")  # nothing yet
    busy.presses("kanerva", "Delete it all")
    assert busy.sees("kanerva")[-1].startswith("Everything about you is deleted")
    busy.ticks(minutes=1)
    left = everything(busy)
    for canary in ("Kanerva", "kanerva", "CANARY"):
        assert canary not in left
    with busy.database.transaction() as session:  # what it brought still counts
        assert session.query(Share).count() == 1


def test_nor_in_what_was_made_of_it_since(busy: Stage) -> None:
    """The digest of the week has the words of questions that wait, and of colleagues' that name her; a card of hers was
    to be replaced, and one was."""
    busy.hires("mikko", roles=("employee", "lead"))
    by_a_colleague = "Why does Kanerva never answer me?"  # theirs, and stays
    busy.says("p1", by_a_colleague)
    with busy.database.transaction() as session:
        for row in session.query(Question):
            row.state, row.opened_at, row.answer_by = QuestionState.OPEN, busy.now, busy.now + timedelta(days=2)
    busy.publishes("Sun")
    busy.ticks()
    busy.types("kanerva", "share")
    busy.chat.replacements.append(OutcomeUnknown("500"))
    busy.presses("kanerva", "Pick this")
    busy.ticks(minutes=7 * 24 * 60)
    with busy.database.transaction() as session:
        assert "CANARY" in sending.digest_of_week(session, last_week(busy.now), k=5, now=busy.now).facts
    busy.types("kanerva", "forget me")
    busy.presses("kanerva", "Delete it all")
    busy.ticks(minutes=1)
    left = everything(busy).replace(by_a_colleague, "", 1)
    for canary in ("Kanerva", "kanerva", "CANARY"):
        assert canary not in left


def test_it_is_said_that_what_was_asked_without_a_name_goes_at_the_same_moment(busy: Stage) -> None:
    told = "somebody who watches closely could tell that they were yours"
    busy.types("kanerva", "forget me")
    assert told not in busy.sees("kanerva")[-1]
    form = busy.types("kanerva", "ask").form
    busy.submits("kanerva", form, text="Is anybody unhappy about the merger?", name="anonymous")
    busy.types("kanerva", "forget me")
    assert told in busy.sees("kanerva")[-1]


def test_who_asked_for_it_is_left_alone_until_they_speak(busy: Stage) -> None:
    busy.types("kanerva", "forget me")
    busy.presses("kanerva", "Delete it all")
    known = len(busy.sees("kanerva"))
    busy.handle(Joined(workspace=WORKSPACE, user="kanerva", address=f"{WORKSPACE}:kanerva", keys=("changed",)))
    busy.run(busy.shell.sync_people(WORKSPACE))
    busy.publishes("Sun")
    busy.ticks(minutes=24 * 60)
    assert len(busy.sees("kanerva")) == known
    assert "anerva" not in everything(busy)
    busy.says("kanerva", "help")
    assert busy.person("kanerva").name == "Kanerva"
    assert busy.person("kanerva").nudges_wanted is None  # from the beginning: they are asked


@pytest.mark.parametrize(("days", "is_left"), [(29, True), (31, False)])
def test_who_left_is_forgotten_after_thirty_days(busy: Stage, days: int, is_left: bool) -> None:
    busy.leaves("kanerva")
    busy.ticks(minutes=days * 24 * 60)
    assert ("Kanerva" in everything(busy)) is is_left
    assert ("CANARY" in everything(busy)) is is_left
    with busy.database.transaction() as session:
        others = session.scalars(select(Employee.name).where(Employee.state == EmployeeState.ACTIVE)).all()
    assert sorted(others) == [f"P{number}" for number in range(6)]


def test_an_answer_in_an_open_round_goes_too(busy: Stage) -> None:
    busy.opens_a_round()
    busy.ticks()
    with busy.database.transaction() as session:
        number = employees.identity(session, WORKSPACE, "kanerva")
        assert number is not None
        person = number.employee_id
    round_id = busy.ballots.rounds()[0]
    busy.ballots.comment(round_id, person, "CANARY words", "en")
    busy.types("kanerva", "forget me")
    busy.presses("kanerva", "Delete it all")
    ballot = busy.ballots.ballot(round_id, person)
    assert ballot is None or (ballot.comment, ballot.has_answered) == ("", False) or not ballot.comment


def test_the_log_does_not_say_who_was_forgotten(busy: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    busy.types("kanerva", "forget me")
    capsys.readouterr()
    busy.presses("kanerva", "Delete it all")
    said = "".join(capsys.readouterr())
    assert "kanerva" not in said.lower()
    assert "own.forget" not in said


def test_phrases_are_commands_of_one_feature_each() -> None:
    phrases = [route.phrase for route in Router(FEATURES).commands.values() if route.phrase]
    assert sorted(phrases) == ["forget me", "my data"]


def test_a_link_opens_what_it_is_for_and_nothing_else(busy: Stage) -> None:
    busy.types("kanerva", "my data")
    card = busy.cards("kanerva")[-1]
    url = link_of(card)
    token = url.rpartition("/")[2].partition("?")[0]
    with busy.database.transaction() as session:
        now = busy.now + timedelta(minutes=1)
        assert console_sessions.opens_for(session, digest_of(token), now=now) is None  # no way into the console
        assert console_sessions.opens_for(session, digest_of(f"my-data {token}"), now=now) is not None


@pytest.mark.parametrize("way", ["forget me", "Delete my data", "erase me", "Poista tietoni", "unohda minut"])
def test_whoever_asks_to_be_deleted_in_their_own_words_asks_nobody_a_question(stage: Stage, way: str) -> None:
    stage.hires("kanerva")
    stage.says("kanerva", way)
    assert stage.sees("kanerva")[-1].startswith("Delete everything about you?")
    with stage.database.transaction() as session:
        assert session.query(Question).count() == 0


def test_whoever_asked_to_be_forgotten_is_brought_back_by_their_own_words_alone(busy: Stage) -> None:
    """Neither the Home tab, which Slack opens by itself, nor a button on an old card is a word."""
    busy.says("kanerva", "forget me")
    busy.presses("kanerva", "Delete it all")
    before = busy.sees("kanerva")
    everybody = number_of_people(busy)
    busy.handle(Command(**busy._common("kanerva"), name="home", is_typed=False))
    busy.ticks()
    assert busy.sees("kanerva") == before
    busy.handle(Pressed(**busy._common("kanerva"), action="show.help", ref=0, message=""))
    busy.ticks()
    assert "I no longer know who you are" in busy.sees("kanerva")[-1]
    assert number_of_people(busy) == everybody
    busy.says("kanerva", "hello")
    assert number_of_people(busy) == everybody + 1


def number_of_people(stage: Stage) -> int:
    with stage.database.transaction() as session:
        return session.scalar(select(func.count()).select_from(Employee)) or 0


def test_a_question_that_was_like_anothers_does_not_keep_its_words(stage_on_both: Stage) -> None:
    """Why a question came to a topic quotes what somebody else once asked."""
    stage = stage_on_both
    for user in ("kanerva", "aino"):
        stage.hires(user)
    stage.says("kanerva", "May I show the CANARY turbine?")
    stage.says("aino", "Another question")
    with stage.database.transaction() as session:
        theirs, other = session.scalars(select(Question).order_by(Question.id))
        theirs.why = {"words": ["CANARY"]}
        other.why = {"words": ["another"], "like": "May I show the CANARY turbine?"}
    stage.says("kanerva", "forget me")
    stage.presses("kanerva", "Delete it all")
    assert "CANARY" not in everything(stage)
