"""The planner: whom, what, when, and why, as people meet it; time and chance are passed in."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from bot.core import contact_budget
from bot.core.rules import Rules
from bot.core.working_time import country_of, is_holiday, is_quiet
from bot.features.sharing.jobs import plan
from storage.database import Database
from storage.delivery import deliveries
from storage.delivery.deliveries import Delivery, DeliveryState
from storage.people.employees import Employee, Identity, IdentityState
from storage.sharing import plans
from storage.sharing.nudges import Nudge, NudgeState
from storage.sharing.plans import ContactHistory, ExperimentArm, NudgeWeek
from tests.stage import MONDAY, WORKSPACE, Stage

TUESDAY_DAWN = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)  # five in Helsinki
USUAL = {"nudge_days": (1, 2, 3), "nudge_spread_minutes": 180.0}
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def usual(sqlite: Database) -> Any:
    """The rules as they are out of the box, but for the no-nudge share; it is five in the morning of a Tuesday."""
    with Stage(sqlite, **USUAL) as stage:
        stage.now = TUESDAY_DAWN
        yield stage


def plans_day(stage: Stage) -> None:
    stage.run(stage.shell.run_job(plan.plan_day))


def due_at(stage: Stage) -> list[datetime]:
    with stage.database.transaction() as session:
        return [row.due_at for row in session.query(Delivery).where(Delivery.kind == "nudge").order_by(Delivery.id)]


def lives_through(stage: Stage, days: int) -> Counter[str]:
    """So many days, hour by hour; how many cards arrived on each date."""
    arrived: Counter[str] = Counter()
    for _hour in range(days * 24):
        before = len(stage.chat.sent)
        stage.now += HOUR
        if stage.now.hour == TUESDAY_DAWN.hour:
            plans_day(stage)
        stage.run(stage.shell.run_job(plan.plan_news))
        stage.sends()
        arrived[stage.now.date().isoformat()] += len(stage.chat.sent) - before
    return +arrived


def changes(stage: Stage, user: str, **values: Any) -> None:
    person_id = stage.person(user).id
    with stage.database.transaction() as session:
        person = session.get_one(Employee, person_id)
        for name, value in values.items():
            setattr(person, name, value)


class TestWhen:
    def test_in_a_slot_of_the_persons_own_zone(self, usual: Stage) -> None:
        usual.hires("aino")
        usual.hires("kim", time_zone="America/New_York")
        usual.publishes("Storm")
        plans_day(usual)
        usual.now += 7 * HOUR  # dawn in New York
        plans_day(usual)
        helsinki, new_york = due_at(usual)
        assert 9 <= (helsinki + 2 * HOUR).hour < 12
        assert helsinki.date() == TUESDAY_DAWN.date()
        assert 9 <= (new_york - 5 * HOUR).hour < 12

    def test_spread_so_that_a_company_does_not_post_in_one_minute(self, usual: Stage) -> None:
        for number in range(60):
            usual.hires(f"u{number}")
        usual.publishes("Storm")
        plans_day(usual)
        minutes = Counter(due.replace(second=0, microsecond=0) for due in due_at(usual))
        assert max(minutes.values()) <= 4
        assert max(minutes) - min(minutes) > 2 * HOUR

    def test_twice_a_week_two_days_apart_and_never_the_same_post(self, usual: Stage) -> None:
        usual.hires("aino")
        for number in range(10):
            usual.publishes(f"Storm {number}")
        assert lives_through(usual, 8) == {"2026-11-24": 1, "2026-11-26": 1, "2026-12-01": 1}
        assert len(set(usual.sees("aino"))) == 3

    def test_a_public_holiday_of_the_country_is_quiet(self, usual: Stage) -> None:
        usual.now = datetime(2026, 12, 24, 3, 0, tzinfo=UTC)  # a Thursday; the 25th and 26th are holidays, too
        usual.hires("aino", time_zone="Europe/Helsinki")
        assert is_holiday("FI", datetime(2026, 12, 25).date())  # noqa: DTZ001
        assert is_quiet(usual.now + 30 * HOUR, time_zone="Europe/Helsinki", country=None, rules=Rules())
        assert country_of(None, "Europe/Helsinki") == "FI"
        assert country_of("SE", "Europe/Helsinki") == "SE"
        assert country_of(None, "UTC") is None

    @pytest.mark.parametrize(
        "values",
        [
            {"nudges_paused_until": TUESDAY_DAWN + 30 * DAY},
            {"away_until": TUESDAY_DAWN + 30 * DAY},
            {"nudges_wanted": False},
        ],
        ids=["paused", "away", "no"],
    )
    def test_not_to_those_who_pause_are_away_or_said_no(self, usual: Stage, values: dict[str, Any]) -> None:
        usual.hires("aino")
        usual.publishes("Storm")
        changes(usual, "aino", **values)
        assert lives_through(usual, 7) == {}

    @pytest.mark.parametrize("days", [1, 3])
    def test_nor_on_a_later_day_in_one_go_with_all_others(self, usual: Stage, days: int) -> None:
        """All processes were down from the slot on, over the night or the weekend."""
        for number in range(3):
            usual.hires(f"person{number}")
        usual.publishes("Storm")
        plans_day(usual)
        due = max(due_at(usual))
        assert due_at(usual)
        usual.now = due + days * DAY  # an hour at which nudges may go, at least by the clock
        usual.sends()
        assert [usual.sees(f"person{number}") for number in range(3)] == [[], [], []]
        usual.now = datetime.combine(usual.now.date(), time(5), UTC)
        lives_through(usual, 9)  # and they are planned anew
        assert [len(usual.sees(f"person{number}")) for number in range(3)] == [1, 1, 1]

    def test_a_missed_slot_is_dropped_and_not_made_up_for_at_night(self, usual: Stage) -> None:
        usual.hires("aino")
        usual.publishes("Storm")
        plans_day(usual)
        usual.now += 18 * HOUR  # nobody sent for a whole day
        usual.sends()
        assert usual.sees("aino") == []

    def test_who_says_yes_today_need_not_wait_for_tomorrow(self, usual: Stage) -> None:
        usual.hires("aino", wants=None)
        usual.publishes("Storm")
        plans_day(usual)
        usual.now += 4 * HOUR  # nine
        usual.pressed("aino", "settings.nudges_on", 0)
        usual.run(usual.shell.run_job(plan.plan_news))
        assert len(due_at(usual)) == 1

    def test_who_changes_language_today_is_planned_anew(self, usual: Stage) -> None:
        usual.hires("aino")
        usual.publishes("Myrsky", language="fi")
        plans_day(usual)
        assert due_at(usual) == []
        usual.now += HOUR
        usual.types("aino", "language fi")
        usual.run(usual.shell.run_job(plan.plan_news))
        assert len(due_at(usual)) == 1

    def test_a_post_that_goes_live_today_is_planned_today(self, usual: Stage) -> None:
        usual.hires("aino")
        plans_day(usual)
        usual.now += 5 * HOUR
        usual.publishes("Storm")
        usual.run(usual.shell.run_job(plan.plan_news))
        usual.run(usual.shell.run_job(plan.plan_news))
        assert len(due_at(usual)) == 1


class TestBudget:
    @pytest.mark.parametrize(
        ("spoken", "less", "expected"),
        [
            (None, {}, MONDAY),
            (ContactHistory(MONDAY - HOUR, None, 1), {}, None),
            (ContactHistory(MONDAY - DAY, None, 0), {}, MONDAY),
            (ContactHistory(MONDAY - DAY, MONDAY - DAY, 0), {}, MONDAY + DAY),
            (ContactHistory(MONDAY - 3 * DAY, MONDAY - 3 * DAY, 2), {}, None),
            (ContactHistory(MONDAY - 3 * DAY, MONDAY - 3 * DAY, 1), {"is_fewer": True}, None),
            (ContactHistory(MONDAY - 3 * DAY, MONDAY - 3 * DAY, 1), {"unanswered": 3}, None),
        ],
        ids=[
            "nothing yet",
            "one today",
            "a digest yesterday",
            "a nudge yesterday",
            "two this week",
            "fewer",
            "unanswered",
        ],
    )
    def test_one_for_every_kind_of_message(
        self, spoken: ContactHistory | None, less: dict[str, Any], expected: datetime | None
    ) -> None:
        asked = {"is_fewer": False, "unanswered": 0, "day_start": MONDAY.replace(hour=0)} | less
        assert contact_budget.next_nudge_at(spoken, MONDAY, Rules(), **asked) == expected

    def test_a_digest_uses_it_up_as_a_nudge_does(self, usual: Stage) -> None:
        usual.hires("aino")
        usual.publishes("Storm")
        with usual.database.transaction() as session:
            deliveries.add(
                session,
                [
                    {
                        "key": f"d{number}",
                        "workspace_id": "fake:T1",
                        "employee_id": usual.person("aino").id,
                        "address": "a",
                        "kind": "digest",
                        "subject_id": None,
                        "card": None,
                        "replaces": None,
                        "cause": "",
                        "wave": "w",
                        "state": "sent",
                        "due_at": usual.now - (number + 1) * 6 * HOUR,
                        "attempts": 1,
                        "changed_at": usual.now,
                    }
                    for number in range(2)
                ],
            )
        plans_day(usual)
        assert due_at(usual) == []

    def test_six_unanswered_and_the_bot_stops_and_asks_once(self, usual: Stage) -> None:
        usual.hires("aino")
        for number in range(20):
            usual.publishes(f"Storm {number}", expires_at=None)
        lives_through(usual, 60)
        cards = usual.sees("aino")
        assert len(cards) == 7
        assert cards[-1].startswith("I’ve stopped nudging you. How would you like to go on?")
        assert lives_through(usual, 14) == {}
        usual.presses("aino", "Carry on as before")
        assert sum(lives_through(usual, 7).values()) == 2

    def test_three_unanswered_halve_the_pace(self, usual: Stage) -> None:
        usual.hires("aino")
        for number in range(20):
            usual.publishes(f"Storm {number}", expires_at=None)
        days = sorted(lives_through(usual, 35))[:6]
        gaps = [
            (datetime.fromisoformat(later) - datetime.fromisoformat(earlier)).days
            for earlier, later in zip(days, days[1:], strict=False)
        ]
        assert gaps[0] == 2
        assert min(gaps[3:]) >= 4

    def test_a_press_of_any_kind_is_an_answer(self, usual: Stage) -> None:
        usual.hires("aino")
        usual.publishes("Storm")
        lives_through(usual, 1)
        usual.presses("aino", "Not for me")
        with usual.database.transaction() as session:
            nudge = session.query(Nudge).one()
            assert nudge.acted_in_time
            assert plans.unanswered(session, [nudge.employee_id], sent_before=usual.now + DAY) == {}


class TestWhat:
    def test_campaigns_first_then_the_freshest_and_why(self, usual: Stage) -> None:
        usual.hires("aino")
        usual.publishes("Old", decided_at=TUESDAY_DAWN - 9 * DAY, created_at=TUESDAY_DAWN - 9 * DAY, topic="A")
        usual.publishes("Campaign", decided_at=TUESDAY_DAWN - 8 * DAY, priority=2, topic="B")
        usual.publishes("Fresh", topic="C")
        lives_through(usual, 9)
        assert [card.splitlines()[0] for card in usual.sees("aino")] == ["Campaign", "Fresh", "Old"]
        assert "because the comms team put it first" in usual.sees("aino")[0]
        assert "it’s the newest one you haven’t seen" in usual.sees("aino")[1]
        assert "it’s the newest one for you" in usual.sees("aino")[2]

    def test_a_topic_just_had_rests(self, usual: Stage) -> None:
        usual.hires("aino")
        for title, topic in (("One", "A"), ("Two", "A"), ("Three", "B")):
            usual.publishes(title, topic=topic)
        lives_through(usual, 3)
        first, second = ([card.splitlines()[0] for card in usual.sees("aino")] + ["", ""])[:2]
        assert {first, second} & {"Three"}

    def test_only_where_the_person_shares(self, usual: Stage) -> None:
        usual.hires("aino")
        usual.publishes("Video", channels=["youtube"])
        usual.publishes("Storm")
        lives_through(usual, 1)
        assert len(usual.sees("aino")) == 1  # whose channels are not known yet gets either


class TestTakingBack:
    @pytest.mark.parametrize("how", ["opts out", "pauses", "leaves", "is recalled", "expires"])
    def test_what_waits_is_cancelled_at_once(self, usual: Stage, how: str) -> None:
        usual.hires("aino")
        usual.hires("laura", roles=("lead",), wants=False)
        post = usual.publishes("Storm")
        plans_day(usual)
        match how:
            case "opts out":
                usual.pressed("aino", "settings.nudges_off", 0)
            case "pauses":
                usual.pressed("aino", "settings.pause", 0)
            case "leaves":
                usual.leaves("aino")
            case "is recalled":
                usual.pressed("laura", "post.recall_now", post)
            case "expires":
                usual.now += 15 * DAY
                usual.ticks()
        with usual.database.transaction() as session:
            row = session.query(Delivery).where(Delivery.kind == "nudge").one()
            assert row.state == DeliveryState.CANCELLED
            assert row.reason
            assert session.query(Nudge).count() == 0
        usual.now += 8 * HOUR
        usual.sends()
        assert usual.sees("aino") == [] or how in ("opts out", "pauses")

    def test_what_was_leaving_when_its_post_was_recalled_says_so(self, usual: Stage) -> None:
        usual.hires("aino")
        post = usual.publishes("Storm")
        plans_day(usual)
        usual.now = due_at(usual)[0]
        with usual.database.transaction() as session:
            rows = deliveries.due_in_wave(session, session.query(Delivery).one().wave, now=usual.now, limit=9)
            sending = usual.waves._sending
            ready, _confidential = sending.prepare(session, rows, holder="stage", installed={WORKSPACE})
        usual.hires("laura", roles=("lead",), wants=False)
        usual.pressed("laura", "post.recall_now", post)
        sent_results = usual.run(sending.send(ready[0]))
        with usual.database.transaction() as session:
            sending.settle(session, [sent_results])
        usual.sends()
        assert usual.sees("aino")[0].startswith("Withdrawn")


class TestTheNoNudgeShare:
    def test_a_fifth_of_person_weeks_stays_without_but_never_the_first(self, sqlite: Database) -> None:
        with Stage(sqlite, **USUAL | {"no_nudge_share": 0.2}) as stage:
            stage.now = TUESDAY_DAWN
            for number in range(80):
                stage.hires(f"u{number}")
            stage.publishes("Storm", expires_at=None)
            for _week in range(6):
                plans_day(stage)
                stage.now += 7 * DAY
            with stage.database.transaction() as session:
                weeks = session.query(NudgeWeek).all()
            first = [week for week in weeks if week.policy == "first"]
            later = [week for week in weeks if week.policy != "first"]
            assert len(first) == 80
            assert all(week.arm != ExperimentArm.NONE for week in first)
            assert len(later) == 400
            assert 50 <= sum(week.arm == ExperimentArm.NONE for week in later) <= 112  # 80, four standard deviations

    def test_the_plan_says_why_nothing_comes(self, usual: Stage) -> None:
        usual.hires("aino")
        usual.hires("mikko")
        changes(usual, "mikko", away_until=TUESDAY_DAWN + DAY)
        with usual.database.transaction() as session:
            people, _more = plans.candidates(session, planned_before=None, zone="", after_id=0, limit=10)
            job = replace(usual.dependencies, rules=Rules(no_nudge_share=0.0)).job(session)
            assert [item.reason for item in plan.decide(job, people)] == ["nothing new", "away"]
            session.rollback()


def test_arrivals_are_noted_on_both_engines(stage_on_both: Stage) -> None:
    stage_on_both.hires("aino")
    stage_on_both.publishes("Storm")
    stage_on_both.ticks()
    with stage_on_both.database.transaction() as session:
        nudge = session.query(Nudge).one()
        assert (nudge.state, nudge.sent_at, nudge.workspace_id) == (NudgeState.SENT, stage_on_both.now, "fake:T1")
        assert nudge.message
        assert (
            plans.spoken_to(session, [nudge.employee_id], {"nudge"}, since=MONDAY - DAY, week_from=MONDAY)[
                nudge.employee_id
            ].times
            == 1
        )
        assert plans.slot_means(session, since=MONDAY - DAY, until=MONDAY + DAY) == {(None, nudge.slot): (0, 1)}


def test_a_slice_of_people_whom_nothing_reaches_hides_no_others(usual: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "SLICE", 3)
    for user in ("a", "b", "c", "aino"):
        usual.hires(user)
    with usual.database.transaction() as session:
        session.query(Identity).filter(Identity.user != "aino").update({"state": IdentityState.PARKED})
    usual.publishes("Storm")
    plans_day(usual)
    with usual.database.transaction() as session:
        planned = [nudge.employee_id for nudge in session.query(Nudge)]
    assert planned == [usual.person("aino").id]
