"""Reminders of a question or a mention: each is sent once, in the order of their times."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.features.escalation.domain.reminders import Case, Moments, newly_due, next_reminder, settled_already
from storage.mentions.listening import Mention
from storage.people.employees import Employee
from storage.questions.questions import Question

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def moments(*hours: float | None) -> Moments:
    return [(f"r{number}", NOON + hour * HOUR if hour is not None else None) for number, hour in enumerate(hours)]


@pytest.mark.parametrize("kind", [Question, Mention])
def test_each_is_due_once_and_the_case_is_looked_at_again_at_the_next(kind: type[Case]) -> None:
    case, times = kind(reminded=[]), moments(4, 1, None)
    assert next_reminder(case, times) == NOON + HOUR
    assert newly_due(case, times, NOON) == []
    assert newly_due(case, times, NOON + HOUR) == ["r1"]
    assert case.look_at == NOON + 4 * HOUR
    assert newly_due(case, times, NOON + 2 * HOUR) == []
    assert newly_due(case, times, NOON + 9 * HOUR) == ["r0"]
    assert (case.reminded, case.look_at) == (["r1", "r0"], None)


def test_after_an_outage_all_that_fell_due_comes_at_once_in_order() -> None:
    case = Question(reminded=[])
    assert newly_due(case, moments(3, 1, 2), NOON + 9 * HOUR) == ["r1", "r2", "r0"]


@given(
    hours=st.lists(st.none() | st.floats(-50, 50), max_size=4),
    ticks=st.lists(st.floats(-60, 60), min_size=1).map(sorted),
)
def test_whenever_the_clock_looks_nothing_is_said_twice_early_or_never(
    hours: list[float | None], ticks: list[float]
) -> None:
    case, times = Mention(reminded=[]), moments(*hours)
    for tick in ticks:
        now = NOON + tick * HOUR
        fresh = newly_due(case, times, now)
        assert all(moment is not None and moment <= now for kind, moment in times if kind in fresh)
        assert case.look_at is None or case.look_at > now
    due = {kind for kind, moment in times if moment is not None and moment <= NOON + ticks[-1] * HOUR}
    assert (set(case.reminded), len(case.reminded)) == (due, len(due))


def test_who_comes_second_hears_who_was_first_and_gets_the_words_back() -> None:
    mikko, laura = Employee(name="Mikko"), Employee(name="Laura")
    gone = settled_already(mikko, laura, kept="My answer")
    assert (gone.values["owner"], gone.kept) == ("Mikko", "My answer")
    assert settled_already(None, laura).kept == ""


def test_who_presses_twice_is_not_told_that_they_were_faster() -> None:
    mikko = Employee(name="Mikko")
    gone = settled_already(mikko, mikko, kept="My answer")
    assert ("faster" in gone.args[0], gone.kept) == (False, "My answer")
