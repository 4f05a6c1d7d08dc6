"""What was promised to be forgotten, and when: the answers of rounds that are over, and comments."""

from __future__ import annotations

from datetime import timedelta

import structlog

from bot.core.context import Effect, Job
from storage.pulse import comments, rounds
from storage.pulse.rounds import RoundState

log = structlog.get_logger()

KEEP_COMMENTS = timedelta(days=365)


def purge_expired(job: Job) -> list[Effect]:
    """Erase the stores of all rounds but those that are open or being counted, and old comments; whatever was missed
    while the bot was down is done at its first tick."""
    stores = job.ballots.rounds()  # before the states are looked up: a store is made after its round
    needed = {row.id for row in rounds.in_state(job.session, RoundState.OPEN, RoundState.CLOSING)}
    for number in stores:
        if number not in needed and not job.ballots.erase(number):
            log.warning("answers are still being read; they are erased at the next tick", round=number)
    comments.forget(job.session, closed_before=job.now - KEEP_COMMENTS)
    return []
