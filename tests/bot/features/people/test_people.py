"""People: welcome, settings, language, and the directory that follows who comes and goes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from bot.core.events import Command, Joined, Message
from bot.core.ports import Profile
from bot.core.router import Router
from bot.features.people.domain import directory
from bot.routes import FEATURES
from storage.people import employees, workspaces
from storage.people.employees import Employee
from storage.people.organisation import Phase
from storage.pulse import rounds
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

    def test_half_a_directory_makes_nobody_a_leaver(self, stage: Stage) -> None:
        names = [f"name{number}" for number in range(20)]
        for name in names:
            stage.hires(name)
        half = {name: stage.chat.profiles[name] for name in names[:10]}
        whole, stage.chat.profiles = stage.chat.profiles, half
        stage.now = stage.now.replace(hour=9)
        with capture_logs() as told:
            report = stage.run(stage.shell.sync_people(WORKSPACE))
        assert (report.left, report.kept) == (0, 10)
        assert [(line["log_level"], line["missing"]) for line in told if "left" in line["event"]] == [("warning", 10)]
        assert {stage.person(name).state for name in names} == {"active"}
        stage.chat.profiles = {name: whole[name] for name in names[:17]}  # as many as may leave in a day
        stage.now += timedelta(days=1)
        assert stage.run(stage.shell.sync_people(WORKSPACE)).left == 3
        stage.chat.profiles, stage.now = half, stage.now + timedelta(days=1)
        report = stage.run(stage.shell.sync_people(WORKSPACE, believes_all=True))  # somebody said so
        assert (report.left, report.kept) == (7, 0)

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


NO_QUESTIONS = {
    "stop": [
        *("mute", "Turn off notifications", "Leave me alone!", "stop messaging me", "hiljennä", "jätä minut rauhaan"),
        "please stop sending me messages",
    ],
    "pause": ["pause", "Pause nudges", "snooze", "tauko", "pidä tauko", "pause for a week please"],
    "fewer": ["quieter please", "fewer messages", "less often", "Too many messages!", "vähemmän viestejä", "harvemmin"],
    "usual": ["as usual again", "more often", "useammin"],
    "away": ["I’m on holiday", "I'm away this week", "olen lomalla"],
    "back": ["I'm back", "olen taas töissä"],
    "stop-pulse": [
        *("stop pulse", "/chorus stop pulse", "stop the pulse questions", "no more pulse", "no more surveys"),
        *("lopeta pulssi", "lopeta pulssikyselyt", "ei enää kyselyjä"),
    ],
    "start-pulse": ["start pulse", "ask me again", "pulssi päälle"],
    "help": ["help!", "help me", "?", "???", "/help", "apua!", "auta", "commands", "/apua"],
    "data": [
        *("What does Chorus know about me?", "what data do you have about me", "what do you store of me?"),
        *("Which information do you keep about me", "what is stored about me", "show me my data please"),
        *("Mitä tiedät minusta?", "Mitä tietoja minusta on tallennettu?", "mitä tietoja teillä on minusta", "GDPR"),
        *("näytä minun tietoni", "data access request"),
    ],
    "forget": [
        *("forget me please", "delete everything you know about me", "Please delete all my data", "erase my account"),
        *("remove me", "delete all data about me", "poista kaikki tietoni", "poista kaikki mitä tiedät minusta"),
        *("unohda minut", "poista minua koskevat tiedot", "I want to be forgotten", "delete my personal data"),
    ],
}


@pytest.mark.parametrize(("command", "said"), [(name, said) for name, many in NO_QUESTIONS.items() for said in many])
def test_what_is_asked_of_the_bot_itself_goes_to_nobody_else(command: str, said: str) -> None:
    """Least of all that somebody wants to know what is stored about them."""
    event = Message(workspace=WORKSPACE, user="aino", address="a", keys=("k",), text=said)
    understood = Router(FEATURES).understood(event)
    assert (type(understood), getattr(understood, "name", "")) == (Command, command)


@pytest.mark.parametrize(
    "said",
    [
        *("May I delete a post?", "What does the team know about me being on TikTok?", "How do I delete my post?"),
        *("I'm back from the fair, what may I post?", "Help, a customer insulted us on X", "Can I mute a troll?"),
        *(
            "What data may I publish about our customers?",
            "Saanko poistaa kommentin?",
            "fewer likes than last year, why?",
        ),
        *("Should we pause the campaign?", "GDPR and customer photos: what may I show?", "Who is away this week?"),
    ],
)
def test_what_is_asked_of_people_is_still_a_question(said: str) -> None:
    event = Message(workspace=WORKSPACE, user="aino", address="a", keys=("k",), text=said)
    assert Router(FEATURES).understood(event) is event


def test_who_stops_the_pulse_keeps_their_nudges(stage: Stage) -> None:
    stage.hires("aino")
    stage.says("aino", "start")
    stage.types("aino", "stop pulse")
    stage.types("aino", "settings")
    assert "Stop nudges" in stage.sees("aino")[-1]
    with stage.database.transaction() as session:
        person = session.scalars(select(Employee)).one()
        assert (person.nudges_wanted, rounds.has_refused(session, person.id)) == (True, True)


def test_who_gets_fewer_can_have_as_many_as_before(stage: Stage) -> None:
    stage.hires("aino")
    stage.says("aino", "start")
    stage.says("aino", "fewer nudges")
    assert "As many nudges as before" in stage.sees("aino")[-1]
    stage.presses("aino", "As many nudges as before")
    with stage.database.transaction() as session:
        assert session.scalars(select(Employee)).one().fewer_nudges is False


@pytest.mark.parametrize("meanwhile", ["stop", "pause"])
def test_who_gets_fewer_still_does_after_a_stop_or_a_pause(stage: Stage, meanwhile: str) -> None:
    stage.hires("aino")
    for said in ("start", "fewer nudges", meanwhile, "start"):
        stage.says("aino", said)
    assert "Nudges: on, less often" in stage.sees("aino")[-1]


def test_a_mistyped_command_goes_to_nobody(stage: Stage) -> None:
    stage.hires("aino")
    stage.says("aino", "/chrous share")
    assert stage.sees("aino")[-1].startswith("There’s nothing to share right now")
    stage.types("aino", "setings")
    assert "/chorus settings" in stage.sees("aino")[-1]
    with stage.database.transaction() as session:
        assert not session.scalars(select(Question)).all()


@pytest.mark.parametrize("said", ["suomi", "Finnish", "fi", "SUOMEKSI"])
def test_a_language_is_called_what_people_call_it(stage: Stage, said: str) -> None:
    stage.hires("aino")
    stage.types("aino", f"language {said}")
    assert stage.person("aino").language == "fi"


@pytest.mark.parametrize("said", ["Why did the nudges stop on Monday?", "May I stop people who insult us?"])
def test_a_question_about_stopping_is_a_question(stage: Stage, said: str) -> None:
    stage.hires("aino")
    stage.says("aino", "start")
    stage.says("aino", said)
    with stage.database.transaction() as session:
        assert session.scalars(select(Employee)).one().nudges_wanted is True
