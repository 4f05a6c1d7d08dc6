"""What was promised to be forgotten, and when: ballots and secrets of rounds that are over, and comments."""

from __future__ import annotations

from datetime import timedelta

import structlog

from bot.core.context import Effect, Job
from bot.core.factors import FACTORS
from storage.database import Session
from storage.pulse import comments, rounds
from storage.pulse.rounds import Cycle, RoundState

log = structlog.get_logger()

KEEP_COMMENTS = timedelta(days=365)


def purge_expired(job: Job) -> list[Effect]:
    """Empty ballot boxes, secrets past their date and old comments; whatever was missed while the bot was down is done
    at its first tick."""
    for row in rounds.to_empty(job.session):
        if job.ballots.empty(row.id):
            row.emptied_at = job.now
    for cycle in rounds.living_cycles(job.session):
        if cycle.destroy_on <= job.now.date() or _is_over(job.session, cycle):
            _end(job, cycle)
    comments.forget(job.session, closed_before=job.now - KEEP_COMMENTS)
    return []


def _is_over(session: Session, cycle: Cycle) -> bool:
    """Whether all rounds of the cycle are closed."""
    return sum(row.closed_at is not None for row in rounds.of_cycle(session, cycle.id)) >= len(FACTORS)


def _end(job: Job, cycle: Cycle) -> None:
    """Destroy the secret. A round that is still open ends first: without the secret nobody could answer it."""
    still = [
        row for row in rounds.of_cycle(job.session, cycle.id) if row.state in (RoundState.OPEN, RoundState.CLOSING)
    ]
    for row in still:
        row.begin_closing()
    if not job.ballots.destroy(cycle.id):
        log.warning("the secret's bytes are still being read; destroyed again at the next tick", cycle=cycle.id)
        return
    cycle.destroyed_at = job.now
    log.info("secret destroyed", cycle=cycle.id)
