"""The framework in chat: goals that are computed, units that wait, channels with rules of their own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar
from scipy import stats

from bot.core.cards import Choice, Quote, plain_text
from bot.core.recurrence import occurrences
from bot.features.framework.domain import ics, metrics, repository
from bot.features.framework.domain.metrics import Outlook, forecast_level, forecast_total
from bot.features.framework.domain.model import Framework
from bot.features.framework.handlers import subscription
from bot.features.pulse.domain import noisy_sums
from bot.features.pulse.domain.noisy_sums import NoisySums, UnitSums
from bot.features.rollout import jobs as rollout_jobs
from bot.features.rollout.domain import gates
from bot.features.rollout.domain.gates import Gate
from storage.database import Database
from storage.framework import framework
from storage.framework.framework import Activity, Goal
from storage.mentions.listening import Mention
from storage.people import organisation
from storage.pulse import readings
from storage.pulse.readings import Level, Reading
from storage.pulse.rounds import Cycle, Round
from storage.questions import topics
from storage.questions.questions import Question
from storage.questions.topics import Topic
from storage.sharing import leads
from storage.sharing.leads import LeadInput
from storage.workshop.workshops import Workshop
from tests.stage import MONDAY, Stage

HELSINKI = ZoneInfo("Europe/Helsinki")


@pytest.fixture
def stage(sqlite: Database) -> Iterator[Stage]:
    with Stage(sqlite) as stage:
        stage.hires("laura", roles=("employee", "lead"), unit="Communications")
        stage.hires("aino", unit="Field service")
        yield stage


def reads(stage: Stage, user: str) -> str:
    return plain_text(stage.cards(user)[-1])


def nudges(stage: Stage, user: str) -> int:
    return sum("Storm" in said and "Share…" in said for said in stage.sees(user))


def models(stage: Stage, **sections: object) -> None:
    """Bring the stage's framework to this one; channels stay as they are unless named."""
    with stage.database.transaction() as session:
        now = repository.current_framework(session)
        wanted = Framework.model_validate({**now.model_dump(), **sections})
        repository.apply(session, wanted, seen=None, by=None, why="", now=stage.now)


def goal(**more: object) -> dict[str, object]:
    return {
        "id": "talent",
        "name": "More of us share",
        "metric": "shares",
        "target": 10,
        "starts": date(2026, 11, 16),
        "due": date(2026, 12, 28),
        **more,
    }


class TestUnits:
    def test_a_unit_that_waits_gets_no_nudges_until_it_is_let_in(self, stage: Stage) -> None:
        models(stage, units=[{"name": "Field service", "phase": "waiting"}])
        stage.publishes("Storm")
        stage.ticks()
        assert nudges(stage, "aino") == 0
        assert nudges(stage, "laura") == 1
        stage.types("laura", "rollout")
        stage.presses("laura", "Go live")
        stage.presses("laura", "Yes, go live")
        stage.ticks()
        assert nudges(stage, "aino") == 1

    def test_going_live_before_its_time_says_what_is_missing(self, stage: Stage) -> None:
        """A lead may decide so, but not without having read it."""
        models(stage, units=[{"name": "Field service", "phase": "pilot"}])
        with stage.database.transaction() as session:
            unit = organisation.unit(session, "Field service").id
        stage.pressed("laura", "unit.live", unit)
        asked = stage.sees("laura")[-1]
        assert "this is what’s missing" in asked
        assert "The workshop was held" in asked
        assert "Not met" in asked
        assert "Too early to tell" in asked
        assert "No unresolved incidents" not in asked  # that one holds
        stage.presses("laura", "Yes, go live")
        with stage.database.transaction() as session:
            assert organisation.unit(session, "Field service").phase == "live"

    def test_back_to_waiting_asks_once(self, stage: Stage) -> None:
        models(stage, units=[{"name": "Field service", "phase": "live"}])
        with stage.database.transaction() as session:
            unit = organisation.unit(session, "Field service").id
        stage.pressed("laura", "unit.waiting", unit)
        assert stage.sees("laura")[-1].splitlines()[0] == "Send Field service back to waiting?"
        with stage.database.transaction() as session:
            assert organisation.unit(session, "Field service").phase == "live"
        stage.presses("laura", "Yes, back to waiting")
        with stage.database.transaction() as session:
            assert organisation.unit(session, "Field service").phase == "waiting"

    @pytest.mark.parametrize(("people", "is_shown"), [(5, False), (6, True)])
    def test_who_wants_no_nudges_is_not_shown_of_k_people(self, stage: Stage, people: int, is_shown: bool) -> None:
        for number in range(people):
            stage.hires(f"f{number}", unit="Field", wants=number > 0)
        with stage.database.transaction() as session:
            unit = organisation.unit(session, "Field")
            unit.phase = "pilot"
            gate = next(gate for gate in gates.gates(session, unit, stage.now) if gate.kind == "opt_out")
            assert (gate.found is not None) is is_shown

    def test_pausing_takes_back_what_was_planned(self, stage: Stage) -> None:
        stage.now = MONDAY - timedelta(hours=3)  # before hours: planned, not sent
        stage.publishes("Storm")
        stage.ticks()
        stage.types("laura", "rollout")
        with stage.database.transaction() as session:
            unit = organisation.unit(session, "Field service").id
        stage.pressed("laura", "unit.paused", unit)
        assert "paused · since" in reads(stage, "laura")
        stage.now = MONDAY
        stage.ticks()
        assert (nudges(stage, "aino"), nudges(stage, "laura")) == (0, 1)

    def test_only_leads_move_units_and_a_unit_that_is_gone_is_said(self, stage: Stage) -> None:
        with stage.database.transaction() as session:
            unit = organisation.unit(session, "Field service")
            unit_id, phase = unit.id, unit.phase
        stage.pressed("aino", "unit.paused", unit_id)
        assert "Only comms leads" in reads(stage, "aino")
        with stage.database.transaction() as session:
            assert organisation.unit(session, "Field service").phase == phase
        stage.pressed("laura", "unit.paused", 9999)
        assert "That unit is gone" in reads(stage, "laura")

    def test_a_pilot_asks_before_it_starts_and_says_what_it_did(self, stage: Stage) -> None:
        models(stage, units=[{"name": "Field service", "phase": "pilot"}, {"name": "Sales", "phase": "waiting"}])
        stage.types("laura", "rollout")
        stage.presses("laura", "Start pilot")
        asked = stage.sees("laura")[-1]
        assert asked.startswith("Start the pilot in Sales?")
        assert "Still in pilot: Field service." in asked
        with stage.database.transaction() as session:
            assert organisation.named(session, "Sales").phase == "waiting"
        stage.presses("laura", "Yes, start the pilot")
        assert "Sales is in pilot from now on." in stage.sees("laura")[-1]
        with stage.database.transaction() as session:
            assert organisation.named(session, "Sales").phase == "pilot"

    def test_a_new_unit_waits_while_others_are_in_pilot(self, stage: Stage) -> None:
        with stage.database.transaction() as session:
            assert organisation.unit(session, "Sales").phase == "live"
        models(stage, units=[{"name": "Field service", "phase": "pilot"}])
        with stage.database.transaction() as session:
            assert organisation.unit(session, "People").phase == "waiting"

    def test_what_was_tapped_is_in_the_history(self, stage: Stage) -> None:
        stage.types("laura", "rollout")
        stage.presses("laura", "Pause")
        stage.types("laura", "framework")
        assert "Units · Communications · Laura" in reads(stage, "laura")
        with stage.database.transaction() as session:
            framework.prune(session, before=stage.now)
            assert len(framework.changes(session, 9)) == 1
            framework.prune(session, before=stage.now + timedelta(seconds=1))
            assert framework.changes(session, 9) == []


class TestGoals:
    def test_shares_clicks_and_leads_are_counted_from_what_happened(self, stage: Stage) -> None:
        models(
            stage,
            goals=[
                goal(),
                goal(id="leads", metric="leads", unit="Field service"),
                goal(id="own", metric="own_words", target=80),
            ],
        )
        stage.publishes("Storm")
        code = stage.shares("aino", "Storm")
        with stage.database.transaction() as session:
            told = [
                LeadInput("crm-1", code, stage.now),
                LeadInput("crm-1", code, stage.now),
                LeadInput("crm-2", "nobody", stage.now),
            ]
            assert leads.take(session, told) == (1, ["nobody"])
            assert leads.take(session, told) == (0, ["nobody"])  # told again: counted once
        stage.now += timedelta(minutes=1)
        with stage.database.transaction() as session:
            found = {row.id: metrics.standing_of_goal(session, row, stage.now) for row in session.query(Goal)}
        assert [found[name].now for name in ("talent", "leads", "own")] == [1.0, 1.0, 100.0]
        assert (found["talent"].verdict, found["own"].verdict) == (Outlook.TOO_EARLY, Outlook.TOO_EARLY)
        with stage.database.transaction() as session:
            due = datetime(2027, 6, 1, tzinfo=UTC)
            assert metrics.standing_of_goal(session, session.get_one(Goal, "talent"), due).verdict == Outlook.MISSED
        assert found["talent"].expected == pytest.approx(10 * (7 + 8 / 24 + 1 / 1440) / 42)
        stage.types("aino", "goals")
        assert "More of us share · too early to tell" in reads(stage, "aino")
        assert "8 cases out of 10" not in reads(stage, "aino")  # nothing is foretold that it would explain

    @pytest.mark.parametrize("metric", ["shares", "active_sharers"])
    def test_weeks_before_anything_happened_foretell_nothing(self, stage: Stage, metric: str) -> None:
        began = stage.now.date()
        models(
            stage,
            goals=[
                goal(metric=metric, starts=began, due="2027-06-01"),
                goal(id="long", metric=metric, starts="0202-12-01", due="2027-06-01"),
            ],
        )
        for number in range(6):
            stage.publishes(f"Storm {number}")
            stage.shares("aino", f"Storm {number}")
            stage.now += timedelta(weeks=1)
        with stage.database.transaction() as session:
            found = {row.id: metrics.standing_of_goal(session, row, stage.now) for row in session.query(Goal)}
        assert found["long"].forecast is not None
        assert found["talent"].forecast is not None
        assert found["long"].forecast.middle == pytest.approx(found["talent"].forecast.middle, rel=0.1)
        assert found["long"].verdict == found["talent"].verdict

    def test_a_goal_of_another_unit_does_not_count_it(self, stage: Stage) -> None:
        models(stage, goals=[goal(unit="Communications"), goal(id="x", channel="x")])
        stage.publishes("Storm")
        stage.shares("aino", "Storm")
        stage.now += timedelta(minutes=1)
        with stage.database.transaction() as session:
            assert [metrics.standing_of_goal(session, row, stage.now).now for row in session.query(Goal)] == [0.0, 0.0]

    def test_a_goal_whose_time_is_over(self, stage: Stage) -> None:
        models(stage, goals=[goal()])
        stage.now = datetime(2027, 2, 1, tzinfo=UTC)
        stage.types("laura", "goals")
        assert "More of us share · not reached" in reads(stage, "laura")

    def test_no_goal_yet(self, stage: Stage) -> None:
        stage.types("aino", "goals")
        assert "There are no goals yet." in reads(stage, "aino")


def released(unit: int, answered: int) -> dict[str, object]:
    """Of 100 people invited in the unit, so many answered."""
    return noisy_sums.to_json(
        NoisySums("learning_culture", {unit: UnitSums(20.0, answered)}, 20.0, 20.0, {}, people={unit: 100})
    )


def read(unit: int, answered: int, *, of_unit: float = 0.9, of_statement: float = 0.9) -> dict[str, object]:
    level = Level(of_unit, 0.04)
    return readings.to_json(
        Reading(
            {"learning_culture": level},
            {unit: {"learning_culture": level}},
            {"learning-2": Level(of_statement, 0.04)},
            None,
            {unit: (answered, 100)},
        )
    )


class TestGates:
    @pytest.fixture
    def pilot(self, stage: Stage) -> int:
        """Field service in pilot for eight weeks: seven who said how they want it, two rounds closed."""
        stage.now = MONDAY - timedelta(weeks=8)
        models(stage, units=[{"name": "Field service", "phase": "pilot"}])
        stage.now = MONDAY
        for number in range(6):
            stage.hires(f"p{number}", unit="Field service")
        with stage.database.transaction() as session:
            return organisation.unit(session, "Field service").id

    def closes(
        self,
        stage: Stage,
        release: dict[str, object],
        reading: dict[str, object] | None = None,
        *,
        published: bool = True,
    ) -> None:
        with stage.database.transaction() as session:
            day = stage.now.date()
            cycle = Cycle(seed=1, started_at=stage.now, ends_on=day)
            at = stage.now
            session.add(
                Round(
                    cycle=cycle,
                    number=0,
                    factor="learning_culture",
                    opened_at=at,
                    remind_at=at,
                    closes_at=at,
                    closed_at=at,
                    tree=[],
                    release=release,
                    reading=reading,
                    state="closed",
                    published_at=at if published else None,
                )
            )

    def found(self, stage: Stage, unit_id: int) -> dict[str, Gate]:
        with stage.database.transaction() as session:
            unit = organisation.unit_by_id(session, unit_id)
            assert unit is not None
            return {gate.kind: gate for gate in gates.gates(session, unit, stage.now)}

    def test_what_cannot_be_known_yet_is_not_held(self, stage: Stage, pilot: int) -> None:
        self.closes(stage, released(pilot, 70))
        found = self.found(stage, pilot)
        assert [found[kind].holds for kind in ("response", "voluntary", "in_time")] == [None, None, None]
        stage.types("laura", "rollout")
        assert "Too early to tell" in reads(stage, "laura")
        assert "Roll out further…" not in reads(stage, "laura")

    def test_each_gate_with_its_evidence(self, stage: Stage, pilot: int) -> None:
        for response in (70, 61, 75):
            self.closes(stage, released(pilot, response), read(pilot, response))
        with stage.database.transaction() as session:
            session.add_all(
                Question(
                    text="May I?",
                    asker_id=stage.person("aino").id,
                    opened_at=stage.now - timedelta(days=3),
                    asked_at=stage.now,
                    was_in_time=number < 4,
                    state="answered",
                )
                for number in range(5)
            )
            session.add(Workshop(unit_id=pilot, state="closed", opened_at=stage.now, closed_at=stage.now))
        assert list(self.found(stage, pilot).values()) == [
            Gate("workshop", True),
            Gate("dialogue", False),
            Gate("response", True, 61),
            Gate("opt_out", True, 0),
            Gate("voluntary", True, 90),
            Gate("in_time", True, 4, 5),
            Gate("answered", True, 3, 3),
            Gate("incident", True),
        ]
        stage.types("laura", "rollout")
        stage.presses("laura", "Mark staff dialogue as held")
        stage.presses("laura", "Roll out further…")
        assert "Field service meets all conditions" in reads(stage, "laura")
        self.the_leads_are_asked_once(stage)
        stage.types("laura", "rollout")
        form = stage.presses("laura", "Report an incident…").form
        stage.submits("laura", form, text="A list of names was sent to the wrong room.")
        assert not self.found(stage, pilot)["incident"].holds
        stage.presses("laura", "Mark incident as resolved")
        assert self.found(stage, pilot)["incident"].holds

    def the_leads_are_asked_once(self, stage: Stage) -> None:
        for _day in range(2):
            stage.run(stage.shell.run_job(rollout_jobs.propose))
            stage.sends()
        asked = [said for said in stage.sees("laura") if said.startswith("Is Field service ready?")]
        assert len(asked) == 2  # by the button, and by the bot, which asks once

    def test_each_gate_can_fail(self, stage: Stage, pilot: int) -> None:
        for _ in range(3):
            self.closes(stage, released(pilot, 59), read(pilot, 59, of_statement=0.72), published=False)
        for number in range(2):
            stage.pressed(f"p{number}", "settings.nudges_off", 0)
        found = self.found(stage, pilot)
        assert [found[kind].holds for kind in ("response", "opt_out", "voluntary", "answered")] == [False] * 4


class TestForecasts:
    @given(st.lists(st.floats(0, 1000), min_size=4, max_size=52), st.floats(0.1, 52))
    def test_of_a_total_is_the_prediction_interval_of_a_sum(self, weekly: list[float], left: float) -> None:
        found, n = forecast_total(sum(weekly), weekly, left), len(weekly)
        half = stats.t.ppf(0.9, n - 1) * np.std(weekly, ddof=1) * np.sqrt(left + left**2 / n)
        middle = sum(weekly) + left * np.mean(weekly)
        assert found is not None
        assert found.middle == pytest.approx(middle)
        assert found.high == pytest.approx(middle + half)
        assert found.low == pytest.approx(max(sum(weekly), middle - half))

    @given(st.lists(st.floats(0, 100), min_size=4, max_size=52), st.floats(0, 20))
    @settings(deadline=None)
    def test_of_a_level_is_that_of_linear_regression(self, levels: list[float], left: float) -> None:
        found, n = forecast_level(levels, left, most=None), len(levels)
        x = np.arange(n)
        line = stats.linregress(x, levels)
        at = n - 1 + left
        s = np.sqrt(((np.array(levels) - line.intercept - line.slope * x) ** 2).sum() / (n - 2))
        half = stats.t.ppf(0.9, n - 2) * s * np.sqrt(1 + 1 / n + (at - x.mean()) ** 2 / ((x - x.mean()) ** 2).sum())
        middle = line.intercept + line.slope * at
        assert found is not None
        assert found.middle == pytest.approx(max(0, middle), abs=1e-6)
        assert found.high == pytest.approx(max(0, middle + half), abs=1e-6)
        assert found.low == pytest.approx(max(0, middle - half), abs=1e-6)

    def test_too_little_foretells_nothing(self) -> None:
        assert forecast_total(3, [1, 1, 1], 5) is None
        assert forecast_level([1, 2, 3], 5, most=100) is None

    def test_nor_does_what_could_be_anything(self) -> None:
        assert forecast_level([100, 0, 100, 90, 90], 12, most=100) is None
        assert forecast_level([88, 90, 91, 90, 90], 4, most=100) is not None

    def test_the_interval_holds_what_it_promises(self) -> None:
        """80 % of what then happens lies in it (simulated: 400 goals, ten weeks seen, ten to come)."""
        draws = np.random.default_rng(7).normal(20, 5, (400, 20))
        inside = 0
        for weeks in draws:
            found = forecast_total(weeks[:10].sum(), list(weeks[:10]), 10)
            assert found is not None
            inside += found.low <= weeks.sum() <= found.high
        assert 0.74 <= inside / 400 <= 0.86


class TestCalendar:
    @given(
        rule=st.sampled_from(
            (
                "FREQ=DAILY",
                "FREQ=WEEKLY;BYDAY=SU",
                "FREQ=MONTHLY;BYDAY=-1SU",
                "FREQ=DAILY;INTERVAL=3",
                "FREQ=WEEKLY;BYDAY=TU,TH;COUNT=9",
                "FREQ=MONTHLY;BYMONTHDAY=29",
            )
        ),
        starts=st.datetimes(datetime(2026, 9, 1), datetime(2026, 12, 1)),  # noqa: DTZ001
        zone=st.sampled_from(("Europe/Helsinki", "America/New_York", "UTC", "Pacific/Auckland")),
    )
    @settings(max_examples=25, deadline=None)
    def test_occurrences_are_dateutils_on_the_wall_clock(self, rule: str, starts: datetime, zone: str) -> None:
        since, until = datetime(2026, 10, 15, tzinfo=UTC), datetime(2027, 4, 15, tzinfo=UTC)
        first, last = datetime(2026, 10, 1), datetime(2027, 5, 1)  # noqa: DTZ001
        expected = [
            local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
            for local in rrulestr(rule, dtstart=starts).between(first, last, inc=True)
        ]
        found = [item.start for item in occurrences(starts, zone, 30, rule, since=since, until=until)]
        assert found == [start for start in expected if since - timedelta(minutes=30) < start < until]

    def test_nine_stays_nine_across_a_change_of_the_clock(self) -> None:
        starts = datetime(2026, 10, 19, 9)  # noqa: DTZ001  the clocks change on the 25th
        since, until = datetime(2026, 10, 18, tzinfo=UTC), datetime(2026, 11, 10, tzinfo=UTC)
        found = occurrences(starts, "Europe/Helsinki", 30, "FREQ=WEEKLY", since=since, until=until)
        moments = [item.start for item in found]
        assert [moment.astimezone(HELSINKI).hour for moment in moments] == [9, 9, 9, 9]
        assert [moment.hour for moment in moments] == [6, 7, 7, 7]

    @given(
        rule=st.sampled_from(
            (
                None,
                "FREQ=WEEKLY;BYDAY=TU",
                "FREQ=MONTHLY;BYDAY=-1FR;COUNT=6",
                "FREQ=DAILY;INTERVAL=2",
                "FREQ=WEEKLY;UNTIL=20261124T090000",
                "FREQ=YEARLY;BYMONTH=11;BYDAY=1SU",
            )
        ),
        starts=st.datetimes(datetime(2026, 9, 1), datetime(2026, 11, 20)),  # noqa: DTZ001
        zone=st.sampled_from(("Europe/Helsinki", "America/New_York", "UTC")),
    )
    @settings(max_examples=12, deadline=None)
    def test_what_a_calendar_reads_is_what_we_say(self, rule: str | None, starts: datetime, zone: str) -> None:
        starts = starts.replace(second=0, microsecond=0)
        activity = Activity(
            id="tip",
            name="Tip; with, signs\n",
            starts=starts.isoformat(),
            time_zone=zone,
            minutes=30,
            repeats=rule,
            unit="Field service",
        )
        read = Calendar.from_ical(ics.calendar([activity], name="Chorus", now=MONDAY))
        (event,) = read.walk("VEVENT")
        assert (event["SUMMARY"], event["UID"]) == ("Tip; with, signs\n", "tip@chorus")
        assert event.decoded("DURATION") == timedelta(minutes=30)
        start = event.decoded("DTSTART")
        if rule is None:
            moments = [start]
        else:
            moments = list(rrulestr(event["RRULE"].to_ical().decode(), dtstart=start).xafter(start, count=20, inc=True))
        ours = occurrences(starts, zone, 30, rule, since=start, until=start + timedelta(days=9000))
        assert [item.start for item in ours][:20] == [moment.astimezone(UTC) for moment in moments]

    def test_a_calendar_of_ones_own_until_it_is_ended(self, stage: Stage) -> None:
        models(stage, activities=[{"id": "tip", "name": "Tip", "starts": "2026-11-30T09:00"}])

        def feed(address: str) -> bytes | None:
            secret = address.rpartition("/")[2].removesuffix(".ics")
            with stage.database.transaction() as session:
                return subscription.feed(session, secret, name="Chorus", now=stage.now)

        def address() -> str:
            stage.types("aino", "calendar")
            stage.presses("aino", "Add to my calendar")
            return next(part.text for part in stage.cards("aino")[-1].body if isinstance(part, Quote))

        first = address()
        assert first.startswith("https://chorus.example/calendar/")
        assert b"SUMMARY:Tip" in (feed(first) or b"")
        second = address()
        assert feed(first) is None
        assert feed(second) is not None
        stage.presses("aino", "Turn off this address")
        assert feed(second) is None
        third = address()
        stage.leaves("aino")
        assert feed(third) is None
        assert feed("") is None

    def test_too_much_for_one_group_is_said(self, stage: Stage) -> None:
        daily = [
            {"id": f"a{number}", "name": f"Action {number}", "starts": "2026-11-30T09:00", "unit": "Field service"}
            for number in range(4)
        ]
        units = [{"name": name} for name in ("Field service", "Communications")]
        models(stage, units=units, activities=daily)
        stage.types("aino", "calendar")
        said = reads(stage, "aino")
        assert "Field service has 4 activities in week 49 (30 Nov – 6 Dec)." in said
        assert "Action 3 | Field service" in said


class TestChannels:
    def test_the_organisations_own_rules_hold_in_the_share_form(self, stage: Stage) -> None:
        channels = [
            {
                "id": "linkedin",
                "owner": "laura@koivu.example",
                "disclosure": False,
                "max_length": 60,
                "tone": "As you speak at work.",
            },
            {
                "id": "intranet",
                "disclosure": False,
                "name": "Our Wall",
                "owner": "laura@koivu.example",
                "share_page": "https://wall.example/new?text={text}",
            },
        ]
        models(stage, channels=channels)
        stage.publishes("Storm")
        stage.types("aino", "share")
        stage.presses("aino", "Pick this")
        form = stage.presses("aino", "Share…").form
        assert form is not None
        assert "How we speak on LinkedIn: As you speak at work." in [field.hint for field in form.fields]
        answer = stage.submits("aino", form, channel="linkedin", text="What a storm! " * 5)
        assert answer.form is not None
        assert "LinkedIn allows 60 characters" in answer.form.error_of("text")
        stage.submits("aino", form, channel="intranet", text="What a storm! Would you have known what to do?")
        stage.presses("aino", "Yes, posted")
        assert "Shared on Our Wall" in reads(stage, "aino")

    def test_who_is_missing_is_named(self, stage: Stage) -> None:
        channels = [
            {"id": "linkedin", "owner": "laura@koivu.example"},
            {"id": "x", "owner": "laura@koivu.example", "deputy": "aino@koivu.example"},
        ]
        models(stage, channels=channels)
        stage.types("laura", "framework")
        said = reads(stage, "laura")
        assert "1 of 2 channels in use have an owner and a deputy at work." in said
        assert "LinkedIn: its owner has no deputy" in said
        stage.types("aino", "framework")
        assert "Only comms leads" in reads(stage, "aino")

    def test_handing_over_takes_all_of_it_with_its_questions(self, stage: Stage) -> None:
        mikko = stage.hires("mikko", roles=("employee", "owner"))
        petra = stage.hires("petra", roles=("employee", "owner"))
        models(
            stage,
            channels=[{"id": "linkedin", "owner": "mikko@koivu.example", "deputy": "petra@koivu.example"}],
            goals=[goal(owner="mikko@koivu.example")],
        )
        with stage.database.transaction() as session:
            asked = Question(
                text="May I?",
                owner_id=mikko,
                topic_id="linkedin",
                state="open",
                asked_at=stage.now,
                opened_at=stage.now,
                answer_by=stage.now + timedelta(days=2),
            )
            heard = Mention(
                fingerprint="f",
                text="What is this?",
                owner_id=mikko,
                topic_id="linkedin",
                state="taken",
                heard_at=stage.now,
            )
            session.add_all([asked, heard, Topic(id="legal", names={"en": "Legal"}, holder_id=mikko, is_retired=False)])
        form = stage.types("mikko", "handover").form
        assert form is not None
        assert [option.label for field in form.fields if isinstance(field, Choice) for option in field.options] == [
            *("Mikko",),  # whom he may hand over for
            *("Mikko", "Laura", "Petra"),
        ]
        assert stage.submits("mikko", form, to=str(mikko)).form is not None  # to oneself: said, and asked again
        stage.submits("mikko", form, to=str(petra))
        told = (
            "3 responsibilities moved.\n1 open question moved.\n1 open mention moved.\nWithout a deputy now: LinkedIn"
        )
        assert reads(stage, "mikko").startswith(f"Mikko has handed over to Petra\n{told}")
        stage.sends()
        assert any(said.startswith(f"Mikko has handed over to you\n{told}") for said in stage.sees("petra"))
        with stage.database.transaction() as session:
            model = repository.current_framework(session)
            (channel,) = model.channels
            assert (channel.owner, channel.deputy) == ("petra@koivu.example", None)
            assert model.goals[0].owner == "petra@koivu.example"
            assert [row.id for row in topics.of_person(session, mikko)] == []
            assert {row.id for row in topics.of_person(session, petra)} == {"linkedin", "legal"}
        stage.ticks()
        assert "May I?" in "".join(stage.sees("petra"))
        with stage.database.transaction() as session:
            assert session.query(Mention).one().owner_id == petra
        stage.submits("aino", form, to=str(petra))
        assert "To hand over for somebody else, ask a comms lead" in reads(stage, "aino")
        stage.submits("laura", form, to="nobody")
        assert "I don’t know that person" in reads(stage, "laura")
        stage.leaves("mikko")
        stage.submits("laura", form, **{"from": str(petra), "to": str(mikko)})
        assert "Mikko has left" in reads(stage, "laura")
        stage.pressed("laura", "cancel.handover", 0)
        assert reads(stage, "laura") == "There was nothing to hand over."

    def test_a_post_can_serve_a_goal_and_the_goal_says_so(self, stage: Stage) -> None:
        models(stage, goals=[goal()])
        post = stage.publishes("Storm")
        form = stage.pressed("laura", "post.edit", post).form
        stage.submits("laura", form, goal="talent")
        stage.shares("aino", "Storm")
        stage.types("laura", "goals")
        assert "What helped: 1 post, 1 share, 0 readers" in reads(stage, "laura")
        with stage.database.transaction() as session, pytest.raises(repository.InUse, match="give them another one"):
            wanted = repository.current_framework(session).model_copy(update={"goals": ()})
            repository.apply(session, wanted, seen=None, by=None, why="", now=stage.now)
