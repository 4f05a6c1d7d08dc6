"""When something is said unasked: at a moment of the hours that are for it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from bot.core.contact_budget import LATEST, next_moment
from bot.core.rules import Rules

WEDNESDAY = datetime(2026, 11, 25, tzinfo=UTC)


@pytest.mark.parametrize(
    ("hours", "now", "waits"),
    [
        ((0, 24), WEDNESDAY - timedelta(minutes=3), timedelta()),  # the hours go on after midnight
        ((9, 16), WEDNESDAY - LATEST + timedelta(hours=16, minutes=2), timedelta(hours=17, minutes=3)),
        ((9, 16), WEDNESDAY + timedelta(hours=10), timedelta()),
    ],
)
def test_at_the_end_of_the_hours_the_next_day_begins(hours: tuple[int, int], now: datetime, waits: timedelta) -> None:
    rules = Rules(hours=hours, nudge_spread_minutes=0)
    found = next_moment(None, now, now + timedelta(days=7), rules, time_zone="UTC", country=None, random=Random(1))
    assert found == now + waits
