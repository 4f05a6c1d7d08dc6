"""Days and times that people choose in forms."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.core.working_time import zone_of


def moment_of(value: str, time_zone: str) -> datetime | None:
    """The moment (UTC) that a `MomentField` was given: local in that zone unless the platform says otherwise. None for
    what is none. An hour that the change of the clocks leaves out is the one after it."""
    try:
        found = datetime.fromisoformat(value.strip())
    except ValueError:
        return None
    if found.tzinfo is None:
        found = found.replace(tzinfo=zone_of(time_zone))
    try:
        return found.astimezone(UTC)
    except OverflowError:
        return None
