"""The one budget of all that the bot says unasked: nudge, pulse, reminder, digest. Replies do not count."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.turn import Rules
from storage.plans import Spoken

PROACTIVE = frozenset({"nudge", "pulse", "reminder", "digest"})
LOOK_BACK = timedelta(days=7)
SLOW_AFTER, SILENT_AFTER = 3, 6  # unanswered in a row: half as often; stop and ask


def next_nudge_at(
    spoken: Spoken | None, now: datetime, rules: Rules, *, is_fewer: bool, unanswered: int, day_start: datetime
) -> datetime | None:
    """From when on the budget allows a nudge, None when not today. `spoken`: in the last days and this week."""
    halved = 2 if is_fewer or unanswered >= SLOW_AFTER else 1
    if spoken is None:
        return now
    if spoken.times >= max(1, rules.messages_a_week // halved):
        return None
    if spoken.last >= day_start and spoken.times >= rules.messages_a_day:
        return None
    if spoken.last_nudge is None:
        return now
    return max(now, spoken.last_nudge + timedelta(hours=rules.nudge_gap_hours * halved))
