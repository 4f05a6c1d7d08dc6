"""Working weeks and holidays by country and region, whatever the time zone is called."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo, available_timezones

import pytest

from bot.core.rules import Rules
from bot.core.working_time import (
    after_working_hours,
    country_of,
    is_day_off,
    is_holiday,
    is_known_place,
    is_quiet,
    is_rest,
    is_working_day,
    working_days,
)

EPIPHANY, SUNDAY, FRIDAY = date(2026, 1, 6), date(2026, 11, 29), date(2026, 11, 27)
WEEK = frozenset(range(7))


@pytest.mark.parametrize(
    ("country", "weekend"),
    [("FI", {5, 6}), ("IL", {4, 5}), ("SA", {4, 5}), ("AE", {5, 6}), ("IR", {4}), ("IN", {6}), (None, {5, 6}), ("XX", {5, 6})],
)  # fmt: skip
def test_each_country_has_its_working_week(country: str | None, weekend: set[int]) -> None:
    assert working_days(country) == WEEK - weekend


def test_a_region_has_holidays_of_its_own() -> None:
    assert is_holiday("DE-BY", EPIPHANY)
    assert not is_holiday("DE-BE", EPIPHANY)
    assert not is_holiday("DE", EPIPHANY)
    assert is_holiday("DE-BY", date(2026, 10, 3))  # and those of the country
    assert not is_holiday("DE-NOWHERE", EPIPHANY)
    assert working_days("DE-BY") == working_days("DE")
    assert [is_known_place(place) for place in ("DE", "DE-BY", "DE-", "DE-XX", "XX", "")] == [
        True,
        True,
        False,
        False,
        False,
        False,
    ]


@pytest.mark.parametrize(
    ("older", "country"),
    [("Asia/Calcutta", "IN"), ("US/Pacific", "US"), ("Europe/Kiev", "UA"), ("GB", "GB"), ("Turkey", "TR"), ("Etc/UTC", None)],
)  # fmt: skip
def test_an_older_name_of_a_zone_is_of_the_same_country(older: str, country: str | None) -> None:
    assert country_of(None, older) == country
    assert country_of("FI", older) == "FI"


def test_nearly_every_zone_has_a_country() -> None:
    without = {zone for zone in available_timezones() if country_of(None, zone) is None}
    named = {zone for zone in without if "/" in zone and not zone.startswith("Etc/")}
    assert len(named) < 3, named


def test_a_sunday_is_worked_where_friday_is_not() -> None:
    assert is_working_day("IL", SUNDAY)
    assert not is_working_day("IL", FRIDAY)
    noon = datetime(2026, 11, 27, 10, tzinfo=UTC)
    assert is_day_off(noon, time_zone="Asia/Jerusalem", country=None)
    assert is_quiet(noon, time_zone="Asia/Jerusalem", country=None, rules=Rules())
    assert not is_quiet(noon, time_zone="Europe/Helsinki", country=None, rules=Rules())
    assert is_rest("IL", FRIDAY)
    assert not is_rest("FI", date(2026, 11, 28))  # a Saturday: nudge days are for the organisation to choose


def test_an_owners_hours_are_those_of_their_week() -> None:
    thursday = datetime(2026, 11, 26, 14, 30, tzinfo=UTC)  # 16:30 in Jerusalem: half an hour is left
    due = after_working_hours(thursday, 1.0, time_zone="Asia/Jerusalem", country=None, office=(9, 17))
    assert due == datetime(2026, 11, 29, 7, 30, tzinfo=UTC)  # Sunday
    there = after_working_hours(thursday, 1.0, time_zone="Europe/Helsinki", country=None, office=(9, 17))
    assert there == datetime(2026, 11, 27, 7, 30, tzinfo=UTC)  # Friday


@pytest.mark.parametrize(("office", "due"), [((0, 24), "2026-11-27T01:00"), ((8, 24), "2026-11-27T09:00")])
def test_office_hours_may_last_until_midnight(office: tuple[int, int], due: str) -> None:
    thursday = datetime(2026, 11, 26, 23, 30, tzinfo=ZoneInfo("Europe/Helsinki"))
    found = after_working_hours(thursday, 1.5, time_zone="Europe/Helsinki", country=None, office=office)
    assert found.astimezone(ZoneInfo("Europe/Helsinki")).isoformat()[:16] == due
