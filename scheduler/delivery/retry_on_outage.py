"""Retries work until the database is reachable again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

import stamina
import structlog

from storage.database_faults import is_outage

log = structlog.get_logger()
T = TypeVar("T")

FIRST_WAIT, LONGEST_WAIT = 0.5, 8.0  # seconds, with jitter between


async def retry_on_outage(work: Callable[[], Awaitable[T]], *, what: str) -> T:
    """Retry `work`, which must be idempotent, until the database is reachable. Raises whatever else it raises."""
    waits = stamina.retry_context(
        on=is_outage, attempts=None, timeout=None, wait_initial=FIRST_WAIT, wait_max=LONGEST_WAIT, wait_jitter=0.5
    )
    async for attempt in waits:
        with attempt:
            if attempt.num > 1 and attempt.num & (attempt.num - 1) == 0:  # the 2nd, 4th, 8th …: not every few seconds
                log.warning("the database was away", waiting=what, attempt=attempt.num)
            return await work()
    raise AssertionError("stamina retries until it returns or raises")
