"""Who left is forgotten after a while, and so is whoever was known only where the bot was removed."""

from __future__ import annotations

from datetime import timedelta

import structlog

from bot.core.context import Effect, Job
from bot.features.people.domain.forgetting import forget
from storage.privacy import erasure

log = structlog.get_logger()

AT_ONCE = 50  # people in one transaction: others wait for it on SQLite


def forget_leavers(job: Job) -> list[Effect]:
    """Those whose time is up, some at a time."""
    before = job.now - timedelta(days=job.rules.keep_leavers_days)
    gone = erasure.to_erase(job.session, left_before=before, removed_before=before, limit=AT_ONCE)
    for person in gone:
        forget(job.session, job.ballots, person, now=job.now)
    if gone:
        log.info("people who left were erased", number=len(gone))
    return []
