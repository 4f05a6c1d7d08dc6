"""What to do while the database is away: wait, and do it again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog

from storage.database import is_outage

log = structlog.get_logger()
T = TypeVar("T")

FIRST_WAIT, LONGEST_WAIT = 0.5, 8.0  # seconds


async def retry_on_outage(work: Callable[[], Awaitable[T]], *, what: str) -> T:
    """`work`, tried until the database is there for it; doing it again does no harm. Raises what else it raises."""
    wait = FIRST_WAIT
    while True:
        try:
            return await work()
        except Exception as error:
            if not is_outage(error):
                raise
            log.warning("the database is away", waiting=what, reason=type(error).__name__)
        await asyncio.sleep(wait)
        wait = min(2 * wait, LONGEST_WAIT)
