"""People: welcome, settings, language, and the directory that follows who comes and goes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from bot.core.events import Joined
from bot.core.ports import Profile
from bot.core.router import Router
from bot.features.people.domain import directory
from bot.routes import FEATURES
from storage.people import employees, workspaces
from storage.people.employees import Employee
from storage.people.organisation import Phase
from storage.questions.questions import Question
from tests.stage import WORKSPACE, Stage


def test_nobody_is_nudged_who_was_not_asked(stage: Stage) -> None:
    stage.hires("aino", wants=None)
    with stage.database.transaction() as session:
        session.query(Employee).one().welcomed_at = None
    stage.publishes("Storm")
    stage.ticks()
    assert [card.splitlines()[0] for card in stage.sees("aino")] == ["Hello, I’m Chorus"]
    stage.presses("aino", "Yes, nudge me")
    stage.ticks(minutes=1)
    assert [card.splitlines()[0] for card in stage.sees("aino")] == ["Your settings", "Storm"]


def test_nobody_hears_of_it_first_on_a_sunday_morning(stage: Stage) -> None:
    """The directory is read at night, or at a weekend, and everybody in it is new."""
    for name in ("aino", "mikko", "petra"):
        stage.hires(name, wants=None)
    stage.hires("noor", wants=None, time_zone="America/New_York")
    with stage.database.transaction() as session:
        for person in session.query(Employee):
            person.welcomed_at = None
    rules = {"nudge_days": (1, 2, 3), "nudge_spread_minutes": 180.0, "hours": (9, 16)}
    stage.dependencies = replace(stage.dependencies, rules=replace(stage.dependencies.rules, **rules))
    stage.shell = stage._application()
    stage.now = datetime(2026, 11, 29, 3, 27, tzinfo=UTC)  # Sunday, 5:27 in Helsinki
    stage.run(stage.shell.run_job(Router(FEATURES).tick_jobs["welcome_newcomers"]))
    heard: dict[str, datetime] = {}
    while len(heard) < 4 and stage.now < datetime(2026, 12, 3, tzinfo=UTC):
        stage.sends()
        heard |= {name: stage.now for name in ("aino", "mikko", "petra", "noor") if stage.sees(name)} | heard
        stage.now += timedelta(minutes=10)
    for name, zone in (("aino", "Europe/Helsinki"), ("noor", "America/New_York")):
        local = heard[name].astimezone(ZoneInfo(zone))
        assert (local.date().isoformat(), 9 <= local.hour < 13) == ("2026-11-30", True)
    assert len({heard[name] for name in ("aino", "mikko", "petra")}) > 1  # spread, as nudges are


def test_stopping_is_instant_even_for_what_is_planned(stage: Stage) -> None:
    stage.hires("aino")
    stage.publishes("Storm")
    stage.run(stage.shell.run_job(Router(FEATURES).tick_jobs["plan_news"]))
    stage.types("aino", "settings")
    stage.presses("aino", "Stop nudges")
    stage.sends()
    assert [card.splitlines()[2] for card in stage.sees("aino")] == ["Nudges: off"]


def test_who_says_yes_before_their_unit_is_in_reads_when_it_begins(stage: Stage) -> None:
    def unit_moves(phase: Phase) -> None:
        with stage.database.transaction() as session:
            unit = session.get_one(Employee, stage.person("petra").id).unit
            assert unit is not None
            unit.move(phase, stage.now)

    stage.hires("petra", unit="Sales", wants=None)
    unit_moves(Phase.WAITING)
    stage.pressed("petra", "settings.nudges_on", 0)
    stage.types("petra", "settings")
    assert "Nudges: on, as soon as your unit joins in" in stage.sees("petra")[-1]
    stage.pressed("petra", "settings.pause", 0)
    stage.types("petra", "settings")
    assert "Nudges: paused until" in stage.sees("petra")[-1]
    stage.pressed("petra", "settings.nudges_on", 0)
    unit_moves(Phase.PILOT)
    stage.types("petra", "settings")
    assert "Nudges: on\n" in stage.sees("petra")[-1]


def test_pause_and_fewer(stage: Stage) -> None:
    stage.hires("aino")
    stage.types("aino", "settings")
    stage.presses("aino", "Get fewer nudges")
    assert "Nudges: on, less often" in stage.sees("aino")[0]
    stage.presses("aino", "Pause for a week")
    assert "Nudges: paused until Mon 30 Nov" in stage.sees("aino")[0]


@pytest.mark.parametrize("words", ["language fi", "/chorus language fi-FI", "chorus language FI"])
def test_language_by_words(stage: Stage, words: str) -> None:
    stage.hires("aino")
    stage.says("aino", words)
    assert stage.sees("aino")[0].splitlines()[1] == "Kieli: suomi"


def test_language_comes_from_the_profile_until_chosen(stage: Stage) -> None:
    stage.hires("aino", locale="fi-FI")
    assert stage.person("aino").language == "fi"
    stage.types("aino", "language en")
    stage.joins("aino")
    assert stage.person("aino").language == "en"
    stage.types("aino", "language xx")
    assert (
        stage.sees("aino")[-1]
        == "I speak these languages: English, Finnish. To switch, type for example /chorus language fi."
    )


def test_help_names_what_the_role_may(stage: Stage) -> None:
    stage.hires("aino")
    stage.hires("laura", roles=["employee", "lead"])
    stage.says("aino", "what can you do?")
    stage.types("laura", "help")
    assert "/chorus review" not in stage.sees("aino")[0]
    assert "/chorus review – content waiting for your approval" in stage.sees("laura")[0]


def test_home_shows_nudges_and_shares(stage: Stage) -> None:
    stage.hires("aino")
    stage.publishes("Storm")
    stage.ticks()
    stage.types("aino", "home")
    assert stage.sees("aino")[-1].splitlines()[:3] == ["Your nudges", "Storm · Koivu", "[Share…]  [Not for me]"]


class TestDirectory:
    def test_is_paged_and_leaves_out_who_is_no_employee(self, stage_on_both: Stage) -> None:
        stage = stage_on_both
        for number in range(25):
            stage.chat.profiles[f"u{number}"] = Profile(f"u{number}", f"Name {number}", is_employee=number % 5 != 0)
        stage.chat.page_size = 10
        report = stage.run(stage.shell.sync_people(WORKSPACE))
        assert (report.seen, report.created, report.left_out, report.left) == (25, 20, 5, 0)
        with stage.database.transaction() as session:
            assert employees.count(session) == 20

    def test_goes_on_where_it_was_cut_off(self, stage: Stage) -> None:
        for number in range(25):
            stage.chat.profiles[f"u{number}"] = Profile(f"u{number}", f"Name {number}")
        stage.chat.page_size = 10
        with stage.database.transaction() as session:
            directory.begin(session, WORKSPACE, now=stage.now)
            page = stage.run(stage.chat.directory(WORKSPACE, None))
            directory.take_page(session, WORKSPACE, page, directory.SyncReport(), now=stage.now)
        report = stage.run(stage.shell.sync_people(WORKSPACE))
        assert (report.seen, report.created, report.left) == (15, 15, 0)
        with stage.database.transaction() as session:
            row = workspaces.workspace(session, WORKSPACE)
            assert row is not None
            assert (row.sync_cursor, row.sync_started_at, employees.count(session)) == (None, None, 25)

    def test_follows_changes_and_leavers(self, stage: Stage) -> None:
        stage.hires("aino")
        stage.hires("mikko")
        stage.chat.profiles["aino"] = replace(stage.chat.profiles["aino"], name="Aino Koski", time_zone="Europe/London")
        del stage.chat.profiles["mikko"]
        stage.now = stage.now.replace(hour=9)
        report = stage.run(stage.shell.sync_people(WORKSPACE))
        assert report.left == 1
        aino, mikko = stage.person("aino"), stage.person("mikko")
        assert (aino.name, aino.time_zone, mikko.state) == ("Aino Koski", "Europe/London", "left")
        stage.types("mikko", "help")
        assert stage.sees("mikko") == []  # a leaver is not spoken to

    def test_missing_from_part_of_a_directory_is_no_leaving(self, stage: Stage) -> None:
        stage.hires("aino")
        stage.chat.profiles.clear()
        stage.chat.knows_everybody = False
        stage.now = stage.now.replace(hour=9)
        assert stage.run(stage.shell.sync_people(WORKSPACE)).left == 0
        stage.types("aino", "help")
        assert stage.sees("aino")[0].startswith("What I can do")

    def test_joins_identities_by_verified_address_only(self, stage: Stage) -> None:
        with stage.database.transaction() as session:
            workspaces.install(session, "other:T2", now=stage.now)
            first = directory.upsert_identity(
                session, WORKSPACE, Profile("a", "Aino", email="Aino@koivu.example"), now=stage.now
            )
            second = directory.upsert_identity(
                session, "other:T2", Profile("29:x", "Aino", email="aino@koivu.example"), now=stage.now
            )
            unverified = directory.upsert_identity(
                session, "other:T2", Profile("29:y", "Aino", email=None), now=stage.now
            )
            assert first.employee_id == second.employee_id != unverified.employee_id
            directory.deactivate_identity(session, WORKSPACE, "a", now=stage.now)
            assert first.employee.state == "active"  # still in the other workspace
            directory.deactivate_identity(session, "other:T2", "29:x", now=stage.now)
            assert first.employee.state == "left"


class TestStrangers:
    def test_a_member_not_yet_synced_is_met_at_the_first_word(self, stage: Stage) -> None:
        stage.chat.profiles["new"] = Profile("new", "New", locale="fi-FI", address=f"{WORKSPACE}:new")
        stage.types("new", "help")
        assert stage.sees("new")[0].startswith("Mitä osaan")

    def test_guests_hear_one_sentence_once(self, stage: Stage) -> None:
        stage.chat.profiles["guest"] = Profile("guest", "Guest", is_employee=False)
        stage.types("guest", "help", locale="fi")
        stage.types("guest", "results")
        assert stage.sees("guest") == ["Chorus on vain täällä työskenteleville."]

    def test_a_workspace_that_did_not_install_is_not_answered(self, stage: Stage) -> None:
        stage.hires("aino")
        stage.types("aino", "help", workspace="fake:T9")
        assert stage.sees("aino") == []

    def test_joining_again_brings_a_leaver_back(self, stage: Stage) -> None:
        stage.hires("aino")
        stage.leaves("aino")
        assert stage.person("aino").state == "left"
        stage.handle(Joined(workspace=WORKSPACE, user="aino", address=f"{WORKSPACE}:aino", keys=("back",)))
        assert stage.person("aino").state == "active"


@pytest.mark.parametrize(
    "said",
    [
        "stop",
        "Stop nudges",
        "unsubscribe",
        "Please don’t send me nudges any more.",
        "nudges off",
        "lopeta ehdotukset",
        "Älä lähetä minulle enää ehdotuksia",
    ],
)
def test_whoever_writes_that_they_have_had_enough_gets_no_more(stage: Stage, said: str) -> None:
    stage.hires("aino")
    stage.says("aino", "start")
    assert "Stop nudges" in stage.sees("aino")[-1]
    stage.says("aino", said)
    with stage.database.transaction() as session:
        assert session.scalars(select(Employee)).one().nudges_wanted is False
        assert not session.scalars(select(Question)).all()


@pytest.mark.parametrize("said", ["Why did the nudges stop on Monday?", "May I stop people who insult us?"])
def test_a_question_about_stopping_is_a_question(stage: Stage, said: str) -> None:
    stage.hires("aino")
    stage.says("aino", "start")
    stage.says("aino", said)
    with stage.database.transaction() as session:
        assert session.scalars(select(Employee)).one().nudges_wanted is True
