"""When scheduled work is due, in words; `scheduler.jobs.due` does the arithmetic."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time


@dataclass(frozen=True, slots=True)
class Every:
    """Every so many seconds; missed runs are not made up for."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Daily:
    """Once a local day at that local time, in every time zone that people live in (or, not `local`, in UTC)."""

    at: time
    local: bool = True


@dataclass(frozen=True, slots=True)
class Weekly:
    """Once a week: `weekday` as in Python, Monday is 0."""

    weekday: int
    at: time
    local: bool = True


When = Every | Daily | Weekly
