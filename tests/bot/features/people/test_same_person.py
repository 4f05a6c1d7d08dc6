"""Somebody joins what they are in two places by their own word in both, and nobody becomes anybody else by it."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from bot.core.cards import plain_text
from bot.core.events import Command, Message, Pressed
from bot.core.ports import Profile
from bot.features.people.domain import directory
from storage.people import directory_records, employees, workspaces
from storage.people.directory_records import DirectoryRecord, RecordKind
from storage.people.employees import Employee, Identity
from tests.stage import WORKSPACE, Stage

ELSEWHERE = "fake:T2"


class Teams:
    """The other place, where people have other names and addresses."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self._number = stage, 0
        with stage.database.transaction() as session:
            workspaces.install(session, ELSEWHERE, name="Koivu Teams", now=stage.now)

    def hires(self, user: str) -> int:
        address = f"{ELSEWHERE}:{user}"
        profile = Profile(user=user, name=user.title(), email=f"{user}@teams.example", locale="en", address=address)
        self.stage.chat.profiles[user] = profile
        with self.stage.database.transaction() as session:
            person = directory.upsert_identity(session, ELSEWHERE, profile, now=self.stage.now).employee
            person.welcomed_at, person.nudges_wanted = self.stage.now, True
            return person.id

    def says(self, user: str, text: str) -> str:
        """What the person is told."""
        name, _, rest = text.partition(" ")
        self.stage.handle(Command(**self._from(user), name=name, text=rest))
        self.stage.sends()
        return self.sees(user)[-1]

    def presses(self, user: str, action: str, ref: int) -> None:
        self.stage.handle(Pressed(**self._from(user), action=action, ref=ref, message=""))
        self.stage.sends()

    def sees(self, user: str) -> list[str]:
        address = f"{ELSEWHERE}:{user}"
        return [plain_text(self.stage.chat.messages[one]) for to, one in self.stage.chat.sent if to == address]

    def _from(self, user: str) -> dict[str, Any]:
        self._number += 1
        return {"workspace": ELSEWHERE, "user": user, "address": f"{ELSEWHERE}:{user}", "keys": (f"t{self._number}",)}


@pytest.fixture
def teams(stage: Stage) -> Teams:
    stage.hires("aino")
    teams = Teams(stage)
    teams.hires("a.virtanen")
    return teams


def code(stage: Stage, user: str = "aino") -> str:
    stage.types(user, "same-person")
    found = re.search(r"same-person (\w{5}-\w{5})", stage.sees(user)[-1])
    assert found is not None, stage.sees(user)[-1]
    return found.group(1)


def person_of(stage: Stage, workspace: str, user: str) -> int:
    with stage.database.transaction() as session:
        found = employees.identity(session, workspace, user)
        assert found is not None
        return found.employee_id


def gives(stage: Stage, workspace: str, user: str, *roles: str) -> None:
    with stage.database.transaction() as session:
        session.get_one(Employee, person_of(stage, workspace, user)).roles = ["employee", *roles]


def are_one(stage: Stage, user: str = "aino", other: str = "a.virtanen") -> bool:
    return person_of(stage, WORKSPACE, user) == person_of(stage, ELSEWHERE, other)


def test_a_code_from_one_place_and_yes_make_one_person(stage: Stage, teams: Teams) -> None:
    aino, other = person_of(stage, WORKSPACE, "aino"), person_of(stage, ELSEWHERE, "a.virtanen")
    said = teams.says("a.virtanen", f"same-person {code(stage).lower().replace('-', ' ')}")
    assert said.startswith("I’ve asked you in the other place")
    assert "A.Virtanen in Koivu Teams says they are you." in stage.sees("aino")[-1]
    assert not are_one(stage)
    stage.presses("aino", "Yes, that’s me")
    assert stage.sees("aino")[-1].startswith("You’re one person to me now")
    assert person_of(stage, ELSEWHERE, "a.virtanen") == aino
    with stage.database.transaction() as session:
        left = session.get_one(Employee, other)
        assert (left.state, left.identities) == ("left", [])
    stage.ticks(31 * 24 * 60)
    with stage.database.transaction() as session:
        assert session.get_one(Employee, other).is_erased


@pytest.mark.parametrize("way", ["{}", "/chorus {}", "sama henkilö"])
def test_a_code_alone_is_no_question_and_the_command_has_finnish_words(stage: Stage, teams: Teams, way: str) -> None:
    known = code(stage)
    teams.stage.handle(Message(**teams._from("a.virtanen"), text=way.format(known)))
    teams.stage.sends()
    asked = "I’ve asked you in the other place" if "{}" in way else "One person in two places"
    assert teams.sees("a.virtanen")[-1].startswith(asked)


def test_a_code_behind_the_slash_is_a_code(stage: Stage, teams: Teams) -> None:
    assert teams.says("a.virtanen", code(stage)).startswith("I’ve asked you in the other place")


def test_no_keeps_them_apart(stage: Stage, teams: Teams) -> None:
    teams.says("a.virtanen", f"same-person {code(stage)}")
    stage.presses("aino", "No")
    assert stage.sees("aino")[-1].startswith("I keep the two apart")
    assert not are_one(stage)


@pytest.mark.parametrize("minutes", [0, 11])
def test_a_code_works_once_and_for_ten_minutes(stage: Stage, teams: Teams, minutes: int) -> None:
    teams.hires("mallory")
    known = code(stage)
    if not minutes:
        teams.says("a.virtanen", f"same-person {known}")
    stage.now += timedelta(minutes=minutes)
    assert "I don’t know that code." in teams.says("mallory", f"same-person {known}")


def test_an_answer_counts_once_in_time_and_from_who_was_asked(stage: Stage, teams: Teams) -> None:
    """Whatever number a button is made to say: only who was asked about that very identity can agree, once."""
    stage.hires("eve")
    mallory = teams.hires("mallory")
    teams.says("a.virtanen", f"same-person {code(stage)}")
    with stage.database.transaction() as session:
        identities = {one.user: one.id for one in session.query(Identity)}
    for user, other in (("eve", "a.virtanen"), ("aino", "mallory"), ("eve", "aino"), ("aino", "aino"), ("aino", "eve")):
        stage.handle(Pressed(**stage._common(user), action="same.yes", ref=identities[other], message=""))
    teams.presses("a.virtanen", "same.yes", identities["a.virtanen"])
    teams.presses("mallory", "same.yes", identities["aino"])
    assert not are_one(stage)
    assert person_of(stage, ELSEWHERE, "mallory") == mallory
    stage.now += timedelta(minutes=11)
    stage.presses("aino", "Yes, that’s me")
    assert "more than ten minutes" in stage.sees("aino")[-1]
    assert not are_one(stage)


def test_whoever_has_a_role_is_joined_by_nobodys_code(stage: Stage, teams: Teams) -> None:
    """Neither can somebody talk a lead into it, nor does a role that came meanwhile go along."""
    stage.hires("laura", roles=("employee", "lead"))
    stage.types("laura", "same-person")
    assert "A code can’t join somebody who has a role" in stage.sees("laura")[-1]
    stage.hires("olli", roles=("employee", "owner"), locale="fi-FI")
    stage.types("olli", "same-person")
    assert "Koodilla ei voi yhdistää" in stage.sees("olli")[-1]

    gives(stage, ELSEWHERE, "a.virtanen", "lead")
    assert "A code can’t join somebody who has a role" in teams.says("a.virtanen", f"same-person {code(stage)}")

    gives(stage, ELSEWHERE, "a.virtanen")
    teams.says("a.virtanen", f"same-person {code(stage)}")
    gives(stage, ELSEWHERE, "a.virtanen", "lead")
    stage.presses("aino", "Yes, that’s me")
    assert not are_one(stage)

    gives(stage, ELSEWHERE, "a.virtanen")
    teams.says("a.virtanen", f"same-person {code(stage)}")
    gives(stage, WORKSPACE, "aino", "owner")
    stage.presses("aino", "Yes, that’s me")
    assert not are_one(stage)


def test_whom_the_directory_keeps_apart_are_joined_by_it_alone(stage: Stage, teams: Teams) -> None:
    with stage.database.transaction() as session:
        session.add(
            DirectoryRecord(
                id="1",
                kind=RecordKind.USER,
                name="a.virtanen@teams.example",
                resource={},
                employee_id=person_of(stage, ELSEWHERE, "a.virtanen"),
                created_at=stage.now,
                changed_at=stage.now,
            )
        )
    assert "A code can’t join somebody who has a role" in teams.says("a.virtanen", f"same-person {code(stage)}")
    with stage.database.transaction() as session:
        assert directory_records.count(session, [RecordKind.USER]) == 1


def test_nobody_is_two_people_in_one_workspace(stage: Stage, teams: Teams) -> None:
    stage.hires("eve")
    known = code(stage)
    stage.types("aino", f"same-person {known}")
    assert "That code is from here." in stage.sees("aino")[-1]
    stage.types("eve", f"same-person {known}")
    assert person_of(stage, WORKSPACE, "eve") != person_of(stage, WORKSPACE, "aino")
    assert "That code is from here." in stage.sees("eve")[-1]


@pytest.mark.parametrize("said", ["x", "AAAAA-AAAAA", "'; drop table", "🙂", "K" * 500])
def test_what_is_no_code_is_none(stage: Stage, teams: Teams, said: str) -> None:
    code(stage)
    answer = teams.says("a.virtanen", f"same-person {said}")
    assert "I don’t know that code." in answer or answer.startswith("One person in two places")
    assert not are_one(stage)


def test_neither_log_nor_database_holds_a_code(stage: Stage, teams: Teams, capsys: pytest.CaptureFixture[str]) -> None:
    known = code(stage).replace("-", "")
    teams.says("a.virtanen", f"same-person {known}")
    captured = capsys.readouterr()
    assert known not in captured.out + captured.err
    path = stage.database.engine.url.database or ""
    with open(path, "rb") as opened:
        held = opened.read()
    assert known.encode() not in held
    assert f"{known[:5]}-{known[5:]}".encode() not in held


def test_a_second_place_gives_nobody_another_name(stage: Stage, teams: Teams) -> None:
    """Whoever can call themselves anything elsewhere, with the address that somebody has here, renames nobody here."""
    profile = Profile(user="imp", name="Impostor Aino", email="aino@koivu.example", locale="en", unit="Elsewhere")
    with stage.database.transaction() as session:
        identity = directory.upsert_identity(session, ELSEWHERE, profile, now=stage.now)
        assert identity.joined_by_email
        assert identity.employee.name == "Aino"
    assert person_of(stage, ELSEWHERE, "imp") == person_of(stage, WORKSPACE, "aino")
