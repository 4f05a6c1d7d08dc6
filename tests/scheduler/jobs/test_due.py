"""Zone-aware arithmetic: every zone, every half-hour of the night (in full: of the day), two years; jumps of the clock;
what is made up for."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from importlib.resources import files
from pathlib import Path
from zoneinfo import TZPATH, ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.schedule import Daily, Every, Weekly
from scheduler.jobs.due import due, moment, occurrences
from tests.sizes import size

START, DAYS = date(2026, 11, 1), size(366, 730)
HALF_HOURS = [time(minute // 60, minute % 60) for minute in range(0, 24 * 60, 30)]
TRIED = size([at for at in HALF_HOURS if not 4 <= at.hour < 23], HALF_HOURS)  # clocks change at night
DAY = timedelta(days=1)


def rules_of(zone: str) -> bytes:
    """The zone's compiled rules: two names with the same ones are one zone."""
    for folder in TZPATH:
        if (path := Path(folder, zone)).is_file():
            return path.read_bytes()
    return files("tzdata").joinpath("zoneinfo", zone).read_bytes()


def distinct_zones() -> dict[str, list[str]]:
    """Every IANA zone, once for all names of the same rules, by its first letter."""
    by_rules: dict[bytes, str] = {}
    for zone in sorted(available_timezones()):
        by_rules.setdefault(rules_of(zone), zone)
    groups: dict[str, list[str]] = {}
    for zone in by_rules.values():
        groups.setdefault(zone[0], []).append(zone)
    return groups


ZONES = distinct_zones()


@pytest.mark.parametrize("letter", sorted(ZONES))
@pytest.mark.timeout(300)
@pytest.mark.no_cover  # twenty million moments
def test_each_daily_job_once_per_local_day_in_every_zone(letter: str) -> None:
    """`moment` gives each local day one moment of its own, on that day, later than that of the day before."""
    days = [START + number * DAY for number in range(DAYS)]
    for name in ZONES[letter]:
        zone = ZoneInfo(name)
        for at in TRIED:
            moments = [moment(day, at, name) for day in days]
            assert [found.astimezone(zone).date() for found in moments if found] == days, (name, at)
            assert all(earlier < later for earlier, later in zip(moments, moments[1:], strict=False))  # type: ignore[operator]


@pytest.mark.in_turn
@pytest.mark.parametrize(
    "zone",
    [
        "Europe/Helsinki",
        "America/New_York",
        "Africa/Cairo",
        "Asia/Beirut",
        "America/Santiago",
        "Australia/Lord_Howe",
        "Pacific/Chatham",
        "America/Nuuk",
        "UTC",
    ],
)
def test_a_clock_that_ticks_names_each_local_day_once(zone: str) -> None:
    """As the clock does it: tick after tick, in the weeks of both changes, from where the last run left off."""
    for first in (date(2027, 3, 1), date(2027, 4, 15), date(2027, 9, 1), date(2027, 10, 15)):
        for at in HALF_HOURS:
            now = datetime.combine(first, time(0), UTC)
            last, seen = now, Counter[str]()
            for _tick in range(40 * 24 * 2):
                now += timedelta(minutes=30)
                found = due(Daily(at), zone, since=last, now=now)
                assert found.skipped == ()
                if found.run:
                    seen[found.run.label], last = seen[found.run.label] + 1, found.run.at
            assert set(seen.values()) == {1}
            assert len(seen) >= 39


def test_a_time_that_does_not_exist_is_taken_after_the_jump() -> None:
    assert moment(date(2027, 3, 28), time(3, 30), "Europe/Helsinki") == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)  # 4.30


def test_a_time_that_exists_twice_is_taken_the_first_time() -> None:
    assert moment(date(2027, 10, 31), time(3, 30), "Europe/Helsinki") == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)


def test_a_day_that_a_zone_left_out_has_no_moment() -> None:
    assert moment(date(2011, 12, 30), time(9), "Pacific/Apia") is None
    assert moment(date(2011, 12, 31), time(9), "Pacific/Apia") is not None


NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
NINE = Daily(time(9))


def test_missed_by_less_than_a_day_is_made_up_for_once() -> None:
    found = due(NINE, "UTC", since=NOON - DAY, now=NOON)
    assert found.run is not None
    assert (found.run.label, found.skipped) == ("2026-11-24", ())
    assert due(NINE, "UTC", since=found.run.at, now=NOON).run is None


def test_older_ones_are_skipped_and_named() -> None:
    found = due(NINE, "UTC", since=NOON - 4 * DAY, now=NOON)
    assert found.run is not None
    assert (found.run.label, [run.label for run in found.skipped]) == (
        "2026-11-24",
        ["2026-11-21", "2026-11-22", "2026-11-23"],
    )


def test_a_week_is_named_by_its_day() -> None:
    monday = Weekly(0, time(9))
    labels = [run.label for run in occurrences(monday, "Europe/Helsinki", since=NOON - 20 * DAY, until=NOON)]
    assert labels == ["2026-11-09", "2026-11-16", "2026-11-23"]
    found = due(monday, "UTC", since=NOON - 20 * DAY, now=NOON)
    assert found.run is None
    assert len(found.skipped) == 3


def test_a_leap_day_is_a_day() -> None:
    labels = [
        run.label
        for run in occurrences(
            NINE, "UTC", since=datetime(2028, 2, 28, tzinfo=UTC), until=datetime(2028, 3, 2, tzinfo=UTC)
        )
    ]
    assert labels == ["2028-02-28", "2028-02-29", "2028-03-01"]


@given(st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1)), st.floats(1, 3600))  # noqa: DTZ001
def test_of_routine_work_only_the_newest_run_is_due(now: datetime, seconds: float) -> None:
    now = now.replace(tzinfo=UTC)
    found = due(Every(seconds), "UTC", since=now - 10 * DAY, now=now)
    assert found.run is not None
    assert now - timedelta(seconds=seconds * 1.001) <= found.run.at <= now
    assert found.skipped == ()
    assert due(Every(seconds), "UTC", since=found.run.at, now=now).run is None
