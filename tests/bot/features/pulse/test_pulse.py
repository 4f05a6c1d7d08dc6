"""A round of the pulse, as people meet it: asked, tapped, closed, published, read; and whatever may go wrong."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.core.context import Effect, Job
from bot.core.events import Pressed
from bot.features.pulse.domain import noisy_sums, results
from bot.features.pulse.jobs.closing import close_rounds
from storage.delivery.deliveries import Delivery
from storage.people import employees, organisation
from storage.people.organisation import Unit
from storage.pulse import rounds, statements
from storage.pulse.privacy_spending import Spending
from storage.pulse.round_store import Ballot, RoundOver
from storage.pulse.rounds import AskedStatement, NoFigures, Round, RoundState
from tests.sizes import size
from tests.stage import WORKSPACE, Stage

PEOPLE = [f"p{number}" for number in range(8)]
CROWD = [f"c{number}" for number in range(32)]  # so that something can be said


@pytest.fixture
def asked(stage: Stage) -> Stage:
    return begins(stage)


def begins(stage: Stage) -> Stage:
    """Eight people and a lead, in a round that is open, each with an invitation."""
    for user in PEOPLE:
        stage.hires(user, unit="Sales")
    stage.opens_a_round(unit="Communications")
    stage.ticks(minutes=8 * 60)
    return stage


@pytest.fixture
def crowd(stage: Stage) -> Stage:
    return begins_with_many(stage)


def begins_with_many(stage: Stage) -> Stage:
    """As `begins`, with enough people for figures."""
    for user in CROWD:
        stage.hires(user, unit="Sales")
    return begins(stage)


def all_say(stage: Stage, value: int) -> None:
    """Everybody of the crowd answers everything alike; not by taps, for there are many."""
    people, ratings = [stage.person(user) for user in CROWD], {item.id: value for item in asked_of(stage)}
    said = [Ballot(person.id, person.unit_id or 0, ratings, has_answered=True) for person in people]
    stage.ballots.put(the_round(stage).id, said)


def test_one_press_asks_nobody(stage: Stage) -> None:
    """What everybody is asked, and what a year's budget pays for, is not set off by a slip of the finger."""
    stage.hires("laura", roles=["employee", "lead"])
    stage.hires("aino")
    stage.types("laura", "pulse")
    stage.presses("laura", "Open a round")
    assert "Open a round now?" in stage.sees("laura")[-1]
    stage.presses("laura", "Not now")
    stage.ticks(minutes=8 * 60)
    assert stage.sees("aino") == []
    with stage.database.transaction() as session:
        assert rounds.newest(session) is None
    assert "There hasn’t been a round yet." in stage.sees("laura")[-1]


def opens(stage: Stage) -> None:
    stage.types("laura", "pulse")
    stage.presses("laura", "Open a round")
    stage.presses("laura", "Yes, open it")
    stage.ticks()
    stage.ticks(minutes=8 * 60)


def gives(stage: Stage, user: str, label: str) -> None:
    """Answer everything with the same tap."""
    stage.presses(user, "Answer")
    for _ in range(6):
        if "Thank you!" in stage.sees(user)[-1]:
            return
        stage.presses(user, label)
    raise AssertionError(stage.sees(user)[-1])


def gives_the_rest(stage: Stage, user: str, label: str) -> None:
    """The same tap until thanked."""
    while "Thank you!" not in stage.sees(user)[-1]:
        stage.presses(user, label)


def closes(stage: Stage) -> None:
    stage.types("laura", "pulse")
    stage.presses("laura", "Close the round now")
    stage.presses("laura", "Yes, close it")
    stage.ticks()


def publishes(stage: Stage) -> None:
    stage.types("laura", "pulse")
    stage.submits(
        "laura", stage.presses("laura", "Publish a result…").form, result_en="Thanks.", action_en="More soon."
    )


def the_round(stage: Stage) -> Round:
    with stage.database.transaction() as session:
        row = rounds.newest(session)
        assert row is not None
        return row


def rows(stage: Stage, table: Any) -> list[Any]:
    with stage.database.transaction() as session:
        return list(session.scalars(select(table)).unique())


def ballots(stage: Stage) -> list[Ballot]:
    """Of everybody who is asked; nothing once that is over."""
    try:
        return stage.ballots.everybody(the_round(stage).id)
    except RoundOver:
        return []


def asked_of(stage: Stage) -> list[AskedStatement]:
    """What everybody is asked in the newest round."""
    with stage.database.transaction() as session:
        return rounds.asked_of(session, the_round(stage).id)


def test_asked_tapped_thanked_closed_published_read(stage_on_both: Stage) -> None:
    stage = begins_with_many(stage_on_both)
    assert "How are we doing on social media?" in stage.sees("p0")[-1]
    for user in PEOPLE[:7]:
        gives(stage, user, "Agree")
    all_say(stage, 4)
    closes(stage)
    row = the_round(stage)
    assert (row.state, stage.ballots.rounds()) == (RoundState.CLOSED, [])
    assert not [sent for sent in rows(stage, Delivery) if sent.kind in ("pulse", "pulse_reminder")]
    told = stage.sees("laura")[-1]
    assert "The round is closed" in told
    assert "of 41 people answered." in told
    stage.presses("laura", "Publish this")
    stage.presses("laura", "Yes, publish")
    assert the_round(stage).state == RoundState.PUBLISHED
    stage.types("p7", "pulse")
    assert "You said: " in stage.sees("p7")[-1]
    assert "What we’re doing: " in stage.sees("p7")[-1]
    assert [(spent.round_id, spent.factor, round(spent.cost, 5)) for spent in rows(stage, Spending)] == [
        (row.id, row.factor, 0.16625)
    ]


def test_what_is_kept_is_noisy_and_drawn_once(crowd: Stage) -> None:
    all_say(crowd, 5)
    closes(crowd)
    row = the_round(crowd)
    sums = noisy_sums.from_json(row.release)
    assert sums.people == {crowd.person("p0").unit_id: 40, crowd.person("laura").unit_id: 1}
    assert sums.statements.keys() == {item.statement_id for item in asked_of(crowd)}
    exact = {unit: (0.5 * number, number) for unit, number in ((crowd.person("p0").unit_id, 32), (0, 0))}
    assert all((sums.units[unit].total, sums.units[unit].count) != both for unit, both in exact.items() if unit)
    crowd.ticks()
    crowd.ticks(minutes=60)
    assert the_round(crowd).release == row.release
    with crowd.database.transaction() as session:
        assert results.response(row) == results.response(session.get_one(Round, row.id))


def test_a_year_has_room_for_so_many_rounds_and_not_for_one_more(asked: Stage) -> None:
    closes(asked)
    with asked.database.transaction() as session:
        row = session.get_one(Round, the_round(asked).id)
        for number in range(24):
            session.add(
                Round(
                    id=row.id + 100 + number,
                    cycle=row.cycle,
                    number=number + 1,
                    factor="goals",
                    opened_at=asked.now,
                    remind_at=asked.now,
                    closes_at=asked.now,
                    tree=[],
                    state=RoundState.PUBLISHED,
                )
            )
            session.flush()
            session.add(Spending(round_id=row.id + 100 + number, factor="goals", cost=0.16625, at=asked.now))
    asked.types("laura", "pulse")
    asked.pressed("laura", "round.open", 0)
    assert "The next one can open on " in asked.sees("laura")[-1]
    assert the_round(asked).state == RoundState.PUBLISHED


class TestAsking:
    def test_everybody_is_asked_the_same_area(self, asked: Stage) -> None:
        items = asked_of(asked)
        assert {item.statement.factor for item in items} == {the_round(asked).factor}
        assert len(items) in (2, 3)

    def test_newcomers_the_absent_and_those_who_refused_are_not_asked(self, asked: Stage) -> None:
        stage = asked
        gives(stage, "p0", "Agree")
        closes(stage)
        publishes(stage)
        stage.now += timedelta(days=14)
        stage.hires("newcomer", unit="Sales")
        stage.types("p1", "settings")
        stage.presses("p1", "Stop pulse questions")
        with stage.database.transaction() as session:
            person = employees.employee(session, stage.person("p2").id)
            assert person is not None
            person.away_until = stage.now + timedelta(days=9)
        stage.now = stage.now.replace(hour=8)
        opens(stage)
        invited = {ballot.person for ballot in ballots(stage)}
        left_out = {stage.person(user).id for user in ("newcomer", "p1", "p2")}
        assert invited & left_out == set()
        assert stage.person("p3").id in invited

    def test_one_reminder_on_the_third_day_to_those_alone_who_have_not_answered(self, asked: Stage) -> None:
        stage = asked
        gives(stage, "p0", "Agree")
        for _ in range(4):
            stage.ticks(minutes=24 * 60)
        assert [len([said for said in stage.sees(user) if "How are we doing" in said]) for user in ("p0", "p1")] == [
            0,
            2,
        ]

    def test_it_is_told_before_the_first_question_who_sees_what(self, asked: Stage) -> None:
        asked.presses("p0", "Who sees what?")
        notice = asked.sees("p0")[-1]
        assert "write to Laura if you object" in notice
        assert "A comment is kept as text" in notice
        assert "at most 62 of 100 cases" in notice
        assert "noise is added to the sums" in notice
        assert "can’t be changed" in notice

    def test_quiet_hours_and_the_budget_hold(self, stage: Stage) -> None:
        usual = stage.hires("aino")
        stage.opens_a_round()
        stage.ticks(minutes=8 * 60)
        with stage.database.transaction() as session:
            row = session.scalars(select(Delivery).where(Delivery.kind == "pulse", Delivery.employee_id == usual)).one()
            assert 7 <= row.due_at.hour < 14  # 9–16 in Helsinki

    def test_the_next_round_waits_for_a_result_and_then_opens_by_itself(self, asked: Stage) -> None:
        stage = asked
        for user in PEOPLE:
            gives(stage, user, "Agree")
        closes(stage)
        stage.now += timedelta(days=14)
        stage.ticks()
        first = the_round(stage)
        assert first.state == RoundState.CLOSED  # nothing was published: no new round
        stage.pressed("laura", "round.open", 0)
        assert "First publish its result" in stage.sees("laura")[-1]
        publishes(stage)
        stage.now = stage.now.replace(hour=9)
        stage.ticks()
        second = the_round(stage)
        assert (second.number, second.cycle_id, second.state) == (1, first.cycle_id, "open")
        stage.ticks(minutes=8 * 60)
        assert "Last time you said: " in stage.sees("p0")[-1]


class TestAnswering:
    def test_no_answer_is_echoed(self, asked: Stage) -> None:
        gives(asked, "p0", "Strongly agree")
        assert all("Strongly agree" not in said for said in asked.sees("p0"))

    def test_the_last_tap_counts_and_answers_can_be_changed_and_erased(self, asked: Stage) -> None:
        stage, person = asked, asked.person("p0").id
        gives(stage, "p0", "Agree")
        stage.presses("p0", "Change my answers")
        stage.presses("p0", "Disagree")
        ballot = stage.ballots.ballot(the_round(stage).id, person)
        assert ballot is not None
        assert sorted(ballot.ratings.values()) == [2, *[4] * (len(ballot.ratings) - 1)]
        stage.types("p0", "pulse")
        while "Thank you!" not in stage.sees("p0")[-1]:
            stage.presses(
                "p0",
                "Change my answers" if "how we’re doing on social media" in stage.sees("p0")[-1] else "Keep my answer",
            )
        stage.presses("p0", "Erase my answers")
        assert stage.ballots.ballot(the_round(stage).id, person) == Ballot(person, stage.person("p0").unit_id or 0)

    def test_what_was_answered_is_kept_unless_it_is_changed_and_a_break_is_gone_on_from(self, asked: Stage) -> None:
        stage, person = asked, asked.person("p0").id
        stage.presses("p0", "Answer")
        stage.presses("p0", "Agree")
        stage.types("p0", "pulse")
        stage.presses("p0", "Change my answers")
        assert "2 of " in stage.sees("p0")[-1]  # it goes on where it was left
        gives_the_rest(stage, "p0", "Disagree")
        before = stage.ballots.ballot(the_round(stage).id, person)
        stage.presses("p0", "Change my answers")
        gives_the_rest(stage, "p0", "Keep my answer")
        assert stage.ballots.ballot(the_round(stage).id, person) == before

    def test_a_comment_is_not_forgotten_and_can_be_changed(self, asked: Stage) -> None:
        stage = asked
        gives(stage, "p0", "Agree")
        form = stage.presses("p0", "Add a comment…").form
        stage.submits("p0", form, stage.newest("p0"), text="More pictures")
        stage.presses("p0", "Change my answers")
        gives_the_rest(stage, "p0", "Keep my answer")
        assert "Your comment is saved" in stage.sees("p0")[-1]
        form = stage.presses("p0", "Change my comment…").form
        assert form.fields[0].value == "More pictures"
        stage.submits("p0", form, stage.newest("p0"), text="  ")
        assert "Your comment is saved" in stage.sees("p0")[-1]
        assert [ballot.comment for ballot in ballots(stage) if ballot.comment] == ["More pictures"]

    def test_who_stops_and_starts_again_can_answer_at_once(self, asked: Stage) -> None:
        asked.presses("p0", "Don’t ask me again")
        asked.presses("p0", "Ask me again")
        gives(asked, "p0", "Agree")

    @pytest.mark.in_turn
    @pytest.mark.timeout(500)
    def test_a_thousand_people_tap_five_times_at_once(self, stage: Stage) -> None:
        """Exactly one answer each, the last one."""
        people = size(150, 1000)
        for number in range(people):
            stage.hires(f"p{number}", unit="Sales")
        stage.opens_a_round()
        row, ids = the_round(stage), {f"p{number}": 0 for number in range(people)}
        with stage.database.transaction() as session:
            for user in ids:
                ids[user] = employees.identity(session, WORKSPACE, user).employee_id  # type: ignore[union-attr]
            asked = rounds.asked_of(session, row.id)

        async def taps(user: str) -> None:
            for item in asked:
                await taps_on(user, item)

        async def taps_on(user: str, item: AskedStatement) -> None:
            presses = [
                Pressed(
                    workspace=WORKSPACE,
                    user=user,
                    address=f"{WORKSPACE}:{user}",
                    keys=(f"{user}:{item.id}:{tap}",),
                    action=f"pulse.rate_{tap}",
                    ref=item.id,
                    message=None,
                )
                for tap in range(1, 6)
            ]
            await asyncio.gather(*(stage.shell.handle(press, in_place=True) for press in presses))

        async def everybody() -> None:
            await asyncio.gather(*(taps(user) for user in ids))

        stage.run(everybody())
        answered = [ballot for ballot in stage.ballots.everybody(row.id) if ballot.has_answered]
        assert {ballot.person for ballot in answered} == set(ids.values())
        assert all(ballot.ratings == {item.id: 5 for item in asked} for ballot in answered)


def test_closing_and_publishing_ask_once(crowd: Stage) -> None:
    stage = crowd
    all_say(stage, 4)
    stage.types("laura", "pulse")
    stage.presses("laura", "Close the round now")
    assert the_round(stage).state == "open"
    stage.presses("laura", "Leave it open")
    assert the_round(stage).state == "open"
    stage.presses("laura", "Close the round now")
    stage.presses("laura", "Yes, close it")
    stage.ticks()
    stage.ticks(1)
    stage.presses("laura", "Publish this")
    assert the_round(stage).state == "closed"
    stage.presses("laura", "Not yet")
    assert the_round(stage).state == "closed"
    stage.presses("laura", "Publish this")
    stage.presses("laura", "Yes, publish")
    assert the_round(stage).state == "published"


def test_a_round_with_too_few_answers_offers_nothing_that_was_said_before(crowd: Stage) -> None:
    stage = crowd
    all_say(stage, 4)
    stage.types("laura", "pulse")
    stage.presses("laura", "Close the round now")
    stage.presses("laura", "Yes, close it")
    stage.ticks()
    stage.ticks(1)
    stage.presses("laura", "Publish this")
    stage.presses("laura", "Yes, publish")
    said = the_round(stage).result
    stage.types("laura", "pulse")
    stage.presses("laura", "Open a round")
    stage.presses("laura", "Yes, open it")
    stage.ticks()
    stage.types("laura", "pulse")
    stage.presses("laura", "Close the round now")
    stage.presses("laura", "Yes, close it")
    stage.ticks()
    stage.ticks(1)
    offered = stage.sees("laura")[-1]
    assert "Too few people answered to show a result" in offered
    assert said["en"] not in offered
    assert "Publish this" not in offered
    form = stage.presses("laura", "Write it yourself…").form
    assert not any(field.value for field in form.fields)
    stage.pressed("laura", "round.publish_now", the_round(stage).id)  # an older card
    assert the_round(stage).state == "closed"


class TestBadInput:
    def test_a_tap_after_the_close(self, asked: Stage) -> None:
        stage, item = asked, asked_of(asked)[0]
        gives(stage, "p0", "Agree")
        closes(stage)
        stage.presses("p0", "Change my answers")  # on the card of before, which is replaced
        assert "That round is over" in stage.sees("p0")[-1]
        assert not any("Change my answers" in said for said in stage.sees("p0"))
        stage.pressed("p0", "pulse.rate_1", item.id)
        assert "That round is over" in stage.sees("p0")[-1]
        stage.presses("p0", "See the results")
        stage.presses("p0", "Who sees what?")  # a question that comes afterwards, too
        assert "noise is added to the sums" in stage.sees("p0")[-1]
        assert the_round(stage).state == "closed"

    def test_after_its_hour_nothing_is_taken_even_before_the_close_is_carried_out(self, asked: Stage) -> None:
        item = asked_of(asked)[0]
        asked.now = the_round(asked).closes_at
        asked.pressed("p0", "pulse.rate_1", item.id)
        assert "That round is over" in asked.sees("p0")[-1]

    def test_a_tap_by_someone_who_is_not_asked(self, asked: Stage) -> None:
        asked.hires("late", unit="Sales")
        asked.pressed("late", "pulse.rate_1", asked_of(asked)[0].id)
        assert "You’re not part of this round" in asked.sees("late")[-1]

    @pytest.mark.parametrize("action", ["pulse.rate_0", "pulse.rate_6", "pulse.rate_-1", "pulse.rate_", "pulse.99"])
    def test_a_forged_value(self, asked: Stage, action: str) -> None:
        asked.pressed("p0", action, asked_of(asked)[0].id)
        assert not any(ballot.ratings or ballot.has_answered for ballot in ballots(asked))

    def test_a_forged_statement(self, asked: Stage) -> None:
        asked.pressed("p0", "pulse.rate_1", 999_999)
        assert "That round is over" in asked.sees("p0")[-1]
        assert not any(ballot.ratings or ballot.has_answered for ballot in ballots(asked))

    def test_only_leads_open_close_and_publish(self, asked: Stage) -> None:
        for action in (
            "round.open",
            "round.open_now",
            "round.close",
            "round.publish",
            "pulse_view.units",
            "pulse_view.comments",
        ):
            asked.pressed("p0", action, the_round(asked).id)
            assert "Only comms leads can do that" in asked.sees("p0")[-1]
        assert the_round(asked).state == "open"

    def test_a_statement_retired_in_mid_round_is_passed_over_and_left_out(self, asked: Stage) -> None:
        stage, item = asked, asked_of(asked)[0]
        for user in PEOPLE[:7]:
            gives(stage, user, "Agree")
        with stage.database.transaction() as session:
            retired = statements.statement(session, item.statement_id)
            assert retired is not None
            retired.retired_at = stage.now
        stage.presses("p7", "Answer")
        text = item.wording.text("en")
        assert text not in stage.sees("p7")[-1]
        closes(stage)
        assert item.statement_id not in noisy_sums.from_json(the_round(stage).release).statements

    def test_a_unit_that_is_merged_between_rounds(self, asked: Stage) -> None:
        stage = asked
        for user in PEOPLE:
            gives(stage, user, "Agree")
        closes(stage)
        publishes(stage)
        with stage.database.transaction() as session:
            sales = session.scalars(select(Unit).where(Unit.name == "Sales")).one()
            field = organisation.unit(session, "Field and sales")
            for person in employees.active(session):
                if person.unit_id == sales.id:
                    person.unit = field
        stage.now += timedelta(days=14)
        stage.now = stage.now.replace(hour=8)
        stage.ticks()
        stage.ticks(minutes=8 * 60)
        for user in PEOPLE:
            gives(stage, user, "Disagree")
        closes(stage)
        assert field.id in noisy_sums.from_json(the_round(stage).release).units

    def test_a_close_that_was_cut_off_is_done_again_with_the_same_draw(
        self, crowd: Stage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        all_say(crowd, 4)
        drawn, draw = [], noisy_sums.draw

        def noted(*given: Any) -> noisy_sums.NoisySums:
            made = draw(*given)
            drawn.append(noisy_sums.to_json(made))
            return made

        monkeypatch.setattr(noisy_sums, "draw", noted)
        with crowd.database.transaction() as session:
            rounds.newest(session).begin_closing()  # type: ignore[union-attr]

        def dies(_job: Job) -> list[Effect]:
            close_rounds(_job)
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            crowd.run(crowd.shell.run_job(dies))
        row = the_round(crowd)
        assert (row.state, row.release, row.reading, rows(crowd, Spending)) == ("closing", None, None, [])
        assert len(drawn) == 1
        crowd.ticks()
        assert (the_round(crowd).state, len(rows(crowd, Spending))) == ("closed", 1)
        assert [the_round(crowd).release] == drawn  # what a failed transaction wrote stays in a log: never another draw

    def test_a_missed_close_is_made_up_for_at_the_first_tick(self, asked: Stage) -> None:
        stage = asked
        gives(stage, "p0", "Agree")
        stage.now = stage.now.replace(year=2028)  # the bot was down for a year; the round was still open
        stage.ticks()
        assert (the_round(stage).state, stage.ballots.rounds()) == (RoundState.CLOSED, [])

    def test_answers_that_were_lost_end_the_round_without_figures(self, asked: Stage) -> None:
        """A crash of PostgreSQL empties the store; here it is erased."""
        stage = asked
        gives(stage, "p0", "Agree")
        stage.ballots.erase(the_round(stage).id)
        stage.presses("p0", "Change my answers")
        assert "That round is over" in stage.sees("p0")[-1]
        stage.ticks()
        stage.ticks(1)
        row = the_round(stage)
        assert (row.state, row.no_figures, row.release, rows(stage, Spending)) == ("closed", NoFigures.LOST, None, [])
        assert "were lost" in stage.sees("laura")[-1]
        publishes(stage)
        assert the_round(stage).state == "published"

    def test_a_budget_that_was_lowered_ends_the_round_without_figures(self, crowd: Stage) -> None:
        stage = crowd
        all_say(stage, 4)
        rules = replace(stage.dependencies.rules, pulse_budget=0.1)
        stage.dependencies = replace(stage.dependencies, rules=rules)
        stage.shell = stage._application()
        closes(stage)
        stage.ticks(1)
        row = the_round(stage)
        assert (row.state, row.no_figures, row.release) == ("closed", NoFigures.BUDGET, None)
        assert stage.ballots.rounds() == []
        assert "was lowered" in stage.sees("laura")[-1]

    def test_a_budget_that_is_less_than_one_round_costs(self, stage: Stage) -> None:
        stage.hires("laura", roles=["employee", "lead"])
        rules = replace(stage.dependencies.rules, pulse_budget=0.1)
        stage.dependencies = replace(stage.dependencies, rules=rules)
        stage.shell = stage._application()
        stage.types("laura", "pulse")
        stage.presses("laura", "Open a round")
        assert "less than one round needs" in stage.sees("laura")[-1]

    def test_a_round_that_is_closed_before_anybody_was_asked(self, stage: Stage) -> None:
        stage.hires("laura", roles=["employee", "lead"])
        stage.now = stage.now.replace(hour=8)
        stage.types("laura", "pulse")
        stage.presses("laura", "Open a round")
        stage.presses("laura", "Yes, open it")
        closes(stage)
        assert (the_round(stage).state, the_round(stage).no_figures) == ("closed", NoFigures.NOBODY)
        assert stage.ballots.rounds() == []


class TestComments:
    def test_empty_huge_and_dangerous(self, asked: Stage) -> None:
        stage = asked
        gives(stage, "p0", "Agree")
        form = stage.presses("p0", "Add a comment…").form
        stage.submits("p0", form, stage.newest("p0"), text="  ")
        assert not any(ballot.comment for ballot in ballots(stage))
        again = stage.submits("p0", form, stage.newest("p0"), text="=HYPERLINK(1) " + "x" * 1_000_000).form
        assert again.errors == (("text", "Write at most 500 characters."),)
        stage.submits("p0", again, stage.newest("p0"), text="=HYPERLINK(1) " + "x" * 400)
        (words,) = [ballot.comment for ballot in ballots(stage) if ballot.comment]
        assert len(words) == 414

    def test_they_are_shown_only_when_enough_wrote_and_masked(self, stage: Stage) -> None:
        people = [f"p{number}" for number in range(12)]
        for user in [*people, *CROWD]:
            stage.hires(user, unit="Sales")
        stage.opens_a_round()
        stage.ticks(minutes=8 * 60)
        for number, user in enumerate(people):
            gives(stage, user, "Agree")
            if number < 5:
                form = stage.presses(user, "Add a comment…").form
                said = f"Laura is the owner, {number}: a@b.fi, @mikko"
                seen = stage.submits(user, form, stage.newest(user), text=said).form
                assert seen is not None
                assert seen.fields[0].value == f"▒▒▒ is the owner, {number}: ▒▒▒, ▒▒▒"
                assert len([ballot for ballot in ballots(stage) if ballot.comment]) == number  # not kept yet
                stage.submits(user, seen, stage.newest(user), text=seen.fields[0].value)
        all_say(stage, 4)
        closes(stage)
        stage.pressed("laura", "pulse_view.comments", 0)
        shown = stage.sees("laura")[-1]
        assert shown.count("▒▒▒ is the owner") == 5
        assert "Laura" not in shown
        assert "a@b.fi" not in shown
        assert shown.splitlines()[1] == "Ownership"

        stage.types(people[0], "pulse")
        assert "Answers to comments" not in stage.sees(people[0])[-1]  # nobody has answered one
        form = stage.presses("laura", "Answer for everybody…").form
        stage.submits("laura", form, stage.newest("laura"), answer="Laura and Mikko do.")
        assert "Our answer: Laura and Mikko do." in stage.sees("laura")[-1]
        stage.types(people[0], "pulse")
        stage.presses(people[0], "Answers to comments")
        told = stage.sees(people[0])[-1]
        assert told.count("▒▒▒ is the owner") == 1
        assert "Our answer: Laura and Mikko do." in told
        for wrong in (" ", "x" * 601):
            form = stage.presses("laura", "Change the answer…").form
            assert stage.submits("laura", form, stage.newest("laura"), answer=wrong).form.errors
        stage.presses("laura", "Take the answer back")
        stage.pressed(people[0], "pulse_view.answers", 0)
        assert "No comment has been answered yet" in stage.sees(people[0])[-1]

    def test_only_leads_answer_and_only_what_is_there(self, asked: Stage) -> None:
        asked.pressed("p0", "comment.answer", 1)
        assert "Only comms leads can do that" in asked.sees("p0")[-1]
        asked.pressed("laura", "comment.answer", 99)
        assert "no longer kept" in asked.sees("laura")[-1]
        asked.pressed("p0", "pulse_view.answers", 0)
        assert "No comment has been answered yet" in asked.sees("p0")[-1]
