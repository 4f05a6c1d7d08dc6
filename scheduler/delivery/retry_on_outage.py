"""Retries work until the database is reachable again, quietly."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

import stamina
import structlog

from storage.database_faults import is_outage

log = structlog.get_logger()
T = TypeVar("T")

FIRST_WAIT, LONGEST_WAIT = 0.5, 8.0  # seconds, with jitter between
SAID_AT = 6  # tries, after some fifteen seconds: of the outage itself the heartbeat tells, once
stamina.instrumentation.set_on_retry_hooks([])  # else each try of each piece of work is a line in the log


async def retry_on_outage(work: Callable[[], Awaitable[T]], *, what: str) -> T:
    """Retry `work`, which must be idempotent, until the database is reachable. Raises whatever else it raises."""
    waits = stamina.retry_context(
        on=is_outage, attempts=None, timeout=None, wait_initial=FIRST_WAIT, wait_max=LONGEST_WAIT, wait_jitter=0.5
    )
    async for attempt in waits:
        with attempt:
            if attempt.num == SAID_AT:
                log.info("waits for the database", work=what)
            return await work()
    raise AssertionError("stamina retries until it returns or raises")
